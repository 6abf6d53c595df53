package types

import (
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/msgservice"
)

var (
	_ codectypes.UnpackInterfacesMessage = Scheduled{}
	_ codectypes.UnpackInterfacesMessage = GenesisState{}
	_ codectypes.UnpackInterfacesMessage = QueryChangeResponse{}
	_ codectypes.UnpackInterfacesMessage = QueryChangesResponse{}
)

// RegisterInterfaces registers the module's messages.
func RegisterInterfaces(registry codectypes.InterfaceRegistry) {
	registry.RegisterImplementations((*sdk.Msg)(nil), &MsgFundTreasury{}, &MsgCreateGrant{}, &MsgReleaseMilestone{},
		&MsgClaimGrant{}, &MsgCancelGrant{}, &MsgCancelScheduled{}, &MsgUpdateParams{})
	msgservice.RegisterMsgServiceDesc(registry, &_Msg_serviceDesc)
}

// UnpackInterfaces decodes the messages.
func (s Scheduled) UnpackInterfaces(unpacker codectypes.AnyUnpacker) error {
	for _, message := range s.Messages {
		var msg sdk.Msg
		if err := unpacker.UnpackAny(message, &msg); err != nil {
			return err
		}
	}
	return nil
}

// UnpackInterfaces decodes the messages of what is scheduled.
func (g GenesisState) UnpackInterfaces(unpacker codectypes.AnyUnpacker) error {
	return unpack(unpacker, g.Scheduled)
}

// UnpackInterfaces decodes the messages of what is scheduled.
func (r QueryChangesResponse) UnpackInterfaces(unpacker codectypes.AnyUnpacker) error {
	return unpack(unpacker, r.Changes)
}

// UnpackInterfaces decodes the messages of what is scheduled.
func (r QueryChangeResponse) UnpackInterfaces(unpacker codectypes.AnyUnpacker) error {
	if r.Scheduled == nil {
		return nil
	}
	return r.Scheduled.UnpackInterfaces(unpacker)
}

func unpack(unpacker codectypes.AnyUnpacker, scheduled []Scheduled) error {
	for _, s := range scheduled {
		if err := s.UnpackInterfaces(unpacker); err != nil {
			return err
		}
	}
	return nil
}

// Msgs returns the messages in their order.
func (s Scheduled) Msgs() ([]sdk.Msg, error) {
	messages := make([]sdk.Msg, 0, len(s.Messages))
	for i, packed := range s.Messages {
		msg, ok := packed.GetCachedValue().(sdk.Msg)
		if !ok {
			return nil, ErrProposal.Wrapf("message %d of proposal %d is not known to this program: %s", i, s.ProposalId, packed.TypeUrl)
		}
		messages = append(messages, msg)
	}
	return messages, nil
}
