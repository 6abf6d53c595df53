package leases

import (
	"fmt"
	"strings"

	"cosmossdk.io/math"
)

// Stakes are the amounts that the end of a lease may move besides the price of its time, in base units.
type Stakes struct {
	// Balance is what the lease's account holds once its time is paid.
	Balance math.Int
	// BookingFee is what a late cancellation costs the one who cancels.
	BookingFee math.Int
	// NoticePay is the price of the notice that the customer has not given.
	NoticePay math.Int
}

// Payments say who pays whom. ToOperator + ToPool + Refund is Balance + FromOperator.
type Payments struct {
	// ToOperator is taken from the account, whole.
	ToOperator math.Int
	// FromOperator is what the operator pays in, which goes to the customer with the rest.
	FromOperator math.Int
	// ToPool is taken from the account and goes to nobody's profit.
	ToPool math.Int
	// Refund goes to the customer.
	Refund math.Int
}

// Settle tells who pays whom when a lease ends. A customer that ends a lease at once on nothing but its own word that there is an
// outage pays the notice that it leaves out, to the pool: a lie saves it nothing, and the operator gains nothing by an outage.
// What is taken from the account is cut to what the account holds.
func Settle(reason Reason, s Stakes) Payments {
	zero := math.ZeroInt()
	p := Payments{ToOperator: zero, FromOperator: zero, ToPool: zero}
	switch reason {
	case CancelledLate:
		p.ToOperator = math.MinInt(s.BookingFee, s.Balance)
	case DeclinedLate:
		p.FromOperator = s.BookingFee
	case Disputed:
		p.ToPool = math.MinInt(s.NoticePay, s.Balance)
	}
	p.Refund = s.Balance.Add(p.FromOperator).Sub(p.ToOperator).Sub(p.ToPool)
	return p
}

// MoneyMarkdown renders who pays whom for every reason, for the module's specification.
func MoneyMarkdown() string {
	s := Stakes{Balance: math.NewInt(1000), BookingFee: math.NewInt(200), NoticePay: math.NewInt(50)}
	var b strings.Builder
	b.WriteString("| closes as | to operator | from operator | to the pool | back to customer |\n|---|---|---|---|---|\n")
	for _, reason := range Reasons() {
		p := Settle(reason, s)
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", reason, p.ToOperator, p.FromOperator, p.ToPool, p.Refund)
	}
	return b.String()
}
