package types_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/market/leases"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/scheduler"
	"github.com/assaychain/assay/x/market/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
)

// The scheduler's tiers and heats and the schema's are numbered alike, and every tier has a word.
func TestTiersMirrorTheScheduler(t *testing.T) {
	require.Len(t, types.JobTier_name, 4)
	for tier, want := range map[types.JobTier]scheduler.Tier{
		types.JOB_TIER_STANDARD: scheduler.Standard, types.JOB_TIER_ECONOMY: scheduler.Economy, types.JOB_TIER_FAST: scheduler.Fast, types.JOB_TIER_REALTIME: scheduler.Realtime,
	} {
		require.Equal(t, want, tier.Scheduler())
		require.True(t, tier.Known())
		require.Equal(t, "JOB_TIER_"+strings.ToUpper(tier.Word()), tier.String())
	}
	require.False(t, types.JobTier(4).Known())
}

// The pure state machine and the schema number and name everything alike.
func TestEnumsMirrorTheStateMachine(t *testing.T) {
	require.Len(t, types.JobState_name, len(lifecycle.States())+1)
	for _, s := range lifecycle.States() {
		require.Equal(t, "JOB_STATE_"+s.String(), types.JobState(s).String())
		require.Equal(t, s, types.JobState(s).Lifecycle())
	}
	require.Len(t, types.CloseReason_name, len(lifecycle.Reasons())+1)
	for _, r := range lifecycle.Reasons() {
		require.Equal(t, "CLOSE_REASON_"+r.String(), types.CloseReason(r).String())
	}
	require.Len(t, types.FailureReason_name, int(lifecycle.FalselyDelivered)+1)
	for f := lifecycle.CommitLate; f <= lifecycle.FalselyDelivered; f++ {
		require.Equal(t, "FAILURE_REASON_"+f.String(), types.FailureReason(f).String())
	}
	require.Greater(t, len(penaltytypes.Offence_name), int(lifecycle.FalseDelivered))
	require.Len(t, types.LeaseState_name, len(leases.States())+1)
	for _, s := range leases.States() {
		require.Equal(t, "LEASE_STATE_"+s.String(), types.LeaseState(s).String())
		require.Equal(t, s, types.LeaseState(s).Machine())
	}
	require.Len(t, types.LeaseCloseReason_name, len(leases.Reasons())+1)
	for _, r := range leases.Reasons() {
		require.Equal(t, "LEASE_CLOSE_REASON_"+r.String(), types.LeaseCloseReason(r).String())
	}
	require.Equal(t, "OFFENCE_"+leases.AbandonedLease.String(), penaltytypes.Offence(leases.AbandonedLease).String())
	for _, o := range []lifecycle.Offence{
		lifecycle.WrongResult, lifecycle.MissingProof, lifecycle.MissedCommit, lifecycle.UndeliveredResult, lifecycle.FalseDelivered, lifecycle.LostDispute,
	} {
		require.Equal(t, "OFFENCE_"+o.String(), penaltytypes.Offence(o).String())
	}
	require.Zero(t, types.LeaseState(0).Machine())
	require.Zero(t, types.LeaseState(6).Machine())
	require.Zero(t, types.JobState(0).Lifecycle())
	require.Zero(t, types.JobState(77).Lifecycle())
}

func TestParamsOutOfRangeAreRefused(t *testing.T) {
	require.NoError(t, types.DefaultParams().Validate())
	for name, spoil := range map[string]func(*types.Params){
		"denom":                     func(p *types.Params) { p.Denom = "" },
		"min_price":                 func(p *types.Params) { p.MinPrice = math.ZeroInt() },
		"unavailable_fee":           func(p *types.Params) { p.UnavailableFee = p.MinPrice },
		"claim_fee":                 func(p *types.Params) { p.ClaimFee = math.Int{} },
		"min_dispute_bond":          func(p *types.Params) { p.MinDisputeBond = math.ZeroInt() },
		"dispute_bond_bps":          func(p *types.Params) { p.DisputeBondBps = 1_000_001 },
		"max_disputes":              func(p *types.Params) { p.MaxDisputes = 17 },
		"answer_seconds":            func(p *types.Params) { p.AnswerSeconds = 0 },
		"dispute_worker_bps":        func(p *types.Params) { p.DisputeWorkerBps = 10_001 },
		"proof_kib_price":           func(p *types.Params) { p.ProofKibPrice = math.ZeroInt() },
		"proving_second_price":      func(p *types.Params) { p.ProvingSecondPrice = math.ZeroInt() },
		"min_samples":               func(p *types.Params) { p.MinSamples = p.MaxSamples + 1 },
		"max_samples":               func(p *types.Params) { p.MaxSamples = 513 },
		"max_attempts":              func(p *types.Params) { p.MaxAttempts = 17 },
		"commit_base_seconds":       func(p *types.Params) { p.CommitBaseSeconds = 0 },
		"commit_seconds_per_gmac":   func(p *types.Params) { p.CommitSecondsPerGmac = 1 << 40 },
		"proof_base_seconds":        func(p *types.Params) { p.ProofBaseSeconds = 0 },
		"proof_seconds_per_sample":  func(p *types.Params) { p.ProofSecondsPerSample = 1 << 40 },
		"dispute_seconds":           func(p *types.Params) { p.DisputeSeconds = 0 },
		"delivery_seconds":          func(p *types.Params) { p.DeliverySeconds = 0 },
		"max_deadline_seconds":      func(p *types.Params) { p.MaxDeadlineSeconds = p.CommitBaseSeconds - 1 },
		"exposure_bps":              func(p *types.Params) { p.ExposureBps = 1_000_001 },
		"max_sealed_bytes":          func(p *types.Params) { p.MaxSealedBytes = 1<<20 + 1 },
		"relays_per_claim":          func(p *types.Params) { p.RelaysPerClaim = 17 },
		"relay_threshold":           func(p *types.Params) { p.RelayThreshold = p.RelaysPerClaim + 1 },
		"relay_window_seconds":      func(p *types.Params) { p.RelayWindowSeconds = 0 },
		"relay_mib_fee":             func(p *types.Params) { p.RelayMibFee = math.ZeroInt() },
		"relay_min_bond":            func(p *types.Params) { p.RelayMinBond = math.NewInt(-1) },
		"relay_seconds_per_mib":     func(p *types.Params) { p.RelaySecondsPerMib = 1 << 40 },
		"max_locators":              func(p *types.Params) { p.MaxLocators = 0 },
		"max_locator_bytes":         func(p *types.Params) { p.MaxLocatorBytes = 15 },
		"max_assignments_per_block": func(p *types.Params) { p.MaxAssignmentsPerBlock = 0 },
		"max_candidates":            func(p *types.Params) { p.MaxCandidates = 0 },
		"max_due_per_block":         func(p *types.Params) { p.MaxDuePerBlock = 10_001 },
		"max_sampled_per_block":     func(p *types.Params) { p.MaxSampledPerBlock = 0 },
		"max_pruned_per_block":      func(p *types.Params) { p.MaxPrunedPerBlock = 0 },
		"retry_seconds":             func(p *types.Params) { p.RetrySeconds = 0 },
		"history_seconds":           func(p *types.Params) { p.HistorySeconds = 1 << 40 },
		"max_block_gap_seconds":     func(p *types.Params) { p.MaxBlockGapSeconds = 0 },
		"job_tier_bps has":          func(p *types.Params) { p.JobTierBps = p.JobTierBps[1:] },
		"job_tier_bps[2]":           func(p *types.Params) { p.JobTierBps[2] = 100_001 },
		"job_sla_bps has":           func(p *types.Params) { p.JobSlaBps = nil },
		"job_sla_bps[0]":            func(p *types.Params) { p.JobSlaBps[0] = 0 },
		"job_sla_bps[1]":            func(p *types.Params) { p.JobSlaBps[1] = 10_001 },
		"job_sla_bps is":            func(p *types.Params) { p.JobSlaBps[3] = 7_501 },
		"job_late_bps has":          func(p *types.Params) { p.JobLateBps = p.JobLateBps[1:] },
		"job_late_bps[3]":           func(p *types.Params) { p.JobLateBps[3] = 9_001 },
		"job_late_bps is":           func(p *types.Params) { p.JobLateBps[1] = 2_501 },
		"job_hour_bps has":          func(p *types.Params) { p.JobHourBps = p.JobHourBps[1:] },
		"job_hour_bps[23]":          func(p *types.Params) { p.JobHourBps[23] = 0 },
		"job_reference_gops has":    func(p *types.Params) { p.JobReferenceGops = nil },
		"job_reference_gops[4]":     func(p *types.Params) { p.JobReferenceGops[4] = 1_000_000_001 },
		"job_tier_bps is":           func(p *types.Params) { p.JobTierBps[1] = 10_001 },
		"job_demand_low_bps":        func(p *types.Params) { p.JobDemandLowBps = p.JobDemandHighBps + 1 },
		"job_demand_high_bps":       func(p *types.Params) { p.JobDemandHighBps = 100_001 },
		"max_runners_up":            func(p *types.Params) { p.MaxRunnersUp = 9 },
		"max_eligible":              func(p *types.Params) { p.MaxEligible = 0 },
		"max_patient_per_block":     func(p *types.Params) { p.MaxPatientPerBlock = 0 },
	} {
		p := types.DefaultParams()
		spoil(&p)
		err := p.Validate()
		require.ErrorIs(t, err, types.ErrParams, name)
		require.ErrorContains(t, err, name)
	}
}
