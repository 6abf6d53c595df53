package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/types"
)

type msgServer struct{ keeper *Keeper }

var _ types.MsgServer = msgServer{}

// NewMsgServer returns the module's message service.
func NewMsgServer(k *Keeper) types.MsgServer { return msgServer{keeper: k} }

// sender checks a message and parses its signer. It is called by the handlers because messages inside authz and gov are not
// checked before.
func sender(msg sdk.HasValidateBasic, signer string) (sdk.AccAddress, error) {
	if err := msg.ValidateBasic(); err != nil {
		return nil, err
	}
	addr, err := accounts.Decode(signer)
	if err != nil {
		return nil, types.ErrAddress.Wrapf("signer: %s", err)
	}
	return addr, nil
}

// SubmitJob posts a job.
func (s msgServer) SubmitJob(ctx context.Context, msg *types.MsgSubmitJob) (*types.MsgSubmitJobResponse, error) {
	customer, err := sender(msg, msg.Customer)
	if err != nil {
		return nil, err
	}
	id, err := s.keeper.SubmitJob(sdk.UnwrapSDKContext(ctx), customer, msg.Spec, msg.MaxPrice, msg.Deadline)
	if err != nil {
		return nil, err
	}
	return &types.MsgSubmitJobResponse{JobId: id}, nil
}

// CancelJob takes back a job no worker has.
func (s msgServer) CancelJob(ctx context.Context, msg *types.MsgCancelJob) (*types.MsgCancelJobResponse, error) {
	customer, err := sender(msg, msg.Customer)
	if err != nil {
		return nil, err
	}
	if err := s.keeper.CancelJob(sdk.UnwrapSDKContext(ctx), customer, msg.JobId); err != nil {
		return nil, err
	}
	return &types.MsgCancelJobResponse{}, nil
}

// CommitResult commits to a result.
func (s msgServer) CommitResult(ctx context.Context, msg *types.MsgCommitResult) (*types.MsgCommitResultResponse, error) {
	worker, err := sender(msg, msg.Worker)
	if err != nil {
		return nil, err
	}
	round, err := s.keeper.CommitResult(sdk.UnwrapSDKContext(ctx), worker, msg.JobId, msg.Attempt, msg.Commitment)
	if err != nil {
		return nil, err
	}
	return &types.MsgCommitResultResponse{Round: round}, nil
}

// ReportUnavailable tells that an input can't be fetched.
func (s msgServer) ReportUnavailable(
	ctx context.Context, msg *types.MsgReportUnavailable,
) (*types.MsgReportUnavailableResponse, error) {
	worker, err := sender(msg, msg.Worker)
	if err != nil {
		return nil, err
	}
	if err := s.keeper.ReportUnavailable(sdk.UnwrapSDKContext(ctx), worker, msg.JobId, msg.Attempt, msg.Input); err != nil {
		return nil, err
	}
	return &types.MsgReportUnavailableResponse{}, nil
}

// ProveResult hands in proofs.
func (s msgServer) ProveResult(ctx context.Context, msg *types.MsgProveResult) (*types.MsgProveResultResponse, error) {
	worker, err := sender(msg, msg.Worker)
	if err != nil {
		return nil, err
	}
	if err := s.keeper.ProveResult(sdk.UnwrapSDKContext(ctx), worker, msg); err != nil {
		return nil, err
	}
	return &types.MsgProveResultResponse{}, nil
}

// ClaimUndelivered tells that a result did not arrive.
func (s msgServer) ClaimUndelivered(
	ctx context.Context, msg *types.MsgClaimUndelivered,
) (*types.MsgClaimUndeliveredResponse, error) {
	customer, err := sender(msg, msg.Customer)
	if err != nil {
		return nil, err
	}
	if err := s.keeper.ClaimUndelivered(sdk.UnwrapSDKContext(ctx), customer, msg.JobId); err != nil {
		return nil, err
	}
	return &types.MsgClaimUndeliveredResponse{}, nil
}

// DeliverResult answers a claim.
func (s msgServer) DeliverResult(ctx context.Context, msg *types.MsgDeliverResult) (*types.MsgDeliverResultResponse, error) {
	worker, err := sender(msg, msg.Worker)
	if err != nil {
		return nil, err
	}
	if err := s.keeper.DeliverResult(sdk.UnwrapSDKContext(ctx), worker, msg.JobId, msg.Sealed); err != nil {
		return nil, err
	}
	return &types.MsgDeliverResultResponse{}, nil
}

// ContestDelivery opens a delivery.
func (s msgServer) ContestDelivery(
	ctx context.Context, msg *types.MsgContestDelivery,
) (*types.MsgContestDeliveryResponse, error) {
	customer, err := sender(msg, msg.Customer)
	if err != nil {
		return nil, err
	}
	event, err := s.keeper.ContestDelivery(sdk.UnwrapSDKContext(ctx), customer, msg)
	if err != nil {
		return nil, err
	}
	return &types.MsgContestDeliveryResponse{Genuine: event == lifecycle.Genuine, Pending: event == lifecycle.Question}, nil
}

// AnswerContest answers a contest with an opening.
func (s msgServer) AnswerContest(ctx context.Context, msg *types.MsgAnswerContest) (*types.MsgAnswerContestResponse, error) {
	worker, err := sender(msg, msg.Worker)
	if err != nil {
		return nil, err
	}
	genuine, err := s.keeper.AnswerContest(sdk.UnwrapSDKContext(ctx), worker, msg.JobId, msg.Opening)
	if err != nil {
		return nil, err
	}
	return &types.MsgAnswerContestResponse{Genuine: genuine}, nil
}

// DisputeResult names a wrong entry of a proven result.
func (s msgServer) DisputeResult(ctx context.Context, msg *types.MsgDisputeResult) (*types.MsgDisputeResultResponse, error) {
	challenger, err := sender(msg, msg.Challenger)
	if err != nil {
		return nil, err
	}
	dispute, err := s.keeper.DisputeResult(sdk.UnwrapSDKContext(ctx), challenger, msg)
	if err != nil {
		return nil, err
	}
	return &types.MsgDisputeResultResponse{Number: dispute.Number, Bond: sdk.NewCoin(msg.MaxBond.Denom, dispute.Bond)}, nil
}

// AnswerDispute proves a disputed entry.
func (s msgServer) AnswerDispute(ctx context.Context, msg *types.MsgAnswerDispute) (*types.MsgAnswerDisputeResponse, error) {
	worker, err := sender(msg, msg.Worker)
	if err != nil {
		return nil, err
	}
	if err := s.keeper.AnswerDispute(sdk.UnwrapSDKContext(ctx), worker, msg); err != nil {
		return nil, err
	}
	return &types.MsgAnswerDisputeResponse{}, nil
}

// RevealResult shows what one of several operators committed to.
func (s msgServer) RevealResult(ctx context.Context, msg *types.MsgRevealResult) (*types.MsgRevealResultResponse, error) {
	worker, err := sender(msg, msg.Worker)
	if err != nil {
		return nil, err
	}
	if err := s.keeper.RevealResult(sdk.UnwrapSDKContext(ctx), worker, msg); err != nil {
		return nil, err
	}
	return &types.MsgRevealResultResponse{}, nil
}

// ShowDifference shows what a result that differs has at a place.
func (s msgServer) ShowDifference(ctx context.Context, msg *types.MsgShowDifference) (*types.MsgShowDifferenceResponse, error) {
	worker, err := sender(msg, msg.Worker)
	if err != nil {
		return nil, err
	}
	if err := s.keeper.ShowDifference(sdk.UnwrapSDKContext(ctx), worker, msg); err != nil {
		return nil, err
	}
	return &types.MsgShowDifferenceResponse{}, nil
}

// HandOver tells that relays hold a box.
func (s msgServer) HandOver(ctx context.Context, msg *types.MsgHandOver) (*types.MsgHandOverResponse, error) {
	worker, err := sender(msg, msg.Worker)
	if err != nil {
		return nil, err
	}
	if err := s.keeper.HandOver(sdk.UnwrapSDKContext(ctx), worker, msg); err != nil {
		return nil, err
	}
	return &types.MsgHandOverResponse{}, nil
}

// ContestHandOver shows a fault of a box.
func (s msgServer) ContestHandOver(
	ctx context.Context, msg *types.MsgContestHandOver,
) (*types.MsgContestHandOverResponse, error) {
	customer, err := sender(msg, msg.Customer)
	if err != nil {
		return nil, err
	}
	if err := s.keeper.ContestHandOver(sdk.UnwrapSDKContext(ctx), customer, msg); err != nil {
		return nil, err
	}
	return &types.MsgContestHandOverResponse{}, nil
}

// UpdateParams replaces the parameters under governance.
func (s msgServer) UpdateParams(ctx context.Context, msg *types.MsgUpdateParams) (*types.MsgUpdateParamsResponse, error) {
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	if err := sdk.ValidateAuthority(sdkCtx, s.keeper.authority, msg.Authority); err != nil {
		return nil, err
	}
	if err := s.keeper.SetParams(sdkCtx, msg.Params); err != nil {
		return nil, err
	}
	return &types.MsgUpdateParamsResponse{}, nil
}
