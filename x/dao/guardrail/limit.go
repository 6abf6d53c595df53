package guardrail

import (
	"fmt"
	"math/big"
)

const basisPoints = 10_000

// limit is what a rule makes of a present number.
type limit struct {
	kind kind
	// min and max are the rule's bounds, nil where there are none.
	min, max *big.Int
	// low and high are what one proposal may set; nil where nothing limits it.
	low, high *big.Int
}

// limitOf applies a rule to a present number. A number that is out of bounds, as in a network whose genesis chose it so, may
// stay and may move towards them.
func limitOf(k kind, rule Rule, present *big.Int) (limit, error) {
	l := limit{kind: k}
	var err error
	if l.min, err = bound(k, rule.Min); err != nil {
		return l, err
	}
	if l.max, err = bound(k, rule.Max); err != nil {
		return l, err
	}
	if k == natural {
		l.low = new(big.Int)
	}
	if l.min != nil {
		l.low = smaller(l.min, present)
	}
	if l.max != nil {
		l.high = larger(l.max, present)
	}
	if rule.Treatment == Free {
		return l, nil
	}
	change, err := changeOf(k, rule, present)
	if err != nil {
		return l, err
	}
	lowest, highest := new(big.Int).Sub(present, change), new(big.Int).Add(present, change)
	if l.low == nil || lowest.Cmp(l.low) > 0 {
		l.low = lowest
	}
	if l.high == nil || highest.Cmp(l.high) < 0 {
		l.high = highest
	}
	return l, nil
}

// changeOf is how far a number may move in one proposal.
func changeOf(k kind, rule Rule, present *big.Int) (*big.Int, error) {
	bps, step := rule.ChangeBps, steps[k]
	if bps == 0 {
		bps = DefaultChangeBps
	}
	if rule.Step != "" {
		var err error
		if step, err = read(k, rule.Step); err != nil {
			return nil, fmt.Errorf("rule %s: step: %w", rule.Field, err)
		}
	}
	change := new(big.Int).Mul(new(big.Int).Abs(present), new(big.Int).SetUint64(uint64(bps)))
	return larger(change.Quo(change, big.NewInt(basisPoints)), step), nil
}

// bound reads a bound of the table.
func bound(k kind, text string) (*big.Int, error) {
	if text == "" {
		return nil, nil
	}
	return read(k, text)
}

// check refuses a number outside the limit.
func (l limit) check(field string, present, proposed *big.Int) error {
	if l.allows(proposed) {
		return nil
	}
	return fmt.Errorf("%w: %s is %s and would be %s: one proposal may set it %s%s", ErrLimit, field,
		write(l.kind, present), write(l.kind, proposed), l.span(l.low, l.high), l.bounds())
}

func (l limit) allows(n *big.Int) bool {
	return (l.low == nil || n.Cmp(l.low) >= 0) && (l.high == nil || n.Cmp(l.high) <= 0)
}

// bounds names what holds for every proposal.
func (l limit) bounds() string {
	if l.min == nil && l.max == nil {
		return ""
	}
	return ", and it must stay " + l.span(l.min, l.max)
}

func (l limit) span(low, high *big.Int) string {
	switch {
	case low != nil && high != nil:
		return fmt.Sprintf("from %s to %s", write(l.kind, low), write(l.kind, high))
	case low != nil:
		return "to at least " + write(l.kind, low)
	case high != nil:
		return "to at most " + write(l.kind, high)
	}
	return "freely"
}

func smaller(a, b *big.Int) *big.Int {
	if a.Cmp(b) < 0 {
		return a
	}
	return b
}

func larger(a, b *big.Int) *big.Int {
	if a.Cmp(b) > 0 {
		return a
	}
	return b
}
