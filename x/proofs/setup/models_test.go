package setup_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/circuits"
	"github.com/assaychain/assay/x/proofs/circuits/model"
	"github.com/assaychain/assay/x/proofs/circuits/model/modeltest"
	"github.com/assaychain/assay/x/proofs/setup"
	"github.com/assaychain/assay/x/proofs/setup/setuptest"
	"github.com/assaychain/assay/x/proofs/statement"
)

func tiny(t *testing.T) *model.Network {
	run, err := modeltest.Draw(modeltest.Tiny(1))
	require.NoError(t, err)
	return run.Network
}

// withModel is a copy of the shared keys with those of the tiny network.
func withModel(t *testing.T) (dir, id string, network *model.Network) {
	network, dir = tiny(t), copyOf(t)
	_, err := setup.AddModels(setuptest.Model(t, network), dir)
	require.NoError(t, err)
	return dir, statement.ModelCircuitID(network.Hash()), network
}

func TestModelKeysStayBesideTheOthers(t *testing.T) {
	dir, id, network := withModel(t)
	_, err := setup.Make(dir, nil)
	require.NoError(t, err)
	lines := []string{}
	kept, err := setup.MakeModel(dir, network, func(line string) { lines = append(lines, line) })
	require.NoError(t, err)
	require.NotContains(t, strings.Join(lines, " "), "making keys")
	keys, err := setup.Open(dir)
	require.NoError(t, err)
	entry, _, verifyingKey, err := keys.LoadModelKeys(id)
	require.NoError(t, err)
	require.Equal(t, kept, entry)
	require.Len(t, verifyingKey, 528)
	require.Empty(t, entry.Ceremony)
	decoded, err := entry.Decode()
	require.NoError(t, err)
	require.Equal(t, network.Model(), decoded)
	_, err = keys.LoadVerifyingKey(circuits.Manifest()[0].ID)
	require.NoError(t, err)
	_, err = keys.LoadProvingKey(id)
	require.ErrorIs(t, err, setup.ErrNoKeys, "a model is no class")
	_, _, err = keys.LoadModelVerifyingKey("model-0")
	require.ErrorIs(t, err, setup.ErrNoKeys)
	require.ErrorContains(t, err, "models add")
}

func TestModelKeysAreCopied(t *testing.T) {
	dir, id, network := withModel(t)
	to := filepath.Join(t.TempDir(), "worker", "keys")
	added, err := setup.AddModels(dir, to)
	require.NoError(t, err)
	require.NotEmpty(t, added)
	again, err := setup.AddModels(dir, to)
	require.NoError(t, err)
	require.Equal(t, added, again)
	keys, err := setup.Open(to)
	require.NoError(t, err)
	require.Len(t, keys.Models(), len(added))
	entry, _, _, err := keys.LoadModelKeys(id)
	require.NoError(t, err)
	info, err := os.Stat(filepath.Join(to, entry.ProvingKey.Name))
	require.NoError(t, err)
	require.EqualValues(t, 0o600, info.Mode().Perm())

	require.NoError(t, flip(filepath.Join(dir, entry.ProvingKey.Name)))
	empty := filepath.Join(t.TempDir(), "other")
	_, err = setup.AddModels(dir, empty)
	require.ErrorIs(t, err, setup.ErrCorrupt)
	_, err = os.Stat(empty)
	require.ErrorIs(t, err, os.ErrNotExist, "nothing is changed")
	_, err = setup.AddModels(t.TempDir(), to)
	require.ErrorIs(t, err, setup.ErrNoKeys)
	require.NotNil(t, network)
}

func TestACeremonysModelKeysSayWhereTheyAreFrom(t *testing.T) {
	dir, id, network := withModel(t)
	keys, err := setup.Open(dir)
	require.NoError(t, err)
	_, provingKey, verifyingKey, err := keys.LoadModelKeys(id)
	require.NoError(t, err)
	circuit, _, err := model.Describe(network)
	require.NoError(t, err)
	pair := setup.Pair{Circuit: circuit, ProvingKey: provingKey, VerifyingKey: verifyingKey}
	to := t.TempDir()
	entry, err := setup.InstallModel(to, network, [32]byte{7}, pair)
	require.NoError(t, err)
	require.Equal(t, "07"+strings.Repeat("0", 62), entry.Ceremony)
	_, err = setup.InstallModel(dir, network, [32]byte{7}, pair)
	require.NoError(t, err, "in the place of development keys")
	keys, err = setup.Open(dir)
	require.NoError(t, err)
	_, ceremony := keys.Ceremony(circuits.Manifest()[0].ID)
	require.False(t, ceremony, "the circuits' own keys are still development keys")
	found, _, err := keys.LoadModelVerifyingKey(id)
	require.NoError(t, err)
	require.Equal(t, entry, found)
	pair.Circuit.SHA256 = strings.Repeat("0", 64)
	_, err = setup.InstallModel(to, network, [32]byte{7}, pair)
	require.ErrorContains(t, err, "compiles to")
}

func TestModelKeysOfAnotherLibraryAreLeftOut(t *testing.T) {
	dir, id, _ := withModel(t)
	path := filepath.Join(dir, "MANIFEST.json")
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	at := strings.Index(string(raw), `"models"`)
	text := string(raw[:at]) + strings.ReplaceAll(string(raw[at:]), setup.Library(), "gnark 0.0.1")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	keys, err := setup.Open(dir)
	require.NoError(t, err)
	_, _, err = keys.LoadModelVerifyingKey(id)
	require.ErrorIs(t, err, setup.ErrStale)
	_, err = setup.AddModels(dir, t.TempDir())
	require.ErrorIs(t, err, setup.ErrStale)
	lines := []string{}
	_, err = setup.Make(dir, func(line string) { lines = append(lines, line) })
	require.NoError(t, err)
	require.Contains(t, strings.Join(lines, "\n"), id+": left out")
	keys, err = setup.Open(dir)
	require.NoError(t, err)
	require.Empty(t, keys.Models())
}

func TestDamagedModelEntriesAreRefused(t *testing.T) {
	for _, spoil := range [][2]string{{`"model": "`, `"model": "AA`}, {`"models": [`, `"models": [{}, `}} {
		dir, _, _ := withModel(t)
		path := filepath.Join(dir, "MANIFEST.json")
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, []byte(strings.Replace(string(raw), spoil[0], spoil[1], 1)), 0o644))
		_, err = setup.Open(dir)
		require.ErrorIs(t, err, setup.ErrCorrupt)
	}
}
