package keeper

import (
	"slices"
	"strings"

	"github.com/cosmos/gogoproto/proto"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/dao/types"
)

// Guardrails lists what holds for every field of the parameters that a message replaces, or of all modules' when typeURL is
// empty.
func (k *Keeper) Guardrails(ctx sdk.Context, typeURL string) (lines []types.Guardrail, err error) {
	for _, update := range k.updates() {
		if typeURL != "" && typeURL != update {
			continue
		}
		found, err := k.describe(ctx, update)
		if err != nil {
			return nil, err
		}
		lines = append(lines, found...)
	}
	if len(lines) == 0 {
		return nil, types.ErrProposal.Wrapf("%s replaces no parameters: name a message such as /assay.dao.v1.%s", typeURL, updateParams)
	}
	return lines, nil
}

// updates lists the messages that replace parameters and that somebody carries out, by name.
func (k *Keeper) updates() (found []string) {
	for _, typeURL := range k.cdc.InterfaceRegistry().ListImplementations(sdk.MsgInterfaceProtoName) {
		if isUpdate(typeURL) && k.ports.Messages.HandlerByTypeURL(typeURL) != nil {
			found = append(found, typeURL)
		}
	}
	slices.Sort(found)
	return found
}

func (k *Keeper) describe(ctx sdk.Context, typeURL string) ([]types.Guardrail, error) {
	name := strings.TrimPrefix(typeURL, "/")
	msg, ok := blank(name).(proto.Message)
	if !ok {
		return nil, types.ErrProposal.Wrapf("%s is not known", typeURL)
	}
	c, err := k.change(ctx, msg)
	if err != nil {
		return nil, err
	}
	described, err := k.table.Describe(c.message, c.present)
	if err != nil {
		return nil, types.ErrProposal.Wrap(err.Error())
	}
	lines := make([]types.Guardrail, 0, len(described))
	for _, d := range described {
		lines = append(lines, types.Guardrail{
			TypeUrl: typeURL, Field: d.Shown, Treatment: d.Treatment.String(), Present: d.Present,
			Min: d.Min, Max: d.Max, Lowest: d.Lowest, Highest: d.Highest,
		})
	}
	return lines, nil
}
