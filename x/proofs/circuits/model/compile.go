package model

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark/constraint"
	"github.com/consensys/gnark/frontend"
	"github.com/consensys/gnark/frontend/cs/r1cs"

	"github.com/assaychain/assay/x/proofs/circuits"
	"github.com/assaychain/assay/x/proofs/circuits/internal/gadget"
	"github.com/assaychain/assay/x/proofs/statement"
)

// Compile builds the constraint system of a network. The same network always gives the same system.
func Compile(n *Network) (constraint.ConstraintSystem, error) {
	// Without a threshold, long linear combinations stay free instead of being cut by a constraint each.
	system, err := frontend.Compile(ecc.BN254.ScalarField(), r1cs.NewBuilder, New(n), frontend.WithCompressThreshold(0))
	if err != nil {
		return nil, fmt.Errorf("compile %s: %w", statement.ModelCircuitID(n.hash), err)
	}
	return system, nil
}

// Checksum is the SHA-256 of a constraint system in gnark's encoding: what a model's record on the chain names it by.
func Checksum(system constraint.ConstraintSystem) ([sha256.Size]byte, error) {
	return gadget.Checksum(system)
}

// Describe compiles a network, and tells its circuit's usual id, its size and its checksum.
func Describe(n *Network) (circuits.Circuit, constraint.ConstraintSystem, error) {
	system, err := Compile(n)
	if err != nil {
		return circuits.Circuit{}, nil, err
	}
	sum, err := Checksum(system)
	if err != nil {
		return circuits.Circuit{}, nil, err
	}
	return circuits.Circuit{
		ID: statement.ModelCircuitID(n.hash), Constraints: system.GetNbConstraints(), SHA256: hex.EncodeToString(sum[:]),
	}, system, nil
}
