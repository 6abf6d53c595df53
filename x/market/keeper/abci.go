package keeper

import (
	"fmt"
	"slices"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/hooks"
	"github.com/assaychain/assay/x/market/clock"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/types"

	beacontypes "github.com/assaychain/assay/x/beacon/types"
)

// MaxDeferrals is how often in a row a verification may fail inside the chain before the attempt is given up, at no fault of
// the worker, so that no fault of the verifier can lock a job's money up.
const MaxDeferrals = 10

// EndBlock moves every job on whose time has come. Each phase is bounded by a parameter and each job is isolated: a job whose
// step fails is put off by retry_seconds and the block goes on.
func (k *Keeper) EndBlock(ctx sdk.Context) error {
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	hooks.Isolate(ctx, types.ModuleName, "clock", k.tick)
	k.samplePosted(ctx, params)
	pace := &pace{keeper: k, left: params.MaxAssignmentsPerBlock}
	k.each(ctx, "due", k.head(ctx, k.due, now, params.MaxDuePerBlock), pace.meet)
	k.verifyQueued(ctx, now)
	known := k.newScan()
	k.assign(ctx, known, k.nextPatient(ctx, params.MaxPatientPerBlock))
	k.assign(ctx, known, k.head(ctx, k.open, now, pace.left))
	k.each(ctx, "prune", k.over(ctx, k.prune, params.MaxPrunedPerBlock), k.pruneJob)
	k.endLeases(ctx, params.Lease, now)
	return nil
}

// each runs a step for jobs, one by one.
func (k *Keeper) each(ctx sdk.Context, phase string, ids []uint64, step func(sdk.Context, uint64) error) {
	for _, id := range ids {
		item := fmt.Sprintf("%s job %d", phase, id)
		ok := hooks.Isolate(ctx, types.ModuleName, item, func(ctx sdk.Context) error { return step(ctx, id) })
		if ok {
			continue
		}
		hooks.Isolate(ctx, types.ModuleName, "put off "+item, func(ctx sdk.Context) error { return k.putOff(ctx, id) })
	}
}

// crew is how many assignments share a cached context: with more of them a context's cost is nothing any more, and a failure undoes more.
const crew = 64

// assign places jobs, some together. If one of those fails, they are placed one by one; the scan has forgotten what it knew then.
func (k *Keeper) assign(ctx sdk.Context, known *scan, ids []uint64) {
	known.left = uint64(len(ids))
	for some := range slices.Chunk(ids, crew) {
		if !hooks.Together(ctx, types.ModuleName, func(ctx sdk.Context) error { return known.placeAll(ctx, some) }) {
			k.each(ctx, "assign", some, func(ctx sdk.Context, id uint64) error { return known.placeAll(ctx, []uint64{id}) })
		}
	}
}

// putOff has a job's failed step tried again after the pause, out of the way of the others. A verification that keeps failing
// is given up.
func (k *Keeper) putOff(ctx sdk.Context, id uint64) error {
	job, err := k.Job(ctx, id)
	if err != nil {
		return err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	if k.giveUp(ctx, job) {
		return nil
	}
	if err := k.leave(ctx, &job); err != nil {
		return err
	}
	job.Deferrals++
	if job.State == types.JOB_STATE_CLOSED {
		job.PruneAt = ctx.BlockTime().Unix() + int64(params.RetrySeconds)
	} else {
		job.Due = now + clock.Seconds(params.RetrySeconds)
	}
	return k.enter(ctx, &job)
}

// head lists the jobs at the head of a queue whose moment has come, at most limit.
func (k *Keeper) head(ctx sdk.Context, queue collections.KeySet[queueKey], now uint64, limit uint32) []uint64 {
	var ids []uint64
	if limit == 0 {
		return ids
	}
	hooks.Isolate(ctx, types.ModuleName, "read queue", func(ctx sdk.Context) error {
		until := collections.NewPrefixUntilPairRange[uint64, uint64](now)
		return queue.Walk(ctx, until, func(key queueKey) (bool, error) {
			ids = append(ids, key.K2())
			return len(ids) >= int(limit), nil
		})
	})
	return ids
}

// over lists what is at the head of a queue of block time whose second has come, at most limit.
func (k *Keeper) over(ctx sdk.Context, queue collections.KeySet[pruneKey], limit uint32) []uint64 {
	var ids []uint64
	hooks.Isolate(ctx, types.ModuleName, "read history", func(ctx sdk.Context) error {
		until := collections.NewPrefixUntilPairRange[int64, uint64](ctx.BlockTime().Unix())
		return queue.Walk(ctx, until, func(key pruneKey) (bool, error) {
			ids = append(ids, key.K2())
			return len(ids) >= int(limit), nil
		})
	})
	return ids
}

// pace counts what a block may still assign.
type pace struct {
	keeper *Keeper
	left   uint32
}

// meet meets a deadline that has passed. Where several operators had to commit, others may take the places of those that have not, which
// counts as an assignment whether any is found or not: without one left the job waits for the next block, behind what is due now. Time to commit
// is over all the same. New jobs starve for it no longer than those that they brought themselves: each is reinforced a few times at most.
func (p *pace) meet(ctx sdk.Context, id uint64) error {
	job, err := p.keeper.Job(ctx, id)
	if err != nil {
		return err
	}
	if job.State != types.JOB_STATE_REPLICATING {
		return p.keeper.meet(ctx, &job)
	}
	if p.left == 0 {
		now, err := p.keeper.Now(ctx)
		if err != nil {
			return err
		}
		return p.keeper.reschedule(ctx, &job, now+1)
	}
	p.left--
	return p.keeper.meetReplicas(ctx, &job)
}

// meet does what a deadline that has passed demands.
func (k *Keeper) meet(ctx sdk.Context, job *types.Job) error {
	switch job.State {
	case types.JOB_STATE_ASSIGNED:
		return k.failAttempt(ctx, job, lifecycle.MissCommit)
	case types.JOB_STATE_COMMITTED, types.JOB_STATE_DRAWING, types.JOB_STATE_AUDITABLE:
		return k.recheck(ctx, job)
	case types.JOB_STATE_SAMPLED:
		return k.failAttempt(ctx, job, lifecycle.MissProof)
	case types.JOB_STATE_PROVEN:
		return k.closeJob(ctx, job, lifecycle.Settle)
	case types.JOB_STATE_CLAIMED:
		return k.closeJob(ctx, job, lifecycle.MissDelivery)
	case types.JOB_STATE_DELIVERED, types.JOB_STATE_HANDED_OVER:
		return k.closeJob(ctx, job, lifecycle.Uncontested)
	case types.JOB_STATE_DISPUTED:
		return k.convict(ctx, job, lifecycle.MissAnswer)
	case types.JOB_STATE_RELAYING:
		return k.missHandOver(ctx, job)
	case types.JOB_STATE_CONTESTED:
		return k.closeJob(ctx, job, lifecycle.MissOpening)
	case types.JOB_STATE_REPLICATING, types.JOB_STATE_REVEALING, types.JOB_STATE_DIVERGED, types.JOB_STATE_STANDING:
		return k.meetReplicas(ctx, job)
	default:
		return types.ErrInvariant.Wrapf("job %d: %s has no deadline", job.Id, job.State.Lifecycle())
	}
}

// samplePosted draws the challenges of the jobs whose rounds are posted, at most max_sampled_per_block. A round that more jobs
// wait for is continued in the next block.
func (k *Keeper) samplePosted(ctx sdk.Context, params types.Params) {
	var rounds []beacontypes.Request
	hooks.Isolate(ctx, types.ModuleName, "read rounds", func(ctx sdk.Context) (err error) {
		rounds, err = k.ports.Beacon.Ready(ctx, types.ModuleName, params.MaxSampledPerBlock)
		return err
	})
	left := int(params.MaxSampledPerBlock)
	for _, round := range rounds {
		if left <= 0 {
			return
		}
		ids, whole := k.waitingFor(ctx, round, left)
		k.each(ctx, "sample", ids, k.sample)
		if whole && len(ids) < left {
			hooks.Isolate(ctx, types.ModuleName, fmt.Sprintf("round %d", round.Round), func(ctx sdk.Context) error {
				return k.ports.Beacon.Done(ctx, types.ModuleName, round.Generation, round.Round)
			})
		}
		left -= max(len(ids), 1)
	}
}

// waitingFor lists the jobs that wait for a round, at most limit; false when the list can't be read, so that the round is not
// done with yet.
func (k *Keeper) waitingFor(ctx sdk.Context, round beacontypes.Request, limit int) (ids []uint64, ok bool) {
	ok = hooks.Isolate(ctx, types.ModuleName, "read waiting", func(ctx sdk.Context) error {
		prefix := collections.NewSuperPrefixedTripleRange[uint64, uint64, uint64](round.Generation, round.Round)
		return k.waiting.Walk(ctx, prefix, func(key waitingKey) (bool, error) {
			ids = append(ids, key.K3())
			return len(ids) >= limit, nil
		})
	})
	return ids, ok
}
