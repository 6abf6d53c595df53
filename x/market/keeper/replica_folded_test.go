package keeper_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/market/replicas"
	"github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// TestADifferenceInAPartOfARowIsPinpointed: where a row of the output takes two leaves, the two sides show a leaf in the end, and the entry
// that is to be proven is the one of the whole row. Of what a tree of other leaves has nothing is taken.
func TestADifferenceInAPartOfARowIsPinpointed(t *testing.T) {
	const cols, row, col = 8192, 1, 5000
	f := newFixture(t)
	f.workers(3)
	msg := f.replicaSubmission(3, 2)
	msg.Spec.Program.Inputs[1].Rows = cols
	var id uint64
	require.NoError(t, f.do(func(ctx context.Context) error {
		response, err := f.msgs.SubmitJob(ctx, msg)
		if err == nil {
			id = response.JobId
		}
		return err
	}))
	f.block(1)
	job := f.requireState(id, types.JOB_STATE_REPLICATING)

	right := make([]int8, 2*cols)
	wrong := slices.Clone(right)
	wrong[row*cols+col]++
	results := map[string]*tensor.Tensor{}
	for i, replica := range f.round(id).Replicas {
		values := right
		if i == 2 {
			values = wrong
		}
		result, err := tensor.NewInt8(2, cols, values)
		require.NoError(t, err)
		results[replica.Worker] = result
	}
	roots := func(worker string) [][]byte {
		root, err := tensor.Root(results[worker])
		require.NoError(t, err)
		return [][]byte{tensor.EncodeRoot(root)}
	}
	for worker := range results {
		sum, err := program.ReplicaCommitment(f.claimAs(job, worker), saltOf(worker), roots(worker))
		require.NoError(t, err)
		require.NoError(t, f.commitErr(&types.MsgCommitResult{Worker: worker, JobId: id, Attempt: job.Attempt, Commitment: sum[:]}))
	}
	f.requireState(id, types.JOB_STATE_REVEALING)
	for worker := range results {
		require.NoError(t, f.revealErr(&types.MsgRevealResult{
			Worker: worker, JobId: id, Attempt: job.Attempt, StepRoots: roots(worker), Salt: saltOf(worker),
		}))
	}
	for level := tensor.Depth; level >= 0; level-- {
		require.EqualValues(t, level, f.round(id).Difference.Level)
		shown := map[string]bool{}
		for _, replica := range f.round(id).Replicas {
			if root := string(roots(replica.Worker)[0]); !shown[root] {
				shown[root] = true
				parts := partsOf(t, results[replica.Worker], f.round(id).Difference)
				m := &types.MsgShowDifference{Worker: replica.Worker, JobId: id, Attempt: job.Attempt, Number: 1, Level: uint32(level), Parts: parts}
				if level == 0 {
					spoilt := *m
					spoilt.Parts = [][]byte{make([]byte, cols)}
					f.refused(types.ErrDifference, func(context.Context) error { return f.showErr(&spoilt) })
				}
				require.NoError(t, f.showErr(m))
			}
		}
	}
	f.requireState(id, types.JOB_STATE_STANDING)
	require.Equal(t, &types.Entry{Step: 0, Row: row, Col: col}, f.round(id).Difference.Entry)
	require.EqualValues(t, 3, f.round(id).Difference.Index, "the fourth leaf")
}

// partsOf is what a result has where it is looked at.
func partsOf(t *testing.T, result *tensor.Tensor, d *types.Difference) (parts [][]byte) {
	t.Helper()
	if d.Level == 0 {
		size := tensor.RowBytes(result.Shape)
		return [][]byte{tensor.EncodeBlob(result)[d.Index*size : (d.Index+1)*size]}
	}
	tree, err := tensor.NewTree(result.RowDigests())
	require.NoError(t, err)
	nodes := tree.Nodes(int(d.Level) - 1)
	for i := range replicas.Children(uint32(len(nodes)), d.Index) {
		parts = append(parts, encoded(nodes[d.Index*replicas.Width+i]))
	}
	return parts
}
