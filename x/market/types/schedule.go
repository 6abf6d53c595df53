package types

import (
	"slices"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/market/pricing"
	"github.com/assaychain/assay/x/market/runtimes"
	"github.com/assaychain/assay/x/market/scheduler"
	"github.com/assaychain/assay/x/registry/cells"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// Bounds of what a job may ask of its device, and of what is kept of a decision.
const (
	// CellsLimit is the number of cells of the grid, which are numbered from 1.
	CellsLimit = cells.Count
	// RoundTripLimit bounds max_round_trip_ms: a minute.
	RoundTripLimit = 60_000
	// EligibleLimit bounds max_eligible.
	EligibleLimit = 64
	// RunnersUpLimit bounds max_runners_up.
	RunnersUpLimit = 8
	// LateBpsLimit bounds job_late_bps: a worker may decline no job, and a late result is still its work.
	LateBpsLimit = 9_000
	// GopsLimit bounds job_reference_gops: 10^18 operations a second.
	GopsLimit = 1_000_000_000
	// PatientTries is the number of fruitless tries after which a job counts as one that has waited long.
	PatientTries = 4
	// jobTiers is the number of tiers; the enumeration counts from 0.
	jobTiers = int(JOB_TIER_REALTIME) + 1
	// hardwareBytes bounds what run times are kept by: a model's key.
	hardwareBytes = 64
)

// Scheduler is the tier as the scheduler knows it.
func (t JobTier) Scheduler() scheduler.Tier { return scheduler.Tier(t) }

// Known tells whether there is such a tier.
func (t JobTier) Known() bool { return t >= JOB_TIER_STANDARD && int(t) < jobTiers }

// Word is the tier in a word, such as "fast".
func (t JobTier) Word() string {
	return map[JobTier]string{
		JOB_TIER_STANDARD: "standard", JOB_TIER_ECONOMY: "economy", JOB_TIER_FAST: "fast", JOB_TIER_REALTIME: "realtime",
	}[t]
}

// validatePlacing refuses a home, a distance, a tier and operators that can't be.
func (r Requirements) validatePlacing() error {
	if r.Cell > CellsLimit {
		return ErrSpec.Wrapf("requirements.cell is %d: it must be from 1 to %d, or 0 for anywhere", r.Cell, CellsLimit)
	}
	if r.MaxRoundTripMs > RoundTripLimit {
		return ErrSpec.Wrapf("requirements.max_round_trip_ms is %d: at most %d", r.MaxRoundTripMs, RoundTripLimit)
	}
	if r.MaxRoundTripMs > 0 && r.Cell == 0 {
		return ErrSpec.Wrap("requirements.max_round_trip_ms is given without cell: name the cell that it is counted from")
	}
	if !r.Tier.Known() {
		return ErrSpec.Wrapf("requirements.tier is %d: it must be from %d to %d", r.Tier, JOB_TIER_STANDARD, JOB_TIER_REALTIME)
	}
	if n := len(r.Operators); n > EligibleLimit {
		return ErrSpec.Wrapf("requirements.operators has %d entries: at most %d", n, EligibleLimit)
	}
	if r.Pool > 0 && len(r.Operators) > 0 {
		return ErrSpec.Wrapf("requirements.pool is %d and operators are named too: give one of them", r.Pool)
	}
	for i, operator := range r.Operators {
		addr, err := accounts.Decode(operator)
		if err != nil {
			return ErrSpec.Wrapf("requirements.operators[%d]: %s", i, err)
		}
		if addr.String() != operator {
			return ErrSpec.Wrapf("requirements.operators[%d] is %q: it must be written %s", i, operator, addr)
		}
		if slices.Contains(r.Operators[:i], operator) {
			return ErrSpec.Wrapf("requirements.operators[%d] is %s: it comes twice", i, operator)
		}
	}
	return nil
}

// ValidateAgainst checks what the parameters limit.
func (r Requirements) ValidateAgainst(p Params) error {
	if n := len(r.Operators); n > int(p.MaxEligible) {
		return ErrSpec.Wrapf("requirements.operators has %d entries: at most %d", n, p.MaxEligible)
	}
	return nil
}

// AllClasses are all classes of devices, ascending.
func AllClasses() []registrytypes.DeviceClass {
	var list []registrytypes.DeviceClass
	for class := registrytypes.DEVICE_CLASS_CPU; class <= registrytypes.DEVICE_CLASS_DATACENTRE; class++ {
		list = append(list, class)
	}
	return list
}

// AnyOf are the classes that will do: those named, or all.
func (r Requirements) AnyOf() []registrytypes.DeviceClass {
	if len(r.Classes) > 0 {
		return r.Classes
	}
	return AllClasses()
}

// JobTier is the factor of a tier in basis points.
func (p Params) JobTier(tier JobTier) uint32 {
	if int(tier) < 0 || int(tier) >= len(p.JobTierBps) {
		return pricing.BasisPoints
	}
	return p.JobTierBps[tier]
}

func (p Params) validateSchedule() error {
	for _, table := range []struct {
		name      string
		entries   []uint32
		want      int
		low, high uint32
	}{
		{"job_tier_bps", p.JobTierBps, jobTiers, 1, FactorLimit}, {"job_sla_bps", p.JobSlaBps, jobTiers, 1, wholeBps},
		{"job_late_bps", p.JobLateBps, jobTiers, 0, LateBpsLimit}, {"job_hour_bps", p.JobHourBps, pricing.HoursADay, 1, FactorLimit},
		{"job_reference_gops", p.JobReferenceGops, registrytypes.Classes, 1, GopsLimit},
	} {
		if len(table.entries) != table.want {
			return ErrParams.Wrapf("%s has %d entries: it must have %d", table.name, len(table.entries), table.want)
		}
		for i, entry := range table.entries {
			if entry < table.low || entry > table.high {
				return ErrParams.Wrapf("%s[%d] is %d: it must be from %d to %d", table.name, i, entry, table.low, table.high)
			}
		}
	}
	return p.validateTiers()
}

// tiersRising are the tiers from the one that costs least to the one that costs most.
var tiersRising = [jobTiers]JobTier{JOB_TIER_ECONOMY, JOB_TIER_STANDARD, JOB_TIER_FAST, JOB_TIER_REALTIME}

// validateTiers refuses a tier that costs more than another one and promises less.
func (p Params) validateTiers() error {
	if eco, std, fast, top := p.JobTier(JOB_TIER_ECONOMY), p.JobTier(JOB_TIER_STANDARD), p.JobTier(JOB_TIER_FAST), p.JobTier(JOB_TIER_REALTIME); eco > std || std > fast || fast > top {
		return ErrParams.Wrapf("job_tier_bps is %v: economy must not cost more than standard, standard than fast, fast than realtime", p.JobTierBps)
	}
	for i := 1; i < jobTiers; i++ {
		less, more := tiersRising[i-1], tiersRising[i]
		if p.JobSlaBps[more] > p.JobSlaBps[less] {
			return ErrParams.Wrapf("job_sla_bps is %v: %s must not promise less than %s", p.JobSlaBps, more.Word(), less.Word())
		}
		if p.JobLateBps[more] < p.JobLateBps[less] {
			return ErrParams.Wrapf("job_late_bps is %v: %s must not give less back than %s", p.JobLateBps, more.Word(), less.Word())
		}
	}
	return nil
}

func (p Params) scheduleRanges() []paramRange {
	return []paramRange{
		{"job_demand_low_bps", uint64(p.JobDemandLowBps), 1, uint64(p.JobDemandHighBps)},
		{"job_demand_high_bps", uint64(p.JobDemandHighBps), 1, FactorLimit},
		{"max_runners_up", uint64(p.MaxRunnersUp), 0, RunnersUpLimit},
		{"max_eligible", uint64(p.MaxEligible), 1, EligibleLimit},
		{"max_patient_per_block", uint64(p.MaxPatientPerBlock), 1, PerBlockLimit},
	}
}

// Record is the run time as the arithmetic knows it.
func (r RunTime) Record() runtimes.Record {
	return runtimes.Record{Mean: r.Mean, Samples: r.Samples, Seen: r.Seen}
}

// validateRunTimes refuses run times that are out of order or can't have been learnt.
func (g GenesisState) validateRunTimes() error {
	for i, r := range g.RunTimes {
		if r.Workload >= runtimes.Workloads || r.Hardware == "" || len(r.Hardware) > hardwareBytes {
			return ErrGenesis.Wrapf("run_times[%d]: workload %d must be below %d, hardware %q of 1 to %d bytes", i, r.Workload, runtimes.Workloads, r.Hardware, hardwareBytes)
		}
		if !r.Record().Valid() || r.Seen > g.Clock.ActiveMs {
			return ErrGenesis.Wrapf("run_times[%d]: no samples make a mean of %d from %d, last seen at %d of %d", i, r.Mean, r.Samples, r.Seen, g.Clock.ActiveMs)
		}
		if i > 0 && !g.RunTimes[i-1].before(r) {
			return ErrGenesis.Wrapf("run_times[%d] is out of order", i)
		}
	}
	return nil
}

func (r RunTime) before(other RunTime) bool {
	return r.Workload < other.Workload || (r.Workload == other.Workload && r.Hardware < other.Hardware)
}

// validateAssigning refuses what no search for a device leaves behind.
func (e JobEntry) validateAssigning() error {
	job := &e.Job
	if (e.Decision != nil) != (job.Attempt > 0 && job.Replicas == 0) {
		return ErrGenesis.Wrapf("attempt is %d of %d operators: a decision belongs to each job of one operator that had an attempt, and to no other",
			job.Attempt, max(job.Replicas, 1))
	}
	if job.Tries > 0 && job.State != JOB_STATE_OPEN && job.State != JOB_STATE_CLOSED {
		return ErrGenesis.Wrapf("tries is %d while %s: a device has it", job.Tries, job.State.Lifecycle())
	}
	if job.Queued && (job.State != JOB_STATE_OPEN || job.Tries == 0 || job.Replicas > 0) {
		return ErrGenesis.Wrapf("queued while %s after %d tries: only an open job of one operator that was tried in vain waits for a lane", job.State.Lifecycle(), job.Tries)
	}
	if job.Attempt == 0 && job.AssignedActive > 0 {
		return ErrGenesis.Wrap("assigned_active is given before the first attempt")
	}
	if err := e.validateDecisions(); err != nil {
		return err
	}
	if e.Decision == nil {
		return nil
	}
	if e.Decision.Attempt != job.Attempt || e.Decision.Candidates == nil || string(e.Decision.Candidates[0].Device) != string(job.Device) {
		return ErrGenesis.Wrapf("the decision of attempt %d does not choose the device of attempt %d", e.Decision.Attempt, job.Attempt)
	}
	return e.Decision.Validate()
}
