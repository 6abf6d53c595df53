package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
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
	op, err := accounts.Decode(msg.Operator)
	if err != nil {
		return nil, err
	}
	if err := s.keeper.Unjail(ctx, op); err != nil {
		return nil, err
	}
	return &types.MsgUnjailResponse{}, nil
}

// SubmitEvidence punishes what the signer shows.
func (s msgServer) SubmitEvidence(ctx context.Context, msg *types.MsgSubmitEvidence) (*types.MsgSubmitEvidenceResponse, error) {
	if err := msg.ValidateBasic(); err != nil {
		return nil, err
	}
	reporter, err := accounts.Decode(msg.Reporter)
	if err != nil {
		return nil, err
	}
	record, err := s.keeper.SubmitEquivocation(ctx, reporter, msg.Equivocation)
	if err != nil {
		return nil, err
	}
	return &types.MsgSubmitEvidenceResponse{RecordId: record.Id}, nil
}

// Appeal objects to a punishment of the signer.
func (s msgServer) Appeal(ctx context.Context, msg *types.MsgAppeal) (*types.MsgAppealResponse, error) {
	if err := msg.ValidateBasic(); err != nil {
		return nil, err
	}
	op, err := accounts.Decode(msg.Operator)
	if err != nil {
		return nil, err
	}
	record, err := s.keeper.Appeal(ctx, op, msg.RecordId, msg.Reason)
	if err != nil {
		return nil, err
	}
	return &types.MsgAppealResponse{ResolveBy: record.ReleaseAt}, nil
}

// ResolveAppeal grants or denies an appeal; only the authority may.
func (s msgServer) ResolveAppeal(ctx context.Context, msg *types.MsgResolveAppeal) (*types.MsgResolveAppealResponse, error) {
	if err := sdk.ValidateAuthority(sdk.UnwrapSDKContext(ctx), s.keeper.authority, msg.Authority); err != nil {
		return nil, err
	}
	if err := msg.ValidateBasic(); err != nil {
		return nil, err
	}
	if err := s.keeper.ResolveAppeal(ctx, msg.RecordId, msg.Grant, msg.Note); err != nil {
		return nil, err
	}
	return &types.MsgResolveAppealResponse{}, nil
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
