//go:build !darwin && !windows

package gpu

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"unsafe"

	"github.com/gogpu/wgpu/core"
	"github.com/gogpu/wgpu/hal/vulkan/vk"

	"github.com/assaychain/assay/offchain-worker/compute/webgpu/protocol"
)

// vulkan11 is the version that brought UUIDs of devices, as VK_MAKE_API_VERSION(0, 1, 1, 0).
const vulkan11 = 1<<22 | 1<<12

const surface = "VK_KHR_surface"

// idProperties is VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ID_PROPERTIES, which the bindings lack.
const idProperties vk.StructureType = 1000071004

// identify adds UUIDs and memory sizes, which wgpu keeps to itself. It asks Vulkan for its devices once more and believes the
// answer only if it lists the same devices in the same order.
func identify(listed []protocol.Adapter, adapters []core.Adapter) error {
	if len(listed) == 0 {
		return nil
	}
	commands := vk.NewCommands()
	if err := vk.Init(); err != nil {
		return err
	}
	if err := commands.LoadGlobal(); err != nil {
		return err
	}
	app := vk.ApplicationInfo{SType: vk.StructureTypeApplicationInfo, ApiVersion: vulkan11}
	// The bindings load no instance without this extension, nor does wgpu.
	extension := [...]byte{len(surface): 0}
	copy(extension[:], surface)
	names := [...]uintptr{uintptr(unsafe.Pointer(&extension[0]))}
	info := vk.InstanceCreateInfo{
		SType: vk.StructureTypeInstanceCreateInfo, PApplicationInfo: &app,
		EnabledExtensionCount: uint32(len(names)), PpEnabledExtensionNames: uintptr(unsafe.Pointer(&names[0])),
	}
	var instance vk.Instance
	if result := commands.CreateInstance(&info, nil, &instance); result != vk.Success {
		return fmt.Errorf("vkCreateInstance: %d", result)
	}
	runtime.KeepAlive(&app)
	runtime.KeepAlive(&extension)
	runtime.KeepAlive(&names)
	defer commands.DestroyInstance(instance, nil)
	if err := commands.LoadInstance(instance); err != nil {
		return err
	}
	devices, err := physicalDevices(commands, instance)
	if err != nil {
		return err
	}
	return match(listed, adapters, commands, devices)
}

func physicalDevices(commands *vk.Commands, instance vk.Instance) ([]vk.PhysicalDevice, error) {
	var count uint32
	if result := commands.EnumeratePhysicalDevices(instance, &count, nil); result != vk.Success || count == 0 {
		return nil, fmt.Errorf("vkEnumeratePhysicalDevices: %d, %d devices", result, count)
	}
	devices := make([]vk.PhysicalDevice, count)
	if result := commands.EnumeratePhysicalDevices(instance, &count, &devices[0]); result != vk.Success {
		return nil, fmt.Errorf("vkEnumeratePhysicalDevices: %d", result)
	}
	return devices[:count], nil
}

// match fills in what it finds, or nothing at all if the two lists differ.
func match(listed []protocol.Adapter, adapters []core.Adapter, commands *vk.Commands, devices []vk.PhysicalDevice) error {
	if len(devices) != len(listed) {
		return fmt.Errorf("%d devices in one list and %d in the other", len(devices), len(listed))
	}
	found := make([]protocol.Adapter, len(listed))
	for i, device := range devices {
		ids := vk.PhysicalDeviceIDProperties{SType: idProperties}
		properties := vk.PhysicalDeviceProperties2{SType: vk.StructureTypePhysicalDeviceProperties2, PNext: (*uintptr)(unsafe.Pointer(&ids))}
		commands.GetPhysicalDeviceProperties2(device, &properties)
		raw := properties.Properties.DeviceName[:]
		name, _, _ := strings.Cut(string(bytes.Clone(unsafe.Slice((*byte)(unsafe.Pointer(&raw[0])), len(raw)))), "\x00")
		same := adapters[i].Info
		if name != same.Name || properties.Properties.VendorID != same.VendorID || properties.Properties.DeviceID != same.DeviceID {
			return fmt.Errorf("device %d is %q in one list and %q in the other", i, name, same.Name)
		}
		found[i] = listed[i]
		found[i].UUID, found[i].Memory = ids.DeviceUUID, localMemory(commands, device)
	}
	copy(listed, found)
	return nil
}

// localMemory is the size of the device's own memory.
func localMemory(commands *vk.Commands, device vk.PhysicalDevice) uint64 {
	var memory vk.PhysicalDeviceMemoryProperties
	commands.GetPhysicalDeviceMemoryProperties(device, &memory)
	var size uint64
	for _, heap := range memory.MemoryHeaps[:min(int(memory.MemoryHeapCount), len(memory.MemoryHeaps))] {
		if heap.Flags&vk.MemoryHeapFlags(vk.MemoryHeapDeviceLocalBit) != 0 {
			size = max(size, uint64(heap.Size))
		}
	}
	return size
}
