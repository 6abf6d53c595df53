package setup

import (
	"bytes"
	"encoding/hex"
	"fmt"

	"github.com/assaychain/assay/x/proofs/circuits"
	"github.com/assaychain/assay/x/proofs/internal/groth16"
	"github.com/assaychain/assay/x/proofs/internal/proving"
)

// Keys reads a directory that Make or Install filled.
type Keys struct {
	dir      string
	manifest *manifest
}

// Open reads a directory's manifest. It makes nothing.
func Open(dir string) (*Keys, error) {
	m, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	return &Keys{dir, m}, nil
}

// Ceremony is the hash of the transcript that a circuit's keys follow from; ok is false for development keys.
func (k *Keys) Ceremony(id string) (transcript []byte, ok bool) {
	entry, err := k.manifest.entry(id)
	if err != nil {
		return nil, false
	}
	transcript, err = hex.DecodeString(k.manifest.ceremonyOf(entry))
	return transcript, err == nil && len(transcript) > 0
}

// Circuits are those of this program that the directory has keys of, ascending by class.
func (k *Keys) Circuits() []circuits.Circuit {
	var held []circuits.Circuit
	for _, circuit := range circuits.Manifest() {
		if _, err := k.manifest.entry(circuit.ID); err == nil {
			held = append(held, circuit)
		}
	}
	return held
}

// LoadVerifyingKey reads the verifying key of a circuit by its id and lints it.
func (k *Keys) LoadVerifyingKey(id string) ([]byte, error) {
	entry, err := k.find(id)
	if err != nil {
		return nil, err
	}
	return k.verifyingKey(entry)
}

func (k *Keys) verifyingKey(entry Entry) ([]byte, error) {
	raw, err := load(k.dir, entry.VerifyingKey)
	if err != nil {
		return nil, err
	}
	if err := groth16.LintKey(raw); err != nil {
		return nil, fmt.Errorf("%s: %w", entry.Circuit, err)
	}
	return raw, nil
}

// LoadProvingKey reads the proving key of a circuit by its id. Its checksum stands in for checking its points.
func (k *Keys) LoadProvingKey(id string) (*ProvingKey, error) {
	entry, err := k.find(id)
	if err != nil {
		return nil, err
	}
	return k.provingKey(entry)
}

func (k *Keys) provingKey(entry Entry) (*ProvingKey, error) {
	raw, err := load(k.dir, entry.ProvingKey)
	if err != nil {
		return nil, err
	}
	key, err := proving.ReadKey(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrCorrupt, entry.ProvingKey.Name, err)
	}
	return key, nil
}

// find is the entry of a circuit that this program has, in keys that fit it.
func (k *Keys) find(id string) (Entry, error) {
	entry, err := k.manifest.entry(id)
	if err != nil {
		return Entry{}, err
	}
	for _, circuit := range circuits.Manifest() {
		if circuit.ID == id {
			return entry, current(k.manifest, entry, circuit)
		}
	}
	return Entry{}, fmt.Errorf("%w: this program has no circuit %q", ErrNoKeys, id)
}
