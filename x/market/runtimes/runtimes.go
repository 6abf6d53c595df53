// Package runtimes learns how long work takes on hardware from what the chain saw: the time between an assignment and its
// commitment. It is pure: no state, no SDK, integers only.
//
// Work falls into workload classes (Workload), hardware is a model or a class of devices. For each pair a Record holds the typical
// time for the class's reference work as an exponentially weighted mean in fixed point. Recent samples weigh more, a single one
// moves it by a bounded ratio, and what was not seen for long counts as seen less often.
package runtimes

import "math/bits"

const (
	// OctavesPerClass is how many doublings of work a workload class spans: times within one differ by their work at most fourfold,
	// and are predicted in proportion to it.
	OctavesPerClass = 2
	// MaxWorkBits bounds work: 2^40 multiply-accumulates, the limit of programs.
	MaxWorkBits = 40
	// SizeClasses is the number of sizes of work that are told apart.
	SizeClasses = MaxWorkBits/OctavesPerClass + 1
	// Kinds is the number of kinds of work that are told apart.
	Kinds = 8
	// Workloads is the number of workload classes.
	Workloads = SizeClasses * Kinds
	// MaxSampleMillis bounds a sample: a year.
	MaxSampleMillis = 365 * 24 * 3600 * 1000
	// HalfLifeMillis is the time after which samples count half: a week in which none came.
	HalfLifeMillis = 7 * 24 * 3600 * 1000
	// MemorySamples is the most samples that the mean remembers: the weight of a new one is at least 1/MemorySamples.
	MemorySamples = 16
	// SwayRatio bounds what one sample does: it counts as at most so many times the mean, and at least that part of it.
	SwayRatio = 4
	// fraction is the number of bits behind the point of a mean.
	fraction = 10
	// overheadMillis and gigaPerSecond make the guess at what nothing is known of.
	overheadMillis = 2_000
)

// Kind says what sort of work it is. Levels of assurance commit to different roots, and chains of steps keep more of them.
type Kind struct {
	// Level of assurance, from 0 to 3.
	Level uint32
	// Chain says that it has more than one step.
	Chain bool
}

// Workload is the number of the class of work multiply-accumulates of a kind, from 0 to Workloads - 1. What is out of range
// counts as the nearest.
func Workload(kind Kind, work uint64) uint32 {
	number := min(kind.Level, Kinds/2-1) * 2
	if kind.Chain {
		number++
	}
	return number*SizeClasses + sizeOf(work)
}

func sizeOf(work uint64) uint32 {
	return min(uint32(bits.Len64(max(work, 1))-1)/OctavesPerClass, SizeClasses-1)
}

// reference is the work that the means of a size are for: its smallest.
func reference(size uint32) uint64 { return 1 << (size * OctavesPerClass) }

// Record is what is known of a workload class on some hardware.
type Record struct {
	// Mean milliseconds for the class's reference work, in units of 2^-10.
	Mean uint64
	// Samples seen, faded by time, at most 2^32 - 1.
	Samples uint32
	// Seen is the moment of the last sample, in active milliseconds.
	Seen uint64
}

// Valid tells whether a record can have come from samples of work.
func (r Record) Valid() bool {
	return r.Samples > 0 && r.Mean <= MaxSampleMillis<<fraction
}

// Trials is how many samples count at a moment: those seen, halved for each HalfLifeMillis since the last.
func (r Record) Trials(now uint64) uint32 {
	halvings := (now - min(r.Seen, now)) / HalfLifeMillis
	return uint32(uint64(r.Samples) >> min(halvings, 32))
}

// Learn takes in that work took millis, at a moment that is not before the last.
func (r Record) Learn(work, millis, now uint64) Record {
	sample := scale(min(millis, MaxSampleMillis)<<fraction, reference(sizeOf(work)), max(work, 1))
	trials := r.Trials(now)
	if trials == 0 {
		return Record{Mean: sample, Samples: 1, Seen: max(now, r.Seen)}
	}
	sample = min(max(sample, r.Mean/SwayRatio), max(r.Mean, 1)*SwayRatio)
	weight := uint64(min(trials+1, MemorySamples))
	mean := r.Mean + sample/weight - r.Mean/weight
	return Record{Mean: min(mean, MaxSampleMillis<<fraction), Samples: trials + min(1, ^uint32(0)-trials), Seen: max(now, r.Seen)}
}

// Predict is how many milliseconds work of the record's class takes, at least 1.
func (r Record) Predict(work uint64) uint64 {
	return max(scale(r.Mean, max(work, 1), reference(sizeOf(work)))>>fraction, 1)
}

// gigaPerSecond is what a device of a class computes at least, in 10^9 multiply-accumulates a second: a guess from the low end of
// each class in the catalogue, used until something was seen.
var gigaPerSecond = [...]uint64{10, 10, 50, 50, 2_000, 20_000}

// Guess is how many milliseconds work takes on a device of a class, from 1 to 5, of which nothing was seen.
func Guess(class uint32, work uint64) uint64 {
	rate := gigaPerSecond[min(int(class), len(gigaPerSecond)-1)]
	return overheadMillis + min(work, 1<<MaxWorkBits)/(rate*1_000_000)
}

// scale is x × a / b, rounded down; the largest number where that is too large. b is not 0.
func scale(x, a, b uint64) uint64 {
	high, low := bits.Mul64(x, a)
	if high >= b {
		return ^uint64(0)
	}
	quotient, _ := bits.Div64(high, low, b)
	return quotient
}
