package keeper

import (
	"bytes"
	gomath "math"
	"slices"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	escrowtypes "github.com/assaychain/assay/x/escrow/types"
	"github.com/assaychain/assay/x/market/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// checkLeases compares leases, queues, calendars and the books of the modules below: every lease waits in exactly the queues of
// its state, bookings of a device don't overlap and are its open leases, every lease that isn't closed has an escrow account and no
// other has one, and every lease that has its device has it alone, idle of jobs. A lease whose account ran dry is on escrow's list, or
// is marked.
func (k *Keeper) checkLeases(ctx sdk.Context, t *tally) error {
	dried, err := k.ports.Escrow.Dried(ctx, types.LeaseScope, gomath.MaxInt32)
	if err != nil {
		return err
	}
	err = k.rent.leases.Walk(ctx, nil, func(_ uint64, lease types.Lease) (bool, error) {
		if err := lease.Validate(); err != nil {
			return true, brokenLease(&lease, "%s", err)
		}
		if err := k.checkLeaseQueues(ctx, &lease, t); err != nil {
			return true, err
		}
		if err := k.checkLeaseEscrow(ctx, &lease, dried); err != nil {
			return true, err
		}
		return false, k.checkTenancy(ctx, &lease, t)
	})
	if err != nil {
		return err
	}
	if err := k.checkCalendars(ctx, t); err != nil {
		return err
	}
	return k.checkLet(ctx, t)
}

func brokenLease(lease *types.Lease, format string, args ...any) error {
	return types.ErrInvariant.Wrapf("lease %d, %s: "+format, append([]any{lease.Id, lease.State.Machine()}, args...)...)
}

func (k *Keeper) checkLeaseQueues(ctx sdk.Context, lease *types.Lease, t *tally) error {
	t.leases++
	if lease.State == types.LEASE_STATE_CLOSED {
		t.leasePrune++
		has, err := k.rent.prune.Has(ctx, collections.Join(lease.PruneAt, lease.Id))
		if err == nil && !has {
			err = brokenLease(lease, "it is not in the queue of closed ones at %d", lease.PruneAt)
		}
		return err
	}
	t.leaseDue++
	t.booked++
	has, err := k.rent.due.Has(ctx, collections.Join(lease.Due, lease.Id))
	if err == nil && !has {
		err = brokenLease(lease, "it is not in the due queue at %d", lease.Due)
	}
	if err != nil || !awaitsLate(lease) {
		return err
	}
	t.leaseLate++
	has, err = k.rent.late.Has(ctx, collections.Join(lease.Late, lease.Id))
	if err == nil && !has {
		err = brokenLease(lease, "it is not in the late queue at %d", lease.Late)
	}
	return err
}

func (k *Keeper) checkLeaseEscrow(ctx sdk.Context, lease *types.Lease, dried []escrowtypes.DryAccount) error {
	_, err := k.ports.Escrow.Account(ctx, types.LeaseScope, lease.Id)
	dry := lease.DriedAt != nil || slices.ContainsFunc(dried, func(d escrowtypes.DryAccount) bool { return d.Id == lease.Id })
	holds := lease.State.Machine().HoldsEscrow() && !dry
	if holds && err != nil {
		return brokenLease(lease, "escrow account: %s", err)
	}
	if !holds && err == nil {
		return brokenLease(lease, "its escrow account is still there")
	}
	return nil
}

// checkTenancy checks that a lease's device is its operator's, that who has it has it alone, and adds what it locks of its operator's bond.
func (k *Keeper) checkTenancy(ctx sdk.Context, lease *types.Lease, t *tally) error {
	operator, err := operatorOf(lease)
	if err != nil {
		return err
	}
	held := math.ZeroInt()
	if lease.State.Machine().HoldsDevice() {
		held = lease.Exposure
	}
	t.expose(operator, held)
	if lease.State == types.LEASE_STATE_CLOSED {
		return nil
	}
	device, err := k.ports.Registry.Device(ctx, lease.Device)
	if err != nil {
		return err
	}
	if device.Operator != lease.Operator || lease.State.Machine().HoldsDevice() && (!device.Rented || device.InUse > 0) {
		return brokenLease(lease, "device %x: rented is %t, %d jobs, operator %s", device.Id, device.Rented, device.InUse, device.Operator)
	}
	return nil
}

// checkCalendars checks that bookings don't overlap, are those of their leases, and that no device is held twice.
func (k *Keeper) checkCalendars(ctx sdk.Context, t *tally) error {
	var device []byte
	var last types.Booking
	holders := 0
	return k.rent.calendar.Walk(ctx, nil, func(key calendarKey, booking types.Booking) (bool, error) {
		t.booked--
		if !bytes.Equal(device, key.K1()) {
			device, last, holders = key.K1(), types.Booking{}, 0
			t.calendars++
		}
		if booking.Start < last.End || booking.Start != key.K2() {
			return true, types.ErrInvariant.Wrapf("device %x: lease %d from %d overlaps lease %d until %d", device, booking.Lease, booking.Start, last.Lease, last.End)
		}
		last = booking
		lease, err := k.Lease(ctx, booking.Lease)
		if err != nil {
			return true, err
		}
		if lease.Booking() != booking || !bytes.Equal(lease.Device, device) {
			return true, brokenLease(&lease, "its booking is %v", booking)
		}
		if lease.State.Machine().HoldsDevice() {
			holders++
		}
		if holders > 1 {
			return true, brokenLease(&lease, "another lease has device %x too", device)
		}
		return false, nil
	})
}

// checkLet checks that devices that are booked or rented, and no others, have leases, and that they tell when the first of them begins.
func (k *Keeper) checkLet(ctx sdk.Context, t *tally) error {
	let := 0
	err := k.ports.Registry.WalkLet(ctx, func(device registrytypes.Device) (bool, error) {
		let++
		list, err := k.bookings(ctx, device.Id, 1)
		if err != nil {
			return true, err
		}
		if len(list) == 0 || list[0].Start != device.BookedFrom {
			return true, types.ErrInvariant.Wrapf("device %x: rented is %t, booked_from is %d, its first lease is %v", device.Id, device.Rented, device.BookedFrom, list)
		}
		return false, nil
	})
	if err == nil && let != t.calendars {
		err = types.ErrInvariant.Wrapf("%d devices are booked or rented, %d have leases", let, t.calendars)
	}
	return err
}

// checkLeaseCounts finds entries that belong to no lease.
func (k *Keeper) checkLeaseCounts(ctx sdk.Context, t *tally) error {
	due, err1 := size(ctx, k.rent.due)
	late, err2 := size(ctx, k.rent.late)
	prune, err3 := size(ctx, k.rent.prune)
	tenants, err4 := size(ctx, k.rent.tenants)
	landlords, err5 := size(ctx, k.rent.landlords)
	for _, err := range []error{err1, err2, err3, err4, err5} {
		if err != nil {
			return err
		}
	}
	for _, c := range []struct {
		name      string
		got, want int
	}{
		{"lease due", due, t.leaseDue}, {"lease late", late, t.leaseLate}, {"lease prune", prune, t.leasePrune},
		{"tenants", tenants, t.leases}, {"landlords", landlords, t.leases}, {"calendars that lack", t.booked, 0},
	} {
		if c.got != c.want {
			return types.ErrInvariant.Wrapf("%s has %d entries: %d are the leases'", c.name, c.got, c.want)
		}
	}
	return nil
}
