package types

import (
	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/emission/schedule"
)

// DefaultGenesis is the state of a new chain: nothing minted.
func DefaultGenesis() *GenesisState {
	return &GenesisState{Params: DefaultParams(), Progress: NewProgress(), Dues: NewDues(), Totals: NewTotals(), Periods: []Period{}, Claims: []Claim{}}
}

// Validate checks the parameters, every record, and that what was minted is all there: claimed, claimable, for validators and
// for the treasury.
func (g GenesisState) Validate() error {
	if err := g.Params.Validate(); err != nil {
		return err
	}
	if err := g.Progress.validate(g.Params.Schedule.Cap); err != nil {
		return err
	}
	amounts := []math.Int{g.Dues.Operators, g.Dues.Validators, g.Dues.Treasury, g.Totals.Claimed, g.Totals.Validators, g.Totals.Treasury}
	for _, amount := range amounts {
		if amount.IsNil() || amount.IsNegative() || amount.GT(g.Progress.Minted) {
			return ErrGenesis.Wrap("dues and totals must be from 0 to minted")
		}
	}
	for i, period := range g.Periods {
		if err := period.validate(g.Progress); err != nil {
			return err
		}
		if i > 0 && period.Number != g.Periods[i-1].Number+1 {
			return ErrGenesis.Wrapf("period %d follows period %d: there must be no gap", period.Number, g.Periods[i-1].Number)
		}
	}
	if sum := g.Held().Add(g.Totals.Sum()); !sum.Equal(g.Progress.Minted) {
		return ErrGenesis.Wrapf("dues, totals and unclaimed pots add up to %s, minted is %s", sum, g.Progress.Minted)
	}
	return g.validateClaims()
}

// Held is what the module's account must hold.
func (g GenesisState) Held() math.Int {
	sum := g.Dues.Sum()
	for _, period := range g.Periods {
		sum = sum.Add(period.Unclaimed())
	}
	return sum
}

func (g GenesisState) validateClaims() error {
	newest := uint64(0)
	if len(g.Periods) > 0 {
		newest = g.Periods[len(g.Periods)-1].Number
	}
	seen := make(map[string]bool, len(g.Claims))
	for _, claim := range g.Claims {
		address, err := accounts.Decode(claim.Operator)
		if err != nil {
			return ErrGenesis.Wrapf("claim of %s: %s", claim.Operator, err)
		}
		if address.String() != claim.Operator {
			return ErrGenesis.Wrapf("claim of %s: the address must be written in lower case", claim.Operator)
		}
		if claim.Through == 0 || (newest > 0 && claim.Through > newest) {
			return ErrGenesis.Wrapf("claim of %s: through is %d: it must be from 1 to the newest period, %d", claim.Operator, claim.Through, newest)
		}
		if seen[claim.Operator] {
			return ErrGenesis.Wrapf("claim of %s occurs twice", claim.Operator)
		}
		seen[claim.Operator] = true
	}
	return nil
}

func (p Progress) validate(limit math.Int) error {
	if p.Epoch > p.Ended {
		return ErrGenesis.Wrapf("epoch is %d: it must be at most ended, %d", p.Epoch, p.Ended)
	}
	if p.Minted.IsNil() || p.Minted.IsNegative() || p.Minted.GT(limit) {
		return ErrGenesis.Wrapf("minted must be from 0 to the schedule's cap, %s", limit)
	}
	if p.Carry.IsNil() || p.Carry.BigInt().BitLen() > schedule.FractionBits {
		return ErrGenesis.Wrapf("carry must be between -2^%d and 2^%d", schedule.FractionBits, schedule.FractionBits)
	}
	return nil
}

func (p Period) validate(progress Progress) error {
	if p.Number == 0 || p.Epoch > progress.Epoch {
		return ErrGenesis.Wrapf("period %d of epoch %d: numbers start at 1, and epoch must be at most %d", p.Number, p.Epoch, progress.Epoch)
	}
	if p.Pot.IsNil() || p.Pot.IsNegative() || p.Pot.GT(progress.Minted) || p.TotalPoints.IsNil() || p.TotalPoints.IsNegative() {
		return ErrGenesis.Wrapf("period %d: pot must be from 0 to minted, and total_points not negative", p.Number)
	}
	if p.Claimed.IsNil() || p.Claimed.IsNegative() || p.Claimed.GT(p.Pot) {
		return ErrGenesis.Wrapf("period %d: claimed must be from 0 to pot", p.Number)
	}
	if p.ExpiresAt.Before(p.ClosedAt) {
		return ErrGenesis.Wrapf("period %d expires before it was closed", p.Number)
	}
	return nil
}
