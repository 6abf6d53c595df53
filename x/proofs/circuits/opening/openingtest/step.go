// Package openingtest draws dense steps with committed tensors, for tests and benchmarks of everything that proves or
// verifies openings. It computes outputs with big integers, independently of the interpreter and of the circuit.
package openingtest

import (
	"fmt"
	"math/big"

	"github.com/assaychain/assay/x/proofs/circuits/opening"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// Spec says what step to draw.
type Spec struct {
	// Seed makes the contents reproducible.
	Seed uint64
	// M, N and K are the rows of X, the rows of W and the inner dimension.
	M, N, K uint32
	// Shift is 1 to 48 for int8 output, 0 for int32 output.
	Shift      uint32
	Activation program.Activation
	OutputType program.DataType
	// Extreme draws values, biases and multipliers from the ends of their ranges.
	Extreme bool
}

// Step is a dense step with its operands, its output and their commitment trees.
type Step struct {
	Spec
	X, W, Y             *tensor.Tensor
	treeX, treeW, treeY *tensor.Tree
}

// Draw makes a step with random contents.
func Draw(spec Spec) (*Step, error) {
	source := newSource(spec.Seed)
	x := spec.values(source, spec.M*spec.K)
	weights := tensor.Weights{Values: spec.values(source, spec.N*spec.K)}
	for range spec.N {
		bias, multiplier := spec.trailer(source)
		weights.Bias, weights.Multiplier = append(weights.Bias, bias), append(weights.Multiplier, multiplier)
	}
	return Build(spec, x, weights)
}

// Build makes a step with given contents, row major, and computes its output.
func Build(spec Spec, x []int8, weights tensor.Weights) (*Step, error) {
	operandX, err := tensor.NewInt8(spec.M, spec.K, x)
	if err != nil {
		return nil, err
	}
	operandW, err := tensor.NewWeight(spec.N, spec.K, weights)
	if err != nil {
		return nil, err
	}
	s, err := commit(spec, operandX, operandW)
	if err != nil {
		return nil, err
	}
	return s, s.SetOutput(s.output())
}

// Of makes a step of tensors that were computed elsewhere; the spec's shift, activation and output type must be theirs.
func Of(spec Spec, x, w, y *tensor.Tensor) (*Step, error) {
	spec.M, spec.N, spec.K = x.Rows, w.Rows, x.Cols
	s, err := commit(spec, x, w)
	if err != nil {
		return nil, err
	}
	s.Y = y
	s.treeY, err = tensor.NewTree(y.RowDigests())
	return s, err
}

// commit makes a step without an output.
func commit(spec Spec, x, w *tensor.Tensor) (s *Step, err error) {
	s = &Step{Spec: spec, X: x, W: w}
	if s.treeX, err = tensor.NewTree(x.RowDigests()); err != nil {
		return nil, err
	}
	s.treeW, err = tensor.NewTree(w.RowDigests())
	return s, err
}

// SetOutput replaces Y: a wrong one makes a worker's cheat.
func (s *Step) SetOutput(values []int32) (err error) {
	if s.OutputType == program.DATA_TYPE_INT32 {
		s.Y, err = tensor.NewInt32(s.M, s.N, values)
	} else {
		narrow := make([]int8, len(values))
		for i, v := range values {
			narrow[i] = int8(v)
		}
		s.Y, err = tensor.NewInt8(s.M, s.N, narrow)
	}
	if err != nil {
		return err
	}
	s.treeY, err = tensor.NewTree(s.Y.RowDigests())
	return err
}

// Output is Y's values, row major.
func (s *Step) Output() []int32 {
	if s.OutputType == program.DATA_TYPE_INT32 {
		return append([]int32{}, s.Y.Int32...)
	}
	wide := make([]int32, len(s.Y.Int8))
	for i, v := range s.Y.Int8 {
		wide[i] = int32(v)
	}
	return wide
}

// At is the statement and the openings of one entry.
func (s *Step) At(row, col, index uint32) (*statement.Statement, opening.Openings, error) {
	st := &statement.Statement{
		ChainID: "assay-local-1", JobID: 7, Attempt: 1, Worker: []byte("worker-address-bytes"), Index: index,
		Row: row, Col: col, K: s.K, OutputCols: s.N, Shift: s.Shift, Activation: s.Activation, OutputType: s.OutputType,
	}
	st.Seed[0], st.Seed[31] = byte(s.Seed), 1
	rootX, rootW, rootY := s.treeX.Root(), s.treeW.Root(), s.treeY.Root()
	st.RootX, st.RootW, st.RootY = rootX.Bytes(), rootW.Bytes(), rootY.Bytes()
	var o opening.Openings
	var err error
	if o.X, err = tensor.OpenRow(s.X, s.treeX, row); err != nil {
		return nil, o, err
	}
	if o.W, err = tensor.OpenRow(s.W, s.treeW, col); err != nil {
		return nil, o, err
	}
	if o.Y, err = tensor.OpenEntry(s.Y, s.treeY, row, col); err != nil {
		return nil, o, fmt.Errorf("entry (%d, %d): %w", row, col, err)
	}
	return st, o, nil
}

// values draws int8 values; extreme ones are mostly -128 and 127.
func (s Spec) values(source *source, n uint32) []int8 {
	out := make([]int8, n)
	for i := range out {
		out[i] = int8(source.next())
		if s.Extreme && out[i]%8 != 0 {
			out[i] = []int8{-128, 127}[out[i]&1]
		}
	}
	return out
}

// trailer draws a bias and a multiplier of random magnitude, so that about as many outputs are clamped as not.
func (s Spec) trailer(source *source) (int32, uint32) {
	biasBits, multiplierBits := source.next()%31, 1+source.next()%31
	bias := int32(source.next() % (1 << biasBits))
	if source.next()%2 == 0 {
		bias = -bias
	}
	multiplier := uint32(1 + source.next()%(1<<multiplierBits-1))
	if s.Extreme {
		bias = []int32{bias, tensor.MaxBias - 1, 1 - tensor.MaxBias, 0}[source.next()%4]
		multiplier = []uint32{multiplier, tensor.MaxMultiplier - 1, 1, 2}[source.next()%4]
	}
	return bias, multiplier
}

func (s *Step) output() []int32 {
	out := make([]int32, 0, s.M*s.N)
	for row := range s.M {
		for col := range s.N {
			out = append(out, s.entry(row, col))
		}
	}
	return out
}

// entry is the definition of a dense step, in big integers.
func (s *Step) entry(row, col uint32) int32 {
	acc := int64(s.W.Bias[col])
	for k := range s.K {
		acc += int64(s.X.Int8[row*s.K+k]) * int64(s.W.Int8[col*s.K+k])
	}
	value, low, high := big.NewInt(acc), int64(-1<<31), int64(1<<31-1)
	if s.OutputType == program.DATA_TYPE_INT8 {
		low, high = -128, 127
		half := new(big.Int).Lsh(big.NewInt(1), uint(s.Shift-1))
		value.Mul(value, big.NewInt(int64(s.W.Multiplier[col]))).Add(value, half)
		value.Div(value, half.Lsh(half, 1))
	}
	if s.Activation == program.ACTIVATION_RELU {
		low = 0
	}
	if value.Cmp(big.NewInt(low)) < 0 {
		return int32(low)
	}
	if value.Cmp(big.NewInt(high)) > 0 {
		return int32(high)
	}
	return int32(value.Int64())
}
