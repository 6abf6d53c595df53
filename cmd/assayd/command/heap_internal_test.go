package command

import (
	"runtime/debug"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/app"
)

// TestHeapGrowth: a node collects its heap as the flag says, else as GOGC, else as is good for a node; and what can't be meant is refused.
func TestHeapGrowth(t *testing.T) {
	before := debug.SetGCPercent(90)
	defer debug.SetGCPercent(before)
	now := func() int {
		percent := debug.SetGCPercent(90)
		debug.SetGCPercent(percent)
		return percent
	}
	start := func(args ...string) error {
		debug.SetGCPercent(90)
		cmd := &cobra.Command{Use: "start", RunE: func(*cobra.Command, []string) error { return nil }, SilenceUsage: true, SilenceErrors: true}
		startFlags(cmd)
		cmd.SetArgs(args)
		return cmd.Execute()
	}
	root, err := NewRoot()
	require.NoError(t, err)
	real, _, err := root.Find([]string{"start"})
	require.NoError(t, err)
	require.NotNil(t, real.Flags().Lookup(flagGCPercent), "the command that runs a node has it")
	t.Setenv("GOGC", "")
	require.NoError(t, start())
	require.Equal(t, app.GCPercent, now())
	t.Setenv("GOGC", "90")
	require.NoError(t, start())
	require.Equal(t, 90, now(), "as GOGC says")
	require.NoError(t, start("--gc-percent", "20"))
	require.Equal(t, 20, now())
	for _, percent := range []string{"19", "1001", "-1"} {
		require.ErrorContains(t, start("--gc-percent", percent), "--gc-percent is "+percent+": it must be 20 to 1000")
		require.Equal(t, 90, now(), "nothing has changed")
	}
}
