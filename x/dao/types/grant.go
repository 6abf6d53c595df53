package types

import (
	"time"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/dao/grant"
)

// Limits of a grant.
const (
	// MaxPurpose and MaxTitle bound texts, in bytes.
	MaxPurpose = 512
	MaxTitle   = 128
	// MaxMilestones bounds the milestones of a grant.
	MaxMilestones = 32
	// MaxStream bounds the length of a stream: ten years.
	MaxStream = 10 * 366 * 24 * time.Hour
	// amountBits bounds amounts, far from where arithmetic would overflow.
	amountBits = 128
)

// Vested is what the recipient has a right to by now, claimed or not.
func (g Grant) Vested(now time.Time) math.Int {
	switch {
	case g.Cancelled:
		return g.Total
	case g.Stream != nil:
		return grant.Vested(g.Total, g.Stream.Start, g.Stream.End, g.Stream.cliff(), now)
	}
	sum := math.ZeroInt()
	for _, m := range g.Milestones {
		if m.Released {
			sum = sum.Add(m.Amount)
		}
	}
	return sum
}

// Claimable is what has vested and was not claimed.
func (g Grant) Claimable(now time.Time) math.Int {
	return g.Vested(now).Sub(g.Claimed)
}

// Reserved is what the treasury has to keep for the grant.
func (g Grant) Reserved() math.Int {
	return g.Total.Sub(g.Claimed)
}

// Coin is an amount of the grant's denomination.
func (g Grant) Coin(amount math.Int) sdk.Coin {
	return sdk.Coin{Denom: g.Denom, Amount: amount}
}

// Cancel ends the grant: what has vested by now is all that is left of it. It returns what the treasury gets back.
func (g Grant) Cancel(now time.Time) (cancelled Grant, returned math.Int) {
	vested := g.Vested(now)
	returned = g.Total.Sub(vested)
	g.Total, g.Cancelled, g.Stream, g.Milestones = vested, true, nil, nil
	return g, returned
}

func (s Stream) cliff() time.Time {
	if s.Cliff == nil {
		return time.Time{}
	}
	return *s.Cliff
}

func (s Stream) validate() error {
	switch {
	case s.Start.IsZero() || s.End.IsZero():
		return ErrGrant.Wrap("stream: start and end must be given")
	case !s.Start.Before(s.End):
		return ErrGrant.Wrapf("stream: end %s must be after start %s", stamp(s.End), stamp(s.Start))
	case s.End.After(s.Start.Add(MaxStream)):
		return ErrGrant.Wrapf("stream: end must be at most %s after start", MaxStream)
	case s.Cliff != nil && (s.Cliff.Before(s.Start) || s.Cliff.After(s.End)):
		return ErrGrant.Wrapf("stream: cliff %s must be from start to end", stamp(*s.Cliff))
	}
	return nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// validate checks what holds for a grant as long as it exists.
func (g Grant) validate() error {
	if err := ValidateAddress("recipient", g.Recipient); err != nil {
		return err
	}
	if g.Purpose == "" || len(g.Purpose) > MaxPurpose {
		return ErrGrant.Wrapf("purpose must have from 1 to %d bytes, got %d", MaxPurpose, len(g.Purpose))
	}
	if err := sdk.ValidateDenom(g.Denom); err != nil {
		return ErrGrant.Wrapf("denom: %v", err)
	}
	if err := validateAmount("total", g.Total); err != nil {
		return err
	}
	if g.Claimed.IsNil() || g.Claimed.IsNegative() || g.Claimed.GT(g.Total) {
		return ErrGrant.Wrapf("claimed must be from 0 to total %s, got %s", g.Total, g.Claimed)
	}
	if g.Cancelled {
		if g.Stream != nil || len(g.Milestones) > 0 {
			return ErrGrant.Wrap("a cancelled grant has neither stream nor milestones")
		}
		return nil
	}
	return validateSchedule(g.Total, g.Stream, g.Milestones)
}

// validateSchedule checks that exactly one way of vesting is given and that it releases the total.
func validateSchedule(total math.Int, stream *Stream, milestones []Milestone) error {
	switch {
	case stream != nil && len(milestones) > 0:
		return ErrGrant.Wrap("stream and milestones are both given: choose one")
	case stream != nil:
		return stream.validate()
	case len(milestones) == 0:
		return ErrGrant.Wrap("neither stream nor milestones are given")
	case len(milestones) > MaxMilestones:
		return ErrGrant.Wrapf("milestones: at most %d, got %d", MaxMilestones, len(milestones))
	}
	sum := math.ZeroInt()
	for i, m := range milestones {
		if m.Title == "" || len(m.Title) > MaxTitle {
			return ErrGrant.Wrapf("milestone %d: title must have from 1 to %d bytes, got %d", i, MaxTitle, len(m.Title))
		}
		if err := validateAmount("amount of a milestone", m.Amount); err != nil {
			return err
		}
		sum = sum.Add(m.Amount)
	}
	if !sum.Equal(total) {
		return ErrGrant.Wrapf("milestones add up to %s, the grant is %s", sum, total)
	}
	return nil
}

// validateAmount refuses amounts that are not positive or too large to calculate with.
func validateAmount(name string, amount math.Int) error {
	if amount.IsNil() || !amount.IsPositive() {
		return ErrAmount.Wrapf("%s must be positive", name)
	}
	if amount.BigIntMut().BitLen() > amountBits {
		return ErrAmount.Wrapf("%s must be below 2^%d", name, amountBits)
	}
	return nil
}

// ValidateAddress refuses what is no address, and a second spelling of one, such as one in capitals.
func ValidateAddress(name, text string) error {
	addr, err := accounts.Decode(text)
	if err != nil {
		return ErrAddress.Wrapf("%s %q: %v", name, text, err)
	}
	if addr.String() != text {
		return ErrAddress.Wrapf("%s %q must be written in lower case", name, text)
	}
	return nil
}
