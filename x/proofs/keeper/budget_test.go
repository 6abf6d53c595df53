package keeper_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/proofs/keeper"
	"github.com/assaychain/assay/x/proofs/types"
)

func (f *fixture) spend(ctx sdk.Context, units uint64) bool {
	fits, err := f.keeper.Spend(ctx, units)
	require.NoError(f.t, err)
	return fits
}

func TestABlockSpendsWhatItMay(t *testing.T) {
	f := newFixture(t)
	require.NoError(t, f.setParams(func(p *types.Params) { p.UnitsPerBlock = 1_000 }))
	require.True(t, f.spend(f.ctx, 600))
	require.False(t, f.spend(f.ctx, 401))
	require.True(t, f.spend(f.ctx, 400))
	require.False(t, f.spend(f.ctx, 1))
	next := f.ctx.WithBlockHeight(f.ctx.BlockHeight() + 1)
	require.True(t, f.spend(next, 5_000), "the first item of a block always fits")
	require.False(t, f.spend(next, 1))
	require.True(t, f.spend(next.WithBlockHeight(9), math.MaxUint64))
	require.False(t, f.spend(next.WithBlockHeight(9), math.MaxUint64))
}

func TestSpendingIsBounded(t *testing.T) {
	f := newFixture(t)
	rapid.Check(t, func(t *rapid.T) {
		ctx, _ := f.ctx.CacheContext()
		params := types.DefaultParams()
		params.UnitsPerBlock = rapid.Uint64Range(types.MinUnits, types.MaxUnits).Draw(t, "units per block")
		require.NoError(t, f.keeper.InitGenesis(ctx.WithChainID(developmentChain), &types.GenesisState{Params: params}))
		var spent uint64
		for _, units := range rapid.SliceOf(rapid.OneOf(rapid.Uint64Range(0, 2*types.MaxUnits), rapid.Uint64())).Draw(t, "items") {
			want := spent == 0 || (units <= params.UnitsPerBlock && spent+units <= params.UnitsPerBlock && spent+units >= spent)
			require.Equal(t, want, f.spend(ctx, units))
			if want {
				spent += units
			}
		}
	})
}

func TestFailedBatchesCostTheBlock(t *testing.T) {
	f := newFixture(t)
	require.NoError(t, f.setParams(func(p *types.Params) { p.UnitsPerBlock = f.keeper.Units(2) + keeper.SearchUnits(2) }))
	digests, proofs := batch(t, 2)
	require.True(t, f.spend(f.ctx, f.keeper.Units(2)))
	valid, _, err := f.keeper.VerifyBatch(f.ctx, small, digests, [][]byte{proofs[1], proofs[0]})
	require.NoError(t, err)
	require.False(t, valid)
	require.False(t, f.spend(f.ctx, 1), "looking for the bad proof used up the rest")

	next := f.ctx.WithBlockHeight(6)
	require.True(t, f.spend(next, f.keeper.Units(2)))
	valid, at, err := f.keeper.VerifyBatch(next, small, [][]byte{digests[1], digests[0]}, [][]byte{proofs[0], nil})
	require.NoError(t, err)
	require.False(t, valid)
	require.Equal(t, 1, at, "a malformed proof is found without verifying the other")
	require.True(t, f.spend(next, keeper.SearchUnits(2)), "and costs no more than was spent for the batch")
}

func TestSearchingHalves(t *testing.T) {
	for proofs, batches := range map[int]uint64{-1: 0, 1: 0, 2: 1, 3: 2, 4: 2, 5: 3, 64: 6, 512: 9} {
		require.Equal(t, keeper.BatchUnits*batches+keeper.ProofUnits*uint64(max(proofs, 1)), keeper.SearchUnits(proofs))
	}
	require.Equal(t, keeper.SearchUnits(math.MaxInt32), keeper.SearchUnits(math.MaxInt), "saturates")
}

func TestGasIsChargedPerProof(t *testing.T) {
	f := newFixture(t)
	charged := func(samples int) uint64 {
		meter := storetypes.NewInfiniteGasMeter()
		f.keeper.Charge(f.ctx.WithGasMeter(meter), samples)
		return meter.GasConsumed()
	}
	require.Equal(t, f.keeper.Units(-5), f.keeper.Units(0))
	require.Equal(t, f.keeper.Units(math.MaxInt), f.keeper.Units(math.MaxInt32), "saturates")
	for _, samples := range []int{1, 16, 64} {
		require.EqualValues(t, (f.keeper.Units(samples)+uint64(samples)*keeper.DecodeUnits)*keeper.GasPerUnit, charged(samples))
		require.Greater(t, charged(samples), charged(samples-1))
	}
	short := f.ctx.WithGasMeter(storetypes.NewGasMeter(charged(4) - 1))
	require.Panics(t, func() { f.keeper.Charge(short, 4) })
}

// What BenchmarkVerifyUnits gave on the reference machine, in microseconds of CPU time.
const (
	recordedAlone, recordedFurther, recordedCheck, recordedDecode, recordedSignature = 1_295, 283, 1_010, 86, 180
)

// TestUnitsCoverWhatWasMeasured keeps the constants at or above what was measured, and below half as much again.
func TestUnitsCoverWhatWasMeasured(t *testing.T) {
	f := newFixture(t)
	for name, c := range map[string]struct{ constant, recorded uint64 }{
		"one proof": {f.keeper.Units(1), recordedAlone}, "a further proof": {keeper.ProofUnits, recordedFurther}, "a check of a search": {f.keeper.Units(0), recordedCheck},
		"decoding": {keeper.DecodeUnits, recordedDecode}, "gas of a unit": {keeper.GasPerUnit * recordedSignature, 1_000},
	} {
		require.GreaterOrEqual(t, c.constant, c.recorded, name)
		require.Less(t, 2*c.constant, 3*c.recorded, name)
	}
}

// BenchmarkVerifyUnits justifies the costs in budget.go, in microseconds of CPU time: a batch of 1, 16 and 64, one that fails, and a
// proof decoded. It also reports a secp256k1 verification, which costs 1,000 gas, in the same run, and the constants themselves.
func BenchmarkVerifyUnits(b *testing.B) {
	f := newFixture(b)
	digests, proofs := batch(b, 64)
	account := secp256k1.GenPrivKey()
	signed, err := account.Sign(digests[0])
	require.NoError(b, err)
	public := account.PubKey()
	verify := func(n int, want bool) func() {
		return func() {
			valid, _, err := f.keeper.VerifyBatch(f.ctx, small, digests[:n], proofs[:n])
			require.NoError(b, err)
			require.Equal(b, want, valid)
		}
	}
	wrong := func() {
		valid, _, err := f.keeper.VerifyBatch(f.ctx, small, digests[1:17], proofs[:16])
		require.NoError(b, err)
		require.False(b, valid)
	}
	var one, some, many, failed, decode, secp float64
	for b.Loop() {
		one += timed(verify(1, true))
		some += timed(verify(16, true))
		many += timed(verify(64, true))
		failed += timed(wrong)
		decode += timed(func() { require.NoError(b, f.keeper.CheckProof(proofs[0])) })
		secp += timed(func() { require.True(b, public.VerifySignature(digests[0], signed)) })
	}
	n := float64(b.N)
	b.ReportMetric(one/n, "µs/batch-of-1")
	b.ReportMetric(some/n, "µs/batch-of-16")
	b.ReportMetric(many/n, "µs/batch-of-64")
	b.ReportMetric(failed/n, "µs/failed-16")
	b.ReportMetric(decode/n, "µs/decode")
	b.ReportMetric(secp/n, "µs/secp256k1")
	b.ReportMetric((many-some)/48/n, "µs/further-proof")
	b.ReportMetric(float64(f.keeper.Units(1)), "units/batch-of-1")
	b.ReportMetric(float64(f.keeper.Units(64)), "units/batch-of-64")
	b.ReportMetric(keeper.ProofUnits, "units/further-proof")
	b.ReportMetric(keeper.DecodeUnits, "units/decode")
	b.ReportMetric(1_000./keeper.GasPerUnit, "units/secp256k1")
}
