// Package modeltest draws small networks with committed inputs and outputs, for tests and benchmarks of everything that proves
// or verifies models. Outputs come from the reference interpreter.
package modeltest

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/circuits/model"
	"github.com/assaychain/assay/x/proofs/interpreter"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// Layer says what layer to draw.
type Layer struct {
	// Outputs is the number of its channels.
	Outputs uint32
	// Shift is 1 to 48 for int8 output, 0 for int32 output.
	Shift      uint32
	Activation program.Activation
	OutputType program.DataType
}

// Spec says what network to draw.
type Spec struct {
	// Seed makes the contents reproducible.
	Seed uint64
	// Rows and Inputs are the rows and the columns of X.
	Rows, Inputs uint32
	Layers       []Layer
	// Extreme draws values, biases and multipliers from the ends of their ranges.
	Extreme bool
}

// Tiny is a network of 8 inputs, 4 hidden units and 2 int32 outputs, on some rows: the smallest whose keys tests share.
func Tiny(rows uint32) Spec {
	return Spec{Seed: 1, Rows: rows, Inputs: 8, Layers: []Layer{
		{Outputs: 4, Shift: 9, Activation: program.ACTIVATION_RELU, OutputType: program.DATA_TYPE_INT8},
		{Outputs: 2, Activation: program.ACTIVATION_IDENTITY, OutputType: program.DATA_TYPE_INT32},
	}}
}

// Run is a network carried out on a batch of inputs.
type Run struct {
	Network *model.Network
	Program program.Program
	// Inputs and Outputs are the program's tensors, InputTrees and OutputTrees their commitments.
	Inputs, Outputs         []*tensor.Tensor
	InputTrees, OutputTrees []*tensor.Tree
}

// Draw makes a network and runs it.
func Draw(spec Spec) (*Run, error) {
	s := &source{extreme: spec.Extreme}
	s.state = sha256.Sum256(binary.BigEndian.AppendUint64([]byte("modeltest"), spec.Seed))
	r := &Run{Program: program.Program{Version: program.Version, Inputs: []program.Tensor{
		{Name: "x", Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: spec.Rows, Cols: spec.Inputs},
	}}}
	r.Inputs = append(r.Inputs, nil) // Drawn last, so that the weights don't depend on the number of rows.
	input, cols := "x", spec.Inputs
	for i, layer := range spec.Layers {
		step := program.DenseStep{
			Input: input, Weight: fmt.Sprintf("w%d", i), Output: fmt.Sprintf("y%d", i),
			Shift: layer.Shift, Activation: layer.Activation, OutputType: layer.OutputType,
		}
		weight, err := s.weight(layer.Outputs, cols)
		if err != nil {
			return nil, err
		}
		r.Program.Inputs = append(r.Program.Inputs, program.Tensor{
			Name: step.Weight, Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: layer.Outputs, Cols: cols,
		})
		r.Program.Steps, r.Inputs = append(r.Program.Steps, step), append(r.Inputs, weight)
		input, cols = step.Output, layer.Outputs
	}
	var err error
	if r.Inputs[0], err = tensor.NewInt8(spec.Rows, spec.Inputs, s.values(spec.Rows*spec.Inputs)); err != nil {
		return nil, err
	}
	return r, r.execute()
}

// Of runs a program on given inputs, the plain one first.
func Of(p program.Program, inputs []*tensor.Tensor) (*Run, error) {
	r := &Run{Program: p, Inputs: inputs}
	return r, r.execute()
}

// execute runs the program and commits to all of it.
func (r *Run) execute() (err error) {
	if r.Outputs, err = interpreter.Run(r.Program, r.Inputs); err != nil {
		return err
	}
	if r.Network, err = model.NewNetwork(r.Program, r.Inputs); err != nil {
		return err
	}
	return r.Commit()
}

// Commit builds the trees anew, after a tensor was changed.
func (r *Run) Commit() (err error) {
	if r.InputTrees, err = trees(r.Inputs); err != nil {
		return err
	}
	r.OutputTrees, err = trees(r.Outputs)
	return err
}

func trees(of []*tensor.Tensor) ([]*tensor.Tree, error) {
	made := make([]*tensor.Tree, len(of))
	for i, t := range of {
		tree, err := tensor.NewTree(t.RowDigests())
		if err != nil {
			return nil, err
		}
		made[i] = tree
	}
	return made, nil
}

// Trace is what a chain asks about the run as job 7, attempt 2.
func (r *Run) Trace(chainID string, samples uint32) challenge.Trace {
	t := challenge.Trace{
		Work:  challenge.Work{Program: r.Program, Samples: samples},
		Claim: program.Claim{ChainID: chainID, JobID: 7, Attempt: 2, Worker: []byte("worker-address-bytes")}, Seed: [32]byte{4, 2},
	}
	for _, tree := range r.InputTrees {
		t.Inputs = append(t.Inputs, tensor.EncodeRoot(tree.Root()))
	}
	for _, tree := range r.OutputTrees {
		t.Steps = append(t.Steps, tensor.EncodeRoot(tree.Root()))
	}
	id := statement.ModelCircuitID(r.Network.Hash())
	for range r.Program.Steps {
		t.Circuits = append(t.Circuits, id)
	}
	return t
}

// Open opens a row.
func (r *Run) Open(row uint32) (o model.Openings, err error) {
	x := r.Inputs[0]
	o.X = x.Int8[row*x.Cols : (row+1)*x.Cols]
	if o.PathX, err = r.InputTrees[0].Path(row); err != nil {
		return o, err
	}
	for _, tree := range r.OutputTrees {
		path, err := tree.Path(row)
		if err != nil {
			return o, err
		}
		o.Paths = append(o.Paths, path)
	}
	return o, nil
}

// At is the statement and the openings of one row.
func (r *Run) At(row uint32) (*statement.Row, model.Openings, error) {
	t := r.Trace("assay-test-1", 1)
	s := &statement.Row{Claim: t.Claim, Seed: t.Seed, Index: 3, Model: r.Network.Hash(), Row: row, RootX: [32]byte(t.Inputs[0])}
	for _, root := range t.Steps {
		s.Steps = append(s.Steps, [32]byte(root))
	}
	o, err := r.Open(row)
	return s, o, err
}

// source is a reproducible stream of numbers from a hash: the tree bans the library's random numbers outside of tests.
type source struct {
	state   [sha256.Size]byte
	used    int
	extreme bool
}

func (s *source) next() uint64 {
	if s.used == sha256.Size {
		s.state, s.used = sha256.Sum256(s.state[:]), 0
	}
	n := binary.BigEndian.Uint64(s.state[s.used:])
	s.used += 8
	return n
}

// values draws int8 values; extreme ones are mostly -128 and 127.
func (s *source) values(n uint32) []int8 {
	out := make([]int8, n)
	for i := range out {
		out[i] = int8(s.next())
		if s.extreme && out[i]%8 != 0 {
			out[i] = []int8{-128, 127}[out[i]&1]
		}
	}
	return out
}

func (s *source) weight(rows, cols uint32) (*tensor.Tensor, error) {
	w := tensor.Weights{Values: s.values(rows * cols)}
	for range rows {
		bias, multiplier := int32(s.next()%4096)-2048, uint32(1+s.next()%15)
		if s.extreme {
			bias = []int32{bias, tensor.MaxBias - 1, 1 - tensor.MaxBias, 0}[s.next()%4]
			multiplier = []uint32{multiplier, tensor.MaxMultiplier - 1, 1, 1 << 20}[s.next()%4]
		}
		w.Bias, w.Multiplier = append(w.Bias, bias), append(w.Multiplier, multiplier)
	}
	return tensor.NewWeight(rows, cols, w)
}
