package program

// Ref names a tensor by where it comes from.
type Ref struct {
	// Step is true for the output of a step, false for an input.
	Step bool
	// Index counts from 0 in the program's Steps or Inputs.
	Index int
}

// StepShape is one step with its names resolved: Y (M×N) = X (M×K) · Wᵀ (W is N×K).
type StepShape struct {
	// M is the number of rows of X and Y, N of rows of W (columns of Y), K the inner dimension.
	M, N, K uint32
	// Input is where X comes from.
	Input Ref
	// Weight is the index of W in the program's Inputs.
	Weight int
	// Output declares Y.
	Output Tensor
}

// Work is the number of multiply-accumulates of the step: M·N·K.
func (s StepShape) Work() uint64 {
	return uint64(s.M) * uint64(s.N) * uint64(s.K)
}

// Shapes returns the steps with their names resolved, in order, or the reason why the program does not validate.
func (m Program) Shapes() ([]StepShape, error) {
	r, err := resolve(&m)
	if err != nil {
		return nil, err
	}
	return r.shapes, nil
}

// Work is the number of multiply-accumulates of the whole program, 1 to MaxWork, or 0 if it does not validate.
func (m Program) Work() uint64 {
	r, err := resolve(&m)
	if err != nil {
		return 0
	}
	return r.work
}

// Result declares the output of the last step, which is the program's result. It fails if the program does not validate.
func (m Program) Result() (Tensor, error) {
	r, err := resolve(&m)
	if err != nil {
		return Tensor{}, err
	}
	return r.shapes[len(r.shapes)-1].Output, nil
}

// BlobSize is the exact length in bytes of the tensor's blob: one or four bytes a value, and for a weight tensor eight
// more a row, for the bias and the multiplier. It is 0 for a kind or type that is not known.
func (m Tensor) BlobSize() uint64 {
	rows, values := uint64(m.Rows), uint64(m.Rows)*uint64(m.Cols)
	switch {
	case m.Kind == TENSOR_KIND_PLAIN && m.Type == DATA_TYPE_INT8:
		return values
	case m.Kind == TENSOR_KIND_PLAIN && m.Type == DATA_TYPE_INT32:
		return 4 * values
	case m.Kind == TENSOR_KIND_WEIGHT && m.Type == DATA_TYPE_INT8:
		return values + 8*rows
	default:
		return 0
	}
}
