package full_test

import (
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/full"
	"github.com/assaychain/assay/x/proofs/full/prover"
	"github.com/assaychain/assay/x/proofs/interpreter"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

var programs = flag.Int("programs", 12, "how many random programs to run, prove and verify")

// run is a program with its tensors: what the interpreter makes of the inputs.
type run struct {
	program program.Program
	inputs  []*tensor.Tensor
	outputs []*tensor.Tensor
}

// drawRun draws a program of one to three steps on shapes of all kinds, whose steps read any earlier int8 tensor, and runs it.
func drawRun(t testing.TB, seed string) *run {
	s := newStream(seed)
	below := func(n int) int { return int(s.uint32() % uint32(n)) }
	r := &run{program: program.Program{Version: program.Version}}
	plains := []program.Tensor{r.plain(t, s, uint32(1+below(9)), uint32(1+below(17)))}
	steps := 1 + below(3)
	for i := range steps {
		x := plains[below(len(plains))]
		if i > 0 && below(4) > 0 {
			x = plains[len(plains)-1]
		}
		w := r.weights(t, s, uint32(1+below(17)), x.Cols)
		step := program.DenseStep{
			Input: x.Name, Weight: w.Name, Output: fmt.Sprint("y", i), Shift: uint32(1 + below(program.MaxShift)),
			Activation: program.Activation(1 + below(2)), OutputType: program.DATA_TYPE_INT8,
		}
		if below(2) == 0 {
			step.Shift = uint32(18 + below(10)) // Where results are neither 0 nor cut off.
		}
		if i == steps-1 && below(3) == 0 {
			step.Shift, step.Activation, step.OutputType = 0, program.ACTIVATION_IDENTITY, program.DATA_TYPE_INT32
		}
		r.program.Steps = append(r.program.Steps, step)
		plains = append(plains, program.Tensor{Name: step.Output, Rows: x.Rows, Cols: w.Rows})
	}
	var err error
	r.outputs, err = interpreter.Run(r.program, r.inputs)
	require.NoError(t, err)
	return r
}

// values are random, all -128, or all at the ends of the range.
func values(s *stream, n int) []int8 {
	out, kind := s.int8s(n), s.byte()%4
	for i := range out {
		switch {
		case kind == 0:
			out[i] = -128
		case kind == 1 && out[i] < 0:
			out[i] = -128
		case kind == 1:
			out[i] = 127
		}
	}
	return out
}

func (r *run) declare(t *program.Tensor, kind program.TensorKind) program.Tensor {
	t.Name, t.Kind, t.Type = fmt.Sprint("in", len(r.inputs)), kind, program.DATA_TYPE_INT8
	r.program.Inputs = append(r.program.Inputs, *t)
	return *t
}

func (r *run) plain(t testing.TB, s *stream, rows, cols uint32) program.Tensor {
	declared := r.declare(&program.Tensor{Rows: rows, Cols: cols}, program.TENSOR_KIND_PLAIN)
	made, err := tensor.NewInt8(rows, cols, values(s, int(rows*cols)))
	require.NoError(t, err)
	r.inputs = append(r.inputs, made)
	return declared
}

func (r *run) weights(t testing.TB, s *stream, rows, cols uint32) program.Tensor {
	declared := r.declare(&program.Tensor{Rows: rows, Cols: cols}, program.TENSOR_KIND_WEIGHT)
	w := tensor.Weights{Values: values(s, int(rows*cols))}
	for range rows {
		bias, multiplier := int32(s.uint32())>>(1+s.byte()%31), s.uint32()>>(1+s.byte()%31)
		if s.byte()%8 == 0 {
			bias = []int32{program.MaxBias - 1, 1 - program.MaxBias}[s.byte()%2]
		}
		w.Bias, w.Multiplier = append(w.Bias, max(bias, 1-program.MaxBias)), append(w.Multiplier, max(multiplier, 1))
	}
	made, err := tensor.NewWeight(rows, cols, w)
	require.NoError(t, err)
	r.inputs = append(r.inputs, made)
	return declared
}

// prove commits to every tensor of a run and proves it as a chain.
func (r *run) prove(t testing.TB, f *fixture) *prover.ProvenChain {
	ctx := context.Background()
	shapes, err := r.program.Shapes()
	require.NoError(t, err)
	plains := map[int]int{} // From a program's input to a chain's.
	var inputs []prover.Input
	for i, in := range r.inputs {
		if r.program.Inputs[i].Kind == program.TENSOR_KIND_PLAIN {
			c, err := f.prover.CommitX(ctx, in.Rows, in.Cols, in.Int8)
			require.NoError(t, err)
			plains[i] = len(inputs)
			inputs = append(inputs, prover.Input{Rows: in.Rows, Cols: in.Cols, Values: in.Int8, Commitment: c})
		}
	}
	links := make([]prover.Link, len(shapes))
	for i, shape := range shapes {
		link, w, x := &links[i], r.inputs[shape.Weight], r.inputs[shape.Input.Index]
		link.Operand = plains[shape.Input.Index]
		if shape.Input.Step {
			link.Operand, x = len(inputs)+shape.Input.Index, r.outputs[shape.Input.Index]
		}
		link.Weights, err = f.prover.CommitWeights(ctx, prover.Weights{N: w.Rows, K: w.Cols, Values: w.Int8, Bias: w.Bias, Multiplier: w.Multiplier})
		require.NoError(t, err)
		link.Accumulators, err = f.prover.Accumulate(x.Rows, x.Int8, link.Weights.Weights)
		require.NoError(t, err)
		step := &r.program.Steps[i]
		link.Shift, link.Relu = step.Shift, step.Activation == program.ACTIVATION_RELU
		if link.Int32 = step.OutputType == program.DATA_TYPE_INT32; link.Int32 {
			link.Commitment, err = f.prover.CommitY(ctx, shape.M, shape.N, r.outputs[i].Int32)
		} else {
			link.Output = r.outputs[i].Int8
			link.Commitment, err = f.prover.CommitX(ctx, shape.M, shape.N, link.Output)
		}
		require.NoError(t, err)
	}
	proven, err := f.prover.ProveChain(ctx, sha256.Sum256([]byte("chain")), inputs, links)
	require.NoError(t, err)
	return proven
}

// slowVerifyChain verifies link by link.
func slowVerifyChain(secret number, keyHash [32]byte, c *full.Chain, proof []byte) error {
	tensors := append([]full.Input{}, c.Inputs...)
	for i, l := range c.Links {
		if l.Operand < 0 || l.Operand >= len(tensors) || (l.Operand >= len(c.Inputs) && c.Links[l.Operand-len(c.Inputs)].Int32) {
			return errSlow
		}
		x := tensors[l.Operand]
		digest := [32]byte(hashOf([]byte("assay/full/chain/v1"), c.Digest[:], four(i)))
		var size int
		var verify func(raw []byte) error
		if l.Int32 {
			s := &full.Statement{Digest: digest, N: l.N, K: x.Cols, Weights: l.Weights, Products: []full.Product{{M: x.Rows, X: x.Commitment, Y: l.Output}}}
			size = full.ProofSize(s.Shape())
			verify = func(raw []byte) error { _, err := slowVerify(secret, keyHash, s, raw); return err }
			if l.Shift != 0 || l.Relu {
				return errSlow
			}
		} else {
			s := &full.Step{
				Digest: digest, M: x.Rows, N: l.N, K: x.Cols, Weights: l.Weights, X: x.Commitment, Z: l.Output, Shift: l.Shift, Relu: l.Relu,
			}
			size = full.StepProofSize(*s)
			verify = func(raw []byte) error { _, err := slowVerifyStep(secret, keyHash, s, raw); return err }
		}
		if size == 0 || len(proof) < size || verify(proof[:size]) != nil {
			return errSlow
		}
		proof, tensors = proof[size:], append(tensors, full.Input{Rows: x.Rows, Cols: l.N, Commitment: l.Output})
	}
	if len(proof) > 0 {
		return errSlow
	}
	return nil
}

// TestPrograms runs random programs, proves them and verifies them both ways.
func TestPrograms(t *testing.T) {
	f := load(t, 0)
	for i := range *programs {
		r := drawRun(t, fmt.Sprint("program ", i))
		p := r.prove(t, f)
		require.Len(t, p.Proof, full.ChainProofSize(p.Chain))
		require.NoError(t, full.VerifyChain(f.file.Key(), p.Chain, p.Proof), i)
		if i%4 == 0 {
			require.NoError(t, slowVerifyChain(bigOf(secret), f.file.Key().Hash(), &p.Chain, p.Proof), i)
		}
		f.spoilChain(t, r, p, newStream(fmt.Sprint("spoil ", i)))
	}
}

// spoilChain changes one entry of one output, and presents the proof for it.
func (f *fixture) spoilChain(t testing.TB, r *run, p *prover.ProvenChain, s *stream) {
	ctx := context.Background()
	i := int(s.uint32()) % len(p.Chain.Links)
	out := r.outputs[i]
	at := int(s.uint32()) % int(out.Rows*out.Cols)
	wrong := p.Chain
	wrong.Links = append([]full.Link{}, p.Chain.Links...)
	var err error
	if out.Int32 != nil {
		changed := append([]int32{}, out.Int32...)
		changed[at] ^= 1 << (s.byte() % 31)
		wrong.Links[i].Output, err = f.prover.CommitY(ctx, out.Rows, out.Cols, changed)
	} else {
		changed := append([]int8{}, out.Int8...)
		changed[at] ^= 1 << (s.byte() % 8)
		wrong.Links[i].Output, err = f.prover.CommitX(ctx, out.Rows, out.Cols, changed)
	}
	require.NoError(t, err)
	require.ErrorIs(t, full.VerifyChain(f.file.Key(), wrong, p.Proof), full.ErrProof)
}
