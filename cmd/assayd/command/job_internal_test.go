package command

import (
	"bytes"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/offchain-worker/chain"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// selected reads flags as job run does.
func selected(t *testing.T, args ...string) (markettypes.Requirements, error) {
	t.Helper()
	var o runOptions
	cmd := &cobra.Command{Use: "network"}
	o.addFlags(cmd)
	require.NoError(t, cmd.ParseFlags(append([]string{"-o", "y.npy"}, args...)))
	err := o.complete(cmd)
	return o.requirements, err
}

func TestJobsSelectTheirOperators(t *testing.T) {
	all, err := selected(t)
	require.NoError(t, err)
	require.Zero(t, all.Pool)
	require.False(t, all.AttestedOnly)
	some, err := selected(t, "--pool", "7", "--attested-only")
	require.NoError(t, err)
	require.EqualValues(t, 7, some.Pool)
	require.True(t, some.AttestedOnly)
	_, err = selected(t, "--pool", "7", "--operators", "assay1x")
	require.ErrorContains(t, err, "--pool and --operators are given")
	require.Equal(t, ExitUsage, ExitCode(err))

	var out bytes.Buffer
	view := chain.JobView{Job: markettypes.Job{MaxPrice: math.OneInt()}}
	require.NoError(t, showJob(&out, view, "uassay"))
	require.NotContains(t, out.String(), "pool")
	require.NotContains(t, out.String(), "attested")
	view.Spec.Requirements = some
	require.NoError(t, showJob(&out, view, "uassay"))
	require.Regexp(t, `(?m)^pool +7$`, out.String())
	require.Regexp(t, `(?m)^devices +attested only$`, out.String())
}
