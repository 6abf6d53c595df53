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

const history = 30 * 24 * time.Hour

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

func TestPruning(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 10_000_000)
	for range 250 {
		f.punish(op, types.OFFENCE_MISSED_COMMIT, nil)
	}
	f.Advance(time.Second)
	f.punish(op, types.OFFENCE_MISSED_COMMIT, nil)
	f.Advance(history - time.Second - time.Nanosecond)
	require.NoError(t, f.k.EndBlock(f.Ctx))
	require.Len(t, records(f), 251, "not a nanosecond early")
	f.Advance(time.Nanosecond)
	for _, want := range []int{151, 51, 1, 1} {
		require.NoError(t, f.k.EndBlock(f.Ctx))
		require.Len(t, records(f), want)
		f.sound()
	}
	require.Equal(t, []uint64{251}, records(f), "the youngest stays")
	require.Equal(t, uint64(252), f.punish(op, types.OFFENCE_MISSED_COMMIT, nil).Id, "numbers aren't used again")
}

// TestHookCostDoesNotGrowWithState: with nothing to forget, a block costs the same whatever is kept.
func TestHookCostDoesNotGrowWithState(t *testing.T) {
	cost := func(punishments int) uint64 {
		f := newFixture(t)
		op := banktest.Address("op")
		for range punishments {
			f.punish(op, types.OFFENCE_MISSED_COMMIT, nil)
		}
		before := f.Ctx.GasMeter().GasConsumed()
		require.NoError(t, f.k.EndBlock(f.Ctx))
		return f.Ctx.GasMeter().GasConsumed() - before
	}
	few, many := cost(1), cost(1_000)
	require.Equal(t, few, many)
}

// TestSpoiltRecordStopsNobody: a record that can't be read is skipped; the others are forgotten and the block commits.
func TestSpoiltRecordStopsNobody(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("op", 10_000_000)
	for range 5 {
		f.punish(op, types.OFFENCE_MISSED_COMMIT, nil)
	}
	store := f.Raw(f.Ctx, types.StoreKey)
	spoilt := append(types.RecordsKey.Bytes(), 0, 0, 0, 0, 0, 0, 0, 2)
	require.True(t, store.Has(spoilt))
	store.Set(spoilt, []byte{0xff})
	f.Advance(history)
	require.NoError(t, f.k.EndBlock(f.Ctx))
	for id := byte(1); id <= 5; id++ {
		key := append(types.RecordsKey.Bytes(), 0, 0, 0, 0, 0, 0, 0, id)
		require.Equal(t, id == 2, store.Has(key), "record %d", id)
	}
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
	record := f.punish(op, types.OFFENCE_WRONG_RESULT, victim)
	require.Equal(t, record.ToVictim, f.Balance(victim), "nobody gets them")
	require.Equal(t, "9", f.ModuleBalance(types.ModuleName).String())
}
