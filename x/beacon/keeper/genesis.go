package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"github.com/assaychain/assay/x/beacon/types"
)

// InitGenesis writes a whole state into an empty store.
func (k *Keeper) InitGenesis(ctx context.Context, state *types.GenesisState) error {
	if err := state.Validate(); err != nil {
		return err
	}
	if err := k.initItems(ctx, state); err != nil {
		return err
	}
	for _, request := range state.Requests {
		if err := k.requests.Set(ctx, collections.Join3(request.Generation, request.Round, request.Consumer)); err != nil {
			return err
		}
	}
	for _, request := range state.Ready {
		if err := k.hold(ctx, request); err != nil {
			return err
		}
	}
	return k.initRounds(ctx, state.Rounds)
}

func (k *Keeper) initItems(ctx context.Context, state *types.GenesisState) error {
	if err := k.params.Set(ctx, state.Params); err != nil {
		return err
	}
	if err := k.generation.Set(ctx, state.Generation); err != nil {
		return err
	}
	return k.latest.Set(ctx, state.LatestRound)
}

// initRounds runs after the ready entries are there, since they decide which rounds belong to the history.
func (k *Keeper) initRounds(ctx context.Context, rounds []types.Round) error {
	for _, record := range rounds {
		if err := k.rounds.Set(ctx, collections.Join(record.Generation, record.Round), record); err != nil {
			return err
		}
		if err := k.release(ctx, record.Generation, record.Round); err != nil {
			return err
		}
	}
	return nil
}

// ExportGenesis returns the whole state; lists are in the order of their keys.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	state := &types.GenesisState{}
	var err error
	if state.Params, err = k.params.Get(ctx); err != nil {
		return nil, err
	}
	if state.Generation, err = k.generation.Get(ctx); err != nil {
		return nil, err
	}
	if state.LatestRound, err = k.latest.Get(ctx); err != nil {
		return nil, err
	}
	if state.Requests, err = exportRequests(ctx, k.requests); err != nil {
		return nil, err
	}
	if state.Ready, err = exportRequests(ctx, k.held); err != nil {
		return nil, err
	}
	err = k.rounds.Walk(ctx, nil, func(_ roundKey, record types.Round) (bool, error) {
		state.Rounds = append(state.Rounds, record)
		return false, nil
	})
	return state, err
}

func exportRequests(ctx context.Context, set collections.KeySet[requestKey]) ([]types.Request, error) {
	var list []types.Request
	err := set.Walk(ctx, nil, func(key requestKey) (bool, error) {
		list = append(list, types.Request{Generation: key.K1(), Round: key.K2(), Consumer: key.K3()})
		return false, nil
	})
	return list, err
}
