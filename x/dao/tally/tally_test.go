package tally_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/dao/tally"
)

const (
	people  = 6
	choices = 4
)

// world is who holds how many tokens with whom, and who votes what. Everybody is a holder.
type world struct {
	// tokens[holder][owner]
	tokens [people][people]int64
	votes  [people][]tally.Option
}

func draw(t *rapid.T) world {
	var w world
	for h := range people {
		for o := range people {
			w.tokens[h][o] = rapid.Int64Range(0, 1_000_000).Draw(t, "tokens")
		}
		if rapid.Bool().Draw(t, "votes") {
			w.votes[h] = options(t)
		}
	}
	return w
}

// options is a vote for one choice, or for some in tenths.
func options(t *rapid.T) (list []tally.Option) {
	rest := int64(10)
	for choice := int32(1); choice <= choices && rest > 0; choice++ {
		weight := rapid.Int64Range(0, rest).Draw(t, "weight")
		if choice == choices {
			weight = rest
		}
		if weight > 0 {
			list = append(list, tally.Option{Choice: choice, Weight: math.LegacyNewDecWithPrec(weight, 1)})
		}
		rest -= weight
	}
	return list
}

// count counts the world's votes in a given order.
func (w world) count(order []int) *tally.Count {
	c := tally.New()
	for _, v := range order {
		vote := tally.Vote{Options: w.votes[v], Carries: []string{fmt.Sprint(v)}}
		total := int64(0)
		for h := range people {
			if w.tokens[h][v] > 0 {
				vote.Holdings = append(vote.Holdings, tally.Holding{Holder: fmt.Sprint(h), Power: math.LegacyNewDec(w.tokens[h][v])})
			}
			total += w.tokens[v][h]
		}
		c.Hold(fmt.Sprint(v), math.NewInt(total))
		c.Vote(vote)
	}
	c.Close()
	return c
}

// model goes through the tokens one owner and holder at a time: the owner's vote if there is one, or else the holder's.
func (w world) model() (results [choices + 1]math.LegacyDec, turnout math.LegacyDec) {
	for i := range results {
		results[i] = math.LegacyZeroDec()
	}
	turnout = math.LegacyZeroDec()
	for h := range people {
		for o := range people {
			vote := w.votes[o]
			if vote == nil {
				vote = w.votes[h]
			}
			if vote == nil {
				continue
			}
			tokens := math.LegacyNewDec(w.tokens[h][o])
			turnout = turnout.Add(tokens)
			for _, option := range vote {
				results[option.Choice] = results[option.Choice].Add(tokens.Mul(option.Weight))
			}
		}
	}
	return results, turnout
}

func (w world) voters() (list []int) {
	for v := range people {
		if w.votes[v] != nil {
			list = append(list, v)
		}
	}
	return list
}

// TestEveryTokenCountsOnce: owner first, else holder, else nobody; whatever the order of the votes.
func TestEveryTokenCountsOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := draw(t)
		results, turnout := w.model()
		voters := w.voters()
		for range 2 {
			c := w.count(voters)
			require.Equal(t, turnout.String(), c.Turnout().String())
			for choice := int32(1); choice <= choices; choice++ {
				require.Equal(t, results[choice].String(), c.For(choice).String(), "choice %d", choice)
			}
			if len(voters) > 0 {
				voters = rapid.Permutation(voters).Draw(t, "order")
			}
		}
	})
}

// TestPartsNeverExceedTheWhole: shares that don't divide lose the last decimal, never gain one, and what is lost stays with
// the holder's vote.
func TestPartsNeverExceedTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tokens := math.NewInt(rapid.Int64Range(0, 1<<62).Draw(t, "tokens"))
		n := rapid.IntRange(1, 20).Draw(t, "owners")
		shares, total := make([]math.LegacyDec, n), math.LegacyZeroDec()
		for i := range shares {
			shares[i] = math.LegacyNewDecWithPrec(rapid.Int64Range(0, 1<<62).Draw(t, "shares"), rapid.Int64Range(0, 18).Draw(t, "precision"))
			total = total.Add(shares[i])
		}
		sum, c := math.LegacyZeroDec(), tally.New()
		c.Hold("h", tokens)
		for i := range shares {
			part := tally.Part(shares[i], tokens, total)
			require.False(t, part.IsNegative())
			sum = sum.Add(part)
			if i > 0 {
				c.Vote(tally.Vote{Options: []tally.Option{{Choice: 2, Weight: math.LegacyOneDec()}}, Holdings: []tally.Holding{{Holder: "h", Power: part}}})
			}
		}
		whole := math.LegacyNewDecFromInt(tokens)
		require.True(t, sum.LTE(whole), "%s of %s", sum, whole)
		if total.IsPositive() {
			require.True(t, whole.Sub(sum).LTE(math.LegacyNewDecWithPrec(int64(n), 18)), "%s of %s", sum, whole)
		}
		c.Vote(tally.Vote{Options: []tally.Option{{Choice: 1, Weight: math.LegacyOneDec()}}, Carries: []string{"h"}})
		c.Close()
		require.Equal(t, whole.String(), c.Turnout().String(), "with the holder's vote every token counts")
		require.Equal(t, whole.String(), c.For(1).Add(c.For(2)).String())
	})
}

func TestPartOfNothing(t *testing.T) {
	one := math.LegacyOneDec()
	require.True(t, tally.Part(one, math.NewInt(5), math.LegacyZeroDec()).IsZero(), "no shares at all")
	require.True(t, tally.Part(one.Neg(), math.NewInt(5), one).IsZero(), "shares below zero")
}

// TestStrangeWeights: weights that gov would not accept neither make nor lose power.
func TestStrangeWeights(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := tally.New()
		var list []tally.Option
		for range rapid.IntRange(1, 5).Draw(t, "options") {
			list = append(list, tally.Option{
				Choice: rapid.Int32Range(1, 4).Draw(t, "choice"), Weight: math.LegacyNewDecWithPrec(rapid.Int64().Draw(t, "weight"), 18),
			})
		}
		power := math.LegacyNewDecWithPrec(rapid.Int64Range(0, 1<<62).Draw(t, "power"), 9)
		c.Vote(tally.Vote{Options: list, Holdings: []tally.Holding{{Holder: "h", Power: power}}})
		c.Close()
		sum := math.LegacyZeroDec()
		for choice := range int32(5) {
			require.False(t, c.For(choice).IsNegative())
			sum = sum.Add(c.For(choice))
		}
		require.Equal(t, power.String(), sum.String())
	})
}

func TestReached(t *testing.T) {
	for _, c := range []struct {
		turnout int64
		total   int64
		bps     uint32
		want    bool
	}{{50, 100, 5_000, true}, {49, 100, 5_000, false}, {0, 0, 0, false}, {100, 100, 10_000, true}, {1, 3, 3_333, true}, {1, 3, 3_334, false}} {
		require.Equal(t, c.want, tally.Reached(math.LegacyNewDec(c.turnout), math.NewInt(c.total), c.bps), "%+v", c)
	}
}
