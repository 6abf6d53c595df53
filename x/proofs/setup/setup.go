// Package setup makes, caches and loads the keys of the circuits: a ceremony's, or development keys. Groth16 keys come from secret randomness that
// whoever runs the setup could keep, so development keys are for local networks alone; their directory says so. Two runs give different
// keys: a network is tied to its own by the hashes of the verifying keys in its genesis. Not consensus code.
package setup

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/consensys/gnark"

	"github.com/assaychain/assay/x/proofs/circuits"
	"github.com/assaychain/assay/x/proofs/circuits/opening"
	"github.com/assaychain/assay/x/proofs/internal/proving"
)

// ProvingKey makes proofs for one circuit.
type ProvingKey = proving.Key

// Progress is told what a step does, in one line. It may be nil.
type Progress func(line string)

// Make is MakeOf for the default circuits.
func Make(dir string, progress Progress) ([]Entry, error) {
	return MakeOf(dir, circuits.Default(), progress)
}

// MakeOf brings a directory to the keys of some circuits of the manifest, beside those it has keys of; models stay as they are unless
// another version of the library made them. Keys that are there, intact and for the same circuit and library are kept; all others are
// made anew, in about half a millisecond of CPU for each constraint.
func MakeOf(dir string, wanted []circuits.Circuit, progress Progress) (entries []Entry, err error) {
	if progress == nil {
		progress = func(string) {}
	}
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return nil, fmt.Errorf("make the key directory: %w", err)
	}
	unlock, err := lock(dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	return makeAll(dir, wanted, progress)
}

// makeAll is MakeOf under the directory's lock.
func makeAll(dir string, wanted []circuits.Circuit, progress Progress) ([]Entry, error) {
	old, err := manifestOr(dir, &manifest{})
	if err != nil {
		return nil, unreadable(dir, err)
	}
	if old.Ceremony != "" {
		return nil, fmt.Errorf("%s holds the keys of ceremony %s: name another folder for development keys", dir, old.Ceremony)
	}
	fresh := &manifest{Warning: Warning, Format: manifestFormat, Library: Library()}
	for _, circuit := range circuits.Manifest() {
		entry, err := old.entry(circuit.ID)
		if err != nil && !slices.Contains(wanted, circuit) {
			continue
		}
		if err == nil {
			err = intact(dir, old, entry, circuit)
		}
		if err != nil {
			progress(fmt.Sprintf("%s: making keys (%s)", circuit.ID, err))
			if entry, err = makeKeys(dir, circuit); err != nil {
				return nil, err
			}
		}
		progress(fmt.Sprintf("%s: %d constraints, verifying key %s", circuit.ID, entry.Constraints, entry.VerifyingKey.SHA256))
		fresh.Keys = append(fresh.Keys, entry)
	}
	for _, e := range old.Models {
		if e.Library != Library() {
			progress(fmt.Sprintf("%s: left out, since %s made its keys: make them again with circuits model setup", e.Circuit, e.Library))
			continue
		}
		fresh.Models = append(fresh.Models, e)
	}
	if err := writeManifest(dir, fresh); err != nil {
		return nil, err
	}
	return fresh.Keys, nil
}

// unreadable refuses to write over a manifest that nobody can tell the contents of.
func unreadable(dir string, err error) error {
	return fmt.Errorf("%s in %s can't be read, and may hold a ceremony's keys or models: move it away: %w", manifestName, dir, err)
}

// Library names the version of the proof library.
func Library() string { return "gnark " + gnark.Version.String() }

// intact tells why an entry can't be kept; nil when it can.
func intact(dir string, m *manifest, entry Entry, circuit circuits.Circuit) error {
	if err := current(m, entry, circuit); err != nil {
		return err
	}
	if _, err := load(dir, entry.ProvingKey); err != nil {
		return err
	}
	_, err := load(dir, entry.VerifyingKey)
	return err
}

// current refuses keys of another circuit or library.
func current(m *manifest, entry Entry, circuit circuits.Circuit) error {
	if m.Library != Library() {
		return fmt.Errorf("%w: made by %q, this is %q", ErrStale, m.Library, Library())
	}
	if entry.CircuitSHA256 != circuit.SHA256 {
		return fmt.Errorf("%w: made for circuit %s, %s is %s", ErrStale, entry.CircuitSHA256, circuit.ID, circuit.SHA256)
	}
	return nil
}

// Compile builds a circuit's constraint system and checks it against the manifest.
func Compile(circuit circuits.Circuit) (proving.System, error) {
	system, err := opening.Compile(circuit.Class)
	if err != nil {
		return nil, err
	}
	sum, err := opening.Checksum(system)
	if err != nil {
		return nil, err
	}
	if got := hex.EncodeToString(sum[:]); got != circuit.SHA256 {
		return nil, fmt.Errorf("%s compiles to %s, the circuit manifest says %s: update it", circuit.ID, got, circuit.SHA256)
	}
	return system, nil
}

func makeKeys(dir string, circuit circuits.Circuit) (Entry, error) {
	system, err := Compile(circuit)
	if err != nil {
		return Entry{}, err
	}
	provingKey, verifyingKey, err := proving.Setup(system)
	if err != nil {
		return Entry{}, fmt.Errorf("%s: %w", circuit.ID, err)
	}
	return storePair(dir, circuit, provingKey, verifyingKey)
}

// storePair writes a circuit's two keys.
func storePair(dir string, circuit circuits.Circuit, provingKey *ProvingKey, verifyingKey []byte) (entry Entry, err error) {
	entry = Entry{Circuit: circuit.ID, Constraints: circuit.Constraints, CircuitSHA256: circuit.SHA256}
	var encoded bytes.Buffer
	if _, err := provingKey.WriteTo(&encoded); err != nil {
		return Entry{}, fmt.Errorf("encode the proving key: %w", err)
	}
	if entry.ProvingKey, err = store(dir, circuit.ID, ".pk", encoded.Bytes(), privateMode); err != nil {
		return Entry{}, err
	}
	entry.VerifyingKey, err = store(dir, circuit.ID, ".vk", verifyingKey, publicMode)
	return entry, err
}

// Pair is the two keys of one circuit.
type Pair struct {
	Circuit      circuits.Circuit
	ProvingKey   *ProvingKey
	VerifyingKey []byte
}

// Install writes the keys that a ceremony made, in a directory without other keys but those of models, and those that another
// ceremony made of other circuits: circuits of different sizes have ceremonies of their own. transcript is the hash that names the ceremony.
func Install(dir string, transcript [sha256.Size]byte, pairs []Pair) (entries []Entry, err error) {
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return nil, fmt.Errorf("make the key directory: %w", err)
	}
	unlock, err := lock(dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	name := hex.EncodeToString(transcript[:])
	fresh := &manifest{Ceremony: name, Format: manifestFormat, Library: Library()}
	old, err := manifestOr(dir, &manifest{})
	if err != nil {
		return nil, unreadable(dir, err)
	}
	if fresh.Keys, err = beside(dir, old, name, pairs); err != nil {
		return nil, err
	}
	fresh.Models = old.Models
	for _, pair := range pairs {
		entry, err := storePair(dir, pair.Circuit, pair.ProvingKey, pair.VerifyingKey)
		if err != nil {
			return nil, err
		}
		entry.Ceremony = name
		fresh.Keys = append(fresh.Keys, entry)
	}
	return fresh.Keys, writeManifest(dir, fresh)
}

// beside lists the entries of a directory that stay when a ceremony's keys come in.
func beside(dir string, old *manifest, ceremony string, pairs []Pair) (kept []Entry, err error) {
	other := fmt.Errorf("%s holds other keys: name another folder", dir)
	if old.Ceremony == "" && len(old.Keys) > 0 {
		return nil, other
	}
	for _, entry := range old.Keys {
		if old.ceremonyOf(entry) == ceremony {
			continue
		}
		if slices.ContainsFunc(pairs, func(p Pair) bool { return p.Circuit.ID == entry.Circuit }) {
			return nil, other
		}
		if old.Library != Library() {
			return nil, fmt.Errorf("%w: %s holds keys that %q made, this is %q: name another folder", ErrStale, dir, old.Library, Library())
		}
		entry.Ceremony = old.ceremonyOf(entry)
		kept = append(kept, entry)
	}
	return kept, nil
}
