package leases

import (
	"encoding/binary"
	"errors"
	"math/bits"

	"cosmossdk.io/math"
)

// Hour in seconds: rates are for an hour.
const Hour = 3600

// Window is a span of Unix seconds, its end excluded.
type Window struct{ Start, End int64 }

// Overlaps tells whether two windows share a second.
func (w Window) Overlaps(o Window) bool { return w.Start < o.End && o.Start < w.End }

// Seconds is the window's length.
func (w Window) Seconds() uint64 {
	if w.End <= w.Start {
		return 0
	}
	return uint64(w.End - w.Start)
}

// Cost is the price of seconds at a rate an hour, rounded up: what must be there, or is at risk, for that time.
func Cost(rate math.Int, seconds uint64) math.Int {
	return rate.Mul(math.NewIntFromUint64(seconds)).AddRaw(Hour - 1).QuoRaw(Hour)
}

// hourMs is an hour in milliseconds: what time costs is kept as rate × milliseconds, so that nothing is rounded before the end.
const hourMs = Hour * 1000

// Bill is what time has cost so far, in rate × milliseconds, and since when it costs a rate.
type Bill struct {
	Sum math.Int
	// From is the moment, in Unix milliseconds, since which Sum does not count; 0 when time costs nothing.
	From int64
}

// Change counts what has run at a rate until a moment, and lets time cost something from then on, or nothing.
func (b Bill) Change(rate math.Int, at int64, pays bool) Bill {
	if b.From != 0 {
		b.Sum = b.Sum.Add(rate.MulRaw(max(0, at-b.From)))
	}
	b.From = 0
	if pays {
		b.From = at
	}
	return b
}

// Total is the bill in whole base units, rounded down as escrow pays.
func (b Bill) Total() math.Int { return b.Sum.QuoRaw(hourMs) }

// ErrStatement says that a statement takes back what an earlier one attested.
var ErrStatement = errors.New("statements only rise")

// Attested is the time that a gateway's statements cover, and the part of a unit that is not paid yet.
type Attested struct {
	// Seconds attested in all.
	Seconds uint64
	// Carry is what is owed besides whole units, in 1/3600 of one; below 3600.
	Carry uint32
}

// Advance takes a statement in and returns what it earns at a rate an hour. Whole units are paid and the rest is carried, so that
// many statements pay what one does, to the last unit.
func (a Attested) Advance(seconds uint64, rate math.Int) (Attested, math.Int, error) {
	if seconds <= a.Seconds {
		return a, math.ZeroInt(), ErrStatement
	}
	owed := rate.Mul(math.NewIntFromUint64(seconds - a.Seconds)).AddRaw(int64(a.Carry))
	carry := owed.ModRaw(Hour).Uint64()
	return Attested{Seconds: seconds, Carry: uint32(carry)}, owed.QuoRaw(Hour), nil
}

// statementPrefix keeps a statement's signature from meaning anything else.
const statementPrefix = "assay/lease/liveness/v1"

// Statement is what a gateway signs: that the lease's device served it for so many seconds since the lease became active.
// The layout is: prefix, length of the chain id in 4 bytes, chain id, lease in 8 bytes, seconds in 8 bytes; big-endian.
func Statement(chainID string, lease, seconds uint64) []byte {
	message := make([]byte, 0, len(statementPrefix)+4+len(chainID)+16)
	message = append(message, statementPrefix...)
	message = binary.BigEndian.AppendUint32(message, uint32(len(chainID)))
	message = append(message, chainID...)
	message = binary.BigEndian.AppendUint64(message, lease)
	return binary.BigEndian.AppendUint64(message, seconds)
}

// Scale is seconds × num / den, rounded up; den is positive. It saturates instead of overflowing.
func Scale(seconds, num, den uint64) uint64 {
	high, low := bits.Mul64(seconds, num)
	if high >= den {
		return 1<<64 - 1
	}
	quotient, rest := bits.Div64(high, low, den)
	if rest > 0 && quotient < 1<<64-1 {
		quotient++
	}
	return quotient
}
