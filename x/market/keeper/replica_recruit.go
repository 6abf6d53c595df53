package keeper

import (
	"time"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/audits"
	"github.com/assaychain/assay/x/market/clock"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/pricing"
	"github.com/assaychain/assay/x/market/replicas"
	"github.com/assaychain/assay/x/market/scheduler"
	"github.com/assaychain/assay/x/market/types"
)

// recruit gives an open job to as many operators as it wants, all at once, or has it tried again later: a few could not be compared,
// and would hold their lanes for nothing. It tells whether it gave it away.
func (k *Keeper) recruit(ctx sdk.Context, params types.Params, job *types.Job) (bool, error) {
	cached, write := ctx.CacheContext()
	found, err := k.enlist(cached, params, job, nil, int(job.Replicas))
	if err != nil {
		return false, err
	}
	if len(found) < int(job.Replicas) {
		return false, k.retryLater(ctx, params, job)
	}
	write()
	return true, k.beginRound(ctx, params, job, found)
}

// beginRound starts an attempt of the job by several operators whose devices are reserved.
func (k *Keeper) beginRound(ctx sdk.Context, params types.Params, job *types.Job, found []types.Replica) error {
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	record := types.ReplicaRecord{Replicas: found, Audit: newAudit(job)}
	if err := k.saveRound(ctx, job, &record); err != nil {
		return err
	}
	due := min(now+commitWindow(params, job.Work), job.DeadlineActive)
	if _, err := k.move(ctx, job, lifecycle.Recruit, func(job *types.Job) {
		job.Attempt++
		job.Exposure, job.Due = math.ZeroInt(), due
		job.AssignedActive, job.Tries = now, 0
	}); err != nil {
		return err
	}
	return k.tellRound(ctx, job, &record, types.REPLICA_STEP_RECRUITED)
}

// enlist finds up to n distinct operators that have no part in the job yet, and takes their lanes and bonds.
func (k *Keeper) enlist(ctx sdk.Context, params types.Params, job *types.Job, have []types.Replica, n int) ([]types.Replica, error) {
	// A scan of its own: what is found may be given back.
	s, err := k.search(ctx, k.newScan(), params, job)
	if err != nil {
		return nil, err
	}
	for i := range have {
		s.job.Excluded = append(s.job.Excluded, have[i].Worker)
	}
	if len(have) > 0 {
		if s.view.over, err = k.roundOver(ctx, params, job, len(have)); err != nil {
			return nil, err
		}
	}
	plan := &recruiter{keeper: k, ctx: ctx, id: job.Id}
	for len(plan.found) < n {
		survey, err := scheduler.Schedule(s.job, s.terms, s.view, plan)
		if err != nil {
			return nil, err
		}
		if survey.Best == nil {
			break
		}
		s.view.placed(*survey.Best)
		s.job.Excluded = append(s.job.Excluded, survey.Best.Device.Operator)
	}
	return plan.found, nil
}

// roundOver is the Unix second at which operators that are drawn now, after so many others, have done with a job at the latest, if no block
// is late and beacon rounds and verifications come at once.
func (k *Keeper) roundOver(ctx sdk.Context, params types.Params, job *types.Job, drawn int) (int64, error) {
	spec, err := k.Spec(ctx, job.Id)
	if err != nil {
		return 0, err
	}
	now, err := k.Now(ctx)
	return longestRound(ctx, params, spec, job.DeadlineActive-min(now, job.DeadlineActive), drawn), err
}

// longestRound is the same for whatever meets a specification, with so many milliseconds left until its deadline.
func longestRound(ctx sdk.Context, params types.Params, spec types.Spec, left uint64, drawn int) int64 {
	windows := replicas.Windows{
		Commit: commitWindow(params, spec.Program.Work()), Left: left,
		Reveal: clock.Seconds(params.RevealSeconds), Answer: clock.Seconds(params.AnswerSeconds),
		Prove: pricing.ProofWindow(spec.Samples, params.ProofBaseSeconds, params.ProofSecondsPerSample),
	}
	longest := replicas.Longest(spec.Replicas, drawn, windows)
	if spec.Audit != nil {
		longest = audits.Longest(windows)
	}
	return ctx.BlockTime().Unix() + int64(longest/1000) + 1
}

// recruiter carries out the scheduler's choices for a job of several operators.
type recruiter struct {
	keeper *Keeper
	ctx    sdk.Context
	id     uint64
	found  []types.Replica
}

var _ scheduler.Planner = (*recruiter)(nil)

// Place takes the lane, locks the bond and lists the job under its operator.
func (r *recruiter) Place(choice scheduler.Placement) error {
	operator, err := r.keeper.occupy(r.ctx, choice)
	if err != nil {
		return err
	}
	r.found = append(r.found, types.Replica{
		Worker: choice.Device.Operator, Device: choice.Device.ID, Price: choice.Price, Exposure: choice.Exposure,
	})
	return r.keeper.workers.Set(r.ctx, collections.Join(operator, r.id))
}

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
	record.Replicas[i].Commitment = commitment
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
	found, err := k.enlist(ctx, params, job, record.Replicas, missing)
	if err != nil || len(found) == 0 {
		return false, err
	}
	record.Replicas = append(record.Replicas, found...)
	if err := k.saveRound(ctx, job, record); err != nil {
		return false, err
	}
	if _, err := k.move(ctx, job, lifecycle.Reinforce, func(job *types.Job) { job.Due = now + window }); err != nil {
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
