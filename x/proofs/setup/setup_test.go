package setup_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/circuits"
	"github.com/assaychain/assay/x/proofs/setup"
	"github.com/assaychain/assay/x/proofs/setup/setuptest"
)

const small = "opening-256"

// copyOf copies the shared keys, so that a test can damage them.
func copyOf(t *testing.T) string {
	dir := filepath.Join(t.TempDir(), "keys")
	require.NoError(t, os.CopyFS(dir, os.DirFS(setuptest.Dir(t))))
	for _, entry := range filesOf(t, dir) {
		mode := fs.FileMode(0o644)
		if strings.HasSuffix(entry, ".pk") {
			mode = 0o600
		}
		require.NoError(t, os.Chmod(filepath.Join(dir, entry), mode))
	}
	return dir
}

func filesOf(t *testing.T, dir string) []string {
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	names := []string{}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// entryOf is one circuit's entry.
func entryOf(t *testing.T, entries []setup.Entry, id string) setup.Entry {
	for _, entry := range entries {
		if entry.Circuit == id {
			return entry
		}
	}
	t.Fatalf("no entry for %s", id)
	return setup.Entry{}
}

func TestIntactKeysAreKept(t *testing.T) {
	dir := copyOf(t)
	first, err := setup.Make(dir, nil)
	require.NoError(t, err)
	lines := []string{}
	second, err := setup.Make(dir, func(line string) { lines = append(lines, line) })
	require.NoError(t, err)
	require.Equal(t, first, second)
	require.Len(t, second, len(circuits.Default()))
	for _, line := range lines {
		require.NotContains(t, line, "making keys")
	}
	raw, err := os.ReadFile(filepath.Join(dir, "MANIFEST.json"))
	require.NoError(t, err)
	require.Contains(t, string(raw), "UNSAFE development keys")
	require.NotContains(t, strings.Join(filesOf(t, dir), " "), "partial")
}

func TestKeysLoad(t *testing.T) {
	keys, err := setup.Open(setuptest.Dir(t))
	require.NoError(t, err)
	for _, circuit := range circuits.Default() {
		_, err := keys.LoadVerifyingKey(circuit.ID)
		require.NoError(t, err)
		_, err = keys.LoadProvingKey(circuit.ID)
		require.NoError(t, err)
	}
	_, err = keys.LoadProvingKey("opening-4096")
	require.ErrorIs(t, err, setup.ErrNoKeys)
	require.ErrorContains(t, err, "opening-4096")
	_, err = setup.Open(t.TempDir())
	require.ErrorIs(t, err, setup.ErrNoKeys)
	require.ErrorContains(t, err, "make them with circuits setup")
}

// TestDamagedKeysAreRefusedAndRemade cuts, flips, removes and swaps files.
func TestDamagedKeysAreRefusedAndRemade(t *testing.T) {
	original := setuptest.Dir(t)
	entries, err := setup.Make(original, nil)
	require.NoError(t, err)
	entry := entryOf(t, entries, small)
	for name, damage := range map[string]func(path string) error{
		"truncated": func(path string) error { return os.Truncate(path, 100) },
		"longer": func(path string) error {
			return appendTo(path, []byte{0})
		},
		"flipped": func(path string) error { return flip(path) },
		"missing": os.Remove,
		"empty":   func(path string) error { return os.Truncate(path, 0) },
	} {
		for _, file := range []setup.File{entry.ProvingKey, entry.VerifyingKey} {
			t.Run(name+" "+filepath.Ext(file.Name), func(t *testing.T) {
				dir := copyOf(t)
				require.NoError(t, damage(filepath.Join(dir, file.Name)))
				keys, err := setup.Open(dir)
				require.NoError(t, err)
				_, errP := keys.LoadProvingKey(small)
				_, errV := keys.LoadVerifyingKey(small)
				if file == entry.ProvingKey {
					require.NoError(t, errV)
					errV = errP
				} else {
					require.NoError(t, errP)
				}
				require.ErrorIs(t, errV, setup.ErrCorrupt)
				require.ErrorContains(t, errV, file.Name)
			})
		}
	}
	dir := copyOf(t)
	require.NoError(t, flip(filepath.Join(dir, entry.ProvingKey.Name)))
	lines := []string{}
	remade, err := setup.Make(dir, func(line string) { lines = append(lines, line) })
	require.NoError(t, err)
	require.NotEqual(t, entry, entryOf(t, remade, small))
	require.Contains(t, lines[0], "making keys (corrupt key file")
	requireModes(t, dir, remade)
}

func requireModes(t *testing.T, dir string, entries []setup.Entry) {
	for _, entry := range entries {
		for name, want := range map[string]fs.FileMode{entry.ProvingKey.Name: 0o600, entry.VerifyingKey.Name: 0o644} {
			info, err := os.Stat(filepath.Join(dir, name))
			require.NoError(t, err)
			require.Equal(t, want, info.Mode().Perm(), name)
		}
	}
}

// TestManifestIsChecked damages the index itself.
func TestManifestIsChecked(t *testing.T) {
	for name, c := range map[string]struct {
		change func(m map[string]any)
		kind   error
	}{
		"other library": {func(m map[string]any) { m["library"] = "gnark 0.1.0" }, setup.ErrStale},
		"other circuit": {func(m map[string]any) { firstKey(m)["circuit_sha256"] = "00" }, setup.ErrStale},
		"other format":  {func(m map[string]any) { m["format"] = 2 }, setup.ErrStale},
		"unknown field": {func(m map[string]any) { m["extra"] = 1 }, setup.ErrCorrupt},
		"path":          {func(m map[string]any) { file(m)["name"] = "../" + file(m)["name"].(string) }, setup.ErrCorrupt},
		"huge":          {func(m map[string]any) { file(m)["size"] = 1 << 40 }, setup.ErrCorrupt},
	} {
		t.Run(name, func(t *testing.T) {
			dir := copyOf(t)
			path := filepath.Join(dir, "MANIFEST.json")
			raw, err := os.ReadFile(path)
			require.NoError(t, err)
			m := map[string]any{}
			require.NoError(t, json.Unmarshal(raw, &m))
			c.change(m)
			raw, err = json.Marshal(m)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(path, raw, 0o600))
			keys, err := setup.Open(dir)
			if err == nil {
				_, err = keys.LoadProvingKey(small)
			}
			require.ErrorIs(t, err, c.kind)
		})
	}
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "MANIFEST.json"), []byte("{"), 0o600))
	_, err := setup.Open(dir)
	require.ErrorIs(t, err, setup.ErrCorrupt)
}

// TestWhatCannotBeReadIsNotReplaced: development keys never take the place of a manifest that may be a ceremony's.
func TestWhatCannotBeReadIsNotReplaced(t *testing.T) {
	ceremonys := strings.NewReplacer(`"warning": "`+setup.Warning, `"ceremony": "`+strings.Repeat("07", 32))
	for name, spoil := range map[string]func(text string) string{
		"cut":           func(text string) string { return text[:len(text)/2] },
		"other format":  func(text string) string { return strings.Replace(text, `"format": 1`, `"format": 2`, 1) },
		"unknown field": func(text string) string { return strings.Replace(text, "{", `{"extra": 1,`, 1) },
		"model of a ceremony's": func(text string) string {
			return ceremonys.Replace(strings.Replace(text, `"model": "`, `"model": "AA`, 1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir, _, _ := withModel(t)
			path := filepath.Join(dir, "MANIFEST.json")
			raw, err := os.ReadFile(path)
			require.NoError(t, err)
			spoiled := spoil(string(raw))
			require.NotEqual(t, string(raw), spoiled)
			require.NoError(t, os.WriteFile(path, []byte(spoiled), 0o600))
			_, err = setup.Make(dir, nil)
			require.ErrorContains(t, err, "can't be read, and may hold a ceremony's keys or models: move it away")
			_, err = setup.Install(dir, [32]byte{1}, nil)
			require.ErrorContains(t, err, "move it away")
			after, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, spoiled, string(after))
		})
	}
}

// pairOf is the shared key pair of a circuit, as if a ceremony had made it.
func pairOf(t *testing.T, circuit circuits.Circuit) setup.Pair {
	t.Helper()
	keys, err := setup.Open(setuptest.Dir(t))
	require.NoError(t, err)
	provingKey, err := keys.LoadProvingKey(circuit.ID)
	require.NoError(t, err)
	verifyingKey, err := keys.LoadVerifyingKey(circuit.ID)
	require.NoError(t, err)
	return setup.Pair{Circuit: circuit, ProvingKey: provingKey, VerifyingKey: verifyingKey}
}

func TestACeremonysKeysComeBesideModels(t *testing.T) {
	dir, pair := t.TempDir(), pairOf(t, circuits.Default()[0])
	_, err := setup.AddModels(setuptest.Model(t, tiny(t)), dir)
	require.NoError(t, err)
	before, err := setup.Open(dir)
	require.NoError(t, err)
	require.NotEmpty(t, before.Models())
	entries, err := setup.Install(dir, [32]byte{1}, []setup.Pair{pair})
	require.NoError(t, err)
	require.Len(t, entries, 1)
	after, err := setup.Open(dir)
	require.NoError(t, err)
	require.Equal(t, before.Models(), after.Models())
	_, ok := after.Ceremony(pair.Circuit.ID)
	require.True(t, ok)
	_, err = setup.Install(copyOf(t), [32]byte{1}, []setup.Pair{pair})
	require.ErrorContains(t, err, "holds other keys", "development keys")
}

// TestKeysOfAnotherLibraryAreNotRelabelled: what stays beside a ceremony's keys would be taken as made by this version.
func TestKeysOfAnotherLibraryAreNotRelabelled(t *testing.T) {
	dir, all := t.TempDir(), circuits.Default()
	_, err := setup.Install(dir, [32]byte{1}, []setup.Pair{pairOf(t, all[0])})
	require.NoError(t, err)
	path := filepath.Join(dir, "MANIFEST.json")
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	old := strings.Replace(string(raw), setup.Library(), "gnark 0.0.1", 1)
	require.NoError(t, os.WriteFile(path, []byte(old), 0o600))
	_, err = setup.Install(dir, [32]byte{2}, []setup.Pair{pairOf(t, all[1])})
	require.ErrorIs(t, err, setup.ErrStale)
	require.ErrorContains(t, err, "gnark 0.0.1")
	require.ErrorContains(t, err, setup.Library())
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, old, string(after))
	_, err = setup.Install(dir, [32]byte{1}, []setup.Pair{pairOf(t, all[0])})
	require.NoError(t, err, "its own keys are written anew")
}

func firstKey(m map[string]any) map[string]any { return m["keys"].([]any)[0].(map[string]any) }

func file(m map[string]any) map[string]any { return firstKey(m)["proving_key"].(map[string]any) }

func appendTo(path string, extra []byte) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(raw, extra...), 0o600)
}

func flip(path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	raw[len(raw)/2] ^= 1
	return os.WriteFile(path, raw, 0o600)
}

// TestConcurrentRunsEndWithTheSameKeys starts two runs on damaged keys: the second waits and keeps what the first made.
func TestConcurrentRunsEndWithTheSameKeys(t *testing.T) {
	dir := copyOf(t)
	entries, err := setup.Make(dir, nil)
	require.NoError(t, err)
	require.NoError(t, flip(filepath.Join(dir, entryOf(t, entries, small).VerifyingKey.Name)))
	type result struct {
		entries []setup.Entry
		err     error
	}
	results := make(chan result, 2)
	for range cap(results) {
		go func() {
			made, err := setup.Make(dir, nil)
			results <- result{made, err}
		}()
	}
	first, second := <-results, <-results
	require.NoError(t, first.err)
	require.NoError(t, second.err)
	require.Equal(t, first.entries, second.entries)
	require.NotEqual(t, entries, first.entries)
}

func TestDirectoriesThatCannotBeMadeAreNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	_, err := setup.Make(filepath.Join(path, "keys"), nil)
	require.ErrorContains(t, err, "make the key directory")
}
