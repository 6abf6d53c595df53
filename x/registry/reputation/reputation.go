// Package reputation learns how reliable a device is from what the chain saw of its work, and says what it scores. It is
// pure: no state, no SDK, integers only.
package reputation

import "time"

const (
	// Whole is certainty, in basis points.
	Whole = 10_000
	// Initial is what a new device is credited with, in basis points: half. Nothing is known yet, and registering anew must
	// not be worth more than a record that is mostly good.
	Initial = 5_000
	// MaxClassScore bounds a class's hardware score, so that the scores of all devices of an operator fit 64 bits.
	MaxClassScore = 1_000_000
)

// Record is what was learnt of a device, in basis points.
type Record struct {
	// Uptime is how reliably it answers in time.
	Uptime uint32
	// Delivery is how reliably proven results reach the customer: the bandwidth that counts.
	Delivery uint32
}

// New is the record of a device of which nothing is known.
func New() Record { return Record{Uptime: Initial, Delivery: Initial} }

// Proven records a result that was proven in time.
func (r Record) Proven(rate uint32) Record {
	return Record{Uptime: learn(r.Uptime, Whole, rate), Delivery: r.Delivery}
}

// Missed records a commitment or a proof that did not come in time.
func (r Record) Missed(rate uint32) Record {
	return Record{Uptime: learn(r.Uptime, 0, rate), Delivery: r.Delivery}
}

// False records a result or a delivery that was not what it claimed to be. It says nothing good of either.
func (r Record) False(rate uint32) Record {
	return Record{Uptime: learn(r.Uptime, 0, rate), Delivery: learn(r.Delivery, 0, rate)}
}

// Delivered records a result that reached the customer.
func (r Record) Delivered(rate uint32) Record {
	return Record{Uptime: r.Uptime, Delivery: learn(r.Delivery, Whole, rate)}
}

// Undelivered records a result that did not.
func (r Record) Undelivered(rate uint32) Record {
	return Record{Uptime: r.Uptime, Delivery: learn(r.Delivery, 0, rate)}
}

// learn moves a value towards 0 or Whole by rate basis points of the distance, rounded away from the old value, so that it
// arrives: an exponentially weighted average of outcomes.
func learn(value, target, rate uint32) uint32 {
	if target >= value {
		return value + step(target-value, rate)
	}
	return value - step(value-target, rate)
}

func step(distance, rate uint32) uint32 {
	return uint32((uint64(distance)*uint64(rate) + Whole - 1) / Whole)
}

// Score is the class's hardware score × uptime × delivery, in ten-thousandths, rounded down.
func Score(class uint64, r Record) uint64 {
	return class * uint64(r.Uptime) * uint64(r.Delivery) / Whole
}

// Active is how many milliseconds of the time between two blocks count, at most maxGap: time in which the chain stood still
// is nobody's fault. A block that isn't later than the last one adds nothing.
func Active(last, block time.Time, maxGap time.Duration) uint64 {
	if last.IsZero() || !block.After(last) {
		return 0
	}
	return uint64(min(block.UnixMilli()-last.UnixMilli(), max(maxGap.Milliseconds(), 0)))
}
