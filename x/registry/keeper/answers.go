package keeper

import (
	"errors"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/registry/spotcheck"
	"github.com/assaychain/assay/x/registry/types"
)

// Gas of verifying an opening, an entry and each 16 bytes of its row: by spotcheck's BenchmarkEntry, at 1,000 gas for 0.2 ms, as a
// signature is priced.
const (
	OpenEntryGas = 150
	openRowShare = 16
)

// OpenGas is what verifying the openings of a check costs.
func OpenGas(t spotcheck.Terms) storetypes.Gas {
	return storetypes.Gas(t.Samples) * (OpenEntryGas + storetypes.Gas(t.Size)/openRowShare)
}

// CommitSpotCheck takes the commitment to a check's products and fixes the round that draws their entries: one that nobody can know
// yet. It returns the round.
func (k *Keeper) CommitSpotCheck(ctx sdk.Context, operator sdk.AccAddress, device []byte, id uint64, commitment []byte) (uint64, error) {
	if len(commitment) != spotcheck.HashSize {
		return 0, types.ErrField.Wrapf("commitment of %d bytes: it must have %d", len(commitment), spotcheck.HashSize)
	}
	check, now, err := k.turn(ctx, operator, device, id, types.CHECK_STATE_SEEDED)
	if err != nil {
		return 0, err
	}
	if err := k.unqueue(ctx, check); err != nil {
		return 0, err
	}
	check.State, check.Commitment, check.TookMs, check.Since, check.Due = types.CHECK_STATE_COMMITTED, commitment, now-check.Since, now, 0
	if err := k.await(ctx, &check); err != nil {
		return 0, err
	}
	if err := k.doneComputing(ctx, device); err != nil {
		return 0, err
	}
	return check.Round, ctx.EventManager().EmitTypedEvent(&types.EventSpotCheckCommitted{
		Check: id, Operator: check.Operator, Device: device, Commitment: commitment, Round: check.Round,
	})
}

// doneComputing lets a device take work again.
func (k *Keeper) doneComputing(ctx sdk.Context, id []byte) error {
	device, err := k.Device(ctx, id)
	if err != nil {
		return err
	}
	changed := device
	changed.Checking = false
	return k.replace(ctx, device, changed)
}

// OpenSpotCheck verifies the openings of a check and ends it: as passed, or as false where an opened entry is not what the products
// give. Openings that don't fit the commitment are refused and end nothing.
func (k *Keeper) OpenSpotCheck(
	ctx sdk.Context, operator sdk.AccAddress, device []byte, id uint64, opening spotcheck.Opening,
) (types.CheckState, error) {
	check, _, err := k.turn(ctx, operator, device, id, types.CHECK_STATE_SAMPLED)
	if err != nil {
		return 0, err
	}
	claim, err := claimOf(check)
	if err != nil {
		return 0, err
	}
	ctx.GasMeter().ConsumeGas(OpenGas(claim.Terms), "verify the openings of a spot check")
	params, err := k.params.Get(ctx)
	if err != nil {
		return 0, err
	}
	state := types.CHECK_STATE_PASSED
	if err := spotcheck.Verify(claim, opening); errors.Is(err, spotcheck.ErrFalse) {
		state = types.CHECK_STATE_FALSE
		ctx.Logger().Info("spot check is false", "check", id, "device", device, "reason", err.Error())
	} else if err != nil {
		return 0, types.ErrOpening.Wrapf("check %d: %s", id, err)
	}
	return state, k.conclude(ctx, params, check, state)
}

func claimOf(check types.SpotCheck) (spotcheck.Claim, error) {
	claim := spotcheck.Claim{Terms: check.Terms()}
	var err error
	if claim.Seed, claim.Commitment, err = hashes(check.Seed, check.Commitment); err != nil {
		return claim, err
	}
	claim.Challenge, _, err = hashes(check.Challenge, check.Challenge)
	return claim, err
}

// turn returns a check that waits for this answer of the operator, and the clock.
func (k *Keeper) turn(
	ctx sdk.Context, operator sdk.AccAddress, device []byte, id uint64, state types.CheckState,
) (check types.SpotCheck, now uint64, err error) {
	if _, err = k.own(ctx, operator, device); err != nil {
		return check, 0, err
	}
	if check, err = k.SpotCheck(ctx, device); err != nil {
		return check, 0, err
	}
	if check.Id != id || check.State != state {
		return check, 0, types.ErrCheckState.Wrapf("device %x is in spot check %d, which is %s: this is for check %d in %s", device, check.Id, check.State, id, state)
	}
	if now, err = k.Now(ctx); err != nil {
		return check, 0, err
	}
	if check.Late(now, ctx.BlockHeight()) {
		return check, 0, types.ErrLate.Wrapf("spot check %d: the deadline was %d ms ago, in block %d", id, now-check.Due, check.DueBlock)
	}
	return check, now, nil
}
