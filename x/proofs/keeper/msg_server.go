package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/proofs/types"
)

type msgServer struct{ keeper *Keeper }

var _ types.MsgServer = msgServer{}

// NewMsgServer returns the module's message service. Every message is for the authority.
func NewMsgServer(k *Keeper) types.MsgServer { return msgServer{keeper: k} }

// RegisterCircuit accepts a circuit's verifying key.
func (s msgServer) RegisterCircuit(ctx context.Context, msg *types.MsgRegisterCircuit) (*types.MsgRegisterCircuitResponse, error) {
	if err := s.authorise(ctx, msg.Authority); err != nil {
		return nil, err
	}
	return &types.MsgRegisterCircuitResponse{}, s.keeper.RegisterCircuit(ctx, msg.Circuit)
}

// RetireCircuit takes a circuit out of use for new jobs.
func (s msgServer) RetireCircuit(ctx context.Context, msg *types.MsgRetireCircuit) (*types.MsgRetireCircuitResponse, error) {
	if err := s.authorise(ctx, msg.Authority); err != nil {
		return nil, err
	}
	return &types.MsgRetireCircuitResponse{}, s.keeper.RetireCircuit(ctx, msg.Id)
}

// UpdateParams replaces the parameters.
func (s msgServer) UpdateParams(ctx context.Context, msg *types.MsgUpdateParams) (*types.MsgUpdateParamsResponse, error) {
	if err := s.authorise(ctx, msg.Authority); err != nil {
		return nil, err
	}
	return &types.MsgUpdateParamsResponse{}, s.keeper.SetParams(ctx, msg.Params)
}

func (s msgServer) authorise(ctx context.Context, authority string) error {
	return sdk.ValidateAuthority(sdk.UnwrapSDKContext(ctx), s.keeper.authority, authority)
}
