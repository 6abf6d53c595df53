package keeper

import (
	"context"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/clock"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/replicas"
	"github.com/assaychain/assay/x/market/scheduler"
	"github.com/assaychain/assay/x/market/types"
)

// place gives an open job to a device, closes it when it can't go on, or has it tried again later. It tells whether what is known of
// the network still holds.
func (k *Keeper) place(ctx context.Context, known *scan, id uint64) (bool, error) {
	job, err := k.Job(ctx, id)
	if err != nil {
		return false, err
	}
	moment, err := known.present(ctx)
	if err != nil {
		return false, err
	}
	params := moment.params
	if event := over(params, moment.now, &job); event != 0 {
		if err := known.settle(ctx); err != nil {
			return false, err
		}
		return false, k.closeJob(sdk.UnwrapSDKContext(ctx), &job, event)
	}
	if job.Replicas > 0 {
		if err := known.settle(ctx); err != nil {
			return false, err
		}
		placed, err := k.recruit(sdk.UnwrapSDKContext(ctx), params, &job)
		return !placed, err
	}
	s, err := k.search(ctx, known, params, &job)
	if err != nil {
		return false, err
	}
	plan := &planner{scan: known, ctx: ctx, present: moment, job: &job}
	survey, err := scheduler.Schedule(s.job, s.terms, s.view, plan)
	if err != nil {
		return false, err
	}
	if survey.Best == nil {
		if err := k.setQueued(ctx, &job, wants(s, &job, survey)); err != nil {
			return false, err
		}
		return true, k.retryLater(sdk.UnwrapSDKContext(ctx), params, &job)
	}
	known.placed(*survey.Best)
	return true, k.decisions.Set(ctx, id, s.decision(ctx, &job, survey))
}

// closeIfOver closes an open job that has no attempt left, or no time for one.
func (k *Keeper) closeIfOver(ctx sdk.Context, job types.Job) (bool, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return false, err
	}
	now, err := k.Now(ctx)
	if err != nil {
		return false, err
	}
	event := over(params, now, &job)
	if event == 0 {
		return false, nil
	}
	return true, k.closeJob(ctx, &job, event)
}

// over is what closes an open job that has no attempt left, or no time for one; 0 when it goes on.
func over(params types.Params, now uint64, job *types.Job) lifecycle.Event {
	return lifecycle.Resume(lifecycle.Progress{
		Attempts: job.Attempt, Reports: job.UnavailableReports, MaxAttempts: params.MaxAttempts,
		Remaining: job.DeadlineActive - min(now, job.DeadlineActive), Window: commitWindow(params, job.Work),
	})
}

// maxPause bounds the pause between two tries, in retry_seconds, as a power of two.
const maxPause = 5

// retryLater sets the next try: after the pause, which doubles with every try in vain, or as soon as the job is to expire, if that is earlier.
// A job that has been tried often is put among those that have waited long.
func (k *Keeper) retryLater(ctx sdk.Context, params types.Params, job *types.Job) error {
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	pause := clock.Seconds(params.RetrySeconds) << min(job.Tries, maxPause)
	job.Tries++
	expires := job.DeadlineActive - min(commitWindow(params, job.Work), job.DeadlineActive) + 1
	return k.reschedule(ctx, job, min(now+pause, max(expires, now+1)))
}

// maxParties bounds the accounts that a job's attempts can exclude: each draws so many operators at most.
const maxParties = (types.MaxAttemptsLimit + lifecycle.ReportsToClose) * 2 * replicas.Max

// parties lists the accounts that a set holds for a job, by address; attempts bound their number.
func (k *Keeper) parties(ctx sdk.Context, set collections.KeySet[partyKey], id uint64) ([]sdk.AccAddress, error) {
	var list []sdk.AccAddress
	err := set.Walk(ctx, collections.NewPrefixedPairRange[uint64, sdk.AccAddress](id), func(key partyKey) (bool, error) {
		list = append(list, key.K2())
		return len(list) > maxParties, nil
	})
	return list, err
}

// planner carries out the scheduler's choice for one job.
type planner struct {
	*scan
	ctx context.Context
	*present
	job *types.Job
}

var _ scheduler.Planner = (*planner)(nil)

// Place takes the lane, has the bond locked and begins the attempt.
func (p *planner) Place(choice scheduler.Placement) error {
	operator, err := p.addressOf(choice.Device.Operator)
	if err != nil {
		return err
	}
	if err := p.keeper.ports.Registry.Reserve(p.ctx, choice.Device.ID); err != nil {
		return err
	}
	p.owe(choice)
	if err := p.keeper.reindexWorker(p.ctx, p.job, operator); err != nil {
		return err
	}
	return p.begin(choice)
}

// occupy takes the lane and locks the bond of a choice.
func (k *Keeper) occupy(ctx context.Context, choice scheduler.Placement) (sdk.AccAddress, error) {
	operator, err := operatorNamed(choice.Device.Operator)
	if err != nil {
		return nil, err
	}
	err = k.ports.Registry.Reserve(ctx, choice.Device.ID)
	if err != nil || !choice.Exposure.IsPositive() {
		return operator, err
	}
	return operator, k.ports.Bond.Expose(ctx, operator, choice.Exposure)
}

// begin starts an attempt of the job on a device that is reserved.
func (p *planner) begin(choice scheduler.Placement) error {
	job, now, ctx := p.job, p.now, sdk.UnwrapSDKContext(p.ctx)
	due := min(now+commitWindow(p.params, job.Work), job.DeadlineActive)
	_, err := p.keeper.move(p.ctx, job, lifecycle.Assign, func(job *types.Job) {
		job.Attempt++
		job.Worker, job.Device = choice.Device.Operator, choice.Device.ID
		job.Price, job.Exposure, job.AskedPrice = choice.Price, choice.Exposure, choice.Device.Price.Uint64()
		job.Due, job.AssignedActive, job.Tries, job.TookMs = due, now, 0, 0
	})
	if err != nil {
		return err
	}
	event := types.EventJobAssigned{
		JobId: job.Id, Attempt: job.Attempt, Worker: job.Worker, Device: job.Device,
		Price: sdk.NewCoin(p.params.Denom, job.Price), CommitBy: inWallTime(ctx, now, due),
	}
	ctx.EventManager().EmitEvent(event.ABCI())
	return nil
}

// reindexWorker lists the job under its new worker only.
func (k *Keeper) reindexWorker(ctx context.Context, job *types.Job, operator sdk.AccAddress) error {
	if job.Worker != "" {
		last, err := workerOf(job)
		if err != nil {
			return err
		}
		if err := k.workers.Remove(ctx, collections.Join(last, job.Id)); err != nil {
			return err
		}
	}
	return k.workers.Set(ctx, collections.Join(operator, job.Id))
}
