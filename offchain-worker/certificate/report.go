package certificate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/assaychain/assay/offchain-worker/blob"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// Check is one thing that a certificate must show.
type Check struct {
	// Name says what is checked.
	Name string `json:"name"`
	// Detail says what was found, where the check is passed.
	Detail string `json:"detail,omitempty"`
	// Failure says why it is not passed; empty when it is.
	Failure string `json:"failure,omitempty"`
}

// Report is what a verification found.
type Report struct {
	Checks []Check `json:"checks"`
	// Job and Spec are the records, to be believed only if every check is passed.
	Job  markettypes.Job  `json:"-"`
	Spec markettypes.Spec `json:"-"`
	// Height and Time are those of the block.
	Height int64     `json:"height"`
	Time   time.Time `json:"time"`
}

// OK tells whether every check is passed.
func (r Report) OK() bool {
	return len(r.Checks) > 0 && !slices.ContainsFunc(r.Checks, func(c Check) bool { return c.Failure != "" })
}

// Err joins the failures; nil when there are none. It wraps ErrInvalid.
func (r Report) Err() error {
	failures := []error{}
	for _, c := range r.Checks {
		if c.Failure != "" {
			failures = append(failures, fmt.Errorf("%w: %s: %s", ErrInvalid, c.Name, c.Failure))
		}
	}
	return errors.Join(failures...)
}

// add runs a check and notes what it found.
func (r *Report) add(name string, run func() (string, error)) {
	detail, err := run()
	check := Check{Name: name, Detail: detail}
	if err != nil {
		// The report says already that what fails makes the certificate invalid.
		check.Detail, check.Failure = "", strings.TrimPrefix(err.Error(), ErrInvalid.Error()+": ")
	}
	r.Checks = append(r.Checks, check)
}

// CheckResult adds to a report whether a tensor is the job's proven result, by the scheme of the job's level of assurance.
func (r *Report) CheckResult(ctx context.Context, scheme blob.Scheme, result *tensor.Tensor) {
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
		root, err := scheme.Commit(ctx, result)
		if err != nil {
			return "", fmt.Errorf("%w: %w", ErrInvalid, err)
		}
		if roots := r.Job.StepRoots; len(roots) == 0 || !bytes.Equal(root[:], roots[len(roots)-1]) {
			return "", fmt.Errorf("%w: its root is %s, another is proven", ErrInvalid, root)
		}
		return fmt.Sprintf("%d x %d, root %s", result.Rows, result.Cols, root), nil
	})
}
