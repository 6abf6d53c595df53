package keeper

import (
	"crypto/sha256"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/clock"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/program"
)

// RecheckSeconds is the active time between two looks at whether a committed job's beacon was replaced.
const RecheckSeconds = 3600

// CommitResult takes a worker's commitment and fixes the beacon round that will sample it: one that nobody can know yet. Under the
// policy REPLICA no round is fixed, and it returns 0.
func (k *Keeper) CommitResult(
	ctx sdk.Context, worker sdk.AccAddress, id uint64, attempt uint32, commitment []byte,
) (uint64, error) {
	if len(commitment) != sha256.Size {
		return 0, types.ErrCommitment.Wrapf("job %d: commitment has %d bytes: it must have %d", id, len(commitment), sha256.Size)
	}
	job, err := k.Job(ctx, id)
	if err != nil {
		return 0, err
	}
	if job.Replicas > 0 {
		return 0, k.commitReplica(ctx, &job, worker, attempt, commitment)
	}
	if err := checkTurn(&job, worker, attempt); err != nil {
		return 0, err
	}
	if _, err := transition(&job, lifecycle.Commit); err != nil {
		return 0, err
	}
	if err := k.checkInTime(ctx, &job, "commit"); err != nil {
		return 0, err
	}
	if job.TookMs, err = k.took(ctx, &job); err != nil {
		return 0, err
	}
	if err := k.fixRound(ctx, &job, lifecycle.Commit, commitment); err != nil {
		return 0, err
	}
	k.learnRunTime(ctx, &job)
	return job.Round, ctx.EventManager().EmitTypedEvent(&types.EventResultCommitted{
		JobId: id, Attempt: attempt, Worker: job.Worker, Commitment: commitment, Round: job.Round,
	})
}

// fixRound makes the job wait for a round. It has no deadline meanwhile, so that a beacon outage costs nobody anything.
func (k *Keeper) fixRound(ctx sdk.Context, job *types.Job, event lifecycle.Event, commitment []byte) error {
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	generation, round, err := k.ports.Beacon.Fix(ctx, types.ModuleName)
	if err != nil {
		return err
	}
	_, err = k.move(ctx, job, event, func(job *types.Job) {
		job.Commitment, job.Generation, job.Round = commitment, generation, round
		job.Due = now + clock.Seconds(RecheckSeconds)
	})
	return err
}

// sample draws the challenge of a committed job whose round is posted, or the relays of one that waits for them.
func (k *Keeper) sample(ctx sdk.Context, id uint64) error {
	job, err := k.Job(ctx, id)
	if err != nil {
		return err
	}
	round := waitsFor(&job)
	randomness, posted, err := k.ports.Beacon.Randomness(ctx, round.K1(), round.K2())
	if err != nil {
		return err
	}
	if !posted {
		return types.ErrWrongRound.Wrapf("job %d: round %d of generation %d is not posted", id, round.K2(), round.K1())
	}
	return k.drawBy(ctx, &job, randomness)
}

// drawBy draws what the job waits for.
func (k *Keeper) drawBy(ctx sdk.Context, job *types.Job, randomness []byte) error {
	switch job.State {
	case types.JOB_STATE_DRAWING:
		return k.drawRelays(ctx, job, randomness)
	case types.JOB_STATE_AUDITABLE:
		return k.drawAudit(ctx, job, randomness)
	default:
		return k.draw(ctx, job, randomness)
	}
}

func (k *Keeper) draw(ctx sdk.Context, job *types.Job, randomness []byte) error {
	if len(randomness) != sha256.Size || len(job.Commitment) != sha256.Size {
		return types.ErrInvariant.Wrapf("job %d: randomness of %d and commitment of %d bytes", job.Id, len(randomness), len(job.Commitment))
	}
	claim, err := claimOf(ctx, job)
	if err != nil {
		return err
	}
	due, now, err := k.proofDeadline(ctx, job.Id)
	if err != nil {
		return err
	}
	seed := program.Seed([sha256.Size]byte(randomness), claim, [sha256.Size]byte(job.Commitment))
	_, err = k.move(ctx, job, lifecycle.Sample, func(job *types.Job) { job.Seed, job.Due = seed[:], due })
	if err != nil {
		return err
	}
	return ctx.EventManager().EmitTypedEvent(&types.EventJobSampled{
		JobId: job.Id, Attempt: job.Attempt, Worker: job.Worker, Seed: job.Seed, ProveBy: inWallTime(ctx, now, due),
	})
}

func (k *Keeper) proofDeadline(ctx sdk.Context, id uint64) (due, now uint64, err error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return 0, 0, err
	}
	spec, err := k.Spec(ctx, id)
	if err != nil {
		return 0, 0, err
	}
	window, err := k.proofWindow(params, spec)
	if err != nil {
		return 0, 0, err
	}
	now, err = k.Now(ctx)
	return now + window, now, err
}

// recheck looks after a job that has waited long: it is sampled if its round is there, waits for another round if the beacon
// was replaced, or a sampling failed and its round is gone since, and else waits on.
func (k *Keeper) recheck(ctx sdk.Context, job *types.Job) error {
	round := waitsFor(job)
	randomness, posted, err := k.ports.Beacon.Randomness(ctx, round.K1(), round.K2())
	if err != nil {
		return err
	}
	if posted {
		return k.drawBy(ctx, job, randomness)
	}
	generation, err := k.ports.Beacon.Generation(ctx)
	if err != nil {
		return err
	}
	if generation == round.K1() && job.Deferrals == 0 {
		now, err := k.Now(ctx)
		if err != nil {
			return err
		}
		return k.reschedule(ctx, job, now+clock.Seconds(RecheckSeconds))
	}
	if job.State == types.JOB_STATE_DRAWING {
		record, err := k.relays.Get(ctx, job.Id)
		if err != nil {
			return err
		}
		return k.fixDraw(ctx, job, lifecycle.Refix, &record)
	}
	if job.State == types.JOB_STATE_AUDITABLE {
		record, err := k.round(ctx, job)
		if err != nil {
			return err
		}
		return k.submitToAudit(ctx, job, &record, lifecycle.Refix)
	}
	if err := k.fixRound(ctx, job, lifecycle.Refix, job.Commitment); err != nil {
		return err
	}
	return ctx.EventManager().EmitTypedEvent(&types.EventRoundReplaced{
		JobId: job.Id, Attempt: job.Attempt, Worker: job.Worker, Generation: job.Generation, Round: job.Round,
	})
}
