package certificate

import (
	"bytes"
	"fmt"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// CheckResult adds to a report whether a tensor is the job's proven result.
func (r *Report) CheckResult(result *tensor.Tensor) {
	r.add("result is the proven output", func() (string, error) {
		declared, err := r.Spec.Program.Result()
		if err != nil {
			return "", fmt.Errorf("%w: %w", ErrInvalid, err)
		}
		want := tensor.Shape{Kind: declared.Kind, Type: declared.Type, Rows: declared.Rows, Cols: declared.Cols}
		if result.Shape != want {
			return "", fmt.Errorf("%w: it is %s %d x %d, proven is %s %d x %d", ErrInvalid,
				result.Type, result.Rows, result.Cols, want.Type, want.Rows, want.Cols)
		}
		root, err := blob.Commit(result)
		if err != nil {
			return "", fmt.Errorf("%w: %w", ErrInvalid, err)
		}
		if roots := r.Job.StepRoots; len(roots) == 0 || !bytes.Equal(root[:], roots[len(roots)-1]) {
			return "", fmt.Errorf("%w: its root is %s, another is proven", ErrInvalid, root)
		}
		return fmt.Sprintf("%d x %d, root %s", result.Rows, result.Cols, root), nil
	})
}
