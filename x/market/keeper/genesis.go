package keeper

import (
	"bytes"
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/market/types"
)

// InitGenesis writes a whole state and rebuilds queues and indexes from the jobs. The modules below must be there already,
// because their books are compared with the jobs.
func (k *Keeper) InitGenesis(goCtx context.Context, state *types.GenesisState) error {
	ctx := sdk.UnwrapSDKContext(goCtx)
	if err := state.Validate(); err != nil {
		return err
	}
	if err := k.params.Set(ctx, state.Params); err != nil {
		return err
	}
	if err := k.clock.Set(ctx, state.Clock); err != nil {
		return err
	}
	if err := k.nextJobID.Set(ctx, state.NextJobId); err != nil {
		return err
	}
	for i := range state.Jobs {
		if err := k.importJob(ctx, &state.Jobs[i]); err != nil {
			return err
		}
	}
	if err := k.importRunTimes(ctx, state.RunTimes); err != nil {
		return err
	}
	if err := k.importBacklogs(ctx, state.Backlogs); err != nil {
		return err
	}
	if err := k.importLeases(ctx, state); err != nil {
		return err
	}
	return k.Invariants(ctx)
}

func (k *Keeper) importJob(ctx sdk.Context, entry *types.JobEntry) error {
	id := entry.Job.Id
	if err := k.checkInputs(entry.Spec); err != nil {
		return types.ErrGenesis.Wrapf("job %d: %s", id, err)
	}
	if err := k.specs.Set(ctx, id, entry.Spec); err != nil {
		return err
	}
	if len(entry.Proofs.Proofs) > 0 {
		if err := k.proofs.Set(ctx, id, entry.Proofs); err != nil {
			return err
		}
	}
	if len(entry.Sealed) > 0 {
		if err := k.sealed.Set(ctx, id, entry.Sealed); err != nil {
			return err
		}
	}
	if len(entry.Answer) > 0 {
		if err := k.answers.Set(ctx, id, entry.Answer); err != nil {
			return err
		}
	}
	if entry.Relays != nil {
		if err := k.relays.Set(ctx, id, *entry.Relays); err != nil {
			return err
		}
	}
	if entry.Decision != nil {
		if err := k.decisions.Set(ctx, id, *entry.Decision); err != nil {
			return err
		}
	}
	if err := k.importReplicas(ctx, entry); err != nil {
		return err
	}
	if err := importParties(ctx, k.excluded, id, entry.Excluded); err != nil {
		return err
	}
	if err := importParties(ctx, k.reporters, id, entry.Reporters); err != nil {
		return err
	}
	if err := k.importOwners(ctx, &entry.Job); err != nil {
		return err
	}
	return k.enter(ctx, &entry.Job)
}

func importParties(ctx sdk.Context, set collections.KeySet[partyKey], id uint64, parties []string) error {
	for _, text := range parties {
		addr, err := accounts.Decode(text)
		if err != nil {
			return types.ErrAddress.Wrapf("job %d: %s", id, err)
		}
		if err := set.Set(ctx, collections.Join(id, addr)); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) importOwners(ctx sdk.Context, job *types.Job) error {
	customer, err := customerOf(job)
	if err != nil {
		return err
	}
	if err := k.customers.Set(ctx, collections.Join(customer, job.Id)); err != nil || job.Worker == "" || job.Replicas > 0 {
		return err
	}
	worker, err := workerOf(job)
	if err != nil {
		return err
	}
	return k.workers.Set(ctx, collections.Join(worker, job.Id))
}

// ExportGenesis returns the whole state, jobs in the order of their ids.
func (k *Keeper) ExportGenesis(goCtx context.Context) (*types.GenesisState, error) {
	ctx := sdk.UnwrapSDKContext(goCtx)
	params, err := k.params.Get(ctx)
	if err != nil {
		return nil, err
	}
	clock, err := k.clock.Get(ctx)
	if err != nil {
		return nil, err
	}
	next, err := k.nextJobID.Peek(ctx)
	if err != nil {
		return nil, err
	}
	state := &types.GenesisState{Params: params, Clock: clock, NextJobId: next}
	err = k.jobs.Walk(ctx, nil, func(_ uint64, job types.Job) (bool, error) {
		entry, err := k.exportJob(ctx, job)
		state.Jobs = append(state.Jobs, entry)
		return false, err
	})
	if err != nil {
		return nil, err
	}
	if err := k.exportRunTimes(ctx, state); err != nil {
		return nil, err
	}
	if err := k.exportBacklogs(ctx, state); err != nil {
		return nil, err
	}
	return state, k.exportLeases(ctx, state)
}

func (k *Keeper) exportJob(ctx sdk.Context, job types.Job) (types.JobEntry, error) {
	entry := types.JobEntry{Job: job}
	var err error
	if entry.Spec, err = k.Spec(ctx, job.Id); err != nil {
		return entry, err
	}
	if entry.Proofs, err = k.proofs.Get(ctx, job.Id); err != nil && !errors.Is(err, collections.ErrNotFound) {
		return entry, err
	}
	if entry.Sealed, err = k.sealed.Get(ctx, job.Id); err != nil && !errors.Is(err, collections.ErrNotFound) {
		return entry, err
	}
	entry.Sealed = bytes.Clone(entry.Sealed)
	if entry.Answer, err = k.answers.Get(ctx, job.Id); err != nil && !errors.Is(err, collections.ErrNotFound) {
		return entry, err
	}
	entry.Answer = bytes.Clone(entry.Answer)
	record, err := k.relays.Get(ctx, job.Id)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return entry, err
	}
	if err == nil {
		entry.Relays = &record
	}
	decision, err := k.decisions.Get(ctx, job.Id)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return entry, err
	}
	if err == nil {
		entry.Decision = &decision
	}
	if err := k.exportReplicas(ctx, &entry); err != nil {
		return entry, err
	}
	if entry.Excluded, err = k.exportParties(ctx, k.excluded, job.Id); err != nil {
		return entry, err
	}
	entry.Reporters, err = k.exportParties(ctx, k.reporters, job.Id)
	return entry, err
}

func (k *Keeper) exportParties(ctx sdk.Context, set collections.KeySet[partyKey], id uint64) ([]string, error) {
	parties, err := k.parties(ctx, set, id)
	var list []string
	for _, party := range parties {
		list = append(list, party.String())
	}
	return list, err
}
