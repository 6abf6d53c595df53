package keeper

import (
	"fmt"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/telemetry"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	escrowtypes "github.com/assaychain/assay/x/escrow/types"
	"github.com/assaychain/assay/x/hooks"
	"github.com/assaychain/assay/x/market/clock"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/challenge"
)

// asked is what the proofs have to show that a job in the verification queue waits with, and the system that they are proofs of.
func (k *Keeper) asked(ctx sdk.Context, job *types.Job) (types.ProofSystem, challenge.Trace, error) {
	if job.State == types.JOB_STATE_ANSWERED {
		return k.disputed(ctx, job)
	}
	return k.question(ctx, job)
}

// judge checks the answer to a dispute and acts on the verdict.
func (k *Keeper) judge(ctx sdk.Context, job *types.Job) error {
	system, trace, err := k.disputed(ctx, job)
	if err != nil {
		return err
	}
	proof, err := k.answers.Get(ctx, job.Id)
	if err != nil {
		return err
	}
	valid, err := system.Verify(ctx, trace, [][]byte{proof})
	if err != nil {
		return err
	}
	if !valid {
		return k.convict(ctx, job, lifecycle.Convict)
	}
	return k.refute(ctx, job)
}

// convict ends an attempt whose worker could not prove a disputed entry: the challenger gets its bond back and is the reporter
// of the offence, the customer the fee of a claim, and the job goes on with another attempt or closes.
func (k *Keeper) convict(ctx sdk.Context, job *types.Job, event lifecycle.Event) error {
	if job.Replicas > 0 {
		record, err := k.round(ctx, job)
		if err != nil {
			return err
		}
		if passed, err := k.passOn(ctx, job, &record); passed || err != nil {
			return err
		}
	}
	verdict := types.DISPUTE_VERDICT_CONVICTED
	if event == lifecycle.MissAnswer {
		verdict = types.DISPUTE_VERDICT_UNANSWERED
	}
	if err := k.settleBond(ctx, job, verdict, math.ZeroInt(), types.JOB_STATE_OPEN); err != nil {
		return err
	}
	if err := k.returnClaimFee(ctx, job); err != nil {
		return err
	}
	if err := k.answers.Remove(ctx, job.Id); err != nil {
		return err
	}
	if err := k.sealed.Remove(ctx, job.Id); err != nil {
		return err
	}
	return k.failAttempt(ctx, job, event)
}

// returnClaimFee gives the customer back what it locked to have a result delivered that turned out to be false, less what relays
// earned by carrying it.
func (k *Keeper) returnClaimFee(ctx sdk.Context, job *types.Job) error {
	owed, err := k.owedRelays(ctx, job, &lifecycle.Deposit{})
	if err != nil {
		return err
	}
	left := job.ClaimFee
	for _, due := range owed {
		paid, err := k.pay(ctx, job, due)
		if err != nil {
			return err
		}
		left, job.Paid = left.Sub(paid), job.Paid.Add(paid)
	}
	if left.IsPositive() {
		customer, err := customerOf(job)
		if err != nil {
			return err
		}
		if err := k.ports.Escrow.PayDirect(ctx, types.ModuleName, job.Id, customer, left); err != nil {
			return err
		}
		job.Refunded = job.Refunded.Add(left)
	}
	job.ClaimFee, job.RelayClaims = math.ZeroInt(), 0
	return k.relays.Remove(ctx, job.Id)
}

// refute takes the bond of a challenger whose entry was proven, and sends the job back to where it stood.
func (k *Keeper) refute(ctx sdk.Context, job *types.Job) error {
	event := lifecycle.Refute
	if job.Dispute.Resumes == types.JOB_STATE_DELIVERED {
		event = lifecycle.RefuteDelivery
	}
	return k.resume(ctx, job, event, types.DISPUTE_VERDICT_REFUTED, job.Dispute.Bond)
}

// drop ends a dispute whose answer the chain could not check, at nobody's fault.
func (k *Keeper) drop(ctx sdk.Context, job *types.Job) error {
	event := lifecycle.Drop
	if job.Dispute.Resumes == types.JOB_STATE_DELIVERED {
		event = lifecycle.DropDelivery
	}
	return k.resume(ctx, job, event, types.DISPUTE_VERDICT_DROPPED, math.ZeroInt())
}

// resume sends a disputed job back to where it stood, with the rest of its time.
func (k *Keeper) resume(ctx sdk.Context, job *types.Job, event lifecycle.Event, verdict types.DisputeVerdict, lost math.Int) error {
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	if err := k.settleBond(ctx, job, verdict, lost, job.Dispute.Resumes); err != nil {
		return err
	}
	if err := k.answers.Remove(ctx, job.Id); err != nil {
		return err
	}
	due := now + lifecycle.Rest(job.Dispute.Rest, clock.Seconds(params.AnswerSeconds))
	_, err = k.move(ctx, job, event, func(job *types.Job) { job.Dispute, job.Due = nil, due })
	return err
}

// settleBond pays out what is lost of a dispute's bond and returns the rest to the challenger.
func (k *Keeper) settleBond(
	ctx sdk.Context, job *types.Job, verdict types.DisputeVerdict, lost math.Int, resumes types.JobState,
) error {
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	toWorker, toPool := lifecycle.Forfeit(lost, params.DisputeWorkerBps)
	worker, err := workerOf(job)
	if err != nil {
		return err
	}
	if err := k.payBond(ctx, job.Id, k.payoutOf(ctx, worker), toWorker); err != nil {
		return err
	}
	// Escrow gives the pool what has no recipient.
	if err := k.payBond(ctx, job.Id, nil, toPool); err != nil {
		return err
	}
	why := escrowtypes.CLOSE_REASON_REFUNDED
	if lost.IsPositive() {
		why = escrowtypes.CLOSE_REASON_SETTLED
	}
	returned, err := k.ports.Escrow.Close(ctx, types.DisputeScope, job.Id, why)
	if err != nil {
		return err
	}
	telemetry.IncrCounter(1, "assay", types.ModuleName, "disputes_"+verdict.Word())
	return ctx.EventManager().EmitTypedEvent(&types.EventDisputeClosed{
		JobId: job.Id, Attempt: job.Attempt, Worker: job.Worker, Challenger: job.Dispute.Challenger, Number: job.Dispute.Number,
		Verdict: verdict, Resumes: resumes, ToWorker: sdk.NewCoin(params.Denom, toWorker),
		ToPool: sdk.NewCoin(params.Denom, toPool), Returned: sdk.NewCoin(params.Denom, returned),
	})
}

func (k *Keeper) payBond(ctx sdk.Context, id uint64, to sdk.AccAddress, amount math.Int) error {
	if !amount.IsPositive() {
		return nil
	}
	return k.ports.Escrow.PayDirect(ctx, types.DisputeScope, id, to, amount)
}

// giveUp ends a verification that failed inside the chain too often; false when that isn't so, or fails too.
func (k *Keeper) giveUp(ctx sdk.Context, job types.Job) bool {
	if job.Deferrals < MaxDeferrals {
		return false
	}
	end := k.drop
	switch job.State {
	case types.JOB_STATE_ANSWERED:
	case types.JOB_STATE_VERIFYING:
		end = func(ctx sdk.Context, job *types.Job) error { return k.failAttempt(ctx, job, lifecycle.Abandon) }
	case types.JOB_STATE_JUDGING:
		end = func(ctx sdk.Context, job *types.Job) error { return k.failLead(ctx, job, lifecycle.Abandon) }
	default:
		return false
	}
	return hooks.Isolate(ctx, types.ModuleName, fmt.Sprintf("give up job %d", job.Id), func(ctx sdk.Context) error {
		return end(ctx, &job)
	})
}

// reporterOf is the challenger whose dispute convicts the worker; none when the chain saw the offence itself.
func reporterOf(job *types.Job) (sdk.AccAddress, error) {
	if job.Dispute == nil {
		return nil, nil
	}
	challenger, err := accounts.Decode(job.Dispute.Challenger)
	if err != nil {
		return nil, types.ErrAddress.Wrapf("job %d: challenger: %s", job.Id, err)
	}
	return challenger, nil
}
