package opening

import (
	"crypto/sha256"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark/constraint"
	"github.com/consensys/gnark/frontend"
	"github.com/consensys/gnark/frontend/cs/r1cs"

	"github.com/assaychain/assay/x/proofs/circuits/internal/gadget"
	"github.com/assaychain/assay/x/proofs/statement"
)

// Compile builds the constraint system of a class: 1 to 4096 columns. The same class always gives the same system.
func Compile(class uint32) (constraint.ConstraintSystem, error) {
	if class < 1 || class > statement.ClassMax {
		return nil, fmt.Errorf("circuit class %d not in 1..%d", class, statement.ClassMax)
	}
	// Without a threshold, long linear combinations stay free instead of being cut by a constraint each.
	system, err := frontend.Compile(ecc.BN254.ScalarField(), r1cs.NewBuilder, New(class), frontend.WithCompressThreshold(0))
	if err != nil {
		return nil, fmt.Errorf("compile %s: %w", statement.CircuitID(class), err)
	}
	return system, nil
}

// Checksum is the SHA-256 of a constraint system in gnark's encoding: what the manifest and cached keys name it by.
func Checksum(system constraint.ConstraintSystem) ([sha256.Size]byte, error) {
	return gadget.Checksum(system)
}
