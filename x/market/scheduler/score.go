package scheduler

import (
	"bytes"
	"cmp"

	"cosmossdk.io/math"
)

// Tier is what a customer asks for.
type Tier uint8

// The tiers; whatever is not one of them counts as Standard.
const (
	// Standard work weighs time, trust and price alike.
	Standard Tier = iota
	// Economy work may take its time.
	Economy
	// Fast work is waited for.
	Fast
	// Realtime work is answered while somebody watches.
	Realtime
	tierCount
)

// Weights say how much an octave of each term counts, in hundredths. Those of a tier sum to 100.
type Weights struct {
	Latency, Load, Trust, Price, Power, Heat int64
}

// weights of the tiers. Two devices are as good as each other when the ratios of their terms, each to the power of its weight,
// multiply to one. So a realtime job pays 2^(55/5), any price below its maximum, for half the time, while economy work pays
// 2^(5/52), 7% more, for it, and standard work 2^(20/30), 59%.
//
// Load keeps its weight in all tiers but economy: spreading is what keeps a realtime job from waiting behind a cheap device's
// queue, and a network from wearing out its first devices; economy work fills devices up instead, which leaves whole ones free.
// Trust is more where a job can't be repeated in time, or costs more than it saves when it is: not in economy. Power is low
// everywhere, because an operator's price should hold its cost of power; it decides between equals, and counts most where
// nothing is in a hurry. Heat is the same for all: it protects the device, not the job.
var weights = [tierCount]Weights{
	Standard: {Latency: 20, Load: 15, Trust: 20, Price: 30, Power: 7, Heat: 8},
	Economy:  {Latency: 5, Load: 10, Trust: 15, Price: 52, Power: 10, Heat: 8},
	Fast:     {Latency: 40, Load: 15, Trust: 15, Price: 17, Power: 5, Heat: 8},
	Realtime: {Latency: 55, Load: 15, Trust: 15, Price: 5, Power: 2, Heat: 8},
}

// WeightsOf are the weights of a tier.
func WeightsOf(tier Tier) Weights {
	if tier >= tierCount {
		tier = Standard
	}
	return weights[tier]
}

const (
	// Octave is the unit of the terms: a doubling.
	Octave = 1 << 16
	// Point is a hundredth of an octave's weight, the unit of Total: a term of one octave that had all the weight would count
	// 100 points.
	Point = Octave
	// UnknownMicros is the round trip to a device that does not tell where it is, or to whom nothing is known: light in fibre to
	// the other side of the earth and back, so that telling always pays.
	UnknownMicros = 200_000
	// UnknownWatts is the draw of a device that does not tell it: a large datacentre board's.
	UnknownWatts = 700
	// LeastTrustBps is the trust below which it makes no difference.
	LeastTrustBps = 100
	// FadeTrials is the number of trials at which half of the bonus of the untried is left.
	FadeTrials = 4
	// wholeBps is certainty.
	wholeBps = 10_000
)

// heats of a device in octaves: a warm one counts as 1.4 times, a hot one as 4 times as bad as another like it.
var heats = [Withdrawn + 1]int64{Normal: 0, Warm: Octave / 2, Hot: 2 * Octave, Withdrawn: 8 * Octave}

// Score says how good a placement is: the lower, the better. Every term is a logarithm to the base 2 in units of 2^-16, an
// Octave for a doubling, times its weight in hundredths. Logarithms make a choice depend on ratios alone: half the price counts
// the same for a job of any size, and no term depends on what else there is to choose from.
type Score struct {
	// Latency of the round trip and the run, beyond 1 µs.
	Latency int64
	// Load is the stretch of the run by the jobs that the device has: (lanes + in use) / lanes, from 0 to an octave.
	Load int64
	// Trust is the number of devices that it would take to get it done: certainty / trust.
	Trust int64
	// Price beyond the least price of the job.
	Price int64
	// Power is the energy beyond 1 mJ: watts × run time.
	Power int64
	// Heat is what hot devices are put back by.
	Heat int64
	// Untried is never above 0: what hardware is credited with that was rarely seen with such work, weighted as Latency, at most
	// an octave. It fades as FadeTrials / (FadeTrials + trials).
	Untried int64
	// Total is the sum.
	Total int64
}

// Rate scores a device for a job at a price of the whole job. It rises, never falls, with every one of: round trip, run time,
// load, distrust, price, watts, heat and trials.
func Rate(job Job, terms Terms, d Device, price math.Int) Score {
	w := WeightsOf(job.Tier)
	s := Score{
		Latency: w.Latency * log2(add(roundTrip(job, d), mul(run(d), 1_000))),
		Load:    w.Load * ratio(uint64(d.Lanes)+uint64(d.InUse), uint64(d.Lanes)),
		Trust:   w.Trust * ratio(wholeBps, uint64(min(max(d.TrustBps, LeastTrustBps), wholeBps))),
		Price:   w.Price * max(log2Int(price)-log2Int(terms.MinPrice), 0),
		Power:   w.Power * log2(mul(run(d), watts(d))),
		Heat:    w.Heat * heats[min(d.Heat, Withdrawn)],
		Untried: -w.Latency * (Octave * FadeTrials / (FadeTrials + int64(d.Trials))),
	}
	s.Total = s.Latency + s.Load + s.Trust + s.Price + s.Power + s.Heat + s.Untried
	return s
}

// roundTrip between the job's home and the device in microseconds; 0 for a job without a home.
func roundTrip(job Job, d Device) uint64 {
	switch {
	case job.Home == 0:
		return 0
	case d.RoundTripMicros == 0:
		return UnknownMicros
	default:
		return uint64(d.RoundTripMicros)
	}
}

func run(d Device) uint64 { return max(d.RunMillis, 1) }

func watts(d Device) uint64 {
	if d.Watts == 0 {
		return UnknownWatts
	}
	return uint64(d.Watts)
}

// Compare ranks two placements of a job: the lower score first, then the lower device id. Ids are unique, so that the order is
// total.
func Compare(a, b Placement) int { return compare(&a, &b) }

func compare(a, b *Placement) int {
	return cmp.Or(cmp.Compare(a.Score.Total, b.Score.Total), bytes.Compare(a.Device.ID, b.Device.ID))
}
