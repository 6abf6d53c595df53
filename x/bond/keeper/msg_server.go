package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/bond/types"
)

// msgServer turns messages into the keeper's verbs.
type msgServer struct {
	keeper *Keeper
}

var _ types.MsgServer = msgServer{}

// NewMsgServer returns the module's message service.
func NewMsgServer(k *Keeper) types.MsgServer {
	return msgServer{keeper: k}
}

// Bond adds to the signer's stake.
func (s msgServer) Bond(ctx context.Context, msg *types.MsgBond) (*types.MsgBondResponse, error) {
	op, err := sender(msg, msg.Operator)
	if err != nil {
		return nil, err
	}
	bonded, err := s.keeper.Bond(ctx, op, msg.Amount)
	if err != nil {
		return nil, err
	}
	return &types.MsgBondResponse{Bonded: bonded}, nil
}

// Unbond starts to take the signer's stake out.
func (s msgServer) Unbond(ctx context.Context, msg *types.MsgUnbond) (*types.MsgUnbondResponse, error) {
	op, err := sender(msg, msg.Operator)
	if err != nil {
		return nil, err
	}
	entry, err := s.keeper.Unbond(ctx, op, msg.Amount)
	if err != nil {
		return nil, err
	}
	return &types.MsgUnbondResponse{EntryId: entry.Id, CompletesAt: entry.CompletesAt}, nil
}

// CancelUnbonding bonds one of the signer's entries again.
func (s msgServer) CancelUnbonding(ctx context.Context, msg *types.MsgCancelUnbonding) (*types.MsgCancelUnbondingResponse, error) {
	op, err := sender(msg, msg.Operator)
	if err != nil {
		return nil, err
	}
	bonded, err := s.keeper.CancelUnbonding(ctx, op, msg.EntryId)
	if err != nil {
		return nil, err
	}
	return &types.MsgCancelUnbondingResponse{Bonded: bonded}, nil
}

// UpdateParams replaces the parameters; only the authority may.
func (s msgServer) UpdateParams(ctx context.Context, msg *types.MsgUpdateParams) (*types.MsgUpdateParamsResponse, error) {
	if err := sdk.ValidateAuthority(sdk.UnwrapSDKContext(ctx), s.keeper.authority, msg.Authority); err != nil {
		return nil, err
	}
	if err := s.keeper.SetParams(ctx, msg.Params); err != nil {
		return nil, err
	}
	return &types.MsgUpdateParamsResponse{}, emit(ctx, &types.EventParamsUpdated{})
}

// sender checks a message and parses who signed it.
func sender(msg sdk.HasValidateBasic, addr string) (sdk.AccAddress, error) {
	if err := msg.ValidateBasic(); err != nil {
		return nil, err
	}
	return sdk.AccAddressFromBech32(addr)
}
