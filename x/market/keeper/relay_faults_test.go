package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	beacontypes "github.com/assaychain/assay/x/beacon/types"
	storefaults "github.com/assaychain/assay/x/internal/faults"
	"github.com/assaychain/assay/x/market/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// relayBlock has two jobs whose relays are to be drawn, two whose hand-over is late for the first time, two for the last, and two whose
// relays have served.
func relayBlock(t *testing.T) *fixture {
	t.Helper()
	params := testParams()
	params.DisputeSeconds, params.DeliverySeconds, params.RelaySecondsPerMib, params.RelayWindowSeconds = 10_000, 40, 0, 35
	f := newFixtureWith(t, params)
	f.workers(4)
	f.relays(5)
	for range 8 {
		f.submit()
	}
	f.block(1)
	f.eight(func(job types.Job) { require.NoError(t, f.commitErr(f.commitMsg(job))) })
	f.block(5)
	f.post(f.job(1).Round)
	f.block(1)
	f.eight(func(job types.Job) { require.NoError(t, f.proveErr(f.proveMsg(job, 0))) })
	f.block(1)
	f.claimAndDraw(3, 4)
	f.wait(41)
	f.drawAll(3, 4)
	f.claimAndDraw(5, 6, 7, 8)
	for id := uint64(5); id <= 6; id++ {
		job := f.job(id)
		require.NoError(t, f.handOverErr(f.handOverMsg(job, f.boxOf(job, resultBlob, resultBlob), 2)))
	}
	for id := uint64(1); id <= 2; id++ {
		require.NoError(t, f.claimRelayedErr(f.customer, id))
	}
	f.block(5)
	f.post(f.job(1).RelayRound)
	f.Advance(45 * 1e9)
	return f
}

// eight does something with each of the eight jobs.
func (f *fixture) eight(step func(types.Job)) {
	for id := uint64(1); id <= 8; id++ {
		step(f.job(id))
	}
}

func (f *fixture) claimAndDraw(ids ...uint64) {
	for _, id := range ids {
		require.NoError(f.T, f.claimRelayedErr(f.customer, id))
	}
	f.drawAll(ids...)
}

func (f *fixture) drawAll(ids ...uint64) {
	f.block(5)
	f.post(f.job(ids[0]).RelayRound)
	f.block(1)
	for _, id := range ids {
		f.requireState(id, types.JOB_STATE_RELAYING)
	}
}

// TestRelaysSurviveEveryFault: every store operation of the hook fails once while relays are drawn, missed, missed for the last time and
// paid, in the market's store and in those of the modules below it.
func TestRelaysSurviveEveryFault(t *testing.T) {
	f := relayBlock(t)
	heads := []storefaults.Head{
		{Store: types.StoreKey, Prefix: types.DuePrefix.Bytes()}, {Store: types.StoreKey, Prefix: types.WaitingPrefix.Bytes()},
		{Store: types.StoreKey, Prefix: types.OpenPrefix.Bytes()}, {Store: types.StoreKey, Prefix: types.VerifyPrefix.Bytes()},
		{Store: types.StoreKey, Prefix: types.PrunePrefix.Bytes()}, {Store: beacontypes.StoreKey, Prefix: beacontypes.ReadyPrefix.Bytes()},
		{Store: types.StoreKey, Prefix: types.ParamsKey.Bytes(), Halts: true}, {Store: types.StoreKey, Prefix: types.ClockKey.Bytes(), Halts: true},
	}
	storefaults.Walk(t, f.Faults, storefaults.Scene{
		Ctx: f.Ctx, Hook: f.k.EndBlock, Modules: []string{types.ModuleName, registrytypes.ModuleName}, Heads: heads, Items: f.lives,
		Check: func(ctx sdk.Context) error { return f.k.Invariants(ctx) },
		Later: func(ctx sdk.Context) sdk.Context { return ctx.WithBlockTime(ctx.BlockTime().Add(31 * 1e9)) },
		Every: 5,
	})
}
