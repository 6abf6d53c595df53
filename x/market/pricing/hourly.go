package pricing

import (
	"errors"
	"math/bits"

	"cosmossdk.io/math"
)

const (
	// CapabilityBps is how far a device's capability moves its price at most, either way: a quarter.
	CapabilityBps = 2_500
	// HoursADay are the entries of a table of the day, in UTC.
	HoursADay = 24
	// hour and day in seconds.
	hour = 3600
	day  = HoursADay * hour
)

// ErrSpan says that a window has no length.
var ErrSpan = errors.New("a window ends after it starts")

// Factors are what the price of an hour or of a job is multiplied with, each in basis points.
type Factors struct {
	// Tier is what the customer asks for, Capability what the device has, Demand how much of the supply is wanted, Day the hours
	// of the window, or the hour.
	Tier, Capability, Demand, Day uint32
}

func (f Factors) all() [4]uint32 { return [4]uint32{f.Tier, f.Capability, f.Demand, f.Day} }

// of multiplies an amount with the factors; the whole is 10^16.
func (f Factors) of(amount math.Int) math.Int {
	for _, factor := range f.all() {
		amount = amount.Mul(math.NewIntFromUint64(uint64(factor)))
	}
	return amount
}

// Hourly is the price of an hour: base × tier × capability × demand × time of day, rounded up once, and at least half of the
// base, rounded up.
func Hourly(base math.Int, f Factors) math.Int {
	whole := math.NewInt(BasisPoints * BasisPoints).MulRaw(BasisPoints * BasisPoints)
	return math.MaxInt(ceilQuo(base, math.NewInt(2)), ceilQuo(f.of(base), whole))
}

// Capability is the factor of a device with so much memory, where reference is worth its price: proportional, within a quarter
// either way, rounded down.
func Capability(memory, reference uint32) uint32 {
	if reference == 0 {
		return BasisPoints
	}
	share := uint64(memory) * BasisPoints / uint64(reference)
	return uint32(min(max(share, BasisPoints-CapabilityBps), BasisPoints+CapabilityBps))
}

// Throughput is the factor of a device with such a throughput, where reference is worth its price, both in the same unit and below 2^63: an
// eighth more for each doubling, an eighth less for each halving, within a quarter either way, so that four times as much is where it ends.
// Between powers of two the logarithm is taken to be linear, and never falls. It is one where either is not known.
func Throughput(throughput, reference uint64) uint32 {
	if throughput == 0 || reference == 0 {
		return BasisPoints
	}
	const octave = CapabilityBps / 2
	moved := (log2(throughput) - log2(reference)) * octave >> log2Bits
	return uint32(BasisPoints + min(max(moved, -CapabilityBps), CapabilityBps))
}

// log2Bits are those of a logarithm after the point.
const log2Bits = 16

// log2 is the logarithm to base 2 of a positive number, exact at powers of two and linear between them.
func log2(x uint64) int64 {
	whole := bits.Len64(x) - 1
	mantissa := x << (63 - whole) << 1 >> (64 - log2Bits)
	return int64(whole)<<log2Bits | int64(mantissa)
}

// Utilisation is the taken part of a supply in basis points, rounded down; of none nothing is taken.
func Utilisation(supply, taken uint64) uint32 {
	if supply == 0 {
		return 0
	}
	// Supplies are numbers of devices, far below 2^50.
	return uint32(min(taken, supply) * BasisPoints / supply)
}

// Demand is the factor at a utilisation: low when nothing is taken, high when all is, and on the line between, rounded down.
func Demand(utilisation, low, high uint32) uint32 {
	taken := uint64(min(utilisation, BasisPoints))
	return uint32((uint64(low)*(BasisPoints-taken) + uint64(high)*taken) / BasisPoints)
}

// Day is the mean of a table of hours over a window of Unix seconds, each second by its hour of the day in UTC, rounded up.
func Day(table [HoursADay]uint32, start, end int64) (uint32, error) {
	if start < 0 || end <= start {
		return 0, ErrSpan
	}
	sum := uint64(0)
	for _, factor := range table {
		sum += uint64(factor) * hour
	}
	length := uint64(end - start)
	sum *= length / day
	for left, at := length%day, uint64(start); left > 0; {
		step := min(left, hour-at%hour)
		sum += step * uint64(table[at%day/hour])
		left, at = left-step, at+step
	}
	return uint32((sum + length - 1) / length), nil
}

// Queue is the part of a supply that what waits for it would fill, in basis points, rounded down and at most all of it. Where there is no
// supply all is wanted as soon as anything waits. Both are in the same unit, and waiting stays below 2^50.
func Queue(waiting, supply uint64) uint32 {
	if waiting == 0 {
		return 0
	}
	if waiting >= supply {
		return BasisPoints
	}
	return uint32(waiting * BasisPoints / supply)
}

// Wanted is the part of a supply that is taken or waited for, both in basis points: what is taken, and of the rest the part that the queue
// would fill, rounded down. It is all as soon as one of them is, and nothing where both are nothing.
func Wanted(utilisation, queue uint32) uint32 {
	taken, waiting := uint64(min(utilisation, BasisPoints)), uint64(min(queue, BasisPoints))
	return uint32(taken + (BasisPoints-taken)*waiting/BasisPoints)
}
