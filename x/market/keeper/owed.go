package keeper

import (
	"context"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/market/scheduler"
)

// owed is what assignments that share a context have still to lock of an operator's bond. A bond's record is large, and an operator often gets
// several of a block's jobs: its bond is locked once for all of them, before the context's writes are kept.
type owed struct {
	operator string
	amount   math.Int
}

// owe notes that an assignment locks a part of a bond.
func (s *scan) owe(choice scheduler.Placement) {
	if !choice.Exposure.IsPositive() {
		return
	}
	for i := range s.owing {
		if s.owing[i].operator == choice.Device.Operator {
			s.owing[i].amount = s.owing[i].amount.Add(choice.Exposure)
			return
		}
	}
	s.owing = append(s.owing, owed{choice.Device.Operator, choice.Exposure})
}

// owes is what is owed of an operator's bond, so that a bond read meanwhile has what is free of it.
func (s *scan) owes(operator string) math.Int {
	for _, o := range s.owing {
		if o.operator == operator {
			return o.amount
		}
	}
	return math.ZeroInt()
}

// settle locks what is owed, in the order of the assignments. Whatever else touches bonds must come after it.
func (s *scan) settle(ctx context.Context) error {
	for _, o := range s.owing {
		operator, err := s.addressOf(o.operator)
		if err != nil {
			return err
		}
		if err := s.keeper.ports.Bond.Expose(ctx, operator, o.amount); err != nil {
			return err
		}
	}
	s.owing = s.owing[:0]
	return nil
}
