package lifecycle

import "cosmossdk.io/math"

// MaxDisputesLimit bounds the disputes of an attempt, and so the doublings of the bond.
const MaxDisputesLimit = 16

// bps is the whole in basis points.
const bps = 10_000

// BondTerms are what the bond of a dispute depends on.
type BondTerms struct {
	// Min is the least bond of an attempt's first dispute, in base units.
	Min math.Int
	// PriceBps is the least in basis points of the job's price; the higher of the two counts.
	PriceBps uint32
}

// Bond is what an attempt's number-th dispute costs, counted from 1 to MaxDisputesLimit: max(Min, ⌈price × PriceBps / 10,000⌉), doubled
// for every dispute before it. Whoever would wear the disputes of a false result out by losing them pays more each time, and
// whoever is right gets its bond back.
func Bond(number uint32, price math.Int, terms BondTerms) math.Int {
	share := price.MulRaw(int64(terms.PriceBps)).AddRaw(bps - 1).QuoRaw(bps)
	bond := math.MaxInt(terms.Min, share)
	for range min(max(number, 1), MaxDisputesLimit) - 1 {
		bond = bond.MulRaw(2)
	}
	return bond
}

// Forfeit splits a bond that its challenger lost: ⌊bond × workerBps / 10,000⌋ to the worker, for its trouble, and the rest to the
// community pool. The rest is what disputes cost a worker who opens them against itself under another name.
func Forfeit(bond math.Int, workerBps uint32) (toWorker, toPool math.Int) {
	toWorker = bond.MulRaw(int64(workerBps)).QuoRaw(bps)
	return toWorker, bond.Sub(toWorker)
}

// WornOutBps is what it costs, in basis points of a job's price, to lose all of an attempt's disputes to oneself: what goes to the pool
// of bonds that are a share of the price.
func WornOutBps(maxDisputes, priceBps, workerBps uint32) uint64 {
	bonds := (uint64(1)<<min(maxDisputes, MaxDisputesLimit) - 1) * uint64(priceBps)
	return bonds * uint64(bps-min(workerBps, bps)) / bps
}

// Rest is the time that a job has left when it goes back to where it stood, in milliseconds: what was left when it was disputed,
// and at least the time of an answer, so that nobody can hold a watcher off with a false dispute in the last moment.
func Rest(left, answer uint64) uint64 { return max(left, answer) }
