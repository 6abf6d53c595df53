package types

import (
	"time"

	"github.com/assaychain/assay/x/registry/qos"
)

const (
	// MaxPowerBudget bounds an operator's power budget in watts: a megawatt.
	MaxPowerBudget = 1_000_000
	// MeteredLimit bounds the devices of an operator with a power budget: whenever one of them is taken into use, or out of it, the room for
	// all others is reckoned anew.
	MeteredLimit = 32
	// MaxWatts bounds what any device draws.
	MaxWatts = 100_000
	// AllHours are the hours of a day, one bit each.
	AllHours = 1<<hoursADay - 1

	hoursADay   = 24
	hourSeconds = 3_600
)

// rating are the watts that a device may say it draws under load.
type rating struct{ least, most uint32 }

// UsualDraw is what a device of a class draws under load, in watts, where nothing is known of it: a round figure of the catalogue's.
func UsualDraw(class DeviceClass) uint32 {
	switch class {
	case DEVICE_CLASS_EDGE:
		return 15
	case DEVICE_CLASS_MOBILE:
		return 8
	case DEVICE_CLASS_CONSUMER:
		return 300
	case DEVICE_CLASS_DATACENTRE:
		return 500
	default:
		return 65
	}
}

// mostDraw is the most that a device of a class may say to draw whose model is not known, in watts.
func mostDraw(class DeviceClass) uint32 {
	switch class {
	case DEVICE_CLASS_EDGE:
		return 100
	case DEVICE_CLASS_MOBILE:
		return 30
	case DEVICE_CLASS_CONSUMER:
		return 800
	case DEVICE_CLASS_DATACENTRE:
		return 2_000
	default:
		return 1_500
	}
}

// rating is what a device may tell of its draw: from half of what its model is rated for, since limits below that are rare, to all of it.
func (d Device) rating(tdp uint32) rating {
	switch {
	case tdp > 0:
		return rating{least: (tdp + 1) / 2, most: tdp}
	case d.ModelKey != "":
		return rating{least: UsualDraw(d.Class) / 2, most: mostDraw(d.Class)}
	default:
		return rating{least: 1, most: mostDraw(d.Class)}
	}
}

// WithDraw tells what a device draws under load, in watts; as its model is rated when told is 0. tdp is the model's, 0 when not known.
func (d Device) WithDraw(told, tdp uint32) (Device, error) {
	allowed := d.rating(tdp)
	if told > 0 && (told < allowed.least || told > allowed.most) {
		return d, ErrPower.Wrapf("watts is %d: a device of its model draws from %d to %d, or 0 as it is rated", told, allowed.least, allowed.most)
	}
	d.Watts = told
	if told == 0 {
		d.Watts = min(tdp, MaxWatts)
	}
	return d, nil
}

// Draw is what the device counts for in a power budget, in watts.
func (d Device) Draw() uint32 {
	if d.Watts > 0 {
		return d.Watts
	}
	return UsualDraw(d.Class)
}

// RatedDraw is what the device's energy is valued by, in watts: where its model is not known, what it tells counts for nothing.
func (d Device) RatedDraw() uint32 {
	if d.ModelKey == "" {
		return UsualDraw(d.Class)
	}
	return d.Draw()
}

// Metering is what the device takes of its operator's power budget now.
func (d Device) Metering() uint32 {
	if !d.Metered || !d.Busy() {
		return 0
	}
	return d.Draw()
}

// Fits tells whether the device may be in use beside what is drawn already. One that is in use stays so.
func (d Device) Fits(budget, used uint32) bool {
	return budget == 0 || d.Busy() || uint64(used)+uint64(d.Draw()) <= uint64(budget)
}

// OpenLanes is on how many lanes the device takes jobs, as hot as it is.
func (d Device) OpenLanes() uint32 { return qos.Heat(d.Heat).Lanes(d.Lanes) }

// Serves tells whether neither heat nor power keeps the device from work.
func (d Device) Serves() bool { return d.Heat < HEAT_WITHDRAWN && !d.Unpowered }

// Load is what the device is ordered by among those offered: its jobs, and one more when it is warm or hot.
func (d Device) Load() uint32 {
	if d.Heat > HEAT_NORMAL {
		return d.InUse + 1
	}
	return d.InUse
}

// InHours tells whether the device takes work at a time.
func (d Device) InHours(now time.Time) bool {
	return d.Hours == 0 || d.Hours>>uint(hourOf(now.Unix()))&1 == 1
}

// NextSwitch is the Unix second at which the device's hours begin or end next after a time; 0 when it has all hours.
func (d Device) NextSwitch(now time.Time) int64 {
	if d.Hours == 0 || d.Hours == AllHours {
		return 0
	}
	hour := now.Unix() - now.Unix()%hourSeconds
	on := d.InHours(now)
	for range hoursADay {
		hour += hourSeconds
		if d.InHours(time.Unix(hour, 0)) != on {
			return hour
		}
	}
	return 0
}

// WithHours replaces the hours in which the device takes work, and makes it available or lets it sleep by them.
func (d Device) WithHours(hours uint32, now time.Time) (Device, error) {
	if hours > AllHours {
		return d, ErrPower.Wrapf("hours is %d: it must be at most %d, one bit for each hour of the day", hours, AllHours)
	}
	d.Hours = hours
	d.Switches = d.NextSwitch(now)
	return d.Offered(d.Wanted(), now), nil
}

// Offered makes the device available, or lets it sleep until its hours, or takes it off.
func (d Device) Offered(available bool, now time.Time) Device {
	d.Available = available && d.InHours(now)
	d.Asleep = available && !d.Available
	return d
}

// Wanted tells whether its operator offers the device: now, or in its hours.
func (d Device) Wanted() bool { return d.Available || d.Asleep }

// hourOf is the hour of the day, UTC, of a Unix second.
func hourOf(second int64) int64 {
	return (second%(hoursADay*hourSeconds) + hoursADay*hourSeconds) % (hoursADay * hourSeconds) / hourSeconds
}

func (d Device) validatePower() error {
	switch {
	case d.Watts > MaxWatts:
		return ErrField.Wrapf("watts is %d: it must be at most %d", d.Watts, MaxWatts)
	case d.Hours > AllHours:
		return ErrField.Wrapf("hours is %d: it must be at most %d", d.Hours, AllHours)
	case d.Asleep && (d.Available || d.Switches == 0):
		return ErrField.Wrapf("asleep with available %t and switches %d: only an unavailable device with hours sleeps", d.Available, d.Switches)
	case d.Switches < 0 || (d.Switches > 0) != (d.Hours != 0 && d.Hours != AllHours):
		return ErrField.Wrapf("switches is %d with hours %d: it must be positive exactly when the device has some of the hours", d.Switches, d.Hours)
	case d.Unpowered && (!d.Metered || d.Busy()):
		return ErrField.Wrapf("unpowered with metered %t and in_use %d: only an idle device of an operator with a power budget is", d.Metered, d.InUse)
	}
	return nil
}

// validatePower checks that what an operator's devices draw is what is counted, and which of them have room.
func (g GenesisState) validatePower() error {
	budgets := make(map[string]Operator, len(g.Operators))
	for _, operator := range g.Operators {
		budgets[operator.Address] = operator
	}
	used := make(map[string]uint64, len(g.Operators))
	for _, device := range g.Devices {
		operator := budgets[device.Operator]
		if device.Metered != (operator.PowerBudget > 0) {
			return ErrGenesis.Wrapf("device %x: metered is %t, the power budget of %s is %d", device.Id, device.Metered, device.Operator, operator.PowerBudget)
		}
		if device.Unpowered == device.Fits(operator.PowerBudget, operator.PowerUsed) {
			return ErrGenesis.Wrapf("device %x: unpowered is %t, it draws %d W where %s uses %d of %d",
				device.Id, device.Unpowered, device.Draw(), device.Operator, operator.PowerUsed, operator.PowerBudget)
		}
		used[device.Operator] += uint64(device.Metering())
	}
	for _, operator := range g.Operators {
		if used[operator.Address] != uint64(operator.PowerUsed) {
			return ErrGenesis.Wrapf("operator %s: its devices draw %d W, power_used says %d", operator.Address, used[operator.Address], operator.PowerUsed)
		}
		if operator.PowerBudget > 0 && operator.Devices > MeteredLimit {
			return ErrGenesis.Wrapf("operator %s: a power budget for %d devices: at most %d", operator.Address, operator.Devices, MeteredLimit)
		}
	}
	return nil
}

// validateTelemetry checks that reports are of devices, one each, and within the clock.
func (g GenesisState) validateTelemetry() error {
	devices := make(map[string]Device, len(g.Devices))
	for _, device := range g.Devices {
		devices[string(device.Id)] = device
	}
	seen := make(map[string]bool, len(g.Telemetry))
	for _, report := range g.Telemetry {
		device, known := devices[string(report.Device)]
		switch {
		case !known:
			return ErrGenesis.Wrapf("telemetry of device %x, which is not there", report.Device)
		case seen[string(report.Device)]:
			return ErrGenesis.Wrapf("device %x has two reports", report.Device)
		case report.Reported > g.Clock.ActiveMs || report.Lapses <= report.Reported:
			return ErrGenesis.Wrapf("telemetry of device %x: reported at %d until %d, the clock is at %d",
				report.Device, report.Reported, report.Lapses, g.Clock.ActiveMs)
		}
		if err := report.Validate(); err != nil {
			return ErrGenesis.Wrapf("telemetry of device %x: %s", report.Device, err)
		}
		if report.Watts > 2*MaxWatts || report.MemoryFreeMib > device.MemoryMib {
			return ErrGenesis.Wrapf("telemetry of device %x: %d W and %d MiB free: at most %d and %d",
				report.Device, report.Watts, report.MemoryFreeMib, 2*MaxWatts, device.MemoryMib)
		}
		seen[string(report.Device)] = true
	}
	return g.validateHeat(seen)
}

// validateHeat checks that only a device with a report is warm or hot; one that was withdrawn may have none.
func (g GenesisState) validateHeat(reported map[string]bool) error {
	for _, device := range g.Devices {
		if (device.Heat == HEAT_WARM || device.Heat == HEAT_HOT) && !reported[string(device.Id)] {
			return ErrGenesis.Wrapf("device %x is %s without a report", device.Id, device.Heat)
		}
	}
	for i, price := range g.Prices {
		if price.Class < DEVICE_CLASS_CPU || price.Class > DEVICE_CLASS_DATACENTRE || i > 0 && price.Class <= g.Prices[i-1].Class {
			return ErrGenesis.Wrapf("prices[%d] is of class %d: they must be of classes, ascending", i, price.Class)
		}
		if price.Price < 1 || price.Price > MaxPrice().Uint64() {
			return ErrGenesis.Wrapf("prices[%d] is %d: it must be from 1 to %s", i, price.Price, MaxPrice())
		}
	}
	return nil
}
