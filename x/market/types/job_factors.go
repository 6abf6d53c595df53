package types

import (
	"github.com/assaychain/assay/x/market/pricing"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// JobHour is the factor of a job's price in the hour of a Unix second, in UTC, in basis points.
func (p Params) JobHour(second int64) uint32 {
	const hour, day = 3600, pricing.HoursADay * 3600
	at := (second%day + day) % day / hour
	if int(at) >= len(p.JobHourBps) {
		return pricing.BasisPoints
	}
	return p.JobHourBps[at]
}

// JobCapability is the factor of a job's price for what a device of a class can do, in basis points: by the throughput of its model against
// the class's usual, and one where the model's is not known.
func (p Params) JobCapability(class registrytypes.DeviceClass, gops uint64) uint32 {
	if class < registrytypes.DEVICE_CLASS_CPU || int(class) > len(p.JobReferenceGops) {
		return pricing.BasisPoints
	}
	return pricing.Throughput(gops, uint64(p.JobReferenceGops[class-1]))
}
