package types

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/assaychain/assay/x/proofs/full"
	"github.com/assaychain/assay/x/proofs/internal/groth16"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/tensor"
)

const (
	// MaxID is the size of a circuit's id in bytes at most.
	MaxID = 64
	// KeySize is the size of a Groth16 verifying key in bytes, FullKeySize that of a KZG one.
	KeySize, FullKeySize = groth16.KeySize, full.KeySize
	// FullClass is the class of KZG keys, one of which serves every size.
	FullClass = full.MaxDimension
	// ProofSize is the size of a proof in bytes.
	ProofSize = groth16.ProofSize
	// DigestSize is the size of a statement's public input in bytes.
	DigestSize = groth16.DigestSize
)

// Validate checks every field, that the key is the one named, and that it decodes canonically and binds its input.
func (c Circuit) Validate() error {
	if err := ValidateCircuitID(c.Id); err != nil {
		return err
	}
	if err := c.validateKind(); err != nil {
		return err
	}
	if c.Status != CIRCUIT_STATUS_ACTIVE && c.Status != CIRCUIT_STATUS_RETIRED {
		return ErrCircuit.Wrapf("status %s: it must be active or retired", c.Status)
	}
	if c.Development && len(c.Ceremony) != 0 || !c.Development && len(c.Ceremony) != sha256.Size {
		return ErrCircuit.Wrapf("circuit %s: ceremony of %d bytes: a development key has none, any other key names its transcript by %d",
			c.Id, len(c.Ceremony), sha256.Size)
	}
	return c.validateKey()
}

// validateKind checks what the circuit is of: a class, or a model.
func (c Circuit) validateKind() error {
	if c.Model != nil {
		return c.validateModel()
	}
	classes, known := classesOf(c.System)
	if !known {
		return ErrCircuit.Wrapf("system %s: only %s and %s are supported", c.System, PROOF_SYSTEM_GROTH16_BN254, PROOF_SYSTEM_KZG_BN254)
	}
	if !slices.Contains(classes, c.Class) {
		return ErrCircuit.Wrapf("class is %d: it must be one of %v", c.Class, classes)
	}
	if c.Pool != 0 {
		return ErrCircuit.Wrapf("pool is %d: only the circuit of a model has one", c.Pool)
	}
	if len(c.CircuitHash) != 0 {
		return ErrCircuit.Wrapf("circuit_hash of %d bytes: only the circuit of a model has one", len(c.CircuitHash))
	}
	return nil
}

func (c Circuit) validateModel() error {
	if c.System != PROOF_SYSTEM_GROTH16_BN254 {
		return ErrCircuit.Wrapf("system %s: the circuit of a model is of %s", c.System, PROOF_SYSTEM_GROTH16_BN254)
	}
	if c.Class != 0 {
		return ErrCircuit.Wrapf("class is %d: it must be 0, since the circuit is of a model", c.Class)
	}
	if len(c.CircuitHash) != sha256.Size {
		return ErrCircuit.Wrapf("circuit_hash of %d bytes: the circuit of a model names its constraint system by %d", len(c.CircuitHash), sha256.Size)
	}
	if err := c.Model.Validate(); err != nil {
		return ErrCircuit.Wrapf("model: %s", err)
	}
	for i := range c.Model.Layers {
		if _, err := tensor.ParseRoot(c.Model.Layers[i].WeightRoot); err != nil {
			return ErrCircuit.Wrapf("model: layers[%d].weight_root: %s", i, err)
		}
	}
	return nil
}

// Subject names what a circuit is of, so that no two active ones are of the same: "class 256", or "model" and the model's hash.
// The circuit must be valid.
func (c Circuit) Subject() string {
	if c.Model == nil {
		return fmt.Sprintf("class %d", c.Class)
	}
	hash, _ := c.Model.Hash() // A valid model has a hash.
	return fmt.Sprintf("model %x", hash)
}

// classesOf are the classes that keys of a system may have.
func classesOf(system ProofSystem) (classes []uint32, known bool) {
	switch system {
	case PROOF_SYSTEM_GROTH16_BN254:
		return statement.Classes(), true
	case PROOF_SYSTEM_KZG_BN254:
		return []uint32{FullClass}, true
	default:
		return nil, false
	}
}

func (c Circuit) validateKey() error {
	size, lint := KeySize, groth16.LintKey
	if c.System == PROOF_SYSTEM_KZG_BN254 {
		size, lint = FullKeySize, c.lintFull
	}
	if len(c.VerifyingKey) != size {
		return ErrKey.Wrapf("circuit %s: key of %d bytes: it must have %d", c.Id, len(c.VerifyingKey), size)
	}
	if sum := sha256.Sum256(c.VerifyingKey); !bytes.Equal(sum[:], c.KeyHash) {
		return ErrKeyHash.Wrapf("circuit %s: key_hash is %x: the key's SHA-256 is %x", c.Id, c.KeyHash, sum)
	}
	if err := lint(c.VerifyingKey); err != nil {
		return ErrKey.Wrapf("circuit %s: %s", c.Id, err)
	}
	return nil
}

// lintFull tells why a KZG key must not be registered. The key says itself whether its secret is known, and the record must
// say the same.
func (c Circuit) lintFull(raw []byte) error {
	key, err := full.ParseVerifyingKey(raw)
	if err != nil {
		return err
	}
	if key.Development() != c.Development {
		return fmt.Errorf("development is %t: the key itself says %t", c.Development, key.Development())
	}
	return nil
}

// ValidateCircuitID checks an id: 1 to 64 bytes of a to z, 0 to 9 and hyphen.
func ValidateCircuitID(id string) error {
	if id == "" || len(id) > MaxID {
		return ErrCircuit.Wrapf("id of %d bytes: it must have 1 to %d", len(id), MaxID)
	}
	for _, letter := range []byte(id) {
		if (letter < 'a' || letter > 'z') && (letter < '0' || letter > '9') && letter != '-' {
			return ErrCircuit.Wrapf("id %q: only a to z, 0 to 9 and hyphen are allowed", id)
		}
	}
	return nil
}

// Active tells whether new jobs may use the circuit.
func (c Circuit) Active() bool { return c.Status == CIRCUIT_STATUS_ACTIVE }
