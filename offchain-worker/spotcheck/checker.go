package spotcheck

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/offchain-worker/journal"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// Chain shows the checks.
type Chain interface {
	// SpotChecks are the last checks of an operator's devices, with the clock of their deadlines.
	SpotChecks(ctx context.Context, operator sdk.AccAddress) ([]chain.CheckView, error)
}

// Sender sends transactions of the hot key.
type Sender interface {
	// Send calls record with the signed transaction before it sends it.
	Send(ctx context.Context, record func(chain.SignedTx) error, messages ...sdk.Msg) (chain.SignedTx, error)
	// Resolve tells what became of a recorded transaction, and sends it again if this process has not.
	Resolve(ctx context.Context, signed chain.SignedTx) (chain.Outcome, error)
	// OnBehalf wraps messages that the operator has granted.
	OnBehalf(messages ...sdk.Msg) sdk.Msg
}

// Log is the write-ahead journal. Checks have one of their own, in which the job is the check's number.
type Log interface {
	Append(job uint64, attempt uint32, step journal.Step, data any) error
}

// Observer hears what happens, for metrics.
type Observer interface {
	// CheckComputed tells how long a check's products took.
	CheckComputed(took time.Duration)
	// CheckEnded tells how a check ended.
	CheckEnded(state registrytypes.CheckState)
}

// Config is what a checker works with; all but Now is required.
type Config struct {
	Operator sdk.AccAddress
	// Poll is the time between two looks at the chain.
	Poll time.Duration
	// Kernel computes on a device, named by its id, at a measured speed in multiply-accumulates a second, from which it is told how long
	// a check will take; false for devices that aren't this machine's or don't work, which are left alone.
	Kernel func(device []byte) (kernel compute.Kernel, rate float64, ok bool)
	// Threads of the processor that matrices and hashes are made on; 0 is all.
	Threads int
	// Busy is how many jobs compute now. A check waits for them as long as it can afford to.
	Busy     func() int
	Chain    Chain
	Sender   Sender
	Journal  Log
	Observer Observer
	Log      *slog.Logger
	// Now is the clock; time.Now if nil.
	Now func() time.Time
}

func (c *Config) validate() error {
	switch {
	case c.Operator.Empty() || c.Poll <= 0:
		return errors.New("spot checks: operator and poll interval are required")
	case c.Kernel == nil || c.Busy == nil || c.Chain == nil || c.Sender == nil || c.Journal == nil || c.Observer == nil || c.Log == nil:
		return errors.New("spot checks: kernels, load, chain, sender, journal, observer and log are required")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return nil
}

// Checker answers the checks of one operator's devices on this machine.
type Checker struct {
	config Config

	mu    sync.Mutex
	tasks map[uint64]*task
	// rounds are those that own checks wait for.
	rounds map[uint64]struct{}
}

// New makes a checker that goes on with what the journal's entries leave unfinished.
func New(config Config, entries []journal.Entry) (*Checker, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	c := &Checker{config: config, tasks: make(map[uint64]*task), rounds: make(map[uint64]struct{})}
	for _, entry := range entries {
		if err := c.task(entry.Job).apply(entry); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// Unfinished tells whether the journal entry belongs to a check that has not ended, for the journal's compaction.
func (c *Checker) Unfinished(entry journal.Entry) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, ok := c.tasks[entry.Job]
	return ok && !t.done
}

// AwaitsRound tells whether a check of this worker waits for a beacon round.
func (c *Checker) AwaitsRound(round uint64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, awaited := c.rounds[round]
	return awaited
}

func (c *Checker) task(id uint64) *task {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, ok := c.tasks[id]
	if !ok {
		t = &task{checker: c, id: id, log: c.config.Log.With("check", id)}
		c.tasks[id] = t
	}
	return t
}

// Run answers until the context ends, or until the journal can't be written: without a journal nothing may be sent.
func (c *Checker) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wait sync.WaitGroup
	defer wait.Wait()
	for {
		c.look(ctx, func(t *task, view chain.CheckView, kernel compute.Kernel) {
			wait.Go(func() {
				defer t.working.Store(false)
				if err := t.step(ctx, view, kernel); err != nil {
					cancel(err)
				}
			})
		})
		select {
		case <-ctx.Done():
			if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
				return cause
			}
			return ctx.Err()
		case <-time.After(c.config.Poll):
		}
	}
}

// look asks for the checks of the devices and has each that isn't in work do its next step.
func (c *Checker) look(ctx context.Context, work func(*task, chain.CheckView, compute.Kernel)) {
	views, err := c.config.Chain.SpotChecks(ctx, c.config.Operator)
	if err != nil {
		if ctx.Err() == nil {
			c.config.Log.Warn("can't list spot checks, trying again", "error", err)
		}
		return
	}
	rounds := make(map[uint64]struct{})
	present := make(map[uint64]struct{}, len(views))
	for _, view := range views {
		kernel, rate, mine := c.config.Kernel(view.Check.Device)
		if !mine {
			continue
		}
		present[view.Check.Id] = struct{}{}
		if view.Check.Waiting() {
			rounds[view.Check.Round] = struct{}{}
		}
		t, known := c.known(view)
		if !known || !t.working.CompareAndSwap(false, true) {
			continue
		}
		if t.done {
			t.working.Store(false)
			continue
		}
		t.rate = rate
		work(t, view, kernel)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rounds = rounds
	for id, t := range c.tasks {
		if _, still := present[id]; !still && t.working.CompareAndSwap(false, true) {
			// The chain has gone on to another check of the device, or the device is gone.
			delete(c.tasks, id)
		}
	}
}

// known is the task of a check that is open, or that was in this worker's journal.
func (c *Checker) known(view chain.CheckView) (*task, bool) {
	c.mu.Lock()
	t, known := c.tasks[view.Check.Id]
	c.mu.Unlock()
	if known {
		return t, true
	}
	if !view.Check.Open() {
		return nil, false
	}
	c.config.Log.Info("spot check", "check", view.Check.Id, "device", hex.EncodeToString(view.Check.Device[:8]),
		"size", view.Check.Size_, "steps", view.Check.Steps, "state", fmt.Sprint(view.Check.State))
	return c.task(view.Check.Id), true
}
