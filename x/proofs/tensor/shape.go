package tensor

import (
	"errors"
	"fmt"

	"github.com/assaychain/assay/x/proofs/program"
)

const (
	// MaxDimension bounds the rows and columns of every tensor. The limits below are what a commitment tree holds.
	MaxDimension = program.MaxDimension
	// MaxLeaves is what the commitment tree holds: 16-ary, depth 4.
	MaxLeaves = program.MaxLeaves
	// MaxCols is the widest row of int8 values that is one leaf.
	MaxCols = program.MaxCols
	// MaxCols32 is the widest row of int32 values that is one leaf: 15 chunks of 16 elements of 7 values.
	MaxCols32 = program.MaxCols32
	// MaxBias bounds a bias: |bias| < MaxBias.
	MaxBias = 1 << 30
	// MaxMultiplier bounds a multiplier: 1 <= multiplier < MaxMultiplier.
	MaxMultiplier = 1 << 31
)

var (
	// ErrShape is wrapped by every refusal of a shape; the message names the field and the limit.
	ErrShape = errors.New("invalid tensor shape")
	// ErrValue is wrapped by every refusal of contents: wrong lengths, bias or multiplier out of range, blob size.
	ErrValue = errors.New("invalid tensor contents")
	// ErrRoot is wrapped by every refusal of bytes as a commitment root.
	ErrRoot = errors.New("invalid tensor root")
	// ErrPosition is wrapped when a row or a column lies outside of a tensor.
	ErrPosition = errors.New("position outside of the tensor")
)

// Shape says what a tensor is without its values.
type Shape struct {
	// Kind is PLAIN, or WEIGHT for int8 rows that carry a bias and a multiplier.
	Kind program.TensorKind
	// Type is the element type; a WEIGHT is always INT8.
	Type program.DataType
	// Rows and Cols are the dimensions, each from 1 to its maximum.
	Rows, Cols uint32
}

// Validate refuses shapes that no blob exists for. A commitment tree exists for fewer: see ValidateTree.
func (s Shape) Validate() error { return s.within(MaxDimension, MaxDimension) }

// ValidateTree refuses shapes that no commitment tree exists for: weights are of at most MaxCols columns, plain rows of as many as their
// folds divide, and all leaves are at most MaxLeaves.
func (s Shape) ValidateTree() error {
	if s.Kind == program.TENSOR_KIND_WEIGHT {
		return s.within(MaxLeaves, MaxCols)
	}
	folds := s.Folds()
	if err := s.within(MaxLeaves/folds, MaxDimension); err != nil {
		return err
	}
	if s.Cols%folds != 0 {
		return fmt.Errorf("%w: cols %d is no multiple of %d, the equal parts that a tree holds a row in", ErrShape, s.Cols, folds)
	}
	return nil
}

func (s Shape) within(maxRows, maxCols uint32) error {
	switch {
	case s.Kind == program.TENSOR_KIND_PLAIN && s.Type == program.DATA_TYPE_INT8:
	case s.Kind == program.TENSOR_KIND_WEIGHT && s.Type == program.DATA_TYPE_INT8:
	case s.Kind == program.TENSOR_KIND_PLAIN && s.Type == program.DATA_TYPE_INT32:
	default:
		return fmt.Errorf("%w: kind %s with type %s; use plain int8, plain int32 or weight int8", ErrShape, s.Kind, s.Type)
	}
	if s.Rows < 1 || s.Rows > maxRows {
		return fmt.Errorf("%w: rows %d not in 1..%d", ErrShape, s.Rows, maxRows)
	}
	if s.Cols < 1 || s.Cols > maxCols {
		return fmt.Errorf("%w: cols %d not in 1..%d", ErrShape, s.Cols, maxCols)
	}
	return nil
}

// BlobSize is the exact length in bytes of a blob of this shape; the shape must be valid.
func (s Shape) BlobSize() uint64 {
	cells := uint64(s.Rows) * uint64(s.Cols)
	switch {
	case s.Kind == program.TENSOR_KIND_WEIGHT:
		return cells + 8*uint64(s.Rows)
	case s.Type == program.DATA_TYPE_INT32:
		return 4 * cells
	default:
		return cells
	}
}

// cells is the number of values.
func (s Shape) cells() int { return int(s.Rows) * int(s.Cols) }

// Tensor is a matrix of integers with a valid shape. Its fields are read-only once it is built.
type Tensor struct {
	Shape
	// Int8 holds the values of an INT8 tensor, row major; nil otherwise.
	Int8 []int8
	// Int32 holds the values of an INT32 tensor, row major; nil otherwise.
	Int32 []int32
	// Bias and Multiplier hold one value a row of a WEIGHT; nil otherwise.
	Bias       []int32
	Multiplier []uint32
}

// NewInt8 is a plain int8 tensor over values (row major, not copied).
func NewInt8(rows, cols uint32, values []int8) (*Tensor, error) {
	shape := Shape{program.TENSOR_KIND_PLAIN, program.DATA_TYPE_INT8, rows, cols}
	return checked(&Tensor{Shape: shape, Int8: values})
}

// NewInt32 is a plain int32 tensor over values (row major, not copied).
func NewInt32(rows, cols uint32, values []int32) (*Tensor, error) {
	shape := Shape{program.TENSOR_KIND_PLAIN, program.DATA_TYPE_INT32, rows, cols}
	return checked(&Tensor{Shape: shape, Int32: values})
}

// Weights are the contents of a weight tensor: row major values, and a bias and a multiplier for each row.
type Weights struct {
	Values     []int8
	Bias       []int32
	Multiplier []uint32
}

// NewWeight is a weight tensor over w (not copied).
func NewWeight(rows, cols uint32, w Weights) (*Tensor, error) {
	shape := Shape{program.TENSOR_KIND_WEIGHT, program.DATA_TYPE_INT8, rows, cols}
	return checked(&Tensor{Shape: shape, Int8: w.Values, Bias: w.Bias, Multiplier: w.Multiplier})
}

// ValidateTree is Validate for a tensor that is to be committed to by a tree.
func (t *Tensor) ValidateTree() error {
	if err := t.Shape.ValidateTree(); err != nil {
		return err
	}
	return t.Validate()
}

// Validate refuses a tensor whose shape, lengths, biases or multipliers are out of range.
func (t *Tensor) Validate() error {
	if err := t.Shape.Validate(); err != nil {
		return err
	}
	want8, want32, wantRows := t.cells(), 0, 0
	if t.Type == program.DATA_TYPE_INT32 {
		want8, want32 = 0, t.cells()
	}
	if t.Kind == program.TENSOR_KIND_WEIGHT {
		wantRows = int(t.Rows)
	}
	if len(t.Int8) != want8 || len(t.Int32) != want32 {
		return fmt.Errorf("%w: %d int8 and %d int32 values, want %d and %d for %d x %d",
			ErrValue, len(t.Int8), len(t.Int32), want8, want32, t.Rows, t.Cols)
	}
	if len(t.Bias) != wantRows || len(t.Multiplier) != wantRows {
		return fmt.Errorf("%w: %d biases and %d multipliers, want %d", ErrValue, len(t.Bias), len(t.Multiplier), wantRows)
	}
	return t.validateTrailers()
}

func (t *Tensor) validateTrailers() error {
	for row, bias := range t.Bias {
		if err := CheckTrailer(bias, t.Multiplier[row]); err != nil {
			return fmt.Errorf("row %d: %w", row, err)
		}
	}
	return nil
}

// CheckTrailer refuses a bias or a multiplier out of range; errors wrap ErrValue.
func CheckTrailer(bias int32, multiplier uint32) error {
	if bias <= -MaxBias || bias >= MaxBias {
		return fmt.Errorf("%w: bias %d, its absolute value must be below %d", ErrValue, bias, MaxBias)
	}
	if multiplier < 1 || multiplier >= MaxMultiplier {
		return fmt.Errorf("%w: multiplier %d not in 1..%d", ErrValue, multiplier, uint32(MaxMultiplier-1))
	}
	return nil
}

func checked(t *Tensor) (*Tensor, error) {
	if err := t.Validate(); err != nil {
		return nil, err
	}
	return t, nil
}
