package opencl

import (
	"errors"
	"fmt"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"
)

// ErrAbsent is wrapped when this machine has no OpenCL: no loader library, or no driver that it knows of.
var ErrAbsent = errors.New("OpenCL is not installed")

// Values of the OpenCL 3.0 headers (CL/cl.h), and of cl_khr_device_uuid, cl_khr_integer_dot_product and
// cl_nv_device_attribute_query in CL/cl_ext.h.
const (
	success          status = 0
	deviceNotFound   status = -1
	platformNotFound status = -1001

	deviceTypeCPU = 1 << 1
	deviceTypeAll = 0xffffffff

	deviceType       = 0x1000
	deviceVendorID   = 0x1001
	deviceMaxGroup   = 0x1004
	deviceMaxAlloc   = 0x1010
	deviceMemory     = 0x101f
	deviceAvailable  = 0x1027
	deviceCompiler   = 0x1028
	deviceName       = 0x102b
	deviceExtensions = 0x1030
	deviceUUID       = 0x106a
	deviceDotProduct = 0x1073
	deviceMajorNV    = 0x4000
	deviceMinorNV    = 0x4001
	dotProduct4x8Bit = 1 << 1
	dotProductPacked = 1 << 0
	programBuildLog  = 0x1183
	memReadWrite     = 1 << 0
	memReadOnly      = 1 << 2
	blocking         = 1

	extensionUUID   = "cl_khr_device_uuid"
	extensionDot    = "cl_khr_integer_dot_product"
	extensionNVIDIA = "cl_nv_device_attribute_query"
)

// status is the code that a call returns.
type status int32

// Error gives the code: the number that drivers' documentation lists.
func (s status) Error() string { return fmt.Sprintf("OpenCL error %d", int32(s)) }

func (s status) err(what string) error {
	if s == success {
		return nil
	}
	return fmt.Errorf("%s: %w", what, s)
}

// Handles of OpenCL's objects.
type (
	platformID uintptr
	deviceID   uintptr
	contextID  uintptr
	queueID    uintptr
	programID  uintptr
	kernelID   uintptr
	memoryID   uintptr
)

// library is the part of the OpenCL API that this package uses; pointers may be Go's, since every call that takes one is over with it when
// it returns.
type library struct {
	getPlatformIDs func(entries uint32, platforms *platformID, found *uint32) status
	getDeviceIDs   func(platform platformID, kind uint64, entries uint32, devices *deviceID, found *uint32) status
	getDeviceInfo  func(device deviceID, name uint32, size uintptr, value unsafe.Pointer, needed *uintptr) status
	createContext  func(properties *uintptr, devices uint32, list *deviceID, notify, data uintptr, code *status) contextID
	createQueue    func(context contextID, device deviceID, properties uint64, code *status) queueID
	createProgram  func(context contextID, count uint32, strings *unsafe.Pointer, lengths *uintptr, code *status) programID
	buildProgram   func(program programID, devices uint32, list *deviceID, options string, notify, data uintptr) status
	buildInfo      func(program programID, device deviceID, name uint32, size uintptr, value unsafe.Pointer, needed *uintptr) status
	createKernel   func(program programID, name string, code *status) kernelID
	setKernelArg   func(kernel kernelID, index uint32, size uintptr, value unsafe.Pointer) status
	createBuffer   func(context contextID, flags uint64, size uintptr, host unsafe.Pointer, code *status) memoryID
	enqueueWrite   func(q queueID, m memoryID, block uint32, offset, size uintptr, from unsafe.Pointer, n uint32, wait, event *uintptr) status
	enqueueRead    func(q queueID, m memoryID, block uint32, offset, size uintptr, to unsafe.Pointer, n uint32, wait, event *uintptr) status
	enqueueKernel  func(q queueID, k kernelID, dims uint32, offset, global, local *[2]uintptr, n uint32, wait, event *uintptr) status
	finish         func(queue queueID) status
	releaseContext func(contextID) status
	releaseQueue   func(queueID) status
	releaseProgram func(programID) status
	releaseKernel  func(kernelID) status
	releaseMemory  func(memoryID) status
}

// load opens the system's OpenCL loader once; a process keeps it, since drivers don't survive being unloaded.
var load = sync.OnceValues(func() (*library, error) {
	handle, err := open()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAbsent, err)
	}
	return bind(handle)
})

// bind finds every function; a loader without one of them is older than OpenCL 1.0.
func bind(handle uintptr) (*library, error) {
	l := &library{}
	for name, function := range map[string]any{
		"clGetPlatformIDs": &l.getPlatformIDs, "clGetDeviceIDs": &l.getDeviceIDs, "clGetDeviceInfo": &l.getDeviceInfo,
		"clCreateContext": &l.createContext, "clCreateCommandQueue": &l.createQueue, "clCreateProgramWithSource": &l.createProgram,
		"clBuildProgram": &l.buildProgram, "clGetProgramBuildInfo": &l.buildInfo, "clCreateKernel": &l.createKernel,
		"clSetKernelArg": &l.setKernelArg, "clCreateBuffer": &l.createBuffer, "clEnqueueWriteBuffer": &l.enqueueWrite,
		"clEnqueueReadBuffer": &l.enqueueRead, "clEnqueueNDRangeKernel": &l.enqueueKernel, "clFinish": &l.finish,
		"clReleaseContext": &l.releaseContext, "clReleaseCommandQueue": &l.releaseQueue, "clReleaseProgram": &l.releaseProgram,
		"clReleaseKernel": &l.releaseKernel, "clReleaseMemObject": &l.releaseMemory,
	} {
		address, err := symbol(handle, name)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrAbsent, name, err)
		}
		purego.RegisterFunc(function, address)
	}
	return l, nil
}
