package runner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/journal"
	"github.com/assaychain/assay/offchain-worker/relay"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// maxPause bounds the time between two tries of something that fails.
const maxPause = 5 * time.Second

// missingLooks is how often in a row the chain must not know a job before it is given up.
const missingLooks = 5

// errJournal marks failures after which the process must stop.
var errJournal = errors.New("journal failed")

// task is one attempt in work. Its fields are its goroutine's own, but for the atomic ones.
type task struct {
	runner   *Runner
	progress Progress
	log      *slog.Logger
	wake     chan struct{}
	ended    atomic.Bool
	// urgent is whether the chain waits for this worker with a deadline that punishes it, or soon will.
	urgent   atomic.Bool
	started  bool
	fetches  int
	missing  int
	hopeless bool
	// alone is set once an answer failed together with others.
	alone bool
	// confessed is the last dispute that this worker found to be lost.
	confessed uint32
	// speechless is set once a commitment could not be opened.
	speechless bool
	// receipts are those of the relays in the order drawn, nil where there is none yet, of the box that receiptsOf names.
	receipts   []*markettypes.RelayReceipt
	receiptsOf relay.Parcel
}

// poke makes a waiting task look at the chain again.
func (t *task) poke() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// run works on the attempt until it is over. It only returns an error that must stop the worker.
func (t *task) run(ctx context.Context) error {
	pause := t.runner.config.Poll
	for !t.progress.Done {
		moved, err := t.step(ctx)
		switch {
		case errors.Is(err, errJournal):
			return err
		case ctx.Err() != nil:
			return nil
		case err != nil:
			t.log.Warn("step failed, trying again", "error", err, "in", pause)
			pause = min(2*pause, maxPause)
			t.sleep(ctx, pause)
			continue
		case moved:
			pause = t.runner.config.Poll
			continue
		}
		t.sleep(ctx, t.runner.config.Poll)
	}
	t.ended.Store(true)
	return nil
}

// sleep waits for the time, the runner's poke or the end. A poke does not shorten the pause after a failure, since pokes
// come with every poll; it only ever saves a part of one poll.
func (t *task) sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	wake := t.wake
	if d > t.runner.config.Poll {
		wake = nil
	}
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-wake:
	}
}

// step looks at the chain and does the next thing; it tells whether anything changed.
func (t *task) step(ctx context.Context) (bool, error) {
	view, err := t.runner.config.Market.Job(ctx, t.progress.Job)
	if errors.Is(err, chain.ErrNotFound) {
		return t.vanished()
	}
	if err != nil {
		return false, err
	}
	t.missing = 0
	mine := t.mine(view)
	if !t.started && mine {
		t.started = true
		if err := t.begin(view); err != nil {
			return false, err
		}
	}
	t.urgent.Store(mine && urgent(view.Job.State))
	action := Next(t.progress, t.situation(view, mine))
	return t.perform(ctx, action, view, mine)
}

// urgent tells whether a stop waits for a job in a state: the worker is punished if it misses the state's deadline, or one that follows
// without another's doing.
func urgent(state markettypes.JobState) bool {
	switch state {
	case markettypes.JOB_STATE_ASSIGNED, markettypes.JOB_STATE_COMMITTED, markettypes.JOB_STATE_SAMPLED, markettypes.JOB_STATE_VERIFYING,
		markettypes.JOB_STATE_DISPUTED, markettypes.JOB_STATE_CLAIMED, markettypes.JOB_STATE_DRAWING, markettypes.JOB_STATE_RELAYING,
		markettypes.JOB_STATE_CONTESTED,
		markettypes.JOB_STATE_REPLICATING, markettypes.JOB_STATE_REVEALING, markettypes.JOB_STATE_DIVERGED, markettypes.JOB_STATE_STANDING,
		markettypes.JOB_STATE_JUDGING, markettypes.JOB_STATE_AUDITABLE:
		return true
	}
	return false
}

// vanished ends an attempt at a job that the chain has pruned. A node that was restarted may not know a job for a moment,
// so it is asked several times.
func (t *task) vanished() (bool, error) {
	if t.missing++; t.missing < missingLooks {
		return false, nil
	}
	return true, t.finish(chain.JobView{}, OutcomeUnknown)
}

// begin journals a new attempt once.
func (t *task) begin(view chain.JobView) error {
	if t.progress.Assigned {
		return nil
	}
	return t.record(journal.StepAssigned, map[string]any{"price": view.Job.Price, "work": view.Job.Work}, 0)
}

func (t *task) perform(ctx context.Context, action Action, view chain.JobView, mine bool) (bool, error) {
	switch action {
	case ActFetch:
		return t.fetch(ctx, view)
	case ActExecute:
		return t.execute(ctx, view)
	case ActCommit:
		return true, t.commit(ctx, view)
	case ActResolve:
		return t.resolve(ctx)
	case ActNoteCommitted:
		return true, t.noteCommitted(view)
	case ActNoteSampled:
		return true, t.record(journal.StepSampled, map[string]any{"round": view.Job.Round}, 0)
	case ActProve:
		return t.prove(ctx, view)
	case ActSubmitProof:
		return true, t.submitProof(ctx, view)
	case ActNoteProven:
		return true, t.noteProven(ctx, view)
	case ActDeliver:
		return t.deliver(ctx, view)
	case ActNoteDelivered:
		return true, t.record(journal.StepDelivered, nil, 0)
	case ActAnswer:
		return t.answer(ctx, view)
	case ActSubmitAnswer:
		return true, t.submitAnswer(ctx, view)
	case ActNoteAnswered:
		return true, t.noteAnswered()
	case ActHandOver:
		return t.handOver(ctx, view)
	case ActNoteHandedOver:
		return true, t.record(journal.StepHandedOver, nil, 0)
	case ActOpen:
		return t.open(ctx, view)
	case ActReveal:
		return t.reveal(ctx, view)
	case ActNoteRevealed:
		return true, t.record(journal.StepRevealed, nil, 0)
	case ActShow:
		return t.show(ctx, view)
	case ActNoteShown:
		return true, t.record(journal.StepShown, nil, 0)
	case ActAnswerDifference:
		return t.answerDifference(ctx, view)
	case ActSubmitDifference:
		return true, t.submitAnswer(ctx, view)
	case ActFinish:
		return true, t.finish(view, t.outcome(view, mine))
	default:
		return false, nil
	}
}

func (t *task) outcome(view chain.JobView, mine bool) Outcome {
	switch {
	case mine && view.Job.CloseReason == markettypes.CLOSE_REASON_SETTLED:
		return OutcomePaid
	case mine:
		return OutcomeClosed
	case t.progress.Reported:
		return OutcomeReported
	default:
		return OutcomeLost
	}
}

// record journals a step, and takes it in once it is on the disk.
func (t *task) record(step journal.Step, data any, took time.Duration) error {
	if err := t.runner.config.Journal.Append(t.progress.Job, t.progress.Attempt, step, data); err != nil {
		return fmt.Errorf("%w: %w", errJournal, err)
	}
	raw, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("%w: %w", errJournal, err)
	}
	entry := journal.Entry{Job: t.progress.Job, Attempt: t.progress.Attempt, Step: step, Data: raw}
	if err := t.progress.Apply(entry); err != nil {
		return fmt.Errorf("%w: %w", errJournal, err)
	}
	t.runner.config.Observer.Stepped(step, took)
	t.log.Info("step", "step", string(step), "took", took.Round(time.Millisecond))
	return nil
}

func (t *task) assignment(view chain.JobView) Assignment {
	a := Assignment{ChainID: t.runner.config.ChainID, Operator: t.runner.config.Operator, Job: view.Job, Spec: view.Spec}
	if own := t.replica(view); own.Worker != "" {
		a.Job.Worker, a.Job.Device = own.Worker, own.Device
	}
	return a
}

// finish ends the attempt and gives back what it held.
func (t *task) finish(view chain.JobView, outcome Outcome) error {
	a := t.assignment(view)
	a.Job.Id, a.Job.Attempt = t.progress.Job, t.progress.Attempt
	if kind, err := t.runner.config.Kinds.Kind(view.Spec.Policy); err == nil {
		kind.Cleanup(a, t.progress.Trace)
	}
	if err := t.record(journal.StepDone, map[string]any{"outcome": outcome}, 0); err != nil {
		return err
	}
	t.runner.config.Observer.Finished(outcome)
	t.log.Info("attempt over", "outcome", string(outcome), "close_reason", view.Job.CloseReason.String(),
		"failure", view.Job.LastFailure.String())
	rebate, price, took := view.Job.Rebate(), view.Job.Price, view.Job.TookMs
	if own := t.replica(view); own.Worker != "" {
		rebate, price, took = own.Rebate(view.Job.Promise), own.Price, own.TookMs
	}
	if outcome == OutcomePaid && rebate.IsPositive() {
		t.log.Warn("the commitment came later than the job's tier promises: a part of the price went back to the customer",
			"rebate", rebate.String(), "price", price.String(), "took_ms", took, "promised_ms", view.Job.Promise.PromisedMs)
	}
	return nil
}
