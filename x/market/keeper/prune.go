package keeper

import (
	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// pruneJob removes a closed job: nothing of it is left.
func (k *Keeper) pruneJob(ctx sdk.Context, id uint64) error {
	job, err := k.Job(ctx, id)
	if err != nil {
		return err
	}
	if err := k.leave(ctx, &job); err != nil {
		return err
	}
	customer, err := customerOf(&job)
	if err != nil {
		return err
	}
	if err := k.customers.Remove(ctx, collections.Join(customer, id)); err != nil {
		return err
	}
	if job.Worker != "" {
		worker, err := workerOf(&job)
		if err != nil {
			return err
		}
		if err := k.workers.Remove(ctx, collections.Join(worker, id)); err != nil {
			return err
		}
	}
	if err := k.proofs.Remove(ctx, id); err != nil {
		return err
	}
	if err := k.decisions.Remove(ctx, id); err != nil {
		return err
	}
	if err := k.specs.Remove(ctx, id); err != nil {
		return err
	}
	return k.jobs.Remove(ctx, id)
}
