package keeper_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/types"
)

// hours sets those in which a device takes work.
func (f *rentFixture) hours(operator sdk.AccAddress, name string, hours ...int) {
	f.T.Helper()
	bits := uint32(0)
	for _, hour := range hours {
		bits |= 1 << (hour % 24)
	}
	require.NoError(f.T, f.registry.SetDevicePower(f.Ctx, operator, hashOf(name), 0, bits))
}

// untilHour runs blocks up to the first one at or after the next beginning of an hour of the day.
func (f *rentFixture) untilHour(hour int) {
	f.T.Helper()
	for f.Ctx.BlockTime().UTC().Hour() != hour%24 {
		f.run(50)
	}
}

// Nobody books what the chain knows not to be there: hours that the device is off, and devices whose power may be used by others then.
func TestWindowsWithoutTheDeviceAreRefused(t *testing.T) {
	f := newRent(t)
	operator := f.landlord("gpu")
	now := f.Ctx.BlockTime().UTC()
	next := int64(now.Truncate(time.Hour).Add(time.Hour).Sub(now) / time.Second)
	f.hours(operator, "gpu", now.Hour())
	f.refusedSaying("off", saying{types.ErrNotForRent, "takes no work at"}, func(ctx context.Context) error {
		_, err := f.msgs.ReserveLease(ctx, f.booking("gpu", next))
		return err
	})
	f.reserved("gpu", next-1)
	f.hours(operator, "gpu")
	require.NoError(t, f.registry.SetPowerBudget(f.Ctx, operator, 10_000))
	f.refusedSaying("metered", saying{types.ErrNotForRent, "rent it on demand"}, func(ctx context.Context) error {
		_, err := f.msgs.ReserveLease(ctx, f.booking("gpu", 100_000))
		return err
	})
	f.block(1)
	short := f.opening("gpu")
	short.Seconds = uint64(min(next-100, 7_200))
	if short.Seconds >= 600 {
		_, err := f.openErr(short)
		require.NoError(t, err, "on demand the power is there or not")
	}
}

// Hours that are taken away after the booking are the operator's to answer for.
func TestHoursTakenAwayAreMissed(t *testing.T) {
	f := newRent(t)
	operator := f.landlord("gpu")
	lease := f.reserved("gpu", 7_200)
	f.hours(operator, "gpu", f.Ctx.BlockTime().UTC().Hour())
	f.run(7_200 + 660)
	require.Equal(t, types.LEASE_CLOSE_REASON_NO_SHOW, f.lease(lease.Id).CloseReason)
}

// TestAStartWaitsForTheSwitch: a booking may begin with the device's hours, also where the chain comes to the device a block after its hours have begun.
func TestAStartWaitsForTheSwitch(t *testing.T) {
	f := newRent(t)
	params, err := f.registry.Params(f.Ctx)
	require.NoError(t, err)
	params.MaxSwitchesPerBlock = 1
	require.NoError(t, f.registry.SetParams(f.Ctx, params))
	names := []string{"a", "b", "c"}
	now := f.Ctx.BlockTime().UTC()
	begin := int64(now.Truncate(time.Hour).Add(3*time.Hour).Sub(now) / time.Second)
	booked := make(map[string]uint64, len(names))
	for _, name := range names {
		operator := f.landlord(name)
		booked[name] = f.reserved(name, begin).Id
		f.hours(operator, name, now.Hour(), now.Hour()+3)
	}
	f.untilHour(now.Hour() + 2)
	f.untilHour(now.Hour() + 3)
	asleep := 0
	for _, name := range names {
		if deviceOf(f, name).Asleep {
			asleep++
			f.requireLease(booked[name], types.LEASE_STATE_RESERVED)
		}
	}
	require.Positive(t, asleep, "the chain has not come to all")
	f.run(500)
	for _, name := range names {
		f.requireLease(booked[name], types.LEASE_STATE_ACTIVE)
	}
}

// TestJobsWaitOutOfHours: no job goes to a device whose hours are over, though the chain has not come to it and the index still shows it.
func TestJobsWaitOutOfHours(t *testing.T) {
	f := newRent(t)
	params, err := f.registry.Params(f.Ctx)
	require.NoError(t, err)
	params.MaxSwitchesPerBlock = 1
	require.NoError(t, f.registry.SetParams(f.Ctx, params))
	now := f.Ctx.BlockTime().UTC()
	for _, name := range []string{"a", "b", "c"} {
		f.hours(f.landlord(name), name, now.Hour())
	}
	f.endBlock()
	f.Advance(now.Truncate(time.Hour).Add(time.Hour).Sub(now))
	require.NoError(t, f.k.BeginBlock(f.Ctx))
	id := f.submit()
	f.endBlock()
	f.requireState(id, types.JOB_STATE_OPEN)
	decision := f.explain(id).Decision
	require.EqualValues(t, 2, decision.Visited, "one was switched")
	require.Equal(t, "unavailable", decision.Candidates[0].Refusal)
}
