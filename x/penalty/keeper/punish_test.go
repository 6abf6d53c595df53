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

// TestPunishByTheTable: each offence costs what the README's table says, and nobody gets anything before the window is over.
func TestPunishByTheTable(t *testing.T) {
	rules := []struct {
		offence types.Offence
		slashed int64
		jail    time.Duration
	}{
		{types.OFFENCE_WRONG_RESULT, 1_000_000, 24 * time.Hour},
		{types.OFFENCE_MISSING_PROOF, 500_000, 6 * time.Hour},
		{types.OFFENCE_MISSED_COMMIT, 100_000, 10 * time.Minute},
		{types.OFFENCE_UNDELIVERED_RESULT, 500_000, time.Hour},
		{types.OFFENCE_FALSE_DELIVERY, 1_000_000, 24 * time.Hour},
		{types.OFFENCE_MISSED_SPOT_CHECK, 50_000, 10 * time.Minute},
		{types.OFFENCE_FALSE_HARDWARE, 1_000_000, 7 * 24 * time.Hour},
		{types.OFFENCE_LOST_DISPUTE, 2_000_000, 3 * 24 * time.Hour},
		{types.OFFENCE_ABANDONED_LEASE, 300_000, time.Hour},
		{types.OFFENCE_SLA_BREACH, 50_000, 0},
		{types.OFFENCE_EXPIRED_ATTESTATION, 10_000, 0},
		{types.OFFENCE_EQUIVOCATION, 1_000_000, 7 * 24 * time.Hour},
	}
	require.Len(t, rules, len(types.Offence_name)-1)
	for _, rule := range rules {
		t.Run(rule.offence.String(), func(t *testing.T) {
			f := newFixture(t)
			op, victim, reporter := f.bonded("op", 10_000_000), banktest.Address("victim"), banktest.Address("reporter")
			supply := f.Supply()
			record, err := f.k.Punish(f.Ctx, types.Punishment{Operator: op, Offence: rule.offence, Subject: "job/7/1", Victim: victim, Reporter: reporter})
			require.NoError(t, err)
			want := types.Record{
				Id: 1, Operator: op.String(), Offence: rule.offence, Subject: "job/7/1", Victim: victim.String(), Reporter: reporter.String(),
				Status: types.RECORD_STATUS_HELD, At: f.Ctx.BlockTime(), ReleaseAt: f.Ctx.BlockTime().Add(appealWindow), Repetition: 1,
				Slashed: math.NewInt(rule.slashed), Own: math.NewInt(rule.slashed), SlashBps: uint32(rule.slashed / 1_000),
				ToVictim: math.ZeroInt(), ToReporter: math.ZeroInt(), Burnt: math.ZeroInt(),
			}
			if rule.jail > 0 {
				until := f.Ctx.BlockTime().Add(rule.jail)
				want.JailedUntil = &until
				require.Equal(t, until, f.until(op))
			}
			require.Equal(t, want, record)
			require.Equal(t, record, f.record(1))
			require.Equal(t, rule.jail > 0, f.jailed(op))
			require.False(t, f.jailed(victim))
			require.Equal(t, record.Slashed, f.ModuleBalance(types.ModuleName))

			f.Advance(appealWindow - time.Nanosecond)
			f.endBlock()
			require.Equal(t, types.RECORD_STATUS_HELD, f.record(1).Status, "not a nanosecond early")
			require.Equal(t, supply, f.Supply())
			f.Advance(time.Nanosecond)
			f.endBlock()
			record = f.record(1)
			require.Equal(t, types.RECORD_STATUS_SETTLED, record.Status)
			require.Equal(t, f.Ctx.BlockTime(), *record.SettledAt)
			require.Equal(t, rule.slashed*3/10, record.ToVictim.Int64())
			require.Equal(t, rule.slashed/10, record.ToReporter.Int64())
			require.Equal(t, record.ToVictim, f.Balance(victim))
			require.Equal(t, record.ToReporter, f.Balance(reporter))
			require.Equal(t, record.Burnt, supply.Sub(f.Supply()), "supply before = after + burnt")
			require.True(t, f.ModuleBalance(types.ModuleName).IsZero())
			require.Empty(t, f.errors.lines)
		})
	}
}

// TestPunishReachesUnbondingStake: what an operator has on its way out is slashed, and gives no share to anybody.
func TestPunishReachesUnbondingStake(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 10_000_000)
	_, err := f.bond.Unbond(f.Ctx, op, math.NewInt(6_000_000))
	require.NoError(t, err)
	record := f.punish(op, types.OFFENCE_WRONG_RESULT, nil)
	require.Equal(t, "1000000", record.Slashed.String())
	require.Equal(t, "400000", record.Own.String())
	f.sound()
}

// TestBackersLossIsBurnt: shares are parts of what the operator itself lost; what its backers lost enriches nobody.
func TestBackersLossIsBurnt(t *testing.T) {
	f := newFixture(t)
	op, backer, second := f.bonded("op", 10_000_000), f.Fund("backer", 90_000_000), banktest.Address("second")
	_, err := f.bond.Back(f.Ctx, backer, op, math.NewInt(90_000_000))
	require.NoError(t, err)
	record := f.punish(op, types.OFFENCE_WRONG_RESULT, second)
	require.Equal(t, "10000000", record.Slashed.String())
	require.Equal(t, "1000000", record.Own.String())
	f.Advance(appealWindow)
	f.endBlock()
	require.EqualValues(t, 300_000, f.Balance(second).Int64(), "not 30% of everything, which would be three times what op lost")
	require.EqualValues(t, 9_700_000, f.record(1).Burnt.Int64())
}

func TestPunishWithoutStake(t *testing.T) {
	f := newFixture(t)
	op := banktest.Address("nobody")
	record := f.punish(op, types.OFFENCE_WRONG_RESULT, banktest.Address("victim"))
	require.True(t, record.Slashed.IsZero())
	require.True(t, f.jailed(op), "no stake doesn't keep one out of jail")
	f.Advance(appealWindow)
	f.endBlock()
	require.Equal(t, types.RECORD_STATUS_SETTLED, f.record(1).Status)
	require.Empty(t, f.errors.lines)
}

// TestSharesThatAreBurnt: nobody, the offender itself and those who can't be paid get nothing, as victim and as reporter.
func TestSharesThatAreBurnt(t *testing.T) {
	f := newFixture(t)
	op, refused := f.bonded("op", 10_000_000), banktest.Address("refused")
	f.bank.fails[refused.String()] = true
	nobodies := []sdk.AccAddress{nil, op, f.Auth.GetModuleAddress(types.ModuleName), refused}
	for _, who := range nobodies {
		record, err := f.k.Punish(f.Ctx, types.Punishment{Operator: op, Offence: types.OFFENCE_MISSED_COMMIT, Subject: "job/7/1", Victim: who, Reporter: who})
		require.NoError(t, err)
		supply := f.Supply()
		f.Advance(appealWindow)
		f.endBlock()
		record = f.record(record.Id)
		require.True(t, record.Slashed.IsPositive())
		require.True(t, record.ToVictim.IsZero() && record.ToReporter.IsZero())
		require.Equal(t, record.Slashed, record.Burnt)
		require.Equal(t, record.Burnt, supply.Sub(f.Supply()))
	}
	require.True(t, f.Balance(op).IsZero())
	require.Len(t, f.errors.lines, 2, "a refused payment is logged")
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
		"other offence": {func(p *types.Punishment) { p.Offence = 13 }, types.ErrOffence},
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
