// Package ledger is the slow, obviously right model of an escrow account, for tests alone: it counts every millisecond one by one
// and every stream at each of them, keeps what was earned since the beginning, and works everything else out from that.
package ledger

import (
	"slices"
)

// Hour is the milliseconds that a rate counts for.
const Hour = 3_600_000

// Lot is what is left of a deposit.
type Lot struct {
	// Owner put it in; Grantee did it for the owner, if not empty.
	Owner, Grantee string
	Left           int64
}

// Stream is one payee's stream.
type Stream struct {
	Number uint32
	Rate   int64
	// Bps are the shares in the order of the cuts; the last share is the rest.
	Bps []int64
	// Earned is all it earned since it was opened, in rate × milliseconds.
	Earned int64
	// Paid is all it was paid.
	Paid int64
}

// Account is one account.
type Account struct {
	Opener string
	Anyone bool
	// Limit is how many deposits it keeps apart.
	Limit        int
	Lots         []Lot
	Locked, Paid int64
	Streams      []*Stream
	Last         uint32
	Dry          bool
	DryAt        int64
	now          int64
}

// Open returns an account with its first deposit, all of it locked.
func Open(opener string, amount, now int64, limit int) *Account {
	return &Account{Opener: opener, Limit: limit, Lots: []Lot{{Owner: opener, Left: amount}}, Locked: amount, now: now}
}

// Balance is what it holds.
func (a *Account) Balance() int64 {
	sum := int64(0)
	for _, lot := range a.Lots {
		sum += lot.Left
	}
	return sum
}

// rate is what all streams take in an hour.
func (a *Account) rate() int64 {
	sum := int64(0)
	for _, s := range a.Streams {
		sum += s.Rate
	}
	return sum
}

// unearned is what the streams didn't earn of the balance, in rate × milliseconds.
func (a *Account) unearned() int64 {
	sum := a.Balance() * Hour
	for _, s := range a.Streams {
		sum -= s.Earned - s.Paid*Hour
	}
	return sum
}

// Spare is that in whole units.
func (a *Account) Spare() int64 { return a.unearned() / Hour }

// Free is what may be withdrawn.
func (a *Account) Free() int64 { return a.Spare() - a.Locked }

// look marks the account dry when the next millisecond can't be paid.
func (a *Account) look() {
	if rate := a.rate(); !a.Dry && rate > 0 && a.unearned() < rate {
		a.Dry, a.DryAt = true, a.now
	}
	a.Locked = min(a.Locked, a.Spare())
}

// Advance lets time pass up to now, a millisecond at a time.
func (a *Account) Advance(now int64) {
	for a.look(); a.now < now; a.look() {
		a.now++
		for _, s := range a.Streams {
			if !a.Dry {
				s.Earned += s.Rate
			}
		}
	}
}

// Join adds a deposit, and tells whether there was a place for it. The last place is the opener's own.
func (a *Account) Join(lot Lot) bool {
	same := func(other Lot) bool { return other.Owner == lot.Owner && other.Grantee == lot.Grantee }
	limit := a.Limit - 1
	if lot.Owner == a.Opener && lot.Grantee == "" {
		limit = a.Limit
	}
	a.clean()
	switch last := len(a.Lots) - 1; {
	case last >= 0 && same(a.Lots[last]):
		a.Lots[last].Left += lot.Left
	case len(a.Lots) < max(limit, 0) || len(a.Lots) == 0 && limit > 0:
		a.Lots = append(a.Lots, lot)
	default:
		for i := last; i >= 0; i-- {
			if same(a.Lots[i]) {
				a.Lots[i].Left += lot.Left
				return true
			}
		}
		return false
	}
	return true
}

// clean drops deposits that are used up.
func (a *Account) clean() {
	a.Lots = slices.DeleteFunc(a.Lots, func(l Lot) bool { return l.Left == 0 })
}

// Listed tells whether somebody may deposit when not anybody may.
func (a *Account) Listed(owner string) bool {
	return a.Anyone || owner == a.Opener || slices.ContainsFunc(a.Lots, func(l Lot) bool { return l.Owner == owner && l.Left > 0 })
}

// Spend takes an amount out of the deposits, unit by unit out of the first that has one.
func (a *Account) Spend(amount int64) {
	a.Lots = drain(a.Lots, amount)
	a.Paid += amount
	a.clean()
}

func drain(lots []Lot, amount int64) []Lot {
	left := slices.Clone(lots)
	for i := range left {
		taken := min(left[i].Left, amount)
		left[i].Left -= taken
		amount -= taken
	}
	return left
}

// Withdrawable is what an owner could take out: what would be left of its deposits if all that is earned or locked were drained.
func (a *Account) Withdrawable(owner string) int64 {
	sum := int64(0)
	for _, lot := range drain(a.Lots, a.Balance()-a.Free()) {
		if lot.Owner == owner {
			sum += lot.Left
		}
	}
	return sum
}

// Withdraw takes an owner's own out, the latest first, and returns what came out of each deposit.
func (a *Account) Withdraw(owner string, amount int64) []Lot {
	var taken []Lot
	after := drain(a.Lots, a.Balance()-a.Free())
	for i := len(after) - 1; i >= 0; i-- {
		if after[i].Owner != owner {
			continue
		}
		part := min(after[i].Left, amount)
		a.Lots[i].Left -= part
		amount -= part
		taken = append(taken, Lot{Owner: owner, Grantee: after[i].Grantee, Left: part})
	}
	a.clean()
	return taken
}

// Stream finds a stream.
func (a *Account) Stream(number uint32) *Stream {
	for _, s := range a.Streams {
		if s.Number == number {
			return s
		}
	}
	return nil
}

// Affords tells whether the money lasts for a millisecond at another total rate.
func (a *Account) Affords(more int64) bool {
	rate := a.rate() + more
	return rate <= 0 || a.unearned() >= rate
}

// OpenStream adds a stream and returns its number.
func (a *Account) OpenStream(rate int64, bps []int64) uint32 {
	a.Last++
	a.Streams = append(a.Streams, &Stream{Number: a.Last, Rate: rate, Bps: bps})
	return a.Last
}

// Settle pays a stream the whole units it earned, and returns what each of its shares gets: the growth of its part of all that was
// ever paid.
func (a *Account) Settle(s *Stream) []int64 {
	before := cut(s.Paid, s.Bps)
	due := s.Earned/Hour - s.Paid
	s.Paid += due
	a.Spend(due)
	parts := cut(s.Paid, s.Bps)
	for i := range parts {
		parts[i] -= before[i]
	}
	return parts
}

// cut takes each share off what the earlier ones left.
func cut(total int64, bps []int64) []int64 {
	parts, whole := make([]int64, 0, len(bps)+1), int64(10_000)
	for _, share := range bps {
		part := int64(0)
		if whole > 0 {
			part = total * share / whole
		}
		parts = append(parts, part)
		total, whole = total-part, whole-share
	}
	return append(parts, total)
}

// End pays a stream and forgets it, with the part of a unit that it wasn't paid.
func (a *Account) End(s *Stream) []int64 {
	parts := a.Settle(s)
	a.Streams = slices.DeleteFunc(a.Streams, func(other *Stream) bool { return other == s })
	return parts
}
