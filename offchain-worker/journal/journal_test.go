package journal

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func fill(t *testing.T, path string, count int) []Entry {
	t.Helper()
	j, entries, err := Open(path, Hooks{})
	require.NoError(t, err)
	require.Empty(t, entries)
	for i := range count {
		require.NoError(t, j.Append(uint64(i/3), 1, Steps()[i%len(Steps())], map[string]int{"i": i}))
	}
	require.NoError(t, j.Close())
	j, entries, err = Open(path, Hooks{})
	require.NoError(t, err)
	require.NoError(t, j.Close())
	require.Len(t, entries, count)
	return entries
}

func TestTornTailAtEveryByte(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wal")
	whole := fill(t, path, 4)
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	for cut := range raw {
		require.NoError(t, os.WriteFile(path, raw[:cut], 0o600))
		j, entries, err := Open(path, Hooks{})
		require.NoError(t, err, "cut at %d", cut)
		require.Equal(t, append([]Entry(nil), whole[:len(entries)]...), entries)
		require.NoError(t, j.Append(99, 1, StepDone, nil))
		require.NoError(t, j.Close())
		j, again, err := Open(path, Hooks{})
		require.NoError(t, err, "cut at %d", cut)
		require.Len(t, again, len(entries)+1)
		require.NoError(t, j.Close())
	}
}

func TestCorruptionInTheMiddleIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wal")
	fill(t, path, 4)
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	last := strings.LastIndex(string(raw), magic)
	for at := range last {
		damaged := append([]byte(nil), raw...)
		damaged[at] ^= 0x55
		require.NoError(t, os.WriteFile(path, damaged, 0o600))
		_, _, err := Open(path, Hooks{})
		require.ErrorIs(t, err, ErrCorrupt, "byte %d", at)
		require.ErrorContains(t, err, path)
		require.ErrorContains(t, err, "offset")
	}
}

func TestMissingRecordIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wal")
	fill(t, path, 3)
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	second := strings.Index(string(raw[1:]), magic) + 1
	third := strings.LastIndex(string(raw), magic)
	require.NoError(t, os.WriteFile(path, append(append([]byte(nil), raw[:second]...), raw[third:]...), 0o600))
	_, _, err = Open(path, Hooks{})
	require.ErrorIs(t, err, ErrCorrupt)
}

func TestSecondWorkerIsLockedOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wal")
	j, _, err := Open(path, Hooks{})
	require.NoError(t, err)
	_, _, err = Open(path, Hooks{})
	require.ErrorIs(t, err, ErrLocked)
	require.NoError(t, j.Close())
	j, _, err = Open(path, Hooks{})
	require.NoError(t, err)
	require.NoError(t, j.Close())
}

func TestCompactKeepsWhatIsAsked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wal")
	fill(t, path, 9)
	j, _, err := Open(path, Hooks{})
	require.NoError(t, err)
	require.NoError(t, j.Compact(func(e Entry) bool { return e.Job == 1 }))
	require.NoError(t, j.Append(7, 2, StepDone, nil))
	require.NoError(t, j.Close())
	_, entries, err := Open(path, Hooks{})
	require.NoError(t, err)
	require.Len(t, entries, 4)
	require.EqualValues(t, 1, entries[0].Job)
	require.EqualValues(t, 7, entries[3].Job)
}

func TestFailedAppendClosesTheJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wal")
	stop := errors.New("stop")
	j, _, err := Open(path, Hooks{After: func(Entry) error { return stop }})
	require.NoError(t, err)
	require.ErrorIs(t, j.Append(1, 1, StepAssigned, nil), stop)
	require.ErrorIs(t, j.Append(1, 1, StepFetched, nil), ErrClosed)
	require.NoError(t, j.Close())
	_, entries, err := Open(path, Hooks{})
	require.NoError(t, err)
	require.Len(t, entries, 1)
}
