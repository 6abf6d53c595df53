package runner_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/journal"
	"github.com/assaychain/assay/offchain-worker/runner"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/interpreter"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// until runs a worker with a kind until the condition holds.
func (w *world) until(kind runner.Kind, condition func() bool) []journal.Entry {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	p := &process{fakeChain: w.chain, world: w, cancel: cancel}
	path := filepath.Join(w.home, "journal.wal")
	log, entries, err := journal.Open(path, p.hooks())
	require.NoError(w.t, err)
	r := w.runnerOf(kind, p, log, entries)
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	require.Eventually(w.t, condition, 15*time.Second, 2*time.Millisecond)
	if w.chain.closed() || w.reported(1)() {
		require.Eventually(w.t, func() bool { return r.Active() == 0 }, 15*time.Second, 2*time.Millisecond)
	}
	time.Sleep(20 * time.Millisecond)
	cancel()
	require.ErrorIs(w.t, <-done, context.Canceled)
	require.NoError(w.t, log.Close())
	log, entries, err = journal.Open(path, journal.Hooks{})
	require.NoError(w.t, err)
	require.NoError(w.t, log.Close())
	return entries
}

func steps(entries []journal.Entry) []journal.Step {
	names := make([]journal.Step, len(entries))
	for i, entry := range entries {
		names[i] = entry.Step
	}
	return names
}

func (w *world) reported(id uint64) func() bool {
	return func() bool { return w.chain.job(id).State == markettypes.JOB_STATE_OPEN }
}

func TestHonestLifeIsJournalledInOrder(t *testing.T) {
	w := newWorld(t, faults{})
	w.submit(1)
	entries := w.until(w.dense(), w.chain.closed)
	require.Equal(t, []journal.Step{
		journal.StepAssigned, journal.StepFetched, journal.StepExecuted, journal.StepCommitIntent, journal.StepCommitted,
		journal.StepSampled, journal.StepProved, journal.StepProveIntent, journal.StepProven, journal.StepDone,
	}, steps(entries))
	w.check(2)
	w.requireResult(1)
}

// requireResult requires that the published result is the interpreter's.
func (w *world) requireResult(id uint64) {
	spec := w.chain.jobs[id].Spec
	inputs := make([]*tensor.Tensor, len(spec.Inputs))
	for i, declared := range spec.Program.Inputs {
		raw, err := w.customer.Get(blob.Root(spec.Inputs[i].Root))
		require.NoError(w.t, err)
		inputs[i], err = tensor.DecodeBlob(tensor.Shape{Kind: declared.Kind, Type: declared.Type, Rows: declared.Rows, Cols: declared.Cols}, raw)
		require.NoError(w.t, err)
	}
	outputs, err := interpreter.Run(spec.Program, inputs)
	require.NoError(w.t, err)
	index, err := blob.NewResultIndex(filepath.Join(w.home, "index"))
	require.NoError(w.t, err)
	root, ok := index.Result(chainID, id)
	require.True(w.t, ok)
	results, err := blob.NewStore(filepath.Join(w.home, "results"), 0)
	require.NoError(w.t, err)
	raw, err := results.Get(root)
	require.NoError(w.t, err)
	require.Equal(w.t, tensor.EncodeBlob(outputs[len(outputs)-1]), raw)
}

func TestMissingInputIsReportedOnce(t *testing.T) {
	w := newWorld(t, faults{})
	w.submit(1)
	require.NoError(t, w.customer.Delete(blob.Root(w.chain.jobs[1].Spec.Inputs[1].Root)))
	entries := w.until(w.dense(), w.reported(1))
	require.Equal(t, []journal.Step{journal.StepAssigned, journal.StepReportIntent, journal.StepDone}, steps(entries))
	require.Equal(t, map[string]int{"1/report": 1}, w.chain.landed)
}

func TestReportSurvivesEveryKill(t *testing.T) {
	for point := 1; ; point++ {
		w := newWorld(t, faults{})
		w.submit(1)
		require.NoError(t, w.customer.Delete(blob.Root(w.chain.jobs[1].Spec.Inputs[2].Root)))
		ended := func() bool { return w.reported(1)() }
		events := w.liveUntil(point, ended)
		if events >= point {
			w.liveUntil(0, ended)
		}
		require.Equal(t, map[string]int{"1/report": 1}, w.chain.landed, "killed at %d", point)
		if events < point {
			require.Greater(t, point, 8)
			return
		}
	}
}

func TestJobThatCannotBeFinishedIsSkipped(t *testing.T) {
	w := newWorld(t, faults{})
	w.submit(1)
	w.chain.mu.Lock()
	w.chain.jobs[1].Job.Due, w.chain.jobs[1].Job.Work = 1, 1<<40
	w.chain.mu.Unlock()
	entries := w.until(w.dense(), func() bool { time.Sleep(100 * time.Millisecond); return true })
	require.Equal(t, []journal.Step{journal.StepAssigned, journal.StepFetched}, steps(entries))
	require.Empty(t, w.chain.landed)
}

func TestDamagedBlobIsFetchedAgain(t *testing.T) {
	w := newWorld(t, faults{})
	w.submit(1)
	store, err := blob.NewStore(filepath.Join(w.home, "blobs"), 0)
	require.NoError(t, err)
	root := blob.Root(w.chain.jobs[1].Spec.Inputs[0].Root)
	require.NoError(t, store.Put(root, []byte("not the tensor!")))
	w.until(w.dense(), w.chain.closed)
	w.check(2)
	w.requireResult(1)
}

func TestJournalLostMeansComputedAgain(t *testing.T) {
	w := newWorld(t, faults{})
	w.submit(1)
	w.live(14) // Past the commitment's broadcast.
	w.home = t.TempDir()
	w.live(0)
	require.Equal(t, markettypes.CLOSE_REASON_SETTLED, w.chain.job(1).CloseReason)
}

func (w *world) faulty(f runner.Faults) runner.Kind {
	kind, err := runner.WithFaults(w.dense(), f, chainID)
	require.NoError(w.t, err)
	return kind
}

func TestCorruptWorkerCommitsToWrongEntries(t *testing.T) {
	for _, percent := range []uint{1, 100} {
		w := newWorld(t, faults{})
		w.submit(1)
		entries := w.until(w.faulty(runner.Faults{CorruptPercent: percent}), w.chain.closed)
		var progress runner.Progress
		for _, entry := range entries {
			require.NoError(t, progress.Apply(entry))
		}
		require.Len(t, progress.Trace.StepRoots, 2)
		require.Len(t, progress.Trace.Shadow, 2)
		for i := range progress.Trace.StepRoots {
			require.NotEqual(t, progress.Trace.Shadow[i], progress.Trace.StepRoots[i], "every step is wrong")
		}
		require.Equal(t, progress.Trace.StepRoots, w.chain.job(1).StepRoots)
	}
}

func TestFaultsStopWhatTheySay(t *testing.T) {
	w := newWorld(t, faults{})
	w.submit(1)
	w.until(w.faulty(runner.Faults{DropProof: true}), func() bool { return w.chain.job(1).State == markettypes.JOB_STATE_SAMPLED })
	require.Equal(t, map[string]int{"1/commit": 1}, w.chain.landed)

	w = newWorld(t, faults{claim: true})
	w.submit(1)
	w.until(w.faulty(runner.Faults{WithholdOutput: true, IgnoreClaims: true}), func() bool { return w.chain.job(1).State == markettypes.JOB_STATE_CLAIMED })
	require.NotContains(t, w.chain.landed, "1/deliver")
	index, err := blob.NewResultIndex(filepath.Join(w.home, "index"))
	require.NoError(t, err)
	_, published := index.Result(chainID, 1)
	require.False(t, published)

	w = newWorld(t, faults{})
	w.submit(1)
	start := time.Now()
	w.until(w.faulty(runner.Faults{Late: 300 * time.Millisecond}), w.chain.closed)
	require.Greater(t, time.Since(start), 300*time.Millisecond)
}

func TestFaultsAreRefusedElsewhere(t *testing.T) {
	w := newWorld(t, faults{})
	for _, id := range []string{"assay-1", "assay-localhost", "assay-local", "x-assay-local-1", ""} {
		_, err := runner.WithFaults(w.dense(), runner.Faults{DropProof: true}, id)
		require.ErrorContains(t, err, "refused", id)
		kind, err := runner.WithFaults(w.dense(), runner.Faults{}, id)
		require.NoError(t, err)
		require.IsType(t, &runner.Dense{}, kind)
	}
	_, err := runner.WithFaults(w.dense(), runner.Faults{CorruptPercent: 101}, chainID)
	require.ErrorContains(t, err, "101")
}

func TestLyingNodeWastesNoProof(t *testing.T) {
	w := newWorld(t, faults{})
	w.submit(1)
	dense := w.dense()
	a := runner.Assignment{ChainID: chainID, Operator: w.operator, Job: w.chain.jobs[1].Job, Spec: w.chain.jobs[1].Spec}
	require.NoError(t, dense.Prepare(context.Background(), a))
	trace, err := dense.Run(context.Background(), a)
	require.NoError(t, err)
	for _, positions := range [][]markettypes.Position{nil, {{Step: 0}, {Step: 0}, {Step: 0}}} {
		_, err = dense.Prove(context.Background(), a, trace, runner.Challenge{Seed: [32]byte{1}, Positions: positions})
		require.ErrorContains(t, err, "node shows")
	}
	dense.Cleanup(a, trace)
	dense.Cleanup(a, trace)
}

func TestConfigIsChecked(t *testing.T) {
	_, err := runner.New(runner.Config{}, nil)
	require.ErrorContains(t, err, "chain id")
	_, err = runner.NewDense(runner.DenseConfig{})
	require.ErrorContains(t, err, "required")
}
