// Package proving wraps the side of the proof library that makes keys and proofs. The chain verifies with the package
// groth16 beside it and never runs this one in consensus: keys and proofs are random.
package proving

import (
	"bytes"
	"fmt"
	"io"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark/backend/groth16"
	"github.com/consensys/gnark/backend/witness"
	"github.com/consensys/gnark/constraint"
	"github.com/consensys/gnark/logger"

	verifier "github.com/assaychain/assay/x/proofs/internal/groth16"
)

// init silences the library, which writes to the standard output.
func init() { logger.Disable() }

// System is a compiled circuit.
type System = constraint.ConstraintSystem

// Key is a proving key.
type Key struct{ key groth16.ProvingKey }

// Setup makes a key pair for a constraint system. Whoever runs it could keep what it takes to prove anything under the
// verifying key, so its keys are for development.
func Setup(system System) (key *Key, verifyingKey []byte, err error) {
	proving, verifying, err := groth16.Setup(system)
	if err != nil {
		return nil, nil, fmt.Errorf("groth16 setup: %w", err)
	}
	var encoded bytes.Buffer
	if _, err := verifying.WriteTo(&encoded); err != nil {
		return nil, nil, fmt.Errorf("encode the verifying key: %w", err)
	}
	if err := verifier.LintKey(encoded.Bytes()); err != nil {
		return nil, nil, err
	}
	return &Key{proving}, encoded.Bytes(), nil
}

// Wrap takes a proving key that another setup of the library made.
func Wrap(key groth16.ProvingKey) *Key { return &Key{key} }

// WriteTo writes the key with uncompressed points, which ReadKey reads back without checking them.
func (k *Key) WriteTo(w io.Writer) (int64, error) { return k.key.WriteRawTo(w) }

// ReadKey reads what WriteTo wrote. It does not check the points: check the bytes against a trusted checksum first.
func ReadKey(r io.Reader) (key *Key, err error) {
	defer recoverTo(&err, "decode the proving key")
	k := &Key{groth16.NewProvingKey(ecc.BN254)}
	if _, err := k.key.UnsafeReadFrom(r); err != nil {
		return nil, fmt.Errorf("decode the proving key: %w", err)
	}
	return k, nil
}

// Prove makes a proof in the encoding that the chain takes. It fails when the witness does not satisfy the system.
func (k *Key) Prove(system System, full witness.Witness) (proof []byte, err error) {
	defer recoverTo(&err, "prove")
	made, err := groth16.Prove(system, k.key, full)
	if err != nil {
		return nil, fmt.Errorf("prove: %w", err)
	}
	var encoded bytes.Buffer
	if _, err := made.WriteTo(&encoded); err != nil {
		return nil, fmt.Errorf("encode the proof: %w", err)
	}
	if _, err := verifier.DecodeProof(encoded.Bytes()); err != nil {
		return nil, err
	}
	return encoded.Bytes(), nil
}

func recoverTo(err *error, doing string) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%s: %v", doing, r)
	}
}
