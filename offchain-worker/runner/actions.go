package runner

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/journal"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// fetch prepares the inputs. When they can't be had it tries again while there is time, and then reports them.
func (t *task) fetch(ctx context.Context, view chain.JobView) (bool, error) {
	kind, err := t.runner.config.Kinds.Kind(view.Spec.Policy)
	if err != nil {
		return false, err
	}
	start := t.runner.config.Now()
	err = kind.Prepare(ctx, t.assignment(view))
	var missing *InputError
	switch {
	case err == nil:
		return true, t.record(journal.StepFetched, nil, t.runner.config.Now().Sub(start))
	case !errors.As(err, &missing):
		return false, fmt.Errorf("prepare: %w", err)
	}
	t.fetches++
	remaining, limited := view.Remaining(t.runner.config.Now())
	late := limited && remaining <= t.runner.config.ReportBefore
	if !assigned(view.Job.State) || (t.fetches < t.runner.config.FetchTries && !late) {
		return false, err
	}
	t.log.Warn("inputs unavailable, reporting", "input", missing.Index, "error", missing.Err)
	return true, t.send(ctx, journal.StepReportIntent, &markettypes.MsgReportUnavailable{
		Worker: t.runner.config.Operator.String(), JobId: view.Job.Id, Attempt: view.Job.Attempt, Input: missing.Index,
	})
}

// execute runs the job on a lane, unless it can't be finished before the deadline.
func (t *task) execute(ctx context.Context, view chain.JobView) (bool, error) {
	kind, err := t.runner.config.Kinds.Kind(view.Spec.Policy)
	if err != nil {
		return false, err
	}
	release, err := t.runner.lane(ctx)
	if err != nil {
		return false, err
	}
	defer release()
	if t.tooLate(view) {
		return false, nil
	}
	start := t.runner.config.Now()
	trace, err := kind.Run(ctx, t.assignment(view))
	if err != nil {
		return false, fmt.Errorf("run: %w", err)
	}
	return true, t.record(journal.StepExecuted, trace, t.runner.config.Now().Sub(start))
}

// assigned tells whether a job in a state waits for a commitment.
func assigned(state markettypes.JobState) bool {
	return state == markettypes.JOB_STATE_ASSIGNED || state == markettypes.JOB_STATE_REPLICATING
}

// tooLate tells whether computing would only burn power: the commitment can't be there in time. It says so once.
func (t *task) tooLate(view chain.JobView) bool {
	remaining, limited := view.Remaining(t.runner.config.Now())
	if !limited || !assigned(view.Job.State) {
		return false
	}
	need := time.Duration(float64(view.Job.Work) / t.runner.config.rate(view.Job.Device) * float64(time.Second))
	if remaining > need {
		return false
	}
	if !t.hopeless {
		t.hopeless = true
		t.log.Error("can't finish before the deadline, skipping the work", "needs", need, "remaining", remaining)
	}
	return true
}

func (t *task) commit(ctx context.Context, view chain.JobView) error {
	kind, err := t.runner.config.Kinds.Kind(view.Spec.Policy)
	if err != nil {
		return err
	}
	commitment, err := kind.Commit(t.assignment(view), t.progress.Trace)
	if err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return t.send(ctx, journal.StepCommitIntent, &markettypes.MsgCommitResult{
		Worker: t.runner.config.Operator.String(), JobId: view.Job.Id, Attempt: view.Job.Attempt, Commitment: commitment,
	})
}

// noteCommitted journals what the chain shows, and tells if the commitment there is not this worker's.
func (t *task) noteCommitted(view chain.JobView) error {
	if kind, err := t.runner.config.Kinds.Kind(view.Spec.Policy); err == nil && t.progress.Executed {
		own, err := kind.Commit(t.assignment(view), t.progress.Trace)
		if shown := t.commitmentOf(view); err != nil || !bytes.Equal(own, shown) {
			t.log.Error("the commitment on the chain is not this worker's: does another process use the operator's grants?",
				"on_chain", fmt.Sprintf("%x", shown), "own", fmt.Sprintf("%x", own))
		}
	}
	return t.record(journal.StepCommitted, map[string]any{"round": view.Job.Round}, 0)
}

// commitmentOf is what the chain has of this worker.
func (t *task) commitmentOf(view chain.JobView) []byte {
	if view.Job.Replicas > 0 {
		return t.replica(view).Commitment
	}
	return view.Job.Commitment
}

func (t *task) prove(ctx context.Context, view chain.JobView) (bool, error) {
	kind, err := t.runner.config.Kinds.Kind(view.Spec.Policy)
	if err != nil {
		return false, err
	}
	answer, err := t.runner.config.Market.Challenge(ctx, view.Job.Id)
	if err != nil {
		return false, err
	}
	if len(answer.Seed) != 32 {
		return false, fmt.Errorf("challenge seed has %d bytes, must have 32", len(answer.Seed))
	}
	release, err := t.runner.lane(ctx)
	if err != nil {
		return false, err
	}
	defer release()
	start := t.runner.config.Now()
	challenge := Challenge{Seed: [32]byte(answer.Seed), Positions: answer.Positions}
	proofs, err := kind.Prove(ctx, t.assignment(view), t.progress.Trace, challenge)
	if errors.Is(err, ErrWithheld) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("prove: %w", err)
	}
	return true, t.record(journal.StepProved, proofsData{Proofs: proofs}, t.runner.config.Now().Sub(start))
}

// submitProof answers together with other jobs that are ready, unless that failed before.
func (t *task) submitProof(ctx context.Context, view chain.JobView) error {
	answer := &markettypes.MsgProveResult{
		Worker: t.runner.config.Operator.String(), JobId: view.Job.Id, Attempt: view.Job.Attempt, Round: view.Job.Round,
		StepRoots: t.progress.Trace.StepRoots, Proofs: t.progress.Proofs,
	}
	if t.alone {
		return t.send(ctx, journal.StepProveIntent, answer)
	}
	return t.dispatch(journal.StepProveIntent, func(record func(Intent) error) error {
		shared, err := t.runner.bundle.send(ctx, record, answer)
		t.alone = shared && err != nil && !errors.Is(err, chain.ErrUnknown)
		return err
	})
}

// noteProven publishes the result before it journals, so that a crash between the two only publishes again.
func (t *task) noteProven(ctx context.Context, view chain.JobView) error {
	kind, err := t.runner.config.Kinds.Kind(view.Spec.Policy)
	if err != nil {
		return err
	}
	if err := kind.Publish(ctx, t.assignment(view), t.progress.Trace); err != nil && !errors.Is(err, ErrWithheld) {
		return fmt.Errorf("publish: %w", err)
	}
	return t.record(journal.StepProven, nil, 0)
}

// deliver answers a claim with the sealed result.
func (t *task) deliver(ctx context.Context, view chain.JobView) (bool, error) {
	kind, err := t.runner.config.Kinds.Kind(view.Spec.Policy)
	if err != nil {
		return false, err
	}
	sealed, err := kind.Seal(ctx, t.assignment(view), t.progress.Trace)
	if errors.Is(err, ErrWithheld) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("seal: %w", err)
	}
	return true, t.send(ctx, journal.StepDeliverIntent, &markettypes.MsgDeliverResult{
		Worker: t.runner.config.Operator.String(), JobId: view.Job.Id, Sealed: sealed,
	})
}

// open opens the result's commitment at the point that a contest drew.
func (t *task) open(ctx context.Context, view chain.JobView) (bool, error) {
	kind, err := t.runner.config.Kinds.Kind(view.Spec.Policy)
	if err != nil {
		return false, err
	}
	opening, err := kind.Open(ctx, t.assignment(view), t.progress.Trace, view.Job.ContestPoint)
	if errors.Is(err, ErrWithheld) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("open: %w", err)
	}
	return true, t.send(ctx, journal.StepOpenIntent, &markettypes.MsgAnswerContest{
		Worker: t.runner.config.Operator.String(), JobId: view.Job.Id, Opening: opening,
	})
}

// send journals the signed transaction and sends it. A refusal is journalled too, since nothing is on its way then.
func (t *task) send(ctx context.Context, purpose journal.Step, message sdk.Msg) error {
	return t.dispatch(purpose, func(record func(Intent) error) error {
		journalled := func(signed chain.SignedTx) error { return record(Intent{Tx: signed}) }
		_, err := t.runner.config.Sender.Send(ctx, journalled, t.runner.config.Sender.OnBehalf(message))
		return err
	})
}

// dispatch has a transaction sent that is journalled first. A refusal is journalled too, since nothing is on its way then.
func (t *task) dispatch(purpose journal.Step, send func(record func(Intent) error) error) error {
	recorded := false
	err := send(func(intent Intent) error {
		recorded = true
		return t.record(purpose, intent, 0)
	})
	switch {
	case err == nil || errors.Is(err, errJournal):
		return err
	case errors.Is(err, chain.ErrUnknown):
		return nil
	case errors.Is(err, chain.ErrRefused) && recorded:
		if failed := t.record(journal.StepTxFailed, map[string]any{"error": err.Error()}, 0); failed != nil {
			return failed
		}
	}
	return fmt.Errorf("send %s: %w", purpose, err)
}

// resolve finds out what became of the intent. Only a transaction that can never count any more makes room for another,
// and then the chain's state is read again before anything is sent.
func (t *task) resolve(ctx context.Context) (bool, error) {
	intent := t.progress.Intent
	outcome, err := t.runner.config.Sender.Resolve(ctx, intent.Tx)
	if err != nil {
		return false, err
	}
	switch {
	case outcome.OK() && intent.Purpose == journal.StepHandOverIntent:
		// The state that shows it may be over by now: a second claim follows on it.
		return true, t.record(journal.StepHandedOver, nil, 0)
	case outcome.State == chain.TxPending || outcome.OK():
		return false, nil
	case outcome.State == chain.TxDead:
		t.log.Warn("transaction expired", "purpose", string(intent.Purpose), "tx", intent.Tx.Hash)
	default:
		t.log.Warn("transaction failed", "purpose", string(intent.Purpose), "tx", intent.Tx.Hash, "code", outcome.Code, "log", outcome.Log)
	}
	// Another job's answer in the same transaction may be what failed.
	t.alone = intent.Purpose == journal.StepProveIntent
	if intent.Purpose == journal.StepHandOverIntent {
		t.receipts = nil // The receipts may be what failed, or too short by now.
	}
	if err := t.record(journal.StepTxFailed, map[string]any{"code": outcome.Code, "log": outcome.Log}, 0); err != nil {
		return false, err
	}
	// A failed transaction would fail again at once: wait for the next poll.
	return false, nil
}
