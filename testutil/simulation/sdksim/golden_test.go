package sdksim

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	golden = flag.Int("golden", 40, "blocks of TestGoldenHash: one of the heights recorded in testdata/golden.json")
	update = flag.Bool("record", false, "record the hash of TestGoldenHash")
)

// TestGoldenHash simulates a number of blocks from a fixed seed and compares the application's hash with the recorded one, which
// is the same on every machine and architecture. A change that is meant to change it records it again with -record, for every
// height in the file.
func TestGoldenHash(t *testing.T) {
	path := filepath.Join("testdata", "golden.json")
	recorded := map[string]string{}
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(content, &recorded))

	s := Start(t, Config{Seed: 2026, Messages: 8, Unchecked: true})
	s.Continue(*golden)
	hash, height := fmt.Sprintf("%X", s.LastCommitID().Hash), fmt.Sprint(*golden)
	if *update {
		recorded[height] = hash
		content, err := json.MarshalIndent(recorded, "", "  ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, append(content, '\n'), 0o600))
	}
	require.Contains(t, recorded, height, "no hash is recorded for this height")
	require.Equal(t, recorded[height], hash, "another state after %d blocks%s", *golden, s.Summary())
	t.Logf("%s: app hash %s after %d blocks", runtime.GOARCH, hash, *golden)
}
