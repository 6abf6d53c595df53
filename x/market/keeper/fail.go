package keeper

import (
	"fmt"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/hooks"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
)

// failAttempt ends the present attempt: the worker is punished as the table says and doesn't get the job again; the job goes
// on, or closes when no attempt or no time is left.
func (k *Keeper) failAttempt(ctx sdk.Context, job *types.Job, event lifecycle.Event) error {
	if job.Replicas > 0 {
		return k.failLead(ctx, job, event)
	}
	t, err := transition(job, event)
	if err != nil {
		return err
	}
	if err := k.punish(ctx, job, t.Offence); err != nil {
		return err
	}
	if err := k.excludeWorker(ctx, job); err != nil {
		return err
	}
	if err := k.proofs.Remove(ctx, job.Id); err != nil {
		return err
	}
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	if _, err := k.move(ctx, job, event, func(job *types.Job) {
		job.Commitment, job.Seed, job.StepRoots = nil, nil, nil
		job.Disputed, job.Dispute = nil, nil
		job.Generation, job.Round = 0, 0
		job.Due = now
	}); err != nil {
		return err
	}
	k.observe(ctx, job, failureOutcome(t.Failure))
	if err := ctx.EventManager().EmitTypedEvent(&types.EventAttemptFailed{
		JobId: job.Id, Attempt: job.Attempt, Worker: job.Worker, Reason: job.LastFailure,
	}); err != nil {
		return err
	}
	// If it can't be closed now, it is open and closed by the next assignments: the failure itself stands.
	hooks.Isolate(ctx, types.ModuleName, fmt.Sprintf("close job %d", job.Id), func(ctx sdk.Context) error {
		_, err := k.closeIfOver(ctx, *job)
		return err
	})
	return nil
}

func (k *Keeper) excludeWorker(ctx sdk.Context, job *types.Job) error {
	worker, err := workerOf(job)
	if err != nil {
		return err
	}
	return k.excluded.Set(ctx, collections.Join(job.Id, worker))
}

// punish hands the worker over to the table of offences, with the customer as the victim and a challenger who was right as the
// reporter, and takes its devices off the market when that jails it.
func (k *Keeper) punish(ctx sdk.Context, job *types.Job, offence lifecycle.Offence) error {
	if offence == lifecycle.NoOffence {
		return nil
	}
	worker, err := workerOf(job)
	if err != nil {
		return err
	}
	customer, err := customerOf(job)
	if err != nil {
		return err
	}
	reporter, err := reporterOf(job)
	if err != nil {
		return err
	}
	_, err = k.ports.Penalty.Punish(ctx, penaltytypes.Punishment{
		Operator: worker, Offence: penaltytypes.Offence(offence), Victim: customer, Reporter: reporter,
		Subject: fmt.Sprintf("job/%d/%d", job.Id, job.Attempt),
	})
	if err != nil {
		return err
	}
	jailed, err := k.ports.Penalty.IsJailed(ctx, worker)
	if err != nil || !jailed {
		return err
	}
	return k.ports.Registry.Suspend(ctx, worker)
}

// ReportUnavailable ends the present attempt without punishment, because the worker can't fetch an input. A second worker's
// report closes the job at a small cost to the customer.
func (k *Keeper) ReportUnavailable(ctx sdk.Context, worker sdk.AccAddress, id uint64, attempt, input uint32) error {
	job, err := k.Job(ctx, id)
	if err != nil {
		return err
	}
	if job.Replicas > 0 {
		return k.reportReplica(ctx, &job, worker, attempt, input)
	}
	if err := checkTurn(&job, worker, attempt); err != nil {
		return err
	}
	if _, err := transition(&job, lifecycle.ReportInputs); err != nil {
		return err
	}
	if err := k.checkInTime(ctx, &job, "report"); err != nil {
		return err
	}
	if err := k.checkInput(ctx, id, input); err != nil {
		return err
	}
	if err := k.reporters.Set(ctx, collections.Join(id, worker)); err != nil {
		return err
	}
	if err := ctx.EventManager().EmitTypedEvent(&types.EventInputsUnavailable{
		JobId: id, Attempt: attempt, Worker: job.Worker, Input: input,
	}); err != nil {
		return err
	}
	job.UnavailableReports++
	return k.failAttempt(ctx, &job, lifecycle.ReportInputs)
}

func (k *Keeper) checkInput(ctx sdk.Context, id uint64, input uint32) error {
	spec, err := k.Spec(ctx, id)
	if err != nil {
		return err
	}
	if int(input) >= len(spec.Inputs) {
		return types.ErrInput.Wrapf("job %d: input is %d: the job has %d, counted from 0", id, input, len(spec.Inputs))
	}
	return nil
}
