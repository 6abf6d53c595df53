package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/scheduler"
)

// bonded is how an operator stands, and its address.
type bonded struct {
	scheduler.Standing
	address sdk.AccAddress
}

// jails are operators in jail: all of them, unless there are too many to be read for a block's assignments.
type jails struct {
	all bool
	of  map[string]struct{}
}

// maxJails is how many operators in jail are read at once. Beyond them each operator that a job looks at is a read of its own.
const maxJails = 256

// Standing tells how an operator stands: that of the device that is shown, as a rule.
func (n *network) Standing(operator string) (scheduler.Standing, error) {
	o := n.shown
	if o != nil && o.Operator == operator && o.bond != nil {
		return o.bond.Standing, nil
	}
	known, err := n.standing(n.ctx, operator)
	if err != nil {
		return scheduler.Standing{}, err
	}
	if o != nil && o.Operator == operator {
		o.bond = known
	}
	return known.Standing, nil
}

// standing reads how an operator stands, once until all is forgotten.
func (s *scan) standing(ctx context.Context, operator string) (*bonded, error) {
	if known, ok := s.standings[operator]; ok {
		return known, nil
	}
	address, err := operatorNamed(operator)
	if err != nil {
		return nil, err
	}
	jailed, err := s.jailed(ctx, address)
	if err != nil {
		return nil, err
	}
	headroom, err := s.keeper.ports.Bond.Headroom(ctx, address)
	if err != nil {
		return nil, err
	}
	known := &bonded{scheduler.Standing{Jailed: jailed, Headroom: headroom.Sub(s.owes(operator))}, address}
	s.standings[operator] = known
	return known, nil
}

// addressOf is the address of an operator, which is decoded once for all that is known of it.
func (s *scan) addressOf(operator string) (sdk.AccAddress, error) {
	if known, ok := s.standings[operator]; ok {
		return known.address, nil
	}
	return operatorNamed(operator)
}

// jailed tells whether an operator is in jail.
func (s *scan) jailed(ctx context.Context, operator sdk.AccAddress) (bool, error) {
	if s.jails == nil {
		list, err := s.keeper.ports.Penalty.Jailed(ctx, maxJails+1)
		if err != nil {
			return false, err
		}
		s.jails = &jails{all: len(list) <= maxJails, of: make(map[string]struct{}, len(list))}
		for _, jailed := range list {
			s.jails.of[string(jailed)] = struct{}{}
		}
	}
	if _, known := s.jails.of[string(operator)]; known || s.jails.all {
		return known, nil
	}
	return s.keeper.ports.Penalty.IsJailed(ctx, operator)
}
