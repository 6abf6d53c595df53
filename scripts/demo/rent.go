package main

import (
	"context"
	"fmt"
	"time"
)

// Money of the rental: both deposits pay for some seconds at the price that workers of a local network ask.
const (
	rentWindow  = "2h"
	rentDeposit = "15000uassay"
	rentTopUp   = "8000uassay"
)

// rental is what 'assayd lease open' and 'assayd lease topup' print.
type rental struct {
	LeaseID uint64    `json:"lease_id"`
	Rate    string    `json:"rate"`
	DryAt   time.Time `json:"dry_at"`
}

// rentalEnd is what 'assayd lease watch' prints.
type rentalEnd struct {
	CloseReason string    `json:"close_reason"`
	Paid        string    `json:"paid"`
	Refunded    string    `json:"refunded"`
	DriedAt     time.Time `json:"dried_at"`
}

// rent takes worker-1's device for two hours with money for seconds, tops it up once, and waits for the announced second.
func (d *demo) rent(ctx context.Context) error {
	device, err := d.device(ctx, "worker-1")
	if err != nil {
		return err
	}
	if err := d.unoccupied(ctx, device); err != nil {
		return err
	}
	d.say("\nThe customer rents worker-1's device for two hours, with money for some seconds only: it is paid by the millisecond.")
	var opened, topped rental
	if err := d.decode(ctx, &opened, "lease", "open", device, "--for", rentWindow, "--deposit", rentDeposit,
		"--from", "customer", "--home", d.home(), "--yes", "--output", "json"); err != nil {
		return err
	}
	d.say("Lease %d at %s an hour; the money lasts until %s.", opened.LeaseID, opened.Rate, opened.DryAt.Format(clock))
	if err := d.decode(ctx, &topped, "lease", "topup", fmt.Sprint(opened.LeaseID), rentTopUp,
		"--from", "customer", "--home", d.home(), "--yes", "--output", "json"); err != nil {
		return err
	}
	if !topped.DryAt.After(opened.DryAt) {
		return fmt.Errorf("the top-up moved the end from %s to %s", opened.DryAt, topped.DryAt)
	}
	d.say("Topped up once: now it lasts until %s.", topped.DryAt.Format(clock))
	return d.watchRental(ctx, topped)
}

// clock is how moments are shown.
const clock = "15:04:05.000"

// watchRental waits for the end, which must come when it was announced.
func (d *demo) watchRental(ctx context.Context, announced rental) error {
	var end rentalEnd
	if err := d.decode(ctx, &end, "lease", "watch", fmt.Sprint(announced.LeaseID), "--home", d.home(), "--output", "json"); err != nil {
		return err
	}
	if !end.DriedAt.Equal(announced.DryAt) {
		return fmt.Errorf("the money was used up at %s, announced was %s", end.DriedAt, announced.DryAt)
	}
	d.say("Nobody sent anything, and at %s, the announced second, it closed: %s. Paid %s, refunded %s.",
		end.DriedAt.Format(clock), end.CloseReason, end.Paid, end.Refunded)
	return nil
}
