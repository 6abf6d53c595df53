package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/program"
)

// Job returns what changes of a job.
func (k *Keeper) Job(ctx context.Context, id uint64) (types.Job, error) {
	job, err := k.jobs.Get(ctx, id)
	return job, notFound(id, err)
}

// Spec returns what never changes of a job.
func (k *Keeper) Spec(ctx context.Context, id uint64) (types.Spec, error) {
	spec, err := k.specs.Get(ctx, id)
	return spec, notFound(id, err)
}

func notFound(id uint64, err error) error {
	if errors.Is(err, collections.ErrNotFound) {
		return types.ErrNotFound.Wrapf("job %d: it never was, or it is closed and its history is over", id)
	}
	return err
}

// move takes a job through a transition: it leaves its queue, changes, gives back the lane and the bond that the new state
// doesn't hold, enters the new state's queue and is stored. change sets what the transition brings with it.
func (k *Keeper) move(
	ctx context.Context, job *types.Job, event lifecycle.Event, change func(*types.Job),
) (lifecycle.Transition, error) {
	t, err := transition(job, event)
	if err != nil {
		return t, err
	}
	if err := k.leave(ctx, job); err != nil {
		return t, err
	}
	if err := k.setQueued(ctx, job, false); err != nil {
		return t, err
	}
	job.State, job.CloseReason, job.Deferrals = types.JobState(t.To), types.CloseReason(t.Reason), 0
	now := sdk.UnwrapSDKContext(ctx)
	job.UpdatedAt, job.UpdatedHeight = now.BlockTime(), now.BlockHeight()
	if t.Failure != lifecycle.NoFailure {
		job.LastFailure = types.FailureReason(t.Failure)
	}
	change(job)
	if err := k.free(now, job, t); err != nil {
		return t, err
	}
	return t, k.enter(ctx, job)
}

func transition(job *types.Job, event lifecycle.Event) (lifecycle.Transition, error) {
	t, err := lifecycle.Next(job.State.Lifecycle(), event)
	if err != nil {
		return t, types.ErrState.Wrapf("job %d: %s", job.Id, err)
	}
	return t, nil
}

// free gives back what the new state does not hold.
func (k *Keeper) free(ctx sdk.Context, job *types.Job, t lifecycle.Transition) error {
	if job.Replicas > 0 {
		return k.freeReplicas(ctx, job, t)
	}
	if t.FreesLane() {
		if err := k.ports.Registry.Unreserve(ctx, job.Device); err != nil {
			return err
		}
	}
	if !t.FreesExposure() || !job.Exposure.IsPositive() {
		return nil
	}
	worker, err := workerOf(job)
	if err != nil {
		return err
	}
	return k.ports.Bond.Release(ctx, worker, job.Exposure)
}

// enter stores a job and puts it into the queue of its state.
func (k *Keeper) enter(ctx context.Context, job *types.Job) error {
	if err := k.jobs.Set(ctx, job.Id, *job); err != nil {
		return err
	}
	switch job.State {
	case types.JOB_STATE_OPEN:
		if isPatient(job) {
			if err := k.patient.Set(ctx, job.Id); err != nil {
				return err
			}
		}
	case types.JOB_STATE_CLOSED:
		return k.prune.Set(ctx, collections.Join(job.PruneAt, job.Id))
	case types.JOB_STATE_COMMITTED, types.JOB_STATE_DRAWING, types.JOB_STATE_AUDITABLE:
		// A job whose sampling failed waits for its next look, not for its round, so that the round can be done with.
		if job.Deferrals == 0 {
			if err := k.waiting.Set(ctx, waitsFor(job)); err != nil {
				return err
			}
		}
	}
	return k.queue(job.State).Set(ctx, collections.Join(job.Due, job.Id))
}

// leave takes a job out of the queue of its state.
func (k *Keeper) leave(ctx context.Context, job *types.Job) error {
	switch job.State {
	case types.JOB_STATE_OPEN:
		if isPatient(job) {
			if err := k.patient.Remove(ctx, job.Id); err != nil {
				return err
			}
		}
	case types.JOB_STATE_CLOSED:
		return k.prune.Remove(ctx, collections.Join(job.PruneAt, job.Id))
	case types.JOB_STATE_COMMITTED, types.JOB_STATE_DRAWING, types.JOB_STATE_AUDITABLE:
		if err := k.waiting.Remove(ctx, waitsFor(job)); err != nil {
			return err
		}
	}
	return k.queue(job.State).Remove(ctx, collections.Join(job.Due, job.Id))
}

// waits tells whether a job is to be found by its beacon round.
func waits(job *types.Job) bool {
	switch job.State {
	case types.JOB_STATE_COMMITTED, types.JOB_STATE_DRAWING, types.JOB_STATE_AUDITABLE:
		return job.Deferrals == 0
	default:
		return false
	}
}

// waitsFor is the round that a job in a state that waits for one is sampled by.
func waitsFor(job *types.Job) waitingKey {
	if job.State == types.JOB_STATE_DRAWING {
		return collections.Join3(job.RelayGeneration, job.RelayRound, job.Id)
	}
	return collections.Join3(job.Generation, job.Round, job.Id)
}

// queue is where the jobs of a state that isn't closed wait.
func (k *Keeper) queue(state types.JobState) collections.KeySet[queueKey] {
	switch state {
	case types.JOB_STATE_OPEN:
		return k.open
	case types.JOB_STATE_VERIFYING, types.JOB_STATE_ANSWERED, types.JOB_STATE_JUDGING:
		return k.verify
	default:
		return k.due
	}
}

// reschedule moves a job within its queue.
func (k *Keeper) reschedule(ctx sdk.Context, job *types.Job, due uint64) error {
	if err := k.leave(ctx, job); err != nil {
		return err
	}
	job.Due = due
	return k.enter(ctx, job)
}

// checkTurn refuses a signer who doesn't have the job, or who answers another attempt.
func checkTurn(job *types.Job, worker sdk.AccAddress, attempt uint32) error {
	if job.Worker != worker.String() {
		return types.ErrNotWorker.Wrapf("job %d: %s does not have it", job.Id, worker)
	}
	if job.Attempt != attempt {
		return types.ErrAttempt.Wrapf("job %d: attempt is %d, the present one is %d", job.Id, attempt, job.Attempt)
	}
	return nil
}

// checkCustomer refuses a signer who is not the customer.
func checkCustomer(job *types.Job, customer sdk.AccAddress) error {
	if job.Customer != customer.String() {
		return types.ErrNotCustomer.Wrapf("job %d: %s did not submit it", job.Id, customer)
	}
	return nil
}

// checkInTime refuses a step after the job's deadline. The block of the deadline itself is in time.
func (k *Keeper) checkInTime(ctx sdk.Context, job *types.Job, step string) error {
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	if now > job.Due {
		return types.ErrLate.Wrapf("job %d: %s %d ms after the deadline", job.Id, step, now-job.Due)
	}
	return nil
}

func workerOf(job *types.Job) (sdk.AccAddress, error) {
	worker, err := accounts.Decode(job.Worker)
	if err != nil {
		return nil, types.ErrAddress.Wrapf("job %d: worker: %s", job.Id, err)
	}
	return worker, nil
}

func customerOf(job *types.Job) (sdk.AccAddress, error) {
	customer, err := accounts.Decode(job.Customer)
	if err != nil {
		return nil, types.ErrAddress.Wrapf("job %d: customer: %s", job.Id, err)
	}
	return customer, nil
}

// claimOf names the present attempt in commitments, seeds and statements.
func claimOf(ctx sdk.Context, job *types.Job) (program.Claim, error) {
	worker, err := workerOf(job)
	return program.Claim{ChainID: ctx.ChainID(), JobID: job.Id, Attempt: job.Attempt, Worker: worker}, err
}
