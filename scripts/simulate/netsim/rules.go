package netsim

import (
	"slices"

	"github.com/assaychain/assay/x/market/scheduler"
)

// The chain's defaults that bear on the simulation, copied, since their own packages need the SDK; a test in testutil/bench compares them.
const (
	// MaxAttempts of a job, as the market's max_attempts.
	MaxAttempts = 3
	// MaxCandidates of one job over all of its classes, as the market's max_candidates.
	MaxCandidates = 32
	// MaxAssignmentsPerBlock bounds the jobs that are tried in a block, as the market's max_assignments_per_block.
	MaxAssignmentsPerBlock = 64
	// CommitBaseSeconds that a commitment may take beside the work, as the market's commit_base_seconds.
	CommitBaseSeconds = 120
	// LearningBps is the rate at which a device's record moves, in basis points, as the registry's learning_bps.
	LearningBps = 1_250
	// JailSeconds is how long a device is away after it missed a commitment, or until it is mended: as the penalty's table has it for the first.
	JailSeconds = 600
)

var tierBps = [...]uint32{scheduler.Standard: 10_000, scheduler.Economy: 7_000, scheduler.Fast: 20_000, scheduler.Realtime: 30_000}

// TierBps are the factors of prices by tier, in the tiers' order and in basis points, as the market's job_tier_bps.
func TierBps() []uint32 { return slices.Clone(tierBps[:]) }
