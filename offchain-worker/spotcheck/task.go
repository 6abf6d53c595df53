package spotcheck

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/offchain-worker/journal"
	"github.com/assaychain/assay/x/registry/spotcheck"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// margin is what an answer is given to reach a block, beside the time that it takes.
const margin = 3 * time.Second

// errJournal marks failures after which the process must stop.
var errJournal = errors.New("journal failed")

// task is one check. Its fields belong to the step that works on it, of which there is one at a time.
type task struct {
	checker *Checker
	id      uint64
	log     *slog.Logger
	working atomic.Bool

	// begun and done are whether the journal has the first and the last entry.
	begun, done bool
	// intent is the transaction that was meant to be sent and of which the end is not known.
	intent *intent
	// trace is what was computed; it is computed again after a restart.
	trace *spotcheck.Trace
	// rate is the device's measured speed in multiply-accumulates a second.
	rate float64
}

// intent is a journalled transaction; Purpose is the state of the check that it answers.
type intent struct {
	Purpose registrytypes.CheckState `json:"purpose"`
	Tx      chain.SignedTx           `json:"tx"`
}

// apply takes a journalled step in.
func (t *task) apply(entry journal.Entry) error {
	t.begun = true
	switch entry.Step {
	case journal.StepCommitIntent, journal.StepProveIntent:
		t.intent = &intent{}
		if err := json.Unmarshal(entry.Data, t.intent); err != nil {
			return fmt.Errorf("journal entry %d (%s of spot check %d): %w", entry.Seq, entry.Step, entry.Job, err)
		}
	case journal.StepTxFailed:
		t.intent = nil
	case journal.StepDone:
		t.done, t.intent = true, nil
	}
	return nil
}

// record journals a step, and takes it in once it is on the disk.
func (t *task) record(step journal.Step, data any) error {
	if err := t.checker.config.Journal.Append(t.id, 0, step, data); err != nil {
		return fmt.Errorf("%w: %w", errJournal, err)
	}
	raw, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("%w: %w", errJournal, err)
	}
	return t.apply(journal.Entry{Job: t.id, Step: step, Data: raw})
}

// step does the next thing for a check. It only returns an error that must stop the worker.
func (t *task) step(ctx context.Context, view chain.CheckView, kernel compute.Kernel) error {
	if !t.begun {
		if err := t.record(journal.StepAssigned, map[string]any{"device": view.Check.Device}); err != nil {
			return err
		}
	}
	err := t.perform(ctx, view, kernel)
	if err == nil || errors.Is(err, errJournal) {
		return err
	}
	if ctx.Err() == nil {
		t.log.Warn("spot check: step failed, trying again", "state", fmt.Sprint(view.Check.State), "error", err)
	}
	return nil
}

// perform decides by the chain's state, as the journal says what this worker has done.
func (t *task) perform(ctx context.Context, view chain.CheckView, kernel compute.Kernel) error {
	check := view.Check
	if t.intent != nil && t.intent.Purpose == check.State {
		return t.resolve(ctx)
	}
	switch check.State {
	case registrytypes.CHECK_STATE_PENDING:
		return nil
	case registrytypes.CHECK_STATE_SEEDED:
		return t.commit(ctx, view, kernel)
	case registrytypes.CHECK_STATE_COMMITTED:
		// A worker that was restarted computes again, so as to be ready when the round comes.
		return t.compute(ctx, check, kernel)
	case registrytypes.CHECK_STATE_SAMPLED:
		return t.open(ctx, check, kernel)
	default:
		t.checker.config.Observer.CheckEnded(check.State)
		t.log.Info("spot check over", "state", fmt.Sprint(check.State), "took_ms", check.TookMs)
		t.trace = nil
		return t.record(journal.StepDone, map[string]any{"state": check.State})
	}
}

// compute makes the products unless they are there.
func (t *task) compute(ctx context.Context, check registrytypes.SpotCheck, kernel compute.Kernel) error {
	if t.trace != nil {
		return nil
	}
	if err := check.Terms().Validate(); err != nil {
		return fmt.Errorf("the node shows terms that can't be computed: %w", err)
	}
	if len(check.Seed) != spotcheck.HashSize {
		return fmt.Errorf("the node shows a seed of %d bytes: it must have %d", len(check.Seed), spotcheck.HashSize)
	}
	start := time.Now()
	trace, err := spotcheck.Run(Engine(ctx, kernel, t.checker.config.Threads), check.Terms(), spotcheck.Hash(check.Seed))
	if err != nil {
		return fmt.Errorf("compute on %s: %w", kernel.Name(), err)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	t.trace = trace
	took := time.Since(start)
	t.checker.config.Observer.CheckComputed(took)
	t.log.Info("spot check computed", "kernel", kernel.Name(), "took", took.Round(time.Millisecond), "work", check.Terms().Work())
	return t.record(journal.StepExecuted, map[string]any{"took_ms": took.Milliseconds()})
}

// commit computes and commits, as soon as no job computes, or when it can wait no longer.
func (t *task) commit(ctx context.Context, view chain.CheckView, kernel compute.Kernel) error {
	if t.trace == nil && t.checker.config.Busy() > 0 && t.canWait(view) {
		return nil
	}
	if err := t.compute(ctx, view.Check, kernel); err != nil {
		return err
	}
	commitment := t.trace.Commitment()
	return t.send(ctx, journal.StepCommitIntent, view.Check.State, &registrytypes.MsgCommitSpotCheck{
		Operator: view.Check.Operator, Device: view.Check.Device, Check: view.Check.Id, Commitment: commitment[:],
	})
}

// canWait tells whether the check would still be in time if it began one poll later, at half of the measured speed.
func (t *task) canWait(view chain.CheckView) bool {
	takes := time.Duration(float64(view.Check.Terms().Work()) / t.rate * float64(time.Second))
	return view.Remaining(t.checker.config.Now()) > 2*takes+margin+t.checker.config.Poll
}

// open answers the challenge. What it would send is verified first: a device that computed wrong misses the check rather than proving
// against itself.
func (t *task) open(ctx context.Context, check registrytypes.SpotCheck, kernel compute.Kernel) error {
	if err := t.compute(ctx, check, kernel); err != nil {
		return err
	}
	if len(check.Challenge) != spotcheck.HashSize || len(check.Commitment) != spotcheck.HashSize {
		return errors.New("the node shows no challenge or commitment to open")
	}
	opening, err := t.trace.Open(Engine(ctx, kernel, t.checker.config.Threads), spotcheck.Hash(check.Challenge))
	if err != nil {
		return err
	}
	claim := spotcheck.Claim{
		Terms: check.Terms(), Seed: spotcheck.Hash(check.Seed), Commitment: spotcheck.Hash(check.Commitment), Challenge: spotcheck.Hash(check.Challenge),
	}
	if err := spotcheck.Verify(claim, opening); err != nil {
		t.trace = nil
		return fmt.Errorf("%s computes wrong: nothing is sent: %w", kernel.Name(), err)
	}
	return t.send(ctx, journal.StepProveIntent, check.State, registrytypes.NewMsgOpenSpotCheck(check, opening))
}

// send journals and sends an answer.
func (t *task) send(ctx context.Context, step journal.Step, purpose registrytypes.CheckState, message sdk.Msg) error {
	sender := t.checker.config.Sender
	_, err := sender.Send(ctx, func(signed chain.SignedTx) error {
		return t.record(step, intent{Purpose: purpose, Tx: signed})
	}, sender.OnBehalf(message))
	if errors.Is(err, chain.ErrRefused) && t.intent != nil {
		return errors.Join(err, t.record(journal.StepTxFailed, map[string]any{"error": err.Error()}))
	}
	if errors.Is(err, chain.ErrUnknown) {
		return nil // The next step finds out.
	}
	return err
}

// resolve finds out what became of an answer. One that is in a block needs nothing more: the check's state will show it.
func (t *task) resolve(ctx context.Context) error {
	outcome, err := t.checker.config.Sender.Resolve(ctx, t.intent.Tx)
	if err != nil || outcome.State == chain.TxPending || outcome.OK() {
		return err
	}
	return t.record(journal.StepTxFailed, map[string]any{"code": outcome.Code, "log": outcome.Log})
}
