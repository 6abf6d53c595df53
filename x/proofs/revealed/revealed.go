// Package revealed checks entries of a step in the clear: an opening shows a row of X, a row of W and an entry of Y under
// their roots, and whoever has it recomputes the entry. Nothing is hidden and nothing is proven in zero knowledge, so that
// it costs the worker a few hashes instead of a proof. It is consensus code: pure, sequential, integers only.
package revealed

import (
	"errors"
	"fmt"

	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/tensor"
)

var (
	// ErrLength marks an opening that does not have the one right length.
	ErrLength = errors.New("opening has the wrong length")
	// ErrEncoding marks an opening of the right length that is not the canonical encoding of one.
	ErrEncoding = errors.New("opening is malformed")
	// ErrOpening is wrapped when an opening does not show what its statement claims.
	ErrOpening = errors.New("the openings do not prove the statement")
)

// Opening is a row of X, a row of W and an entry of Y, under their roots.
type Opening struct {
	X, W *tensor.RowOpening
	Y    *tensor.EntryOpening
}

// Check recomputes a statement from its opening: the three roots, and the entry from the two rows. Errors wrap ErrOpening, or
// statement.ErrStatement when there is nothing to be shown.
func Check(s *statement.Statement, o Opening) error {
	if err := s.Validate(); err != nil {
		return err
	}
	if o.X == nil || o.W == nil || o.Y == nil {
		return fmt.Errorf("%w: an opening is missing", ErrOpening)
	}
	if len(o.X.Values) != int(s.K) || len(o.W.Values) != int(s.K) {
		return fmt.Errorf("%w: rows of %d and %d values, k is %d", ErrOpening, len(o.X.Values), len(o.W.Values), s.K)
	}
	rootX, errX := o.X.Root(program.TENSOR_KIND_PLAIN, s.Row)
	rootW, errW := o.W.Root(program.TENSOR_KIND_WEIGHT, s.Col)
	rootY, claimed, errY := o.Y.Entry(s.OutputShape(), s.Row, s.Col)
	if err := errors.Join(errX, errW, errY); err != nil {
		return fmt.Errorf("%w: %w", ErrOpening, err)
	}
	if rootX.Bytes() != s.RootX || rootW.Bytes() != s.RootW || rootY.Bytes() != s.RootY {
		return fmt.Errorf("%w: an opening's root is not the statement's", ErrOpening)
	}
	if computed := entry(s, o); computed != claimed {
		return fmt.Errorf("%w: the committed entry is %d, the step gives %d", ErrOpening, claimed, computed)
	}
	return nil
}

// entry computes what the step gives for the opened rows.
func entry(s *statement.Statement, o Opening) int32 {
	acc := Accumulate(o)
	if s.OutputType == program.DATA_TYPE_INT32 {
		return program.Activate(acc, s.Activation)
	}
	return int32(program.Requant(acc, o.W.Multiplier, s.Shift, s.Activation))
}

// Accumulate is the sum before requantisation. It is exact: at most program.MaxCols products below 2^14 and a bias below 2^30.
func Accumulate(o Opening) int32 {
	acc := o.W.Bias
	for i, v := range o.X.Values[:min(len(o.X.Values), len(o.W.Values))] {
		acc += int32(v) * int32(o.W.Values[i])
	}
	return acc
}

// Verify checks an encoded opening against its statement. Errors wrap ErrLength or ErrEncoding, or are those of Check.
func Verify(s *statement.Statement, raw []byte) error {
	o, err := Decode(s, raw)
	if err != nil {
		return err
	}
	return Check(s, o)
}

// What checking an opening costs, in microseconds on the reference machine; BenchmarkVerify measures each figure.
const (
	// CompressionUnits is the cost of one hash compression.
	CompressionUnits = 45
	// BaseUnits is the cost of everything else: some 220 field elements decoded twice, once when they arrive, and the sum.
	BaseUnits = 130
)

// Units is the cost of checking an opening of a valid statement, decoding on arrival included.
func Units(s *statement.Statement) uint64 {
	x := tensor.Shape{Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: 1, Cols: s.K}
	// The rows of X and W, which have the same layout; of Y's row the digest and at most one chunk.
	compressions := 2*tensor.RowCompressions(x) + min(tensor.RowCompressions(s.OutputShape()), 2)
	return BaseUnits + CompressionUnits*(compressions+3*tensor.Depth)
}
