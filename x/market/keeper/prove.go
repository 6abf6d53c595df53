package keeper

import (
	"bytes"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/program"
)

// ProveResult takes the roots that open the commitment and one proof a position, and queues them for verification. What is
// refused here changes nothing and costs the worker nothing but gas; only a proof that is well formed and false is punished.
func (k *Keeper) ProveResult(ctx sdk.Context, worker sdk.AccAddress, answer *types.MsgProveResult) error {
	job, err := k.Job(ctx, answer.JobId)
	if err != nil {
		return err
	}
	if err := k.checkAnswer(ctx, &job, worker, answer); err != nil {
		return err
	}
	system, trace, err := k.question(ctx, &job)
	if err != nil {
		return err
	}
	trace.Steps = answer.StepRoots
	if err := checkRoots(&job, system, trace); err != nil {
		return err
	}
	if err := system.Admit(ctx, trace, answer.Proofs); err != nil {
		return types.ErrProofs.Wrapf("job %d: %s", job.Id, err)
	}
	if err := k.proofs.Set(ctx, job.Id, types.ProofSet{Proofs: answer.Proofs}); err != nil {
		return err
	}
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	if _, err := k.move(ctx, &job, lifecycle.Prove, func(job *types.Job) {
		job.StepRoots, job.Due = answer.StepRoots, now
	}); err != nil {
		return err
	}
	return ctx.EventManager().EmitTypedEvent(&types.EventProofSubmitted{JobId: job.Id, Attempt: job.Attempt, Worker: job.Worker})
}

// CheckAnswer tells cheaply why an answer would be refused before its proofs are looked at; nil where they would be.
func (k *Keeper) CheckAnswer(ctx sdk.Context, worker sdk.AccAddress, answer *types.MsgProveResult) error {
	job, err := k.Job(ctx, answer.JobId)
	if err != nil {
		return err
	}
	return k.checkAnswer(ctx, &job, worker, answer)
}

// checkAnswer checks who answers what and when. An attempt is proven once: whether a second proof is the same bytes,
// re-randomised or new makes no difference, since only the statement's key — job, attempt, worker — is looked at.
func (k *Keeper) checkAnswer(ctx sdk.Context, job *types.Job, worker sdk.AccAddress, answer *types.MsgProveResult) error {
	if err := checkTurn(job, worker, answer.Attempt); err != nil {
		return err
	}
	if len(job.StepRoots) > 0 {
		return types.ErrAlreadyProven.Wrapf("job %d: attempt %d, now %s", job.Id, job.Attempt, job.State.Lifecycle())
	}
	if _, err := transition(job, lifecycle.Prove); err != nil {
		return err
	}
	if answer.Round != job.Round {
		return types.ErrWrongRound.Wrapf("job %d: round is %d, the job was sampled by %d", job.Id, answer.Round, job.Round)
	}
	return k.checkInTime(ctx, job, "proof")
}

// checkRoots checks that the roots are canonical, one a step, and what was committed to.
func checkRoots(job *types.Job, system types.ProofSystem, trace challenge.Trace) error {
	if want := len(trace.Program.Steps); len(trace.Steps) != want {
		return types.ErrRoots.Wrapf("job %d: step_roots has %d entries: the program has %d steps", job.Id, len(trace.Steps), want)
	}
	for i, root := range trace.Steps {
		if err := system.CheckRoot(program.TENSOR_KIND_PLAIN, root); err != nil {
			return types.ErrRoots.Wrapf("job %d: step_roots[%d]: %s", job.Id, i, err)
		}
	}
	opened, err := program.CommitmentHash(trace.Claim, trace.Steps)
	if err != nil {
		return types.ErrRoots.Wrapf("job %d: %s", job.Id, err)
	}
	if !bytes.Equal(opened[:], job.Commitment) {
		return types.ErrCommitmentMismatch.Wrapf("job %d: attempt %d committed to %X", job.Id, job.Attempt, job.Commitment)
	}
	return nil
}
