package types

import (
	"github.com/assaychain/assay/x/bond/stake"
)

// NewStake makes the record of an operator's position.
func NewStake(operator string, p stake.Position) Stake {
	return Stake{Operator: operator, Bonded: p.Bonded, Unbonding: p.Unbonding, Exposure: p.Exposure, Requirement: p.Requirement}
}

// Position is the record's amounts.
func (s Stake) Position() stake.Position {
	return stake.Position{Bonded: s.Bonded, Unbonding: s.Unbonding, Exposure: s.Exposure, Requirement: s.Requirement}
}
