package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/dao/types"
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

// authorise accepts only the authority.
func (s msgServer) authorise(ctx context.Context, signer string) error {
	return sdk.ValidateAuthority(sdk.UnwrapSDKContext(ctx), s.keeper.authority, signer)
}

// FundTreasury puts the signer's coins into the treasury.
func (s msgServer) FundTreasury(ctx context.Context, msg *types.MsgFundTreasury) (*types.MsgFundTreasuryResponse, error) {
	if err := msg.ValidateBasic(); err != nil {
		return nil, err
	}
	depositor, err := accounts.Decode(msg.Depositor)
	if err != nil {
		return nil, err
	}
	return &types.MsgFundTreasuryResponse{}, s.keeper.FundCommunityPool(ctx, msg.Amount, depositor)
}

// CreateGrant promises money; only the authority may.
func (s msgServer) CreateGrant(ctx context.Context, msg *types.MsgCreateGrant) (*types.MsgCreateGrantResponse, error) {
	if err := s.authorise(ctx, msg.Authority); err != nil {
		return nil, err
	}
	if err := msg.ValidateBasic(); err != nil {
		return nil, err
	}
	id, err := s.keeper.CreateGrant(ctx, msg.Grant())
	if err != nil {
		return nil, err
	}
	return &types.MsgCreateGrantResponse{GrantId: id}, nil
}

// ReleaseMilestone lets a milestone be claimed; only the authority may.
func (s msgServer) ReleaseMilestone(ctx context.Context, msg *types.MsgReleaseMilestone) (*types.MsgReleaseMilestoneResponse, error) {
	if err := s.authorise(ctx, msg.Authority); err != nil {
		return nil, err
	}
	if err := s.keeper.ReleaseMilestone(ctx, msg.GrantId, msg.Milestone); err != nil {
		return nil, err
	}
	return &types.MsgReleaseMilestoneResponse{}, nil
}

// ClaimGrant pays the signer what has vested.
func (s msgServer) ClaimGrant(ctx context.Context, msg *types.MsgClaimGrant) (*types.MsgClaimGrantResponse, error) {
	recipient, err := accounts.Decode(msg.Recipient)
	if err != nil {
		return nil, types.ErrAddress.Wrapf("recipient %q: %v", msg.Recipient, err)
	}
	paid, err := s.keeper.ClaimGrant(ctx, recipient, msg.GrantId)
	if err != nil {
		return nil, err
	}
	return &types.MsgClaimGrantResponse{Amount: paid}, nil
}

// CancelGrant ends a grant; only the authority may.
func (s msgServer) CancelGrant(ctx context.Context, msg *types.MsgCancelGrant) (*types.MsgCancelGrantResponse, error) {
	if err := s.authorise(ctx, msg.Authority); err != nil {
		return nil, err
	}
	returned, err := s.keeper.CancelGrant(ctx, msg.GrantId)
	if err != nil {
		return nil, err
	}
	return &types.MsgCancelGrantResponse{Returned: returned}, nil
}

// CancelScheduled takes a proposal out of the queue; only the authority may.
func (s msgServer) CancelScheduled(ctx context.Context, msg *types.MsgCancelScheduled) (*types.MsgCancelScheduledResponse, error) {
	if err := s.authorise(ctx, msg.Authority); err != nil {
		return nil, err
	}
	if err := msg.ValidateBasic(); err != nil {
		return nil, err
	}
	if err := s.keeper.CancelScheduled(ctx, msg.ProposalId, msg.Reason); err != nil {
		return nil, err
	}
	return &types.MsgCancelScheduledResponse{}, nil
}

// UpdateParams replaces the parameters; only the authority may.
func (s msgServer) UpdateParams(ctx context.Context, msg *types.MsgUpdateParams) (*types.MsgUpdateParamsResponse, error) {
	if err := s.authorise(ctx, msg.Authority); err != nil {
		return nil, err
	}
	if err := s.keeper.SetParams(ctx, msg.Params); err != nil {
		return nil, err
	}
	return &types.MsgUpdateParamsResponse{}, emit(ctx, &types.EventParamsUpdated{})
}
