package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"github.com/assaychain/assay/x/market/leases"
	"github.com/assaychain/assay/x/market/types"
)

// book enters a booking into a device's calendar.
func (k *Keeper) book(ctx context.Context, device []byte, booking types.Booking) error {
	if err := k.setBooking(ctx, device, booking); err != nil {
		return err
	}
	return k.noteFirst(ctx, device)
}

func (k *Keeper) setBooking(ctx context.Context, device []byte, booking types.Booking) error {
	return k.rent.calendar.Set(ctx, collections.Join(device, booking.Start), booking)
}

// unbook takes the booking that begins at a Unix second out of a device's calendar.
func (k *Keeper) unbook(ctx context.Context, device []byte, start int64) error {
	if err := k.rent.calendar.Remove(ctx, collections.Join(device, start)); err != nil {
		return err
	}
	return k.noteFirst(ctx, device)
}

// noteFirst has the device's record tell when the first lease of its calendar begins: a search for a job's device reads many of those records,
// and no calendar.
func (k *Keeper) noteFirst(ctx context.Context, device []byte) error {
	list, err := k.bookings(ctx, device, 1)
	if err != nil {
		return err
	}
	from := int64(0)
	if len(list) > 0 {
		from = list[0].Start
	}
	return k.ports.Registry.Book(ctx, device, from)
}

// checkFree refuses a window that another lease of the device's calendar overlaps, with one look: bookings don't overlap each other,
// so that only the last one that starts before the window's end can.
func (k *Keeper) checkFree(ctx context.Context, device []byte, window leases.Window, except uint64) error {
	booking, found, err := k.lastBefore(ctx, device, window.End)
	if err != nil || !found {
		return err
	}
	taken := leases.Window{Start: booking.Start, End: booking.End}
	if booking.Lease == except || !taken.Overlaps(window) {
		return nil
	}
	return types.ErrBooked.Wrapf("device %x is taken from %s to %s by lease %d", device, clockText(taken.Start), clockText(taken.End), booking.Lease)
}

// lastBefore is the last booking of a device that starts before a Unix second.
func (k *Keeper) lastBefore(ctx context.Context, device []byte, second int64) (booking types.Booking, found bool, err error) {
	before := collections.NewPrefixedPairRange[[]byte, int64](device).EndExclusive(second).Descending()
	err = k.rent.calendar.Walk(ctx, before, func(_ calendarKey, b types.Booking) (bool, error) {
		booking, found = b, true
		return true, nil
	})
	return booking, found, err
}

// bookings lists a device's bookings, earliest first, at most limit of them.
func (k *Keeper) bookings(ctx context.Context, device []byte, limit int) ([]types.Booking, error) {
	var list []types.Booking
	all := collections.NewPrefixedPairRange[[]byte, int64](device)
	err := k.rent.calendar.Walk(ctx, all, func(_ calendarKey, b types.Booking) (bool, error) {
		list = append(list, b)
		return len(list) >= limit, nil
	})
	return list, err
}
