package keeper_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/penalty/types"
)

// coalition is an operator with its second accounts, which report it to gain by it, and with a backer that isn't one of them.
type coalition struct {
	*scene
	op      sdk.AccAddress
	members []sdk.AccAddress
}

func newCoalition(t testing.TB, r *rapid.T) *coalition {
	s := newScene(t)
	c := &coalition{scene: s, op: s.ops[0], members: []sdk.AccAddress{s.ops[0], banktest.Address("second"), banktest.Address("third")}}
	s.Mint(c.op, sdk.NewInt64Coin(banktest.Denom, 3*appealBond))
	if behind := rapid.Int64Range(0, 500_000_000).Draw(r, "behind"); behind >= 1_000_000 {
		_, err := s.bond.Back(s.Ctx, s.Fund("backer", behind), c.op, math.NewInt(behind))
		require.NoError(r, err)
	}
	s.setParams(func(p *types.Params) {
		p.VictimBps = rapid.Uint32Range(0, 5_000).Draw(r, "victim share")
		p.ReporterBps, p.HistorySeconds = 5_000-p.VictimBps, types.MaxHistorySeconds
		for i := range p.Rules {
			rule := &p.Rules[i]
			rule.SlashBps = rapid.Uint32Range(0, 10_000).Draw(r, "slash")
			rule.EscalationBps = rapid.Uint32Range(0, 10_000).Draw(r, "escalation")
			rule.MaxSlashBps = rapid.Uint32Range(rule.SlashBps, 10_000).Draw(r, "max")
			rule.RepetitionSeconds = rapid.Uint64Range(1, types.MaxRepetitionSeconds).Draw(r, "window")
		}
	})
	return c
}

// coins is what the members own, once everything that unbonds is paid.
func (c *coalition) coins() math.Int {
	sum := math.ZeroInt()
	for _, member := range c.members {
		sum = sum.Add(c.Balance(member))
	}
	return sum
}

// stake is what the operator has bonded of its own.
func (c *coalition) stake(r *rapid.T) math.Int {
	backings, err := c.bond.BackingsOf(c.Ctx, c.op)
	require.NoError(r, err)
	if len(backings) == 0 {
		return math.ZeroInt()
	}
	require.Len(r, backings, 1)
	return backings[0].Amount
}

// leave turns everything the members have into coins.
func (c *coalition) leave(r *rapid.T) {
	c.setParams(func(p *types.Params) { p.MaxSettledPerBlock = 1_000 })
	c.Advance(appealWindow + resolutionWindow)
	c.follow(r)
	if own := c.stake(r); own.IsPositive() {
		_, err := c.bond.Unbond(c.Ctx, c.op, own)
		require.NoError(r, err)
	}
	c.Advance(22 * 24 * time.Hour)
	c.follow(r)
	c.follow(r)
}

// TestReportingOneselfNeverPays: over the whole table with any fractions, escalation and shares, with any stake of strangers
// behind the operator, and with appeals that are granted, denied or left alone, the operator's people together never end
// with more than they had, and with less as soon as one punishment that cost the operator something stands.
func TestReportingOneselfNeverPays(t *testing.T) {
	stood := 0
	rapid.Check(t, func(r *rapid.T) {
		c := newCoalition(t, r)
		before := c.coins().Add(c.stake(r))
		member := func(r *rapid.T, name string) sdk.AccAddress {
			return rapid.SampledFrom(append(c.members, nil)).Draw(r, name)
		}
		open := func(r *rapid.T) uint64 { return rapid.Uint64Range(1, 6).Draw(r, "record") }
		lost := math.ZeroInt()
		r.Repeat(map[string]func(*rapid.T){
			"punish": func(r *rapid.T) {
				_, err := c.k.Punish(c.Ctx, types.Punishment{
					Operator: c.op, Offence: types.Offence(rapid.Int32Range(1, 12).Draw(r, "offence")), Subject: "job/1/1",
					Victim: member(r, "victim"), Reporter: member(r, "reporter"),
				})
				require.NoError(r, err)
			},
			"report": func(r *rapid.T) {
				e := c.equivocation(c.op, c.keys[0], "epoch", rapid.Int64Range(0, 2).Draw(r, "ago"))
				c.try(func(ctx sdk.Context) error {
					_, err := c.k.SubmitEquivocation(ctx, member(r, "reporter"), e)
					return err
				})
			},
			"appeal": func(r *rapid.T) {
				c.try(func(ctx sdk.Context) error { _, err := c.k.Appeal(ctx, c.op, open(r), "why"); return err })
			},
			"resolve": func(r *rapid.T) {
				c.try(func(ctx sdk.Context) error {
					return c.k.ResolveAppeal(ctx, open(r), rapid.Bool().Draw(r, "grant"), "")
				})
			},
			"unbond": func(r *rapid.T) {
				c.try(func(ctx sdk.Context) error {
					_, err := c.bond.Unbond(ctx, c.op, math.NewInt(rapid.Int64Range(1_000_000, 30_000_000).Draw(r, "amount")))
					return err
				})
			},
			"wait": func(r *rapid.T) { c.Advance(time.Duration(rapid.Int64Range(0, int64(2*24*time.Hour)).Draw(r, "time"))) },
			"":     func(r *rapid.T) { c.endBlocks(r) },
		})
		c.leave(r)
		state, err := c.k.ExportGenesis(c.Ctx)
		require.NoError(r, err)
		for _, record := range state.Records {
			if record.Status == types.RECORD_STATUS_SETTLED {
				lost = lost.Add(record.Own)
			}
		}
		after := c.coins()
		require.False(r, after.GT(before), "%s before, %s after", before, after)
		if lost.IsPositive() {
			stood++
			require.True(r, after.LT(before), "%s before, %s after, though %s were lost", before, after, lost)
		}
		require.Empty(r, c.errors.lines)
	})
	require.Positive(t, stood, "some punishments must stand")
}

// TestReportingOneselfByTheTable: line by line of the default table, with the greatest backing that an operator may take,
// what its people get is at most half of what they lose.
func TestReportingOneselfByTheTable(t *testing.T) {
	for o := types.OFFENCE_WRONG_RESULT; o <= types.OFFENCE_EQUIVOCATION; o++ {
		f := newFixture(t)
		f.setParams(func(p *types.Params) { p.VictimBps, p.ReporterBps = 3_000, 2_000 })
		op := f.bonded("op", 10_000_000)
		_, err := f.bond.Back(f.Ctx, f.Fund("backer", 100_000_000), op, math.NewInt(100_000_000))
		require.NoError(t, err)
		second, third := banktest.Address("second"), banktest.Address("third")
		for i := range 6 {
			_, err := f.k.Punish(f.Ctx, types.Punishment{Operator: op, Offence: o, Subject: fmt.Sprint(i), Victim: second, Reporter: third})
			require.NoError(t, err)
		}
		f.Advance(appealWindow)
		f.endBlock()
		backings, err := f.bond.BackingsOf(f.Ctx, op)
		require.NoError(t, err)
		lost := math.NewInt(10_000_000).Sub(backings[0].Amount)
		got := f.Balance(second).Add(f.Balance(third))
		require.True(t, lost.IsPositive() && got.IsPositive(), o)
		require.False(t, got.MulRaw(2).GT(lost), "%s: got %s, lost %s", o, got, lost)
	}
}
