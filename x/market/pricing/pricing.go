// Package pricing holds the market's arithmetic: what a job costs, what it puts at risk and how long its steps may take.
// Every division rounds against the one who could gain by splitting: prices, exposures and windows are rounded up.
package pricing

import (
	"math/bits"

	"cosmossdk.io/math"
)

const (
	// Giga is the number of multiply-accumulates a device's price is for.
	Giga = 1_000_000_000
	// BasisPoints are one whole.
	BasisPoints = 10_000
)

// Quote is the price of work multiply-accumulates at perGiga base units per 10^9 of them, at least floor.
func Quote(work uint64, perGiga, floor math.Int) math.Int {
	return math.MaxInt(floor, ceilQuo(perGiga.Mul(math.NewIntFromUint64(work)), math.NewInt(Giga)))
}

// Job is the price of work at perGiga base units per 10^9 multiply-accumulates, times the factors: rounded up once, at least half of
// what it would be without factors, rounded up, and at least floor.
func Job(work uint64, perGiga, floor math.Int, f Factors) math.Int {
	if factor, whole, ok := f.short(); ok {
		if price, ok := small(work, perGiga, factor, Giga*whole); ok {
			return atLeast(floor, price)
		}
	}
	base := perGiga.Mul(math.NewIntFromUint64(work))
	whole := math.NewInt(BasisPoints * BasisPoints).MulRaw(BasisPoints * BasisPoints).MulRaw(Giga)
	return math.MaxInt(floor, math.MaxInt(ceilQuo(base, math.NewInt(2*Giga)), ceilQuo(f.of(base), whole)))
}

// atLeast is the greater of both.
func atLeast(floor math.Int, price uint64) math.Int {
	if floor.IsUint64() && floor.Uint64() >= price {
		return floor
	}
	return math.MaxInt(floor, math.NewIntFromUint64(price))
}

// shortest is the largest whole whose product with Giga has 64 bits.
const shortest = 1 << 34

// short is the factors' product as a fraction, and half where it is less, without the tens that both parts have; false where it is too long. A
// scheduler prices dozens of devices for each job, and most factors are round.
func (f Factors) short() (factor, whole uint64, ok bool) {
	factor, whole = 1, 1
	for _, bps := range f.all() {
		if bps == BasisPoints {
			continue
		}
		part, unit := uint64(bps), uint64(BasisPoints)
		for unit > 1 && part%10 == 0 {
			part, unit = part/10, unit/10
		}
		over, product := bits.Mul64(factor, part)
		if whole *= unit; over != 0 || whole > shortest {
			return 0, 0, false
		}
		factor = product
	}
	if factor == 0 || factor < whole/2 {
		return 1, 2, true
	}
	return factor, whole, true
}

// small is work × perGiga × factor / whole, rounded up, where 128 bits are enough, as for nearly every job: a scheduler prices dozens of
// devices for each.
func small(work uint64, perGiga math.Int, factor, whole uint64) (uint64, bool) {
	if !perGiga.IsUint64() {
		return 0, false
	}
	over, product := bits.Mul64(work, perGiga.Uint64())
	high, low := bits.Mul64(product, factor)
	if over != 0 || high >= whole {
		return 0, false
	}
	quotient, rest := bits.Div64(high, low, whole)
	if rest == 0 {
		return quotient, true
	}
	return quotient + 1, quotient+1 != 0
}

// FreeProofBytes is what the proofs of a job may take at no extra price: more than 64 proofs in zero knowledge.
const FreeProofBytes = 16 << 10

// Floor is the least price of a job: least, and perKiB for every KiB of its proofs, or part of one, beyond FreeProofBytes. Who
// puts proofs on the chain pays gas by the byte, and must not be made to pay more than the job brings.
func Floor(least, perKiB math.Int, proofBytes uint64) math.Int {
	extra := proofBytes - min(proofBytes, FreeProofBytes)
	return least.Add(perKiB.Mul(ceilQuo(math.NewIntFromUint64(extra), math.NewInt(1<<10))))
}

// FreeProvingMillis is what a job's proofs may take of a core at no extra price: five drawn entries in zero knowledge.
const FreeProvingMillis = 4_000

// Proving is what a job pays for the work of proving: perSecond for every second of a core, or part of one, beyond
// FreeProvingMillis. A worker may decline no job, and must not work for nothing.
func Proving(perSecond math.Int, millis uint64) math.Int {
	extra := millis - min(millis, FreeProvingMillis)
	return perSecond.Mul(ceilQuo(math.NewIntFromUint64(extra), math.NewInt(1_000)))
}

// Exposure is the part of the worker's bond that a job of this price locks, in base units.
func Exposure(price math.Int, bps uint32) math.Int {
	if price.IsUint64() {
		if exposure, ok := small(uint64(bps), price, 1, BasisPoints); ok {
			return math.NewIntFromUint64(exposure)
		}
	}
	return ceilQuo(price.MulRaw(int64(bps)), math.NewInt(BasisPoints))
}

// CommitWindow is the time to commit in milliseconds: base seconds and perGiga seconds for every 10^9 multiply-accumulates
// or part of them. With work up to 2^40 and parameters in their ranges it stays far below 2^63.
func CommitWindow(work, base, perGiga uint64) uint64 {
	return 1000 * (base + (work*perGiga+Giga-1)/Giga)
}

// ProofWindow is the time to prove in milliseconds: base seconds and perSample seconds for every sample.
func ProofWindow(samples uint32, base, perSample uint64) uint64 {
	return 1000 * (base + uint64(samples)*perSample)
}

func ceilQuo(a, b math.Int) math.Int {
	return a.Add(b).SubRaw(1).Quo(b)
}
