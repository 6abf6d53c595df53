package qos

import "fmt"

// Tiers is the number of tiers; the lowest is 0.
const Tiers = 4

// Ladder is what the tiers above the lowest ask for.
type Ladder struct {
	// Enter are the qualities, in basis points, from which a device rises to tier 1, 2 and 3: ascending.
	Enter [Tiers - 1]uint32
	// Band is how far below a device must fall to leave its tier, so that none goes back and forth.
	Band uint32
}

// Validate checks that the tiers ascend, and that no band reaches below the tier beneath.
func (l Ladder) Validate() error {
	below := uint32(0)
	for i, enter := range l.Enter {
		if enter <= below || enter > Whole {
			return fmt.Errorf("tier %d begins at %d: it must be above %d and at most %d", i+1, enter, below, Whole)
		}
		if l.Band >= enter-below {
			return fmt.Errorf("band is %d: it must be less than the %d from tier %d to %d", l.Band, enter-below, i, i+1)
		}
		below = enter
	}
	return nil
}

// Next is the tier of a device of a tier after its quality became total.
func (l Ladder) Next(tier, total uint32) uint32 {
	tier = min(tier, Tiers-1)
	for tier < Tiers-1 && total >= l.Enter[tier] {
		tier++
	}
	for tier > 0 && total+l.Band < l.Enter[tier-1] {
		tier--
	}
	return tier
}
