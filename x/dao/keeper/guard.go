package keeper

import (
	"slices"

	errorsmod "cosmossdk.io/errors"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	govv1beta1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1beta1"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/assaychain/assay/x/dao/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
)

// immediate lists the messages that take effect with the vote: they stop something, or decide about a single case that has
// waited already. Everything else waits for the time lock.
var immediate = []string{
	sdk.MsgTypeURL(&types.MsgCancelScheduled{}),
	sdk.MsgTypeURL(&types.MsgCancelGrant{}),
	sdk.MsgTypeURL(&upgradetypes.MsgCancelUpgrade{}),
	sdk.MsgTypeURL(&govv1.MsgExecLegacyContent{}),
	sdk.MsgTypeURL(&penaltytypes.MsgResolveAppeal{}),
}

// refused lists the messages by which governance would hand its power to somebody, or act past the guardrails.
var refused = []string{
	sdk.MsgTypeURL(&authz.MsgGrant{}),
	sdk.MsgTypeURL(&authz.MsgExec{}),
	sdk.MsgTypeURL(&govv1.MsgSubmitProposal{}),
	sdk.MsgTypeURL(&govv1beta1.MsgSubmitProposal{}),
}

// maxNesting bounds how deep a message is searched for messages inside it.
const maxNesting = 8

// neverWait tells whether all messages of a proposal are of a kind that takes effect with the vote.
func neverWait(messages []*codectypes.Any) bool {
	for _, message := range messages {
		if !slices.Contains(immediate, message.TypeUrl) {
			return false
		}
	}
	return true
}

// CheckProposal refuses messages that could not take effect: those that no proposal may have, and parameters outside the
// guardrails or outside what their module accepts. It changes nothing.
func (k *Keeper) CheckProposal(ctx sdk.Context, messages []sdk.Msg) error {
	if len(messages) > types.MaxMessages {
		return types.ErrProposal.Wrapf("a proposal may have %d messages, got %d", types.MaxMessages, len(messages))
	}
	trial, _ := ctx.CacheContext()
	var updated []string
	for i, msg := range messages {
		if err := k.check(trial, msg, &updated); err != nil {
			return errorsmod.Wrapf(err, "message %d, %s", i, sdk.MsgTypeURL(msg))
		}
		if isUpdate(sdk.MsgTypeURL(msg)) {
			if _, err := k.run(trial, msg); err != nil {
				return errorsmod.Wrapf(err, "message %d, %s", i, sdk.MsgTypeURL(msg))
			}
		}
	}
	return nil
}

// check refuses a message that no proposal may have, or that breaks a guardrail. updated lists the messages that replaced
// parameters before it in the same proposal, and is added to: a module's parameters change once in a proposal, so that the
// largest change is the largest change.
func (k *Keeper) check(ctx sdk.Context, msg sdk.Msg, updated *[]string) error {
	typeURL := sdk.MsgTypeURL(msg)
	if slices.Contains(refused, typeURL) {
		return types.ErrProposal.Wrapf("%s would act past the guardrails: put the messages themselves into the proposal", typeURL)
	}
	if err := k.checkNesting(msg); err != nil {
		return err
	}
	if !isUpdate(typeURL) {
		return nil
	}
	if slices.Contains(*updated, typeURL) {
		return types.ErrProposal.Wrapf("%s is in the proposal twice: once is what the limits allow", typeURL)
	}
	*updated = append(*updated, typeURL)
	c, err := k.change(ctx, msg)
	if err != nil {
		return err
	}
	if err := k.table.Check(c.message, c.present, c.proposed); err != nil {
		return types.ErrGuardrail.Wrap(err.Error())
	}
	return nil
}

// checkNesting refuses a message that carries other messages, and old-style content other than text.
func (k *Keeper) checkNesting(msg sdk.Msg) error {
	if legacy, ok := msg.(*govv1.MsgExecLegacyContent); ok {
		if !isText(legacy.Content) {
			return types.ErrProposal.Wrap("old-style content must be text: put messages into the proposal")
		}
	}
	message, err := mirror(msg)
	if err != nil {
		return err
	}
	return k.search(message, maxNesting)
}

// isText tells whether old-style content is the one kind that does nothing.
func isText(content *codectypes.Any) bool {
	if content == nil {
		return false
	}
	_, text := content.GetCachedValue().(*govv1beta1.TextProposal)
	return text
}

// search looks for packed messages in every field, in the order of the schema.
func (k *Keeper) search(message protoreflect.Message, depth int) error {
	if depth == 0 {
		return types.ErrProposal.Wrapf("message is nested more than %d deep", maxNesting)
	}
	if message.Descriptor().IsPlaceholder() || len(message.GetUnknown()) > 0 {
		return types.ErrProposal.Wrapf("%s has fields that its schema doesn't have", message.Descriptor().FullName())
	}
	if message.Descriptor().FullName() == "google.protobuf.Any" {
		return k.searchPacked(message, depth)
	}
	fields := message.Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		if field.Message() == nil || !message.Has(field) {
			continue
		}
		if err := k.searchField(field, message.Get(field), depth); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) searchField(field protoreflect.FieldDescriptor, value protoreflect.Value, depth int) error {
	if field.IsMap() {
		return types.ErrProposal.Wrapf("field %s is a map, which can't be searched for messages", field.Name())
	}
	if !field.IsList() {
		return k.search(value.Message(), depth-1)
	}
	for i := range value.List().Len() {
		if err := k.search(value.List().Get(i).Message(), depth-1); err != nil {
			return err
		}
	}
	return nil
}

// searchPacked refuses a packed message that could be carried out and searches one that could not, such as a key.
func (k *Keeper) searchPacked(packed protoreflect.Message, depth int) error {
	fields := packed.Descriptor().Fields()
	content := &codectypes.Any{
		TypeUrl: packed.Get(fields.ByName("type_url")).String(), Value: packed.Get(fields.ByName("value")).Bytes(),
	}
	if content.TypeUrl == "" {
		return nil
	}
	registry := k.cdc.InterfaceRegistry()
	found, err := registry.Resolve(content.TypeUrl)
	if err != nil {
		return types.ErrProposal.Wrapf("packed message of unknown type %s", content.TypeUrl)
	}
	if slices.Contains(registry.ListImplementations(sdk.MsgInterfaceProtoName), content.TypeUrl) {
		return types.ErrProposal.Wrapf("%s is packed into another message: put it into the proposal itself", content.TypeUrl)
	}
	if err := k.cdc.Unmarshal(content.Value, found); err != nil {
		return types.ErrProposal.Wrapf("packed %s can't be read", content.TypeUrl)
	}
	inner, err := mirror(found)
	if err != nil {
		return err
	}
	return k.search(inner, depth-1)
}
