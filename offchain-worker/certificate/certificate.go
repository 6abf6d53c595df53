// Package certificate is a job's proof of settlement as one file: everything that shows, without trust in any node, that a
// job's result was committed before its challenge was known, that the drawn positions are proven, and that the chain closed
// the job as settled. Collect gathers it from a node; Verify checks it offline against a TrustRoot such as a genesis file.
//
// A certificate is JSON in one canonical form: the fields below in this order, two spaces of indentation, byte strings in
// base64, a newline at the end. Everything else is refused, so that each certificate has one encoding.
package certificate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/assaychain/assay/x/market/types"
)

const (
	// Format names the format and its version.
	Format = "assay-certificate-v1"
	// MaxSize bounds a certificate in bytes: the largest job with its proofs, and a thousand validators.
	MaxSize = 4 << 20
)

var (
	// ErrFormat is wrapped when the file is not a certificate in the canonical form.
	ErrFormat = errors.New("not a certificate")
	// ErrInvalid is wrapped by everything that a certificate fails to show.
	ErrInvalid = errors.New("certificate is not valid")
	// ErrNotSettled is wrapped when a certificate is asked for before the job is settled.
	ErrNotSettled = errors.New("job is not settled")
)

// Certificate shows that a job was proven and settled.
type Certificate struct {
	Format  string `json:"format"`
	ChainID string `json:"chain_id"`
	JobID   uint64 `json:"job_id"`
	// Job and Spec are the market's records of the job.
	Job  Record `json:"job"`
	Spec Record `json:"spec"`
	// Round is the beacon round that drew the positions.
	Round Round `json:"round"`
	// Proofs are the opening proofs, or the openings themselves, in the order of the positions.
	Proofs [][]byte `json:"proofs"`
	// Circuits are the records of the circuits that the job names, ascending by id; none at a level without circuits.
	Circuits []Circuit `json:"circuits"`
	// Beacon holds the chain's description of its beacon.
	Beacon Beacon `json:"beacon"`
	// Block is the block whose header holds the root of the state that the records are in.
	Block Block `json:"block"`
}

// Record is a value of the chain's state with its proof.
type Record struct {
	// Value is the record as stored.
	Value []byte `json:"value"`
	// Proofs are ICS-23 commitment proofs, of the key in its store and of the store in the state.
	Proofs [][]byte `json:"proofs"`
}

// Round is a published beacon round.
type Round struct {
	Number uint64 `json:"number"`
	// Signature is a compressed point of G1 of BLS12-381, 48 bytes.
	Signature []byte `json:"signature"`
}

// Circuit is the record of a circuit, with its verifying key.
type Circuit struct {
	ID     string `json:"id"`
	Record Record `json:"record"`
}

// Beacon holds the records that say which beacon the chain follows.
type Beacon struct {
	Params     Record `json:"params"`
	Generation Record `json:"generation"`
}

// Block is a header with the signatures that made it final.
type Block struct {
	// Header and Commit are CometBFT's messages in protobuf.
	Header []byte `json:"header"`
	Commit []byte `json:"commit"`
	// Validators are the block's validators in CometBFT's order.
	Validators []Validator `json:"validators"`
}

// Validator is one of a set.
type Validator struct {
	// PubKey is an Ed25519 public key, 32 bytes.
	PubKey []byte `json:"pub_key"`
	Power  int64  `json:"power"`
}

// Encode returns the canonical form.
func (c *Certificate) Encode() ([]byte, error) {
	encoded, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode certificate: %w", err)
	}
	if len(encoded) >= MaxSize {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrFormat, len(encoded)+1, MaxSize)
	}
	return append(encoded, '\n'), nil
}

// Decode reads a certificate; it refuses everything but the canonical form.
func Decode(data []byte) (*Certificate, error) {
	if len(data) > MaxSize {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrFormat, MaxSize)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	c := new(Certificate)
	if err := decoder.Decode(c); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if c.Format != Format {
		return nil, fmt.Errorf("%w: format is %.64q, want %q", ErrFormat, c.Format, Format)
	}
	if err := c.bound(); err != nil {
		return nil, err
	}
	again, err := c.Encode()
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(again, data) {
		return nil, fmt.Errorf("%w: not in canonical form; it was changed after it was written", ErrFormat)
	}
	return c, nil
}

// bound refuses counts that no job has, before any work is done for them.
func (c *Certificate) bound() error {
	switch {
	case len(c.Proofs) == 0 || len(c.Proofs) > types.MaxSamplesLimit:
		return fmt.Errorf("%w: %d proofs, must be 1 to %d", ErrFormat, len(c.Proofs), types.MaxSamplesLimit)
	case c.Circuits == nil || len(c.Circuits) > maxCircuits:
		return fmt.Errorf("%w: %d circuits, must be a list of at most %d", ErrFormat, len(c.Circuits), maxCircuits)
	case len(c.Block.Validators) == 0 || len(c.Block.Validators) > maxValidators:
		return fmt.Errorf("%w: %d validators, must be 1 to %d", ErrFormat, len(c.Block.Validators), maxValidators)
	}
	return nil
}

// ReadFile reads a certificate from a file.
func ReadFile(path string) (*Certificate, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open certificate: %w", err)
	}
	defer file.Close() // Read-only: closing cannot lose data.
	data, err := io.ReadAll(io.LimitReader(file, MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read certificate: %w", err)
	}
	c, err := Decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// WriteFile writes a certificate, whole or not at all.
func (c *Certificate) WriteFile(path string) error {
	encoded, err := c.Encode()
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".incomplete-*")
	if err != nil {
		return fmt.Errorf("write certificate: %w", err)
	}
	_, err = file.Write(encoded)
	if err = errors.Join(err, file.Chmod(0o644), file.Sync(), file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write certificate: %w", err), os.Remove(file.Name()))
	}
	return nil
}
