package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/penalty/types"
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

// Unjail ends the signer's term once its time is over.
func (s msgServer) Unjail(ctx context.Context, msg *types.MsgUnjail) (*types.MsgUnjailResponse, error) {
	if err := msg.ValidateBasic(); err != nil {
		return nil, err
	}
	op, err := sdk.AccAddressFromBech32(msg.Operator)
	if err != nil {
		return nil, err
	}
	if err := s.keeper.Unjail(ctx, op); err != nil {
		return nil, err
	}
	return &types.MsgUnjailResponse{}, nil
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
