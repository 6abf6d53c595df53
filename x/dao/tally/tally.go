// Package tally counts votes so that every token counts once: for its owner when the owner votes, otherwise for whoever
// holds it when the holder votes, otherwise not at all. Holders are validators, for staked tokens, and operators, for bonded
// and backing ones; the arithmetic is the same for both.
package tally

import (
	"math/big"

	"cosmossdk.io/math"
)

// Option is a part of a vote.
type Option struct {
	Choice int32
	// Weight of the choice; the weights of a vote add up to 1.
	Weight math.LegacyDec
}

// Holding is what a voter owns of the tokens that stand with a holder.
type Holding struct {
	Holder string
	Power  math.LegacyDec
}

// Vote is one voter's.
type Vote struct {
	Options []Option
	// Holdings are the voter's own tokens.
	Holdings []Holding
	// Carries names the holders that vote with this vote, the voter itself in its capacity as validator or operator.
	Carries []string
}

// holder keeps what the tokens of a holder do in a count.
type holder struct {
	// tokens that stand with the holder, its own included.
	tokens math.LegacyDec
	// taken by owners who voted themselves.
	taken math.LegacyDec
	vote  []Option
}

// Count is a count under way. Votes may come in any order.
type Count struct {
	holders map[string]*holder
	// voting lists the holders that vote, in the order of their votes.
	voting  []*holder
	choices map[int32]math.LegacyDec
	turnout math.LegacyDec
}

// New returns a count without votes.
func New() *Count {
	return &Count{holders: map[string]*holder{}, choices: map[int32]math.LegacyDec{}, turnout: math.LegacyZeroDec()}
}

// Hold says how many tokens stand with a holder. It must be said of every holder that votes, before or after its vote.
func (c *Count) Hold(name string, tokens math.Int) {
	c.holder(name).tokens = math.LegacyNewDecFromInt(tokens)
}

func (c *Count) holder(name string) *holder {
	h, ok := c.holders[name]
	if !ok {
		h = &holder{tokens: math.LegacyZeroDec(), taken: math.LegacyZeroDec()}
		c.holders[name] = h
	}
	return h
}

// Vote counts a vote's own tokens and takes them from what their holders vote for others.
func (c *Count) Vote(v Vote) {
	for _, holding := range v.Holdings {
		h := c.holder(holding.Holder)
		h.taken = h.taken.Add(holding.Power)
		c.add(holding.Power, v.Options)
	}
	for _, name := range v.Carries {
		h := c.holder(name)
		if h.vote == nil {
			c.voting = append(c.voting, h)
		}
		h.vote = v.Options
	}
}

// Close adds what the holders vote for those who did not vote themselves. It ends the count.
func (c *Count) Close() {
	for _, h := range c.voting {
		if inherited := h.tokens.Sub(h.taken); inherited.IsPositive() {
			c.add(inherited, h.vote)
		}
	}
	c.voting = nil
}

// Turnout is the power that voted.
func (c *Count) Turnout() math.LegacyDec { return c.turnout }

// For is the power that voted for a choice. All choices together are the turnout.
func (c *Count) For(choice int32) math.LegacyDec {
	if power, ok := c.choices[choice]; ok {
		return power
	}
	return math.LegacyZeroDec()
}

// add divides power over the options by weight, rounded down; the last option gets the rest.
func (c *Count) add(power math.LegacyDec, options []Option) {
	if len(options) == 0 {
		return
	}
	rest := power
	for i, option := range options {
		part := rest
		if i < len(options)-1 {
			part = math.LegacyMinDec(rest, scale(power, option.Weight))
		}
		rest = rest.Sub(part)
		c.choices[option.Choice] = c.For(option.Choice).Add(part)
	}
	c.turnout = c.turnout.Add(power)
}

// scale multiplies by a weight, rounded down; a weight below zero counts as zero.
func scale(power, weight math.LegacyDec) math.LegacyDec {
	if !weight.IsPositive() {
		return math.LegacyZeroDec()
	}
	product := new(big.Int).Mul(power.BigInt(), weight.BigInt())
	return fromUnits(product.Quo(product, unit))
}

// unit is 1 in the smallest units of a decimal.
var unit = math.LegacyOneDec().BigInt()

// Part is what shares of a holder's total are worth in tokens, rounded down to the last decimal. Parts of the same holder
// together are never worth more than its tokens. Without any shares nothing is worth anything.
func Part(shares math.LegacyDec, tokens math.Int, total math.LegacyDec) math.LegacyDec {
	if !total.IsPositive() || !shares.IsPositive() {
		return math.LegacyZeroDec()
	}
	product := new(big.Int).Mul(shares.BigInt(), tokens.BigInt())
	product.Mul(product, unit)
	return fromUnits(product.Quo(product, total.BigInt()))
}

func fromUnits(units *big.Int) math.LegacyDec {
	return math.LegacyNewDecFromBigIntWithPrec(units, math.LegacyPrecision)
}

// Reached tells whether the turnout is at least a share of all power, in basis points.
func Reached(turnout math.LegacyDec, total math.Int, quorumBps uint32) bool {
	if !total.IsPositive() {
		return false
	}
	left := new(big.Int).Mul(turnout.BigInt(), big.NewInt(basisPoints))
	right := new(big.Int).Mul(total.BigInt(), unit)
	return left.Cmp(right.Mul(right, new(big.Int).SetUint64(uint64(quorumBps)))) >= 0
}

const basisPoints = 10_000
