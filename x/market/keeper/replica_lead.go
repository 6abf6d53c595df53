package keeper

import (
	"fmt"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/hooks"
	"github.com/assaychain/assay/x/market/clock"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/types"
)

// disband ends a round of which nobody is left, or that the chain could not judge; the job goes on with others, or closes.
func (k *Keeper) disband(ctx sdk.Context, job *types.Job, record *types.ReplicaRecord, event lifecycle.Event) error {
	if err := k.forgetProofs(ctx, job.Id, record); err != nil {
		return err
	}
	for _, i := range record.Standing() {
		as := asReplica(job, record.Replicas[i])
		worker, err := workerOf(&as)
		if err != nil {
			return err
		}
		if err := k.excludeWorker(ctx, &as); err != nil {
			return err
		}
		if err := k.workers.Remove(ctx, collections.Join(worker, job.Id)); err != nil {
			return err
		}
	}
	if err := k.proofs.Remove(ctx, job.Id); err != nil {
		return err
	}
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	if _, err := k.move(ctx, job, event, func(job *types.Job) {
		job.Worker, job.Device, job.Price = "", nil, math.ZeroInt()
		job.Commitment, job.Seed, job.StepRoots = nil, nil, nil
		job.Disputed, job.Dispute = nil, nil
		job.Generation, job.Round = 0, 0
		job.Due, job.Replicas = now, recruits(job)
	}); err != nil {
		return err
	}
	if err := k.replicas.Remove(ctx, job.Id); err != nil {
		return err
	}
	if err := ctx.EventManager().EmitTypedEvent(&types.EventAttemptFailed{
		JobId: job.Id, Attempt: job.Attempt, Reason: job.LastFailure,
	}); err != nil {
		return err
	}
	// As after every attempt that fails: if it can't be closed now, it is by the next assignments.
	hooks.Isolate(ctx, types.ModuleName, fmt.Sprintf("close job %d", job.Id), func(ctx sdk.Context) error {
		_, err := k.closeIfOver(ctx, *job)
		return err
	})
	return nil
}

// failLead takes the operator that answers for a result out of the job, by the event that would end the attempt of one alone. Another
// one with the same result answers then; the round is over when there is none.
func (k *Keeper) failLead(ctx sdk.Context, job *types.Job, event lifecycle.Event) error {
	record, err := k.round(ctx, job)
	if err != nil {
		return err
	}
	t, err := transition(job, event)
	if err != nil {
		return err
	}
	if t.Offence == lifecycle.NoOffence {
		return k.disband(ctx, job, &record, event)
	}
	if passed, err := k.passOn(ctx, job, &record); passed || err != nil {
		return err
	}
	if i := record.Of(job.Worker); i >= 0 {
		if err := k.dropReplica(ctx, job, &record, i, blameFor{failure: t.Failure, offence: auditOffence(job, t.Offence)}); err != nil {
			return err
		}
	}
	return k.disband(ctx, job, &record, event)
}

// passOn has another operator with the same result answer for it, and drops the one that failed; false when there is no other. What
// one of them does is held against nobody else.
func (k *Keeper) passOn(ctx sdk.Context, job *types.Job, record *types.ReplicaRecord) (bool, error) {
	i := record.Of(job.Worker)
	if i < 0 || len(record.Standing()) < 2 {
		return false, nil
	}
	t, err := transition(job, lifecycle.PassOn)
	if err != nil {
		return false, err
	}
	if err := k.dropReplica(ctx, job, record, i, blameFor{failure: t.Failure, offence: auditOffence(job, t.Offence)}); err != nil {
		return false, err
	}
	switch job.State {
	case types.JOB_STATE_SAMPLED, types.JOB_STATE_VERIFYING:
		if err := k.proofs.Remove(ctx, job.Id); err != nil {
			return false, err
		}
		err = k.sampleLead(ctx, job, record, lifecycle.PassOn)
	case types.JOB_STATE_DISPUTED, types.JOB_STATE_ANSWERED:
		err = k.passDispute(ctx, job, record)
	default:
		err = k.passClaim(ctx, job, record)
	}
	if err != nil {
		return false, err
	}
	return true, k.tellRound(ctx, job, record, types.REPLICA_STEP_PASSED_ON)
}

// passDispute asks another operator for the proof of the disputed entry. What its predecessor delivered is not its own: a job that
// was delivered can be claimed again.
func (k *Keeper) passDispute(ctx sdk.Context, job *types.Job, record *types.ReplicaRecord) error {
	if err := k.answers.Remove(ctx, job.Id); err != nil {
		return err
	}
	if job.Dispute.Resumes == types.JOB_STATE_DELIVERED {
		if err := k.returnClaimFee(ctx, job); err != nil {
			return err
		}
		if err := k.sealed.Remove(ctx, job.Id); err != nil {
			return err
		}
		job.Dispute.Resumes = types.JOB_STATE_PROVEN
	}
	if err := k.lead(ctx, job, record); err != nil {
		return err
	}
	return k.moveOn(ctx, job, func(p types.Params) uint64 { return p.AnswerSeconds })
}

// passClaim asks another operator for the delivery.
func (k *Keeper) passClaim(ctx sdk.Context, job *types.Job, record *types.ReplicaRecord) error {
	if err := k.sealed.Remove(ctx, job.Id); err != nil {
		return err
	}
	if err := k.lead(ctx, job, record); err != nil {
		return err
	}
	return k.moveOn(ctx, job, func(p types.Params) uint64 { return p.DeliverySeconds })
}

func (k *Keeper) moveOn(ctx sdk.Context, job *types.Job, window func(types.Params) uint64) error {
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	_, err = k.move(ctx, job, lifecycle.PassOn, func(job *types.Job) { job.Due = now + clock.Seconds(window(params)) })
	return err
}

// checkOutsider refuses a challenger who is one of several operators that agree, or is paid for one: it disputes its own result.
func (k *Keeper) checkOutsider(ctx sdk.Context, job *types.Job, challenger sdk.AccAddress) error {
	if job.Replicas == 0 {
		return nil
	}
	record, err := k.round(ctx, job)
	if err != nil {
		return err
	}
	for _, text := range record.Workers() {
		operator, err := accounts.Decode(text)
		if err != nil {
			return types.ErrAddress.Wrapf("job %d: replica: %s", job.Id, err)
		}
		if challenger.Equals(operator) || challenger.Equals(k.payoutOf(ctx, operator)) {
			return types.ErrOwnResult.Wrapf("job %d: %s has it, or is paid for it", job.Id, challenger)
		}
	}
	return nil
}
