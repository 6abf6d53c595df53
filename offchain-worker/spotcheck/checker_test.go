package spotcheck

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/offchain-worker/journal"
	"github.com/assaychain/assay/x/registry/spotcheck"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

var tested = sync.OnceValues(func() (compute.Kernel, error) {
	registry, err := compute.NewCPURegistry(context.Background(), 2)
	if err != nil {
		return nil, err
	}
	return registry.Kernel("")
})

// kernel is this machine's best, tested once.
func kernel(t testing.TB) compute.Kernel {
	best, err := tested()
	require.NoError(t, err)
	return best
}

// TestKernelsAnswerAsTheDefinition: rows of several blocks, on several threads, give what the chain checks against.
func TestKernelsAnswerAsTheDefinition(t *testing.T) {
	terms := spotcheck.Terms{Size: 2048, Steps: 2, Samples: 6}
	require.NoError(t, terms.Validate())
	engine := Engine(context.Background(), kernel(t), 2)
	seed := spotcheck.Hash{1, 2, 3}
	trace, err := spotcheck.Run(engine, terms, seed)
	require.NoError(t, err)
	claim := spotcheck.Claim{Terms: terms, Seed: seed, Commitment: trace.Commitment()}
	for i := range byte(4) {
		claim.Challenge = spotcheck.Challenge(seed, claim.Commitment, []byte{i})
		opening, err := trace.Open(engine, claim.Challenge)
		require.NoError(t, err)
		require.NoError(t, spotcheck.Verify(claim, opening))
		opening.Entries[0].Block[0]++
		require.ErrorIs(t, spotcheck.Verify(claim, opening), spotcheck.ErrOpening)
	}
}

func TestAnEndedContextEndsTheComputation(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := spotcheck.Run(Engine(ctx, kernel(t), 2), spotcheck.Terms{Size: 256, Steps: 2, Samples: 1}, spotcheck.Hash{})
	require.ErrorIs(t, err, context.Canceled)
}

// world is a chain in memory with one check, and the node in front of it. It survives the worker.
type world struct {
	t     *testing.T
	check registrytypes.SpotCheck
	now   time.Time
	// landed are the messages that were taken, by kind; sent are the transactions that reached the mempool, by hash.
	landed map[string]int
	sent   map[string]sdk.Msg
	next   int
	// loses has the transaction with this number never land, refuses refuses it.
	loses, refuses int
	busy           int
	ended          []registrytypes.CheckState
}

var operator = sdk.AccAddress("operator____________")

func newWorld(t *testing.T) *world {
	device := make([]byte, registrytypes.DeviceIDSize)
	w := &world{t: t, now: time.Unix(2_000_000_000, 0), landed: map[string]int{}, sent: map[string]sdk.Msg{}, loses: -1, refuses: -1}
	w.check = registrytypes.SpotCheck{
		Id: 7, Device: device, Operator: operator.String(), State: registrytypes.CHECK_STATE_PENDING, Size_: 64, Steps: 2, Samples: 4, WindowMs: 60_000,
		Round: 5, Due: 60_000,
	}
	return w
}

// round brings the randomness that the check waits for.
func (w *world) round() {
	switch w.check.State {
	case registrytypes.CHECK_STATE_PENDING:
		seed := spotcheck.Subject{ChainID: "assay-test-1", Operator: operator, Device: w.check.Device, Check: 7}.Seed([]byte("r"))
		w.check.State, w.check.Seed = registrytypes.CHECK_STATE_SEEDED, seed[:]
	case registrytypes.CHECK_STATE_COMMITTED:
		drawn := spotcheck.Challenge(spotcheck.Hash(w.check.Seed), spotcheck.Hash(w.check.Commitment), []byte("s"))
		w.check.State, w.check.Challenge = registrytypes.CHECK_STATE_SAMPLED, drawn[:]
	}
}

// land puts a message into a block.
func (w *world) land(message sdk.Msg) {
	switch m := message.(type) {
	case *registrytypes.MsgCommitSpotCheck:
		require.Equal(w.t, registrytypes.CHECK_STATE_SEEDED, w.check.State)
		w.check.State, w.check.Commitment = registrytypes.CHECK_STATE_COMMITTED, m.Commitment
		w.landed["commit"]++
	case *registrytypes.MsgOpenSpotCheck:
		require.Equal(w.t, registrytypes.CHECK_STATE_SAMPLED, w.check.State)
		opening, err := m.Opening()
		require.NoError(w.t, err)
		claim := spotcheck.Claim{
			Terms: w.check.Terms(), Seed: spotcheck.Hash(w.check.Seed), Commitment: spotcheck.Hash(w.check.Commitment),
			Challenge: spotcheck.Hash(w.check.Challenge),
		}
		require.NoError(w.t, spotcheck.Verify(claim, opening))
		w.check.State = registrytypes.CHECK_STATE_PASSED
		w.landed["open"]++
	}
}

func (w *world) SpotChecks(context.Context, sdk.AccAddress) ([]chain.CheckView, error) {
	return []chain.CheckView{{Check: w.check, Clock: registrytypes.Clock{LastBlock: w.now}}}, nil
}

func (w *world) OnBehalf(messages ...sdk.Msg) sdk.Msg { return messages[0] }

func (w *world) Send(_ context.Context, record func(chain.SignedTx) error, messages ...sdk.Msg) (chain.SignedTx, error) {
	number := w.next
	w.next++
	signed := chain.SignedTx{Hash: fmt.Sprint("tx", number)}
	if err := record(signed); err != nil {
		return signed, err
	}
	if number == w.refuses {
		return signed, fmt.Errorf("%w: full", chain.ErrRefused)
	}
	if number != w.loses {
		w.sent[signed.Hash] = messages[0]
		w.land(messages[0])
	}
	return signed, nil
}

func (w *world) Resolve(_ context.Context, signed chain.SignedTx) (chain.Outcome, error) {
	if _, landed := w.sent[signed.Hash]; landed {
		return chain.Outcome{State: chain.TxLanded}, nil
	}
	return chain.Outcome{State: chain.TxDead}, nil
}

func (w *world) CheckComputed(time.Duration)               {}
func (w *world) CheckEnded(state registrytypes.CheckState) { w.ended = append(w.ended, state) }

// worker is a checker over the world, with its journal.
func (w *world) worker(path string, hooks journal.Hooks) (*Checker, *journal.Journal) {
	log, entries, err := journal.Open(path, hooks)
	require.NoError(w.t, err)
	best := kernel(w.t)
	c, err := New(Config{
		Operator: operator, Poll: time.Millisecond, Threads: 1, Busy: func() int { return w.busy }, Chain: w, Sender: w, Journal: log,
		Kernel: func(device []byte) (compute.Kernel, float64, bool) {
			return best, 1e9, string(device) == string(w.check.Device)
		},
		Observer: w, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: func() time.Time { return w.now },
	}, entries)
	require.NoError(w.t, err)
	return c, log
}

// turn has the worker look once.
func (c *Checker) turn() (err error) {
	c.look(context.Background(), func(t *task, view chain.CheckView, kernel compute.Kernel) {
		defer t.working.Store(false)
		err = t.step(context.Background(), view, kernel)
	})
	return err
}

func (w *world) finish(c *Checker) error {
	for range 20 {
		if err := c.turn(); err != nil {
			return err
		}
		w.round()
	}
	return nil
}

// TestAWorkerKilledAnywhereAnswersOnce: the process dies before, or right after, each entry of its journal.
func TestAWorkerKilledAnywhereAnswersOnce(t *testing.T) {
	died := errors.New("died")
	kills := 0
	for at := 0; ; at++ {
		for _, after := range []bool{false, true} {
			w, n := newWorld(t), 0
			path := filepath.Join(t.TempDir(), "checks.wal")
			die := func(journal.Entry) error {
				if n++; n-1 == at {
					return died
				}
				return nil
			}
			hooks := journal.Hooks{Before: die}
			if after {
				hooks = journal.Hooks{After: die}
			}
			c, log := w.worker(path, hooks)
			err := w.finish(c)
			require.NoError(t, log.Close())
			if err == nil {
				require.Greater(t, kills, 8)
				require.Equal(t, map[string]int{"commit": 1, "open": 1}, w.landed)
				return
			}
			require.ErrorIs(t, err, errJournal)
			kills++
			c, log = w.worker(path, journal.Hooks{})
			require.NoError(t, w.finish(c))
			require.NoError(t, log.Close())
			require.Equal(t, registrytypes.CHECK_STATE_PASSED, w.check.State)
			require.Equal(t, map[string]int{"commit": 1, "open": 1}, w.landed, "killed at entry %d, after: %t", at, after)
		}
	}
}

// TestLostAndRefusedAnswersAreSentAgain: each of the two transactions is lost, or refused, once.
func TestLostAndRefusedAnswersAreSentAgain(t *testing.T) {
	for number := range 2 {
		for _, refused := range []bool{false, true} {
			w := newWorld(t)
			if refused {
				w.refuses = number
			} else {
				w.loses = number
			}
			c, log := w.worker(filepath.Join(t.TempDir(), "checks.wal"), journal.Hooks{})
			require.NoError(t, w.finish(c))
			require.NoError(t, log.Close())
			require.Equal(t, map[string]int{"commit": 1, "open": 1}, w.landed)
			require.Equal(t, []registrytypes.CheckState{registrytypes.CHECK_STATE_PASSED}, w.ended)
		}
	}
}

// TestACheckWaitsForJobsWhileItCan, and is answered all the same when it can wait no longer. Rounds of own checks are waited for.
func TestACheckWaitsForJobsWhileItCan(t *testing.T) {
	w := newWorld(t)
	c, log := w.worker(filepath.Join(t.TempDir(), "checks.wal"), journal.Hooks{})
	defer func() { require.NoError(t, log.Close()) }()
	require.NoError(t, c.turn())
	require.True(t, c.AwaitsRound(5))
	w.round()
	w.busy = 1
	require.NoError(t, c.turn())
	require.Empty(t, w.landed)
	require.False(t, c.AwaitsRound(5))
	w.check.Due = 3_000
	require.NoError(t, c.turn())
	require.Equal(t, 1, w.landed["commit"])
}

// liar computes wrong in one product of an opening.
type liar struct {
	compute.Kernel
	lies *bool
}

func (l liar) Product(ctx context.Context, p compute.Product, progress compute.Progress) error {
	err := l.Kernel.Product(ctx, p, progress)
	if *l.lies {
		for i := range p.C {
			p.C[i]++
		}
	}
	return err
}

// TestADeviceThatComputesWrongSaysNothing: openings are verified before they are sent, since a false one costs far more than none.
func TestADeviceThatComputesWrongSaysNothing(t *testing.T) {
	w, lies := newWorld(t), false
	c, log := w.worker(filepath.Join(t.TempDir(), "checks.wal"), journal.Hooks{})
	defer func() { require.NoError(t, log.Close()) }()
	broken := liar{kernel(t), &lies}
	c.config.Kernel = func([]byte) (compute.Kernel, float64, bool) { return broken, 1e9, true }
	w.round()
	require.NoError(t, c.turn())
	require.Equal(t, 1, w.landed["commit"])
	w.round()
	lies = true
	require.NoError(t, c.turn())
	require.Zero(t, w.landed["open"])
	lies = false
	require.NoError(t, c.turn())
	require.Equal(t, 1, w.landed["open"], "a passing fault is got over")
}

func TestForeignDevicesAndPastChecksAreLeftAlone(t *testing.T) {
	w := newWorld(t)
	c, log := w.worker(filepath.Join(t.TempDir(), "checks.wal"), journal.Hooks{})
	defer func() { require.NoError(t, log.Close()) }()
	c.config.Kernel = func([]byte) (compute.Kernel, float64, bool) { return nil, 0, false }
	w.round()
	require.NoError(t, w.finish(c))
	require.Empty(t, w.landed)
	require.Empty(t, c.tasks)
}

// BenchmarkProcessorCheck is a processor's check by the default rules.
func BenchmarkProcessorCheck(b *testing.B) {
	params := registrytypes.DefaultParams()
	terms := spotcheck.Terms{Size: params.Classes[0].CheckSize, Steps: params.Classes[0].CheckSteps, Samples: params.Spot.Samples}
	engine := Engine(context.Background(), kernel(b), 0)
	for b.Loop() {
		if _, err := spotcheck.Run(engine, terms, spotcheck.Hash{}); err != nil {
			b.Fatal(err)
		}
	}
}
