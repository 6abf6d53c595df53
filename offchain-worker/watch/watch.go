// Package watch is the watcher's side of a dispute: it follows proven jobs, recomputes those whose inputs are public, compares them
// with what their workers committed to, and disputes an entry that is wrong. One honest watcher suffices against one wrong entry.
package watch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/journal"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// Market is the chain's view of jobs and disputes.
type Market interface {
	// DisputableJobs are the jobs that may be disputed now, oldest first.
	DisputableJobs(ctx context.Context) ([]markettypes.Job, error)
	// Job is one job; errors wrap chain.ErrNotFound once it is pruned.
	Job(ctx context.Context, id uint64) (chain.JobView, error)
	// DisputeTerms are what a dispute would cost now, and what stands in its way.
	DisputeTerms(ctx context.Context, id uint64) (markettypes.QueryDisputeTermsResponse, error)
	// Endpoint is the URL of a worker.
	Endpoint(ctx context.Context, worker string) (string, error)
}

// Sender sends transactions of the watcher's key.
type Sender interface {
	Address() sdk.AccAddress
	// Send calls record with the signed transaction before it sends it.
	Send(ctx context.Context, record func(chain.SignedTx) error, messages ...sdk.Msg) (chain.SignedTx, error)
	// Resolve tells what became of a recorded transaction, and sends it again if this process has not.
	Resolve(ctx context.Context, signed chain.SignedTx) (chain.Outcome, error)
}

// Executor computes programs; the outputs of all steps equal the reference interpreter's.
type Executor interface {
	Execute(ctx context.Context, p program.Program, inputs []*tensor.Tensor) ([]*tensor.Tensor, error)
}

// Fetch downloads a blob and verifies it; blob.Fetcher.Fetch does.
type Fetch func(ctx context.Context, request blob.Request) ([]byte, *tensor.Tensor, error)

// Log is the write-ahead journal.
type Log interface {
	Append(job uint64, attempt uint32, step journal.Step, data any) error
}

// Config is what a watcher works with; Sender may be nil in a dry run, all else is required.
type Config struct {
	Market   Market
	Sender   Sender
	Executor Executor
	Fetch    Fetch
	Journal  Log
	Log      *slog.Logger
	// Tell hears of every attempt that was looked at and of every dispute.
	Tell func(Line)
	// Chosen draws the attempts to be looked at; see Draw.
	Chosen func(job uint64, attempt uint32) bool
	// MaxWork is the most multiply-accumulates of a job that is recomputed.
	MaxWork uint64
	// MaxBonds bounds what disputes may hold and lose, all together.
	MaxBonds sdk.Coin
	// MinLeft is the time that must be left to look at a job at all.
	MinLeft time.Duration
	// Skip are workers that are not watched: one's own.
	Skip []string
	// Poll is the time between two looks at the chain.
	Poll time.Duration
	// DryRun sends and journals nothing.
	DryRun bool
	// Now is the clock; time.Now if nil.
	Now func() time.Time
}

func (c *Config) validate() error {
	switch {
	case c.Market == nil || c.Executor == nil || c.Fetch == nil || c.Log == nil || c.Tell == nil || c.Chosen == nil:
		return errors.New("watch: market, executor, fetch, log, tell and chosen are required")
	case !c.DryRun && (c.Sender == nil || c.Journal == nil):
		return errors.New("watch: a key and a journal are required, unless nothing is sent")
	case c.Poll <= 0 || c.MaxWork == 0 || c.MinLeft < 0:
		return errors.New("watch: the poll interval and the most work must be above 0")
	case c.MaxBonds.Validate() != nil:
		return fmt.Errorf("watch: most of bonds: %w", c.MaxBonds.Validate())
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return nil
}

// Line tells one thing that happened.
type Line struct {
	Time    time.Time `json:"time"`
	Job     uint64    `json:"job"`
	Attempt uint32    `json:"attempt"`
	Worker  string    `json:"worker"`
	// What is the verdict of an examination, or "disputed", "won", "lost", "skipped", "dry-run".
	What   string             `json:"what"`
	Entry  *markettypes.Entry `json:"entry,omitempty"`
	Theirs *int32             `json:"theirs,omitempty"`
	Own    *int32             `json:"own,omitempty"`
	Bond   string             `json:"bond,omitempty"`
	Detail string             `json:"detail,omitempty"`
}

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
	if job.Work > w.config.MaxWork {
		return fmt.Sprintf("%d multiply-accumulates, more than %d", job.Work, w.config.MaxWork)
	}
	if !w.config.Chosen(job.Id, job.Attempt) {
		return "not drawn"
	}
	return ""
}

// dispute sends a dispute within the budget.
func (w *Watcher) dispute(ctx context.Context, view chain.JobView, f Finding) error {
	job := view.Job
	line := Line{Entry: &f.Entry, Theirs: &f.Theirs, Own: &f.Own}
	terms, err := w.config.Market.DisputeTerms(ctx, job.Id)
	if err != nil {
		w.config.Log.Warn("can't ask for the terms of a dispute, trying again", "job", job.Id, "error", err)
		return nil
	}
	line.Bond = terms.Bond.String()
	held := w.book.committed()
	switch {
	case terms.Obstacle != "":
		line.What, line.Detail = string(Wrong), "can't be disputed now: "+terms.Obstacle
	case terms.Bond.Denom != w.config.MaxBonds.Denom || held.Add(terms.Bond.Amount).GT(w.config.MaxBonds.Amount):
		line.What = string(Wrong)
		line.Detail = fmt.Sprintf("not disputed: %s%s are held or lost of at most %s", held, w.config.MaxBonds.Denom, w.config.MaxBonds)
	case w.config.DryRun:
		w.tries[attempt{job.Id, job.Attempt}] = maxTries
		line.What, line.Detail = "dry-run", "would be disputed"
	default:
		return w.send(ctx, view, f, terms.Bond, line)
	}
	w.tell(job, line)
	return nil
}

// send journals the signed dispute and sends it.
func (w *Watcher) send(ctx context.Context, view chain.JobView, f Finding, bond sdk.Coin, line Line) error {
	key := attempt{view.Job.Id, view.Job.Attempt}
	record := func(signed chain.SignedTx) error {
		return w.record(key, StepIntent, Intent{Tx: signed, Entry: f.Entry, Bond: bond.Amount})
	}
	_, err := w.config.Sender.Send(ctx, record, &markettypes.MsgDisputeResult{
		Challenger: w.config.Sender.Address().String(), JobId: key.job, Attempt: key.number, Entry: f.Entry, MaxBond: bond,
	})
	switch {
	case errors.Is(err, errJournal):
		return err
	case errors.Is(err, chain.ErrRefused) && w.book[key] != nil && w.book[key].intent != nil:
		if failed := w.record(key, StepFailed, nil); failed != nil {
			return failed
		}
		fallthrough
	case err != nil && !errors.Is(err, chain.ErrUnknown):
		line.What, line.Detail = string(Wrong), fmt.Sprintf("the dispute was not taken: %s", err)
		w.tell(view.Job, line)
		return nil
	}
	line.What = "disputed"
	w.tell(view.Job, line)
	return nil
}

// follow finds out what became of a dispute that was sent.
func (w *Watcher) follow(ctx context.Context, key attempt) error {
	if w.config.DryRun {
		return nil
	}
	at := w.book[key]
	if !at.open {
		outcome, err := w.config.Sender.Resolve(ctx, at.intent.Tx)
		switch {
		case err != nil || outcome.State == chain.TxPending:
			return ctx.Err()
		case !outcome.OK():
			w.config.Log.Warn("a dispute had no effect", "job", key.job, "code", outcome.Code, "log", outcome.Log)
			return w.record(key, StepFailed, nil)
		}
		if err := w.record(key, StepOpen, nil); err != nil {
			return err
		}
	}
	view, err := w.config.Market.Job(ctx, key.job)
	if errors.Is(err, chain.ErrNotFound) {
		return w.over(key, markettypes.Job{Id: key.job, Attempt: key.number}, End{Lost: math.ZeroInt()}, "the chain has forgotten the job")
	}
	if err != nil {
		return ctx.Err()
	}
	end, over := endOf(view.Job, key, at.intent)
	if !over {
		return nil
	}
	return w.over(key, view.Job, end, "")
}

// endOf tells how a dispute of an attempt ended, from what the job shows now; false while it is open.
func endOf(job markettypes.Job, key attempt, intent *Intent) (End, bool) {
	ours := job.Dispute != nil && job.Attempt == key.number && job.Dispute.Entry == intent.Entry
	if ours {
		return End{}, false
	}
	if job.Attempt == key.number && len(job.StepRoots) > 0 {
		// The attempt stands: the entry was proven. A bond that came back because the chain could not check is counted as lost too, which
		// only makes the budget smaller.
		return End{Lost: intent.Bond}, true
	}
	return End{Won: true, Lost: math.ZeroInt()}, true
}

func (w *Watcher) over(key attempt, job markettypes.Job, end End, detail string) error {
	what := "lost"
	if end.Won {
		what = "won"
	}
	entry := w.book[key].intent.Entry
	job.Attempt = key.number
	w.tell(job, Line{What: what, Entry: &entry, Detail: detail})
	return w.record(key, StepOver, end)
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
