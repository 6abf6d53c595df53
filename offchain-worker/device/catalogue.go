package device

import (
	"fmt"
	"strings"

	"github.com/assaychain/assay/x/registry/catalogue"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// ClassOf is the class of a GPU by its model's name and its memory in MiB: the catalogue's for a model that it knows, else one that such
// a device may claim without being known. The chain decides by its own catalogue, which governance may have extended.
func ClassOf(model string, memoryMiB uint32) registrytypes.DeviceClass {
	report := catalogue.Report{Name: model, MemoryMiB: memoryMiB, Accelerated: true}
	return registrytypes.DeviceClass(catalogue.Embedded().Classify(report).Class)
}

// Verdict is what the catalogue takes the device for, measured at so many multiply-accumulates a second; 0 if it was not.
func (d Device) Verdict(rate float64) catalogue.Verdict {
	report := catalogue.Report{Name: d.Model, MemoryMiB: d.MemoryMiB, Accelerated: d.Backend != registrytypes.BACKEND_CPU}
	if rate >= 1e9 {
		report.GMACs = uint64(min(rate/1e9, 1e15))
	}
	return catalogue.Embedded().Classify(report)
}

// ParseClass reads a class as ClassName writes it.
func ParseClass(name string) (registrytypes.DeviceClass, error) {
	value, known := registrytypes.DeviceClass_value["DEVICE_CLASS_"+strings.ToUpper(name)]
	if !known || value == 0 || name != strings.ToLower(name) {
		return 0, fmt.Errorf("class %q: it must be cpu, edge, mobile, consumer or datacentre", name)
	}
	return registrytypes.DeviceClass(value), nil
}
