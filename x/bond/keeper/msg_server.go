package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
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

// Back adds the signer's stake behind an operator.
func (s msgServer) Back(ctx context.Context, msg *types.MsgBack) (*types.MsgBackResponse, error) {
	backer, op, err := backing(msg, msg.Backer, msg.Operator)
	if err != nil {
		return nil, err
	}
	worth, err := s.keeper.Back(ctx, backer, op, msg.Amount)
	if err != nil {
		return nil, err
	}
	return &types.MsgBackResponse{Backing: worth}, nil
}

// Unback starts to take the signer's stake out from behind an operator.
func (s msgServer) Unback(ctx context.Context, msg *types.MsgUnback) (*types.MsgUnbackResponse, error) {
	backer, op, err := backing(msg, msg.Backer, msg.Operator)
	if err != nil {
		return nil, err
	}
	entry, err := s.keeper.Unback(ctx, backer, op, msg.Amount)
	if err != nil {
		return nil, err
	}
	return &types.MsgUnbackResponse{EntryId: entry.Id, CompletesAt: entry.CompletesAt}, nil
}

// MoveBacking starts to move the signer's stake from behind one operator to behind another.
func (s msgServer) MoveBacking(ctx context.Context, msg *types.MsgMoveBacking) (*types.MsgMoveBackingResponse, error) {
	backer, source, err := backing(msg, msg.Backer, msg.Source)
	if err != nil {
		return nil, err
	}
	destination, err := accounts.Decode(msg.Destination)
	if err != nil {
		return nil, err
	}
	entry, err := s.keeper.MoveBacking(ctx, backer, source, destination, msg.Amount)
	if err != nil {
		return nil, err
	}
	return &types.MsgMoveBackingResponse{EntryId: entry.Id, CompletesAt: entry.CompletesAt}, nil
}

// CancelUnbacking bonds one of the signer's entries again.
func (s msgServer) CancelUnbacking(ctx context.Context, msg *types.MsgCancelUnbacking) (*types.MsgCancelUnbackingResponse, error) {
	backer, err := sender(msg, msg.Backer)
	if err != nil {
		return nil, err
	}
	bonded, err := s.keeper.CancelUnbonding(ctx, backer, msg.EntryId)
	if err != nil {
		return nil, err
	}
	return &types.MsgCancelUnbackingResponse{Bonded: bonded}, nil
}

// WithdrawRewards pays the signer what its backing earned.
func (s msgServer) WithdrawRewards(ctx context.Context, msg *types.MsgWithdrawRewards) (*types.MsgWithdrawRewardsResponse, error) {
	backer, op, err := backing(msg, msg.Backer, msg.Operator)
	if err != nil {
		return nil, err
	}
	paid, err := s.keeper.WithdrawRewards(ctx, backer, op)
	if err != nil {
		return nil, err
	}
	return &types.MsgWithdrawRewardsResponse{Amount: paid}, nil
}

// SetCommission changes the signer's commission.
func (s msgServer) SetCommission(ctx context.Context, msg *types.MsgSetCommission) (*types.MsgSetCommissionResponse, error) {
	op, err := sender(msg, msg.Operator)
	if err != nil {
		return nil, err
	}
	return &types.MsgSetCommissionResponse{}, s.keeper.SetCommission(ctx, op, msg.CommissionBps)
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
	return accounts.Decode(addr)
}

// backing checks a message and parses who signed it and the operator it is about.
func backing(msg sdk.HasValidateBasic, signer, operator string) (sdk.AccAddress, sdk.AccAddress, error) {
	backer, err := sender(msg, signer)
	if err != nil {
		return nil, nil, err
	}
	op, err := accounts.Decode(operator)
	return backer, op, err
}
