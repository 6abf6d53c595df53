package types

import (
	"encoding/hex"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/registry/catalogue"
	"github.com/assaychain/assay/x/registry/index"
	"github.com/assaychain/assay/x/registry/reputation"
)

const (
	// DeviceIDSize is the size of a device's id in bytes.
	DeviceIDSize = index.IDSize
	// MaxModel is the size of a model's name in bytes at most.
	MaxModel = 64
	// MaxMemory bounds a device's memory in MiB: 16 TiB.
	MaxMemory = 1 << 24
)

// Offer is what an operator may change of a device.
type Offer struct {
	// Lanes is how many jobs the device takes at a time, from 1.
	Lanes uint32
	// Price is in the base denomination per 10^9 multiply-accumulates.
	Price math.Int
	// Available says whether it takes new jobs.
	Available bool
	// HourlyPrice is what renting the whole device costs an hour; 0 when it is not for rent.
	HourlyPrice math.Int
	// Levels of assurance that the worker can prove, ascending; sampled and revealed when empty.
	Levels []program.Assurance
	// Cell is where it stands, a number of the grid; 0 when that is not told.
	Cell uint32
}

// ValidateDeviceID checks the id's size.
func ValidateDeviceID(id []byte) error {
	if len(id) != DeviceIDSize {
		return ErrField.Wrapf("id of %d bytes: it must be the SHA-256 of the hardware's UUID, %d bytes", len(id), DeviceIDSize)
	}
	return nil
}

// ParseDeviceID reads an id in lower-case hexadecimal.
func ParseDeviceID(text string) ([]byte, error) {
	id, err := hex.DecodeString(text)
	if err != nil {
		return nil, ErrField.Wrapf("id: %s", err)
	}
	return id, ValidateDeviceID(id)
}

// ValidateAgainst checks an offer against the rule of the device's class.
func (o Offer) ValidateAgainst(params Params, class DeviceClass) error {
	rule, err := params.Rule(class)
	if err != nil {
		return err
	}
	if o.Lanes < 1 || o.Lanes > rule.MaxLanes {
		return ErrField.Wrapf("lanes is %d: a device of %s takes from 1 to %d", o.Lanes, class, rule.MaxLanes)
	}
	if o.Price.IsNil() || o.Price.LT(params.MinPrice) || o.Price.GT(MaxPrice()) {
		return ErrField.Wrapf("price must be from %s to %s", params.MinPrice, MaxPrice())
	}
	if err := validateLevels(o.Levels); err != nil {
		return err
	}
	if err := ValidateCell("cell", o.Cell); err != nil {
		return err
	}
	return validateHourly("hourly_price", o.HourlyPrice)
}

// validateLevels refuses levels that don't exist, and every order but one.
func validateLevels(levels []program.Assurance) error {
	for i, level := range levels {
		if _, known := program.Assurance_name[int32(level)]; !known {
			return ErrField.Wrapf("levels[%d] is %d: there is no such level of assurance", i, level)
		}
		if i > 0 && level <= levels[i-1] {
			return ErrField.Wrapf("levels[%d] is %s after %s: they must be ascending, each once", i, level.Word(), levels[i-1].Word())
		}
	}
	return nil
}

// DefaultLevels are what a device can prove that says nothing of it.
func DefaultLevels() []program.Assurance {
	return []program.Assurance{program.ASSURANCE_SAMPLED, program.ASSURANCE_REVEALED}
}

// CanProve are the levels of assurance that the device's worker can prove, ascending.
func (d Device) CanProve() []program.Assurance {
	if len(d.Levels) == 0 {
		return DefaultLevels()
	}
	return d.Levels
}

// Validate checks what holds for a device under any parameters.
func (d Device) Validate() error {
	if err := ValidateDeviceID(d.Id); err != nil {
		return err
	}
	if _, err := accounts.Decode(d.Operator); err != nil {
		return ErrAddress.Wrapf("operator: %s", err)
	}
	if err := validateText("model", d.Model, MaxModel); err != nil {
		return err
	}
	if d.ModelKey != "" {
		if err := validateText("model_key", d.ModelKey, MaxModel); err != nil {
			return err
		}
	}
	if d.Gops > catalogue.MaxThroughput || (d.Gops > 0 && d.ModelKey == "") {
		return ErrField.Wrapf("gops is %d: it must be at most %d, and 0 where the model is not known", d.Gops, uint64(catalogue.MaxThroughput))
	}
	if err := validateHardware(d.Class, d.Backend); err != nil {
		return err
	}
	if d.MemoryMib < 1 || d.MemoryMib > MaxMemory {
		return ErrField.Wrapf("memory_mib is %d: it must be from 1 to %d", d.MemoryMib, MaxMemory)
	}
	if d.Lanes < 1 || d.Lanes > LanesLimit || d.InUse > LanesLimit {
		return ErrField.Wrapf("lanes is %d with %d in use: lanes must be from 1 to %d, in_use to %d", d.Lanes, d.InUse, LanesLimit, LanesLimit)
	}
	if d.Price.IsNil() || !d.Price.IsPositive() || d.Price.GT(MaxPrice()) {
		return ErrField.Wrapf("price must be from 1 to %s", MaxPrice())
	}
	if err := validateLevels(d.Levels); err != nil {
		return err
	}
	if err := d.validateRent(); err != nil {
		return err
	}
	if err := d.validateLocation(); err != nil {
		return err
	}
	if err := d.validateQuality(); err != nil {
		return err
	}
	return d.validateScore()
}

func (d Device) validateScore() error {
	if d.UptimeBps > reputation.Whole || d.DeliveryBps > reputation.Whole {
		return ErrField.Wrapf("uptime_bps is %d and delivery_bps %d: they must be at most %d", d.UptimeBps, d.DeliveryBps, reputation.Whole)
	}
	if d.Score > reputation.MaxClassScore*reputation.Whole {
		return ErrField.Wrapf("score is %d: it must be at most %d", d.Score, reputation.MaxClassScore*reputation.Whole)
	}
	if d.Score > 0 && (!d.Available || d.Unproven || d.ProvenUntil == 0) {
		return ErrField.Wrapf("score is %d: a device scores only while it is available, and proven to be of its class and lately", d.Score)
	}
	return nil
}

// Record is what was learnt of the device.
func (d Device) Record() reputation.Record {
	return reputation.Record{Uptime: d.UptimeBps, Delivery: d.DeliveryBps}
}

// SetRecord replaces what was learnt.
func (d *Device) SetRecord(r reputation.Record) { d.UptimeBps, d.DeliveryBps = r.Uptime, r.Delivery }

// validateHardware checks that class and backend exist and fit: without an accelerator there is only the processor, and
// a GPU isn't driven as one.
func validateHardware(class DeviceClass, backend Backend) error {
	if class < DEVICE_CLASS_CPU || class > DEVICE_CLASS_DATACENTRE {
		return ErrField.Wrapf("class %d: it must be from %d to %d", class, DEVICE_CLASS_CPU, DEVICE_CLASS_DATACENTRE)
	}
	if backend < BACKEND_CPU || backend > BACKEND_ONEAPI {
		return ErrField.Wrapf("backend %d: it must be from %d to %d", backend, BACKEND_CPU, BACKEND_ONEAPI)
	}
	accelerated := backend != BACKEND_CPU
	if class == DEVICE_CLASS_CPU && accelerated {
		return ErrField.Wrapf("backend %s: a device of %s uses %s", backend, class, BACKEND_CPU)
	}
	if (class == DEVICE_CLASS_CONSUMER || class == DEVICE_CLASS_DATACENTRE) && !accelerated {
		return ErrField.Wrapf("backend %s: a device of %s uses an accelerator's", backend, class)
	}
	return nil
}

// BookedBefore tells whether a lease of the device begins, or began, before a Unix second.
func (d Device) BookedBefore(second int64) bool { return d.BookedFrom > 0 && d.BookedFrom < second }

// Free tells whether the device can take another job.
func (d Device) Free() bool { return d.Open() && d.InUse < d.OpenLanes() }

// Open tells whether the device takes jobs as far as it has lanes.
func (d Device) Open() bool {
	return d.Available && !d.Rented && !d.Unproven && !d.Checking && d.Serves()
}

// Attested tells whether a spot check has shown the device's class, and it proved something lately: until after a moment of the registry's clock.
func (d Device) Attested(moment uint64) bool { return !d.Unproven && d.ProvenUntil > moment }

// OfferedLanes are the lanes that the device has for jobs, taken or not: none while it is rented, unproven, not available, too hot or without
// power. A spot check passes, and changes nothing.
func (d Device) OfferedLanes() uint32 {
	if !d.Available || d.Rented || d.Unproven || !d.Serves() {
		return 0
	}
	return d.OpenLanes()
}

// Busy tells whether the device has work, so that it need not answer a spot check.
func (d Device) Busy() bool { return d.Rented || d.InUse > 0 }

// Accelerated tells whether the device is driven through another backend than the processor's.
func (d Device) Accelerated() bool { return d.Backend != BACKEND_CPU }
