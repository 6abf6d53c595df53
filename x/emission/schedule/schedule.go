// Package schedule says how much each epoch emits: capped, disinflating, in integers. It is pure: no state, no SDK.
//
// In each phase the exact amount of an epoch is a rational, amount × decay^(epoch − start). An epoch emits a whole number
// that differs from it by less than 1, and the sum over all epochs differs from the exact sum by less than 1 too: what
// rounding leaves over is carried to the next epoch. The proof is in the module's README.
package schedule

import (
	"errors"
	"fmt"
	"math/big"

	"cosmossdk.io/math"
)

// Bounds of a schedule.
const (
	// MaxPhases bounds the number of phases.
	MaxPhases = 16
	// MaxEpoch bounds the epochs in which a phase may begin; the error bounds hold up to it and far beyond.
	MaxEpoch = 1 << 32
	// MaxDen bounds every denominator.
	MaxDen = 1_000_000_000_000_000_000
	// maxCapBits bounds the cap to 2^80, some 10^24.
	maxCapBits = 80
)

const (
	// FractionBits is the precision of amounts and of the carry: they are counted in units of 2^-128.
	FractionBits = 128
	// powerBits is the precision of powers of the decay.
	powerBits = 256
	// nearBits: what is less than 2^-64 below a whole number counts as that number. It is far above all errors.
	nearBits = 64
)

// ErrSchedule marks a schedule that can't be used.
var ErrSchedule = errors.New("invalid schedule")

// Phase is a part of the schedule; it lasts until the next begins.
type Phase struct {
	// Start is its first epoch, counted from 1.
	Start uint64
	// Amount over AmountDen is what the first epoch emits.
	Amount    math.Int
	AmountDen uint64
	// DecayNum over DecayDen, at most 1, is what each further epoch's amount is of the one before.
	DecayNum, DecayDen uint64
}

// Schedule is the whole plan.
type Schedule struct {
	// Phases by their starts.
	Phases []Phase
	// Cap bounds the sum over all epochs.
	Cap math.Int
}

// Progress is how far the plan has been carried out.
type Progress struct {
	// Epoch is the last one that has emitted; 0 before the first.
	Epoch uint64
	// Carry is what rounding left over, in units of 2^-128.
	Carry math.Int
	// Minted is the sum of what was emitted.
	Minted math.Int
}

// Start is the progress before the first epoch.
func Start() Progress { return Progress{Carry: math.ZeroInt(), Minted: math.ZeroInt()} }

// Validate checks the phases and that amounts never grow, within a phase or from one to the next.
func (s Schedule) Validate() error {
	if s.Cap.IsNil() || !s.Cap.IsPositive() || s.Cap.BigInt().BitLen() > maxCapBits {
		return fmt.Errorf("%w: cap must be from 1 to 2^%d - 1", ErrSchedule, maxCapBits)
	}
	if len(s.Phases) < 1 || len(s.Phases) > MaxPhases {
		return fmt.Errorf("%w: phases has %d entries: it must have 1 to %d", ErrSchedule, len(s.Phases), MaxPhases)
	}
	for i, phase := range s.Phases {
		if err := phase.validate(s.Cap); err != nil {
			return fmt.Errorf("%w: phases[%d]: %w", ErrSchedule, i, err)
		}
		if i > 0 {
			if err := phase.follows(s.Phases[i-1]); err != nil {
				return fmt.Errorf("%w: phases[%d]: %w", ErrSchedule, i, err)
			}
		}
	}
	return nil
}

func (p Phase) validate(limit math.Int) error {
	switch {
	case p.Start < 1 || p.Start > MaxEpoch:
		return fmt.Errorf("start is %d: it must be from 1 to %d", p.Start, uint64(MaxEpoch))
	case p.AmountDen < 1 || p.AmountDen > MaxDen:
		return fmt.Errorf("amount_den is %d: it must be from 1 to %d", p.AmountDen, uint64(MaxDen))
	case p.Amount.IsNil() || p.Amount.IsNegative() || p.Amount.BigInt().Cmp(product(limit.BigInt(), p.AmountDen)) > 0:
		return fmt.Errorf("amount must be from 0 to the cap, times amount_den")
	case p.DecayDen < 1 || p.DecayDen > MaxDen:
		return fmt.Errorf("decay_den is %d: it must be from 1 to %d", p.DecayDen, uint64(MaxDen))
	case p.DecayNum > p.DecayDen:
		return fmt.Errorf("decay_num is %d: it must be at most decay_den %d", p.DecayNum, p.DecayDen)
	}
	return nil
}

// follows checks a phase against the one before it.
func (p Phase) follows(previous Phase) error {
	if p.Start <= previous.Start {
		return fmt.Errorf("start is %d: it must be after %d, where the phase before begins", p.Start, previous.Start)
	}
	// The fixed-point amount of the other is at most 2^-64 below the exact one.
	before := previous.fixed(p.Start)
	if p.fixed(p.Start).Cmp(before.Add(before, near())) > 0 {
		return errors.New("amount is above what the phase before would emit in that epoch")
	}
	return nil
}

// Next emits the next epoch's amount.
func (s Schedule) Next(p Progress) (Progress, math.Int) {
	epoch := p.Epoch + 1
	exact := s.fixed(epoch)
	carried := new(big.Int).Add(p.Carry.BigInt(), exact)
	amount := floor(new(big.Int).Add(carried, near()))
	// A carry below zero must not take a whole unit from an epoch.
	if least := floor(exact.Add(exact, near())); amount.Cmp(least) < 0 {
		amount = least
	}
	carried.Sub(carried, new(big.Int).Lsh(amount, FractionBits))
	emitted := math.MinInt(math.NewIntFromBigInt(amount), s.Room(p.Minted))
	return Progress{Epoch: epoch, Carry: math.NewIntFromBigInt(carried), Minted: p.Minted.Add(emitted)}, emitted
}

// Room is what the cap leaves.
func (s Schedule) Room(minted math.Int) math.Int {
	return math.MaxInt(s.Cap.Sub(minted), math.ZeroInt())
}

// Point is one epoch's place on the curve.
type Point struct {
	Epoch              uint64
	Amount, Cumulative math.Int
}

// Points tells every step-th epoch from one to another, as the plan is from its beginning. It goes through all epochs up to
// the last, which the caller bounds.
func (s Schedule) Points(from, to, step uint64) []Point {
	var points []Point
	progress, amount := Start(), math.Int{}
	for progress.Epoch < to {
		progress, amount = s.Next(progress)
		if progress.Epoch >= from && (progress.Epoch-from)%max(step, 1) == 0 {
			points = append(points, Point{Epoch: progress.Epoch, Amount: amount, Cumulative: progress.Minted})
		}
	}
	return points
}

// fixed is an epoch's exact amount, rounded down to units of 2^-128.
func (s Schedule) fixed(epoch uint64) *big.Int {
	for i := len(s.Phases) - 1; i >= 0; i-- {
		if s.Phases[i].Start <= epoch {
			return s.Phases[i].fixed(epoch)
		}
	}
	return new(big.Int)
}

// fixed is amount × decay^(epoch − start), less than 2^-127 below the exact value.
func (p Phase) fixed(epoch uint64) *big.Int {
	value := new(big.Int).Mul(p.Amount.BigInt(), p.power(epoch-p.Start))
	value.Rsh(value, powerBits-FractionBits)
	return value.Quo(value, new(big.Int).SetUint64(p.AmountDen))
}

// power is decay^n in units of 2^-256, by squaring, rounded down at every step: less than 4n units below the exact value.
func (p Phase) power(n uint64) *big.Int {
	num, den := new(big.Int).SetUint64(p.DecayNum), new(big.Int).SetUint64(p.DecayDen)
	value := new(big.Int).Lsh(big.NewInt(1), powerBits)
	for bit := 63; bit >= 0; bit-- {
		if n>>bit == 0 {
			continue
		}
		value.Rsh(value.Mul(value, value), powerBits)
		if n>>bit&1 == 1 {
			value.Quo(value.Mul(value, num), den)
		}
	}
	return value
}

func near() *big.Int { return new(big.Int).Lsh(big.NewInt(1), FractionBits-nearBits) }

// floor cuts the fraction off, downwards also below zero.
func floor(fixed *big.Int) *big.Int { return new(big.Int).Rsh(fixed, FractionBits) }

func product(a *big.Int, b uint64) *big.Int { return new(big.Int).Mul(a, new(big.Int).SetUint64(b)) }
