package types

import (
	"github.com/assaychain/assay/x/registry/catalogue"
)

// memorySlack is what a device may report of its model's memory, in hundredths: drivers count, and round, in their own ways.
const memorySlack = 105

// EmbeddedModels are the models of the catalogue that comes with this build, by key.
func EmbeddedModels() []GpuModel {
	known := catalogue.Embedded().Models()
	models := make([]GpuModel, len(known))
	for i, model := range known {
		models[i] = NewGpuModel(model)
	}
	return models
}

// NewGpuModel writes a model of the catalogue as the chain stores it.
func NewGpuModel(m catalogue.Model) GpuModel {
	backends := make([]Backend, len(m.Backends))
	for i, backend := range m.Backends {
		backends[i] = Backend(backend)
	}
	return GpuModel{
		Key: m.Key, Vendor: m.Vendor, Name: m.Name, Architecture: m.Architecture, Class: DeviceClass(m.Class), MemoryMib: m.MemoryMiB,
		Fp32Gflops: m.FP32, Fp16Gflops: m.FP16, Int8Gops: m.INT8, BandwidthMbps: m.BandwidthMBps, TdpWatts: m.TDPWatts,
		Released: m.Released, Backends: backends, Aliases: m.Aliases, Sources: m.Sources,
	}
}

// Model reads a model as the catalogue knows it. Values that are no class or back end become 0, which is none.
func (m GpuModel) Model() catalogue.Model {
	backends := make([]catalogue.Backend, len(m.Backends))
	for i, backend := range m.Backends {
		if backend > 0 && backend <= BACKEND_ONEAPI {
			backends[i] = catalogue.Backend(backend)
		}
	}
	class := catalogue.Class(0)
	if m.Class > 0 && m.Class <= DEVICE_CLASS_DATACENTRE {
		class = catalogue.Class(m.Class)
	}
	return catalogue.Model{
		Key: m.Key, Vendor: m.Vendor, Name: m.Name, Architecture: m.Architecture, Class: class, MemoryMiB: m.MemoryMib,
		FP32: m.Fp32Gflops, FP16: m.Fp16Gflops, INT8: m.Int8Gops, BandwidthMBps: m.BandwidthMbps, TDPWatts: m.TdpWatts,
		Released: m.Released, Backends: backends, Aliases: m.Aliases, Sources: m.Sources,
	}
}

// Validate checks every field against its bounds, which the package catalogue sets.
func (m GpuModel) Validate() error {
	if err := m.Model().Validate(); err != nil {
		return ErrModel.Wrap(err.Error())
	}
	return nil
}

// Report is what a device says of itself when it registers, as the catalogue reads it.
func (d Device) Report() catalogue.Report {
	return catalogue.Report{Name: d.Model, MemoryMiB: d.MemoryMib, Accelerated: d.Accelerated()}
}

// Throughput is the best peak throughput of the model at any precision, in 10^9 operations a second; 0 when none is known.
func (m GpuModel) Throughput() uint64 { return max(m.Fp32Gflops, m.Fp16Gflops, m.Int8Gops) }

// FitsModel checks that a device claims no higher class than its model's, and no more memory than is sold under the name, with a
// twentieth for the ways in which drivers count.
func (d Device) FitsModel(model GpuModel) error {
	if rank(d.Class) > rank(model.Class) {
		return ErrModel.Wrapf("class is %s: the catalogue has %s as %s, of which a device may claim no more", d.Class, model.Name, model.Class)
	}
	if limit := uint64(model.MemoryMib) * memorySlack / 100; limit > 0 && uint64(d.MemoryMib) > limit {
		return ErrModel.Wrapf("memory_mib is %d: the catalogue has %s with %d, of which a device may report %d at most",
			d.MemoryMib, model.Name, model.MemoryMib, limit)
	}
	return nil
}

// FitsUnknown checks that a device of a model that the catalogue does not know claims no higher class than such a one may.
func (d Device) FitsUnknown() error {
	limit := DeviceClass(catalogue.Conservative(d.Report()).Class)
	if rank(d.Class) > rank(limit) {
		return ErrModel.Wrapf("class is %s: the catalogue does not know %q, and takes a device that reports %d MiB on %s for %s at most; "+
			"governance can add the model", d.Class, d.Model, d.MemoryMib, d.Backend, limit)
	}
	return nil
}

// rank orders classes as the catalogue does.
func rank(class DeviceClass) uint8 {
	if class < 0 || class > DEVICE_CLASS_DATACENTRE {
		return 0
	}
	return catalogue.Class(class).Rank()
}

// validateModels checks that models are valid, by key, and share no names, and that devices' models are among them.
func (g GenesisState) validateModels() error {
	models := make([]catalogue.Model, len(g.Models))
	keys := make(map[string]bool, len(g.Models))
	for i, model := range g.Models {
		models[i] = model.Model()
		keys[model.Key] = true
	}
	if _, err := catalogue.New(models); err != nil {
		return ErrGenesis.Wrapf("models: %s", err)
	}
	for _, device := range g.Devices {
		if device.ModelKey != "" && !keys[device.ModelKey] {
			return ErrGenesis.Wrapf("device %x: model_key %q is not in the catalogue", device.Id, device.ModelKey)
		}
	}
	return nil
}
