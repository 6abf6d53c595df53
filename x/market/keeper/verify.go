package keeper

import (
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/clock"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/challenge"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// verifyJob checks one job's proofs and acts on the verdict. A proof that came in time is in time, however long it queued.
func (k *Keeper) verifyJob(ctx sdk.Context, id uint64) error {
	job, err := k.Job(ctx, id)
	if err != nil {
		return err
	}
	if job.State == types.JOB_STATE_ANSWERED {
		return k.judge(ctx, &job)
	}
	if job.State == types.JOB_STATE_JUDGING {
		return k.judgeReplicas(ctx, &job)
	}
	system, trace, err := k.question(ctx, &job)
	if err != nil {
		return err
	}
	set, err := k.proofs.Get(ctx, id)
	if err != nil {
		return err
	}
	valid, err := system.Verify(ctx, trace, set.Proofs)
	if err != nil {
		return err
	}
	return k.settle(ctx, id, challenge.Verdict{Decided: true, Valid: valid})
}

// question is what a sampled job's proofs have to show, rebuilt from the chain's own state, and the system that they are proofs of.
func (k *Keeper) question(ctx sdk.Context, job *types.Job) (types.ProofSystem, challenge.Trace, error) {
	spec, err := k.Spec(ctx, job.Id)
	if err != nil {
		return nil, challenge.Trace{}, err
	}
	system, err := k.ports.Systems.For(spec.Assurance)
	if err != nil {
		return nil, challenge.Trace{}, err
	}
	claim, err := claimOf(ctx, job)
	if err != nil {
		return nil, challenge.Trace{}, err
	}
	trace := challenge.Trace{Work: workOf(spec), Claim: claim, Circuits: job.Circuits, Steps: job.StepRoots}
	copy(trace.Seed[:], job.Seed)
	return system, trace, nil
}

// accept opens the dispute window.
func (k *Keeper) accept(ctx sdk.Context, job *types.Job) error {
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	due := now + clock.Seconds(params.DisputeSeconds)
	if _, err := k.move(ctx, job, lifecycle.Accept, func(job *types.Job) { job.Due = due }); err != nil {
		return err
	}
	k.observe(ctx, job, registrytypes.OUTCOME_PROVEN)
	return ctx.EventManager().EmitTypedEvent(&types.EventJobProven{
		JobId: job.Id, Attempt: job.Attempt, Worker: job.Worker, SettlesAt: inWallTime(ctx, now, due),
	})
}
