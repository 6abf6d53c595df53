//go:build linux && (amd64 || arm64)

package cuda

import (
	"fmt"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"
)

// code is a CUresult.
type code int32

// Results that are told apart, from cuda.h.
const (
	success  code = 0
	noDevice code = 100
)

// Attributes of a device, from cuda.h.
const (
	attributeComputeMode = 20
	attributeMajor       = 75
	attributeMinor       = 76
	// computeProhibited is the value of attributeComputeMode on a GPU that is not to be used.
	computeProhibited = 2
)

// Options of cuModuleLoadDataEx, from cuda.h.
const (
	jitErrorLog     = 5
	jitErrorLogSize = 6
)

// Kinds of memory in a copy, from cuda.h.
const (
	memoryHost   = 1
	memoryDevice = 2
)

// copy2D is a CUDA_MEMCPY2D.
type copy2D struct {
	srcX, srcY    uintptr
	srcType, _    uint32
	srcHost       unsafe.Pointer
	srcDevice     uint64
	srcArray      uintptr
	srcPitch      uintptr
	dstX, dstY    uintptr
	dstType, _    uint32
	dstHost       unsafe.Pointer
	dstDevice     uint64
	dstArray      uintptr
	dstPitch      uintptr
	width, height uintptr
}

// library are the driver's functions, by their names in cuda.h. All but those that ask for devices need a current context.
type library struct {
	cuInit                    func(flags uint32) code
	cuGetErrorName            func(c code, name *unsafe.Pointer) code
	cuDeviceGetCount          func(count *int32) code
	cuDeviceGet               func(device *int32, ordinal int32) code
	cuDeviceGetName           func(name *byte, length int32, device int32) code
	cuDeviceGetUuid           func(uuid *[16]byte, device int32) code
	cuDeviceTotalMem          func(bytes *uintptr, device int32) code
	cuDeviceGetAttribute      func(value *int32, attribute int32, device int32) code
	cuDevicePrimaryCtxRetain  func(context *uintptr, device int32) code
	cuDevicePrimaryCtxRelease func(device int32) code
	cuCtxSetCurrent           func(context uintptr) code
	cuCtxSynchronize          func() code
	cuModuleLoadDataEx        func(module *uintptr, image *byte, options uint32, names *int32, values *uintptr) code
	cuModuleUnload            func(module uintptr) code
	cuModuleGetFunction       func(function *uintptr, module uintptr, name *byte) code
	cuMemAlloc                func(device *uint64, bytes uintptr) code
	cuMemFree                 func(device uint64) code
	cuMemsetD8                func(device uint64, value byte, bytes uintptr) code
	cuMemcpy2D                func(c *copy2D) code
	cuLaunchKernel            func(function uintptr, gridX, gridY, gridZ, blockX, blockY, blockZ, shared uint32, stream uintptr, arguments *unsafe.Pointer, extra unsafe.Pointer) code
}

// symbols name each function in the library: the newest version of its interface that all drivers of this century have.
func (l *library) symbols() map[string]any {
	return map[string]any{
		"cuInit": &l.cuInit, "cuGetErrorName": &l.cuGetErrorName, "cuDeviceGetCount": &l.cuDeviceGetCount,
		"cuDeviceGet": &l.cuDeviceGet, "cuDeviceGetName": &l.cuDeviceGetName, "cuDeviceGetUuid": &l.cuDeviceGetUuid,
		"cuDeviceTotalMem_v2": &l.cuDeviceTotalMem, "cuDeviceGetAttribute": &l.cuDeviceGetAttribute,
		"cuDevicePrimaryCtxRetain": &l.cuDevicePrimaryCtxRetain, "cuDevicePrimaryCtxRelease_v2": &l.cuDevicePrimaryCtxRelease,
		"cuCtxSetCurrent": &l.cuCtxSetCurrent, "cuCtxSynchronize": &l.cuCtxSynchronize,
		"cuModuleLoadDataEx": &l.cuModuleLoadDataEx, "cuModuleUnload": &l.cuModuleUnload, "cuModuleGetFunction": &l.cuModuleGetFunction,
		"cuMemAlloc_v2": &l.cuMemAlloc, "cuMemFree_v2": &l.cuMemFree, "cuMemsetD8_v2": &l.cuMemsetD8, "cuMemcpy2D_v2": &l.cuMemcpy2D,
		"cuLaunchKernel": &l.cuLaunchKernel,
	}
}

var (
	loadedMu sync.Mutex
	// loaded keeps libraries: a driver stays for the process's life.
	loaded = map[string]*library{}
)

// load opens the driver's library and initialises it.
func load(path string) (*library, error) {
	loadedMu.Lock()
	defer loadedMu.Unlock()
	if l, ok := loaded[path]; ok {
		return l, nil
	}
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoDriver, err)
	}
	l := &library{}
	for name, function := range l.symbols() {
		address, err := purego.Dlsym(handle, name)
		if err != nil {
			return nil, fmt.Errorf("%w: %s is too old: %w", ErrDriver, path, err)
		}
		purego.RegisterFunc(function, address)
	}
	if c := l.cuInit(0); c == noDevice {
		return nil, fmt.Errorf("%w: the driver finds no GPU", ErrNoDriver)
	} else if err := l.check("cuInit", c); err != nil {
		return nil, err
	}
	loaded[path] = l
	return l, nil
}

// check makes an error of a call's result.
func (l *library) check(call string, c code) error {
	if c == success {
		return nil
	}
	return fmt.Errorf("%w: %s: %s", ErrDriver, call, l.name(c))
}

func (l *library) name(c code) string {
	var text unsafe.Pointer
	if l.cuGetErrorName(c, &text) != success || text == nil {
		return fmt.Sprintf("code %d", c)
	}
	return goString((*byte)(text), 128)
}

// goString copies a C string of at most limit bytes.
func goString(text *byte, limit int) string {
	bytes := make([]byte, 0, 32)
	for i := range limit {
		b := *(*byte)(unsafe.Add(unsafe.Pointer(text), i))
		if b == 0 {
			break
		}
		bytes = append(bytes, b)
	}
	return string(bytes)
}
