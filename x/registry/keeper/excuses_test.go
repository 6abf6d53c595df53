package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/registry/spotcheck"
	"github.com/assaychain/assay/x/registry/types"
)

// TestBusyDevicesAreExcused: the chain gave a device work and then drew it. Missing that is no offence, but not for ever.
func TestBusyDevicesAreExcused(t *testing.T) {
	f := checkFixture(t)
	f.operator(alice, 1_000)
	require.NoError(t, f.register(gpu(alice, 1, 10)))
	f.prove(1)
	require.NoError(t, f.keeper.Reserve(f.ctx, deviceID(1)))
	check := f.until(1, types.CHECK_STATE_SEEDED)
	require.True(t, check.Excusable)
	require.ErrorIs(t, f.keeper.Reserve(f.ctx, deviceID(1)), types.ErrNoLane, "no more work while it computes")
	f.until(1, types.CHECK_STATE_EXCUSED)
	require.False(t, f.device(1).Unproven)
	f.until(1, types.CHECK_STATE_SEEDED)
	f.until(1, types.CHECK_STATE_EXCUSED)
	require.True(t, f.device(1).Unproven, "one excuse more than are taken")
	require.True(t, f.device(1).Available)
	require.Empty(t, f.offences(alice))

	require.NoError(t, f.keeper.Unreserve(f.ctx, deviceID(1)))
	f.prove(1)
	require.Zero(t, f.check(1).Excuses, "passing one forgets them")
	require.NoError(t, f.keeper.Rent(f.ctx, deviceID(1)))
	before := f.device(1).ProvenUntil
	f.until(1, types.CHECK_STATE_SEEDED)
	f.answer(1)
	f.until(1, types.CHECK_STATE_SAMPLED)
	f.answer(1)
	require.Greater(t, f.device(1).ProvenUntil, before, "a rented device can stay proven")
	require.NoError(t, f.keeper.Invariants(f.ctx))
}

// TestTurningSpotChecksOffExcusesAll: governance ends them, and nobody is punished or left unproven.
func TestTurningSpotChecksOffExcusesAll(t *testing.T) {
	f, _ := checked(t)
	require.NoError(t, f.register(gpu(alice, 2, 10)))
	off := smallChecks()
	off.Spot.Draws = 0
	require.NoError(t, f.keeper.SetParams(f.ctx, off))
	f.until(1, types.CHECK_STATE_EXCUSED)
	f.until(2, types.CHECK_STATE_EXCUSED)
	require.Empty(t, f.offences(alice))
	require.Len(t, f.offered(types.DEVICE_CLASS_CONSUMER, 10), 2)
	f.seconds(30)
	require.Equal(t, types.CHECK_STATE_EXCUSED, f.check(1).State)
}

// TestRetiring: a device that is being checked stays; one whose check has not begun goes, and its check with it.
func TestRetiring(t *testing.T) {
	f, _ := checked(t)
	require.ErrorIs(t, f.retire(alice, 1), types.ErrInUse)
	require.NoError(t, f.register(gpu(alice, 2, 10)))
	require.Equal(t, types.CHECK_STATE_PENDING, f.check(2).State)
	require.NoError(t, f.retire(alice, 2))
	_, err := f.keeper.SpotCheck(f.ctx, deviceID(2))
	require.ErrorIs(t, err, types.ErrCheckNotFound)
	require.NoError(t, f.keeper.Invariants(f.ctx))
	f.seconds(3)
	require.Empty(t, f.errors.lines)
	require.NoError(t, f.keeper.Invariants(f.ctx))
}

// TestGasIsChargedBeforeOpeningsAreVerified: whoever sends rubbish pays for looking at it.
func TestGasIsChargedBeforeOpeningsAreVerified(t *testing.T) {
	f, check := checked(t)
	require.NoError(t, f.commit(check, f.trace(check).Commitment()))
	check = f.until(1, types.CHECK_STATE_SAMPLED)
	before := f.ctx.GasMeter().GasConsumed()
	_, err := f.keeper.OpenSpotCheck(f.ctx, alice, deviceID(1), check.Id, spotcheck.Opening{})
	require.ErrorIs(t, err, types.ErrOpening)
	require.Greater(t, f.ctx.GasMeter().GasConsumed()-before, uint64(6*150))
}
