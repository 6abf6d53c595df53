package types

import (
	"fmt"
	"time"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/market/pricing"
	"github.com/assaychain/assay/x/market/replicas"
)

// Promise is what a tier promises of a job with such a time to commit, in milliseconds; nil where it promises nothing.
func (p Params) Promise(tier JobTier, window uint64) *Promise {
	if !tier.Known() || len(p.JobSlaBps) != jobTiers || len(p.JobLateBps) != jobTiers {
		return nil
	}
	made, ok := pricing.Promised(window, p.JobSlaBps[tier], p.JobLateBps[tier])
	if !ok {
		return nil
	}
	return &Promise{PromisedMs: made.PromisedMs, WindowMs: made.WindowMs, LateBps: made.LateBps}
}

// Pricing is the promise as the arithmetic knows it; one that was not made gives nothing back.
func (p *Promise) Pricing() pricing.Promise {
	if p == nil {
		return pricing.Promise{}
	}
	return pricing.Promise{PromisedMs: p.PromisedMs, WindowMs: p.WindowMs, LateBps: p.LateBps}
}

// Words says the promise as people read it; nothing where none was made.
func (p *Promise) Words() string {
	if p == nil {
		return ""
	}
	return fmt.Sprintf("committed within %s of the assignment, or a part of the price comes back, %d.%02d%% of it after %s",
		time.Duration(p.PromisedMs)*time.Millisecond, p.LateBps/100, p.LateBps%100, time.Duration(p.WindowMs)*time.Millisecond)
}

// Rebate is the part of the agreed price that the present or last attempt's lateness costs its worker when the job settles, in base
// units: none before the commitment, without a promise, and while it was kept. Of several operators each has its own: see Replica.Rebate.
func (j Job) Rebate() math.Int {
	if j.Promise == nil || j.Replicas > 0 || j.Price.IsNil() || len(j.Commitment) == 0 {
		return math.ZeroInt()
	}
	return j.Promise.Pricing().Rebate(math.MinInt(j.Price, j.MaxPrice), j.TookMs)
}

// Commit notes a commitment at a moment of the market's clock, in active milliseconds.
func (r *Replica) Commit(commitment []byte, now uint64) {
	r.Commitment, r.TookMs = commitment, now-min(r.DrawnActive, now)
}

// part is the replica as the settlement knows it.
func (r Replica) part() replicas.Part { return replicas.Part{Price: r.Price, Took: r.TookMs} }

// Rebate is the part of its price that its lateness costs it when the job settles, in base units: none before it has committed, without a
// promise, and while it was kept.
func (r Replica) Rebate(promise *Promise) math.Int {
	if promise == nil || r.Price.IsNil() || !r.Committed() {
		return math.ZeroInt()
	}
	_, back := replicas.Settle(promise.Pricing(), []replicas.Part{r.part()})
	return back
}

// Settle is what each that stands gets when the job settles, in the order of Standing, and what of their prices goes back to the customer.
func (r *ReplicaRecord) Settle(promise *Promise) (paid []math.Int, back math.Int) {
	var parts []replicas.Part
	for _, i := range r.Standing() {
		parts = append(parts, r.Replicas[i].part())
	}
	return replicas.Settle(promise.Pricing(), parts)
}

// validate refuses a promise that no tier makes.
func (p *Promise) validate() error {
	if p == nil {
		return nil
	}
	if p.PromisedMs >= p.WindowMs || p.LateBps < 1 || p.LateBps > wholeBps {
		return ErrGenesis.Wrapf("promise of %d of %d ms for %d basis points: no tier makes it", p.PromisedMs, p.WindowMs, p.LateBps)
	}
	return nil
}
