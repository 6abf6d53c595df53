package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"
	govkeeper "github.com/cosmos/cosmos-sdk/x/gov/keeper"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
)

var _ govtypes.GovHooks = GovHooks{}

// GovHooks refuses proposals that could not take effect when they are submitted, so that nobody votes on them.
type GovHooks struct {
	keeper *Keeper
	gov    *govkeeper.Keeper
}

// NewGovHooks returns the hooks to give to gov's keeper.
func NewGovHooks(k *Keeper, gov *govkeeper.Keeper) GovHooks {
	return GovHooks{keeper: k, gov: gov}
}

// AfterProposalSubmission checks the messages of a new proposal.
func (h GovHooks) AfterProposalSubmission(ctx context.Context, proposalID uint64, _ sdk.AccAddress) error {
	proposal, err := h.gov.Proposals.Get(ctx, proposalID)
	if err != nil {
		return err
	}
	messages, err := proposal.GetMsgs()
	if err != nil {
		return err
	}
	return h.keeper.CheckProposal(sdk.UnwrapSDKContext(ctx), messages)
}

// AfterProposalDeposit does nothing.
func (GovHooks) AfterProposalDeposit(context.Context, uint64, sdk.AccAddress) error { return nil }

// AfterProposalVote does nothing.
func (GovHooks) AfterProposalVote(context.Context, uint64, sdk.AccAddress) error { return nil }

// AfterProposalFailedMinDeposit does nothing.
func (GovHooks) AfterProposalFailedMinDeposit(context.Context, uint64) error { return nil }

// AfterProposalVotingPeriodEnded does nothing.
func (GovHooks) AfterProposalVotingPeriodEnded(context.Context, uint64) error { return nil }
