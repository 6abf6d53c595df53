package keeper_test

import (
	"bytes"
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/require"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"

	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/full"
	"github.com/assaychain/assay/x/proofs/full/fulltest"
	"github.com/assaychain/assay/x/proofs/full/prover"
	"github.com/assaychain/assay/x/proofs/full/setup"
	"github.com/assaychain/assay/x/proofs/interpreter"
	"github.com/assaychain/assay/x/proofs/keeper"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
	"github.com/assaychain/assay/x/proofs/types"
)

// fullCircuit is the KZG key of a seed's development string.
func fullCircuit(id, seed string) types.Circuit {
	raw := full.EncodeKey(setup.DevelopmentKey(setup.DevelopmentSecret([]byte(seed))))
	hash := sha256.Sum256(raw)
	return types.Circuit{
		Id: id, System: types.PROOF_SYSTEM_KZG_BN254, Class: types.FullClass, VerifyingKey: raw, KeyHash: hash[:],
		Development: true, Status: types.CIRCUIT_STATUS_ACTIVE,
	}
}

// fullFixture is a development chain that offers the level.
func fullFixture(t testing.TB) *fixture {
	f := newFixture(t)
	require.NoError(t, f.register(fullCircuit("full", fulltest.Seed)))
	require.NoError(t, f.setParams(func(p *types.Params) { p.FullEnabled = true }))
	return f
}

// fullJob is a job of two steps at the level full, carried out, with its proofs: the second reads what the first requantises.
type fullJob struct {
	challenge.Trace
	result *tensor.Tensor
	proofs [][]byte
	prover *prover.Prover
}

// fullProgram is x·aᵀ under RELU, and that times bᵀ: sums, or int8 once more.
func fullProgram(last program.DataType) program.Program {
	p := program.Program{Version: program.Version, Inputs: []program.Tensor{
		{Name: "x", Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: 3, Cols: 5},
		{Name: "a", Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: 2, Cols: 5},
		{Name: "b", Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: 4, Cols: 2},
	}, Steps: []program.DenseStep{
		{Input: "x", Weight: "a", Output: "y", Shift: 6, Activation: program.ACTIVATION_RELU, OutputType: program.DATA_TYPE_INT8},
		{Input: "y", Weight: "b", Output: "z", Activation: program.ACTIVATION_IDENTITY, OutputType: last},
	}}
	if last == program.DATA_TYPE_INT8 {
		p.Steps[1].Shift = 7
	}
	return p
}

func proveJob(t testing.TB, last program.DataType) *fullJob {
	t.Helper()
	file, err := setup.Open(fulltest.String(t))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, file.Close()) })
	p := &fullJob{}
	p.prover, err = prover.New(file, prover.Options{Workers: 1})
	require.NoError(t, err)
	p.Program = fullProgram(last)
	x, err := tensor.NewInt8(3, 5, []int8{1, -2, 3, -4, 5, 6, -7, 8, -9, 10, -128, 127, 0, 1, 2})
	require.NoError(t, err)
	weights := []*tensor.Tensor{weightsOf(t, 2, 5), weightsOf(t, 4, 2)}
	outputs, err := interpreter.Run(p.Program, []*tensor.Tensor{x, weights[0], weights[1]})
	require.NoError(t, err)
	p.Samples, p.Seed, p.Circuits, p.result = 2, [32]byte{4}, []string{"full", "full"}, outputs[1]
	p.Claim = program.Claim{ChainID: developmentChain, JobID: 1, Attempt: 1, Worker: []byte("worker")}
	input := prover.Input{Rows: 3, Cols: 5, Values: x.Int8}
	input.Commitment, err = p.prover.CommitX(t.Context(), 3, 5, x.Int8)
	require.NoError(t, err)
	p.Inputs = [][]byte{input.Commitment[:]}
	var links []prover.Link
	for i, operand := range []*tensor.Tensor{x, outputs[0]} {
		links = append(links, p.link(t, i, operand, weights[i], outputs[i]))
	}
	chain, err := challenge.FullStatement(p.Trace)
	require.NoError(t, err)
	proven, err := p.prover.ProveChain(t.Context(), chain.Digest, []prover.Input{input}, links)
	require.NoError(t, err)
	require.Equal(t, chain, proven.Chain, "the prover proves the statement that the chain asks about")
	first := full.StepProofSize(full.Step{M: 3, N: 2, K: 5, Shift: 6, Relu: true})
	p.proofs = [][]byte{proven.Proof[:first:first], proven.Proof[first:]}
	return p
}

// link commits to a step's weights and output, and notes their roots.
func (p *fullJob) link(t testing.TB, number int, x, w, y *tensor.Tensor) prover.Link {
	t.Helper()
	step := p.Program.Steps[number]
	c, err := p.prover.CommitWeights(t.Context(), prover.Weights{N: w.Rows, K: w.Cols, Values: w.Int8, Bias: w.Bias, Multiplier: w.Multiplier})
	require.NoError(t, err)
	link := prover.Link{Operand: number, Weights: c, Output: y.Int8, Int32: y.Int8 == nil, Shift: step.Shift, Relu: step.Activation == program.ACTIVATION_RELU}
	link.Accumulators, err = p.prover.Accumulate(x.Rows, x.Int8, c.Weights)
	require.NoError(t, err)
	if link.Int32 {
		link.Commitment, err = p.prover.CommitY(t.Context(), y.Rows, y.Cols, y.Int32)
	} else {
		link.Commitment, err = p.prover.CommitX(t.Context(), y.Rows, y.Cols, y.Int8)
	}
	require.NoError(t, err)
	p.Inputs, p.Steps = append(p.Inputs, c.Root[:]), append(p.Steps, link.Commitment[:])
	return link
}

func weightsOf(t testing.TB, rows, cols uint32) *tensor.Tensor {
	t.Helper()
	w := tensor.Weights{Values: make([]int8, rows*cols), Bias: make([]int32, rows), Multiplier: make([]uint32, rows)}
	for i := range w.Values {
		w.Values[i] = int8(17*i - 50)
	}
	for i := range w.Bias {
		w.Bias[i], w.Multiplier[i] = int32(1000*i-500), 1
	}
	made, err := tensor.NewWeight(rows, cols, w)
	require.NoError(t, err)
	return made
}

func TestFullProvesEveryStep(t *testing.T) {
	f, p := fullFixture(t), proveJob(t, program.DATA_TYPE_INT32)
	system := f.keeper.Full()
	named, err := system.Fix(f.ctx, p.Work)
	require.NoError(t, err)
	require.Equal(t, p.Circuits, named)
	size, err := system.Bytes(p.Work)
	require.NoError(t, err)
	require.EqualValues(t, len(p.proofs[0])+len(p.proofs[1]), size)
	effort, err := system.Effort(p.Work)
	require.NoError(t, err)
	require.Zero(t, effort, "some thirty points")
	units, err := system.Units(p.Trace)
	require.NoError(t, err)
	ctx, meter := f.metered()
	require.NoError(t, system.Admit(ctx, p.Trace, p.proofs))
	require.Greater(t, meter.GasConsumed(), units*keeper.GasPerUnit, "decoding and checking is paid for on arrival")
	requireVerdict := func(want bool, trace challenge.Trace, proofs [][]byte, why string) {
		valid, err := system.Verify(f.ctx, trace, proofs)
		require.NoError(t, err, why)
		require.Equal(t, want, valid, why)
	}
	requireVerdict(true, p.Trace, p.proofs, "what is right")
	for name, change := range map[string]func(trace *challenge.Trace){
		"chain": func(c *challenge.Trace) { c.Claim.ChainID = "assay-test-2" }, "job": func(c *challenge.Trace) { c.Claim.JobID++ },
		"attempt": func(c *challenge.Trace) { c.Claim.Attempt++ }, "worker": func(c *challenge.Trace) { c.Claim.Worker = []byte("other") },
		"seed": func(c *challenge.Trace) { c.Seed[0]++ }, "result": func(c *challenge.Trace) { c.Steps = [][]byte{c.Steps[0], c.Inputs[0]} },
		"weights": func(c *challenge.Trace) { c.Inputs = [][]byte{c.Inputs[0], c.Inputs[1], make([]byte, 32)} },
		"program": func(c *challenge.Trace) {
			c.Program.Steps = append([]program.DenseStep{}, c.Program.Steps...)
			c.Program.Steps[1].Output = "v"
		},
	} {
		other := p.Trace
		change(&other)
		requireVerdict(false, other, p.proofs, "of another "+name)
	}
	spoiled := bytes.Clone(p.proofs[1])
	copy(spoiled[len(spoiled)-32:], p.proofs[0][len(p.proofs[0])-32:])
	require.NoError(t, system.Admit(f.ctx, p.Trace, [][]byte{p.proofs[0], spoiled}), "well formed")
	requireVerdict(false, p.Trace, [][]byte{p.proofs[0], spoiled}, "another opening")
}

func TestFullRefusals(t *testing.T) {
	f, p := fullFixture(t), proveJob(t, program.DATA_TYPE_INT32)
	system := f.keeper.Full()
	require.ErrorIs(t, system.Admit(f.ctx, p.Trace, p.proofs[:1]), types.ErrProofCount)
	require.ErrorIs(t, system.Admit(f.ctx, p.Trace, [][]byte{p.proofs[0], p.proofs[1][1:]}), types.ErrProofLength)
	bad := bytes.Clone(p.proofs[1])
	copy(bad[96:128], bytes.Repeat([]byte{255}, 32))
	require.ErrorIs(t, system.Admit(f.ctx, p.Trace, [][]byte{p.proofs[0], bad}), types.ErrProofEncoding)
	require.Panics(t, func() {
		_ = system.Admit(f.ctx.WithGasMeter(storetypes.NewGasMeter(20_000)), p.Trace, p.proofs)
	}, "gas comes first")
	for name, circuits := range map[string][]string{"none": nil, "one": {"full"}, "groth16": {"opening-256", "opening-256"}, "two": {"full", "other"}} {
		trace := p.Trace
		trace.Circuits = circuits
		_, err := system.Verify(f.ctx, trace, p.proofs)
		require.ErrorIs(t, err, types.ErrStatement, name)
	}
	for name, change := range map[string]func(*challenge.Work){
		"samples":      func(w *challenge.Work) { w.Samples = 3 },
		"relu of sums": func(w *challenge.Work) { w.Program.Steps[1].Activation = program.ACTIVATION_RELU },
		"sums read": func(w *challenge.Work) {
			w.Program.Steps[0].OutputType, w.Program.Steps[0].Shift = program.DATA_TYPE_INT32, 0
		},
		"nothing": func(w *challenge.Work) { w.Program.Steps = nil },
	} {
		work := p.Work
		work.Program.Steps = append([]program.DenseStep{}, work.Program.Steps...)
		change(&work)
		_, err := system.Fix(f.ctx, work)
		require.ErrorIs(t, err, types.ErrStatement, name)
		_, err = system.Bytes(work)
		require.ErrorIs(t, err, types.ErrStatement, name)
	}
	require.NoError(t, system.CheckRoot(program.TENSOR_KIND_PLAIN, p.Inputs[0]))
	require.NoError(t, system.CheckRoot(program.TENSOR_KIND_WEIGHT, make([]byte, 32)))
	require.ErrorIs(t, system.CheckRoot(program.TENSOR_KIND_PLAIN, make([]byte, 32)), types.ErrRoot)
	require.ErrorIs(t, system.CheckRoot(program.TENSOR_KIND_WEIGHT, make([]byte, 31)), types.ErrRoot)
	_, err := system.Commits(f.ctx, p.result, p.Steps[1])
	require.ErrorIs(t, err, types.ErrRoot)
}

func TestFullIsASwitchAndAKey(t *testing.T) {
	f, p := fullFixture(t), proveJob(t, program.DATA_TYPE_INT32)
	system := f.keeper.Full()
	require.NoError(t, f.retire("full"))
	_, err := system.Fix(f.ctx, p.Work)
	require.ErrorIs(t, err, types.ErrNoCircuit)
	valid, err := system.Verify(f.ctx, p.Trace, p.proofs)
	require.NoError(t, err)
	require.True(t, valid, "a retired key still judges")
	require.NoError(t, f.register(fullCircuit("full-2", "other")))
	named, err := system.Fix(f.ctx, p.Work)
	require.NoError(t, err)
	require.Equal(t, []string{"full-2", "full-2"}, named)
	require.NoError(t, f.setParams(func(p *types.Params) { p.FullEnabled = false }))
	_, err = system.Fix(f.ctx, p.Work)
	require.ErrorIs(t, err, types.ErrFullDisabled)
	require.NoError(t, f.keeper.Invariants(f.ctx))

	public := emptyFixture(t, "assay-1")
	genesis := types.DefaultGenesis()
	require.False(t, genesis.Params.FullEnabled)
	genesis.Params.FullEnabled = true
	require.ErrorIs(t, public.keeper.InitGenesis(public.ctx, genesis), types.ErrFullDisabled)
	genesis.Params.FullEnabled = false
	require.NoError(t, public.keeper.InitGenesis(public.ctx, genesis))
	require.ErrorIs(t, public.setParams(func(p *types.Params) { p.FullEnabled = true }), types.ErrFullDisabled)
	require.ErrorIs(t, public.register(fullCircuit("full", "other")), types.ErrDevelopmentKey)
}

func TestFullKeysAreChecked(t *testing.T) {
	f := newFixture(t)
	good := fullCircuit("full", fulltest.Seed)
	rehash := func(c *types.Circuit) { hash := sha256.Sum256(c.VerifyingKey); c.KeyHash = hash[:] }
	for name, c := range map[string]struct {
		change func(*types.Circuit)
		want   error
	}{
		"another class":       {func(c *types.Circuit) { c.Class = 1024 }, types.ErrCircuit},
		"another system":      {func(c *types.Circuit) { c.System = types.PROOF_SYSTEM_GROTH16_BN254 }, types.ErrCircuit},
		"no system":           {func(c *types.Circuit) { c.System = 0 }, types.ErrCircuit},
		"short":               {func(c *types.Circuit) { c.VerifyingKey = c.VerifyingKey[1:] }, types.ErrKey},
		"another hash":        {func(c *types.Circuit) { c.KeyHash = make([]byte, 32) }, types.ErrKeyHash},
		"another development": {func(c *types.Circuit) { c.Development, c.Ceremony = false, make([]byte, 32) }, types.ErrKey},
		"no powers": {func(c *types.Circuit) {
			copy(c.VerifyingKey[2+32:], c.VerifyingKey[2:2+32])
			rehash(c)
		}, types.ErrKey},
	} {
		circuit := good
		circuit.VerifyingKey = bytes.Clone(good.VerifyingKey)
		c.change(&circuit)
		require.ErrorIs(t, f.register(circuit), c.want, name)
	}
	require.NoError(t, f.register(good))
	require.ErrorIs(t, f.register(fullCircuit("full-2", "other")), types.ErrCircuitExists)
	before := f.export()
	g := emptyFixture(t, developmentChain)
	var state types.GenesisState
	require.NoError(t, f.cdc.UnmarshalJSON([]byte(before), &state))
	require.NoError(t, g.keeper.InitGenesis(g.ctx, &state))
	require.Equal(t, before, g.export())
}

func TestFullContest(t *testing.T) {
	f, p := fullFixture(t), proveJob(t, program.DATA_TYPE_INT32)
	system := f.keeper.Full()
	box := sha256.Sum256([]byte("box"))
	ctx, meter := f.metered()
	point, value, err := system.Ask(ctx, p.Trace, []byte("secret"), box, p.result)
	require.NoError(t, err)
	require.EqualValues(t, len(p.result.Int32), meter.GasConsumed())
	for name, ask := range map[string]func() ([]byte, []byte, error){
		"secret": func() ([]byte, []byte, error) { return system.Ask(ctx, p.Trace, []byte("other"), box, p.result) },
		"box": func() ([]byte, []byte, error) {
			return system.Ask(ctx, p.Trace, []byte("secret"), [32]byte{}, p.result)
		},
		"job": func() ([]byte, []byte, error) {
			other := p.Trace
			other.Claim.JobID++
			return system.Ask(ctx, other, []byte("secret"), box, p.result)
		},
	} {
		drawn, _, err := ask()
		require.NoError(t, err)
		require.NotEqual(t, point, drawn, "another %s", name)
	}
	result := prover.Committed{M: 3, N: 4, Values: p.result.Int32, Commitment: full.Commitment(p.Steps[1])}
	opening, err := p.prover.Open(t.Context(), result, [32]byte(point))
	require.NoError(t, err)
	before := meter.GasConsumed()
	genuine, err := system.Answer(ctx, p.Trace, point, value, opening)
	require.NoError(t, err)
	require.True(t, genuine)
	require.Greater(t, meter.GasConsumed()-before, uint64(full.OpeningUnits*keeper.GasPerUnit))
	lie := *p.result
	lie.Int32 = append([]int32{}, lie.Int32...)
	lie.Int32[7]++
	_, other, err := system.Ask(ctx, p.Trace, []byte("secret"), box, &lie)
	require.NoError(t, err)
	genuine, err = system.Answer(ctx, p.Trace, point, other, opening)
	require.NoError(t, err)
	require.False(t, genuine, "the box held another result")
	_, err = system.Answer(ctx, p.Trace, point, other, append(other, opening[32:]...))
	require.ErrorIs(t, err, types.ErrProofEncoding, "a value that the commitment does not open to")
	_, err = system.Answer(ctx, p.Trace, point, value, opening[1:])
	require.ErrorIs(t, err, types.ErrProofLength)
}

// TestFullContestOfInt8: a result that was requantised is questioned and opened as one of sums.
func TestFullContestOfInt8(t *testing.T) {
	f, p := fullFixture(t), proveJob(t, program.DATA_TYPE_INT8)
	system := f.keeper.Full()
	valid, err := system.Verify(f.ctx, p.Trace, p.proofs)
	require.NoError(t, err)
	require.True(t, valid)
	box := sha256.Sum256([]byte("box"))
	ctx, meter := f.metered()
	point, value, err := system.Ask(ctx, p.Trace, []byte("secret"), box, p.result)
	require.NoError(t, err)
	require.EqualValues(t, len(p.result.Int8), meter.GasConsumed())
	values := make([]int32, len(p.result.Int8))
	for i, v := range p.result.Int8 {
		values[i] = int32(v)
	}
	opening, err := p.prover.Open(t.Context(), prover.Committed{M: 3, N: 4, Values: values, Commitment: full.Commitment(p.Steps[1])}, [32]byte(point))
	require.NoError(t, err)
	genuine, err := system.Answer(ctx, p.Trace, point, value, opening)
	require.NoError(t, err)
	require.True(t, genuine)
	lie := *p.result
	lie.Int8 = append([]int8{}, lie.Int8...)
	lie.Int8[7]--
	_, other, err := system.Ask(ctx, p.Trace, []byte("secret"), box, &lie)
	require.NoError(t, err)
	genuine, err = system.Answer(ctx, p.Trace, point, other, opening)
	require.NoError(t, err)
	require.False(t, genuine, "the box held another result")
}

// TestFullLinksOfAChain: what a chain shows of one step holds for no other place: not for the steps in another order, nor for a step
// that reads another operand, or requantises otherwise, though shapes and lengths are the same.
func TestFullLinksOfAChain(t *testing.T) {
	f, p := fullFixture(t), proveJob(t, program.DATA_TYPE_INT8)
	system := f.keeper.Full()
	refused := func(why string, trace challenge.Trace, proofs [][]byte) {
		valid, err := system.Verify(f.ctx, trace, proofs)
		require.NoError(t, err, why)
		require.False(t, valid, why)
	}
	for why, change := range map[string]func(steps []program.DenseStep){
		"another shift":      func(steps []program.DenseStep) { steps[1].Shift = 8 },
		"a shift before":     func(steps []program.DenseStep) { steps[0].Shift = 7 },
		"no activation":      func(steps []program.DenseStep) { steps[0].Activation = program.ACTIVATION_IDENTITY },
		"an activation more": func(steps []program.DenseStep) { steps[1].Activation = program.ACTIVATION_RELU },
	} {
		trace := p.Trace
		trace.Program.Steps = append([]program.DenseStep{}, p.Program.Steps...)
		change(trace.Program.Steps)
		refused(why, trace, p.proofs)
	}
	hidden := p.Trace
	hidden.Steps = [][]byte{p.Inputs[0], p.Steps[1]}
	refused("another output between the steps", hidden, p.proofs)
	swapped := p.Trace
	swapped.Steps = [][]byte{p.Steps[1], p.Steps[0]}
	refused("outputs in another order", swapped, p.proofs)
	_, err := system.Verify(f.ctx, p.Trace, [][]byte{p.proofs[1], p.proofs[0]})
	require.ErrorIs(t, err, types.ErrStatement, "never admitted")
	require.ErrorIs(t, system.Admit(f.ctx, p.Trace, [][]byte{p.proofs[1], p.proofs[0]}), types.ErrProofLength)
}

// TestOnlyFullTakesWhatNoTreeHolds: a tensor of more than 4096 columns that a step reads, or an output that can't be cut into equal parts,
// are for the level full, up to 8192; the levels that commit by trees name the field.
func TestOnlyFullTakesWhatNoTreeHolds(t *testing.T) {
	f := fullFixture(t)
	trees := map[string]func(work challenge.Work) ([]string, error){
		"sampled":  func(w challenge.Work) ([]string, error) { return f.keeper.Sampled().Fix(f.ctx, w) },
		"revealed": func(w challenge.Work) ([]string, error) { return keeper.Revealed{}.Fix(f.ctx, w) },
		"model":    func(w challenge.Work) ([]string, error) { return f.keeper.Model().Fix(f.ctx, w) },
	}
	for want, change := range map[string]func(p *program.Program){
		"inputs[0].cols is 4097, must be at most 4096": func(p *program.Program) { p.Inputs[0].Cols, p.Inputs[1].Cols = 4097, 4097 },
		"inputs[2].cols is 4098, must be at most 4096": func(p *program.Program) { p.Inputs[1].Rows, p.Inputs[2].Cols = 4098, 4098 },
		"steps[1].output has 1681 columns":             func(p *program.Program) { p.Inputs[2].Rows = 1681 },
	} {
		work := challenge.Work{Program: fullProgram(program.DATA_TYPE_INT32), Samples: 2, Inputs: [][]byte{make([]byte, 32), make([]byte, 32), make([]byte, 32)}}
		_, err := trees["sampled"](work)
		require.NoError(t, err)
		change(&work.Program)
		for level, fix := range trees {
			_, err := fix(work)
			require.ErrorContains(t, err, want, level)
		}
		_, err = f.keeper.Full().Fix(f.ctx, work)
		require.NoError(t, err)
	}
	work := challenge.Work{Program: fullProgram(program.DATA_TYPE_INT32), Samples: 2, Inputs: [][]byte{make([]byte, 32), make([]byte, 32), make([]byte, 32)}}
	work.Program.Inputs[0].Rows, work.Program.Inputs[2].Rows = 8192, 8192
	for _, level := range []string{"sampled", "revealed"} {
		_, err := trees[level](work)
		require.NoError(t, err, "thousands of rows and columns")
	}
	work.Program.Inputs[0].Rows = 8193
	_, err := f.keeper.Full().Fix(f.ctx, work)
	require.ErrorContains(t, err, "inputs[0].rows is 8193, must be 1 to 8192")
}
