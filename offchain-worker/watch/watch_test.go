package watch_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/watch"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/tensor"
)

func flipLast(outputs []*tensor.Tensor) { outputs[1].Int32[3]++ }

func TestARightResultIsLeftAlone(t *testing.T) {
	n := newNet(t, nil)
	w := n.watcher(t.TempDir(), nil)
	w.look(t, 3)
	require.Equal(t, []string{"right"}, w.whats())
	require.Empty(t, n.sent)
}

func TestAWrongEntryIsDisputedOnce(t *testing.T) {
	n := newNet(t, flipLast)
	home := t.TempDir()
	w := n.watcher(home, nil)
	w.look(t, 3)
	require.Equal(t, []string{"disputed"}, w.whats())
	require.Equal(t, markettypes.Entry{Step: 1, Row: 1, Col: 1}, *w.lines[0].Entry)
	require.Equal(t, *w.lines[0].Own+1, *w.lines[0].Theirs)
	require.Equal(t, 1, n.disputes)
	sent := n.sent["tx 0"]
	require.Equal(t, n.Address().String(), sent.Challenger)
	require.EqualValues(t, 2, sent.Attempt)
	require.EqualValues(t, 100, sent.MaxBond.Amount.Int64())

	// The worker is convicted, and another one gets the job right.
	n.job.Dispute, n.job.Disputed, n.job.State, n.job.StepRoots = nil, nil, markettypes.JOB_STATE_OPEN, nil
	w.look(t, 2)
	require.Equal(t, []string{"disputed", "won"}, w.whats())
	require.NoError(t, w.log.Close())
	again := n.watcher(home, nil)
	again.look(t, 2)
	require.Empty(t, again.lines, "nothing is left to do after a restart")
}

// A lost bond stays in the books, also after a restart, and the budget is never exceeded.
func TestTheBudgetHoldsAcrossRestarts(t *testing.T) {
	n := newNet(t, flipLast)
	home := t.TempDir()
	w := n.watcher(home, nil)
	w.look(t, 2)
	n.job.Dispute, n.job.State = nil, markettypes.JOB_STATE_PROVEN
	w.look(t, 2)
	require.Equal(t, []string{"disputed", "lost"}, w.whats())
	require.NoError(t, w.log.Close())
	n.job.Id, n.job.Disputed = 8, nil
	w = n.watcher(home, nil)
	w.look(t, 1)
	require.Equal(t, []string{"wrong"}, w.whats())
	require.Contains(t, w.lines[0].Detail, "100uassay are held or lost of at most 150uassay")
	require.NoError(t, w.log.Close())
	w = n.watcher(home, func(c *watch.Config) { c.MaxBonds.Amount = math.NewInt(200) })
	w.look(t, 1)
	require.Equal(t, []string{"disputed"}, w.whats())
}

// A watcher that is killed between its journal and the network disputes once all the same.
func TestKilledWatchersDisputeOnce(t *testing.T) {
	n := newNet(t, flipLast)
	home := t.TempDir()
	w := n.watcher(home, nil)
	n.dies = true
	require.NoError(t, w.Once(context.Background()))
	require.NoError(t, w.log.Close())
	n.dies, n.pending = false, true
	w = n.watcher(home, nil)
	w.look(t, 3)
	require.Empty(t, n.sent, "nothing is sent while the end of a transaction is unknown")
	n.pending = false
	w.look(t, 4)
	require.Len(t, n.sent, 1, "it was never sent, so it is sent again")
	require.Equal(t, 1, n.disputes)
}

func TestRefusedDisputesAreTriedAgain(t *testing.T) {
	n := newNet(t, flipLast)
	n.refusals = 2
	w := n.watcher(t.TempDir(), nil)
	w.look(t, 10)
	require.Equal(t, []string{"wrong", "wrong", "disputed"}, w.whats())
	require.Equal(t, 1, n.disputes)
}

func TestWhatCanNotBeKnownIsNotDisputed(t *testing.T) {
	for name, c := range map[string]struct {
		spoil  func([]*tensor.Tensor)
		change func(*net, *watch.Config)
		want   string
	}{
		"an input that isn't public": {nil, func(n *net, _ *watch.Config) { n.blobs = nil }, "input can't be had"},
		"a result that is kept back": {flipLast, func(n *net, _ *watch.Config) {
			last, _ := blob.ParseRoot(n.job.StepRoots[1])
			delete(n.blobs, last)
		}, "no entry can be named"},
		"an output between steps":      {func(o []*tensor.Tensor) { o[0].Int8[2]++ }, nil, "root of step 0 differs"},
		"a kernel that computes wrong": {nil, func(_ *net, c *watch.Config) { c.Executor = reference{lie: true} }, "its kernel is not to be trusted"},
	} {
		n := newNet(t, c.spoil)
		w := n.watcher(t.TempDir(), func(config *watch.Config) {
			if c.change != nil {
				c.change(n, config)
			}
		})
		w.look(t, 8)
		require.Equal(t, []string{"unknown", "unknown"}, w.whats(), "%s: told at the first and the last try", name)
		require.Contains(t, w.lines[0].Detail, c.want, name)
		require.Empty(t, n.sent, name)
	}
}

func TestJobsThatAreLeftOut(t *testing.T) {
	for name, change := range map[string]func(*net, *watch.Config){
		"too large": func(_ *net, c *watch.Config) { c.MaxWork = 1 },
		"not drawn": func(_ *net, c *watch.Config) { c.Chosen = func(uint64, uint32) bool { return false } },
		"one's own": func(_ *net, c *watch.Config) { c.Skip = []string{"worker"} },
		"full":      func(n *net, _ *watch.Config) { n.job.Assurance = markettypes.ASSURANCE_FULL },
	} {
		n := newNet(t, flipLast)
		w := n.watcher(t.TempDir(), func(c *watch.Config) { change(n, c) })
		w.look(t, 2)
		require.Equal(t, []string{"skipped"}, w.whats(), name)
	}
	n := newNet(t, flipLast)
	w := n.watcher(t.TempDir(), func(c *watch.Config) { c.MinLeft = time.Hour })
	w.look(t, 2)
	require.Empty(t, w.lines, "too late")
	dry := n.watcher(t.TempDir(), func(c *watch.Config) { c.DryRun, c.Sender, c.Journal = true, nil, nil })
	dry.look(t, 1)
	require.Equal(t, []string{"dry-run"}, dry.whats())
	require.Empty(t, n.sent)
}

func TestDraw(t *testing.T) {
	_, err := watch.Draw(0)
	require.Error(t, err)
	_, err = watch.Draw(1_000_001)
	require.Error(t, err)
	all, err := watch.Draw(1_000_000)
	require.NoError(t, err)
	some, err := watch.Draw(250_000)
	require.NoError(t, err)
	drawn := 0
	for job := range uint64(10_000) {
		require.True(t, all(job, 1))
		if some(job, 1) {
			drawn++
		}
		require.Equal(t, some(job, 1), some(job, 1))
	}
	require.InDelta(t, 2_500, drawn, 250)
}

func TestConfigsThatAreRefused(t *testing.T) {
	_, err := watch.New(watch.Config{}, nil)
	require.ErrorContains(t, err, "are required")
	n := newNet(t, nil)
	_, err = watch.New(watch.Config{
		Market: n, Executor: reference{}, Fetch: n.Fetch, Log: slog.Default(), Tell: func(watch.Line) {}, Chosen: func(uint64, uint32) bool { return true },
		MaxWork: 1, MaxBonds: sdk.NewInt64Coin("uassay", 1), Poll: 1,
	}, nil)
	require.ErrorContains(t, err, "a key and a journal")
}
