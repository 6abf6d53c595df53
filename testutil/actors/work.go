package actors

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/offchain-worker/prover"
	"github.com/assaychain/assay/x/proofs/circuits/opening"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// Blob is a tensor that is committed to: by a tree, or for the level full by a root alone.
type Blob struct {
	*tensor.Tensor
	tree *tensor.Tree
	root []byte
}

// NewBlob commits to a tensor.
func NewBlob(t testing.TB, of *tensor.Tensor) *Blob {
	t.Helper()
	tree, err := prover.CommitTensor(context.Background(), of)
	require.NoError(t, err)
	return &Blob{Tensor: of, tree: tree}
}

// Root is the commitment.
func (b *Blob) Root() []byte {
	if b.tree == nil {
		return b.root
	}
	return tensor.EncodeRoot(b.tree.Root())
}

// Work is a program with its inputs.
type Work struct {
	Program program.Program
	Inputs  []*Blob
	// Full is whether it is committed to for the level full.
	Full bool
}

// commit commits to a tensor of the work.
func (w *Work) commit(t testing.TB, of *tensor.Tensor) *Blob {
	t.Helper()
	if w.Full {
		return NewFullBlob(t, of)
	}
	return NewBlob(t, of)
}

// Small draws a program of two steps over small tensors, the second with int32 output; the seed makes it reproducible.
func Small(t testing.TB, seed uint64) *Work {
	t.Helper()
	const rows, inner, hidden, out = 4, 40, 6, 3
	r := rand.New(rand.NewPCG(seed, 1))
	x, err := tensor.NewInt8(rows, inner, values(r, rows*inner))
	require.NoError(t, err)
	return &Work{
		Program: program.Program{
			Version: 1,
			Inputs: []program.Tensor{
				declare("x", program.TENSOR_KIND_PLAIN, rows, inner),
				declare("w1", program.TENSOR_KIND_WEIGHT, hidden, inner),
				declare("w2", program.TENSOR_KIND_WEIGHT, out, hidden),
			},
			Steps: []program.DenseStep{
				{Input: "x", Weight: "w1", Output: "h", Shift: 8, Activation: program.ACTIVATION_RELU, OutputType: program.DATA_TYPE_INT8},
				{Input: "h", Weight: "w2", Output: "y", Activation: program.ACTIVATION_IDENTITY, OutputType: program.DATA_TYPE_INT32},
			},
		},
		Inputs: []*Blob{NewBlob(t, x), NewBlob(t, weights(t, r, hidden, inner)), NewBlob(t, weights(t, r, out, hidden))},
	}
}

func declare(name string, kind program.TensorKind, rows, cols uint32) program.Tensor {
	return program.Tensor{Name: name, Kind: kind, Type: program.DATA_TYPE_INT8, Rows: rows, Cols: cols}
}

func values(r *rand.Rand, n int) []int8 {
	out := make([]int8, n)
	for i := range out {
		out[i] = int8(r.Uint32())
	}
	return out
}

func weights(t testing.TB, r *rand.Rand, rows, cols uint32) *tensor.Tensor {
	t.Helper()
	w := tensor.Weights{Values: values(r, int(rows*cols))}
	for range rows {
		w.Bias, w.Multiplier = append(w.Bias, int32(r.IntN(2000)-1000)), append(w.Multiplier, 1+r.Uint32N(3))
	}
	made, err := tensor.NewWeight(rows, cols, w)
	require.NoError(t, err)
	return made
}

// Trace is what a run of a program leaves behind: the output of every step.
type Trace struct {
	*Work
	Outputs []*Blob
}

// Run computes a program with the worker's kernel.
func (w *Work) Run(t testing.TB) *Trace {
	t.Helper()
	inputs := make([]*tensor.Tensor, len(w.Inputs))
	for i, input := range w.Inputs {
		inputs[i] = input.Tensor
	}
	outputs, err := compute.Execute(context.Background(), load(t).kernel, compute.Job{Program: w.Program, Inputs: inputs}, nil)
	require.NoError(t, err)
	trace := &Trace{Work: w}
	for _, output := range outputs {
		trace.Outputs = append(trace.Outputs, w.commit(t, output))
	}
	return trace
}

// Roots commit to the outputs, in the order of the steps.
func (tr *Trace) Roots() [][]byte {
	roots := make([][]byte, len(tr.Outputs))
	for i, output := range tr.Outputs {
		roots[i] = output.Root()
	}
	return roots
}

// Result is the output of the last step.
func (tr *Trace) Result() *tensor.Tensor { return tr.Outputs[len(tr.Outputs)-1].Tensor }

// Corrupt is the trace of a cheat who got every entry of every step wrong, so that every sample hits.
func (tr *Trace) Corrupt(t testing.TB) *Trace {
	t.Helper()
	wrong := &Trace{Work: tr.Work}
	for _, output := range tr.Outputs {
		changed := *output.Tensor
		changed.Int8, changed.Int32 = append([]int8(nil), output.Int8...), append([]int32(nil), output.Int32...)
		for i := range changed.Int8 {
			changed.Int8[i]++
		}
		for i := range changed.Int32 {
			changed.Int32[i]++
		}
		wrong.Outputs = append(wrong.Outputs, tr.commit(t, &changed))
	}
	return wrong
}

// open opens the rows and the entry that a statement is about.
func (tr *Trace) open(t testing.TB, p program.Position, shape program.StepShape, s *statement.Statement) prover.Task {
	t.Helper()
	x, w, y := tr.Inputs[shape.Input.Index], tr.Inputs[shape.Weight], tr.Outputs[p.Step]
	if shape.Input.Step {
		x = tr.Outputs[shape.Input.Index]
	}
	var o opening.Openings
	var err error
	o.X, err = tensor.OpenRow(x.Tensor, x.tree, p.Row)
	require.NoError(t, err)
	o.W, err = tensor.OpenRow(w.Tensor, w.tree, p.Col)
	require.NoError(t, err)
	o.Y, err = tensor.OpenEntry(y.Tensor, y.tree, p.Row, p.Col)
	require.NoError(t, err)
	return prover.Task{Statement: s, Openings: o}
}

// Tasks are the statements that a challenge demands, with their openings.
func (tr *Trace) Tasks(t testing.TB, positions []program.Position, statements []statement.Statement) []prover.Task {
	t.Helper()
	shapes, err := tr.Program.Shapes()
	require.NoError(t, err)
	tasks := make([]prover.Task, len(statements))
	for i := range statements {
		tasks[i] = tr.open(t, positions[i], shapes[positions[i].Step], &statements[i])
	}
	return tasks
}
