package circuits_test

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/circuits"
	"github.com/assaychain/assay/x/proofs/circuits/opening"
	"github.com/assaychain/assay/x/proofs/statement"
)

// constraintLimits are what the circuits may cost: they keep the evaluation domain at 2^14 for the classes that every network has, and at
// 2^15 for the others.
var constraintLimits = map[uint32]int{256: 16_000, 1024: 16_000, 2048: 32_500, 4096: 32_500}

func TestManifestIsCurrent(t *testing.T) {
	got := []circuits.Circuit{}
	for _, class := range statement.Classes() {
		system, err := opening.Compile(class)
		require.NoError(t, err)
		require.Equal(t, 2, system.GetNbPublicVariables(), "the constant and the digest")
		require.LessOrEqual(t, system.GetNbConstraints(), constraintLimits[class])
		sum, err := opening.Checksum(system)
		require.NoError(t, err)
		got = append(got, circuits.Circuit{
			ID: statement.CircuitID(class), Class: class, Constraints: system.GetNbConstraints(), SHA256: hex.EncodeToString(sum[:]),
		})
	}
	require.Equal(t, got, circuits.Manifest(), "update the manifest; keys made for the old circuits are void")
}

func TestClassesOutsideOfTheFamilyAreRefused(t *testing.T) {
	for _, class := range []uint32{0, 4097} {
		_, err := opening.Compile(class)
		require.ErrorContains(t, err, "not in 1..4096")
	}
}

func TestCircuitsAreChosenByClass(t *testing.T) {
	chosen, err := circuits.Of(4096, 256)
	require.NoError(t, err)
	require.Equal(t, []string{"opening-256", "opening-4096"}, []string{chosen[0].ID, chosen[1].ID})
	_, err = circuits.Of(512)
	require.ErrorContains(t, err, "class 512: there are circuits of the classes [256 1024 2048 4096]")
	require.Len(t, circuits.Default(), 2)
}
