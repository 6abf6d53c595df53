// Package scheduler picks the device for a job. It is pure logic over two ports: State, through which it sees devices and
// their operators, and Planner, to which it hands its choice. Same state, same choice: nothing else enters it.
package scheduler

import (
	"bytes"
	"slices"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/market/pricing"
)

// Class and Backend are numbered as in the schema of registry, Level as the assurance in that of programs.
type (
	Class   uint32
	Backend uint32
	Level   uint32
)

// Device is what the scheduler must know of a device.
type Device struct {
	ID []byte
	// Operator identifies the owner; opaque here.
	Operator string
	Class    Class
	Backend  Backend
	// MemoryMiB is its memory in MiB.
	MemoryMiB uint32
	// Lanes it has and how many of them are taken.
	Lanes, InUse uint32
	// Price in base units per 10^9 multiply-accumulates.
	Price     math.Int
	Available bool
	// Levels are those whose results it can prove.
	Levels []Level
	// Booked says that a lease begins before the job must be over.
	Booked bool
}

// Standing is what the scheduler must know of an operator.
type Standing struct {
	Jailed bool
	// Headroom is the bond that no job locks yet.
	Headroom math.Int
}

// State is a view of the network.
type State interface {
	// Walk visits the class's available devices with a free lane in the order of load, price and id, at most limit of them.
	Walk(class Class, limit uint32, visit func(Device) (stop bool, err error)) error
	// Standing tells how an operator stands.
	Standing(operator string) (Standing, error)
}

// Planner carries out a choice.
type Planner interface {
	Place(Placement) error
}

// Job is what the scheduler must know of a job.
type Job struct {
	// Classes that will do, each once; none means none.
	Classes []Class
	// Backends that will do; any when empty.
	Backends     []Backend
	MinMemoryMiB uint32
	// Level is how its result must be proven.
	Level Level
	// Work in multiply-accumulates.
	Work uint64
	// MaxPrice the customer pays for the whole job.
	MaxPrice math.Int
	// Excluded operators, any order.
	Excluded []string
}

// Terms are the market's parameters that bear on a choice.
type Terms struct {
	// MinPrice of any job.
	MinPrice math.Int
	// ExposureBps of the price is locked in the operator's bond.
	ExposureBps uint32
	// MaxCandidates bounds the devices looked at, shared equally among the job's classes, at least one for each.
	MaxCandidates uint32
}

// Placement is a choice.
type Placement struct {
	Device Device
	// Price of the whole job and Exposure to lock, in base units.
	Price, Exposure math.Int
}

// Survey is what a look at the network found.
type Survey struct {
	// Best is the choice, nil when no device will do.
	Best *Placement
	// Cheapest price among the devices that will do; nil when there is none.
	Cheapest *math.Int
	// CheapestOf is the operator of the first of them.
	CheapestOf string
	// Eligible counts the devices that will do, Visited all that were looked at.
	Eligible, Visited uint32
	// Refused counts the others by reason.
	Refused [RefusalCount]uint32
}

// Schedule gives the job to the best device and reports the survey; Best is nil when the job stays unplaced. The walk of a
// class ends with the first device that will do, which State's order makes the class's best.
func Schedule(job Job, terms Terms, state State, planner Planner) (Survey, error) {
	survey, err := look(job, terms, state, true)
	if err != nil || survey.Best == nil {
		return survey, err
	}
	return survey, planner.Place(*survey.Best)
}

// Look surveys all candidates and places nothing.
func Look(job Job, terms Terms, state State) (Survey, error) {
	return look(job, terms, state, false)
}

func look(job Job, terms Terms, state State, firstOnly bool) (Survey, error) {
	var survey Survey
	if len(job.Classes) == 0 {
		return survey, nil
	}
	share := max(terms.MaxCandidates/uint32(len(job.Classes)), 1)
	for _, class := range job.Classes {
		left := share
		err := state.Walk(class, share, func(d Device) (bool, error) {
			if left == 0 {
				return true, nil
			}
			left--
			eligible, err := survey.consider(job, terms, state, d)
			return eligible && firstOnly, err
		})
		if err != nil {
			return survey, err
		}
	}
	return survey, nil
}

// consider counts one candidate in and keeps it when it is the best so far.
func (s *Survey) consider(job Job, terms Terms, state State, d Device) (bool, error) {
	s.Visited++
	if refusal := CheckDevice(job, d); refusal != Fits {
		s.Refused[refusal]++
		return false, nil
	}
	standing, err := state.Standing(d.Operator)
	if err != nil {
		return false, err
	}
	p := Placement{Device: d, Price: pricing.Quote(job.Work, d.Price, terms.MinPrice)}
	p.Exposure = pricing.Exposure(p.Price, terms.ExposureBps)
	if refusal := CheckTerms(job, p, standing); refusal != Fits {
		s.Refused[refusal]++
		return false, nil
	}
	s.Eligible++
	if s.Best == nil || Compare(p, *s.Best) < 0 {
		s.Best = &p
	}
	if s.Cheapest == nil || p.Price.LT(*s.Cheapest) {
		s.Cheapest, s.CheapestOf = &p.Price, d.Operator
	}
	return true, nil
}

// Compare ranks two placements: the less loaded first, then the cheaper, then the lower device id. Ids are unique, so that
// the order is total.
func Compare(a, b Placement) int {
	if a.Device.InUse != b.Device.InUse {
		return cmp(a.Device.InUse < b.Device.InUse)
	}
	if !a.Device.Price.Equal(b.Device.Price) {
		return cmp(a.Device.Price.LT(b.Device.Price))
	}
	return bytes.Compare(a.Device.ID, b.Device.ID)
}

func cmp(less bool) int {
	if less {
		return -1
	}
	return 1
}

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
