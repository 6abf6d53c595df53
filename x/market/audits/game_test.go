package audits_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/market/audits"
)

// terms are those of one job, in units of which none is a fraction: probabilities are out of 10,000.
type terms struct {
	// chance of an audit; share of the devices that could audit which belong to who has the job.
	chance, share int64
	// price of who has it, fee of the auditor, and what computing costs either, at most the price.
	price, fee, cost int64
	// What a stake loses, in basis points: for no commitment, and for a difference or a silence that is lost.
	missed, lost int64
	// reporter is the part of what is lost that goes to who stood against it, in basis points.
	reporter int64
	// bond behind the job and behind the audit.
	bond, auditBond int64
}

// The strategies of who has a job.
const (
	honestly = iota
	falsely
	falselyAndSilent
	uncommitted
	strategies
)

// auditor is what an auditor does that is nobody else's.
type auditor int

const (
	honestAuditor auditor = iota
	// differing commits to something that it has not computed.
	differing
	// silentAuditor commits to nothing, silentLater reveals nothing.
	silentAuditor
	silentLater
	auditors
)

const whole = audits.Bps

// lead is the expectation of who has the job, with those auditors that are its own, × whole × whole. Strangers do their part.
func (g terms) lead(strategy int) int64 {
	audited, own := g.chance, g.share
	slash := g.bond * g.lost / whole
	if strategy == uncommitted {
		return -g.bond * g.missed / whole * whole * whole
	}
	if strategy == honestly {
		// An auditor of its own computes too.
		return (g.price-g.cost)*whole*whole + audited*own*(g.fee-g.cost)
	}
	// Its own auditor agrees without any work. A stranger's difference is proven against it: before it is revealed, or after.
	escapes := g.price
	if strategy == falselyAndSilent {
		escapes = -slash // A reveal is asked of it whether it is audited or not.
	}
	return (whole-audited)*whole*escapes + audited*own*(escapes+g.fee) - audited*(whole-own)*slash
}

// audit is what an auditor gets that has nothing to do with an honest worker: its expectation is certain.
func (g terms) audit(does auditor) int64 {
	switch does {
	case honestAuditor:
		return g.fee - g.cost
	case silentAuditor:
		return -g.auditBond * g.missed / whole
	default: // The worker hides its result, so that nothing equal to it can be committed to without computing it.
		return -g.auditBond * g.lost / whole
	}
}

// finds is what an honest auditor gets of a worker whose result is false.
func (g terms) finds() int64 { return g.fee - g.cost + g.bond*g.lost/whole*g.reporter/whole }

func drawTerms(t *rapid.T) terms {
	amount := func(name string, low, high int64) int64 { return rapid.Int64Range(low, high).Draw(t, name) }
	g := terms{
		chance: amount("chance", 1_000, whole), share: amount("share", 0, whole/6),
		price: amount("price", 1_000, 1_000_000), missed: 100, lost: 2_000, reporter: amount("reporter", 0, 2_500),
	}
	g.cost, g.fee = amount("cost", 1, g.price), amount("fee", 1_000, 1_000_000)
	const plain, factor = 20_000, 100_000
	exposure := int64(audits.LeadExposure(plain, uint32(g.chance), factor))
	g.bond = (g.price*exposure + whole - 1) / whole * amount("jobs", 1, 10)
	g.auditBond = g.fee * plain / whole
	return g
}

// With the default parameters no strategy of who has a job pays more than honesty, also where up to a sixth of the devices that could be drawn
// are its own and agree to everything, however often the customer has the job audited.
func TestNoLeadGainsByFalsehood(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawTerms(t)
		honest := g.lead(honestly)
		for strategy := honestly + 1; strategy < strategies; strategy++ {
			// Rounding down of what is slashed is a unit of the price.
			if got := g.lead(strategy); got > honest+whole*whole {
				t.Fatalf("strategy %d brings %d, honesty %d: %+v", strategy, got, honest, g)
			}
		}
	})
}

// No auditor gains by anything but computing, as long as its fee covers what that costs, and one that finds a false result never gets less than
// one that agrees to a true one.
func TestNoAuditorGainsByLaziness(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawTerms(t)
		g.cost = min(g.cost, g.fee)
		for does := honestAuditor + 1; does < auditors; does++ {
			if got := g.audit(does); got > g.audit(honestAuditor) {
				t.Fatalf("auditor %d gets %d, an honest one %d: %+v", does, got, g.audit(honestAuditor), g)
			}
		}
		if g.finds() < g.audit(honestAuditor) {
			t.Fatalf("finding a false result brings %d, less than %d: %+v", g.finds(), g.audit(honestAuditor), g)
		}
	})
}

// Beyond the share that is assumed a coalition can gain: the bound is of these parameters, and no theorem about all.
func TestALargeCoalitionGains(t *testing.T) {
	g := terms{chance: whole, share: whole / 2, price: 1_000, fee: 1_000, cost: 1_000, missed: 100, lost: 2_000, bond: 2_000, auditBond: 2_000}
	if g.lead(falsely) <= g.lead(honestly) {
		t.Fatalf("half of all devices gain nothing: %d, honesty %d", g.lead(falsely), g.lead(honestly))
	}
}
