package circuits_test

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/circuits"
	"github.com/assaychain/assay/x/proofs/circuits/opening"
	"github.com/assaychain/assay/x/proofs/statement"
)

// constraintLimit is what the widest circuit may cost: it keeps the evaluation domain at 2^14 with room to spare.
const constraintLimit = 15_000

func TestManifestIsCurrent(t *testing.T) {
	got := []circuits.Circuit{}
	for _, class := range statement.Classes() {
		system, err := opening.Compile(class)
		require.NoError(t, err)
		require.Equal(t, 2, system.GetNbPublicVariables(), "the constant and the digest")
		require.LessOrEqual(t, system.GetNbConstraints(), constraintLimit)
		sum, err := opening.Checksum(system)
		require.NoError(t, err)
		got = append(got, circuits.Circuit{
			ID: statement.CircuitID(class), Class: class, Constraints: system.GetNbConstraints(), SHA256: hex.EncodeToString(sum[:]),
		})
	}
	require.Equal(t, got, circuits.Manifest(), "update the manifest; keys made for the old circuits are void")
}

func TestClassesOutsideOfTheFamilyAreRefused(t *testing.T) {
	for _, class := range []uint32{0, 1025} {
		_, err := opening.Compile(class)
		require.ErrorContains(t, err, "not in 1..1024")
	}
}
