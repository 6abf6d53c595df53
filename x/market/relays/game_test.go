package relays_test

import (
	"testing"

	"cosmossdk.io/math"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/relays"
)

// The game of a large delivery: who gains by not doing their part? The states, their order and all money are the module's own: the table
// of package lifecycle, its split of the deposit and the fees of this package. The game adds what the sides want beyond coins: a customer
// values the output at what it agreed to pay or more; a worker that delivers, and a relay that holds a box, have costs.

// workerPlan is what a worker does, in each of the two draws of each of the two claims.
type workerPlan struct{ first, second move }

type move int

const (
	deliver move = iota
	withhold
	falseBox
	late
)

// customerPlan is what a customer does who has, or has not, got the output directly.
type customerPlan int

const (
	// honest claims exactly if the output did not arrive, and contests exactly what is false.
	honest customerPlan = iota
	// liar claims although the output arrived, and contests nothing.
	liar
	// accuser claims as well, and accuses whatever box it gets of a fault that it doesn't have.
	accuser
	// meek claims nothing and contests nothing.
	meek
	// twice claims a second time whatever was served.
	twice
)

// terms are one game's parameters.
type terms struct {
	price, maxPrice, value               int64
	base, perMiB, mib                    int64
	workCost, carryCost                  int64
	slash, victimBps                     int64
	wanted, threshold, silent, colluding int
	// direct tells whether the worker serves the output itself, outside of the protocol.
	direct bool
}

// result is what everybody has in the end, in coins and what they are worth to them.
type result struct {
	worker, customer, relay int64
	// served are the boxes that the relays carried.
	reason lifecycle.Reason
	got    bool
}

// game plays one claim's life after another.
type game struct {
	terms
	state                    lifecycle.State
	fee                      math.Int
	locked, relayed          math.Int
	claims, carried, uploads int64
	redrawn, got             bool
	offence                  lifecycle.Offence
	reason                   lifecycle.Reason
	t                        *rapid.T
}

func (g *game) step(event lifecycle.Event) {
	line, err := lifecycle.Next(g.state, event)
	if err != nil {
		g.t.Fatalf("%v", err)
	}
	g.state = line.To
	if line.To == lifecycle.Closed {
		g.offence, g.reason = line.Offence, line.Reason
	}
}

// play lets a worker and a customer meet over a proven output. Of the relays drawn, silent give no receipt and colluding give receipts and
// serve nobody; the others do their part. Those are the assumptions: silent is at most wanted − threshold, colluding below threshold.
func play(t *rapid.T, p terms, w workerPlan, c customerPlan) result {
	zero := math.ZeroInt()
	g := &game{terms: p, state: lifecycle.Proven, locked: zero, relayed: zero, t: t, got: p.direct}
	g.fee = relays.FeeOf(math.NewInt(p.base), math.NewInt(p.perMiB), uint64(p.mib)<<20)
	if c == meek || (c == honest && g.got) {
		g.step(lifecycle.Settle)
		return g.end()
	}
	g.claim()
	for g.state != lifecycle.Closed {
		g.round(w, c)
	}
	return g.end()
}

func (g *game) claim() {
	g.step(lifecycle.ClaimRelayed)
	g.claims, g.redrawn = g.claims+1, false
	g.locked = g.locked.Add(g.fee.MulRaw(int64(g.wanted)))
}

// round is one draw with what follows on it.
func (g *game) round(w workerPlan, c customerPlan) {
	g.step(lifecycle.Relayed{Redrawn: g.redrawn, Found: uint32(g.wanted), Threshold: uint32(g.threshold)}.Drawn())
	what := w.first
	if g.redrawn {
		what = w.second
	}
	receipts := g.wanted - g.silent
	if what == withhold || what == late || receipts < g.threshold {
		g.step(lifecycle.Relayed{Redrawn: g.redrawn}.Missed())
		g.redrawn = true
		return
	}
	g.step(lifecycle.HandOver)
	g.uploads++
	g.carried += int64(receipts)
	g.relayed = g.relayed.Add(g.fee.MulRaw(int64(receipts)))
	served := receipts > g.colluding
	if what == deliver && served {
		g.got = true
	}
	switch {
	case what == falseBox && served && c != liar && c != meek:
		g.step(lifecycle.Falsified)
	case g.claims < relays.MaxClaims && (!served || c == twice):
		g.claim()
	default:
		// An accusation of an honest box is refused, whatever it says: that is what package box shows.
		g.step(lifecycle.Uncontested)
	}
}

func (g *game) end() result {
	split := lifecycle.Outcome(g.reason, lifecycle.Deposit{
		MaxPrice: math.NewInt(g.maxPrice), Price: math.NewInt(g.price), ClaimFee: g.locked, UnavailableFee: math.ZeroInt(),
		RelayFees: g.relayed, Unearned: g.locked.Sub(g.relayed),
	})
	paid := split.Price.Add(split.Fee).Add(split.Relays).Add(split.Refund)
	if !paid.Equal(math.NewInt(g.maxPrice).Add(g.locked)) {
		g.t.Fatalf("the deposit is not conserved: %+v", split)
	}
	r := result{
		worker:   split.Price.Int64() + split.Fee.Int64() - g.uploads*g.workCost,
		customer: split.Refund.Int64() - g.maxPrice - g.locked.Int64(),
		relay:    split.Relays.Int64() - g.carried*g.carryCost,
		reason:   g.reason, got: g.got,
	}
	if g.offence != lifecycle.NoOffence {
		r.worker -= g.slash
		r.customer += g.slash * g.victimBps / 10_000
	}
	if g.got {
		r.customer += g.value
	}
	return r
}

// anyTerms draws parameters within their bounds and the assumptions of the protocol.
func anyTerms(t *rapid.T) terms {
	p := terms{
		price: rapid.Int64Range(1, 1e9).Draw(t, "price"), base: rapid.Int64Range(1, 1e9).Draw(t, "base"),
		perMiB: rapid.Int64Range(1, 1e6).Draw(t, "per MiB"), mib: rapid.Int64Range(1, 29).Draw(t, "MiB"),
		slash: rapid.Int64Range(0, 1e12).Draw(t, "slash"), victimBps: rapid.Int64Range(0, 10_000).Draw(t, "victim"),
		wanted: rapid.IntRange(1, 16).Draw(t, "wanted"), direct: rapid.Bool().Draw(t, "direct"),
	}
	p.threshold = rapid.IntRange(1, p.wanted).Draw(t, "threshold")
	p.silent = rapid.IntRange(0, p.wanted-p.threshold).Draw(t, "silent")
	p.colluding = rapid.IntRange(0, p.threshold-1).Draw(t, "colluding")
	p.maxPrice = p.price + rapid.Int64Range(0, 1e9).Draw(t, "more")
	p.value = p.price + rapid.Int64Range(0, 1e9).Draw(t, "surplus")
	// A relay's fee covers what it costs to carry a box, to whomever: that is what the parameters are for.
	p.carryCost = rapid.Int64Range(0, p.base+p.perMiB*p.mib).Draw(t, "carrying")
	// It does so for the worker too, and the price is more than what both claims make it upload: who delivers sooner pays none of it.
	p.workCost = rapid.Int64Range(0, min(p.base+p.perMiB*p.mib, (p.price-1)/relays.MaxClaims)).Draw(t, "uploading")
	return p
}

func plans() (list []workerPlan) {
	for first := deliver; first <= late; first++ {
		for second := deliver; second <= late; second++ {
			list = append(list, workerPlan{first, second})
		}
	}
	return list
}

// TestNoWorkerGainsByWithholding: against every customer, whatever a worker does when it is claimed, it has no more than by handing the
// true box over at once, and strictly less if the customer did not get the output. And it has no more by waiting
// for a claim than by delivering before.
func TestNoWorkerGainsByWithholding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyTerms(t)
		before, after := p, p
		before.direct, after.direct = true, false
		if d, w := play(t, before, workerPlan{}, honest), play(t, after, workerPlan{}, honest); w.worker > d.worker || !d.got {
			t.Fatalf("a worker has %d when it waits for the claim and %d when it doesn't", w.worker, d.worker)
		}
		for c := honest; c <= twice; c++ {
			best := play(t, p, workerPlan{deliver, deliver}, c)
			if best.reason != lifecycle.Settled || (!best.got && c != meek) {
				t.Fatalf("an honest worker is not paid, or its customer has nothing: %+v", best)
			}
			for _, w := range plans() {
				// A customer that doesn't look can't be served: what it would lose is its own.
				if c == liar || c == meek {
					continue
				}
				r := play(t, p, w, c)
				if r.worker > best.worker {
					t.Fatalf("customer %d: worker %+v has %d, honest %d", c, w, r.worker, best.worker)
				}
				if !r.got && r.worker >= best.worker {
					t.Fatalf("customer %d: worker %+v is paid for nothing: %d of %d", c, w, r.worker, best.worker)
				}
			}
		}
	})
}

// TestNoCustomerGainsByAFalseClaim: against a worker that does its part, a customer that lies, accuses or claims twice has strictly less
// than one that is honest, and loses no less than the worker does by it; relays lose nothing.
func TestNoCustomerGainsByAFalseClaim(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyTerms(t)
		p.direct = true
		quiet := play(t, p, workerPlan{}, honest)
		for _, c := range []customerPlan{liar, accuser, twice} {
			r := play(t, p, workerPlan{}, c)
			if r.customer >= quiet.customer {
				t.Fatalf("customer %d has %d, honest %d", c, r.customer, quiet.customer)
			}
			if quiet.worker-r.worker > quiet.customer-r.customer || r.relay < 0 {
				t.Fatalf("customer %d costs others: %+v, %+v", c, r, quiet)
			}
		}
	})
}

// TestNoCoalitionGains: the colluding relays with the worker, and the silent or colluding ones with the customer, have together no more
// than they have apart and honest.
func TestNoCoalitionGains(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyTerms(t)
		bad := int64(p.colluding + p.silent)
		members := func(r result, receipts, count int64) int64 { return r.relay / receipts * min(count, receipts) }
		all, some := int64(p.wanted), int64(p.wanted-p.silent)
		fairTerms := p
		fairTerms.silent, fairTerms.colluding = 0, 0
		fair := play(t, fairTerms, workerPlan{}, honest)
		before := fairTerms
		before.direct = true
		for _, w := range plans() {
			r := play(t, p, w, honest)
			if r.worker+members(r, some, int64(p.colluding)) > fair.worker+members(fair, all, int64(p.colluding)) {
				t.Fatalf("worker %+v gains with %d relays: %+v, fair %+v", w, p.colluding, r, fair)
			}
		}
		quiet := play(t, before, workerPlan{}, honest)
		direct := p
		direct.direct = true
		for _, c := range []customerPlan{liar, accuser, twice} {
			r := play(t, direct, workerPlan{}, c)
			if r.customer+members(r, some, bad) > quiet.customer || (bad < some && r.customer+members(r, some, bad) == quiet.customer) {
				t.Fatalf("customer %d gains with %d relays: %+v, honest %+v", c, bad, r, quiet)
			}
			if r.reason != lifecycle.Settled {
				t.Fatalf("a worker that did its part closed as %s", r.reason)
			}
		}
	})
}

// TestTheAssumptionIsNeeded: with as many colluding relays as the threshold a worker is paid for nothing, and with more silent ones than
// wanted − threshold a worker that does its part is punished. So the draws must be of enough independent operators.
func TestTheAssumptionIsNeeded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyTerms(t)
		p.direct, p.silent, p.colluding = false, 0, p.wanted
		if r := play(t, p, workerPlan{}, honest); r.got || r.reason != lifecycle.Settled {
			t.Fatalf("%+v", r)
		}
		p.colluding, p.silent = 0, p.wanted-p.threshold+1
		if r := play(t, p, workerPlan{}, honest); r.reason != lifecycle.Undelivered || r.worker > 0 {
			t.Fatalf("%+v", r)
		}
	})
}
