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
