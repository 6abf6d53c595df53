package types

import (
	"slices"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/lifecycle"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// Bounds of the parameters, so that no vote can stop the market or make a block too heavy.
const (
	// MaxSamplesLimit bounds max_samples.
	MaxSamplesLimit = 512
	// MaxAttemptsLimit bounds max_attempts.
	MaxAttemptsLimit = 16
	// SecondsLimit bounds every time: one year.
	SecondsLimit = 365 * 24 * 3600
	// ExposureBpsLimit bounds exposure_bps: a hundred times the price.
	ExposureBpsLimit = 1_000_000
	// SealedBytesLimit bounds max_sealed_bytes.
	SealedBytesLimit = 1 << 20
	// LocatorsLimit and LocatorBytesLimit bound what an input may name.
	LocatorsLimit, LocatorBytesLimit = 16, 2048
	// PerBlockLimit bounds what a block does of each kind.
	PerBlockLimit = 10_000
	// CandidatesLimit bounds max_candidates.
	CandidatesLimit = 1_000
	// DisputeBondBpsLimit bounds dispute_bond_bps: a hundred times the price.
	DisputeBondBpsLimit = 1_000_000
	// wholeBps is the whole in basis points.
	wholeBps = 10_000
	// amountBits bounds amounts, far from where arithmetic would overflow.
	amountBits = 128
)

// DefaultParams are a public network's.
func DefaultParams() Params {
	return Params{
		Denom:                  "uassay",
		MinPrice:               math.NewInt(10_000),
		MinSamples:             1,
		MaxSamples:             64,
		MaxAttempts:            3,
		CommitBaseSeconds:      120,
		CommitSecondsPerGmac:   30,
		ProofBaseSeconds:       120,
		ProofSecondsPerSample:  15,
		DisputeSeconds:         600,
		DeliverySeconds:        600,
		MaxDeadlineSeconds:     7 * 24 * 3600,
		ExposureBps:            20_000,
		UnavailableFee:         math.NewInt(1_000),
		ClaimFee:               math.NewInt(5_000),
		MaxSealedBytes:         64 << 10,
		MaxLocators:            4,
		MaxLocatorBytes:        512,
		MaxAssignmentsPerBlock: 64,
		MaxCandidates:          32,
		MaxDuePerBlock:         200,
		MaxSampledPerBlock:     200,
		MaxPrunedPerBlock:      100,
		RetrySeconds:           30,
		HistorySeconds:         7 * 24 * 3600,
		MaxBlockGapSeconds:     60,
		Lease:                  DefaultLeaseParams(),
		ProofKibPrice:          math.NewInt(500),
		MinDisputeBond:         math.NewInt(50_000),
		DisputeBondBps:         2_000,
		MaxDisputes:            5,
		AnswerSeconds:          300,
		DisputeWorkerBps:       5_000,
		RelaysPerClaim:         3,
		RelayThreshold:         2,
		RelayWindowSeconds:     3600,
		RelayMibFee:            math.NewInt(1_000),
		RelayMinBond:           math.NewInt(registrytypes.DefaultSmallBond),
		RelaySecondsPerMib:     10,
		ProvingSecondPrice:     math.NewInt(200),
		JobTierBps:             []uint32{10_000, 7_000, 20_000, 30_000},
		JobSlaBps:              []uint32{wholeBps, wholeBps, 7_500, 5_000},
		JobLateBps:             []uint32{0, 0, 2_500, 5_000},
		JobHourBps:             defaultDay(),
		JobReferenceGops:       []uint32{1_000, 8_000, 1_300, 70_000, 250_000},
		JobDemandLowBps:        10_000,
		JobDemandHighBps:       15_000,
		MaxRunnersUp:           3,
		MaxEligible:            16,
		MaxPatientPerBlock:     16,
		RevealSeconds:          300,
		AuditMinBps:            1_000,
		AuditExposureBps:       100_000,
	}
}

// Validate refuses parameters that cannot be used, naming the field and its limits.
func (p Params) Validate() error {
	if err := sdk.ValidateDenom(p.Denom); err != nil {
		return ErrParams.Wrapf("denom: %s", err)
	}
	if err := p.validateAmounts(); err != nil {
		return err
	}
	if p.MinSamples > p.MaxSamples {
		return ErrParams.Wrapf("min_samples is %d: it must be at most max_samples, %d", p.MinSamples, p.MaxSamples)
	}
	for _, f := range slices.Concat(p.ranges(), p.scheduleRanges(), p.auditRanges()) {
		if f.value < f.low || f.value > f.high {
			return ErrParams.Wrapf("%s is %d: it must be from %d to %d", f.name, f.value, f.low, f.high)
		}
	}
	if err := p.validateDisputes(); err != nil {
		return err
	}
	if err := p.validateSchedule(); err != nil {
		return err
	}
	return p.Lease.Validate()
}

func (p Params) validateAmounts() error {
	for _, f := range []struct {
		name  string
		value math.Int
	}{{"min_price", p.MinPrice}, {"unavailable_fee", p.UnavailableFee}, {"claim_fee", p.ClaimFee}, {"proof_kib_price", p.ProofKibPrice}, {"min_dispute_bond", p.MinDisputeBond}, {"relay_mib_fee", p.RelayMibFee},
		{"proving_second_price", p.ProvingSecondPrice}} {
		if f.value.IsNil() || !f.value.IsPositive() || f.value.BigInt().BitLen() > amountBits {
			return ErrParams.Wrapf("%s must be at least 1 and below 2^%d", f.name, amountBits)
		}
	}
	if p.RelayMinBond.IsNil() || p.RelayMinBond.IsNegative() || p.RelayMinBond.BigInt().BitLen() > amountBits {
		return ErrParams.Wrapf("relay_min_bond must be at least 0 and below 2^%d", amountBits)
	}
	if fees := p.UnavailableFee.MulRaw(lifecycle.ReportsToClose); fees.GT(p.MinPrice) {
		return ErrParams.Wrapf("unavailable_fee is %s: %d of them must not exceed min_price, %s",
			p.UnavailableFee, lifecycle.ReportsToClose, p.MinPrice)
	}
	return nil
}

type paramRange struct {
	name             string
	value, low, high uint64
}

func (p Params) ranges() []paramRange {
	return []paramRange{
		{"min_samples", uint64(p.MinSamples), 1, MaxSamplesLimit},
		{"max_samples", uint64(p.MaxSamples), 1, MaxSamplesLimit},
		{"max_attempts", uint64(p.MaxAttempts), 1, MaxAttemptsLimit},
		{"commit_base_seconds", p.CommitBaseSeconds, 1, SecondsLimit},
		{"commit_seconds_per_gmac", p.CommitSecondsPerGmac, 0, SecondsLimit},
		{"proof_base_seconds", p.ProofBaseSeconds, 1, SecondsLimit},
		{"proof_seconds_per_sample", p.ProofSecondsPerSample, 0, SecondsLimit},
		{"dispute_seconds", p.DisputeSeconds, 1, SecondsLimit},
		{"delivery_seconds", p.DeliverySeconds, 1, SecondsLimit},
		{"max_deadline_seconds", p.MaxDeadlineSeconds, p.CommitBaseSeconds, SecondsLimit},
		{"exposure_bps", uint64(p.ExposureBps), 0, ExposureBpsLimit},
		{"max_sealed_bytes", uint64(p.MaxSealedBytes), 0, SealedBytesLimit},
		{"relays_per_claim", uint64(p.RelaysPerClaim), 1, RelaysLimit},
		{"relay_threshold", uint64(p.RelayThreshold), 1, uint64(p.RelaysPerClaim)},
		{"relay_window_seconds", p.RelayWindowSeconds, 1, SecondsLimit},
		{"relay_seconds_per_mib", p.RelaySecondsPerMib, 0, SecondsLimit},
		{"max_locators", uint64(p.MaxLocators), 1, LocatorsLimit},
		{"max_locator_bytes", uint64(p.MaxLocatorBytes), 16, LocatorBytesLimit},
		{"max_assignments_per_block", uint64(p.MaxAssignmentsPerBlock), 1, PerBlockLimit},
		{"max_candidates", uint64(p.MaxCandidates), 1, CandidatesLimit},
		{"max_due_per_block", uint64(p.MaxDuePerBlock), 1, PerBlockLimit},
		{"max_sampled_per_block", uint64(p.MaxSampledPerBlock), 1, PerBlockLimit},
		{"max_pruned_per_block", uint64(p.MaxPrunedPerBlock), 1, PerBlockLimit},
		{"retry_seconds", p.RetrySeconds, 1, SecondsLimit},
		{"history_seconds", p.HistorySeconds, 0, SecondsLimit},
		{"max_block_gap_seconds", p.MaxBlockGapSeconds, 1, SecondsLimit},
		{"dispute_bond_bps", uint64(p.DisputeBondBps), 1, DisputeBondBpsLimit},
		{"max_disputes", uint64(p.MaxDisputes), 1, lifecycle.MaxDisputesLimit},
		{"answer_seconds", p.AnswerSeconds, 1, SecondsLimit},
		{"reveal_seconds", p.RevealSeconds, 1, SecondsLimit},
		{"dispute_worker_bps", uint64(p.DisputeWorkerBps), 0, wholeBps},
	}
}
