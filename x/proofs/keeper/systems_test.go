package keeper_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/interpreter"
	"github.com/assaychain/assay/x/proofs/keeper"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/revealed"
	"github.com/assaychain/assay/x/proofs/tensor"
	"github.com/assaychain/assay/x/proofs/types"
)

// run is a job of two steps of different classes, carried out.
type run struct {
	challenge.Trace
	inputs, outputs []*tensor.Tensor
}

// carryOut computes y = x·a with 300 values a row and z = y·b.
func carryOut(t testing.TB, samples uint32) *run {
	t.Helper()
	declared := []program.Tensor{
		{Name: "x", Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: 3, Cols: 300},
		{Name: "a", Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: 5, Cols: 300},
		{Name: "b", Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: 4, Cols: 5},
	}
	r := &run{}
	r.Program = program.Program{Version: program.Version, Inputs: declared, Steps: []program.DenseStep{
		{Input: "x", Weight: "a", Output: "y", Shift: 9, Activation: program.ACTIVATION_RELU, OutputType: program.DATA_TYPE_INT8},
		{Input: "y", Weight: "b", Output: "z", Activation: program.ACTIVATION_IDENTITY, OutputType: program.DATA_TYPE_INT32},
	}}
	r.Samples, r.Seed = samples, [32]byte{4}
	r.Claim = program.Claim{ChainID: developmentChain, JobID: 1, Attempt: 1, Worker: []byte("worker")}
	r.Circuits = []string{"opening-1024", "opening-256"}
	for i, d := range declared {
		shape := tensor.Shape{Kind: d.Kind, Type: d.Type, Rows: d.Rows, Cols: d.Cols}
		blob := make([]byte, shape.BlobSize())
		for j := range d.Rows * d.Cols {
			blob[j] = byte(int(j)*(i+7) + i)
		}
		if d.Kind == program.TENSOR_KIND_WEIGHT {
			for row := range d.Rows {
				blob[d.Rows*d.Cols+4*d.Rows+4*row] = 3
			}
		}
		made, err := tensor.DecodeBlob(shape, blob)
		require.NoError(t, err)
		r.inputs = append(r.inputs, made)
	}
	var err error
	r.outputs, err = interpreter.Run(r.Program, r.inputs)
	require.NoError(t, err)
	for _, input := range r.inputs {
		r.Inputs = append(r.Inputs, rootOf(t, input))
	}
	for _, output := range r.outputs {
		r.Steps = append(r.Steps, rootOf(t, output))
	}
	return r
}

func rootOf(t testing.TB, of *tensor.Tensor) []byte {
	t.Helper()
	root, err := tensor.Root(of)
	require.NoError(t, err)
	return tensor.EncodeRoot(root)
}

// openings shows every position of the trace.
func (r *run) openings(t testing.TB) [][]byte {
	t.Helper()
	positions, statements, err := challenge.Statements(r.Trace)
	require.NoError(t, err)
	operands := [][3]*tensor.Tensor{{r.inputs[0], r.inputs[1], r.outputs[0]}, {r.outputs[0], r.inputs[2], r.outputs[1]}}
	list := make([][]byte, len(statements))
	for i, p := range positions {
		x, w, y := operands[p.Step][0], operands[p.Step][1], operands[p.Step][2]
		o := revealed.Opening{}
		o.X, err = tensor.OpenRow(x, tree(t, x), p.Row)
		require.NoError(t, err)
		o.W, err = tensor.OpenRow(w, tree(t, w), p.Col)
		require.NoError(t, err)
		o.Y, err = tensor.OpenEntry(y, tree(t, y), p.Row, p.Col)
		require.NoError(t, err)
		list[i], err = revealed.Encode(&statements[i], o)
		require.NoError(t, err)
	}
	return list
}

func tree(t testing.TB, of *tensor.Tensor) *tensor.Tree {
	t.Helper()
	made, err := tensor.NewTree(of.RowDigests())
	require.NoError(t, err)
	return made
}

// metered is the fixture's context with a gas meter of its own.
func (f *fixture) metered() (sdk.Context, storetypes.GasMeter) {
	meter := storetypes.NewGasMeter(1_000_000_000)
	return f.ctx.WithGasMeter(meter), meter
}

func TestRevealedShowsWhatIsAskedFor(t *testing.T) {
	f, r := newFixture(t), carryOut(t, 6)
	system := keeper.Revealed{}
	named, err := system.Fix(f.ctx, r.Work)
	require.NoError(t, err)
	require.Empty(t, named)
	openings := r.openings(t)
	units, err := system.Units(r.Trace)
	require.NoError(t, err)
	ctx, meter := f.metered()
	require.NoError(t, system.Admit(ctx, r.Trace, openings))
	require.Equal(t, units*keeper.GasPerUnit, meter.GasConsumed(), "decoding and checking is paid for on arrival")
	valid, err := system.Verify(f.ctx, r.Trace, openings)
	require.NoError(t, err)
	require.True(t, valid)

	for i := range openings {
		spoiled := append([][]byte(nil), openings...)
		spoiled[i] = bytes.Clone(openings[i])
		spoiled[i][0]++
		require.NoError(t, system.Admit(f.ctx, r.Trace, spoiled), "well formed")
		valid, err := system.Verify(f.ctx, r.Trace, spoiled)
		require.NoError(t, err)
		require.False(t, valid, "opening %d", i)
	}
	swapped := r.Trace
	swapped.Seed[1]++
	valid, err = system.Verify(f.ctx, swapped, openings)
	require.NoError(t, err)
	require.False(t, valid, "another challenge")
}

func TestRevealedRefusals(t *testing.T) {
	f, r := newFixture(t), carryOut(t, 2)
	system := keeper.Revealed{}
	openings := r.openings(t)
	require.ErrorIs(t, system.Admit(f.ctx, r.Trace, openings[:1]), types.ErrProofCount)
	require.ErrorIs(t, system.Admit(f.ctx, r.Trace, [][]byte{openings[0], openings[1][1:]}), types.ErrProofLength)
	bad := bytes.Clone(openings[1])
	copy(bad[len(bad)-32:], bytes.Repeat([]byte{255}, 32))
	require.ErrorIs(t, system.Admit(f.ctx, r.Trace, [][]byte{openings[0], bad}), types.ErrProofEncoding)
	require.Panics(t, func() {
		_ = system.Admit(f.ctx.WithGasMeter(storetypes.NewGasMeter(100)), r.Trace, openings)
	}, "gas comes first")
	_, err := system.Verify(f.ctx, r.Trace, openings[:1])
	require.ErrorIs(t, err, types.ErrStatement)
	broken := r.Trace
	broken.Steps = broken.Steps[:1]
	_, err = system.Verify(f.ctx, broken, openings)
	require.ErrorIs(t, err, types.ErrStatement)
	_, err = system.Units(broken)
	require.ErrorIs(t, err, types.ErrStatement)

	most := uint32(keeper.MaxRevealed / revealed.Size(300, tensor.Shape{Kind: 1, Type: program.DATA_TYPE_INT8, Rows: 3, Cols: 5}))
	work := r.Work
	work.Samples = most
	_, err = system.Fix(f.ctx, work)
	require.NoError(t, err)
	work.Samples++
	_, err = system.Fix(f.ctx, work)
	require.ErrorIs(t, err, types.ErrProofCount)
	work.Program.Steps = nil
	_, err = system.Fix(f.ctx, work)
	require.ErrorIs(t, err, types.ErrStatement)
}

func TestSampledAsksTheCircuits(t *testing.T) {
	f, r := newFixture(t), carryOut(t, 4)
	system := f.keeper.Sampled()
	named, err := system.Fix(f.ctx, r.Work)
	require.NoError(t, err)
	require.Equal(t, r.Circuits, named)
	require.NoError(t, f.retire("opening-256"))
	_, err = system.Fix(f.ctx, r.Work)
	require.ErrorIs(t, err, types.ErrNoCircuit)
	require.ErrorContains(t, err, "steps[1]")

	units, err := system.Units(r.Trace)
	require.NoError(t, err)
	require.Equal(t, f.keeper.Units(4)+f.keeper.Units(0), units, "a batch for each circuit")
	_, proof := first().prove(t, 3)
	proofs := [][]byte{proof, proof, proof, proof}
	ctx, meter := f.metered()
	require.NoError(t, system.Admit(ctx, r.Trace, proofs))
	require.Equal(t, (units+4*keeper.DecodeUnits)*keeper.GasPerUnit, meter.GasConsumed())
	require.ErrorIs(t, system.Admit(f.ctx, r.Trace, proofs[:3]), types.ErrProofCount)
	proofs[2] = proof[1:]
	require.ErrorIs(t, system.Admit(f.ctx, r.Trace, proofs), types.ErrProofEncoding)
	proofs[2] = proof
	valid, err := system.Verify(f.ctx, r.Trace, proofs)
	require.NoError(t, err)
	require.False(t, valid, "proofs of something else; the retired circuit still judges")
	nameless := r.Trace
	nameless.Circuits = nil
	_, err = system.Verify(f.ctx, nameless, proofs)
	require.ErrorIs(t, err, types.ErrStatement)
}

func TestMerkleCommitments(t *testing.T) {
	f, r := newFixture(t), carryOut(t, 1)
	scheme := keeper.Merkle{}
	require.NoError(t, scheme.CheckRoot(program.TENSOR_KIND_PLAIN, r.Steps[0]))
	require.ErrorIs(t, scheme.CheckRoot(program.TENSOR_KIND_WEIGHT, bytes.Repeat([]byte{255}, 32)), types.ErrRoot)
	require.ErrorIs(t, scheme.CheckRoot(program.TENSOR_KIND_PLAIN, r.Steps[0][1:]), types.ErrRoot)
	ctx, meter := f.metered()
	for i, root := range r.Steps {
		same, err := scheme.Commits(ctx, r.outputs[1], root)
		require.NoError(t, err)
		require.Equal(t, i == 1, same)
	}
	// Three rows of one compression and four nodes, twice.
	require.EqualValues(t, 2*7*keeper.GasPerCompression, meter.GasConsumed())
	require.Panics(t, func() {
		_, _ = scheme.Commits(f.ctx.WithGasMeter(storetypes.NewGasMeter(7*keeper.GasPerCompression-1)), r.outputs[1], r.Steps[1])
	})
}

// oneStep is a program of one step over rows of k values.
func oneStep(k, n uint32) program.Program {
	return program.Program{
		Version: program.Version,
		Inputs: []program.Tensor{
			{Name: "x", Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: 3, Cols: k},
			{Name: "w", Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: n, Cols: k},
		},
		Steps: []program.DenseStep{
			{Input: "x", Weight: "w", Output: "y", Shift: 9, Activation: program.ACTIVATION_RELU, OutputType: program.DATA_TYPE_INT8},
		},
	}
}

// TestEffortFollowsTheCircuit: no less than 700 ms a proof, and 50 µs a constraint.
func TestEffortFollowsTheCircuit(t *testing.T) {
	f := newFixture(t)
	sampled, model := f.keeper.Sampled(), f.keeper.Model()
	for k, want := range map[uint32]uint64{1: 700, 256: 700, 257: 781, 1024: 781, 1025: 1107, 2048: 1107, 2049: 1595, 4096: 1595} {
		effort, err := sampled.Effort(challenge.Work{Program: oneStep(k, 4), Samples: 3})
		require.NoError(t, err)
		require.Equal(t, 3*want, effort, "k %d", k)
	}
	two := oneStep(256, 5)
	two.Inputs = append(two.Inputs, program.Tensor{Name: "v", Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: 2, Cols: 5})
	two.Steps = append(two.Steps, two.Steps[0])
	two.Steps[1].Input, two.Steps[1].Weight, two.Steps[1].Output = "y", "v", "z"
	for k, want := range map[uint32]uint64{256: 700, 4096: 1595} {
		two.Inputs[0].Cols, two.Inputs[1].Cols = k, k
		effort, err := sampled.Effort(challenge.Work{Program: two, Samples: 1})
		require.NoError(t, err)
		require.Equal(t, want, effort, "the widest step")
	}
	for n, want := range map[uint32]uint64{4: 700, 4096: 3418} {
		effort, err := model.Effort(challenge.Work{Program: oneStep(64, n), Samples: 2})
		require.NoError(t, err)
		require.Equal(t, 2*want, effort, "%d outputs", n)
	}
	for _, system := range []interface {
		Effort(work challenge.Work) (uint64, error)
	}{sampled, model} {
		_, err := system.Effort(challenge.Work{Samples: 1})
		require.ErrorIs(t, err, types.ErrStatement)
	}
}
