// Package qos reckons the quality of a device's service: five decayed means of what the chain saw, their weighted sum, the tier that it earns,
// and how hot a device may be. It is pure: no state, no SDK, integers only.
package qos

import (
	"errors"
	"fmt"
	"math/bits"
)

// ErrQuality marks a packed quality that is none.
var ErrQuality = errors.New("invalid quality of service")

// Weights of the parts in the sum, in basis points.
const (
	LatencyWeight  = 3_000
	AccuracyWeight = 2_500
	UptimeWeight   = 2_000
	PowerWeight    = 1_500
	CostWeight     = 1_000
)

const (
	// Size is the size of a packed quality in bytes: five means of 12 bytes.
	Size = parts * meanSize
	// FalseTimes is what one false result weighs in accuracy: as much as so many right ones.
	FalseTimes = 16

	parts = 5
)

// Quality is what was seen of a device.
type Quality struct {
	// Latency is how much of its windows a device leaves unused.
	Latency Mean
	// Accuracy is how many of its results are right.
	Accuracy Mean
	// Uptime is how many of its deadlines it keeps.
	Uptime Mean
	// Power is how little energy it takes for its work.
	Power Mean
	// Cost is how little it asks.
	Cost Mean
}

// Latest is the moment of the last outcome of any part, in seconds of the registry's clock.
func (q Quality) Latest() uint32 {
	return max(q.Latency.At, q.Accuracy.At, q.Uptime.At, q.Power.At, q.Cost.At)
}

// Reading is a quality at a moment, in basis points, from 0 to Whole.
type Reading struct {
	Latency, Accuracy, Uptime, Power, Cost uint32
	// Total is the weighted sum.
	Total uint32
}

// Read reads all parts at a moment.
func (q Quality) Read(now uint32, halfLife uint64) Reading {
	r := Reading{
		Latency: q.Latency.Read(now, halfLife), Accuracy: q.Accuracy.Read(now, halfLife), Uptime: q.Uptime.Read(now, halfLife),
		Power: q.Power.Read(now, halfLife), Cost: q.Cost.Read(now, halfLife),
	}
	r.Total = (LatencyWeight*r.Latency + AccuracyWeight*r.Accuracy + UptimeWeight*r.Uptime + PowerWeight*r.Power + CostWeight*r.Cost) / Whole
	return r
}

// Pack returns the canonical encoding; nothing when nothing was seen.
func (q Quality) Pack() []byte {
	if q == (Quality{}) {
		return nil
	}
	packed := make([]byte, 0, Size)
	for _, mean := range []Mean{q.Latency, q.Accuracy, q.Uptime, q.Power, q.Cost} {
		packed = mean.append(packed)
	}
	return packed
}

// Unpack reads what Pack wrote, and nothing else.
func Unpack(packed []byte) (Quality, error) {
	var q Quality
	if len(packed) == 0 {
		return q, nil
	}
	if len(packed) != Size {
		return q, fmt.Errorf("%w: %d bytes: it must have %d, or none", ErrQuality, len(packed), Size)
	}
	for i, mean := range []*Mean{&q.Latency, &q.Accuracy, &q.Uptime, &q.Power, &q.Cost} {
		var err error
		if *mean, err = unpackMean(packed[i*meanSize:]); err != nil {
			return Quality{}, err
		}
	}
	if q == (Quality{}) {
		return q, fmt.Errorf("%w: %d bytes of nothing: it must be empty", ErrQuality, Size)
	}
	return q, nil
}

// Timeliness values a time against its window: Whole at once, 0 at the end of the window and after.
func Timeliness(took, window uint64) uint32 {
	if window == 0 || took >= window {
		return 0
	}
	return uint32(share(window-took, window))
}

// Thrift values what was spent against what is usual: half for as much, two thirds for half as much, a third for double, Whole for
// nothing. Both are at most 10^18.
func Thrift(spent, usual uint64) uint32 {
	if spent == 0 {
		return Whole
	}
	return uint32(share(usual, spent+usual))
}

// share is part × Whole / whole, rounded down; part is at most whole, which is positive.
func share(part, whole uint64) uint64 {
	hi, lo := bits.Mul64(part, Whole)
	quotient, _ := bits.Div64(hi, lo, whole)
	return quotient
}
