package keeper_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/penalty/types"
)

// wealth is what an operator owns, in stake and in coins.
func (f *fixture) wealth(op sdk.AccAddress) int64 {
	f.T.Helper()
	stake, err := f.bond.Stake(f.Ctx, op)
	require.NoError(f.T, err)
	return stake.Bonded.Add(stake.Unbonding).Add(f.Balance(op)).Int64()
}

// TestGrantUndoesThePunishment: stake and bond come back to the unit, jail and tombstone are lifted, the count is undone.
func TestGrantUndoesThePunishment(t *testing.T) {
	f := newFixture(t)
	f.setParams(func(p *types.Params) { p.Rules[0].TombstoneAfter = 1 })
	op, victim := f.bonded("op", 10_000_000), banktest.Address("victim")
	supply := f.Supply()
	record := f.punish(op, types.OFFENCE_WRONG_RESULT, victim)
	require.True(t, record.Tombstoned)
	f.appeal(op, 1)
	require.Equal(t, record.Slashed.AddRaw(appealBond), f.ModuleBalance(types.ModuleName))
	f.sound()
	f.Advance(resolutionWindow - time.Nanosecond)
	f.endBlock()
	require.Equal(t, types.RECORD_STATUS_APPEALED, f.record(1).Status, "held through the whole window")
	f.resolve(1, true)
	f.sound()
	record = f.record(1)
	require.Equal(t, types.RECORD_STATUS_RESTORED, record.Status)
	require.Equal(t, types.APPEAL_OUTCOME_GRANTED, record.Appeal.Outcome)
	require.Equal(t, "seen", record.Appeal.Note)
	require.EqualValues(t, 10_000_000+appealBond, f.wealth(op))
	require.True(t, f.Balance(victim).IsZero())
	require.Equal(t, supply.AddRaw(appealBond), f.Supply())
	require.True(t, f.ModuleBalance(types.ModuleName).IsZero())
	require.False(t, f.jailed(op))
	require.EqualValues(t, 1, f.punish(op, types.OFFENCE_WRONG_RESULT, nil).Repetition)
	f.Advance(history)
	f.endBlock()
	require.Equal(t, []uint64{2}, records(f), "forgotten after the history")
}

// TestDenialLetsThePunishmentStand: what was slashed is split as ever, and the appeal's bond is burnt.
func TestDenialLetsThePunishmentStand(t *testing.T) {
	f := newFixture(t)
	op, victim := f.bonded("op", 10_000_000), banktest.Address("victim")
	f.punish(op, types.OFFENCE_WRONG_RESULT, victim)
	f.appeal(op, 1)
	supply := f.Supply()
	f.resolve(1, false)
	f.sound()
	record := f.record(1)
	require.Equal(t, types.RECORD_STATUS_SETTLED, record.Status)
	require.Equal(t, types.APPEAL_OUTCOME_DENIED, record.Appeal.Outcome)
	require.EqualValues(t, 300_000, f.Balance(victim).Int64())
	require.EqualValues(t, appealBond+700_000, supply.Sub(f.Supply()).Int64())
	require.EqualValues(t, appealBond, record.Appeal.Burnt.Int64())
	require.EqualValues(t, 9_000_000, f.wealth(op))
	require.True(t, f.jailed(op))
}

// TestAppealsDontHang: what governance leaves alone ends by itself. The punishment stands, the bond comes back.
func TestAppealsDontHang(t *testing.T) {
	f := newFixture(t)
	op, victim := f.bonded("op", 10_000_000), banktest.Address("victim")
	f.punish(op, types.OFFENCE_WRONG_RESULT, victim)
	f.Advance(appealWindow - time.Nanosecond)
	f.appeal(op, 1)
	f.Advance(resolutionWindow)
	f.endBlock()
	record := f.record(1)
	require.Equal(t, types.RECORD_STATUS_SETTLED, record.Status)
	require.Equal(t, types.APPEAL_OUTCOME_LAPSED, record.Appeal.Outcome)
	require.True(t, record.Appeal.Burnt.IsZero())
	require.EqualValues(t, 300_000, f.Balance(victim).Int64())
	require.EqualValues(t, 9_000_000+appealBond, f.wealth(op))
	require.Empty(t, f.errors.lines)
}

// TestBondOfWhoCantBePaid: an appeal's bond that can't be returned is burnt, and doesn't stop the end of the appeal.
func TestBondOfWhoCantBePaid(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 10_000_000)
	f.punish(op, types.OFFENCE_WRONG_RESULT, nil)
	f.appeal(op, 1)
	f.bank.fails[op.String()] = true
	f.Advance(resolutionWindow)
	f.endBlock()
	record := f.record(1)
	require.Equal(t, types.APPEAL_OUTCOME_LAPSED, record.Appeal.Outcome)
	require.Equal(t, record.Appeal.Bond, record.Appeal.Burnt)
	require.True(t, f.ModuleBalance(types.ModuleName).IsZero())
}

// TestOtherTermsStay: a granted appeal lifts what its record alone demands, whichever records are still open or final.
func TestOtherTermsStay(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 1_000_000_000)
	wrong := f.punish(op, types.OFFENCE_WRONG_RESULT, nil)      // 24 h
	missing := f.punish(op, types.OFFENCE_MISSING_PROOF, nil)   // 6 h
	hardware := f.punish(op, types.OFFENCE_FALSE_HARDWARE, nil) // 7 days
	require.Equal(t, *hardware.JailedUntil, f.until(op))
	f.appeal(op, hardware.Id)
	f.appeal(op, wrong.Id)
	f.resolve(wrong.Id, true)
	require.Equal(t, *hardware.JailedUntil, f.until(op), "not the longest")
	f.resolve(hardware.Id, true)
	require.Equal(t, *missing.JailedUntil, f.until(op), "what an open record demands")
	f.sound()

	f.Advance(appealWindow)
	f.endBlock()
	require.Equal(t, types.RECORD_STATUS_SETTLED, f.record(missing.Id).Status)
	proof := f.punish(op, types.OFFENCE_LOST_DISPUTE, nil) // 3 days
	f.setParams(func(p *types.Params) { p.AppealSeconds = 1 })
	firm := f.punish(op, types.OFFENCE_FALSE_DELIVERY, nil) // 24 h
	f.Advance(time.Second)
	f.endBlock()
	require.Equal(t, types.RECORD_STATUS_SETTLED, f.record(firm.Id).Status)
	f.appeal(op, proof.Id)
	f.resolve(proof.Id, true)
	require.Equal(t, *firm.JailedUntil, f.until(op), "what a settled record demands")
	f.sound()
}

// TestTombstoneOfAnotherRecordStays: each record's tombstone is lifted by its own appeal.
func TestTombstoneOfAnotherRecordStays(t *testing.T) {
	f := newFixture(t)
	f.setParams(func(p *types.Params) { p.Rules[0].TombstoneAfter, p.Rules[4].TombstoneAfter = 1, 1 })
	op := f.bonded("op", 1_000_000_000)
	first, second := f.punish(op, types.OFFENCE_WRONG_RESULT, nil), f.punish(op, types.OFFENCE_FALSE_DELIVERY, nil)
	f.appeal(op, first.Id)
	f.resolve(first.Id, true)
	f.Advance(48 * time.Hour)
	require.ErrorIs(t, f.k.Unjail(f.Ctx, op), types.ErrTombstoned)
	f.appeal(op, second.Id)
	f.resolve(second.Id, true)
	require.False(t, f.jailed(op))
	f.sound()
}

// TestTermThatIsOver: when what is left of a term is over, a granted appeal frees at once.
func TestTermThatIsOver(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 1_000_000_000)
	f.punish(op, types.OFFENCE_MISSED_COMMIT, nil) // 10 min
	wrong := f.punish(op, types.OFFENCE_WRONG_RESULT, nil)
	f.Advance(11 * time.Minute)
	f.appeal(op, wrong.Id)
	f.resolve(wrong.Id, true)
	require.False(t, f.jailed(op))
	f.sound()
}

// TestMoreTermsThanAreRead: with very many records an appeal gives the money back, and leaves the term as it is.
func TestMoreTermsThanAreRead(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 10_000_000)
	wrong := f.punish(op, types.OFFENCE_WRONG_RESULT, nil)
	for range 1_000 {
		f.punish(op, types.OFFENCE_SLA_BREACH, nil)
	}
	f.appeal(op, wrong.Id)
	f.resolve(wrong.Id, true)
	require.Equal(t, *wrong.JailedUntil, f.until(op))
	f.sound()
}

func TestAppealRefusals(t *testing.T) {
	f := newFixture(t)
	op, other := f.bonded("op", 10_000_000), f.Fund("other", appealBond)
	f.punish(op, types.OFFENCE_WRONG_RESULT, nil)
	appeal := func(who sdk.AccAddress, id uint64, reason string) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := f.msg.Appeal(ctx, &types.MsgAppeal{Operator: who.String(), RecordId: id, Reason: reason})
			return err
		}
	}
	f.refused(types.ErrNotFound, appeal(op, 2, "why"))
	f.refused(types.ErrNotYours, appeal(other, 1, "why"))
	f.refused(types.ErrText, appeal(op, 1, ""))
	f.refused(types.ErrText, appeal(op, 1, strings.Repeat("a", 513)))
	f.refused(types.ErrText, appeal(op, 1, "\xff"))
	f.refused(sdkerrors.ErrInsufficientFunds, appeal(op, 1, "why"))
	f.refused(types.ErrStatus, func(ctx context.Context) error { return f.k.ResolveAppeal(ctx, 1, true, "") })
	f.appeal(op, 1)
	f.Mint(op, sdk.NewInt64Coin(banktest.Denom, 3*appealBond))
	f.refused(types.ErrStatus, appeal(op, 1, "again"))
	f.resolve(1, false)
	f.refused(types.ErrStatus, appeal(op, 1, "and again"))
	f.refused(types.ErrStatus, func(ctx context.Context) error { return f.k.ResolveAppeal(ctx, 1, true, "") })

	f.punish(op, types.OFFENCE_WRONG_RESULT, nil)
	f.Advance(appealWindow)
	f.endBlock()
	f.refused(types.ErrStatus, appeal(op, 2, "too late"))
	f.refused(types.ErrNotFound, func(ctx context.Context) error { return f.k.ResolveAppeal(ctx, 9, true, "") })
}

func TestOnlyTheAuthorityResolves(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 10_000_000)
	f.punish(op, types.OFFENCE_WRONG_RESULT, nil)
	f.appeal(op, 1)
	for _, who := range []string{op.String(), f.Auth.GetModuleAddress(types.ModuleName).String(), "", "gov"} {
		f.refused(sdkerrors.ErrUnauthorized, func(ctx context.Context) error {
			_, err := f.msg.ResolveAppeal(ctx, &types.MsgResolveAppeal{Authority: who, RecordId: 1, Grant: true})
			return err
		})
	}
	f.refused(types.ErrText, func(ctx context.Context) error {
		_, err := f.msg.ResolveAppeal(ctx, &types.MsgResolveAppeal{Authority: f.Authority, RecordId: 1, Note: strings.Repeat("a", 513)})
		return err
	})
}
