package opencl

import (
	"fmt"
	"strings"
	"unsafe"

	"github.com/assaychain/assay/offchain-worker/compute/internal/offload"
)

// maxInfoBytes and maxListed bound what a driver may make us allocate.
const (
	maxInfoBytes = 1 << 20
	maxListed    = 1 << 10
)

// list returns every device of every platform. skipped is told of platforms that don't list theirs.
func (l *library) list(skipped func(name string, reason error)) ([]deviceID, error) {
	var count uint32
	switch code := l.getPlatformIDs(0, nil, &count); {
	case code == platformNotFound || code == success && count == 0:
		return nil, fmt.Errorf("%w: the loader knows no driver", ErrAbsent)
	case code != success:
		return nil, code.err("list of platforms")
	}
	platforms := make([]platformID, min(count, maxListed))
	if err := l.getPlatformIDs(uint32(len(platforms)), &platforms[0], nil).err("list of platforms"); err != nil {
		return nil, err
	}
	var devices []deviceID
	for i, platform := range platforms {
		found, err := l.devicesOf(platform)
		if err != nil {
			skipped(fmt.Sprintf("opencl platform %d", i), err)
			continue
		}
		devices = append(devices, found...)
	}
	return devices, nil
}

func (l *library) devicesOf(platform platformID) ([]deviceID, error) {
	var count uint32
	code := l.getDeviceIDs(platform, deviceTypeAll, 0, nil, &count)
	if code == deviceNotFound || code == success && count == 0 {
		return nil, nil
	}
	if err := code.err("list of devices"); err != nil {
		return nil, err
	}
	devices := make([]deviceID, min(count, maxListed))
	return devices, l.getDeviceIDs(platform, deviceTypeAll, uint32(len(devices)), &devices[0], nil).err("list of devices")
}

// traits is what a driver tells of a device.
type traits struct {
	name         string
	processor    bool
	ready        bool
	vendor       uint32
	memory       uint64
	maxAlloc     uint64
	maxGroup     uint64
	uuid         [16]byte
	dot, dotDP4A bool
}

// inspect asks for a device's traits. What the driver may leave out stays zero.
func (l *library) inspect(device deviceID) (traits, error) {
	name, err := l.text(device, deviceName)
	if err != nil {
		return traits{}, fmt.Errorf("name of a device: %w", err)
	}
	extensions, err := l.text(device, deviceExtensions)
	if err != nil {
		return traits{}, fmt.Errorf("extensions of %s: %w", name, err)
	}
	kind, err := number[uint64](l, device, deviceType)
	if err != nil {
		return traits{}, fmt.Errorf("type of %s: %w", name, err)
	}
	has := map[string]bool{}
	for _, extension := range strings.Fields(extensions) {
		has[extension] = true
	}
	t := traits{name: name, processor: kind&deviceTypeCPU != 0}
	err = l.measure(device, has, &t)
	return t, err
}

func (l *library) measure(device deviceID, has map[string]bool, t *traits) error {
	var available, compiler uint32
	var group uintptr
	for name, value := range map[uint32]any{
		deviceAvailable: &available, deviceCompiler: &compiler, deviceVendorID: &t.vendor, deviceMemory: &t.memory,
		deviceMaxAlloc: &t.maxAlloc, deviceMaxGroup: &group,
	} {
		if err := l.number(device, name, value); err != nil {
			return fmt.Errorf("property %#x of %s: %w", name, t.name, err)
		}
	}
	t.ready, t.maxGroup = available != 0 && compiler != 0, uint64(group)
	if has[extensionUUID] {
		if l.getDeviceInfo(device, deviceUUID, unsafe.Sizeof(t.uuid), unsafe.Pointer(&t.uuid), nil) != success {
			t.uuid = [16]byte{}
		}
	}
	if has[extensionDot] {
		able, err := number[uint64](l, device, deviceDotProduct)
		t.dot = err == nil && able&dotProductPacked != 0
	}
	if t.vendor == offload.NVIDIA && has[extensionNVIDIA] {
		major, err := number[uint32](l, device, deviceMajorNV)
		minor, err2 := number[uint32](l, device, deviceMinorNV)
		// The dp4a instruction came with compute capability 6.1.
		t.dotDP4A = err == nil && err2 == nil && (major > 6 || major == 6 && minor >= 1)
	}
	return nil
}

func number[T uint32 | uint64](l *library, device deviceID, name uint32) (T, error) {
	var value T
	err := l.number(device, name, &value)
	return value, err
}

// number reads a property into a *uint32, *uint64 or *uintptr.
func (l *library) number(device deviceID, name uint32, value any) error {
	switch v := value.(type) {
	case *uint32:
		return l.getDeviceInfo(device, name, unsafe.Sizeof(*v), unsafe.Pointer(v), nil).err("number")
	case *uint64:
		return l.getDeviceInfo(device, name, unsafe.Sizeof(*v), unsafe.Pointer(v), nil).err("number")
	case *uintptr:
		return l.getDeviceInfo(device, name, unsafe.Sizeof(*v), unsafe.Pointer(v), nil).err("number")
	}
	return fmt.Errorf("property %#x has no number of type %T", name, value)
}

func (l *library) text(device deviceID, name uint32) (string, error) {
	var size uintptr
	if err := l.getDeviceInfo(device, name, 0, nil, &size).err("length of a text"); err != nil {
		return "", err
	}
	if size == 0 || size > maxInfoBytes {
		return "", fmt.Errorf("a text of %d bytes, at most %d", size, maxInfoBytes)
	}
	raw := make([]byte, size)
	if err := l.getDeviceInfo(device, name, size, unsafe.Pointer(&raw[0]), nil).err("text"); err != nil {
		return "", err
	}
	return strings.TrimSpace(strings.TrimRight(string(raw), "\x00")), nil
}
