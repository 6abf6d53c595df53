package keeper_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	abci "github.com/cometbft/cometbft/abci/types"

	"cosmossdk.io/math"

	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/leases"
	"github.com/assaychain/assay/x/market/types"
	registrykeeper "github.com/assaychain/assay/x/registry/keeper"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// hourly is what the devices of the tests ask for an hour. With the factors of the tests the rate is the same.
const hourly = 36_000

// rentParams price an hour at what the device asks, whatever the hour and the demand.
func rentParams() types.Params {
	p := testParams()
	p.Lease.DemandLowBps, p.Lease.DemandHighBps = 10_000, 10_000
	p.Lease.ReferenceMemoryMib[0] = 4_096
	for i := range p.Lease.HourBps {
		p.Lease.HourBps[i] = 10_000
	}
	return p
}

// rentFixture is a market with devices for rent.
type rentFixture struct {
	*fixture
	watch *leaseWatch
}

func newRent(t testing.TB) *rentFixture { return newRentWith(t, rentParams()) }

func newRentWith(t testing.TB, params types.Params) *rentFixture {
	f := &rentFixture{fixture: newFixtureWith(t, params)}
	f.watch = &leaseWatch{f: f, states: map[uint64]leases.State{}, covered: map[string]int{}}
	f.also = f.watch.read
	return f
}

// landlord registers an operator with a device for rent.
func (f *rentFixture) landlord(name string) sdk.AccAddress {
	f.T.Helper()
	operator := f.operator(name, 100*assay)
	f.supply = f.supply.AddRaw(assay)
	f.Fund(name, assay)
	f.rentable(operator, name, hourly)
	return operator
}

func (f *rentFixture) rentable(operator sdk.AccAddress, name string, price int64) {
	f.T.Helper()
	_, err := registrykeeper.NewMsgServer(f.registry).RegisterDevice(f.Ctx, &registrytypes.MsgRegisterDevice{
		Operator: operator.String(), Id: hashOf(name), Model: "CPU", Class: registrytypes.DEVICE_CLASS_CPU, Backend: registrytypes.BACKEND_CPU,
		MemoryMib: 4_096, Lanes: 4, Price: math.NewInt(1), Available: true, HourlyPrice: math.NewInt(price),
	})
	require.NoError(f.T, err)
}

// offer changes a device's offer.
func (f *rentFixture) offer(operator sdk.AccAddress, name string, price int64, available bool) error {
	return f.do(func(ctx context.Context) error {
		_, err := registrykeeper.NewMsgServer(f.registry).UpdateDevice(ctx, &registrytypes.MsgUpdateDevice{
			Operator: operator.String(), Id: hashOf(name), Lanes: 4, Price: math.NewInt(1), Available: available, HourlyPrice: math.NewInt(price),
		})
		return err
	})
}

func coins(amount int64) sdk.Coin { return sdk.NewInt64Coin("uassay", amount) }

// opening is a lease of two hours at ten base units a second, paid for in full.
func (f *rentFixture) opening(name string) *types.MsgOpenLease {
	return &types.MsgOpenLease{
		Customer: f.customer.String(), Device: hashOf(name), Seconds: 7_200, Tier: types.LEASE_TIER_STANDARD,
		MaxRate: coins(hourly), Deposit: coins(2 * hourly),
	}
}

func (f *rentFixture) openErr(msg *types.MsgOpenLease) (id uint64, err error) {
	err = f.do(func(ctx context.Context) error {
		response, err := f.msgs.OpenLease(ctx, msg)
		if err == nil {
			id = response.LeaseId
		}
		return err
	})
	return id, err
}

// active is a lease that has begun.
func (f *rentFixture) active(name string) types.Lease {
	f.T.Helper()
	id, err := f.openErr(f.opening(name))
	require.NoError(f.T, err)
	return f.requireLease(id, types.LEASE_STATE_ACTIVE)
}

// booking is a reservation that starts so many seconds from now.
func (f *rentFixture) booking(name string, in int64) *types.MsgReserveLease {
	return &types.MsgReserveLease{
		Customer: f.customer.String(), Device: hashOf(name), Seconds: 7_200, Tier: types.LEASE_TIER_STANDARD,
		MaxRate: coins(hourly), Deposit: coins(2 * hourly), Start: time.Unix(f.Ctx.BlockTime().Unix()+in, 0).UTC(),
	}
}

func (f *rentFixture) reserveErr(msg *types.MsgReserveLease) (id uint64, err error) {
	err = f.do(func(ctx context.Context) error {
		response, err := f.msgs.ReserveLease(ctx, msg)
		if err == nil {
			id = response.LeaseId
		}
		return err
	})
	return id, err
}

func (f *rentFixture) reserved(name string, in int64) types.Lease {
	f.T.Helper()
	id, err := f.reserveErr(f.booking(name, in))
	require.NoError(f.T, err)
	return f.requireLease(id, types.LEASE_STATE_RESERVED)
}

func (f *rentFixture) extendErr(id uint64, seconds uint64, maxRate, deposit int64) error {
	return f.do(func(ctx context.Context) error {
		_, err := f.msgs.ExtendLease(ctx, &types.MsgExtendLease{
			Customer: f.customer.String(), LeaseId: id, Seconds: seconds, MaxRate: coins(maxRate), Deposit: coins(deposit),
		})
		return err
	})
}

func (f *rentFixture) closeErr(party sdk.AccAddress, id uint64, abandon bool) error {
	return f.do(func(ctx context.Context) error {
		_, err := f.msgs.CloseLease(ctx, &types.MsgCloseLease{
			Party: party.String(), LeaseId: id, Motive: types.LEASE_MOTIVE_OTHER, Abandon: abandon,
		})
		return err
	})
}

func (f *rentFixture) complainErr(id uint64) error {
	return f.do(func(ctx context.Context) error {
		_, err := f.msgs.ReportOutage(ctx, &types.MsgReportOutage{Customer: f.customer.String(), LeaseId: id})
		return err
	})
}

func (f *rentFixture) recoverErr(operator sdk.AccAddress, id uint64) error {
	return f.do(func(ctx context.Context) error {
		_, err := f.msgs.ReportRecovery(ctx, &types.MsgReportRecovery{Operator: operator.String(), LeaseId: id})
		return err
	})
}

// statement is a gateway's over a number of seconds.
func (f *rentFixture) statement(key cryptotypes.PrivKey, reporter sdk.AccAddress, id, seconds uint64) *types.MsgReportLiveness {
	f.T.Helper()
	signature, err := key.Sign(leases.Statement(f.Ctx.ChainID(), id, seconds))
	require.NoError(f.T, err)
	return &types.MsgReportLiveness{Reporter: reporter.String(), LeaseId: id, Seconds: seconds, Signature: signature}
}

func (f *rentFixture) attestErr(msg *types.MsgReportLiveness) error {
	return f.do(func(ctx context.Context) error { _, err := f.msgs.ReportLiveness(ctx, msg); return err })
}

func (f *rentFixture) lease(id uint64) types.Lease {
	f.T.Helper()
	lease, err := f.k.Lease(f.Ctx, id)
	require.NoError(f.T, err)
	return lease
}

func (f *rentFixture) requireLease(id uint64, want types.LeaseState) types.Lease {
	f.T.Helper()
	lease := f.lease(id)
	require.Equal(f.T, want.String(), lease.State.String(), "%+v; errors: %v", lease, f.errors.lines)
	return lease
}

func (f *rentFixture) requireClosed(id uint64, want types.LeaseCloseReason) types.Lease {
	f.T.Helper()
	lease := f.requireLease(id, types.LEASE_STATE_CLOSED)
	require.Equal(f.T, want.String(), lease.CloseReason.String())
	return lease
}

// run lets seconds pass in blocks of at most fifty seconds.
func (f *rentFixture) run(seconds int) {
	for ; seconds > 0; seconds -= 50 {
		f.block(min(seconds, 50))
	}
}

// halt lets the chain stand still.
func (f *rentFixture) halt(d time.Duration) {
	f.T.Helper()
	f.endBlock()
	f.Advance(d)
	require.NoError(f.T, f.k.BeginBlock(f.Ctx))
}

// poolAmount is what the community pool holds.
func (f *rentFixture) poolAmount() int64 {
	pool, err := f.Pool.FeePool.Get(f.Ctx)
	require.NoError(f.T, err)
	return pool.CommunityPool.AmountOf("uassay").TruncateInt64()
}

// leaseWatch follows every lease by its events alone, along the table of the state machine.
type leaseWatch struct {
	f       *rentFixture
	states  map[uint64]leases.State
	covered map[string]int
}

func leaseLine(from leases.State, event leases.Event) string {
	return fmt.Sprintf("%s %s", from, event)
}

func (w *leaseWatch) read(events sdk.Events) {
	for _, event := range events {
		if msg, err := sdk.ParseTypedEvent(abci.Event(event)); err == nil {
			w.note(msg)
		}
	}
	for id, state := range w.states {
		lease, err := w.f.k.Lease(w.f.Ctx, id)
		if err != nil {
			require.ErrorIs(w.f.T, err, types.ErrLeaseNotFound)
			require.Equal(w.f.T, leases.Closed, state, "lease %d", id)
			continue
		}
		require.Equal(w.f.T, state.String(), lease.State.Machine().String(), "lease %d", id)
	}
}

func (w *leaseWatch) note(event any) {
	switch e := event.(type) {
	case *types.EventLeaseOpened:
		require.NotContains(w.f.T, w.states, e.LeaseId)
		w.states[e.LeaseId] = leases.Reserved
	case *types.EventLeaseActivated:
		w.step(e.LeaseId, leases.Activate)
	case *types.EventLeaseExtended:
		w.step(e.LeaseId, leases.Extend)
	case *types.EventLeaseOutage:
		w.step(e.LeaseId, pick(e.Silence, leases.FallSilent, leases.Complain))
	case *types.EventLeaseRecovered:
		w.step(e.LeaseId, pick(e.Attested, leases.Attest, leases.Recover))
	case *types.EventLeaseAttested:
		if w.states[e.LeaseId] != leases.Outage {
			w.step(e.LeaseId, leases.Attest)
		}
	case *types.EventLeaseNotice:
		w.step(e.LeaseId, pick(e.By == types.LEASE_PARTY_OPERATOR, leases.Quit, leases.Leave))
	case *types.EventLeaseClosed:
		w.step(e.LeaseId, w.closing(e))
	}
}

// closing finds the event that closed a lease: the only one of its state with that reason, or, of the two ends of an operator's notice,
// the one that fits the time.
func (w *leaseWatch) closing(e *types.EventLeaseClosed) leases.Event {
	var found []leases.Event
	for _, line := range leases.Table() {
		if line.From == w.states[e.LeaseId] && line.Reason == leases.Reason(e.Reason) {
			found = append(found, line.Event)
		}
	}
	require.NotEmpty(w.f.T, found, "lease %d: %s while %s", e.LeaseId, e.Reason, w.states[e.LeaseId])
	if len(found) == 1 {
		return found[0]
	}
	lease := w.f.lease(e.LeaseId)
	return pick(lease.ClosedAt.Before(lease.End), leases.Release, leases.QuitOver)
}

func pick[T any](yes bool, a, b T) T {
	if yes {
		return a
	}
	return b
}

func (w *leaseWatch) step(id uint64, event leases.Event) {
	w.f.T.Helper()
	transition, err := leases.Next(w.states[id], event)
	require.NoError(w.f.T, err, "lease %d", id)
	w.covered[leaseLine(transition.From, event)]++
	w.states[id] = transition.To
}

func deviceOf(f *rentFixture, name string) registrytypes.Device {
	id := sha256.Sum256([]byte(name))
	device, err := f.registry.Device(f.Ctx, id[:])
	require.NoError(f.T, err)
	return device
}

// overheat has a device report a temperature at which it takes no work.
func (f *rentFixture) overheat(operator sdk.AccAddress, name string) error {
	_, err := registrykeeper.NewMsgServer(f.registry).ReportTelemetry(f.Ctx, &registrytypes.MsgReportTelemetry{
		Operator: operator.String(), Device: hashOf(name), Celsius: 120, Watts: 50,
	})
	return err
}
