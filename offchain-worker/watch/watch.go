// Package watch is the watcher's side of a dispute: it follows proven jobs, recomputes those whose inputs are public, compares them
// with what their workers committed to, and disputes an entry that is wrong. One honest watcher suffices against one wrong entry.
package watch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/offchain-worker/journal"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// maxTries is how often an attempt of which nothing is known is looked at.
const maxTries = 5

// Watcher follows the jobs of a chain.
type Watcher struct {
	config Config
	book   book
	// tries counts looks at an attempt.
	tries map[attempt]int
}

// New makes a watcher that goes on with what the journal's entries leave open.
func New(config Config, entries []journal.Entry) (*Watcher, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	w := &Watcher{config: config, book: book{}, tries: map[attempt]int{}}
	for _, e := range entries {
		if err := w.book.apply(e); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// Unfinished tells whether a journal entry is still needed at the next start: those of disputes, for the budget.
func (w *Watcher) Unfinished(e journal.Entry) bool {
	at := w.book[attempt{e.Job, e.Attempt}]
	return at != nil && (at.intent != nil || at.end != nil)
}

// Pending tells whether the end of a dispute is not known yet.
func (w *Watcher) Pending() bool { return len(w.book.pending()) > 0 }

// Lost is what disputes have lost of their bonds, in base units.
func (w *Watcher) Lost() math.Int { return w.book.lost() }

// Run looks at the chain again and again until the context ends, or until the journal can't be written: without a journal nothing
// may be sent.
func (w *Watcher) Run(ctx context.Context) error {
	for {
		if err := w.Once(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(w.config.Poll):
		}
	}
}

// errJournal marks failures after which the process must stop.
var errJournal = errors.New("the watcher's journal failed")

// Once looks at everything once. It returns only errors that must stop the watcher, and the context's.
func (w *Watcher) Once(ctx context.Context) error {
	for _, key := range w.book.pending() {
		if err := w.follow(ctx, key); err != nil {
			return err
		}
	}
	jobs, err := w.config.Market.DisputableJobs(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		w.config.Log.Warn("can't list jobs, trying again", "error", err)
		return nil
	}
	for _, job := range jobs {
		if err := w.look(ctx, job); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// look examines a job, unless it was looked at before or is not to be.
func (w *Watcher) look(ctx context.Context, job markettypes.Job) error {
	key := attempt{job.Id, job.Attempt}
	if w.book.done(key) || w.tries[key] >= maxTries {
		return nil
	}
	if why := w.skips(job); why != "" {
		w.tell(job, Line{What: "skipped", Detail: why})
		return w.seen(key, Seen{Reason: why})
	}
	view, err := w.config.Market.Job(ctx, job.Id)
	if err != nil || view.Job.Attempt != job.Attempt || !view.Job.State.Lifecycle().Disputable() {
		return ctx.Err()
	}
	if left, limited := view.Remaining(w.config.Now()); !limited || left < w.config.MinLeft {
		return nil
	}
	w.tries[key]++
	finding := w.examine(ctx, view)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case finding.Verdict == Right:
		w.tell(job, Line{What: string(Right)})
		return w.seen(key, Seen{Verdict: Right})
	case finding.Verdict == Wrong:
		return w.dispute(ctx, view, finding)
	case w.tries[key] == 1 || w.tries[key] == maxTries:
		w.tell(job, Line{What: string(Unknown), Detail: finding.Reason})
	}
	return nil
}

// skips tells why a job is not looked at; empty when it is.
func (w *Watcher) skips(job markettypes.Job) string {
	for _, own := range w.config.Skip {
		if job.Worker == own {
			return "its worker is one's own"
		}
	}
	switch job.Assurance {
	case markettypes.ASSURANCE_FULL:
		return "every entry of it was proven"
	case markettypes.ASSURANCE_MODEL:
		return "whole rows of it were proven: no entry can be disputed"
	}
	if job.Work > w.config.MaxWork {
		return fmt.Sprintf("%d multiply-accumulates, more than %d", job.Work, w.config.MaxWork)
	}
	if !w.config.Chosen(job.Id, job.Attempt) {
		return "not drawn"
	}
	return ""
}

// seen journals that an attempt needs nothing.
func (w *Watcher) seen(key attempt, why Seen) error { return w.record(key, StepSeen, why) }

// record journals a step and takes it in; a dry run only does the latter.
func (w *Watcher) record(key attempt, step journal.Step, data any) error {
	if !w.config.DryRun {
		if err := w.config.Journal.Append(key.job, key.number, step, data); err != nil {
			return fmt.Errorf("%w: %w", errJournal, err)
		}
	}
	raw, err := marshal(data)
	if err != nil {
		return fmt.Errorf("%w: %w", errJournal, err)
	}
	return w.book.apply(journal.Entry{Job: key.job, Attempt: key.number, Step: step, Data: raw})
}

func (w *Watcher) tell(job markettypes.Job, line Line) {
	line.Time, line.Job, line.Attempt, line.Worker = w.config.Now().UTC(), job.Id, job.Attempt, job.Worker
	w.config.Tell(line)
}
