package keeper_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/penalty/types"
)

func TestUnjail(t *testing.T) {
	f := newFixture(t)
	op, other := f.bonded("op", 10_000_000), banktest.Address("other")
	unjail := func() error {
		_, err := f.msg.Unjail(f.Ctx, &types.MsgUnjail{Operator: op.String()})
		return err
	}
	require.ErrorIs(t, unjail(), types.ErrNotJailed)
	f.punish(op, types.OFFENCE_MISSED_COMMIT, nil)
	f.Advance(10*time.Minute - time.Nanosecond)
	require.ErrorIs(t, unjail(), types.ErrTerm)
	_, err := f.msg.Unjail(f.Ctx, &types.MsgUnjail{Operator: other.String()})
	require.ErrorIs(t, err, types.ErrNotJailed, "another can't do it")
	_, err = f.msg.Unjail(f.Ctx, &types.MsgUnjail{Operator: "op"})
	require.ErrorContains(t, err, "operator")
	f.Advance(time.Nanosecond)
	require.True(t, f.jailed(op), "jailed until it asks to leave")
	require.NoError(t, unjail())
	require.False(t, f.jailed(op))
	require.ErrorIs(t, unjail(), types.ErrNotJailed)
	f.sound()
}

func TestJailedIsBounded(t *testing.T) {
	f := newFixture(t)
	var want []sdk.AccAddress
	for _, name := range []string{"a", "b", "c"} {
		op := f.bonded(name, 10_000_000)
		f.punish(op, types.OFFENCE_WRONG_RESULT, nil)
		want = append(want, op)
	}
	slices.SortFunc(want, func(a, b sdk.AccAddress) int { return bytes.Compare(a, b) })
	for limit := range 5 {
		got, err := f.k.Jailed(f.Ctx, limit)
		require.NoError(t, err)
		require.Len(t, got, min(limit, 3))
		for i := range got {
			require.Equal(t, want[i], got[i])
		}
	}
}

func TestTermsAreNeverShortened(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 10_000_000)
	f.punish(op, types.OFFENCE_WRONG_RESULT, nil)
	long := f.until(op)
	f.punish(op, types.OFFENCE_MISSED_COMMIT, nil)
	require.Equal(t, long, f.until(op))
	f.Advance(23*time.Hour + 55*time.Minute)
	f.punish(op, types.OFFENCE_MISSED_COMMIT, nil)
	require.Equal(t, f.Ctx.BlockTime().Add(10*time.Minute), f.until(op), "but lengthened")
}

func TestRuleWithoutJail(t *testing.T) {
	f := newFixture(t)
	f.setParams(func(p *types.Params) { p.Rules[2].Jail = 0 })
	op := f.bonded("op", 10_000_000)
	f.punish(op, types.OFFENCE_MISSED_COMMIT, nil)
	require.False(t, f.jailed(op))
}
