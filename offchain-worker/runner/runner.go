package runner

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/assaychain/assay/offchain-worker/journal"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// Runner looks after all attempts of one operator's worker.
type Runner struct {
	config Config
	lanes  chan struct{}
	bundle *bundle
	active atomic.Int64

	mu    sync.Mutex
	tasks map[key]*task
	// rounds are those that own committed jobs wait for.
	rounds map[uint64]struct{}
}

// answersWait is the part of the time between two looks at the chain that an answer waits for others: jobs that one round sampled are
// seen in the same look.
const answersWait = 4

type key struct {
	job     uint64
	attempt uint32
}

// New makes a runner that goes on with what the journal's entries leave unfinished.
func New(config Config, entries []journal.Entry) (*Runner, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	r := &Runner{
		config: config, lanes: make(chan struct{}, config.Lanes), tasks: make(map[key]*task),
		bundle: &bundle{sender: config.Sender, wait: config.Poll / answersWait},
	}
	for _, entry := range entries {
		t := r.task(key{entry.Job, entry.Attempt})
		if err := t.progress.Apply(entry); err != nil {
			return nil, err
		}
		if entry.Step == journal.StepProveIntent {
			r.share(t.progress.Intent)
		}
	}
	return r, nil
}

// share gives a journalled intent to the other attempts in its transaction: the worker may have died before it journalled theirs.
func (r *Runner) share(intent *Intent) {
	for _, other := range intent.With {
		if t, ok := r.tasks[key{other.Job, other.Attempt}]; ok && !t.progress.Done {
			t.progress.Intent = intent
		}
	}
}

// Unfinished tells whether the journal entry belongs to an attempt that has not ended, for the journal's compaction.
func (r *Runner) Unfinished(entry journal.Entry) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	t, ok := r.tasks[key{entry.Job, entry.Attempt}]
	return ok && !t.progress.Done
}

// Active is the number of attempts in work.
func (r *Runner) Active() int { return int(r.active.Load()) }

// Busy is the number of attempts for which the worker would be punished if it stopped now for long: not yet proven, disputed, claimed
// or contested.
func (r *Runner) Busy() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	busy := 0
	for _, t := range r.tasks {
		if t.urgent.Load() && !t.ended.Load() {
			busy++
		}
	}
	return busy
}

// AwaitsRound tells whether a job of this worker waits for a beacon round.
func (r *Runner) AwaitsRound(round uint64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, awaited := r.rounds[round]
	return awaited
}

// Run works until the context ends, or until the journal can't be written: without a journal nothing may be sent.
func (r *Runner) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wait sync.WaitGroup
	defer wait.Wait()
	launch := func(t *task) {
		r.active.Add(1)
		wait.Go(func() {
			defer r.active.Add(-1)
			if err := t.run(ctx); err != nil {
				cancel(err)
			}
		})
	}
	for _, t := range r.unfinished() {
		launch(t)
	}
	for {
		r.look(ctx, launch)
		select {
		case <-ctx.Done():
			if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
				return cause
			}
			return ctx.Err()
		case <-time.After(r.config.Poll):
		}
	}
}

// look asks for the operator's jobs, starts tasks for new ones and wakes those of the others.
func (r *Runner) look(ctx context.Context, launch func(*task)) {
	jobs, err := r.config.Market.ActiveJobs(ctx, r.config.Operator)
	if err != nil {
		if ctx.Err() == nil {
			r.config.Log.Warn("can't list jobs, trying again", "error", err)
		}
		return
	}
	listed := make(map[key]struct{}, len(jobs))
	for _, job := range jobs {
		id := key{job.Id, job.Attempt}
		listed[id] = struct{}{}
		if started, fresh := r.find(id, job); fresh {
			launch(started)
		} else {
			started.poke()
		}
	}
	r.forget(listed)
	r.await(jobs)
}

// await remembers which rounds own jobs wait for.
func (r *Runner) await(jobs []markettypes.Job) {
	rounds := make(map[uint64]struct{})
	for _, job := range jobs {
		switch job.State {
		case markettypes.JOB_STATE_COMMITTED:
			rounds[job.Round] = struct{}{}
		case markettypes.JOB_STATE_DRAWING:
			rounds[job.RelayRound] = struct{}{}
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rounds = rounds
}

// find returns the task of an attempt, and whether it was made now.
func (r *Runner) find(id key, job markettypes.Job) (*task, bool) {
	r.mu.Lock()
	_, known := r.tasks[id]
	r.mu.Unlock()
	t := r.task(id)
	if !known {
		r.config.Log.Info("job assigned", "job", job.Id, "attempt", job.Attempt, "price", job.Price.String(), "work", job.Work)
	}
	return t, !known
}

// forget drops finished attempts that the chain lists no more.
func (r *Runner) forget(listed map[key]struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, t := range r.tasks {
		if _, still := listed[id]; !still && t.ended.Load() {
			delete(r.tasks, id)
		}
	}
}

func (r *Runner) task(id key) *task {
	r.mu.Lock()
	defer r.mu.Unlock()
	t, ok := r.tasks[id]
	if !ok {
		t = &task{
			runner: r, wake: make(chan struct{}, 1), progress: Progress{Job: id.job, Attempt: id.attempt},
			log: r.config.Log.With("job", id.job, "attempt", id.attempt),
		}
		r.tasks[id] = t
	}
	return t
}

func (r *Runner) unfinished() []*task {
	r.mu.Lock()
	defer r.mu.Unlock()
	var tasks []*task
	for _, t := range r.tasks {
		if t.progress.Done {
			t.ended.Store(true)
			continue
		}
		tasks = append(tasks, t)
	}
	return tasks
}

// lane waits for one of the lanes and returns how to give it back.
func (r *Runner) lane(ctx context.Context) (func(), error) {
	select {
	case r.lanes <- struct{}{}:
		return func() { <-r.lanes }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a lane: %w", ctx.Err())
	}
}
