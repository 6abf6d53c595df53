package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/penalty/types"
)

// TestRepetitionCostsMore: each repetition within its window adds to the fraction up to the rule's bound, others' and other
// offences don't, and each window takes one off again.
func TestRepetitionCostsMore(t *testing.T) {
	f := newFixture(t)
	op, other := f.bonded("op", 1_000_000_000), f.bonded("other", 1_000_000_000)
	bps := func() uint32 { return f.punish(op, types.OFFENCE_MISSED_COMMIT, nil).SlashBps }
	require.EqualValues(t, 100, bps())
	require.EqualValues(t, 150, bps())
	require.EqualValues(t, 500, f.punish(op, types.OFFENCE_MISSING_PROOF, nil).SlashBps, "another offence starts anew")
	require.EqualValues(t, 100, f.punish(other, types.OFFENCE_MISSED_COMMIT, nil).SlashBps, "another operator too")
	for range 17 {
		bps()
	}
	require.EqualValues(t, 1_000, bps(), "and never more than max_slash_bps")
	require.EqualValues(t, 1_000, bps())
	f.Advance(20 * 24 * time.Hour)
	require.EqualValues(t, 150, bps(), "21 in all, of which 20 lapsed, and this one")
	f.sound()
}

// TestConductIsForgotten: a count that lapsed leaves no state, looked at once or often.
func TestConductIsForgotten(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 1_000_000_000)
	count := func() uint32 {
		res, err := f.query.Conduct(f.Ctx, &types.QueryConductRequest{Operator: op.String()})
		require.NoError(t, err)
		if len(res.Conducts) == 0 {
			return 0
		}
		require.Len(t, res.Conducts, 1)
		return res.Conducts[0].Count
	}
	require.Zero(t, count())
	for range 3 {
		f.punish(op, types.OFFENCE_MISSED_COMMIT, nil)
	}
	for _, want := range []uint32{3, 2, 1} {
		require.Equal(t, want, count())
		f.endBlock()
		f.Advance(24 * time.Hour)
	}
	require.Zero(t, count())
	state, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Len(t, state.Conducts, 1)
	f.endBlock()
	state, err = f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Empty(t, state.Conducts)
}

// TestWindowThatIsTakenAway: governance may end the counting; what was counted goes at its next review.
func TestWindowThatIsTakenAway(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 1_000_000_000)
	f.punish(op, types.OFFENCE_MISSED_COMMIT, nil)
	f.setParams(func(p *types.Params) { p.Rules[2].RepetitionSeconds, p.Rules[2].EscalationBps = 0, 0 })
	require.EqualValues(t, 1, f.punish(op, types.OFFENCE_MISSED_COMMIT, nil).Repetition)
	f.Advance(24 * time.Hour)
	f.endBlock()
	state, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Empty(t, state.Conducts)
}

func TestTombstone(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 1_000_000_000)
	unjail := func() error {
		_, err := f.msg.Unjail(f.Ctx, &types.MsgUnjail{Operator: op.String()})
		return err
	}
	for want := uint32(1); want <= 2; want++ {
		record := f.punish(op, types.OFFENCE_FALSE_HARDWARE, nil)
		require.Equal(t, want, record.Repetition)
		require.False(t, record.Tombstoned)
		f.Advance(7 * 24 * time.Hour)
		require.NoError(t, unjail())
	}
	record := f.punish(op, types.OFFENCE_FALSE_HARDWARE, nil)
	require.True(t, record.Tombstoned)
	f.Advance(types.MaxJail)
	f.endBlock()
	f.Advance(history)
	f.endBlock()
	require.ErrorIs(t, unjail(), types.ErrTombstoned, "not when the record is long forgotten")
	require.True(t, f.jailed(op))
	require.Empty(t, records(f))
	res, err := f.query.Jail(f.Ctx, &types.QueryJailRequest{Operator: op.String()})
	require.NoError(t, err)
	require.True(t, res.Jail.Tombstoned && res.Jail.FirmTombstone)
}

// TestTombstoneWithoutJail: a rule may tombstone without jail time.
func TestTombstoneWithoutJail(t *testing.T) {
	f := newFixture(t)
	f.setParams(func(p *types.Params) { p.Rules[9].TombstoneAfter = 1 })
	op := banktest.Address("op")
	require.True(t, f.punish(op, types.OFFENCE_SLA_BREACH, nil).Tombstoned)
	require.True(t, f.jailed(op))
	require.ErrorIs(t, f.k.Unjail(f.Ctx, op), types.ErrTombstoned)
	f.sound()
}
