package scheduler

import "github.com/assaychain/assay/x/market/pricing"

// Judge tells what the scheduler thinks of one candidate, whatever others there are.
func Judge(job Job, terms Terms, state State, d Device) (Verdict, error) {
	return consider(job, terms, state, d)
}

// consider judges one candidate.
func consider(job Job, terms Terms, state State, d Device) (Verdict, error) {
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
	v.Exposure = pricing.Exposure(v.Price, terms.ExposureBps)
	if v.Refusal = CheckTerms(job, v.Placement, standing); v.Refusal == Fits {
		v.Score = Rate(job, terms, v.Device, v.Price)
	}
	return v, nil
}
