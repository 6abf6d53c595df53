package prover

import (
	"context"
	"fmt"
	"runtime"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"golang.org/x/sync/errgroup"

	"github.com/assaychain/assay/x/proofs/tensor"
)

// rowsPerTask is how many rows are hashed between two looks at the context: a few milliseconds' work.
const rowsPerTask = 32

// CommitTensor builds the commitment tree of a tensor on all cores. Its root equals tensor.Root.
func CommitTensor(ctx context.Context, t *tensor.Tensor) (*tensor.Tree, error) {
	if err := t.ValidateTree(); err != nil {
		return nil, err
	}
	t = t.Folded()
	leaves := make([]fr.Element, t.Rows)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for start := uint32(0); start < t.Rows; start += rowsPerTask {
		group.Go(func() error {
			for row := start; row < min(start+rowsPerTask, t.Rows); row++ {
				leaves[row] = t.RowDigest(row)
			}
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("commit to a tensor: %w", err)
	}
	return tensor.NewTree(leaves)
}
