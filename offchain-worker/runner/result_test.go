package runner_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/runner"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// opener opens tensors in words.
type opener struct{ attest }

func (opener) Open(_ context.Context, _ *tensor.Tensor, root blob.Root, point []byte) ([]byte, error) {
	return append(root[:], point...), nil
}

// TestLostResultsAreComputedAgain: a worker whose disk has lost the result since, and that was started again, still answers claims and
// contests of it.
func TestLostResultsAreComputedAgain(t *testing.T) {
	w := newWorld(t, faults{})
	w.submit(7)
	job := w.chain.jobs[7]
	a := runner.Assignment{ChainID: chainID, Operator: w.operator, Job: job.Job, Spec: job.Spec}
	trace, err := w.dense().Run(t.Context(), a)
	require.NoError(t, err)
	root := blob.Root(trace.StepRoots[len(trace.StepRoots)-1])
	work, err := blob.NewStore(filepath.Join(w.home, "blobs"), 0)
	require.NoError(t, err)
	provers := &runner.Provers{}
	require.NoError(t, provers.Register(markettypes.ASSURANCE_SAMPLED, opener{attest{t: t}}))
	provers.Seal()
	for name, answer := range map[string]func(*runner.Dense) error{
		"seal": func(d *runner.Dense) error { _, err := d.Seal(t.Context(), a, trace); return err },
		"box": func(d *runner.Dense) error {
			_, err := d.Box(t.Context(), a, trace, runner.Sealing{Draw: 1, Seed: make([]byte, 32)})
			return err
		},
		"open": func(d *runner.Dense) error { _, err := d.Open(t.Context(), a, trace, []byte("point")); return err },
	} {
		require.NoError(t, work.Delete(root))
		_, err := work.Get(root)
		require.Error(t, err)
		require.NoError(t, answer(w.denseWith(provers)), name)
	}
}
