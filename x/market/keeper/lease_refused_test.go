package keeper_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/market/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// saying is an error that must name what is wrong.
type saying struct {
	want error
	text string
}

func (f *rentFixture) refusedSaying(name string, s saying, call func(ctx context.Context) error) {
	f.T.Helper()
	before := f.export()
	err := f.do(call)
	require.ErrorIs(f.T, err, s.want, name)
	require.ErrorContains(f.T, err, s.text, name)
	require.Equal(f.T, before, f.export(), name)
}

// Terms that can't be met are refused with the field and the limit, and leave nothing behind.
func TestLeaseTermsOutOfBoundsAreRefused(t *testing.T) {
	f := newRent(t)
	operator := f.landlord("gpu")
	f.rentable(operator, "unpriced", 0)
	require.NoError(t, f.offer(operator, "unpriced", 0, true))
	for name, c := range map[string]struct {
		spoil func(*types.MsgOpenLease)
		saying
	}{
		"customer":    {func(m *types.MsgOpenLease) { m.Customer = "x" }, saying{types.ErrAddress, "customer"}},
		"device size": {func(m *types.MsgOpenLease) { m.Device = m.Device[:31] }, saying{types.ErrLease, "device"}},
		"no device":   {func(m *types.MsgOpenLease) { m.Device = hashOf("none") }, saying{registrytypes.ErrDeviceNotFound, ""}},
		"not priced":  {func(m *types.MsgOpenLease) { m.Device = hashOf("unpriced") }, saying{types.ErrNotForRent, "hourly_price is 0"}},
		"short":       {func(m *types.MsgOpenLease) { m.Seconds = 599 }, saying{types.ErrLease, "seconds is 599: it must be from 600 to 2592000"}},
		"long":        {func(m *types.MsgOpenLease) { m.Seconds = 2_592_001 }, saying{types.ErrLease, "from 600 to 2592000"}},
		"overflow":    {func(m *types.MsgOpenLease) { m.Seconds = 1<<64 - 1 }, saying{types.ErrLease, "from 600 to 2592000"}},
		"no tier":     {func(m *types.MsgOpenLease) { m.Tier = 0 }, saying{types.ErrLease, "tier is 0: it must be from 1 to 4"}},
		"tier":        {func(m *types.MsgOpenLease) { m.Tier = 5 }, saying{types.ErrLease, "tier is 5"}},
		"rate":        {func(m *types.MsgOpenLease) { m.MaxRate = coins(hourly - 1) }, saying{types.ErrRate, "an hour costs 36000uassay: max_rate is 35999uassay"}},
		"rate's coin": {func(m *types.MsgOpenLease) { m.MaxRate = sdk.NewInt64Coin("uatom", 1) }, saying{types.ErrDeposit, "priced in uassay"}},
		"no rate":     {func(m *types.MsgOpenLease) { m.MaxRate = sdk.Coin{} }, saying{types.ErrRate, "max_rate"}},
		"no deposit":  {func(m *types.MsgOpenLease) { m.Deposit = sdk.Coin{Denom: "uassay", Amount: math.NewInt(-1)} }, saying{types.ErrDeposit, "deposit"}},
		"deposit":     {func(m *types.MsgOpenLease) { m.Deposit = coins(hourly - 1) }, saying{types.ErrDeposit, "deposit is 35999uassay: at least 36000uassay, which pays for 3600 s"}},
		"poor":        {func(m *types.MsgOpenLease) { m.Deposit = coins(2_000 * assay) }, saying{nil, "insufficient funds"}},
		"gateway":     {func(m *types.MsgOpenLease) { m.GatewayKey = make([]byte, 31) }, saying{types.ErrGateway, "gateway_key has 31 bytes: it must have 32 of ed25519, or 33 of secp256k1"}},
		"secp":        {func(m *types.MsgOpenLease) { m.GatewayKey = make([]byte, 33) }, saying{types.ErrGateway, "33"}},
	} {
		msg := f.opening("gpu")
		c.spoil(msg)
		if c.want == nil {
			_, err := f.openErr(msg)
			require.ErrorContains(t, err, c.text, name)
			continue
		}
		f.refusedSaying(name, c.saying, func(ctx context.Context) error { _, err := f.msgs.OpenLease(ctx, msg); return err })
	}
	for name, c := range map[string]struct {
		in int64
		saying
	}{
		"past":    {0, saying{types.ErrLease, "it must be after the block's time"}},
		"far":     {2_592_001, saying{types.ErrLease, "start is 2592001 s away: at most 2592000"}},
		"no time": {-f.Ctx.BlockTime().Unix(), saying{types.ErrLease, "start"}},
	} {
		msg := f.booking("gpu", c.in)
		f.refusedSaying(name, c.saying, func(ctx context.Context) error { _, err := f.msgs.ReserveLease(ctx, msg); return err })
	}
	part := f.booking("gpu", 100)
	part.Start = part.Start.Add(time.Millisecond)
	f.refusedSaying("part of a second", saying{types.ErrLease, "whole second"}, func(ctx context.Context) error {
		_, err := f.msgs.ReserveLease(ctx, part)
		return err
	})
}

// A device that is taken, used, withdrawn, or whose operator can't answer for it is not rented.
func TestDevicesThatCannotBeRented(t *testing.T) {
	f := newRent(t)
	operator := f.landlord("gpu")
	open := func(ctx context.Context) error { _, err := f.msgs.OpenLease(ctx, f.opening("gpu")); return err }
	require.NoError(t, f.offer(operator, "gpu", hourly, false))
	f.refusedSaying("withdrawn", saying{types.ErrNotForRent, "available is false"}, open)
	require.NoError(t, f.offer(operator, "gpu", hourly, true))
	require.NoError(t, f.registry.Reserve(f.Ctx, hashOf("gpu")))
	f.refusedSaying("busy", saying{types.ErrNotForRent, "has 1 jobs"}, open)
	require.NoError(t, f.registry.Unreserve(f.Ctx, hashOf("gpu")))
	kept := f.Ctx
	f.Ctx, _ = kept.CacheContext()
	require.NoError(t, f.overheat(operator, "gpu"))
	f.refusedSaying("too hot", saying{types.ErrNotForRent, "is HEAT_WITHDRAWN"}, open)
	f.Ctx = kept
	stake, err := f.bond.Headroom(f.Ctx, operator)
	require.NoError(t, err)
	require.NoError(t, f.bond.Expose(f.Ctx, operator, stake.SubRaw(2*hourly-1)))
	f.refusedSaying("bond", saying{types.ErrNotForRent, "free bond, the lease locks 72000"}, open)
	require.NoError(t, f.bond.Release(f.Ctx, operator, stake.SubRaw(2*hourly-1)))
	reserved := f.reserved("gpu", 3_000)
	f.refusedSaying("overlap", saying{types.ErrBooked, "by lease 1"}, open)
	short := f.opening("gpu")
	short.Seconds = 3_000
	_, err = f.openErr(short)
	require.NoError(t, err, "up to the second of the booking's start it is free")
	f.refusedSaying("rented", saying{types.ErrNotForRent, "rented is true"}, open)
	require.NoError(t, f.closeErr(f.customer, reserved.Id, false))
	require.ErrorIs(t, f.registry.RetireDevice(f.Ctx, operator, hashOf("gpu")), registrytypes.ErrInUse)
	require.True(t, deviceOf(f, "gpu").Rented)
	locked, err := f.bond.Stake(f.Ctx, operator)
	require.NoError(t, err)
	require.EqualValues(t, 30_000, locked.Exposure.Int64(), "the price of 3,000 s")
}

// A device with a lease in its calendar can't be retired, so that its operator stands by it: it can be declined, and after the last one the
// device goes.
func TestABookedDeviceStays(t *testing.T) {
	f := newRent(t)
	operator := f.landlord("gpu")
	later, sooner := f.reserved("gpu", 20_000), f.reserved("gpu", 5_000)
	retire := func() error {
		return f.do(func(ctx context.Context) error { return f.registry.RetireDevice(ctx, operator, hashOf("gpu")) })
	}
	for _, lease := range []types.Lease{sooner, later} {
		require.Equal(t, lease.Start.Unix(), deviceOf(f, "gpu").BookedFrom, "the next one first")
		err := retire()
		require.ErrorIs(t, err, registrytypes.ErrInUse)
		require.ErrorContains(t, err, "is booked from "+lease.Start.UTC().Format(time.RFC3339)+" on: decline its leases")
		require.NoError(t, f.closeErr(operator, lease.Id, false))
	}
	require.Zero(t, deviceOf(f, "gpu").BookedFrom)
	require.NoError(t, retire())
	require.NoError(t, f.k.Invariants(f.Ctx))
}

func TestACalendarIsBounded(t *testing.T) {
	params := rentParams()
	params.Lease.MaxBookings = 2
	f := newRentWith(t, params)
	f.landlord("gpu")
	f.reserved("gpu", 10_000)
	f.reserved("gpu", 20_000)
	msg := f.booking("gpu", 30_000)
	f.refusedSaying("full", saying{types.ErrBooked, "has 2 bookings: at most 2"}, func(ctx context.Context) error {
		_, err := f.msgs.ReserveLease(ctx, msg)
		return err
	})
}

// Steps out of turn, or by somebody else, are refused and change nothing.
func TestLeaseStepsOutOfTurnAreRefused(t *testing.T) {
	f := newRent(t)
	operator := f.landlord("gpu")
	f.landlord("other")
	reserved, active := f.reserved("gpu", 7_200), f.active("other")
	stranger := banktest.Address("stranger").String()
	for name, c := range map[string]struct {
		saying
		call func(ctx context.Context) error
	}{
		"no lease": {saying{types.ErrLeaseNotFound, "lease 77"}, func(ctx context.Context) error {
			_, err := f.msgs.CloseLease(ctx, &types.MsgCloseLease{Party: stranger, LeaseId: 77, Motive: 1})
			return err
		}},
		"stranger closes": {saying{types.ErrNotParty, "neither its customer nor its operator"}, func(ctx context.Context) error {
			_, err := f.msgs.CloseLease(ctx, &types.MsgCloseLease{Party: stranger, LeaseId: 1, Motive: 1})
			return err
		}},
		"no motive": {saying{types.ErrLease, "motive is 0"}, func(ctx context.Context) error {
			_, err := f.msgs.CloseLease(ctx, &types.MsgCloseLease{Party: f.customer.String(), LeaseId: 1})
			return err
		}},
		"customer abandons": {saying{types.ErrLease, "reports an outage"}, func(ctx context.Context) error {
			_, err := f.msgs.CloseLease(ctx, &types.MsgCloseLease{Party: f.customer.String(), LeaseId: active.Id, Motive: 1, Abandon: true})
			return err
		}},
		"operator complains": {saying{types.ErrNotParty, "not its customer"}, func(ctx context.Context) error {
			_, err := f.msgs.ReportOutage(ctx, &types.MsgReportOutage{Customer: operator.String(), LeaseId: reserved.Id})
			return err
		}},
		"complaint before the start": {saying{types.ErrLeaseState, "complain while RESERVED"}, func(ctx context.Context) error {
			_, err := f.msgs.ReportOutage(ctx, &types.MsgReportOutage{Customer: f.customer.String(), LeaseId: reserved.Id})
			return err
		}},
		"customer recovers": {saying{types.ErrNotParty, "not its operator"}, func(ctx context.Context) error {
			_, err := f.msgs.ReportRecovery(ctx, &types.MsgReportRecovery{Operator: f.customer.String(), LeaseId: active.Id})
			return err
		}},
		"recovery of nothing": {saying{types.ErrLeaseState, "recover while ACTIVE"}, func(ctx context.Context) error {
			_, err := f.msgs.ReportRecovery(ctx, &types.MsgReportRecovery{Operator: active.Operator, LeaseId: active.Id})
			return err
		}},
		"statement without a gateway": {saying{types.ErrGateway, "has no gateway"}, func(ctx context.Context) error {
			_, err := f.msgs.ReportLiveness(ctx, f.statement(edKey, f.customer, active.Id, 1))
			return err
		}},
		"extension by another": {saying{types.ErrNotParty, "not its customer"}, func(ctx context.Context) error {
			_, err := f.msgs.ExtendLease(ctx, &types.MsgExtendLease{Customer: stranger, LeaseId: active.Id, Seconds: 1, MaxRate: coins(hourly), Deposit: coins(0)})
			return err
		}},
		"extension too long": {saying{types.ErrLease, "at most 2592000 in all"}, func(ctx context.Context) error {
			_, err := f.msgs.ExtendLease(ctx, &types.MsgExtendLease{Customer: active.Customer, LeaseId: active.Id, Seconds: 2_592_000, MaxRate: coins(hourly), Deposit: coins(0)})
			return err
		}},
		"extension too dear": {saying{types.ErrRate, "max_rate is 35999uassay"}, func(ctx context.Context) error {
			_, err := f.msgs.ExtendLease(ctx, &types.MsgExtendLease{Customer: active.Customer, LeaseId: active.Id, Seconds: 600, MaxRate: coins(hourly - 1), Deposit: coins(0)})
			return err
		}},
	} {
		f.refusedSaying(name, c.saying, c.call)
	}
	require.NoError(t, f.closeErr(f.customer, active.Id, false))
	require.ErrorIs(t, f.closeErr(f.customer, active.Id, false), types.ErrLeaseState, "notice is given once")
	require.ErrorIs(t, f.extendErr(active.Id, 600, hourly, 0), types.ErrLeaseState)
}

// A gateway's statement pays once, for its lease on its chain, for time that has passed, and under its key only.
func TestStatementsThatAreNotGood(t *testing.T) {
	f := newRent(t)
	operator := f.landlord("gpu")
	msg := f.opening("gpu")
	msg.GatewayKey = edKey.PubKey().Bytes()
	id, err := f.openErr(msg)
	require.NoError(t, err)
	f.run(500)
	good := f.statement(edKey, operator, id, 400)
	for name, c := range map[string]struct {
		text  string
		spoil func(*types.MsgReportLiveness)
		want  error
	}{
		"other key":     {"signature", func(m *types.MsgReportLiveness) { m.Signature = f.statement(secKey, operator, id, 400).Signature }, types.ErrGateway},
		"other lease":   {"signature", func(m *types.MsgReportLiveness) { m.Signature = f.statement(edKey, operator, id+1, 400).Signature }, types.ErrGateway},
		"more seconds":  {"signature", func(m *types.MsgReportLiveness) { m.Seconds = 401 }, types.ErrGateway},
		"the future":    {"it has been active for 500", func(m *types.MsgReportLiveness) { *m = *f.statement(edKey, operator, id, 501) }, types.ErrGateway},
		"short":         {"signature has 63 bytes: it must have 64", func(m *types.MsgReportLiveness) { m.Signature = m.Signature[1:] }, types.ErrGateway},
		"nothing":       {"statements only rise", func(m *types.MsgReportLiveness) { *m = *f.statement(edKey, operator, id, 0) }, types.ErrGateway},
		"by a stranger": {"neither", func(m *types.MsgReportLiveness) { m.Reporter = banktest.Address("stranger").String() }, types.ErrNotParty},
	} {
		bad := *good
		c.spoil(&bad)
		f.refusedSaying(name, saying{c.want, c.text}, func(ctx context.Context) error { _, err := f.msgs.ReportLiveness(ctx, &bad); return err })
	}
	require.NoError(t, f.attestErr(good))
	f.refusedSaying("twice", saying{types.ErrGateway, "seconds is 400, 400 are attested"}, func(ctx context.Context) error {
		_, err := f.msgs.ReportLiveness(ctx, good)
		return err
	})
	require.ErrorIs(t, f.complainErr(id), types.ErrGateway, "who has a gateway needs no complaint")
	require.ErrorIs(t, f.recoverErr(operator, id), types.ErrGateway)
	require.NoError(t, f.offer(operator, "gpu", 2*hourly, true))
	f.run(301)
	require.ErrorContains(t, f.extendErr(id, 600, 3*hourly, 0), "with a gateway the rate can't rise")
}
