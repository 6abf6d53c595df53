package scheduler

import "slices"

// Refusal says why a device does not get a job.
type Refusal uint8

// The refusals, in the order in which they are looked for: what costs a look-up comes last.
const (
	// Fits is no refusal.
	Fits Refusal = iota
	// Unavailable devices take no jobs now.
	Unavailable
	// Busy devices have no free lane.
	Busy
	// Booked devices are rented before the job must be over.
	Booked
	// WrongClass is not among the classes asked for.
	WrongClass
	// WrongBackend is not among the backends asked for.
	WrongBackend
	// ShortOfMemory has less memory than asked for.
	ShortOfMemory
	// WrongLevel can't prove the level of assurance asked for.
	WrongLevel
	// TooHot devices are withdrawn until they have cooled down.
	TooHot
	// TooFar devices are farther from the job's home than its budget for the round trip, or don't tell where they are.
	TooFar
	// NotAttested devices have not shown their class, or nothing lately.
	NotAttested
	// NotEligible operators are not among those that the customer names.
	NotEligible
	// Excluded operators failed the job before, or have a part in it.
	Excluded
	// TooDear asks more than the customer pays.
	TooDear
	// Jailed operators get no jobs.
	Jailed
	// ShortOfBond operators have less free bond than the job would lock.
	ShortOfBond
	// CellTaken devices are in a cell that has one of the job's operators, where others are in cells that have none.
	CellTaken
	// CellUntold devices don't tell their cell, where others do that are in cells of their own.
	CellUntold
	// FewerCells would be left to the job's other operators.
	FewerCells
	// RefusalCount is the number of values above.
	RefusalCount
)

var refusalNames = [RefusalCount]string{
	"fits", "unavailable", "busy", "booked", "wrong class", "wrong backend", "short of memory", "wrong level", "too hot", "too far",
	"not attested", "not eligible", "excluded", "too dear", "jailed", "short of bond",
	"cell taken", "cell untold", "fewer cells",
}

// String names the refusal.
func (r Refusal) String() string {
	if r >= RefusalCount {
		return "unknown"
	}
	return refusalNames[r]
}

// RefusalOf is the refusal of a name; RefusalCount for none.
func RefusalOf(name string) Refusal {
	for r, known := range refusalNames {
		if known == name {
			return Refusal(r)
		}
	}
	return RefusalCount
}

// Asked tells whether a device is refused for what the job itself asks, or pays: another job would have it.
func (r Refusal) Asked() bool {
	switch r {
	case WrongClass, WrongBackend, ShortOfMemory, WrongLevel, TooFar, NotAttested, NotEligible, TooDear:
		return true
	default:
		return false
	}
}

// Apart tells whether a device is passed over for the sake of distinct cells alone: it would do, and has a price and a score.
func (r Refusal) Apart() bool { return r == CellTaken || r == CellUntold || r == FewerCells }

// CheckDevice tells what keeps the device itself from the job.
func CheckDevice(job Job, d Device) Refusal {
	switch {
	case !d.Available:
		return Unavailable
	case d.InUse >= d.Lanes:
		return Busy
	case d.Booked:
		return Booked
	case !slices.Contains(job.Classes, d.Class):
		return WrongClass
	case len(job.Backends) > 0 && !slices.Contains(job.Backends, d.Backend):
		return WrongBackend
	case d.MemoryMiB < job.MinMemoryMiB:
		return ShortOfMemory
	case !slices.Contains(d.Levels, job.Level):
		return WrongLevel
	case d.Heat >= Withdrawn:
		return TooHot
	case job.MaxRoundTripMicros > 0 && roundTrip(job, d) > uint64(job.MaxRoundTripMicros):
		return TooFar
	case job.AttestedOnly && !d.Attested:
		return NotAttested
	case job.named() && !slices.Contains(job.Eligible, d.Operator):
		return NotEligible
	case slices.Contains(job.Excluded, d.Operator):
		return Excluded
	default:
		return Fits
	}
}

// CheckTerms tells what keeps the device's operator from the job at that price.
func CheckTerms(job Job, p Placement, s Standing) Refusal {
	switch {
	case p.Price.GT(job.MaxPrice):
		return TooDear
	case s.Jailed:
		return Jailed
	case s.Headroom.LT(p.Exposure):
		return ShortOfBond
	default:
		return Fits
	}
}
