package keeper

import (
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/audits"
	"github.com/assaychain/assay/x/market/clock"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/types"
)

// A job under the policy AUDIT is one of several operators, of whom one has it at first. Its commitment hides its result until an auditor has
// committed too, or none is drawn: from there on the two are compared as any others.

// newAudit is what a round keeps of an audit before any is drawn; nothing under other policies.
func newAudit(job *types.Job) *types.AuditDraw {
	if !job.Audited() {
		return nil
	}
	return &types.AuditDraw{}
}

// isAuditing tells whether an audit of the job is drawn.
func isAuditing(job *types.Job) bool { return job.Audited() && job.Replicas == audits.Operators }

// recruits is how many operators the next attempt of a job begins with.
func recruits(job *types.Job) uint32 {
	if job.Audited() {
		return 1
	}
	return job.Replicas
}

// submitToAudit fixes the round that draws. What a draw may choose from stands from then on.
func (k *Keeper) submitToAudit(ctx sdk.Context, job *types.Job, record *types.ReplicaRecord, event lifecycle.Event) error {
	places, err := k.ports.Registry.DevicePlaces(ctx)
	if err != nil {
		return err
	}
	record.Audit.Places, record.Audit.FixedAt = places, ctx.BlockTime()
	if err := k.saveRound(ctx, job, record); err != nil {
		return err
	}
	if err := k.fixRound(ctx, job, event, nil); err != nil {
		return err
	}
	step := types.AUDIT_STEP_FIXED
	if event == lifecycle.Refix {
		step = types.AUDIT_STEP_REFIXED
	}
	return k.tellAudit(ctx, job, record, step, "")
}

// closeAudit ends an auditor's time to commit. One that has said nothing is out, and another one is drawn, by a round of its own, so that
// nobody knows beforehand who comes next. After the last one the result must be proven by samples.
func (k *Keeper) closeAudit(ctx sdk.Context, job *types.Job, record *types.ReplicaRecord) error {
	if len(record.Standing()) == 0 {
		return k.disband(ctx, job, record, lifecycle.Disband)
	}
	if len(record.Standing()) < audits.Operators && record.Audit.Draws < audits.MaxDraws {
		return k.submitToAudit(ctx, job, record, lifecycle.SubmitToAudit)
	}
	return k.wait(ctx, job, record, lifecycle.CloseCommits, types.REPLICA_STEP_REVEALING)
}

// drawAudit decides by the posted round whether the job is audited, and by whom.
func (k *Keeper) drawAudit(ctx sdk.Context, job *types.Job, randomness []byte) error {
	record, err := k.round(ctx, job)
	if err != nil {
		return err
	}
	if record.Audit == nil {
		return types.ErrInvariant.Wrapf("job %d: %s without a draw", job.Id, job.State.Lifecycle())
	}
	seed := audits.Seed(randomness, ctx.ChainID(), job.Id, job.Attempt, record.Audit.Draws)
	if !isAuditing(job) && !audits.Hit(seed, job.AuditBps) {
		return k.endDraw(ctx, job, &record, lifecycle.Spare, "")
	}
	job.Replicas = audits.Operators
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	auditor, err := k.appoint(ctx, params, job, &record, seed)
	if err != nil {
		return err
	}
	if auditor == nil {
		return k.endDraw(ctx, job, &record, lifecycle.LackAuditor, "")
	}
	record.Replicas = append(record.Replicas, *auditor)
	record.Audit.Draws++
	return k.endDraw(ctx, job, &record, lifecycle.Audit, auditor.Worker)
}

// auditSteps are those of the events that end a draw.
var auditSteps = [...]types.AuditStep{
	lifecycle.Spare - lifecycle.Spare:       types.AUDIT_STEP_SPARED,
	lifecycle.Audit - lifecycle.Spare:       types.AUDIT_STEP_DRAWN,
	lifecycle.LackAuditor - lifecycle.Spare: types.AUDIT_STEP_LACKING,
}

// endDraw goes on with what a draw has decided: the auditor must commit, or who has the job reveal.
func (k *Keeper) endDraw(ctx sdk.Context, job *types.Job, record *types.ReplicaRecord, event lifecycle.Event, auditor string) error {
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	due := now + clock.Seconds(params.RevealSeconds)
	if event == lifecycle.Audit {
		// Not bounded by the job's deadline: nobody is to escape an audit by committing late.
		due = now + commitWindow(params, job.Work)
	}
	if err := k.saveRound(ctx, job, record); err != nil {
		return err
	}
	// The round that drew is done with: what agrees later was not drawn from.
	if _, err := k.move(ctx, job, event, func(job *types.Job) { job.Generation, job.Round, job.Due = 0, 0, due }); err != nil {
		return err
	}
	return k.tellAudit(ctx, job, record, auditSteps[event-lifecycle.Spare], auditor)
}

// tellAudit emits how far an audit is.
func (k *Keeper) tellAudit(ctx sdk.Context, job *types.Job, record *types.ReplicaRecord, step types.AuditStep, auditor string) error {
	event := &types.EventAudit{
		JobId: job.Id, Attempt: job.Attempt, Step: step, Auditor: auditor, Round: job.Round, Generation: job.Generation,
	}
	if workers := record.Workers(); len(workers) > 0 {
		event.Worker = workers[0]
	}
	if job.State != types.JOB_STATE_AUDITABLE {
		now, err := k.Now(ctx)
		if err != nil {
			return err
		}
		due := inWallTime(ctx, now, job.Due)
		event.DueBy = &due
	}
	return ctx.EventManager().EmitTypedEvent(event)
}

// opponent is the first operator that stands for the other result in an audit, and has done what the one that is punished has not: the
// reporter of its offence. An audit pays whoever finds a false result more than one that agrees to it, and under no other policy does
// anybody gain by another's failure.
func opponent(job *types.Job, record *types.ReplicaRecord, offence lifecycle.Offence, done func(i int) bool) string {
	if !isAuditing(job) || offence != lifecycle.LostDispute {
		return ""
	}
	for _, i := range record.Standing() {
		if done(i) {
			return record.Replicas[i].Worker
		}
	}
	return ""
}

// auditOffence is what who is left alone in an audit is punished for: samples that it can't prove, or a false proof of them, cost what a lost
// difference does. Otherwise a false result would be cheaper where auditors are rare, or silent.
func auditOffence(job *types.Job, offence lifecycle.Offence) lifecycle.Offence {
	if isAuditing(job) && (offence == lifecycle.MissingProof || offence == lifecycle.WrongResult) {
		return lifecycle.LostDispute
	}
	return offence
}
