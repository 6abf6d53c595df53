package setup

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/assaychain/assay/x/proofs/circuits/model"
	"github.com/assaychain/assay/x/proofs/internal/proving"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/statement"
)

// MaxModels bounds the models of a directory.
const MaxModels = 256

// Decode returns the model of an entry, whose encoding must be canonical and whose circuit must be named after it.
func (e ModelEntry) Decode() (program.Model, error) {
	m, err := program.DecodeModel(e.Model)
	if err != nil {
		return program.Model{}, fmt.Errorf("model %s: %w", e.Circuit, err)
	}
	hash, err := m.Hash()
	if err != nil {
		return program.Model{}, err
	}
	if id := statement.ModelCircuitID(hash); e.Circuit != id {
		return program.Model{}, fmt.Errorf("model %s is that of %s", e.Circuit, id)
	}
	return m, nil
}

// MakeModel brings a directory to development keys of a network's circuit. Keys that are there, intact and for the same circuit and
// library are kept; others are made anew, about half a millisecond of CPU for each constraint. The directory may be empty.
func MakeModel(dir string, network *model.Network, progress Progress) (entry ModelEntry, err error) {
	if progress == nil {
		progress = func(string) {}
	}
	circuit, system, err := model.Describe(network)
	if err != nil {
		return ModelEntry{}, err
	}
	unlock, err := openDir(dir)
	if err != nil {
		return ModelEntry{}, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	m, err := manifestOr(dir, &manifest{Warning: Warning, Format: manifestFormat, Library: Library()})
	if err != nil {
		return ModelEntry{}, err
	}
	if kept, err := m.model(circuit.ID); err == nil && keeps(dir, kept, circuit.SHA256) == nil {
		progress(fmt.Sprintf("%s: %d constraints, verifying key %s", circuit.ID, kept.Constraints, kept.VerifyingKey.SHA256))
		return kept, nil
	}
	progress(fmt.Sprintf("%s: making keys for %d constraints", circuit.ID, circuit.Constraints))
	provingKey, verifyingKey, err := proving.Setup(system)
	if err != nil {
		return ModelEntry{}, fmt.Errorf("%s: %w", circuit.ID, err)
	}
	return addModel(dir, m, network, Pair{circuit, provingKey, verifyingKey}, "")
}

// InstallModel writes the keys that a ceremony made for a network's circuit, beside what the directory holds. transcript is the hash
// that names the ceremony.
func InstallModel(dir string, network *model.Network, transcript [sha256.Size]byte, pair Pair) (entry ModelEntry, err error) {
	circuit, _, err := model.Describe(network)
	if err != nil {
		return ModelEntry{}, err
	}
	if pair.Circuit != circuit {
		return ModelEntry{}, fmt.Errorf("the keys are for circuit %s (%s), the network compiles to %s (%s)",
			pair.Circuit.ID, pair.Circuit.SHA256, circuit.ID, circuit.SHA256)
	}
	unlock, err := openDir(dir)
	if err != nil {
		return ModelEntry{}, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	ceremony := hex.EncodeToString(transcript[:])
	m, err := manifestOr(dir, &manifest{Ceremony: ceremony, Format: manifestFormat, Library: Library()})
	if err != nil {
		return ModelEntry{}, err
	}
	return addModel(dir, m, network, pair, ceremony)
}

// openDir makes a directory and locks it.
func openDir(dir string) (unlock func() error, err error) {
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return nil, fmt.Errorf("make the key directory: %w", err)
	}
	return lock(dir)
}

// manifestOr reads the manifest of a directory that may be empty.
func manifestOr(dir string, fresh *manifest) (*manifest, error) {
	m, err := readManifest(dir)
	if errors.Is(err, ErrNoKeys) {
		return fresh, nil
	}
	return m, err
}

// keeps tells why the keys of a model can't be kept; nil when they can.
func keeps(dir string, e ModelEntry, circuitSHA256 string) error {
	if e.Library != Library() || e.CircuitSHA256 != circuitSHA256 {
		return fmt.Errorf("%w: model %s", ErrStale, e.Circuit)
	}
	if _, err := load(dir, e.ProvingKey); err != nil {
		return err
	}
	_, err := load(dir, e.VerifyingKey)
	return err
}

// addModel writes a pair and its entry, in the place of an earlier one of the same circuit.
func addModel(dir string, m *manifest, network *model.Network, pair Pair, ceremony string) (ModelEntry, error) {
	encoded, err := network.Model().Encode()
	if err != nil {
		return ModelEntry{}, err
	}
	entry := ModelEntry{Model: encoded, Library: Library(), Ceremony: ceremony}
	if entry.Entry, err = storePair(dir, pair.Circuit, pair.ProvingKey, pair.VerifyingKey); err != nil {
		return ModelEntry{}, err
	}
	return entry, m.putModel(dir, entry)
}

func (m *manifest) putModel(dir string, entry ModelEntry) error {
	m.Models = slices.DeleteFunc(m.Models, func(e ModelEntry) bool { return e.Circuit == entry.Circuit })
	if len(m.Models) >= MaxModels {
		return fmt.Errorf("%s holds the keys of %d models, the most there may be", dir, len(m.Models))
	}
	m.Models = append(m.Models, entry)
	return writeManifest(dir, m)
}

// model finds a model's entry by its circuit.
func (m *manifest) model(circuit string) (ModelEntry, error) {
	for _, e := range m.Models {
		if e.Circuit == circuit {
			return e, nil
		}
	}
	return ModelEntry{}, fmt.Errorf("%w for the model of circuit %q; get the network's, and add them with assay-worker models add", ErrNoKeys, circuit)
}

// AddModels copies the keys of all models of a directory into another one, which may be empty, in the place of earlier ones of the
// same circuits. Keys that are damaged, or of another version of the library, are refused, and then nothing is changed.
func AddModels(from, to string) (added []ModelEntry, err error) {
	source, err := readManifest(from)
	if err != nil {
		return nil, err
	}
	for _, e := range source.Models {
		if err := keeps(from, e, e.CircuitSHA256); err != nil {
			return nil, err
		}
	}
	unlock, err := openDir(to)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	target, err := manifestOr(to, &manifest{Warning: source.Warning, Ceremony: source.Ceremony, Format: manifestFormat, Library: Library()})
	if err != nil {
		return nil, err
	}
	for _, e := range source.Models {
		if err := copyPair(from, to, e.Entry); err != nil {
			return nil, err
		}
		if err := target.putModel(to, e); err != nil {
			return nil, err
		}
	}
	return source.Models, nil
}

func copyPair(from, to string, e Entry) error {
	key, err := load(from, e.ProvingKey)
	if err != nil {
		return err
	}
	if _, err := store(to, e.Circuit, ".pk", key, privateMode); err != nil {
		return err
	}
	if key, err = load(from, e.VerifyingKey); err != nil {
		return err
	}
	_, err = store(to, e.Circuit, ".vk", key, publicMode)
	return err
}

// Models are the models that the directory has keys of.
func (k *Keys) Models() []ModelEntry { return slices.Clone(k.manifest.Models) }

// LoadModelKeys reads both keys of a model by its circuit's id. The checksum of the proving key stands in for checking its points.
func (k *Keys) LoadModelKeys(circuit string) (ModelEntry, *ProvingKey, []byte, error) {
	entry, verifyingKey, err := k.LoadModelVerifyingKey(circuit)
	if err != nil {
		return ModelEntry{}, nil, nil, err
	}
	provingKey, err := k.provingKey(entry.Entry)
	return entry, provingKey, verifyingKey, err
}

// LoadModelVerifyingKey reads the verifying key of a model by its circuit's id and lints it.
func (k *Keys) LoadModelVerifyingKey(circuit string) (ModelEntry, []byte, error) {
	entry, err := k.manifest.model(circuit)
	if err != nil {
		return ModelEntry{}, nil, err
	}
	if entry.Library != Library() {
		return ModelEntry{}, nil, fmt.Errorf("%w: %s was made by %q, this is %q", ErrStale, circuit, entry.Library, Library())
	}
	key, err := k.verifyingKey(entry.Entry)
	return entry, key, err
}
