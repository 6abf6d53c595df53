package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/dao/types"
)

// InitGenesis writes the state and checks that the treasury covers what is promised. Bank must have been initialised before.
func (k *Keeper) InitGenesis(ctx context.Context, state *types.GenesisState) error {
	if err := state.Validate(); err != nil {
		return err
	}
	k.ports.Accounts.GetModuleAccount(ctx, types.ModuleName)
	if err := k.params.Set(ctx, state.Params); err != nil {
		return err
	}
	if err := k.grantCount.Set(ctx, uint64(len(state.Grants))); err != nil {
		return err
	}
	if err := k.waiting.Set(ctx, uint64(len(state.Scheduled))); err != nil {
		return err
	}
	if err := k.nextGrantID.Set(ctx, state.NextGrantId); err != nil {
		return err
	}
	for _, g := range state.Grants {
		if err := k.importGrant(ctx, g); err != nil {
			return err
		}
	}
	for _, s := range state.Scheduled {
		if err := k.scheduled.Set(ctx, s.ProposalId, s); err != nil {
			return err
		}
		if err := k.queue.Set(ctx, collections.Join(s.ExecuteAt, s.ProposalId)); err != nil {
			return err
		}
	}
	if err := k.importOutcomes(ctx, state); err != nil {
		return err
	}
	return k.checkTreasury(ctx)
}

func (k *Keeper) importGrant(ctx context.Context, g types.Grant) error {
	recipient, err := accounts.Decode(g.Recipient)
	if err != nil {
		return err
	}
	if err := k.reserve(ctx, g.Denom, g.Reserved()); err != nil {
		return err
	}
	if err := k.byRecipient.Set(ctx, collections.Join(recipient, g.Id)); err != nil {
		return err
	}
	return k.grants.Set(ctx, g.Id, g)
}

// importOutcomes numbers the outcomes up to the next number.
func (k *Keeper) importOutcomes(ctx context.Context, state *types.GenesisState) error {
	for i, outcome := range state.Outcomes {
		if err := k.outcomes.Set(ctx, state.NextOutcomeId-uint64(len(state.Outcomes)-i), outcome); err != nil {
			return err
		}
	}
	return k.nextOutcomeID.Set(ctx, state.NextOutcomeId)
}

// ExportGenesis reads the whole state: grants, scheduled proposals and outcomes by number.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	state := types.DefaultGenesis()
	var err error
	if state.Params, err = k.params.Get(ctx); err != nil {
		return nil, err
	}
	if state.NextGrantId, err = k.nextGrantID.Peek(ctx); err != nil {
		return nil, err
	}
	if state.NextOutcomeId, err = k.nextOutcomeID.Peek(ctx); err != nil {
		return nil, err
	}
	if state.Grants, err = values(ctx, k.grants); err != nil {
		return nil, err
	}
	if state.Scheduled, err = values(ctx, k.scheduled); err != nil {
		return nil, err
	}
	state.Outcomes, err = values(ctx, k.outcomes)
	return state, err
}

// values lists a whole map by key.
func values[V any](ctx context.Context, m collections.Map[uint64, V]) ([]V, error) {
	list := []V{}
	err := m.Walk(ctx, nil, func(_ uint64, value V) (bool, error) {
		list = append(list, value)
		return false, nil
	})
	return list, err
}
