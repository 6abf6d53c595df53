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

// ask looks for as many distinct operators as wanted, in distinct cells as their assignment does. Each is paid the same, so that the dearest of
// them counts for all.
func (s search) ask(operators uint32) (jobOffer, error) {
	if operators > replicas.Max {
		return jobOffer{}, types.ErrQuery.Wrapf("replicas is %d: at most %d", operators, replicas.Max)
	}
	n := int(operators)
	field, err := scheduler.Gather(s.job, s.terms, s.view, n, func(scheduler.Verdict) {})
	if err != nil {
		return jobOffer{}, err
	}
	seats := field.Seats(nil, n, 0)
	if len(seats) < n {
		return jobOffer{}, types.ErrUnplaceable.Wrapf("%d of %d operators found, %d devices looked at%s", len(seats), n, field.Visited, reasons(field.Survey))
	}
	choice, cheapest := math.ZeroInt(), math.ZeroInt()
	for _, seat := range seats {
		choice = math.MaxInt(choice, seat.Best.Price)
	}
	for _, p := range field.Cheapest(n) {
		cheapest = math.MaxInt(cheapest, p.Price)
	}
	return jobOffer{
		cheapest: cheapest.MulRaw(int64(n)), choice: choice.MulRaw(int64(n)), devices: field.Eligible, factors: seats[0].Best.Factors,
	}, nil
}
