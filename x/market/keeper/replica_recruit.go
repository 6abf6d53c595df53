package keeper

import (
	"time"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/replicas"
	"github.com/assaychain/assay/x/market/types"
)

// commitReplica takes the salted commitment of one of several operators; the last one closes the time to commit.
func (k *Keeper) commitReplica(ctx sdk.Context, job *types.Job, worker sdk.AccAddress, attempt uint32, commitment []byte) error {
	ctx, err := k.flat(ctx, job, 0)
	if err != nil {
		return err
	}
	record, i, err := k.turnOf(ctx, job, worker, attempt, lifecycle.CloseCommits)
	if err != nil {
		return err
	}
	if record.Replicas[i].Committed() {
		return types.ErrAnswered.Wrapf("job %d: %s has committed", job.Id, worker)
	}
	if err := k.checkInTime(ctx, job, "commit"); err != nil {
		return err
	}
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	record.Replicas[i].Commit(commitment, now)
	if err := k.noteReplica(ctx, job, &record, worker); err != nil {
		return err
	}
	if !record.All(types.Replica.Committed) {
		return nil
	}
	return k.closeEarly(ctx, job, &record)
}

// closeEarly ends the time to commit when all have who are left. Empty places are filled by the block's hook, and not at the cost of
// who happened to be the last.
func (k *Keeper) closeEarly(ctx sdk.Context, job *types.Job, record *types.ReplicaRecord) error {
	if len(record.Standing()) == int(job.Replicas) {
		return k.closeCommits(ctx, job, record)
	}
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	return k.reschedule(ctx, job, now)
}

// reportReplica lets one of several operators go without punishment, because it can't fetch an input. Nobody who could is kept from
// going on: the reports close a job only when no operator is left.
func (k *Keeper) reportReplica(ctx sdk.Context, job *types.Job, worker sdk.AccAddress, attempt, input uint32) error {
	ctx, err := k.flat(ctx, job, 0)
	if err != nil {
		return err
	}
	record, i, err := k.turnOf(ctx, job, worker, attempt, lifecycle.CloseCommits)
	if err != nil {
		return err
	}
	if record.Replicas[i].Committed() {
		return types.ErrAnswered.Wrapf("job %d: %s has committed", job.Id, worker)
	}
	if err := k.checkInTime(ctx, job, "report"); err != nil {
		return err
	}
	if err := k.checkInput(ctx, job.Id, input); err != nil {
		return err
	}
	// Two are paid if the job closes for that.
	if job.UnavailableReports < lifecycle.ReportsToClose {
		if err := k.reporters.Set(ctx, collections.Join(job.Id, worker)); err != nil {
			return err
		}
		job.UnavailableReports++
	}
	if err := ctx.EventManager().EmitTypedEvent(&types.EventInputsUnavailable{
		JobId: job.Id, Attempt: attempt, Worker: worker.String(), Input: input,
	}); err != nil {
		return err
	}
	if err := k.dropReplica(ctx, job, &record, i, blameFor{failure: lifecycle.InputUnavailable, offence: lifecycle.NoOffence}); err != nil {
		return err
	}
	if record.All(types.Replica.Committed) {
		return k.closeEarly(ctx, job, &record)
	}
	return k.jobs.Set(ctx, job.Id, *job)
}

// closeCommits ends the time to commit: who has not is out of the job, others take the places while time allows, and else those that
// have must reveal. Nobody comes after that: a result that is known could be copied.
func (k *Keeper) closeCommits(ctx sdk.Context, job *types.Job, record *types.ReplicaRecord) error {
	if err := k.dropUnless(ctx, job, record, types.Replica.Committed, blameFor{failure: lifecycle.CommitLate, offence: lifecycle.MissedCommit}); err != nil {
		return err
	}
	if isAuditing(job) {
		return k.closeAudit(ctx, job, record)
	}
	reinforced, err := k.reinforce(ctx, job, record)
	if reinforced || err != nil {
		return err
	}
	if len(record.Standing()) == 0 {
		return k.disband(ctx, job, record, lifecycle.Disband)
	}
	if job.Audited() {
		return k.submitToAudit(ctx, job, record, lifecycle.SubmitToAudit)
	}
	return k.wait(ctx, job, record, lifecycle.CloseCommits, types.REPLICA_STEP_REVEALING)
}

// reinforce fills the places that are empty, as far as there are devices, a whole window to commit is left, and the round hasn't had
// twice as many operators as places.
func (k *Keeper) reinforce(ctx sdk.Context, job *types.Job, record *types.ReplicaRecord) (bool, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return false, err
	}
	now, err := k.Now(ctx)
	if err != nil {
		return false, err
	}
	missing := min(int(job.Replicas)-len(record.Standing()), replicas.MaxDrawn(job.Replicas)-len(record.Replicas))
	window := commitWindow(params, job.Work)
	hopeless := job.UnavailableReports >= lifecycle.ReportsToClose && len(record.Standing()) == 0
	if missing <= 0 || hopeless || now+window > job.DeadlineActive {
		return false, nil
	}
	drafted, err := k.draft(ctx, params, job, record.Replicas, missing)
	if err != nil || len(drafted.seats) == 0 {
		return false, err
	}
	found, err := k.engage(ctx, job.Id, drafted.seats)
	if err != nil {
		return false, err
	}
	record.Replicas = append(record.Replicas, found...)
	if err := k.saveRound(ctx, job, record); err != nil {
		return false, err
	}
	if _, err := k.move(ctx, job, lifecycle.Reinforce, func(job *types.Job) { job.Due = now + window }); err != nil {
		return false, err
	}
	if err := k.keepDecisions(ctx, job, drafted); err != nil {
		return false, err
	}
	return true, k.tellRound(ctx, job, record, types.REPLICA_STEP_REINFORCED)
}

// turnOf finds the part of an operator in a job of several, and refuses who has none, another attempt and another state.
func (k *Keeper) turnOf(
	ctx sdk.Context, job *types.Job, worker sdk.AccAddress, attempt uint32, event lifecycle.Event,
) (record types.ReplicaRecord, i int, err error) {
	if record, err = k.round(ctx, job); err != nil {
		return record, 0, err
	}
	if i = record.Of(worker.String()); i < 0 {
		return record, 0, types.ErrNotWorker.Wrapf("job %d: %s does not have it", job.Id, worker)
	}
	if job.Attempt != attempt {
		return record, 0, types.ErrAttempt.Wrapf("job %d: attempt is %d, the present one is %d", job.Id, attempt, job.Attempt)
	}
	_, err = transition(job, event)
	return record, i, err
}

// tellRound emits how far a job of several operators is.
func (k *Keeper) tellRound(ctx sdk.Context, job *types.Job, record *types.ReplicaRecord, step types.ReplicaStep) error {
	event := &types.EventReplicas{JobId: job.Id, Attempt: job.Attempt, Step: step, Workers: record.Workers()}
	if d := record.Difference; d != nil {
		event.Number, event.ProgramStep, event.Level, event.Index, event.Entry = d.Number, d.Step, d.Level, d.Index, d.Entry
	}
	if job.State != types.JOB_STATE_COMMITTED && job.State != types.JOB_STATE_JUDGING {
		now, err := k.Now(ctx)
		if err != nil {
			return err
		}
		due := inWallTime(ctx, now, job.Due).Truncate(time.Millisecond)
		event.DueBy = &due
	}
	return ctx.EventManager().EmitTypedEvent(event)
}
