// Package scheduler picks the device for a job. It is pure logic over two ports: State, through which it sees devices and
// their operators, and Planner, to which it hands its choice. Same state, same choice: nothing else enters it.
//
// A bounded number of candidates is looked at, nearest to the job's home first; of a job that names operators, their own devices. Those that must not have the job are filtered
// out (CheckDevice, CheckTerms); the others get a Score, which depends on the job and on the device alone, so that neither the
// order in which they are seen nor the company they are in moves the choice. The lowest score wins, ties go to the lower id.
package scheduler

import (
	"cmp"
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
	// Cell is where it is, numbered as in the registry; 0 when it does not tell.
	Cell uint16
	// RoundTripMicros between the job's home and the device, as predicted; 0 when it is not known.
	RoundTripMicros uint32
	// RunMillis this job's work takes on it, as predicted; 0 counts as 1.
	RunMillis uint64
	// Trials is how often work like this was seen on hardware like this.
	Trials uint32
	// TrustBps is how likely it is that all goes well, from 0 to 10,000.
	TrustBps uint32
	// Watts it draws under load; 0 when it does not tell.
	Watts uint32
	Heat  Heat
	// Attested says that a spot check has shown its class, and that it proved something lately.
	Attested bool
	// CapabilityBps is the factor of a price for what it can do, in basis points; one where 0.
	CapabilityBps uint32
}

// Heat is how hot a device runs.
type Heat uint8

// The heats. A device that is withdrawn gets no jobs.
const (
	Normal Heat = iota
	Warm
	Hot
	Withdrawn
)

// Standing is what the scheduler must know of an operator.
type Standing struct {
	Jailed bool
	// Headroom is the bond that no job locks yet.
	Headroom math.Int
}

// State is a view of the network.
type State interface {
	// Walk visits the class's available devices with a free lane, at most limit of them: those of the home cell first, then
	// cells by their distance from it, within a cell by load, price and id. Home 0 is nowhere: then cells don't matter.
	Walk(class Class, home uint16, limit uint32, visit func(Device) (stop bool, err error)) error
	// WalkOwned visits an operator's devices of any class and in any state, at most limit of them: by id from the from-th on, counted
	// from 0, and after the last one the first.
	WalkOwned(operator string, home uint16, from uint64, limit uint32, visit func(Device) (stop bool, err error)) error
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
	// Home is the cell that the customer is in or wants the job near to; 0 when it doesn't matter.
	Home uint16
	// Tier says what matters most.
	Tier Tier
	// MaxRoundTripMicros between the home and the device; any when 0, or without a home.
	MaxRoundTripMicros uint32
	// Eligible operators, any order; all when empty, unless Named.
	Eligible []string
	// Named says that nobody but the eligible may have the job, also where there are none.
	Named bool
	// AttestedOnly says that the device must be attested.
	AttestedOnly bool
	// Turn says with whom of more operators than a try looks at the first one begins, so that they are not the same for all jobs.
	Turn uint64
	// Tries is how often it was tried in vain. Of operators that have more devices than are looked at, each try sees others.
	Tries uint32
}

// Terms are the market's parameters that bear on a choice.
type Terms struct {
	// MinPrice of any job.
	MinPrice math.Int
	// ExposureBps of the price is locked in the operator's bond.
	ExposureBps uint32
	// MaxCandidates bounds the devices looked at. They are shared equally among the job's classes, at least one for each; what a
	// class does not use goes to the next higher one, from the edge to the cloud. Operators that it names share them likewise.
	MaxCandidates uint32
	// TierBps, and DemandBps and DayBps by the number of the class, are factors of a price in basis points; one where 0 or missing.
	TierBps           uint32
	DemandBps, DayBps []uint32
	// RunnersUp bounds the candidates that a survey keeps beside the best.
	RunnersUp uint32
}

// Factors of a price on a device.
func (t Terms) Factors(d Device) pricing.Factors {
	return pricing.Factors{
		Tier: cmp.Or(t.TierBps, pricing.BasisPoints), Capability: cmp.Or(d.CapabilityBps, pricing.BasisPoints),
		Demand: ofClass(t.DemandBps, d.Class), Day: ofClass(t.DayBps, d.Class),
	}
}

// ofClass is the entry of a class, and one where it has none.
func ofClass(table []uint32, class Class) uint32 {
	if int64(class) < int64(len(table)) {
		return cmp.Or(table[class], pricing.BasisPoints)
	}
	return pricing.BasisPoints
}

// Placement is a choice.
type Placement struct {
	Device Device
	// Price of the whole job and Exposure to lock, in base units.
	Price, Exposure math.Int
	// Factors that made the price.
	Factors pricing.Factors
	Score   Score
}

// Survey is what a look at the network found.
type Survey struct {
	// Best is the choice, nil when no device will do.
	Best *Placement
	// Ranked are the best, at most Terms.RunnersUp and one, the best first.
	Ranked []Placement
	// Cheapest price among the devices that will do; nil when there is none.
	Cheapest *math.Int
	// Eligible counts the devices that will do, Visited all that were looked at.
	Eligible, Visited uint32
	// Refused counts the others by reason.
	Refused [RefusalCount]uint32
}

// Scarce tells whether a job that found no device wants for a lane: none was refused for what the job asks itself. One that would have to ask
// less, or pay more, says nothing about what is in demand, and can be made by anybody.
func (s Survey) Scarce() bool {
	for refusal, n := range s.Refused {
		if n > 0 && Refusal(refusal).Asked() {
			return false
		}
	}
	return s.Best == nil
}

// Schedule gives the job to the best device and reports the survey; Best is nil when the job stays unplaced.
func Schedule(job Job, terms Terms, state State, planner Planner) (Survey, error) {
	survey, err := Look(job, terms, state)
	if err != nil || survey.Best == nil {
		return survey, err
	}
	return survey, planner.Place(*survey.Best)
}

// Look surveys the candidates and places nothing.
func Look(job Job, terms Terms, state State) (Survey, error) {
	return Watch(job, terms, state, func(Verdict) {})
}

// Verdict is what the scheduler thinks of one candidate: its placement if Refusal is Fits. One that its device rules out has no
// price, exposure and score, one that its operator rules out has no score.
type Verdict struct {
	Placement
	Refusal Refusal
}

// Watch is Look that shows what it thinks of each candidate, as it comes.
func Watch(job Job, terms Terms, state State, show func(Verdict)) (Survey, error) {
	var survey Survey
	if len(job.Classes) == 0 {
		return survey, nil
	}
	var judge judge
	left := uint32(0)
	list, share := terms.walks(job, state)
	for _, walk := range list {
		left += share
		err := walk(left, func(d Device) (bool, error) {
			if left == 0 {
				return true, nil
			}
			left--
			verdict, err := judge.consider(job, terms, state, d)
			if err != nil {
				return true, err
			}
			survey.count(&verdict, terms.RunnersUp)
			show(verdict)
			return false, nil
		})
		if err != nil {
			return survey, err
		}
	}
	return survey, nil
}

// count takes a verdict into the survey.
func (s *Survey) count(v *Verdict, runnersUp uint32) {
	s.Visited++
	if v.Refusal != Fits {
		s.Refused[v.Refusal]++
		return
	}
	s.Eligible++
	if s.Cheapest == nil || v.Price.LT(*s.Cheapest) {
		price := v.Price
		s.Cheapest = &price
	}
	s.rank(&v.Placement, runnersUp)
}

// mostRanked bounds what a survey makes room for at once.
const mostRanked = 16

// rank puts a placement in its place among the best. Most candidates are not of them, and placements are large: none is copied in vain.
func (s *Survey) rank(p *Placement, runnersUp uint32) {
	at := len(s.Ranked)
	for at > 0 && compare(p, &s.Ranked[at-1]) < 0 {
		at--
	}
	if uint64(at) > uint64(runnersUp) {
		return
	}
	if uint64(len(s.Ranked)) > uint64(runnersUp) {
		s.Ranked = s.Ranked[:runnersUp]
	}
	if s.Ranked == nil {
		s.Ranked = make([]Placement, 0, min(runnersUp, mostRanked)+1)
	}
	s.Ranked = slices.Insert(s.Ranked, at, *p)
	s.Best = &s.Ranked[0]
}
