package scheduler

import (
	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/market/pricing"
)

// Judge tells what the scheduler thinks of one candidate, whatever others there are.
func Judge(job Job, terms Terms, state State, d Device) (Verdict, error) {
	return new(judge).consider(job, terms, state, d)
}

// judge remembers the last candidate's price and what it locks: at the least price, many candidates have the same.
type judge struct{ price, exposure math.Int }

// exposed is what a price locks of a bond.
func (j *judge) exposed(price math.Int, bps uint32) math.Int {
	if j.price.IsNil() || !j.price.Equal(price) {
		j.price, j.exposure = price, pricing.Exposure(price, bps)
	}
	return j.exposure
}

// consider judges one candidate of a job.
func (j *judge) consider(job Job, terms Terms, state State, d Device) (Verdict, error) {
	v := Verdict{Placement: Placement{Device: d}}
	if v.Refusal = CheckDevice(job, d); v.Refusal != Fits {
		return v, nil
	}
	standing, err := state.Standing(d.Operator)
	if err != nil {
		return v, err
	}
	v.Factors = terms.Factors(d)
	v.Price = pricing.Job(job.Work, d.Price, terms.MinPrice, v.Factors)
	v.Exposure = j.exposed(v.Price, terms.ExposureBps)
	if v.Refusal = CheckTerms(job, v.Placement, standing); v.Refusal == Fits {
		v.Score = Rate(job, terms, v.Device, v.Price)
	}
	return v, nil
}
