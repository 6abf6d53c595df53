package types

import (
	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/market/scheduler"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// ShowVerdict is a verdict as it is kept and shown.
func ShowVerdict(v scheduler.Verdict) Candidate {
	d, price := v.Device, v.Price
	if price.IsNil() {
		price = math.ZeroInt()
	}
	c := Candidate{
		Device: d.ID, Operator: d.Operator, Class: registrytypes.DeviceClass(d.Class), Cell: uint32(d.Cell),
		RoundTripMicros: d.RoundTripMicros, RunMillis: d.RunMillis, Trials: d.Trials, TrustBps: d.TrustBps,
		Watts: d.Watts, Heat: uint32(d.Heat), Lanes: d.Lanes, InUse: d.InUse, Price: price, Score: Score(v.Score),
		CapabilityBps: v.Factors.Capability, DemandBps: v.Factors.Demand, DayBps: v.Factors.Day,
	}
	if v.Refusal != scheduler.Fits {
		c.Refusal = v.Refusal.String()
	}
	return c
}

// Seen is the device as the scheduler saw it, so far as it bears on the score.
func (c Candidate) Seen() scheduler.Device {
	return scheduler.Device{
		ID: c.Device, Operator: c.Operator, Class: scheduler.Class(c.Class), Cell: uint16(c.Cell),
		RoundTripMicros: c.RoundTripMicros, RunMillis: c.RunMillis, Trials: c.Trials, TrustBps: c.TrustBps,
		Watts: c.Watts, Heat: scheduler.Heat(c.Heat), Lanes: c.Lanes, InUse: c.InUse,
	}
}

// WeightsOf shows the weights of a tier.
func WeightsOf(tier JobTier) Weights {
	w := scheduler.WeightsOf(tier.Scheduler())
	return Weights{
		Latency: uint32(w.Latency), Load: uint32(w.Load), Trust: uint32(w.Trust), Price: uint32(w.Price), Power: uint32(w.Power), Heat: uint32(w.Heat),
	}
}

// ShowDecision is a survey as it is kept and shown.
func ShowDecision(survey scheduler.Survey) Decision {
	d := Decision{Visited: survey.Visited, Eligible: survey.Eligible}
	for refusal, n := range survey.Refused {
		if n > 0 {
			d.Refused = append(d.Refused, RefusedCount{Refusal: scheduler.Refusal(refusal).String(), Devices: n})
		}
	}
	for _, placement := range survey.Ranked {
		d.Candidates = append(d.Candidates, ShowVerdict(scheduler.Verdict{Placement: placement}))
	}
	return d
}

// Validate refuses a decision that no search ends with.
func (d Decision) Validate() error {
	if n := len(d.Candidates); n < 1 || n > RunnersUpLimit+1 {
		return ErrGenesis.Wrapf("decision has %d candidates: it must have 1 to %d", n, RunnersUpLimit+1)
	}
	if d.Floor.IsNil() || !d.Floor.IsPositive() {
		return ErrGenesis.Wrap("decision.floor must be given and positive")
	}
	if !d.Tier.Known() || d.Home > CellsLimit || d.Eligible > d.Visited || int(d.Eligible) < len(d.Candidates) {
		return ErrGenesis.Wrapf("decision: tier %d, home %d, %d of %d devices eligible and %d candidates do not fit", d.Tier, d.Home, d.Eligible, d.Visited, len(d.Candidates))
	}
	for i := range d.Candidates {
		if err := d.Candidates[i].validate(); err != nil {
			return ErrGenesis.Wrapf("decision.candidates[%d]: %s", i, err)
		}
		if i > 0 && d.Candidates[i].Score.Total < d.Candidates[i-1].Score.Total {
			return ErrGenesis.Wrapf("decision.candidates[%d] scores better than the one before it", i)
		}
	}
	return nil
}

func (c Candidate) validate() error {
	if c.Price.IsNil() || !c.Price.IsPositive() {
		return ErrGenesis.Wrap("price must be given and positive")
	}
	if c.Cell > CellsLimit || c.Heat > uint32(scheduler.Withdrawn) || c.Refusal != "" || len(c.Device) == 0 {
		return ErrGenesis.Wrapf("device %x, cell %d, heat %d, refusal %q do not fit", c.Device, c.Cell, c.Heat, c.Refusal)
	}
	return validateAddress("operator", c.Operator)
}
