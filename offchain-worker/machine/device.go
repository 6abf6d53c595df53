package machine

import (
	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/offchain-worker/device"
)

// Device is a piece of hardware of the machine.
type Device struct {
	device.Device
	// Source reads its condition; nil if only a back end knows it.
	Source device.Source
	// Kernel computes on it, nil if nothing does. Every result of a kernel that is not the processor's is checked.
	Kernel compute.Kernel
	// Rate is the kernel's measured speed in multiply-accumulates a second.
	Rate float64

	checked *compute.Checked
}

// Stats are what its kernel did, and false for hardware without a checked kernel.
func (d *Device) Stats() (compute.CheckStats, bool) {
	if d.checked == nil {
		return compute.CheckStats{}, false
	}
	return d.checked.Stats(), true
}

// Works tells whether jobs can be computed on it. It ends once its kernel is out of use.
func (d *Device) Works() bool {
	stats, _ := d.Stats()
	return d.Kernel != nil && !stats.Retired
}
