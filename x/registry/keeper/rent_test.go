package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/registry/types"
)

// A rented device takes no jobs, whatever its lanes are, can't be retired, and comes back as it was.
func TestARentedDeviceIsNotOffered(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 250)
	msg := gpu(alice, 1, 5)
	msg.HourlyPrice = math.NewInt(70)
	require.NoError(t, f.register(msg))
	forRent, rented, err := f.keeper.Rentals(f.ctx, msg.Class)
	require.NoError(t, err)
	require.Equal(t, [2]uint64{1, 0}, [2]uint64{forRent, rented})
	require.NoError(t, f.keeper.Reserve(f.ctx, msg.Id))
	require.ErrorIs(t, f.keeper.Rent(f.ctx, msg.Id), types.ErrInUse, "it has a job")
	require.NoError(t, f.keeper.Unreserve(f.ctx, msg.Id))
	require.ErrorIs(t, f.keeper.Vacate(f.ctx, msg.Id), types.ErrInUse, "it is not rented")
	require.NoError(t, f.keeper.Rent(f.ctx, msg.Id))
	require.ErrorIs(t, f.keeper.Rent(f.ctx, msg.Id), types.ErrInUse, "it is rented")
	require.ErrorIs(t, f.keeper.Reserve(f.ctx, msg.Id), types.ErrNoLane)
	require.ErrorIs(t, f.retire(alice, 1), types.ErrInUse)
	require.NoError(t, f.update(&types.MsgUpdateDevice{Operator: alice.String(), Id: msg.Id, Lanes: msg.Lanes, Price: msg.Price, HourlyPrice: msg.HourlyPrice}))
	forRent, rented, err = f.keeper.Rentals(f.ctx, msg.Class)
	require.NoError(t, err)
	require.Equal(t, [2]uint64{1, 1}, [2]uint64{forRent, rented}, "withdrawn, it is still part of what is rented")
	require.NoError(t, f.keeper.Invariants(f.ctx))
	require.NoError(t, f.keeper.Vacate(f.ctx, msg.Id))
	forRent, rented, err = f.keeper.Rentals(f.ctx, msg.Class)
	require.NoError(t, err)
	require.Equal(t, [2]uint64{0, 0}, [2]uint64{forRent, rented})
	require.NoError(t, f.keeper.Invariants(f.ctx))
}

// A booked device takes jobs and can't be retired; nothing else of it changes.
func TestABookedDeviceIsKept(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 250)
	msg := gpu(alice, 1, 5)
	require.NoError(t, f.register(msg))
	free := f.device(1)
	require.ErrorIs(t, f.keeper.Book(f.ctx, deviceID(9), 1), types.ErrDeviceNotFound)
	require.ErrorContains(t, f.keeper.Book(f.ctx, msg.Id, -1), "booked_from is -1")
	require.NoError(t, f.keeper.Book(f.ctx, msg.Id, 2_000_000_000))
	booked := f.device(1)
	require.False(t, booked.BookedBefore(2_000_000_000))
	require.True(t, booked.BookedBefore(2_000_000_001))
	err := f.retire(alice, 1)
	require.ErrorIs(t, err, types.ErrInUse)
	require.ErrorContains(t, err, "is booked from 2033-05-18T03:33:20Z on")
	require.NoError(t, f.keeper.Reserve(f.ctx, msg.Id))
	require.NoError(t, f.keeper.Unreserve(f.ctx, msg.Id))
	require.NoError(t, f.keeper.Invariants(f.ctx))
	seen := 0
	require.NoError(t, f.keeper.WalkLet(f.ctx, func(d types.Device) (bool, error) {
		require.Equal(t, booked, d)
		seen++
		return false, nil
	}))
	require.Equal(t, 1, seen)
	require.NoError(t, f.keeper.Book(f.ctx, msg.Id, 0))
	require.Equal(t, free, f.device(1))
	require.False(t, f.device(1).BookedBefore(1<<62), "0 is no moment")
	require.NoError(t, f.retire(alice, 1))
}

// A lower hourly price stays good for five minutes after a rise, at once or in steps, or over a withdrawal.
func TestHourlyPricesAreHonoured(t *testing.T) {
	device := types.Device{HourlyPrice: math.ZeroInt()}.WithHourlyPrice(math.NewInt(100), 1_000)
	require.EqualValues(t, 100, device.RentPrice(1_000).Int64())
	raised := device.WithHourlyPrice(math.NewInt(150), 2_000).WithHourlyPrice(math.NewInt(200), 2_200)
	require.EqualValues(t, 100, raised.RentPrice(2_500).Int64())
	require.EqualValues(t, 200, raised.RentPrice(2_501).Int64())
	withdrawn := device.WithHourlyPrice(math.ZeroInt(), 2_000)
	require.True(t, withdrawn.RentPrice(2_001).IsZero(), "what is not for rent has no price")
	back := withdrawn.WithHourlyPrice(math.NewInt(300), 2_100)
	require.EqualValues(t, 100, back.RentPrice(2_300).Int64())
	require.EqualValues(t, 300, back.RentPrice(2_301).Int64())
	cheaper := raised.WithHourlyPrice(math.NewInt(50), 2_300)
	require.EqualValues(t, 50, cheaper.RentPrice(2_300).Int64())
	require.True(t, cheaper.HonouredPrice.IsZero())
}

func TestHourlyPricesOutOfBoundsAreRefused(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 250)
	msg := gpu(alice, 1, 5)
	for _, price := range []math.Int{math.NewInt(-1), types.MaxPrice().AddRaw(1)} {
		msg.HourlyPrice = price
		err := f.register(msg)
		require.ErrorIs(t, err, types.ErrField)
		require.ErrorContains(t, err, "hourly_price must be from 0 to")
	}
}
