// Package gpu is the inside of assay-gpu, the worker's GPU process: it computes through WebGPU on Vulkan, Metal or Direct3D.
//
// It is the only package that imports gogpu/wgpu, and nothing but assay-gpu may import it: that library and purego, which the
// worker's other back ends use, both define the runtime's hooks for calling C and don't link in one program. Only the hardware
// back ends of the library are imported: among all of them is a software renderer that is chosen silently and computes wrong.
package gpu

import (
	"fmt"

	"github.com/gogpu/gputypes"
	"github.com/gogpu/wgpu"
	"github.com/gogpu/wgpu/core"

	"github.com/assaychain/assay/offchain-worker/compute/webgpu/protocol"
)

// Adapters are the devices of this machine, in the drivers' order.
type Adapters struct {
	instance *core.Instance
	adapters []core.Adapter
	listed   []protocol.Adapter
	// unidentified is why the adapters have no UUIDs.
	unidentified error
}

// List asks the drivers for their devices. Without any driver the list is empty.
func List() (*Adapters, error) {
	a := &Adapters{instance: core.NewInstance(&gputypes.InstanceDescriptor{Backends: backends})}
	hub := core.GetGlobal().Hub()
	for _, id := range a.instance.EnumerateAdapters() {
		adapter, err := hub.GetAdapter(id)
		if err != nil {
			return nil, fmt.Errorf("adapter: %w", err)
		}
		if adapter.HasHAL() && len(a.adapters) < protocol.MaxAdapters {
			a.adapters = append(a.adapters, adapter)
			a.listed = append(a.listed, describe(adapter.Info))
		}
	}
	if err := identify(a.listed, a.adapters); err != nil {
		a.unidentified = fmt.Errorf("identities of the adapters: %w", err)
	}
	return a, nil
}

func describe(info gputypes.AdapterInfo) protocol.Adapter {
	name := info.Name
	if len(name) > protocol.MaxText {
		name = name[:protocol.MaxText]
	}
	return protocol.Adapter{Vendor: info.VendorID, Software: info.DeviceType == gputypes.DeviceTypeCPU, Name: valid(name)}
}

// Listed describes the adapters as Hello does.
func (a *Adapters) Listed() []protocol.Adapter { return a.listed }

// Unidentified is why the listed adapters have neither UUID nor memory size, or nil.
func (a *Adapters) Unidentified() error { return a.unidentified }

// Open prepares an adapter to multiply. tiled chooses the kernel with shared memory; it is what hardware wants, while software
// drivers take up to a minute to compile it.
func (a *Adapters) Open(index uint32, tiled bool) (*Device, error) {
	if uint64(index) >= uint64(len(a.adapters)) {
		return nil, fmt.Errorf("adapter %d of %d", index, len(a.adapters))
	}
	adapter := a.adapters[index]
	open, err := adapter.HALAdapter().Open(0, adapter.Limits)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", adapter.Info.Name, err)
	}
	device, err := wgpu.NewDeviceFromHAL(open.Device, open.Queue, adapter.Features, adapter.Limits, "assay")
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", adapter.Info.Name, err)
	}
	return newDevice(device, tiled)
}
