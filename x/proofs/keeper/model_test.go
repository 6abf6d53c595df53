package keeper_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/circuits/model/modeltest"
	"github.com/assaychain/assay/x/proofs/keeper"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/setup"
	"github.com/assaychain/assay/x/proofs/setup/setuptest"
	"github.com/assaychain/assay/x/proofs/types"
)

// modelRun is the tiny network run on a chain that knows it, with the keys for it.
type modelRun struct {
	*modeltest.Run
	keys    *setup.Keys
	circuit types.Circuit
}

func runModel(t testing.TB, f *fixture) modelRun {
	t.Helper()
	run, err := modeltest.Draw(modeltest.Tiny(20))
	require.NoError(t, err)
	keys, err := setup.Open(setuptest.Model(t, run.Network))
	require.NoError(t, err)
	m := modelRun{run, keys, modelCircuit(t, keys, run)}
	require.NoError(t, f.register(m.circuit))
	return m
}

// modelCircuit is the record of a run's network.
func modelCircuit(t testing.TB, keys *setup.Keys, run *modeltest.Run) types.Circuit {
	t.Helper()
	id := run.Trace(developmentChain, 1).Circuits[0]
	entry, key, err := keys.LoadModelVerifyingKey(id)
	require.NoError(t, err)
	model := run.Network.Model()
	circuit := provable{key: key}.circuit(id, 0)
	circuit.Model = &model
	circuit.CircuitHash, err = hex.DecodeString(entry.CircuitSHA256)
	require.NoError(t, err)
	return circuit
}

func (m modelRun) proofs(t testing.TB, trace challenge.Trace) [][]byte {
	t.Helper()
	proofs, err := m.Prove(m.keys, trace)
	require.NoError(t, err)
	return proofs
}

func TestModelProvesWholeRows(t *testing.T) {
	f := newFixture(t)
	m := runModel(t, f)
	system, trace := f.keeper.Model(), m.Trace(developmentChain, 2)
	named, err := system.Fix(f.ctx, trace.Work)
	require.NoError(t, err)
	require.Equal(t, trace.Circuits, named)
	size, err := system.Bytes(trace.Work)
	require.NoError(t, err)
	require.EqualValues(t, 2*types.ProofSize, size)
	positions, err := system.Positions(trace.Seed, trace.Work)
	require.NoError(t, err)
	require.Len(t, positions, 2)

	proofs := m.proofs(t, trace)
	ctx, meter := f.metered()
	require.NoError(t, system.Admit(ctx, trace, proofs))
	units, err := system.Units(trace)
	require.NoError(t, err)
	require.Equal(t, f.keeper.Units(2), units)
	require.Equal(t, (units+2*keeper.DecodeUnits)*keeper.GasPerUnit, meter.GasConsumed())
	require.True(t, f.verified(t, trace, proofs))

	require.ErrorIs(t, system.Admit(f.ctx, trace, proofs[:1]), types.ErrProofCount)
	require.ErrorIs(t, system.Admit(f.ctx, trace, [][]byte{proofs[0], proofs[1][1:]}), types.ErrProofEncoding)
	require.False(t, f.verified(t, trace, [][]byte{proofs[1], proofs[0]}), "each draw has its own")
	for name, change := range map[string]func(t *challenge.Trace){
		"chain":   func(t *challenge.Trace) { t.Claim.ChainID = "assay-test-2" },
		"job":     func(t *challenge.Trace) { t.Claim.JobID++ },
		"attempt": func(t *challenge.Trace) { t.Claim.Attempt++ },
		"worker":  func(t *challenge.Trace) { t.Claim.Worker = []byte("thief") },
		"seed":    func(t *challenge.Trace) { t.Seed[1]++ },
		"inputs":  func(t *challenge.Trace) { t.Inputs = append([][]byte{t.Steps[0]}, t.Inputs[1:]...) },
		"weights": func(t *challenge.Trace) { t.Inputs = append(append([][]byte{}, t.Inputs[:2]...), t.Steps[0]) },
		"hidden":  func(t *challenge.Trace) { t.Steps = [][]byte{t.Steps[1], t.Steps[1]} },
		"result":  func(t *challenge.Trace) { t.Steps = [][]byte{t.Steps[0], t.Steps[0]} },
	} {
		changed := trace
		change(&changed)
		require.False(t, f.verified(t, changed, proofs), name)
	}
	require.NoError(t, f.retire(m.circuit.Id))
	require.True(t, f.verified(t, trace, proofs), "a retired circuit still judges the jobs begun under it")
	_, err = system.Fix(f.ctx, trace.Work)
	require.ErrorIs(t, err, types.ErrModel)
}

func (f *fixture) verified(t testing.TB, trace challenge.Trace, proofs [][]byte) bool {
	t.Helper()
	valid, err := f.keeper.Model().Verify(f.ctx, trace, proofs)
	require.NoError(t, err)
	return valid
}

// TestAWrongOutputOfADrawnInputIsRefused has a worker commit to one wrong output. No proof of its row exists; what else it may hand
// in for it, such as the proof of the right output, is refused.
func TestAWrongOutputOfADrawnInputIsRefused(t *testing.T) {
	f := newFixture(t)
	m := runModel(t, f)
	honest := m.Trace(developmentChain, 1)
	proofs := m.proofs(t, honest)
	positions, err := f.keeper.Model().Positions(honest.Seed, honest.Work)
	require.NoError(t, err)
	m.Outputs[1].Int32[2*positions[0].Row]++
	require.NoError(t, m.Commit())
	cheat := m.Trace(developmentChain, 1)
	_, err = m.Prove(m.keys, cheat)
	require.ErrorContains(t, err, "not what the model computes")
	require.False(t, f.verified(t, cheat, proofs))
	require.True(t, f.verified(t, honest, proofs))
}

// TestAKeyUnderAnotherModelsRecordProvesNothing registers the key of one network under the layers of another.
func TestAKeyUnderAnotherModelsRecordProvesNothing(t *testing.T) {
	f := newFixture(t)
	m := runModel(t, f)
	spec := modeltest.Tiny(20)
	spec.Seed++
	other, err := modeltest.Draw(spec)
	require.NoError(t, err)
	trace := other.Trace(developmentChain, 1)
	_, err = f.keeper.Model().Fix(f.ctx, trace.Work)
	require.ErrorIs(t, err, types.ErrModel, "nobody registered it")
	proofs := m.proofs(t, m.Trace(developmentChain, 1))
	require.False(t, f.verified(t, withCircuit(trace, m.circuit.Id), proofs), "another model's proof")

	mixed := m.circuit
	model := other.Network.Model()
	mixed.Id, mixed.Model = trace.Circuits[0], &model
	require.NoError(t, f.register(mixed))
	named, err := f.keeper.Model().Fix(f.ctx, trace.Work)
	require.NoError(t, err)
	require.Equal(t, trace.Circuits, named)
	require.False(t, f.verified(t, trace, proofs))
	require.NoError(t, f.keeper.Invariants(f.ctx))
}

func withCircuit(t challenge.Trace, id string) challenge.Trace {
	t.Circuits = []string{id, id}
	return t
}

func TestModelRefusals(t *testing.T) {
	f := newFixture(t)
	m := runModel(t, f)
	system := f.keeper.Model()
	for name, c := range map[string]struct {
		spoil func(w *challenge.Work)
		want  error
	}{
		"too many rows": {func(w *challenge.Work) { w.Samples = 21 }, types.ErrProofCount},
		"weights":       {func(w *challenge.Work) { w.Inputs = [][]byte{w.Inputs[0], w.Inputs[2], w.Inputs[1]} }, types.ErrModel},
		"steps":         {func(w *challenge.Work) { w.Program.Steps[0].Shift++ }, types.ErrModel},
		"program":       {func(w *challenge.Work) { w.Program.Version = 0 }, types.ErrModel},
		"fork":          {func(w *challenge.Work) { w.Program.Steps[1].Input, w.Program.Inputs[2].Cols = "x", 8 }, types.ErrModel},
	} {
		work := m.Trace(developmentChain, 20).Work
		work.Program.Steps = append([]program.DenseStep{}, work.Program.Steps...)
		work.Program.Inputs = append([]program.Tensor{}, work.Program.Inputs...)
		_, err := system.Fix(f.ctx, work)
		require.NoError(t, err, "every row may be drawn")
		c.spoil(&work)
		_, err = system.Fix(f.ctx, work)
		require.ErrorIs(t, err, c.want, name)
	}
	trace := m.Trace(developmentChain, 1)
	_, proof := first().prove(t, 3)
	_, err := system.Verify(f.ctx, trace, nil)
	require.ErrorIs(t, err, types.ErrStatement)
	nameless := trace
	nameless.Circuits = nil
	_, err = system.Verify(f.ctx, nameless, [][]byte{proof})
	require.ErrorIs(t, err, types.ErrStatement)
	trace.Steps = trace.Steps[:1]
	_, err = system.Verify(f.ctx, trace, [][]byte{proof})
	require.ErrorIs(t, err, types.ErrStatement)
}

// TestModelsAreRegistered: a model has one active circuit, beside the classes, and what is registered survives an export.
func TestModelsAreRegistered(t *testing.T) {
	f := newFixture(t)
	m := runModel(t, f)
	found, err := f.keeper.CircuitOf(f.ctx, m.Network.Model())
	require.NoError(t, err)
	require.Equal(t, m.circuit, found)
	before := f.export()
	for name, c := range map[string]struct {
		spoil func(c *types.Circuit)
		want  error
	}{
		"same model":    {func(c *types.Circuit) { c.Id = "model-2" }, types.ErrCircuitExists},
		"class too":     {func(c *types.Circuit) { c.Class = 256 }, types.ErrCircuit},
		"no hash":       {func(c *types.Circuit) { c.CircuitHash = nil }, types.ErrCircuit},
		"short hash":    {func(c *types.Circuit) { c.CircuitHash = c.CircuitHash[1:] }, types.ErrCircuit},
		"no layers":     {func(c *types.Circuit) { c.Model = &program.Model{} }, types.ErrCircuit},
		"aliased root":  {func(c *types.Circuit) { c.Model.Layers[0].WeightRoot = bytes.Repeat([]byte{255}, 32) }, types.ErrCircuit},
		"pool of none":  {func(c *types.Circuit) { c.Model, c.Class, c.CircuitHash, c.Pool = nil, 256, nil, 7 }, types.ErrCircuit},
		"hash and none": {func(c *types.Circuit) { c.Model, c.Class = nil, 256 }, types.ErrCircuit},
	} {
		circuit := m.circuit
		model := program.Model{Layers: append([]program.Layer{}, m.circuit.Model.Layers...)}
		circuit.Model, circuit.Id = &model, "model-3"
		c.spoil(&circuit)
		require.ErrorIs(t, f.register(circuit), c.want, name)
		require.Equal(t, before, f.export(), name)
	}
	var state types.GenesisState
	f.cdc.MustUnmarshalJSON([]byte(before), &state)
	again := emptyFixture(t, developmentChain)
	require.NoError(t, again.keeper.InitGenesis(again.ctx, &state))
	require.Equal(t, before, again.export())
	require.NoError(t, again.keeper.Invariants(again.ctx))
	found, err = again.keeper.CircuitOf(again.ctx, m.Network.Model())
	require.NoError(t, err)
	require.Equal(t, m.circuit, found)
	twice := m.circuit
	twice.Id = "model-4"
	state.Circuits = append(state.Circuits, twice)
	require.ErrorIs(t, state.Validate(), types.ErrGenesis)

	work := m.Trace(developmentChain, 1).Work
	pool, err := f.keeper.Model().Pool(f.ctx, work)
	require.NoError(t, err)
	require.Zero(t, pool)
	require.NoError(t, f.retire(m.circuit.Id))
	require.NoError(t, f.keeper.Invariants(f.ctx))
	_, err = f.keeper.Model().Pool(f.ctx, work)
	require.ErrorIs(t, err, types.ErrModel)
	restricted := m.circuit
	restricted.Id, restricted.Pool = "model-6", 7
	require.NoError(t, f.register(restricted))
	pool, err = f.keeper.Model().Pool(f.ctx, work)
	require.NoError(t, err)
	require.EqualValues(t, 7, pool)
	require.NoError(t, f.retire(restricted.Id))
	twice.Id = "model-5"
	require.NoError(t, f.register(twice), "the old one is retired")
	require.NoError(t, f.keeper.PointModel(sdk.UnwrapSDKContext(f.ctx), [32]byte{1}, m.circuit.Id))
	require.ErrorIs(t, f.keeper.Invariants(f.ctx), types.ErrInvariant)
}
