package keeper

import (
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/clock"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/program"
)

// DisputeResult takes a watcher's word that an entry of a proven result is wrong: its bond is locked, the job's time stands
// still, and the worker must prove exactly that entry before the deadline. One dispute of a job is open at a time.
func (k *Keeper) DisputeResult(
	ctx sdk.Context, challenger sdk.AccAddress, msg *types.MsgDisputeResult,
) (*types.Dispute, error) {
	ctx.GasMeter().ConsumeGas(types.GasPerDispute, "market: dispute result")
	job, err := k.Job(ctx, msg.JobId)
	if err != nil {
		return nil, err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return nil, err
	}
	if err := k.checkDisputable(ctx, params, &job); err != nil {
		return nil, err
	}
	if err := k.checkChallenge(ctx, &job, challenger, msg); err != nil {
		return nil, err
	}
	bond := sdk.NewCoin(params.Denom, params.BondOf(job))
	if msg.MaxBond.Denom != bond.Denom || msg.MaxBond.Amount.LT(bond.Amount) {
		return nil, types.ErrBond.Wrapf("job %d: max_bond is %s: dispute %d of the attempt locks %s",
			job.Id, msg.MaxBond, len(job.Disputed)+1, bond)
	}
	if err := k.ports.Escrow.Open(ctx, types.DisputeScope, job.Id, challenger, bond); err != nil {
		return nil, err
	}
	return k.openDispute(ctx, params, &job, types.Dispute{
		Challenger: challenger.String(), Bond: bond.Amount, Entry: msg.Entry,
		Number: uint32(len(job.Disputed)) + 1, Resumes: job.State,
	})
}

// openDispute stops the job's time and starts that of the answer.
func (k *Keeper) openDispute(ctx sdk.Context, params types.Params, job *types.Job, dispute types.Dispute) (*types.Dispute, error) {
	now, err := k.Now(ctx)
	if err != nil {
		return nil, err
	}
	due := now + clock.Seconds(params.AnswerSeconds)
	if _, err := k.move(ctx, job, lifecycle.Dispute, func(job *types.Job) {
		dispute.Rest = job.Due - min(now, job.Due)
		job.Disputed, job.Dispute, job.Due = append(job.Disputed, dispute.Entry), &dispute, due
	}); err != nil {
		return nil, err
	}
	return &dispute, ctx.EventManager().EmitTypedEvent(&types.EventResultDisputed{
		JobId: job.Id, Attempt: job.Attempt, Worker: job.Worker, Challenger: dispute.Challenger, Number: dispute.Number,
		Entry: dispute.Entry, Bond: sdk.NewCoin(params.Denom, dispute.Bond), AnswerBy: inWallTime(ctx, now, due),
	})
}

// checkDisputable refuses a job of which nothing can be disputed now.
func (k *Keeper) checkDisputable(ctx sdk.Context, params types.Params, job *types.Job) error {
	if _, err := transition(job, lifecycle.Dispute); err != nil {
		return err
	}
	if err := k.checkInTime(ctx, job, "dispute"); err != nil {
		return err
	}
	system, err := k.ports.Systems.For(job.Assurance)
	if err != nil {
		return err
	}
	if _, can := system.(types.Disputable); !can {
		return types.ErrUndisputable.Wrapf("job %d: entries at the level %s are not proven one by one", job.Id, job.Assurance.Word())
	}
	if n := len(job.Disputed); n >= int(params.MaxDisputes) {
		return types.ErrDisputes.Wrapf("job %d: attempt %d was disputed %d times: at most %d", job.Id, job.Attempt, n, params.MaxDisputes)
	}
	return nil
}

// checkChallenge refuses a worker that disputes itself, another attempt, and an entry that nothing is to be learnt of.
func (k *Keeper) checkChallenge(ctx sdk.Context, job *types.Job, challenger sdk.AccAddress, msg *types.MsgDisputeResult) error {
	if job.Attempt != msg.Attempt {
		return types.ErrAttempt.Wrapf("job %d: attempt is %d, the present one is %d", job.Id, msg.Attempt, job.Attempt)
	}
	worker, err := workerOf(job)
	if err != nil {
		return err
	}
	if challenger.Equals(worker) || challenger.Equals(k.payoutOf(ctx, worker)) {
		return types.ErrOwnResult.Wrapf("job %d: %s has it, or is paid for it", job.Id, challenger)
	}
	if err := k.checkOutsider(ctx, job, challenger); err != nil {
		return err
	}
	if slices.Contains(job.Disputed, msg.Entry) {
		return types.ErrEntry.Wrapf("job %d: step %d, row %d, column %d was disputed in this attempt",
			job.Id, msg.Entry.Step, msg.Entry.Row, msg.Entry.Col)
	}
	_, trace, err := k.question(ctx, job)
	if err != nil {
		return err
	}
	at := msg.Entry.Position()
	if err := program.CheckPosition(trace.Program, at); err != nil {
		return types.ErrEntry.Wrapf("job %d: %s", job.Id, err)
	}
	if job.Replicas > 0 { // What several operators agree on was not drawn from.
		return nil
	}
	drawn, err := trace.Positions()
	if err != nil {
		return err
	}
	if slices.Contains(drawn, at) {
		return types.ErrEntry.Wrapf("job %d: step %d, row %d, column %d was drawn and is proven", job.Id, at.Step, at.Row, at.Col)
	}
	return nil
}

// AnswerDispute takes the proof of a disputed entry and queues it for verification. What is refused here changes nothing; only a
// proof that is well formed and false is punished.
func (k *Keeper) AnswerDispute(ctx sdk.Context, worker sdk.AccAddress, answer *types.MsgAnswerDispute) error {
	job, err := k.Job(ctx, answer.JobId)
	if err != nil {
		return err
	}
	if job.State.Lifecycle().IsReplicated() {
		return k.answerReplica(ctx, &job, worker, answer)
	}
	if err := checkTurn(&job, worker, answer.Attempt); err != nil {
		return err
	}
	if _, err := transition(&job, lifecycle.Answer); err != nil {
		return err
	}
	if answer.Number != job.Dispute.Number {
		return types.ErrAnswer.Wrapf("job %d: number is %d, the open dispute is %d", job.Id, answer.Number, job.Dispute.Number)
	}
	if err := k.checkInTime(ctx, &job, "answer"); err != nil {
		return err
	}
	system, trace, err := k.disputed(ctx, &job)
	if err != nil {
		return err
	}
	if err := system.Admit(ctx, trace, [][]byte{answer.Proof}); err != nil {
		return types.ErrAnswer.Wrapf("job %d: %s", job.Id, err)
	}
	if err := k.answers.Set(ctx, job.Id, answer.Proof); err != nil {
		return err
	}
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	if _, err := k.move(ctx, &job, lifecycle.Answer, func(job *types.Job) { job.Due = now }); err != nil {
		return err
	}
	return ctx.EventManager().EmitTypedEvent(&types.EventDisputeAnswered{
		JobId: job.Id, Attempt: job.Attempt, Worker: job.Worker, Number: answer.Number,
	})
}

// disputed is what the answer to a job's dispute has to show, and the system that it is a proof of.
func (k *Keeper) disputed(ctx sdk.Context, job *types.Job) (types.ProofSystem, challenge.Trace, error) {
	system, trace, err := k.question(ctx, job)
	if err != nil {
		return nil, trace, err
	}
	if job.Dispute == nil {
		return nil, trace, types.ErrInvariant.Wrapf("job %d: %s without a dispute", job.Id, job.State.Lifecycle())
	}
	disputable, can := system.(types.Disputable)
	if !can {
		return nil, trace, types.ErrUndisputable.Wrapf("job %d: assurance %s", job.Id, job.Assurance.Word())
	}
	trace, err = disputable.Dispute(trace, job.Dispute.Number, job.Dispute.Entry.Position())
	return system, trace, err
}
