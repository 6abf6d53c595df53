package keeper_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/beacon/keeper"
	"github.com/assaychain/assay/x/beacon/types"
)

func TestPublishedRoundsArePosted(t *testing.T) {
	for _, want := range published {
		f := newFixture(t, types.DefaultGenesis())
		f.fixAt(want.round, market)
		_, known, err := f.keeper.Randomness(f.ctx, 0, want.round)
		require.NoError(t, err)
		require.False(t, known)

		res, err := f.msgs.PostRound(f.ctx, &types.MsgPostRound{
			Relayer: relayer.String(), Round: want.round, Signature: unhex(want.signature),
		})
		require.NoError(t, err)
		require.Equal(t, want.randomness, hex.EncodeToString(res.Randomness))

		randomness, known, err := f.keeper.Randomness(f.ctx, 0, want.round)
		require.NoError(t, err)
		require.True(t, known)
		require.Equal(t, res.Randomness, randomness)
		record, err := f.keeper.Round(f.ctx, 0, want.round)
		require.NoError(t, err)
		require.Equal(t, relayer.String(), record.Relayer)
		require.Equal(t, f.ctx.BlockTime(), record.PostedAt)
		require.NoError(t, f.keeper.Invariants(f.ctx))
	}
}

func TestRoundsNobodyWaitsForAreRefused(t *testing.T) {
	f := newFixture(t, types.DefaultGenesis())
	f.fixAt(1, market)
	before := f.export()
	require.ErrorIs(t, f.post(2, unhex(published[1].signature)), types.ErrNotRequested)
	require.ErrorIs(t, f.post(0, unhex(published[1].signature)), types.ErrNotRequested)
	require.Equal(t, before, f.export())

	require.NoError(t, f.post(1, unhex(published[0].signature)))
	before = f.export()
	require.ErrorIs(t, f.post(1, unhex(published[0].signature)), types.ErrAlreadyPosted)
	require.Equal(t, before, f.export())
}

func TestBadSignaturesAreRefusedAndChangeNothing(t *testing.T) {
	f := newFixture(t, types.DefaultGenesis())
	f.fixAt(1, market)
	before := f.export()
	right := unhex(published[0].signature)
	require.ErrorIs(t, f.post(1, unhex(published[1].signature)), types.ErrSignature, "another round's")
	padded := append(bytes.Clone(right), make([]byte, len(right))...)
	for length := range 2*len(right) + 1 {
		if length != len(right) {
			require.ErrorIs(t, f.post(1, padded[:length]), types.ErrSignature, "length %d", length)
		}
	}
	for bit := range len(right) * 8 {
		mutant := bytes.Clone(right)
		mutant[bit/8] ^= 1 << (bit % 8)
		require.ErrorIs(t, f.post(1, mutant), types.ErrSignature, "bit %d", bit)
	}
	require.Equal(t, before, f.export())
	require.NoError(t, f.post(1, right))
}

func TestGasIsChargedBeforeTheWork(t *testing.T) {
	f := newFixture(t, types.DefaultGenesis())
	f.fixAt(1, market)
	for name, signature := range map[string][]byte{"right": unhex(published[0].signature), "wrong": unhex(published[1].signature), "short": {1}} {
		meter := storetypes.NewGasMeter(10_000_000)
		cached, _ := f.ctx.WithGasMeter(meter).CacheContext()
		_, err := f.keeper.PostRound(cached, relayer, 1, signature)
		require.Equal(t, name == "right", err == nil)
		require.GreaterOrEqual(t, meter.GasConsumed(), uint64(keeper.PostRoundGas), name)
	}
	short := f.ctx.WithGasMeter(storetypes.NewGasMeter(keeper.PostRoundGas - 1))
	require.Panics(t, func() { _, _ = f.keeper.PostRound(short, relayer, 1, unhex(published[0].signature)) })

	meter := storetypes.NewGasMeter(10_000_000)
	_, err := f.keeper.PostRound(f.ctx.WithGasMeter(meter), relayer, 9, unhex(published[0].signature))
	require.ErrorIs(t, err, types.ErrNotRequested)
	require.Less(t, meter.GasConsumed(), uint64(keeper.PostRoundGas), "a round nobody waits for is not verified")
}

func TestSenders(t *testing.T) {
	f := newFixture(t, types.DefaultGenesis())
	f.fixAt(1, market)
	_, err := f.msgs.PostRound(f.ctx, &types.MsgPostRound{Relayer: "cosmos1nobody", Round: 1, Signature: unhex(published[0].signature)})
	require.ErrorIs(t, err, types.ErrAddress)
	params := types.DefaultParams()
	params.MinDelaySeconds++
	for _, sender := range []string{"", relayer.String(), "nonsense"} {
		before := f.export()
		_, err := f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: sender, Params: params})
		require.Error(t, err)
		require.Equal(t, before, f.export())
	}
	_, err = f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: authority, Params: params})
	require.NoError(t, err)
	got, err := f.keeper.Params(f.ctx)
	require.NoError(t, err)
	require.Equal(t, params, got)
	_, err = f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: authority})
	require.ErrorIs(t, err, types.ErrParams)
}

func TestEvents(t *testing.T) {
	f := newFixture(t, types.DefaultGenesis())
	f.ctx = f.ctx.WithEventManager(sdk.NewEventManager())
	f.fixAt(1, market)
	f.fixAt(1, market)
	f.fixAt(1, "dao")
	require.Equal(t, 2, f.count("assay.beacon.v1.EventRoundRequested"), "one for each consumer")
	require.NoError(t, f.post(1, unhex(published[0].signature)))
	require.Equal(t, 1, f.count("assay.beacon.v1.EventRoundPosted"))
	_, params := development(t, 1)
	require.NoError(t, f.keeper.SetParams(f.ctx, params))
	params.MinDelaySeconds++
	require.NoError(t, f.keeper.SetParams(f.ctx, params))
	require.Equal(t, 1, f.count("assay.beacon.v1.EventChainReplaced"))
	require.Equal(t, 2, f.count("assay.beacon.v1.EventParamsUpdated"))
}

func (f *fixture) count(kind string) int {
	n := 0
	for _, event := range f.ctx.EventManager().Events() {
		if event.Type == kind {
			n++
		}
	}
	return n
}
