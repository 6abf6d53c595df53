package simulation

import (
	"context"
	"encoding/hex"
	"errors"
	"time"

	"github.com/cosmos/cosmos-sdk/crypto/keys/ed25519"
	"github.com/cosmos/cosmos-sdk/testutil/simsx"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	escrowtypes "github.com/assaychain/assay/x/escrow/types"
	"github.com/assaychain/assay/x/market/keeper"
	"github.com/assaychain/assay/x/market/leases"
	"github.com/assaychain/assay/x/market/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

const (
	// leasePage bounds the leases and the devices among which one is chosen.
	leasePage = 100
	// longest is the longest window in seconds: the simulator's blocks are hours apart, and a lease should see some.
	longest = 5 * 24 * 3_600
	// gatewaySecret makes the key of every simulated gateway.
	gatewaySecret = "simulated gateway"
)

// shortLeases makes the times of leases short, so that leases end within a simulation.
func shortLeases(lease *types.LeaseParams, r *simsx.XRand) {
	lease.MinSeconds, lease.CancelSeconds, lease.NoticeSeconds = 60, uint64(r.Intn(600)), uint64(1+r.Intn(600))
	lease.OutageSeconds, lease.SilenceSeconds = uint64(1+r.Intn(600)), uint64(1+r.Intn(600))
	lease.MaxBookings, lease.MaxComplaints = uint32(1+r.Intn(16)), uint32(1+r.Intn(4))
}

// terms are those of a lease that the chain would take now.
type terms struct {
	customer simsx.SimAccount
	device   []byte
	seconds  uint64
	start    int64
	tier     types.LeaseTier
	rate     sdk.Coin
	deposit  sdk.Coin
	gateway  []byte
}

// rentable lists devices of the first class, from the given one on, that has any.
func rentable(ctx context.Context, k *keeper.Keeper, class int) []registrytypes.Device {
	for i := range registrytypes.Classes {
		next := registrytypes.DeviceClass(1 + (class+i)%registrytypes.Classes)
		if devices, err := k.Rentable(ctx, next, leasePage); err == nil && len(devices) > 0 {
			return devices
		}
	}
	return nil
}

// draw chooses a device, a window and a customer; false when nothing can be rented so.
func draw(ctx context.Context, k *keeper.Keeper, data *simsx.ChainDataSource, reporter simsx.SimulationReporter, later bool) (terms, bool) {
	r := data.Rand()
	devices := rentable(ctx, k, r.Intn(registrytypes.Classes))
	if len(devices) == 0 {
		reporter.Skip("no device can be rented")
		return terms{}, false
	}
	t := terms{
		device: devices[r.Intn(len(devices))].Id, seconds: uint64(60 + r.Intn(longest)), tier: types.LeaseTier(1 + r.Intn(4)),
		customer: data.AnyAccount(reporter, simsx.WithSpendableBalance()),
	}
	if reporter.IsSkipped() {
		return t, false
	}
	if later {
		t.start = sdk.UnwrapSDKContext(ctx).BlockTime().Unix() + int64(1+r.Intn(7_200))
	}
	quote, err := keeper.NewQueryServer(k).LeaseQuote(ctx, &types.QueryLeaseQuoteRequest{
		Device: hex.EncodeToString(t.device), Seconds: t.seconds, Tier: t.tier, Start: t.start,
	})
	if err != nil || quote.Obstacle != "" {
		reporter.Skip("the device can't be rented so")
		return t, false
	}
	t.rate, t.deposit = quote.Rate, quote.MinDeposit
	if r.Bool() {
		t.deposit = quote.Total.Add(quote.MinDeposit)
	}
	if !t.customer.LiquidBalance().BlockAmount(t.deposit) {
		reporter.Skip("the customer can't pay for it")
		return t, false
	}
	if r.Intn(3) == 0 {
		t.gateway = ed25519.GenPrivKeyFromSecret([]byte(gatewaySecret)).PubKey().Bytes()
	}
	return t, true
}

// MsgOpenLeaseFactory rents a device from now on.
func MsgOpenLeaseFactory(k *keeper.Keeper) simsx.SimMsgFactoryFn[*types.MsgOpenLease] {
	return func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgOpenLease) {
		t, ok := draw(ctx, k, data, reporter, false)
		if !ok {
			return nil, nil
		}
		return []simsx.SimAccount{t.customer}, &types.MsgOpenLease{
			Customer: t.customer.AddressBech32, Device: t.device, Seconds: t.seconds, Tier: t.tier, MaxRate: t.rate, Deposit: t.deposit, GatewayKey: t.gateway,
		}
	}
}

// MsgReserveLeaseFactory rents a device for later.
func MsgReserveLeaseFactory(k *keeper.Keeper) simsx.SimMsgFactoryFn[*types.MsgReserveLease] {
	return func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgReserveLease) {
		t, ok := draw(ctx, k, data, reporter, true)
		if !ok {
			return nil, nil
		}
		return []simsx.SimAccount{t.customer}, &types.MsgReserveLease{
			Customer: t.customer.AddressBech32, Device: t.device, Seconds: t.seconds, Tier: t.tier, MaxRate: t.rate, Deposit: t.deposit, GatewayKey: t.gateway,
			Start: time.Unix(t.start, 0).UTC(),
		}
	}
}

// choose picks a lease that is not closed by the first wish that any fits.
func choose(
	ctx context.Context, k *keeper.Keeper, data *simsx.ChainDataSource, reporter simsx.SimulationReporter, wishes ...func(types.Lease) bool,
) (types.Lease, bool) {
	list, err := keeper.NewQueryServer(k).Leases(ctx, &types.QueryLeasesRequest{Active: true, Pagination: &query.PageRequest{Limit: leasePage}})
	for _, fits := range wishes {
		if err != nil {
			break
		}
		var fitting []types.Lease
		for _, lease := range list.Leases {
			if fits(lease) {
				fitting = append(fitting, lease)
			}
		}
		if len(fitting) > 0 {
			return fitting[data.Rand().Intn(len(fitting))], true
		}
	}
	reporter.Skip("no lease fits")
	return types.Lease{}, false
}

// MsgExtendLeaseFactory adds time to a lease, whether or not somebody else has booked it.
func MsgExtendLeaseFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return paid(func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgExtendLease) {
		lease, ok := choose(ctx, k, data, reporter, func(l types.Lease) bool {
			return l.State == types.LEASE_STATE_ACTIVE || l.State == types.LEASE_STATE_RESERVED
		})
		if !ok {
			return nil, nil
		}
		params, err := k.Params(ctx)
		customer := data.GetAccount(reporter, lease.Customer)
		if err != nil || reporter.IsSkipped() {
			return nil, nil
		}
		message := &types.MsgExtendLease{
			Customer: lease.Customer, LeaseId: lease.Id, Seconds: uint64(1 + data.Rand().Intn(3_600)),
			MaxRate: sdk.NewCoin(params.Denom, lease.Rate.MulRaw(10)), Deposit: sdk.NewInt64Coin(params.Denom, 0),
		}
		cached, _ := sdk.UnwrapSDKContext(ctx).CacheContext()
		if _, err := keeper.NewMsgServer(k).ExtendLease(cached, message); err != nil {
			reporter.Skip("it can't be extended so")
			return nil, nil
		}
		return []simsx.SimAccount{customer}, message
	})
}

// MsgCloseLeaseFactory ends a lease as either side.
func MsgCloseLeaseFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return paid(func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgCloseLease) {
		lease, ok := choose(ctx, k, data, reporter, func(l types.Lease) bool { return l.State != types.LEASE_STATE_NOTICE })
		if !ok {
			return nil, nil
		}
		message := &types.MsgCloseLease{Party: lease.Customer, LeaseId: lease.Id, Motive: types.LeaseMotive(1 + data.Rand().Intn(5))}
		if data.Rand().Bool() {
			message.Party, message.Abandon = lease.Operator, data.Rand().Intn(4) == 0 && lease.Customer != lease.Operator
		}
		params, err := k.Params(ctx)
		party := data.GetAccount(reporter, message.Party)
		if err != nil || reporter.IsSkipped() {
			return nil, nil
		}
		cached, _ := sdk.UnwrapSDKContext(ctx).CacheContext()
		if _, err := keeper.NewMsgServer(k).CloseLease(cached, message); err != nil {
			reporter.Skip("it can't be ended so")
			return nil, nil
		}
		// An operator may owe the booking fee, which must be left when the transaction's fee is paid.
		if message.Party == lease.Operator && lease.BookingFee.IsPositive() && !party.LiquidBalance().BlockAmount(sdk.NewCoin(params.Denom, lease.BookingFee)) {
			reporter.Skip("the operator can't pay the booking fee")
			return nil, nil
		}
		return []simsx.SimAccount{party}, message
	})
}

// MsgReportOutageFactory complains about a lease.
func MsgReportOutageFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return paid(func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgReportOutage) {
		lease, ok := choose(ctx, k, data, reporter, func(l types.Lease) bool {
			return !l.HasGateway() && (l.State == types.LEASE_STATE_ACTIVE || l.State == types.LEASE_STATE_NOTICE)
		})
		if !ok {
			return nil, nil
		}
		customer := data.GetAccount(reporter, lease.Customer)
		return []simsx.SimAccount{customer}, &types.MsgReportOutage{Customer: lease.Customer, LeaseId: lease.Id}
	})
}

// MsgReportRecoveryFactory answers an outage; without one it is refused.
func MsgReportRecoveryFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return simsx.NewSimMsgFactoryWithDeliveryResultHandler(func(
		ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter,
	) ([]simsx.SimAccount, *types.MsgReportRecovery, simsx.SimDeliveryResultHandler) {
		lease, ok := choose(ctx, k, data, reporter,
			func(l types.Lease) bool { return !l.HasGateway() && l.State == types.LEASE_STATE_OUTAGE },
			func(l types.Lease) bool { return !l.HasGateway() && l.State == types.LEASE_STATE_ACTIVE })
		if !ok {
			return nil, nil, nil
		}
		operator := data.GetAccount(reporter, lease.Operator)
		return []simsx.SimAccount{operator}, &types.MsgReportRecovery{Operator: lease.Operator, LeaseId: lease.Id}, refusedLease
	})
}

// paid is a message about a lease whose account may have run dry since its state was last written.
func paid[M sdk.Msg](make simsx.SimMsgFactoryFn[M]) simsx.SimMsgFactoryX {
	return simsx.NewSimMsgFactoryWithDeliveryResultHandler(func(
		ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter,
	) ([]simsx.SimAccount, M, simsx.SimDeliveryResultHandler) {
		signers, message := make(ctx, data, reporter)
		return signers, message, func(err error) error {
			if errors.Is(err, escrowtypes.ErrDry) {
				return nil
			}
			return err
		}
	})
}

// refusedLease is what a message about a lease may be told whose state the factory does not look at closely.
func refusedLease(err error) error {
	if errors.Is(err, types.ErrLeaseState) || errors.Is(err, types.ErrGateway) {
		return nil
	}
	return err
}

// unattested are the seconds of a lease that no statement covers yet.
func unattested(l types.Lease, now time.Time) uint64 {
	if l.ActivatedAt == nil {
		return 0
	}
	passed := uint64(max(0, now.Sub(*l.ActivatedAt)/time.Second))
	return passed - min(passed, l.AttestedSeconds)
}

// MsgReportLivenessFactory hands in a statement of a simulated gateway; of a lease that has none, or isn't active, it is refused.
func MsgReportLivenessFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return simsx.NewSimMsgFactoryWithDeliveryResultHandler(func(
		ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter,
	) ([]simsx.SimAccount, *types.MsgReportLiveness, simsx.SimDeliveryResultHandler) {
		now := sdk.UnwrapSDKContext(ctx).BlockTime()
		unpaid := func(l types.Lease) uint64 { return unattested(l, now) }
		lease, ok := choose(ctx, k, data, reporter,
			func(l types.Lease) bool { return l.HasGateway() && now.Before(l.End) && unpaid(l) > 0 },
			func(types.Lease) bool { return true })
		if !ok {
			return nil, nil, nil
		}
		seconds := lease.AttestedSeconds + 1
		if more := unpaid(lease); more > 1 {
			seconds += uint64(data.Rand().Intn(int(more)))
		}
		statement := leases.Statement(sdk.UnwrapSDKContext(ctx).ChainID(), lease.Id, seconds)
		signature, err := ed25519.GenPrivKeyFromSecret([]byte(gatewaySecret)).Sign(statement)
		operator := data.GetAccount(reporter, lease.Operator)
		if err != nil || reporter.IsSkipped() {
			return nil, nil, nil
		}
		return []simsx.SimAccount{operator}, &types.MsgReportLiveness{
			Reporter: lease.Operator, LeaseId: lease.Id, Seconds: seconds, Signature: signature,
		}, refusedLease
	})
}
