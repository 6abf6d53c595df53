package types

import (
	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/bond/rewards"
)

// generation names a pool of an operator.
type generation struct {
	operator string
	number   uint64
}

// sum is what the holders of a pool's shares add up to.
type sum struct {
	shares, due math.Int
}

// audit adds a genesis state up.
type audit struct {
	state     GenesisState
	pools     map[string]Pool
	closed    map[generation]ClosedPool
	backed    map[generation]sum
	unbonding map[generation]sum
	// waiting counts an operator's entries that wait, also those of an unbonding pool that a slash emptied.
	waiting map[string]uint64
}

func newAudit(g GenesisState) *audit {
	return &audit{
		state: g, pools: make(map[string]Pool, len(g.Pools)), closed: make(map[generation]ClosedPool, len(g.ClosedPools)),
		backed: make(map[generation]sum), unbonding: make(map[generation]sum), waiting: make(map[string]uint64),
	}
}

func (a *audit) check() error {
	for _, step := range []func() error{a.readPools, a.readClosed, a.readBackings, a.readEntries, a.comparePools, a.compareClosed} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (a *audit) readPools() error {
	for _, p := range a.state.Pools {
		if err := p.validate(a.state.NextGeneration); err != nil {
			return err
		}
		if _, twice := a.pools[p.Operator]; twice {
			return ErrGenesis.Wrapf("operator %s has two pools", p.Operator)
		}
		a.pools[p.Operator] = p
	}
	return nil
}

func (a *audit) readClosed() error {
	for _, c := range a.state.ClosedPools {
		if err := c.validate(); err != nil {
			return err
		}
		key := generation{c.Operator, c.Generation}
		_, twice := a.closed[key]
		if pool, ok := a.pools[c.Operator]; twice || c.Generation >= a.state.NextGeneration || ok && pool.Generation == c.Generation {
			return ErrGenesis.Wrapf("closed pool %d of operator %s: its generation must be used once, and below next_generation", c.Generation, c.Operator)
		}
		a.closed[key] = c
	}
	return nil
}

func (a *audit) readBackings() error {
	seen := make(map[[2]string]bool, len(a.state.Backings))
	for _, b := range a.state.Backings {
		if err := b.validate(); err != nil {
			return err
		}
		if pair := [2]string{b.Backer, b.Operator}; seen[pair] {
			return ErrGenesis.Wrapf("backing of %s behind %s is there twice", b.Backer, b.Operator)
		} else {
			seen[pair] = true
		}
		key := generation{b.Operator, b.Generation}
		pool := a.pools[b.Operator]
		book, worth := pool.Rewards(), math.ZeroInt()
		if closed, ok := a.closed[key]; ok {
			book = closed.Rewards()
		} else if pool.Generation == b.Generation && b.Generation != 0 {
			worth = pool.Worth(b)
		} else {
			return ErrGenesis.Wrapf("backing of %s behind %s: there is no pool %d", b.Backer, b.Operator, b.Generation)
		}
		if b.RewardsPerShare.GT(book.PerShare) {
			return ErrGenesis.Wrapf("backing of %s behind %s: rewards_per_share is above the pool's", b.Backer, b.Operator)
		}
		if b.Amount.IsNil() || !b.Amount.Equal(worth) {
			return ErrGenesis.Wrapf("backing of %s behind %s: amount %s, its shares are worth %s", b.Backer, b.Operator, b.Amount, worth)
		}
		a.backed[key] = addTo(a.backed, key, b.Shares, book.Due(b.Shares, b.RewardsPerShare))
	}
	return nil
}

func (a *audit) readEntries() error {
	ids := make(map[uint64]bool, len(a.state.Entries))
	for _, e := range a.state.Entries {
		if err := e.validate(); err != nil {
			return err
		}
		if e.Id >= a.state.NextEntryId {
			return ErrGenesis.Wrapf("entry %d: id must be below next_entry_id %d", e.Id, a.state.NextEntryId)
		}
		if ids[e.Id] {
			return ErrGenesis.Wrapf("entry %d: id is used twice", e.Id)
		}
		ids[e.Id] = true
		if e.Generation == 0 || e.Generation >= a.state.NextGeneration {
			return ErrGenesis.Wrapf("entry %d: generation must be from 1 to below next_generation %d", e.Id, a.state.NextGeneration)
		}
		worth := math.ZeroInt()
		if pool, ok := a.pools[e.Operator]; ok {
			worth = pool.WorthLeaving(e)
		}
		if e.Amount.IsNil() || !e.Amount.Equal(worth) {
			return ErrGenesis.Wrapf("entry %d: amount %s, its shares are worth %s", e.Id, e.Amount, worth)
		}
		key := generation{e.Operator, e.Generation}
		a.unbonding[key] = addTo(a.unbonding, key, e.Shares, math.ZeroInt())
		if e.Waiting {
			if a.waiting[e.Operator]++; a.pools[e.Operator].Waiting == 0 {
				return ErrGenesis.Wrapf("entry %d: it waits, operator %s's pool says that none does", e.Id, e.Operator)
			}
		}
	}
	return nil
}

// comparePools checks that the holders of shares add up to every pool.
func (a *audit) comparePools() error {
	for _, p := range a.state.Pools {
		backed := a.backed[generation{p.Operator, p.Generation}].orZero()
		if !backed.shares.Equal(p.Shares) {
			return ErrGenesis.Wrapf("operator %s: backings add up to %s shares, the pool says %s", p.Operator, backed.shares, p.Shares)
		}
		if err := covers(p.Rewards(), backed.due); err != nil {
			return ErrGenesis.Wrapf("operator %s: %v", p.Operator, err)
		}
		leaving := a.unbonding[generation{p.Operator, p.UnbondingGeneration}].orZero()
		if !leaving.shares.Equal(p.UnbondingShares) {
			return ErrGenesis.Wrapf("operator %s: entries add up to %s shares, the unbonding pool says %s", p.Operator, leaving.shares, p.UnbondingShares)
		}
		if a.waiting[p.Operator] != p.Waiting {
			return ErrGenesis.Wrapf("operator %s: %d entries wait, the pool says %d", p.Operator, a.waiting[p.Operator], p.Waiting)
		}
	}
	return nil
}

// compareClosed checks that the backings of every replaced pool add up to it.
func (a *audit) compareClosed() error {
	for _, c := range a.state.ClosedPools {
		backed := a.backed[generation{c.Operator, c.Generation}].orZero()
		if !backed.shares.Equal(c.Shares) {
			return ErrGenesis.Wrapf("closed pool %d of operator %s: backings add up to %s shares, it says %s", c.Generation, c.Operator, backed.shares, c.Shares)
		}
		if err := covers(c.Rewards(), backed.due); err != nil {
			return ErrGenesis.Wrapf("closed pool %d of operator %s: %v", c.Generation, c.Operator, err)
		}
	}
	return nil
}

// covers checks that rewards held are at least what is due.
func covers(book rewards.Book, due math.Int) error {
	if due.GT(book.Held) {
		return ErrGenesis.Wrapf("rewards of %s are due, %s are held", due, book.Held)
	}
	return nil
}

func addTo(sums map[generation]sum, key generation, shares, due math.Int) sum {
	s := sums[key].orZero()
	s.shares, s.due = s.shares.Add(shares), s.due.Add(due)
	return s
}

func (s sum) orZero() sum {
	if s.shares.IsNil() {
		return sum{shares: math.ZeroInt(), due: math.ZeroInt()}
	}
	return s
}
