package types

import (
	"bytes"
	"slices"

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
	if len(survey.Ranked) > 0 {
		d.Candidates = make([]Candidate, 0, len(survey.Ranked))
	}
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

// With is the decision with the candidates that were passed over for the sake of distinct cells, after those that fitted.
func (d Decision) With(over []scheduler.Verdict) Decision {
	for _, verdict := range over {
		d.Candidates = append(d.Candidates, ShowVerdict(verdict))
	}
	return d
}

// Fitting are the candidates that fitted, the winner first.
func (d Decision) Fitting() []Candidate {
	n := slices.IndexFunc(d.Candidates, func(c Candidate) bool { return c.Refusal != "" })
	if n < 0 {
		return d.Candidates
	}
	return d.Candidates[:n]
}

// Validate refuses a decision about a job of one operator that no search ends with.
func (d Decision) Validate() error {
	if len(d.Fitting()) < len(d.Candidates) {
		return ErrGenesis.Wrapf("decision.candidates: %d of %d are refused", len(d.Candidates)-len(d.Fitting()), len(d.Candidates))
	}
	return d.ValidateSeat()
}

// ValidateSeat refuses a decision about one of several operators that no search ends with.
func (d Decision) ValidateSeat() error {
	fit := d.Fitting()
	over := d.Candidates[len(fit):]
	if len(fit) < 1 || len(fit) > RunnersUpLimit+1 || len(over) > RunnersUpLimit {
		return ErrGenesis.Wrapf("decision has %d candidates and %d that were passed over: it must have 1 to %d and at most %d", len(fit), len(over), RunnersUpLimit+1, RunnersUpLimit)
	}
	if d.Floor.IsNil() || !d.Floor.IsPositive() {
		return ErrGenesis.Wrap("decision.floor must be given and positive")
	}
	if !d.Tier.Known() || d.Home > CellsLimit || d.Eligible > d.Visited || int(d.Eligible) < len(fit) {
		return ErrGenesis.Wrapf("decision: tier %d, home %d, %d of %d devices eligible and %d candidates do not fit", d.Tier, d.Home, d.Eligible, d.Visited, len(fit))
	}
	if err := ascendingCandidates("candidates", fit, false); err != nil {
		return err
	}
	return ascendingCandidates("candidates passed over", over, true)
}

// ascendingCandidates refuses candidates that can't be there or whose scores fall; over says that they were passed over for the sake of cells.
func ascendingCandidates(name string, list []Candidate, over bool) error {
	for i, c := range list {
		if err := c.validate(); err != nil {
			return ErrGenesis.Wrapf("decision.%s[%d]: %s", name, i, err)
		}
		if over && !scheduler.RefusalOf(c.Refusal).Apart() {
			return ErrGenesis.Wrapf("decision.%s[%d]: refusal is %q", name, i, c.Refusal)
		}
		if i > 0 && c.Score.Total < list[i-1].Score.Total {
			return ErrGenesis.Wrapf("decision.%s[%d] scores better than the one before it", name, i)
		}
	}
	return nil
}

func (c Candidate) validate() error {
	if c.Price.IsNil() || !c.Price.IsPositive() {
		return ErrGenesis.Wrap("price must be given and positive")
	}
	if c.Cell > CellsLimit || c.Heat > uint32(scheduler.Withdrawn) || len(c.Device) == 0 {
		return ErrGenesis.Wrapf("device %x, cell %d, heat %d do not fit", c.Device, c.Cell, c.Heat)
	}
	return validateAddress("operator", c.Operator)
}

// validateDecisions refuses decisions that did not choose the operators of a round.
func (e JobEntry) validateDecisions() error {
	n := len(e.ReplicaDecisions)
	if (n > 0) != (e.Job.Attempt > 0 && e.Job.Replicas > 0) || n > e.Job.maxDrawn() {
		return ErrGenesis.Wrapf("%d replica_decisions after %d attempts of %d operators: there is one for each operator of the last round, at most %d",
			n, e.Job.Attempt, e.Job.Replicas, e.Job.maxDrawn())
	}
	if e.Replicas != nil && len(e.Replicas.Replicas) != n {
		return ErrGenesis.Wrapf("%d replica_decisions of %d replicas", n, len(e.Replicas.Replicas))
	}
	for i, d := range e.ReplicaDecisions {
		if err := d.ValidateSeat(); err != nil {
			return ErrGenesis.Wrapf("replica_decisions[%d]: %s", i, err)
		}
		if d.Attempt != e.Job.Attempt {
			return ErrGenesis.Wrapf("replica_decisions[%d] is of attempt %d, the last is %d", i, d.Attempt, e.Job.Attempt)
		}
		if e.Replicas != nil && !bytes.Equal(d.Candidates[0].Device, e.Replicas.Replicas[i].Device) {
			return ErrGenesis.Wrapf("replica_decisions[%d] does not choose the device of replica %d", i, i+1)
		}
	}
	return nil
}
