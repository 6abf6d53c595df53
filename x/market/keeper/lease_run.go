package keeper

import (
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	escrowtypes "github.com/assaychain/assay/x/escrow/types"
	"github.com/assaychain/assay/x/market/clock"
	"github.com/assaychain/assay/x/market/leases"
	"github.com/assaychain/assay/x/market/types"
)

// startLease begins a reserved lease whose time has come. What stands in the way may go away within the grace; then the lease ends as
// what is in the way says.
func (k *Keeper) startLease(ctx sdk.Context, params types.Params, lease *types.Lease) error {
	if !ctx.BlockTime().Before(lease.End) {
		return k.closeLease(ctx, lease, leases.Lapse, lease.End)
	}
	obstacle, err := k.obstacle(ctx, lease)
	if err != nil {
		return err
	}
	if obstacle == 0 {
		return k.activate(ctx, params, lease)
	}
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	grace := lease.Late
	if grace == 0 {
		grace = now + clock.Seconds(params.Lease.StartGraceSeconds)
	}
	if now >= grace {
		return k.closeLease(ctx, lease, obstacle, ctx.BlockTime())
	}
	return k.requeueLease(ctx, lease, func(lease *types.Lease) {
		lease.Late, lease.Due = grace, ctx.BlockTime().Unix()+int64(params.RetrySeconds)
	})
}

// obstacle is the event that ends a reserved lease if what stands in its way now stays; 0 when nothing does.
func (k *Keeper) obstacle(ctx sdk.Context, lease *types.Lease) (leases.Event, error) {
	operator, err := operatorOf(lease)
	if err != nil {
		return 0, err
	}
	jailed, err := k.ports.Penalty.IsJailed(ctx, operator)
	if err != nil {
		return 0, err
	}
	if jailed {
		return leases.MissInJail, nil
	}
	device, err := k.ports.Registry.Device(ctx, lease.Device)
	if err != nil {
		return 0, err
	}
	if device.Asleep && device.InHours(ctx.BlockTime()) {
		return leases.StayBusy, nil // Its hours have begun, and the chain has not come to it yet.
	}
	// Heat, hours and a power budget that were set since are the operator's to look after: whoever could get out of a lease by a report would.
	if !device.Available || !device.Serves() || !device.InHours(ctx.BlockTime()) {
		return leases.MissStart, nil
	}
	// What keeps an unproven device is its operator's business with x/registry, which punishes it.
	if device.Busy() || device.Checking || device.Unproven {
		return leases.StayBusy, nil
	}
	headroom, err := k.ports.Bond.Headroom(ctx, operator)
	if err == nil && headroom.LT(lease.Exposure) {
		return leases.MissStart, nil
	}
	return 0, err
}

// activate hands the device over: it takes no jobs, the operator's bond is locked, and time is paid from now on.
func (k *Keeper) activate(ctx sdk.Context, params types.Params, lease *types.Lease) error {
	operator, err := operatorOf(lease)
	if err != nil {
		return err
	}
	if err := k.ports.Registry.Rent(ctx, lease.Device); err != nil {
		return err
	}
	if lease.Exposure.IsPositive() {
		if err := k.ports.Bond.Expose(ctx, operator, lease.Exposure); err != nil {
			return err
		}
	}
	late := uint64(0)
	if lease.HasGateway() {
		now, err := k.Now(ctx)
		if err != nil {
			return err
		}
		late = now + clock.Seconds(params.Lease.SilenceSeconds)
	} else if lease.Stream, err = k.ports.Escrow.OpenStream(ctx, types.LeaseScope, lease.Id, escrowtypes.StreamSpec{
		Payee: k.payoutOf(ctx, operator), RatePerHour: lease.Rate,
	}); err != nil {
		return err
	}
	at := ctx.BlockTime()
	if err := k.moveLease(ctx, lease, leases.Activate, func(lease *types.Lease) {
		lease.ActivatedAt, lease.Due, lease.Late = &at, lease.End.Unix(), late
		lease.SetBill(lease.Bill(at))
	}); err != nil {
		return err
	}
	return ctx.EventManager().EmitTypedEvent(&types.EventLeaseActivated{
		LeaseId: lease.Id, Device: lease.Device, Operator: lease.Operator,
	})
}

// LeaseExtension is what a customer asks for in a lease that it has.
type LeaseExtension struct {
	// Seconds to add to the window.
	Seconds uint64
	// MaxRate is the most an hour may cost from now on; Deposit is locked, and may be 0.
	MaxRate, Deposit sdk.Coin
}

// ExtendLease moves the end of a lease. It is priced anew: from now on an hour costs the higher of the agreed and the present price,
// so that no old price can be kept for ever. The operator stops extensions by not offering the device.
func (k *Keeper) ExtendLease(ctx sdk.Context, customer sdk.AccAddress, id uint64, x LeaseExtension) (types.Lease, error) {
	lease, err := k.leaseOf(ctx, id, customer, types.LEASE_PARTY_CUSTOMER)
	if err != nil {
		return lease, err
	}
	if _, err := leaseTransition(&lease, leases.Extend); err != nil {
		return lease, err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return lease, err
	}
	extended, err := k.extended(ctx, params, lease, x)
	if err != nil {
		return lease, err
	}
	if x.Deposit.IsPositive() {
		if err := k.ports.Escrow.Add(ctx, types.LeaseScope, id, customer, x.Deposit); err != nil {
			return lease, err
		}
	}
	if err := k.raise(ctx, &lease, &extended); err != nil {
		return lease, err
	}
	if err := k.moveLease(ctx, &lease, leases.Extend, func(lease *types.Lease) {
		lease.SetBill(lease.Bill(ctx.BlockTime()))
		lease.End, lease.Due, lease.Rate, lease.Exposure = extended.End, extended.Due, extended.Rate, extended.Exposure
	}); err != nil {
		return lease, err
	}
	return lease, ctx.EventManager().EmitTypedEvent(&types.EventLeaseExtended{
		LeaseId: id, End: lease.End, Rate: sdk.NewCoin(params.Denom, lease.Rate),
	})
}

// extended is the lease with its new end, rate and exposure, if all is as it must be.
func (k *Keeper) extended(ctx sdk.Context, params types.Params, lease types.Lease, x LeaseExtension) (types.Lease, error) {
	total := lease.Window().Seconds()
	if x.Seconds == 0 || x.Seconds > params.Lease.MaxSeconds || total+x.Seconds > params.Lease.MaxSeconds {
		return lease, types.ErrLease.Wrapf("lease %d: %d s and %d more: at least 1 more, at most %d in all", lease.Id, total, x.Seconds, params.Lease.MaxSeconds)
	}
	if x.MaxRate.Denom != params.Denom || x.Deposit.Denom != params.Denom {
		return lease, types.ErrDeposit.Wrapf("max_rate is in %s and deposit in %s: leases are priced in %s", x.MaxRate.Denom, x.Deposit.Denom, params.Denom)
	}
	device, err := k.checkForRent(ctx, lease.Device)
	if err != nil {
		return lease, err
	}
	added := leases.Window{Start: lease.End.Unix(), End: lease.End.Unix() + int64(x.Seconds)}
	if err := k.checkFree(ctx, lease.Device, added, lease.Id); err != nil {
		return lease, err
	}
	offer, err := k.priceLease(ctx, params.Lease, pricedLease{device, lease.Tier, added, false})
	if err != nil {
		return lease, err
	}
	if lease.HasGateway() && offer.rate.GT(lease.Rate) {
		return lease, types.ErrRate.Wrapf("lease %d: an hour costs %s%s by now, %s is agreed: with a gateway the rate can't rise, reserve the time after it",
			lease.Id, offer.rate, params.Denom, lease.Rate)
	}
	if offer.rate.GT(lease.Rate) {
		lease.Rate = offer.rate
	}
	if lease.Rate.GT(x.MaxRate.Amount) {
		return lease, types.ErrRate.Wrapf("lease %d: an hour costs %s%s: max_rate is %s", lease.Id, lease.Rate, params.Denom, x.MaxRate)
	}
	lease.End = time.Unix(added.End, 0).UTC()
	if lease.State == types.LEASE_STATE_ACTIVE {
		lease.Due = added.End
	}
	if more := exposureOf(params.Lease, lease.Rate, lease.Window()); more.GT(lease.Exposure) {
		lease.Exposure = more
	}
	return lease, nil
}

// raise brings what an active lease holds to what it is to hold.
func (k *Keeper) raise(ctx sdk.Context, lease, extended *types.Lease) error {
	if lease.State != types.LEASE_STATE_ACTIVE {
		return k.checkHeadroom(ctx, extended)
	}
	if more := extended.Exposure.Sub(lease.Exposure); more.IsPositive() {
		operator, err := operatorOf(lease)
		if err != nil {
			return err
		}
		if err := k.ports.Bond.Expose(ctx, operator, more); err != nil {
			return err
		}
	}
	if extended.Rate.Equal(lease.Rate) {
		return nil
	}
	return k.ports.Escrow.SetRate(ctx, types.LeaseScope, lease.Id, lease.Stream, extended.Rate)
}

// leaseOf returns a lease if the signer is that side of it.
func (k *Keeper) leaseOf(ctx sdk.Context, id uint64, signer sdk.AccAddress, side types.LeaseParty) (types.Lease, error) {
	lease, err := k.Lease(ctx, id)
	if err != nil {
		return lease, err
	}
	want := lease.Customer
	if side == types.LEASE_PARTY_OPERATOR {
		want = lease.Operator
	}
	if want != signer.String() {
		return lease, types.ErrNotParty.Wrapf("lease %d: %s is not its %s", id, signer, sideText(side))
	}
	return lease, nil
}

func sideText(side types.LeaseParty) string {
	if side == types.LEASE_PARTY_OPERATOR {
		return "operator"
	}
	return "customer"
}
