package keeper_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/penalty/types"
)

// records lists what is still readable.
func records(f *fixture) []uint64 {
	f.T.Helper()
	state, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(f.T, err)
	var ids []uint64
	for _, record := range state.Records {
		ids = append(ids, record.Id)
	}
	return ids
}

// held counts the records that are not settled.
func held(f *fixture) int {
	f.T.Helper()
	state, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(f.T, err)
	open := 0
	for _, record := range state.Records {
		if record.Open() {
			open++
		}
	}
	return open
}

// TestBlocksAreBounded: what is due at once is settled and forgotten over several blocks, the oldest first.
func TestBlocksAreBounded(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 10_000_000)
	for range 250 {
		f.punish(op, types.OFFENCE_SLA_BREACH, nil)
	}
	f.Advance(time.Second)
	f.punish(op, types.OFFENCE_SLA_BREACH, nil)
	f.Advance(appealWindow - time.Second)
	for _, want := range []int{151, 51, 1, 1} {
		f.endBlock()
		require.Equal(t, want, held(f))
	}
	f.Advance(time.Second)
	f.endBlock()
	require.Zero(t, held(f))
	f.Advance(history - time.Second - time.Nanosecond)
	f.endBlock()
	require.Len(t, records(f), 251, "not a nanosecond early")
	f.Advance(time.Nanosecond)
	for _, want := range []int{151, 51, 1, 1} {
		f.endBlock()
		require.Len(t, records(f), want)
	}
	require.Equal(t, []uint64{251}, records(f), "the youngest stays")
	require.Equal(t, uint64(252), f.punish(op, types.OFFENCE_SLA_BREACH, nil).Id, "numbers aren't used again")
	require.Empty(t, f.errors.lines)
}

// TestHistoryBeginsWithTheSettlement: a record outlives any history while its stake is held.
func TestHistoryBeginsWithTheSettlement(t *testing.T) {
	f := newFixture(t)
	f.setParams(func(p *types.Params) { p.HistorySeconds = 1 })
	op := f.bonded("op", 10_000_000)
	f.punish(op, types.OFFENCE_WRONG_RESULT, nil)
	f.appeal(op, 1)
	f.Advance(resolutionWindow - time.Second)
	f.endBlock()
	require.Equal(t, []uint64{1}, records(f))
	f.Advance(time.Second)
	f.endBlock()
	require.Equal(t, []uint64{1}, records(f))
	f.Advance(time.Second)
	f.endBlock()
	require.Empty(t, records(f))
}

// TestHookCostDoesNotGrowWithState: with nothing due, a block costs the same however many records and counts wait.
func TestHookCostDoesNotGrowWithState(t *testing.T) {
	cost := func(punishments int) uint64 {
		f := newFixture(t)
		for i := range punishments {
			f.punish(banktest.Address(fmt.Sprint(i)), types.OFFENCE_MISSED_COMMIT, nil)
		}
		before := f.Ctx.GasMeter().GasConsumed()
		require.NoError(t, f.k.EndBlock(f.Ctx))
		return f.Ctx.GasMeter().GasConsumed() - before
	}
	few, many := cost(1), cost(1_000)
	t.Logf("gas of an idle block: %d with 1 record waiting, %d with 1,000", few, many)
	require.Equal(t, few, many)
}

// TestDueCostDoesNotGrowWithState: settling one record costs the same whatever waits beside it.
func TestDueCostDoesNotGrowWithState(t *testing.T) {
	cost := func(waiting int) uint64 {
		f := newFixture(t)
		f.punish(f.bonded("op", 10_000_000), types.OFFENCE_WRONG_RESULT, banktest.Address("victim"))
		f.Advance(2 * time.Second)
		for i := range waiting {
			f.punish(banktest.Address(fmt.Sprint(i)), types.OFFENCE_EQUIVOCATION, nil)
		}
		f.Advance(appealWindow - time.Second)
		before := f.Ctx.GasMeter().GasConsumed()
		require.NoError(t, f.k.EndBlock(f.Ctx))
		spent := f.Ctx.GasMeter().GasConsumed() - before
		require.Equal(t, waiting, held(f))
		return spent
	}
	few, many := cost(1), cost(1_000)
	t.Logf("gas of settling one record: %d with 1 waiting, %d with 1,000", few, many)
	require.Equal(t, few, many)
}

// TestFailedSettlementIsTriedAgain: what can't be settled waits an hour, holds up nobody and loses no coin.
func TestFailedSettlementIsTriedAgain(t *testing.T) {
	f := newFixture(t)
	f.setParams(func(p *types.Params) { p.MaxSettledPerBlock = 1 })
	op, victim := f.bonded("op", 10_000_000), banktest.Address("victim")
	f.punish(op, types.OFFENCE_WRONG_RESULT, victim)
	f.Advance(time.Second)
	free := f.punish(banktest.Address("nobody"), types.OFFENCE_WRONG_RESULT, nil)
	f.Advance(appealWindow)
	f.bank.burns = true
	f.endBlock()
	require.Equal(t, types.RECORD_STATUS_HELD, f.record(1).Status)
	require.True(t, f.Balance(victim).IsZero(), "all or nothing")
	require.Len(t, f.errors.lines, 1)
	f.endBlock()
	require.Equal(t, types.RECORD_STATUS_SETTLED, f.record(free.Id).Status, "the next one is not held up")
	f.bank.burns = false
	f.Advance(time.Hour - time.Nanosecond)
	f.endBlock()
	require.Equal(t, types.RECORD_STATUS_HELD, f.record(1).Status)
	f.Advance(time.Nanosecond)
	f.endBlock()
	require.Equal(t, types.RECORD_STATUS_SETTLED, f.record(1).Status)
	require.EqualValues(t, 300_000, f.Balance(victim).Int64())
}

// TestSpoiltRecordStopsNobody: a record that can't be read is skipped for good; the others are settled and forgotten.
func TestSpoiltRecordStopsNobody(t *testing.T) {
	f := newFixture(t)
	f.setParams(func(p *types.Params) { p.MaxSettledPerBlock, p.MaxPrunedPerBlock = 2, 2 })
	op := f.bonded("op", 10_000_000)
	for range 5 {
		f.punish(op, types.OFFENCE_SLA_BREACH, nil)
	}
	store := f.Raw(f.Ctx, types.StoreKey)
	key := func(id byte) []byte { return append(types.RecordsKey.Bytes(), 0, 0, 0, 0, 0, 0, 0, id) }
	require.True(t, store.Has(key(2)))
	store.Set(key(2), []byte{0xff})
	f.Advance(appealWindow)
	for range 3 {
		require.NoError(t, f.k.EndBlock(f.Ctx))
	}
	store.Set(key(3), []byte{0xff})
	f.Advance(history)
	for range 3 {
		require.NoError(t, f.k.EndBlock(f.Ctx))
	}
	for id := byte(1); id <= 5; id++ {
		require.Equal(t, id == 2 || id == 3, store.Has(key(id)), "record %d", id)
	}
	lines := len(f.errors.lines)
	require.Positive(t, lines)
	f.Advance(history)
	require.NoError(t, f.k.EndBlock(f.Ctx))
	require.Len(t, f.errors.lines, lines, "what can't be read is not tried again")
}

func TestUnsolicitedCoins(t *testing.T) {
	f := newFixture(t)
	op, victim := f.bonded("op", 10_000_000), banktest.Address("victim")
	module := f.Auth.GetModuleAddress(types.ModuleName)
	require.True(t, f.Bank.BlockedAddr(module))
	for i := range 100 {
		f.Mint(module, sdk.NewInt64Coin(fmt.Sprintf("dust%d", i), 1))
	}
	f.sound()
	f.Mint(module, sdk.NewInt64Coin(banktest.Denom, 9))
	require.ErrorContains(t, f.k.Invariants(f.Ctx), "difference 9", "the invariant sees them")
	f.punish(op, types.OFFENCE_WRONG_RESULT, victim)
	f.Advance(appealWindow)
	require.NoError(t, f.k.EndBlock(f.Ctx))
	require.EqualValues(t, 300_000, f.Balance(victim).Int64(), "nobody gets them")
	require.Equal(t, "9", f.ModuleBalance(types.ModuleName).String())
}
