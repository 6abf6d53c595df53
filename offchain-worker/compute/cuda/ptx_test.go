package cuda

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The PTX in the repository is what the source gives.
func TestPTXIsMadeFromTheSource(t *testing.T) {
	if _, err := exec.LookPath("clang-16"); err != nil {
		t.Skip("clang-16 is not installed (Debian: apt-get install clang-16); the PTX can't be made again to compare")
	}
	source, err := os.ReadFile("ptx.go")
	require.NoError(t, err)
	kept := map[string]string{"product_sm61.ptx": ptx61, "product_sm80.ptx": ptx80}
	made := 0
	for line := range strings.Lines(string(source)) {
		command, ok := strings.CutPrefix(strings.TrimSpace(line), "//go:generate ")
		if !ok {
			continue
		}
		fields := strings.Fields(command)
		at := len(fields) - 2
		name := fields[at]
		fields[at] = filepath.Join(t.TempDir(), name)
		output, err := exec.Command(fields[0], fields[1:]...).CombinedOutput()
		require.NoError(t, err, "%s", output)
		again, err := os.ReadFile(fields[at])
		require.NoError(t, err)
		require.Equal(t, kept[name], string(again), "%s: run go generate in this folder", name)
		made++
	}
	require.Equal(t, len(kept), made)
}

func TestKernelsAreThere(t *testing.T) {
	for _, p := range programs {
		require.Contains(t, p.ptx, ".visible .entry "+p.entry+"(")
	}
	for _, c := range []struct {
		has          capability
		wanted, want string
	}{{90, "", MMA}, {80, "", MMA}, {75, "", DP4A}, {61, "", DP4A}, {90, DP4A, DP4A}, {120, MMA, MMA}} {
		p, err := choose(c.has, c.wanted)
		require.NoError(t, err)
		require.Equal(t, c.want, p.name)
	}
	_, err := choose(60, "")
	require.ErrorIs(t, err, ErrUnsupported)
	require.ErrorContains(t, err, "compute capability is 6.0, kernel dp4a needs 6.1")
	_, err = choose(75, MMA)
	require.ErrorContains(t, err, "kernel mma needs 8.0")
}
