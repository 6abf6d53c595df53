package types

import (
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
)

const (
	// PoolLimit bounds the operators that a pool may be allowed: jobs that name one look among all of them.
	PoolLimit = 256
	// DefaultMaxPoolOperators is how many operators a pool may have by default.
	DefaultMaxPoolOperators = 64
	// MaxPoolName is the size of a pool's name in bytes at most.
	MaxPoolName = 64
	// PoolOperatorGas is what reading one address of a list costs beside the store: BenchmarkPoolOperators says up to 24 µs on
	// a busy core, and 1,000 gas stand for 0.2 ms.
	PoolOperatorGas = 120
)

// Validate checks what holds for a pool under any parameters.
func (p Pool) Validate() error {
	if p.Id == 0 {
		return ErrPool.Wrap("id is 0: pools are numbered from 1")
	}
	if _, err := accounts.Decode(p.Owner); err != nil {
		return ErrAddress.Wrapf("owner: %s", err)
	}
	if p.Operators > PoolLimit {
		return ErrPool.Wrapf("operators is %d: a pool has at most %d", p.Operators, PoolLimit)
	}
	return validateText("name", p.Name, MaxPoolName)
}

// ParsePoolOperators reads a list of operators: at most PoolLimit, each written as the chain writes it, ascending, each once. Errors name
// the field.
func ParsePoolOperators(field string, list []string) ([]sdk.AccAddress, error) {
	if len(list) > PoolLimit {
		return nil, ErrPool.Wrapf("%s has %d entries: a pool has at most %d operators", field, len(list), PoolLimit)
	}
	parsed := make([]sdk.AccAddress, len(list))
	for i, text := range list {
		address, err := accounts.Decode(text)
		if err != nil {
			return nil, ErrAddress.Wrapf("%s[%d]: %s", field, i, err)
		}
		if address.String() != text {
			return nil, ErrAddress.Wrapf("%s[%d] is %q: it must be written %s", field, i, text, address)
		}
		if i > 0 && list[i-1] >= text {
			return nil, ErrPool.Wrapf("%s[%d] is %s: operators must be ascending, each once", field, i, text)
		}
		parsed[i] = address
	}
	return parsed, nil
}

// Check checks that an update changes something, and that no operator both comes and goes.
func (m *MsgUpdatePool) Check() error {
	if len(m.Add) == 0 && len(m.Remove) == 0 && m.Name == "" && m.NewOwner == "" {
		return ErrPool.Wrap("nothing is to change: give add, remove, name or new_owner")
	}
	for i, operator := range m.Remove {
		if slices.Contains(m.Add, operator) {
			return ErrPool.Wrapf("remove[%d] is %s: it is to be added too", i, operator)
		}
	}
	return nil
}

// validatePools checks that pools are by id, none beyond the last one, and have the registered operators that they count.
func (g GenesisState) validatePools() error {
	registered := make(map[string]bool, len(g.Operators))
	for _, operator := range g.Operators {
		registered[operator.Address] = true
	}
	before := uint64(0)
	for _, list := range g.Pools {
		if err := list.Pool.Validate(); err != nil {
			return ErrGenesis.Wrapf("pool %d: %s", list.Pool.Id, err)
		}
		if list.Pool.Id <= before || list.Pool.Id > g.LastPool {
			return ErrGenesis.Wrapf("pool %d comes after %d: pools are by id, up to last_pool, %d", list.Pool.Id, before, g.LastPool)
		}
		before = list.Pool.Id
		if _, err := ParsePoolOperators("operators", list.Operators); err != nil {
			return ErrGenesis.Wrapf("pool %d: %s", list.Pool.Id, err)
		}
		if int(list.Pool.Operators) != len(list.Operators) {
			return ErrGenesis.Wrapf("pool %d has %d operators, operators says %d", list.Pool.Id, len(list.Operators), list.Pool.Operators)
		}
		for _, operator := range list.Operators {
			if !registered[operator] {
				return ErrGenesis.Wrapf("pool %d has %s, which is no operator", list.Pool.Id, operator)
			}
		}
	}
	return nil
}
