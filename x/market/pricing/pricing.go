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

// Job is the price of work at perGiga base units per 10^9 multiply-accumulates, times the factors of its tier and of the demand, both
// in basis points and at most 2^31 each: rounded up once, at least half of what it would be without factors, and at least floor.
func Job(work uint64, perGiga, floor math.Int, tier, demand uint32) math.Int {
	const whole = BasisPoints * BasisPoints
	factor := max(uint64(tier)*uint64(demand), whole/2)
	if price, ok := small(work, perGiga, factor, Giga*whole); ok {
		return math.MaxInt(floor, math.NewIntFromUint64(price))
	}
	product := perGiga.Mul(math.NewIntFromUint64(work)).Mul(math.NewIntFromUint64(factor))
	return math.MaxInt(floor, ceilQuo(product, math.NewInt(Giga*whole)))
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
