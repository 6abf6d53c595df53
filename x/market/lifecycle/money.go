package lifecycle

import (
	"fmt"
	"strings"

	"cosmossdk.io/math"
)

// Deposit is what a job's escrow holds and what may be taken from it, in base units.
type Deposit struct {
	// MaxPrice was locked at submission, ClaimFee with a claim.
	MaxPrice, ClaimFee math.Int
	// Price was agreed with the worker; at most MaxPrice.
	Price math.Int
	// Late is the part of Price that goes back for a late commitment, at most all of it; nil for none.
	Late math.Int
	// UnavailableFee is what each reporter gets at most.
	UnavailableFee math.Int
	// RelayFees is the part of ClaimFee that relays earned by their receipts, Unearned the part that nobody did; nil for none.
	RelayFees, Unearned math.Int
}

// Split says where a deposit goes. Price + Fee + Relays + ReportsToClose·Report + Refund is the whole deposit.
type Split struct {
	// Price goes to the worker, less the shares that escrow takes; Fee goes to the worker whole.
	Price, Fee math.Int
	// Report goes to each of the reporters, whole.
	Report math.Int
	// Relays goes to the relays that gave receipts, whole.
	Relays math.Int
	// Refund goes back to the customer; Rebate is what of it a late commitment cost the worker.
	Refund, Rebate math.Int
}

// Outcome splits a deposit by how the job ended. The price is cut to what was locked, and the reporters' fee to half of it:
// parameters that changed meanwhile can't make a job cost more than its deposit. Relays are paid however the job ends: what a box holds
// is no business of theirs.
func Outcome(reason Reason, d Deposit) Split {
	zero := math.ZeroInt()
	relayed, unearned := orZero(d.RelayFees), orZero(d.Unearned)
	s := Split{Price: zero, Fee: zero, Report: zero, Relays: relayed, Rebate: zero, Refund: d.MaxPrice.Add(d.ClaimFee)}
	switch reason {
	case Settled:
		price := math.MinInt(d.Price, d.MaxPrice)
		s.Rebate = math.MinInt(orZero(d.Late), price)
		s.Price, s.Fee = price.Sub(s.Rebate), d.ClaimFee.Sub(relayed).Sub(unearned)
	case InputsUnavailable:
		s.Report = math.MinInt(d.UnavailableFee, d.MaxPrice.QuoRaw(ReportsToClose))
	}
	s.Refund = s.Refund.Sub(s.Price).Sub(s.Fee).Sub(s.Relays).Sub(s.Report.MulRaw(ReportsToClose))
	return s
}

func orZero(amount math.Int) math.Int {
	if amount.IsNil() {
		return math.ZeroInt()
	}
	return amount
}

// MoneyMarkdown renders who gets what for every reason, for the module's specification.
func MoneyMarkdown() string {
	d := Deposit{MaxPrice: math.NewInt(1000), ClaimFee: math.NewInt(50), Price: math.NewInt(700), UnavailableFee: math.NewInt(10)}
	relayed := d
	relayed.ClaimFee, relayed.RelayFees, relayed.Unearned = math.NewInt(60), math.NewInt(40), math.NewInt(20)
	var b strings.Builder
	b.WriteString("| closes as | price to worker | claim fee to worker | to each of two reporters | refund |\n|---|---|---|---|---|\n")
	for _, reason := range Reasons() {
		s := Outcome(reason, d)
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", reason, s.Price, s.Fee, s.Report, s.Refund)
	}
	b.WriteString("\n| closes as, after a hand-over to two of three relays | price to worker | claim fee to worker | to the relays | refund |\n|---|---|---|---|---|\n")
	for _, reason := range []Reason{Settled, Undelivered, FalseDelivery} {
		s := Outcome(reason, relayed)
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", reason, s.Price, s.Fee, s.Relays, s.Refund)
	}
	late := d
	late.Late = math.NewInt(175)
	b.WriteString("\n| closes as, a quarter of the price lost by lateness | price to worker | claim fee to worker | refund | of it for lateness |\n|---|---|---|---|---|\n")
	for _, reason := range []Reason{Settled, Undelivered, FalseDelivery} {
		s := Outcome(reason, late)
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", reason, s.Price, s.Fee, s.Refund, s.Rebate)
	}
	return b.String()
}
