package keeper

import (
	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/market/types"
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
	if err := k.pruneReplicas(ctx, &job); err != nil {
		return err
	}
	if job.Worker != "" && job.Replicas == 0 {
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

// pruneReplicas removes the round of a job of several operators.
func (k *Keeper) pruneReplicas(ctx sdk.Context, job *types.Job) error {
	if job.Replicas == 0 {
		return nil
	}
	record, err := k.round(ctx, job)
	if err != nil {
		return err
	}
	for _, operator := range record.Workers() {
		worker, err := accounts.Decode(operator)
		if err != nil {
			return types.ErrAddress.Wrapf("job %d: replica: %s", job.Id, err)
		}
		if err := k.workers.Remove(ctx, collections.Join(worker, job.Id)); err != nil {
			return err
		}
	}
	if err := k.decisionsOf.Remove(ctx, job.Id); err != nil {
		return err
	}
	return k.replicas.Remove(ctx, job.Id)
}
