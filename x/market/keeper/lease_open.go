package keeper

import (
	"time"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/leases"
	"github.com/assaychain/assay/x/market/pricing"
	"github.com/assaychain/assay/x/market/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// LeaseTerms are what a customer asks for.
type LeaseTerms struct {
	Device  []byte
	Seconds uint64
	Tier    types.LeaseTier
	// Start of the window; zero for now.
	Start time.Time
	// MaxRate is the most an hour may cost; Deposit is locked.
	MaxRate, Deposit sdk.Coin
	// GatewayKey of the customer, if only attested time is to be paid.
	GatewayKey []byte
}

func (t LeaseTerms) onDemand() bool { return t.Start.IsZero() }

// OpenLease rents a device: the window is entered into its calendar and the deposit is locked. A lease on demand begins at once
// and needs an idle device; a reserved one begins when its time comes.
func (k *Keeper) OpenLease(ctx sdk.Context, customer sdk.AccAddress, terms LeaseTerms) (types.Lease, error) {
	ctx.GasMeter().ConsumeGas(types.GasPerLease, "market: open lease")
	params, err := k.params.Get(ctx)
	if err != nil {
		return types.Lease{}, err
	}
	lease, err := k.draftLease(ctx, params, terms)
	if err != nil {
		return lease, err
	}
	lease.Customer = customer.String()
	if lease.Id, err = k.rent.next.Next(ctx); err != nil {
		return lease, err
	}
	if err := k.ports.Escrow.Open(ctx, types.LeaseScope, lease.Id, customer, terms.Deposit); err != nil {
		return lease, err
	}
	if err := k.indexLease(ctx, &lease); err != nil {
		return lease, err
	}
	if err := k.enterLease(ctx, &lease); err != nil {
		return lease, err
	}
	if err := ctx.EventManager().EmitTypedEvent(&types.EventLeaseOpened{
		LeaseId: lease.Id, Customer: lease.Customer, Operator: lease.Operator, Device: lease.Device, Tier: lease.Tier,
		Rate: sdk.NewCoin(params.Denom, lease.Rate), Deposit: terms.Deposit, Start: lease.Start, End: lease.End, GatewayKey: lease.GatewayKey,
	}); err != nil || !terms.onDemand() {
		return lease, err
	}
	return lease, k.activate(ctx, params, &lease)
}

func (k *Keeper) indexLease(ctx sdk.Context, lease *types.Lease) error {
	customer, err := tenantOf(lease)
	if err != nil {
		return err
	}
	operator, err := operatorOf(lease)
	if err != nil {
		return err
	}
	if err := k.rent.tenants.Set(ctx, collections.Join(customer, lease.Id)); err != nil {
		return err
	}
	return k.rent.landlords.Set(ctx, collections.Join(operator, lease.Id))
}

// draftLease checks the terms and returns the lease they make, reserved, without number and customer.
func (k *Keeper) draftLease(ctx sdk.Context, params types.Params, terms LeaseTerms) (types.Lease, error) {
	window, err := leaseWindow(ctx, params.Lease, terms)
	if err != nil {
		return types.Lease{}, err
	}
	device, err := k.checkForRent(ctx, terms.Device)
	if err != nil {
		return types.Lease{}, err
	}
	if terms.onDemand() && (device.Busy() || device.Checking || device.Unproven) {
		return types.Lease{}, types.ErrNotForRent.Wrapf("device %x has %d jobs, rented is %t, in a spot check is %t, unproven is %t: "+
			"reserve it for a later time, then it takes no new jobs", device.Id, device.InUse, device.Rented, device.Checking, device.Unproven)
	}
	if err := checkBookable(ctx, terms, device, window); err != nil {
		return types.Lease{}, err
	}
	if terms.onDemand() && !device.Serves() {
		return types.Lease{}, types.ErrNotForRent.Wrapf("device %x is %s, and without power is %t: it can't work now", device.Id, device.Heat, device.Unpowered)
	}
	if err := k.checkCalendar(ctx, params.Lease, device.Id, window); err != nil {
		return types.Lease{}, err
	}
	offer, err := k.priceLease(ctx, params.Lease, pricedLease{device, terms.Tier, window, terms.onDemand()})
	if err != nil {
		return types.Lease{}, err
	}
	if err := checkMoney(params, offer.rate, window, terms); err != nil {
		return types.Lease{}, err
	}
	lease := newLease(ctx, params.Lease, device, window, offer.rate)
	lease.Tier, lease.GatewayKey = terms.Tier, terms.GatewayKey
	lease.OperatorNoticeSeconds = leases.Scale(params.Lease.NoticeSeconds, uint64(offer.factors.Tier), pricing.BasisPoints)
	lease.OutageSeconds = leases.Scale(params.Lease.OutageSeconds, pricing.BasisPoints, uint64(offer.factors.Tier))
	return lease, k.checkHeadroom(ctx, &lease)
}

// checkBookable refuses windows in which the device would not work by its own rules, as the chain knows them: its operator would be punished for
// what the customer, or the chain, could see.
func checkBookable(ctx sdk.Context, terms LeaseTerms, device registrytypes.Device, window leases.Window) error {
	if start := time.Unix(window.Start, 0); !device.InHours(start) {
		return types.ErrNotForRent.Wrapf("device %x takes no work at %s: its hours are %024b, the first is the last digit", device.Id, start.UTC(), device.Hours)
	}
	if !terms.onDemand() && device.Metered {
		return types.ErrNotForRent.Wrapf("device %x shares a power budget with others, which may be in use then: rent it on demand", device.Id)
	}
	return nil
}

func newLease(ctx sdk.Context, params types.LeaseParams, device registrytypes.Device, window leases.Window, rate math.Int) types.Lease {
	zero := math.ZeroInt()
	return types.Lease{
		State: types.LEASE_STATE_RESERVED, Operator: device.Operator, Device: device.Id, Rate: rate,
		Start: time.Unix(window.Start, 0).UTC(), End: time.Unix(window.End, 0).UTC(), OpenedAt: ctx.BlockTime(), Due: window.Start,
		BookingFee:            bookingFee(params, rate, window),
		CustomerNoticeSeconds: params.NoticeSeconds,
		Exposure:              exposureOf(params, rate, window), Paid: zero, Refunded: zero, Billed: zero, UpdatedHeight: ctx.BlockHeight(),
	}
}

// leaseWindow is the window asked for, if it is long enough, short enough and soon enough.
func leaseWindow(ctx sdk.Context, params types.LeaseParams, terms LeaseTerms) (leases.Window, error) {
	if terms.Seconds < params.MinSeconds || terms.Seconds > params.MaxSeconds {
		return leases.Window{}, types.ErrLease.Wrapf("seconds is %d: it must be from %d to %d", terms.Seconds, params.MinSeconds, params.MaxSeconds)
	}
	now := ctx.BlockTime().Unix()
	start := now
	if !terms.onDemand() {
		start = terms.Start.Unix()
		if start <= now {
			return leases.Window{}, types.ErrLease.Wrapf("start is %s: it must be after the block's time, %s", clockText(start), clockText(now))
		}
		if uint64(start-now) > params.MaxAdvanceSeconds {
			return leases.Window{}, types.ErrLease.Wrapf("start is %d s away: at most %d", start-now, params.MaxAdvanceSeconds)
		}
	}
	return leases.Window{Start: start, End: start + int64(terms.Seconds)}, nil
}

// checkForRent returns a device whose operator rents it out now.
func (k *Keeper) checkForRent(ctx sdk.Context, id []byte) (registrytypes.Device, error) {
	device, err := k.ports.Registry.Device(ctx, id)
	if err != nil {
		return device, err
	}
	if !device.Available || !device.RentPrice(ctx.BlockTime().Unix()).IsPositive() {
		return device, types.ErrNotForRent.Wrapf("device %x: available is %t, hourly_price is %s", id, device.Available, device.HourlyPrice)
	}
	operator, err := operatorNamed(device.Operator)
	if err != nil {
		return device, err
	}
	jailed, err := k.ports.Penalty.IsJailed(ctx, operator)
	if err == nil && jailed {
		err = types.ErrNotForRent.Wrapf("device %x: its operator is in jail", id)
	}
	return device, err
}

func (k *Keeper) checkCalendar(ctx sdk.Context, params types.LeaseParams, device []byte, window leases.Window) error {
	if err := k.checkFree(ctx, device, window, 0); err != nil {
		return err
	}
	list, err := k.bookings(ctx, device, int(params.MaxBookings))
	if err == nil && len(list) >= int(params.MaxBookings) {
		err = types.ErrBooked.Wrapf("device %x has %d bookings: at most %d", device, len(list), params.MaxBookings)
	}
	return err
}

// checkMoney compares a rate with what the customer offers.
func checkMoney(params types.Params, rate math.Int, window leases.Window, terms LeaseTerms) error {
	if terms.MaxRate.Denom != params.Denom || terms.Deposit.Denom != params.Denom {
		return types.ErrDeposit.Wrapf("max_rate is in %s and deposit in %s: leases are priced in %s", terms.MaxRate.Denom, terms.Deposit.Denom, params.Denom)
	}
	if rate.GT(terms.MaxRate.Amount) {
		return types.ErrRate.Wrapf("an hour costs %s%s: max_rate is %s", rate, params.Denom, terms.MaxRate)
	}
	if least := minDeposit(params.Lease, rate, window, terms.onDemand()); terms.Deposit.Amount.LT(least) {
		return types.ErrDeposit.Wrapf("deposit is %s: at least %s%s, which pays for %d s and covers the fee of a reservation", terms.Deposit, least, params.Denom,
			min(params.Lease.MinFundedSeconds, window.Seconds()))
	}
	return nil
}

// minDeposit pays for the first of the time, and for a reservation covers its booking fee in any case.
func minDeposit(params types.LeaseParams, rate math.Int, window leases.Window, onDemand bool) math.Int {
	funded := leases.Cost(rate, min(params.MinFundedSeconds, window.Seconds()))
	if onDemand {
		return funded
	}
	return math.MaxInt(funded, bookingFee(params, rate, window))
}

// bookingFee is a share of the first hour, or of the window when that is shorter.
func bookingFee(params types.LeaseParams, rate math.Int, window leases.Window) math.Int {
	first := leases.Cost(rate, min(leases.Hour, window.Seconds()))
	return first.MulRaw(int64(params.BookingFeeBps)).QuoRaw(pricing.BasisPoints)
}

// exposureOf is the bond at risk: a multiple of the price of the time for which a customer might have to look elsewhere.
func exposureOf(params types.LeaseParams, rate math.Int, window leases.Window) math.Int {
	return pricing.Exposure(leases.Cost(rate, min(params.ExposureSeconds, window.Seconds())), params.ExposureBps)
}

// checkHeadroom refuses a lease that its operator's free bond does not cover now. The bond is locked when the lease begins.
func (k *Keeper) checkHeadroom(ctx sdk.Context, lease *types.Lease) error {
	operator, err := operatorOf(lease)
	if err != nil {
		return err
	}
	headroom, err := k.ports.Bond.Headroom(ctx, operator)
	if err == nil && headroom.LT(lease.Exposure) {
		err = types.ErrNotForRent.Wrapf("device %x: its operator has %s of free bond, the lease locks %s", lease.Device, headroom, lease.Exposure)
	}
	return err
}

// clockText writes a Unix second as people read it.
func clockText(second int64) string { return time.Unix(second, 0).UTC().Format(time.RFC3339) }
