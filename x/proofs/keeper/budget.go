package keeper

import (
	"context"
	"errors"
	"math"
	"math/bits"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// What verification costs, in units: microseconds on the reference machine, rounded up. BenchmarkVerifyUnits in this package measures
// every figure under a key of the same shape, and make bench prints its figures beside the constants. What it gave on the reference machine is
// kept by TestUnitsCoverWhatWasMeasured, which the constants may not fall below.
const (
	// BatchUnits is the cost of a batch before its first proof: the pairings and the final exponentiation that all share.
	BatchUnits = 1_200
	// ProofUnits is the cost of each proof in a batch: decoding, one pairing, a multiplication, and its share of three sums.
	ProofUnits = 320
	// DecodeUnits is the cost of decoding a proof once more, as CheckProof does when it arrives.
	DecodeUnits = 100
	// GasPerUnit follows from 1,000 gas for a secp256k1 signature.
	GasPerUnit = 6
)

// maxSamples bounds what the cost is computed for, far above what a job may ask, so that no product overflows.
const maxSamples = math.MaxInt32

// Units is the cost of verifying a batch of so many proofs.
func (k *Keeper) Units(samples int) uint64 {
	return BatchUnits + ProofUnits*uint64(min(max(samples, 0), maxSamples))
}

// SearchUnits is what it costs besides to find the bad one of so many proofs whose batch failed: it is searched by halves,
// with a batch for each halving, and no more proofs in all of them than there are.
func SearchUnits(proofs int) uint64 {
	proofs = min(max(proofs, 1), maxSamples)
	return BatchUnits*uint64(bits.Len(uint(proofs-1))) + ProofUnits*uint64(proofs)
}

// Charge takes the gas for decoding and verifying so many proofs. Call it before the work; the verification itself may
// happen in a later hook, which nobody pays for.
func (k *Keeper) Charge(ctx sdk.Context, samples int) {
	units := k.Units(samples) + DecodeUnits*uint64(min(max(samples, 0), maxSamples))
	ctx.GasMeter().ConsumeGas(units*GasPerUnit, "proofs: verify")
}

// Spend takes units from what the present block may spend. False means that they don't fit and nothing was taken: try in
// the next block. The first of a block always fits, so that nothing is too large for ever.
func (k *Keeper) Spend(ctx context.Context, units uint64) (bool, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return false, err
	}
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	spent, err := k.spentNow(sdkCtx)
	if err != nil {
		return false, err
	}
	if spent > 0 && (units > params.UnitsPerBlock || spent > params.UnitsPerBlock-units) {
		return false, nil
	}
	return true, k.setSpent(sdkCtx, spent, units)
}

// Left is what the present block may still spend.
func (k *Keeper) Left(ctx context.Context) (uint64, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return 0, err
	}
	spent, err := k.spentNow(sdk.UnwrapSDKContext(ctx))
	if err != nil {
		return 0, err
	}
	return params.UnitsPerBlock - min(spent, params.UnitsPerBlock), nil
}

// overspend adds to what the block spent, whether it fits or not: the work is done already.
func (k *Keeper) overspend(ctx sdk.Context, units uint64) error {
	spent, err := k.spentNow(ctx)
	if err != nil {
		return err
	}
	return k.setSpent(ctx, spent, units)
}

func (k *Keeper) spentNow(ctx sdk.Context) (uint64, error) {
	spent, err := k.spent.Get(ctx, ctx.BlockHeight())
	if errors.Is(err, collections.ErrNotFound) {
		return 0, nil
	}
	return spent, err
}

// setSpent writes the sum for this block, saturating, in place of any earlier block's.
func (k *Keeper) setSpent(ctx sdk.Context, spent, units uint64) error {
	if spent == 0 {
		if err := k.spent.Clear(ctx, nil); err != nil {
			return err
		}
	}
	sum := spent + units
	if sum < spent {
		sum = math.MaxUint64
	}
	return k.spent.Set(ctx, ctx.BlockHeight(), sum)
}
