package settlement

import (
	"cosmossdk.io/math"
)

const (
	// Hour is the milliseconds that a rate counts for. Owed amounts are kept as rate × milliseconds: Hour of them make one base
	// unit, so that nothing is ever rounded before it is paid.
	Hour = 3_600_000
	// Never is the last moment that is reckoned with, the end of the year 9999.
	Never = 253_402_300_799_999
	// maxRateBits bounds a rate: with Never it keeps rate × milliseconds within 256 bits for any number of streams.
	maxRateBits = 128
)

// Flow is what all streams of an account come to. The account keeps it so that nothing has to look at every stream: all streams
// are paid through the same moment, so whoever is settled first gains nothing, and nobody is favoured when the money runs out.
type Flow struct {
	// Rate is the sum of the streams' rates per hour.
	Rate math.Int
	// Owed is what the streams earned through Through and were not paid, in rate × milliseconds.
	Owed math.Int
	// Through is the moment through which Owed is counted.
	Through int64
	// Dry tells that the money ran out at Through. It stays.
	Dry bool
}

// NoFlow is the flow of an account without streams.
func NoFlow() Flow {
	return Flow{Rate: math.ZeroInt(), Owed: math.ZeroInt()}
}

// slack is what the balance holds beyond what the streams earned, in rate × milliseconds. It is never negative.
func (b Books) slack() math.Int {
	return b.Balance.MulRaw(Hour).Sub(b.Flow.Owed)
}

// Spare is what the balance holds beyond what the streams earned, in whole base units, rounded down.
func (b Books) Spare() math.Int {
	return b.slack().QuoRaw(Hour)
}

// DryAt is the moment through which the money lasts at the present rate, rounded down to a millisecond, and whether it ends at
// all: false when nothing flows.
func (b Books) DryAt() (int64, bool) {
	if b.Flow.Dry {
		return b.Flow.Through, true
	}
	if !b.Flow.Rate.IsPositive() {
		return 0, false
	}
	lasts := b.slack().Quo(b.Flow.Rate)
	if !lasts.IsInt64() || lasts.Int64() > Never-b.Flow.Through {
		return Never, true
	}
	return b.Flow.Through + lasts.Int64(), true
}

// Accrue counts what the streams earned through now, or through the moment at which the money runs out, and marks the account dry
// if it did. What was locked is used up last. Accruing often or once makes no difference.
func (b Books) Accrue(now int64) Books {
	if b.Flow.Dry || now < b.Flow.Through {
		return b
	}
	if dry, flowing := b.DryAt(); flowing && dry <= now {
		now, b.Flow.Dry = dry, true
	}
	b.Flow.Owed = b.Flow.Owed.Add(b.Flow.Rate.MulRaw(now - b.Flow.Through))
	b.Flow.Through = now
	b.Locked = math.MinInt(b.Locked, b.Spare())
	return b
}

// Reprice replaces one stream's rate by another from Through on. A rate that the money doesn't cover for a millisecond is
// refused, unless the rate falls.
func (b Books) Reprice(from, to math.Int) (Books, error) {
	if err := CheckRate(to); err != nil {
		return b, err
	}
	after := b
	after.Flow.Rate = b.Flow.Rate.Sub(from).Add(to)
	if dry, flowing := after.DryAt(); to.GT(from) && flowing && dry <= after.Flow.Through {
		return b, ErrDry
	}
	return after, nil
}

// CheckRate checks the rate of a stream.
func CheckRate(rate math.Int) error {
	if rate.IsNil() || rate.IsNegative() || rate.BigInt().BitLen() > maxRateBits {
		return ErrRate
	}
	return nil
}

// PayStream takes out what a stream is paid. It was earned, so the balance holds it.
func (b Books) PayStream(amount math.Int) Books {
	b.Balance = b.Balance.Sub(amount)
	b.Paid = b.Paid.Add(amount)
	b.Flow.Owed = b.Flow.Owed.Sub(amount.MulRaw(Hour))
	return b
}

// Drop forgets what an ending stream was counted for and isn't paid, in rate × milliseconds: it stays with the depositors.
func (b Books) Drop(unpaid math.Int) Books {
	b.Flow.Owed = b.Flow.Owed.Sub(unpaid)
	return b
}

// Stream is the state of one payee's stream.
type Stream struct {
	// Rate is base units per hour; zero while it is paused.
	Rate math.Int
	// Remainder is the part of a base unit that was earned and not paid, below Hour.
	Remainder uint32
	// Through is the moment through which it is paid.
	Through int64
	// Paid is the sum paid so far.
	Paid math.Int
}

// Earned is what the stream earned through a moment and was not paid, in rate × milliseconds.
func (s Stream) Earned(through int64) math.Int {
	span := max(0, through-s.Through)
	return s.Rate.MulRaw(span).AddRaw(int64(s.Remainder))
}

// Settle pays the stream through the moment through which its account is counted: it returns the stream after it and what it is
// paid, rounded down; the rest of a base unit is carried. The work doesn't depend on other streams.
func (s Stream) Settle(through int64) (Stream, math.Int) {
	earned := s.Earned(through)
	due := earned.QuoRaw(Hour)
	s.Remainder = uint32(earned.Sub(due.MulRaw(Hour)).Int64())
	s.Through = max(s.Through, through)
	s.Paid = s.Paid.Add(due)
	return s, due
}
