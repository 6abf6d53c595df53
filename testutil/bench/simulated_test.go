package bench

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/scripts/simulate/netsim"
	markettypes "github.com/assaychain/assay/x/market/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// TestSimulatedMarketHasTheDefaults: the simulated network's copies of the chain's defaults are those. It links no SDK, so they are compared here.
func TestSimulatedMarketHasTheDefaults(t *testing.T) {
	market := markettypes.DefaultParams()
	require.EqualValues(t, market.MaxAttempts, netsim.MaxAttempts, "max_attempts")
	require.EqualValues(t, market.MaxCandidates, netsim.MaxCandidates, "max_candidates")
	require.EqualValues(t, market.MaxAssignmentsPerBlock, netsim.MaxAssignmentsPerBlock, "max_assignments_per_block")
	require.EqualValues(t, market.CommitBaseSeconds, netsim.CommitBaseSeconds, "commit_base_seconds")
	require.Equal(t, market.JobTierBps, netsim.TierBps(), "job_tier_bps")
	require.EqualValues(t, registrytypes.DefaultParams().LearningBps, netsim.LearningBps, "learning_bps")
	missed, err := penaltytypes.DefaultParams().Rule(penaltytypes.OFFENCE_MISSED_COMMIT)
	require.NoError(t, err)
	require.Equal(t, missed.Jail, netsim.JailSeconds*time.Second, "jail of a missed commitment")
}
