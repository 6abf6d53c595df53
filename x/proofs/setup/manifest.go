package setup

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/assaychain/assay/x/proofs/internal/wholefile"
)

const (
	// manifestName is the file that names all others.
	manifestName = "MANIFEST.json"
	// manifestFormat is the only version of the file.
	manifestFormat = 1
	// maxFileSize bounds what is read back: the largest proving key has about 8 MB.
	maxFileSize = 64 << 20
	// Warning is written into every directory of development keys.
	Warning = "UNSAFE development keys: whoever made them could forge any proof. Never use them on a public network."
)

var (
	// ErrNoKeys is wrapped when a directory holds no keys, or not the one asked for.
	ErrNoKeys = errors.New("no keys")
	// ErrCorrupt is wrapped when a file is not what the manifest says.
	ErrCorrupt = errors.New("corrupt key file")
	// ErrStale is wrapped when keys were made for another circuit or by another version of the proof library.
	ErrStale = errors.New("stale keys")
)

// File names a file of the directory and its contents.
type File struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Entry is one circuit's key pair.
type Entry struct {
	// Circuit is the id in the registry of verifying keys.
	Circuit string `json:"circuit"`
	// Constraints and CircuitSHA256 are those of the compiled circuit.
	Constraints   int    `json:"constraints"`
	CircuitSHA256 string `json:"circuit_sha256"`
	// ProvingKey and VerifyingKey are the two files.
	ProvingKey   File `json:"proving_key"`
	VerifyingKey File `json:"verifying_key"`
	// Ceremony is the hexadecimal SHA-256 of the transcript that the keys follow from; empty for development keys, and where the
	// directory's own stands for all of its keys.
	Ceremony string `json:"ceremony,omitempty"`
}

// manifest is the directory's index.
type manifest struct {
	// Warning marks development keys; empty after a ceremony.
	Warning string `json:"warning,omitempty"`
	// Ceremony is the hexadecimal SHA-256 of the transcript that the latest keys follow from; empty for development keys.
	Ceremony string `json:"ceremony,omitempty"`
	Format   int    `json:"format"`
	// Library is the version of the proof library that made the keys.
	Library string  `json:"library"`
	Keys    []Entry `json:"keys"`
	// Models are the key pairs of models, each with a provenance of its own; they come and go beside the others.
	Models []ModelEntry `json:"models,omitempty"`
}

// ModelEntry is the key pair of a model's circuit.
type ModelEntry struct {
	Entry
	// Model is the canonical encoding of the model: its layers and the roots of their weights.
	Model []byte `json:"model"`
	// Library is the version of the proof library that made the keys.
	Library string `json:"library"`
	// Ceremony is the hexadecimal SHA-256 of the transcript that the keys follow from; empty for development keys.
	Ceremony string `json:"ceremony,omitempty"`
}

// entry finds a circuit.
func (m *manifest) entry(circuit string) (Entry, error) {
	for _, e := range m.Keys {
		if e.Circuit == circuit {
			return e, nil
		}
	}
	return Entry{}, fmt.Errorf("%w for circuit %q; make them with circuits setup", ErrNoKeys, circuit)
}

// ceremonyOf names the ceremony of an entry.
func (m *manifest) ceremonyOf(e Entry) string { return cmp.Or(e.Ceremony, m.Ceremony) }

func readManifest(dir string) (*manifest, error) {
	raw, err := os.ReadFile(filepath.Join(dir, manifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w in %s; make them with circuits setup", ErrNoKeys, dir)
	}
	if err != nil {
		return nil, fmt.Errorf("read the key manifest: %w", err)
	}
	m := &manifest{}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(m); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrCorrupt, manifestName, err)
	}
	if m.Format != manifestFormat {
		return nil, fmt.Errorf("%w: %s has format %d, want %d", ErrStale, manifestName, m.Format, manifestFormat)
	}
	if (m.Ceremony == "") == (m.Warning == "") {
		return nil, fmt.Errorf("%w: %s must either warn of development keys or name a ceremony", ErrCorrupt, manifestName)
	}
	names := []string{m.Ceremony}
	for _, e := range m.Keys {
		names = append(names, e.Ceremony)
	}
	for _, name := range names {
		if raw, err := hex.DecodeString(name); err != nil || len(raw) != 0 && len(raw) != sha256.Size {
			return nil, fmt.Errorf("%w: %s: ceremony %q is no SHA-256 in hexadecimal", ErrCorrupt, manifestName, name)
		}
	}
	return m, m.checkModels()
}

// checkModels refuses entries of models that don't say what they are.
func (m *manifest) checkModels() error {
	for _, e := range m.Models {
		raw, err := hex.DecodeString(e.Ceremony)
		if err != nil || len(raw) != 0 && len(raw) != sha256.Size {
			return fmt.Errorf("%w: %s: model %s: ceremony %q is no SHA-256 in hexadecimal", ErrCorrupt, manifestName, e.Circuit, e.Ceremony)
		}
		if _, err := e.Decode(); err != nil {
			return fmt.Errorf("%w: %s: %w", ErrCorrupt, manifestName, err)
		}
	}
	return nil
}

func writeManifest(dir string, m *manifest) error {
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the key manifest: %w", err)
	}
	return wholefile.Replace(filepath.Join(dir, manifestName), append(raw, '\n'), publicMode)
}
