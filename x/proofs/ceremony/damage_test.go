package ceremony_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/ceremony"
)

// TestEveryDamageIsFound flips a bit at several places of every file, cuts, lengthens, removes, swaps and renames files.
func TestEveryDamageIsFound(t *testing.T) {
	w := complete(t)
	whole := mustVerify(t, w)
	for _, file := range append(whole.Files, ceremony.ReceiptFile{Path: "phase2/tiny-a/0000-start.bin"}) {
		path := filepath.Join(w.dir, filepath.FromSlash(file.Path))
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		for name, damaged := range damages(raw) {
			require.NoError(t, os.WriteFile(path, damaged, 0o600))
			require.Error(t, verifyAnew(w), "%s: %s", file.Path, name)
		}
		require.NoError(t, os.Remove(path))
		requireNoticed(t, w, whole, file)
		require.NoError(t, os.WriteFile(path, raw, 0o600))
	}
	swap(t, w, "phase1/0001-alice.bin", "phase1/0002-bob.bin")
	require.ErrorIs(t, verifyAnew(w), ceremony.ErrTranscript)
	swap(t, w, "phase1/0001-alice.bin", "phase1/0002-bob.bin")
	swap(t, w, "phase2/tiny-a/0002-dave.bin", "phase2/tiny-b/0002-dave.bin")
	require.ErrorIs(t, verifyAnew(w), ceremony.ErrTranscript, "another circuit's contribution")
	swap(t, w, "phase2/tiny-a/0002-dave.bin", "phase2/tiny-b/0002-dave.bin")
	require.NoError(t, os.Remove(filepath.Join(w.dir, "phase1", "0002-bob.bin")))
	require.ErrorIs(t, verifyAnew(w), ceremony.ErrTranscript, "the last contribution left out")
}

// requireNoticed checks that a file that is gone is missed: by the verification, or, where nothing was built on it yet, by its receipt.
func requireNoticed(t *testing.T, w *world, whole *ceremony.Transcript, file ceremony.ReceiptFile) {
	c, err := ceremony.Open(w.dir, w.tools)
	if err != nil {
		require.ErrorIs(t, err, ceremony.ErrPlan)
		return
	}
	transcript, err := c.Verify()
	if err == nil {
		require.NotEqual(t, whole.Hash, transcript.Hash)
		err = transcript.Contains(ceremony.Receipt{Name: "x", Phase: 2, Files: []ceremony.ReceiptFile{file}})
	}
	require.ErrorIs(t, err, ceremony.ErrTranscript, "%s removed", file.Path)
}

func damages(raw []byte) map[string][]byte {
	all := map[string][]byte{
		"empty": {}, "cut": raw[:len(raw)-1], "longer": append(append([]byte{}, raw...), 0),
	}
	for _, at := range []int{0, 1, 40, len(raw) / 3, len(raw) / 2, len(raw) - 40, len(raw) - 2} {
		if at >= 0 && at < len(raw) {
			flipped := append([]byte{}, raw...)
			flipped[at] ^= 1
			all[fmt.Sprint("bit at ", at)] = flipped
		}
	}
	return all
}

func verifyAnew(w *world) error {
	c, err := ceremony.Open(w.dir, w.tools)
	if err == nil {
		_, err = c.Verify()
	}
	return err
}

func swap(t *testing.T, w *world, a, b string) {
	first, second := filepath.Join(w.dir, a), filepath.Join(w.dir, b)
	require.NoError(t, os.Rename(first, first+".tmp"))
	require.NoError(t, os.Rename(second, first))
	require.NoError(t, os.Rename(first+".tmp", second))
}
