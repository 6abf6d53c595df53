package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/beacon/types"
)

type msgServer struct{ keeper *Keeper }

var _ types.MsgServer = msgServer{}

// NewMsgServer returns the module's message service.
func NewMsgServer(k *Keeper) types.MsgServer { return msgServer{keeper: k} }

// PostRound relays a round. The SDK has checked that the relayer signed.
func (s msgServer) PostRound(ctx context.Context, msg *types.MsgPostRound) (*types.MsgPostRoundResponse, error) {
	relayer, err := accounts.Decode(msg.Relayer)
	if err != nil {
		return nil, types.ErrAddress.Wrapf("relayer: %s", err)
	}
	posted, err := s.keeper.PostRound(ctx, relayer, msg.Round, msg.Signature)
	if err != nil {
		return nil, err
	}
	return &types.MsgPostRoundResponse{Randomness: posted.Randomness}, nil
}

// UpdateParams replaces the parameters under governance.
func (s msgServer) UpdateParams(ctx context.Context, msg *types.MsgUpdateParams) (*types.MsgUpdateParamsResponse, error) {
	if err := sdk.ValidateAuthority(sdk.UnwrapSDKContext(ctx), s.keeper.authority, msg.Authority); err != nil {
		return nil, err
	}
	if err := s.keeper.SetParams(ctx, msg.Params); err != nil {
		return nil, err
	}
	return &types.MsgUpdateParamsResponse{}, nil
}
