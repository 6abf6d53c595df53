package keeper

import (
	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/market/pricing"
	"github.com/assaychain/assay/x/market/replicas"
	"github.com/assaychain/assay/x/market/scheduler"
	"github.com/assaychain/assay/x/market/types"
)

// jobOffer is what a specification costs at present, for all operators that it wants.
type jobOffer struct {
	// cheapest is the price at the cheapest operators, choice at those that would be chosen.
	cheapest, choice math.Int
	// devices that would take it, and the factors of the price on the first that would be chosen.
	devices uint32
	factors pricing.Factors
}

// ask looks for as many distinct operators as wanted. Each is paid the same, so that the dearest of them counts for all.
func (s search) ask(operators uint32) (jobOffer, error) {
	if operators > replicas.Max {
		return jobOffer{}, types.ErrQuery.Wrapf("replicas is %d: at most %d", operators, replicas.Max)
	}
	cheapest, _, err := s.dearest(operators, func(survey scheduler.Survey) (math.Int, string) { return *survey.Cheapest, survey.CheapestOf })
	if err != nil {
		return jobOffer{}, err
	}
	choice, first, err := s.dearest(operators, func(survey scheduler.Survey) (math.Int, string) {
		return survey.Best.Price, survey.Best.Device.Operator
	})
	if err != nil {
		return jobOffer{}, err
	}
	n := int64(operators)
	return jobOffer{
		cheapest: cheapest.MulRaw(n), choice: choice.MulRaw(n), devices: first.Eligible, factors: first.Best.Factors,
	}, nil
}

// dearest picks one operator after the other and returns the highest of their prices, with the survey of all devices.
func (s search) dearest(
	operators uint32, pick func(scheduler.Survey) (price math.Int, operator string),
) (highest math.Int, first scheduler.Survey, err error) {
	highest, job := math.ZeroInt(), s.job
	for i := range operators {
		survey, err := scheduler.Look(job, s.terms, s.view)
		if err != nil {
			return highest, first, err
		}
		if survey.Best == nil {
			return highest, first, types.ErrUnplaceable.Wrapf("%d of %d operators found, %d devices looked at%s", i, operators, survey.Visited, reasons(survey))
		}
		if i == 0 {
			first = survey
		}
		price, operator := pick(survey)
		highest = math.MaxInt(highest, price)
		job.Excluded = append(job.Excluded[:len(job.Excluded):len(job.Excluded)], operator)
	}
	return highest, first, nil
}
