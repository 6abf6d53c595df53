package keeper_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/penalty/types"
)

func TestPunishByTheTable(t *testing.T) {
	rules := []struct {
		offence         types.Offence
		slashed, victim int64
		jail            time.Duration
	}{
		{types.OFFENCE_WRONG_RESULT, 1_000_000, 300_000, 24 * time.Hour},
		{types.OFFENCE_MISSING_PROOF, 500_000, 150_000, 6 * time.Hour},
		{types.OFFENCE_MISSED_COMMIT, 100_000, 30_000, 10 * time.Minute},
		{types.OFFENCE_UNDELIVERED_RESULT, 500_000, 150_000, time.Hour},
		{types.OFFENCE_FALSE_DELIVERY, 1_000_000, 300_000, 24 * time.Hour},
	}
	for _, rule := range rules {
		t.Run(rule.offence.String(), func(t *testing.T) {
			f := newFixture(t)
			op, victim := f.bonded("op", 10_000_000), banktest.Address("victim")
			supply := f.Supply()
			record := f.punish(op, rule.offence, victim)
			require.Equal(t, types.Record{
				Id: 1, Operator: op.String(), Offence: rule.offence, Subject: "job/7/1", Victim: victim.String(), At: f.Ctx.BlockTime(),
				Slashed: math.NewInt(rule.slashed), ToVictim: math.NewInt(rule.victim), Burnt: math.NewInt(rule.slashed - rule.victim),
			}, record)
			require.Equal(t, rule.victim, f.Balance(victim).Int64())
			require.Equal(t, record.Burnt, supply.Sub(f.Supply()), "supply before = after + burnt")
			require.True(t, f.ModuleBalance(types.ModuleName).IsZero())
			require.True(t, f.jailed(op))
			require.False(t, f.jailed(victim))
			res, err := f.query.Jail(f.Ctx, &types.QueryJailRequest{Operator: op.String()})
			require.NoError(t, err)
			require.Equal(t, f.Ctx.BlockTime().Add(rule.jail), res.Jail.Until)
			f.sound()
		})
	}
}

func TestPunishReachesUnbondingStake(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 10_000_000)
	_, err := f.bond.Unbond(f.Ctx, op, math.NewInt(10_000_000))
	require.NoError(t, err)
	require.Equal(t, "1000000", f.punish(op, types.OFFENCE_WRONG_RESULT, nil).Slashed.String())
	f.sound()
}

func TestPunishWithoutStake(t *testing.T) {
	f := newFixture(t)
	op := banktest.Address("nobody")
	record := f.punish(op, types.OFFENCE_WRONG_RESULT, banktest.Address("victim"))
	require.True(t, record.Slashed.IsZero() && record.ToVictim.IsZero() && record.Burnt.IsZero())
	require.True(t, f.jailed(op), "no stake doesn't keep one out of jail")
	f.sound()
}

// TestSharesThatAreBurnt: nobody, the offender itself and those who can't be paid get nothing.
func TestSharesThatAreBurnt(t *testing.T) {
	f := newFixture(t)
	op, refused := f.bonded("op", 10_000_000), banktest.Address("refused")
	f.bank.fails[refused.String()] = true
	for _, victim := range []sdk.AccAddress{nil, op, f.Auth.GetModuleAddress(types.ModuleName), refused} {
		supply := f.Supply()
		record := f.punish(op, types.OFFENCE_MISSED_COMMIT, victim)
		require.True(t, record.Slashed.IsPositive())
		require.True(t, record.ToVictim.IsZero())
		require.Equal(t, record.Slashed, record.Burnt)
		require.Equal(t, record.Burnt, supply.Sub(f.Supply()))
		f.sound()
	}
	require.True(t, f.Balance(op).IsZero())
}

// TestPunishingOneselfNeverPays: with the greatest share a victim can get, an operator and its own second account
// together lose at least half of every slash.
func TestPunishingOneselfNeverPays(t *testing.T) {
	f := newFixture(t)
	params := types.DefaultParams()
	params.VictimBps = 5_000
	require.NoError(t, f.k.SetParams(f.Ctx, params))
	op, second := f.bonded("op", 10_000_000), banktest.Address("second")
	for range 20 {
		record := f.punish(op, types.OFFENCE_WRONG_RESULT, second)
		require.False(t, record.ToVictim.GT(record.Burnt))
	}
	bonded, err := f.bond.Bonded(f.Ctx, op)
	require.NoError(t, err)
	lost := math.NewInt(10_000_000).Sub(bonded).Sub(f.Balance(second))
	require.False(t, lost.LT(f.Balance(second)))
	f.sound()
}

func TestPunishRefusals(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 10_000_000)
	good := types.Punishment{Operator: op, Offence: types.OFFENCE_WRONG_RESULT, Subject: "job/7/1"}
	cases := map[string]struct {
		spoil func(*types.Punishment)
		want  error
	}{
		"no operator":   {func(p *types.Punishment) { p.Operator = nil }, types.ErrOperator},
		"no offence":    {func(p *types.Punishment) { p.Offence = 0 }, types.ErrOffence},
		"other offence": {func(p *types.Punishment) { p.Offence = 6 }, types.ErrOffence},
		"negative":      {func(p *types.Punishment) { p.Offence = -1 }, types.ErrOffence},
		"no subject":    {func(p *types.Punishment) { p.Subject = "" }, types.ErrSubject},
		"long subject":  {func(p *types.Punishment) { p.Subject = strings.Repeat("a", 129) }, types.ErrSubject},
		"odd subject":   {func(p *types.Punishment) { p.Subject = "job 7\n" }, types.ErrSubject},
	}
	before := f.state()
	for name, c := range cases {
		p := good
		c.spoil(&p)
		_, err := f.k.Punish(f.Ctx, p)
		require.ErrorIs(t, err, c.want, name)
	}
	require.Equal(t, before, f.state())
	f.sound()
}
