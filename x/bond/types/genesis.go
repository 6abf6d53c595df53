package types

import (
	"errors"
	"time"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/accounts"
)

// DefaultGenesis returns the state of a new chain. Its first period of points starts with the chain.
func DefaultGenesis() *GenesisState {
	return &GenesisState{
		Params:         DefaultParams(),
		Entries:        []UnbondingEntry{},
		NextEntryId:    1,
		Pools:          []Pool{},
		Backings:       []Backing{},
		ClosedPools:    []ClosedPool{},
		NextGeneration: 1,
		Ledger:         Ledger{Period: 1, Points: math.ZeroInt(), Weight: math.ZeroInt(), Oldest: 1},
		Segments:       []Segment{},
		Periods:        []Period{},
	}
}

// Validate checks the state on its own: addresses, amounts, numbers, that backings and entries add up to the shares of
// every pool, that rewards cover what is due, and that operators' weights add up to the ledger's.
func (g GenesisState) Validate() error {
	if err := g.Params.Validate(); err != nil {
		return err
	}
	if g.NextEntryId == 0 {
		return ErrGenesis.Wrap("next_entry_id must be at least 1")
	}
	if g.NextGeneration == 0 {
		return ErrGenesis.Wrap("next_generation must be at least 1")
	}
	if err := newAudit(g).check(); err != nil {
		return err
	}
	return g.checkPoints()
}

func (p Pool) validate(nextGeneration uint64) error {
	if err := canonicalAddress(p.Operator); err != nil {
		return ErrGenesis.Wrapf("pool: operator %q: %v", p.Operator, err)
	}
	for _, amount := range []math.Int{
		p.Tokens, p.Shares, p.UnbondingTokens, p.UnbondingShares, p.Exposure, p.Requirement,
		p.CommissionDue, p.RewardsHeld, p.RewardsPerShare, p.RewardsCarry, p.Weight,
	} {
		if amount.IsNil() || amount.IsNegative() {
			return ErrGenesis.Wrapf("operator %s: amounts must be given and not negative", p.Operator)
		}
	}
	if p.IsIdle() {
		return ErrGenesis.Wrapf("operator %s: empty pool, leave it out", p.Operator)
	}
	position := p.Position()
	if position.Bonded.Shares.IsZero() != position.Bonded.IsZero() || position.Unbonding.Shares.IsZero() != position.Unbonding.IsZero() {
		return ErrGenesis.Wrapf("operator %s: tokens must have shares", p.Operator)
	}
	if p.Shares.IsPositive() && p.Generation == 0 || p.UnbondingShares.IsPositive() && p.UnbondingGeneration == 0 {
		return ErrGenesis.Wrapf("operator %s: shares must have a generation", p.Operator)
	}
	if max(p.Generation, p.UnbondingGeneration) >= nextGeneration {
		return ErrGenesis.Wrapf("operator %s: generations must be below next_generation %d", p.Operator, nextGeneration)
	}
	if position.Bonded.Void() != (p.VoidSince != nil) {
		return ErrGenesis.Wrapf("operator %s: void_since must be given when shares have no tokens, and only then", p.Operator)
	}
	if p.CommissionBps > 10_000 {
		return ErrGenesis.Wrapf("operator %s: commission_bps must be at most 10000, got %d", p.Operator, p.CommissionBps)
	}
	return nil
}

func (e UnbondingEntry) validate() error {
	for _, addr := range []string{e.Operator, e.Backer} {
		if err := canonicalAddress(addr); err != nil {
			return ErrGenesis.Wrapf("entry %d: operator or backer %q: %v", e.Id, addr, err)
		}
	}
	if e.Destination != "" {
		if err := canonicalAddress(e.Destination); err != nil {
			return ErrGenesis.Wrapf("entry %d: destination %q: %v", e.Id, e.Destination, err)
		}
	}
	if e.Id == 0 {
		return ErrGenesis.Wrap("entry ids start at 1")
	}
	if e.Shares.IsNil() || !e.Shares.IsPositive() {
		return ErrGenesis.Wrapf("entry %d: shares must be positive", e.Id)
	}
	if e.CompletesAt.IsZero() {
		return ErrGenesis.Wrapf("entry %d: completes_at must be given", e.Id)
	}
	return nil
}

func (b Backing) validate() error {
	for _, addr := range []string{b.Backer, b.Operator} {
		if err := canonicalAddress(addr); err != nil {
			return ErrGenesis.Wrapf("backing of %q behind %q: %v", b.Backer, b.Operator, err)
		}
	}
	if b.Shares.IsNil() || !b.Shares.IsPositive() {
		return ErrGenesis.Wrapf("backing of %s behind %s: shares must be positive", b.Backer, b.Operator)
	}
	if b.RewardsPerShare.IsNil() || b.RewardsPerShare.IsNegative() {
		return ErrGenesis.Wrapf("backing of %s behind %s: rewards_per_share must be given and not negative", b.Backer, b.Operator)
	}
	return nil
}

func (c ClosedPool) validate() error {
	if err := canonicalAddress(c.Operator); err != nil {
		return ErrGenesis.Wrapf("closed pool: operator %q: %v", c.Operator, err)
	}
	for _, amount := range []math.Int{c.Shares, c.RewardsHeld, c.RewardsPerShare} {
		if amount.IsNil() || amount.IsNegative() {
			return ErrGenesis.Wrapf("closed pool %d of operator %s: amounts must be given and not negative", c.Generation, c.Operator)
		}
	}
	if c.Shares.IsZero() {
		return ErrGenesis.Wrapf("closed pool %d of operator %s: without shares, leave it out", c.Generation, c.Operator)
	}
	return nil
}

// checkPoints checks the ledger, the periods and the segments against each other and against the pools' weights.
func (g GenesisState) checkPoints() error {
	l := g.Ledger
	if l.Points.IsNil() || l.Points.IsNegative() || l.Weight.IsNil() || l.Weight.IsNegative() {
		return ErrGenesis.Wrap("ledger: points and weight must be given and not negative")
	}
	if l.Oldest == 0 || l.Oldest > l.Period {
		return ErrGenesis.Wrapf("ledger: oldest must be from 1 to period %d, got %d", l.Period, l.Oldest)
	}
	if !wholeMilliseconds(l.Start, l.CountedUntil) || l.CountedUntil.Before(l.Start) {
		return ErrGenesis.Wrap("ledger: start and counted_until must be whole milliseconds in order")
	}
	numbers := make(map[uint64]bool, len(g.Periods))
	for _, p := range g.Periods {
		if p.Number == 0 || p.Number >= l.Period || numbers[p.Number] {
			return ErrGenesis.Wrapf("period %d: must be from 1 to below %d, once", p.Number, l.Period)
		}
		numbers[p.Number] = true
		if !wholeMilliseconds(p.Start, p.End) || p.End.Before(p.Start) || p.TotalPoints.IsNil() || p.TotalPoints.IsNegative() {
			return ErrGenesis.Wrapf("period %d: start and end must be whole milliseconds in order, and points not negative", p.Number)
		}
	}
	return g.checkWeights()
}

// checkWeights checks that every operator's last segment has its weight, and that weights add up to the ledger's.
func (g GenesisState) checkWeights() error {
	last := make(map[string]Segment, len(g.Segments))
	for _, s := range g.Segments {
		if err := canonicalAddress(s.Operator); err != nil {
			return ErrGenesis.Wrapf("segment: operator %q: %v", s.Operator, err)
		}
		if before, ok := last[s.Operator]; s.Period == 0 || s.Period > g.Ledger.Period || ok && before.Period >= s.Period {
			return ErrGenesis.Wrapf("segment of operator %s: period %d must rise up to %d", s.Operator, s.Period, g.Ledger.Period)
		}
		if s.Points.IsNil() || s.Points.IsNegative() || s.Weight.IsNil() || s.Weight.IsNegative() || !wholeMilliseconds(s.Since, s.Since) {
			return ErrGenesis.Wrapf("segment of operator %s: points and weight must not be negative, and since whole milliseconds", s.Operator)
		}
		last[s.Operator] = s
	}
	sum := math.ZeroInt()
	for _, p := range g.Pools {
		sum = sum.Add(p.Weight)
		segment, ok := last[p.Operator]
		if p.Weight.IsPositive() != (p.Score > 0) || ok && !segment.Weight.Equal(p.Weight) || !ok && p.Weight.IsPositive() {
			return ErrGenesis.Wrapf("operator %s: weight %s must be that of its last segment, and come from its score", p.Operator, p.Weight)
		}
		delete(last, p.Operator)
	}
	for _, s := range g.Segments {
		if left, ok := last[s.Operator]; ok && left.Weight.IsPositive() {
			return ErrGenesis.Wrapf("operator %s: weight %s without a pool", s.Operator, left.Weight)
		}
	}
	if !sum.Equal(g.Ledger.Weight) {
		return ErrGenesis.Wrapf("weights add up to %s, the ledger says %s", sum, g.Ledger.Weight)
	}
	return nil
}

func wholeMilliseconds(times ...time.Time) bool {
	for _, t := range times {
		if !t.Equal(t.Truncate(time.Millisecond)) {
			return false
		}
	}
	return true
}

// canonicalAddress refuses a second spelling of an address, such as one in capitals, that would slip past the search for duplicates.
func canonicalAddress(text string) error {
	addr, err := accounts.Decode(text)
	if err != nil {
		return err
	}
	if addr.String() != text {
		return errors.New("address must be written in lower case")
	}
	return nil
}
