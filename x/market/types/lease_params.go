package types

import (
	"github.com/assaychain/assay/x/market/pricing"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// Bounds of the parameters of leases.
const (
	// BookingsLimit bounds max_bookings, and with it the work of looking at a calendar.
	BookingsLimit = 256
	// ComplaintsLimit bounds max_complaints.
	ComplaintsLimit = 100
	// FactorLimit bounds factors of a price: ten times.
	FactorLimit = 10 * pricing.BasisPoints
	// tiers is the number of tiers; the enumeration counts from 1.
	tiers = int(LEASE_TIER_REALTIME)
)

// DefaultLeaseParams are a public network's.
func DefaultLeaseParams() LeaseParams {
	return LeaseParams{
		MinSeconds:         600,
		MaxSeconds:         30 * 24 * 3600,
		MaxAdvanceSeconds:  30 * 24 * 3600,
		MaxBookings:        32,
		MinFundedSeconds:   3_600,
		BookingFeeBps:      2_000,
		CancelSeconds:      3_600,
		StartGraceSeconds:  600,
		NoticeSeconds:      600,
		OutageSeconds:      1_800,
		SilenceSeconds:     900,
		MaxComplaints:      3,
		ExposureBps:        10_000,
		ExposureSeconds:    24 * 3600,
		TierBps:            []uint32{7_000, 10_000, 20_000, 30_000},
		DemandLowBps:       9_000,
		DemandHighBps:      15_000,
		HourBps:            defaultDay(),
		ReferenceMemoryMib: []uint32{16 << 10, 8 << 10, 8 << 10, 24 << 10, 80 << 10},
		MaxDuePerBlock:     200,
		MaxDriedPerBlock:   100,
		MaxPrunedPerBlock:  100,
	}
}

// defaultDay makes the hours from 1 to 8 o'clock, when most of the supply's day is over, a tenth cheaper, and those from 14 to
// 21, when Europe and America are awake, a tenth dearer.
func defaultDay() []uint32 {
	day := make([]uint32, pricing.HoursADay)
	for hour := range day {
		switch {
		case hour >= 1 && hour < 8:
			day[hour] = 9_000
		case hour >= 14 && hour < 21:
			day[hour] = 11_000
		default:
			day[hour] = 10_000
		}
	}
	return day
}

// Validate refuses parameters that cannot be used, naming the field and its limits.
func (p LeaseParams) Validate() error {
	for _, f := range p.ranges() {
		if f.value < f.low || f.value > f.high {
			return ErrParams.Wrapf("lease.%s is %d: it must be from %d to %d", f.name, f.value, f.low, f.high)
		}
	}
	if err := validateTable("tier_bps", p.TierBps, tiers, FactorLimit); err != nil {
		return err
	}
	for i := 1; i < tiers; i++ {
		if p.TierBps[i] < p.TierBps[i-1] {
			return ErrParams.Wrapf("lease.tier_bps[%d] is %d: it must not be below %d", i, p.TierBps[i], p.TierBps[i-1])
		}
	}
	if err := validateTable("hour_bps", p.HourBps, pricing.HoursADay, FactorLimit); err != nil {
		return err
	}
	return validateTable("reference_memory_mib", p.ReferenceMemoryMib, registrytypes.Classes, registrytypes.MaxMemory)
}

func validateTable(name string, table []uint32, entries int, limit uint32) error {
	if len(table) != entries {
		return ErrParams.Wrapf("lease.%s has %d entries: it must have %d", name, len(table), entries)
	}
	for i, value := range table {
		if value < 1 || value > limit {
			return ErrParams.Wrapf("lease.%s[%d] is %d: it must be from 1 to %d", name, i, value, limit)
		}
	}
	return nil
}

func (p LeaseParams) ranges() []paramRange {
	return []paramRange{
		{"min_seconds", p.MinSeconds, 1, p.MaxSeconds},
		{"max_seconds", p.MaxSeconds, 1, SecondsLimit},
		{"max_advance_seconds", p.MaxAdvanceSeconds, 0, SecondsLimit},
		{"max_bookings", uint64(p.MaxBookings), 1, BookingsLimit},
		{"min_funded_seconds", p.MinFundedSeconds, 1, SecondsLimit},
		{"booking_fee_bps", uint64(p.BookingFeeBps), 0, pricing.BasisPoints},
		{"cancel_seconds", p.CancelSeconds, 0, SecondsLimit},
		{"start_grace_seconds", p.StartGraceSeconds, 0, SecondsLimit},
		{"notice_seconds", p.NoticeSeconds, 1, SecondsLimit},
		{"outage_seconds", p.OutageSeconds, 1, SecondsLimit},
		{"silence_seconds", p.SilenceSeconds, 1, SecondsLimit},
		{"max_complaints", uint64(p.MaxComplaints), 1, ComplaintsLimit},
		{"exposure_bps", uint64(p.ExposureBps), 0, ExposureBpsLimit},
		{"exposure_seconds", p.ExposureSeconds, 0, SecondsLimit},
		{"demand_low_bps", uint64(p.DemandLowBps), 1, uint64(p.DemandHighBps)},
		{"demand_high_bps", uint64(p.DemandHighBps), 1, FactorLimit},
		{"max_due_per_block", uint64(p.MaxDuePerBlock), 1, PerBlockLimit},
		{"max_dried_per_block", uint64(p.MaxDriedPerBlock), 1, PerBlockLimit},
		{"max_pruned_per_block", uint64(p.MaxPrunedPerBlock), 1, PerBlockLimit},
	}
}

// Tier is the factor of a tier in basis points.
func (p LeaseParams) Tier(tier LeaseTier) (uint32, error) {
	if tier < LEASE_TIER_ECONOMY || int(tier) > len(p.TierBps) {
		return 0, ErrLease.Wrapf("tier is %d: it must be from %d to %d", tier, LEASE_TIER_ECONOMY, LEASE_TIER_REALTIME)
	}
	return p.TierBps[tier-1], nil
}

// Reference is the memory in MiB of a device of a class that is worth its price.
func (p LeaseParams) Reference(class registrytypes.DeviceClass) uint32 {
	if class < registrytypes.DEVICE_CLASS_CPU || int(class) > len(p.ReferenceMemoryMib) {
		return 0
	}
	return p.ReferenceMemoryMib[class-1]
}

// Day is the table of hours.
func (p LeaseParams) Day() [pricing.HoursADay]uint32 {
	var table [pricing.HoursADay]uint32
	copy(table[:], p.HourBps)
	return table
}
