package types_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// named is a system that can be told apart.
type named string

func (named) CheckRoot(program.TensorKind, []byte) error { return nil }

func (named) Commits(sdk.Context, *tensor.Tensor, []byte) (bool, error) { return true, nil }

func (named) Fix(context.Context, challenge.Work) ([]string, error) { return nil, nil }

func (named) Bytes(challenge.Work) (uint64, error) { return 1, nil }

func (named) Effort(challenge.Work) (uint64, error) { return 0, nil }

func (named) Admit(sdk.Context, challenge.Trace, [][]byte) error { return nil }

func (named) Units(challenge.Trace) (uint64, error) { return 1, nil }

func (named) Verify(context.Context, challenge.Trace, [][]byte) (bool, error) { return true, nil }

func TestProofSystemsAreSealed(t *testing.T) {
	systems := &types.ProofSystems{}
	require.ErrorContains(t, systems.Seal(), "ASSURANCE_SAMPLED must be registered")
	require.Error(t, systems.Register(types.ASSURANCE_SAMPLED, nil))
	require.Error(t, systems.Register(77, named("unknown")))
	require.NoError(t, systems.Register(types.ASSURANCE_SAMPLED, named("sampled")))
	require.ErrorContains(t, systems.Register(types.ASSURANCE_SAMPLED, named("again")), "twice")
	require.NoError(t, systems.Register(types.ASSURANCE_FULL, named("full")))
	require.NoError(t, systems.Seal())
	require.ErrorContains(t, systems.Register(types.ASSURANCE_REVEALED, named("late")), "sealed")
	for level, want := range map[types.Assurance]named{types.ASSURANCE_SAMPLED: "sampled", types.ASSURANCE_FULL: "full"} {
		system, err := systems.For(level)
		require.NoError(t, err)
		require.Equal(t, want, system)
	}
	for _, level := range []types.Assurance{types.ASSURANCE_REVEALED, types.ASSURANCE_MODEL, 77, -1} {
		_, err := systems.For(level)
		require.ErrorIs(t, err, types.ErrAssurance)
	}
	ports := types.Ports{Systems: &types.ProofSystems{}}
	require.Error(t, ports.Validate())
}

// rows is a system that draws whole rows.
type rows struct{ named }

func (rows) Positions(seed [32]byte, work challenge.Work) ([]program.Position, error) {
	return program.RowPositions(seed, work.Program, work.Samples)
}

func TestASystemMayDrawForItself(t *testing.T) {
	systems := &types.ProofSystems{}
	require.NoError(t, systems.Register(types.ASSURANCE_SAMPLED, named("sampled")))
	require.NoError(t, systems.Register(types.ASSURANCE_MODEL, rows{"model"}))
	require.NoError(t, systems.Seal())
	work := challenge.Work{Samples: 3, Program: program.Program{
		Version: 1,
		Inputs:  []program.Tensor{{Name: "x", Kind: 1, Type: 1, Rows: 5, Cols: 4}, {Name: "w", Kind: 2, Type: 1, Rows: 40, Cols: 4}},
		Steps:   []program.DenseStep{{Input: "x", Weight: "w", Output: "y", Activation: 1, OutputType: program.DATA_TYPE_INT32}},
	}}
	drawn, err := systems.Positions(types.ASSURANCE_MODEL, [32]byte{1}, work)
	require.NoError(t, err)
	want, err := program.RowPositions([32]byte{1}, work.Program, 3)
	require.NoError(t, err)
	require.Equal(t, want, drawn)
	drawn, err = systems.Positions(types.ASSURANCE_SAMPLED, [32]byte{1}, work)
	require.NoError(t, err)
	want, err = program.Positions([32]byte{1}, work.Program, 3)
	require.NoError(t, err)
	require.Equal(t, want, drawn)
	_, err = systems.Positions(types.ASSURANCE_FULL, [32]byte{1}, work)
	require.ErrorIs(t, err, types.ErrAssurance)
}

func TestAssuranceIsReadAsItIsWritten(t *testing.T) {
	for value := range program.Assurance_name {
		level := types.Assurance(value)
		back, err := types.ParseAssurance(level.Word())
		require.NoError(t, err)
		require.Equal(t, level, back)
	}
	require.Equal(t, "sampled", types.ASSURANCE_SAMPLED.Word())
	for _, word := range []string{"", "SAMPLED", "Sampled", "assurance_sampled", "0", "total"} {
		_, err := types.ParseAssurance(word)
		require.ErrorIs(t, err, types.ErrAssurance, word)
	}
}

// disputable, local and asking are what a system may offer beside.
type (
	disputable struct{}
	local      struct{}
	asking     struct{}
)

func (disputable) Dispute(trace challenge.Trace, _ uint32, _ program.Position) (challenge.Trace, error) {
	return trace, nil
}

func (local) RowMatches(sdk.Context, tensor.Shape, []byte, []byte) (bool, error) { return true, nil }

func (local) NodeMatches(sdk.Context, int, [][]byte, []byte) (bool, error) { return true, nil }

func (asking) Ask(sdk.Context, challenge.Trace, []byte, [32]byte, *tensor.Tensor) (point, value []byte, err error) {
	return nil, nil, nil
}

func (asking) Answer(sdk.Context, challenge.Trace, []byte, []byte, []byte) (bool, error) {
	return true, nil
}

// Several operators compute what the chain itself can decide, from the difference to the delivery.
func TestReplicable(t *testing.T) {
	for name, c := range map[string]struct {
		system types.ProofSystem
		want   bool
	}{
		"whole": {struct {
			named
			disputable
			local
		}{}, true},
		"without entries to be proven": {struct {
			named
			local
		}{}, false},
		"without trees": {struct {
			named
			disputable
		}{}, false},
		"with questions to the worker": {struct {
			named
			disputable
			local
			asking
		}{}, false},
	} {
		require.Equal(t, c.want, types.Replicable(c.system), name)
	}
}
