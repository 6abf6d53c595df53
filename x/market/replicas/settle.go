package replicas

import (
	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/market/pricing"
)

// Part is what one of several operators is paid for a result in time, in base units, and how long it took from the moment when it got the
// job to its commitment, in milliseconds.
type Part struct {
	Price math.Int
	Took  uint64
}

// Settle is what each gets, and what of all their prices goes back to the customer. Each bears its own lateness, as one that has a job alone
// does, and no other's: nobody needs anything of another in order to commit, and so nobody can make another late.
func Settle(promise pricing.Promise, parts []Part) (paid []math.Int, back math.Int) {
	back = math.ZeroInt()
	for _, part := range parts {
		late := promise.Rebate(part.Price, part.Took)
		paid, back = append(paid, part.Price.Sub(late)), back.Add(late)
	}
	return paid, back
}
