package types

import "cosmossdk.io/math"

// HonouredSeconds is how long an hourly price stays good after it was raised: as long as a quote holds.
const HonouredSeconds = 300

// ForRent tells whether the device is part of the supply for rent: offered, or rented now.
func (d Device) ForRent() bool {
	return positive(d.HourlyPrice) && (d.Available && !d.Unproven && d.Serves() || d.Rented)
}

// RentPrice is what renting the device costs an hour at a Unix second, before the market's factors: the price asked, or a lower
// one asked lately. It is 0 when the device is not for rent.
func (d Device) RentPrice(now int64) math.Int {
	if !positive(d.HourlyPrice) {
		return math.ZeroInt()
	}
	return d.lowest(now)
}

// lowest is the lowest price that is asked or honoured; 0 when there is none.
func (d Device) lowest(now int64) math.Int {
	honoured := positive(d.HonouredPrice) && now <= d.HonouredUntil
	switch {
	case honoured && positive(d.HourlyPrice):
		return math.MinInt(d.HourlyPrice, d.HonouredPrice)
	case honoured:
		return d.HonouredPrice
	case positive(d.HourlyPrice):
		return d.HourlyPrice
	default:
		return math.ZeroInt()
	}
}

// WithHourlyPrice changes the hourly price at a Unix second. A lower price that was good until then is honoured for a while, so
// that a quote holds although the operator asks more, at once or in steps.
func (d Device) WithHourlyPrice(price math.Int, now int64) Device {
	if price.IsNil() {
		price = math.ZeroInt()
	}
	low, until := d.lowest(now), now+HonouredSeconds
	if !positive(d.HourlyPrice) {
		until = d.HonouredUntil
	}
	d.HonouredPrice, d.HonouredUntil = math.ZeroInt(), 0
	if low.IsPositive() && (price.IsZero() || price.GT(low)) {
		d.HonouredPrice, d.HonouredUntil = low, until
	}
	d.HourlyPrice = price
	return d
}

func (d Device) validateRent() error {
	if err := validateHourly("hourly_price", d.HourlyPrice); err != nil {
		return err
	}
	if err := validateHourly("honoured_price", d.HonouredPrice); err != nil {
		return err
	}
	if d.HonouredUntil < 0 || (d.HonouredUntil > 0) != positive(d.HonouredPrice) {
		return ErrField.Wrapf("honoured_until is %d: it must be positive with honoured_price, 0 without", d.HonouredUntil)
	}
	if d.BookedFrom < 0 {
		return ErrField.Wrapf("booked_from is %d: it must be at least 0", d.BookedFrom)
	}
	if d.Rented && d.InUse > 0 {
		return ErrField.Wrapf("rented with in_use %d: a rented device has no jobs", d.InUse)
	}
	return nil
}

// validateHourly checks an hourly price; one that is not given is 0.
func validateHourly(field string, price math.Int) error {
	if !price.IsNil() && (price.IsNegative() || price.GT(MaxPrice())) {
		return ErrField.Wrapf("%s must be from 0 to %s", field, MaxPrice())
	}
	return nil
}

func positive(price math.Int) bool { return !price.IsNil() && price.IsPositive() }
