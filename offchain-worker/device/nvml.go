//go:build cgo && linux

package device

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/NVIDIA/go-nvml/pkg/nvml"

	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// NVML is the source of NVIDIA GPUs through the driver's management library.
type NVML struct {
	library nvml.Interface
	mu      sync.Mutex
}

var _ Source = (*NVML)(nil)

// NewNVML makes a source over a library, the driver's or a mock of it.
func NewNVML(library nvml.Interface) *NVML { return &NVML{library: library} }

// NewNVIDIA is the source of this machine's NVIDIA GPUs.
func NewNVIDIA() Source { return NewNVML(nvml.New()) }

// session runs f with the library loaded.
func (n *NVML) session(f func() error) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if code := n.library.Init(); code != nvml.SUCCESS {
		if errors.Is(code, nvml.ERROR_LIBRARY_NOT_FOUND) || errors.Is(code, nvml.ERROR_DRIVER_NOT_LOADED) {
			return fmt.Errorf("%w: NVML says %s", ErrNoDriver, code)
		}
		return fmt.Errorf("load NVML: %w", code)
	}
	err := f()
	if code := n.library.Shutdown(); code != nvml.SUCCESS && err == nil {
		err = fmt.Errorf("unload NVML: %w", code)
	}
	return err
}

// Devices lists the GPUs.
func (n *NVML) Devices(ctx context.Context) ([]Device, error) {
	var devices []Device
	err := n.session(func() error {
		driver, code := n.library.SystemGetDriverVersion()
		if code != nvml.SUCCESS {
			return fmt.Errorf("NVML driver version: %w", code)
		}
		count, code := n.library.DeviceGetCount()
		if code != nvml.SUCCESS {
			return fmt.Errorf("NVML device count: %w", code)
		}
		for index := range count {
			found, err := n.describe(index)
			if err != nil {
				return fmt.Errorf("NVML device %d: %w", index, err)
			}
			found.Driver = driver
			devices = append(devices, found)
		}
		return ctx.Err()
	})
	return devices, err
}

func (n *NVML) describe(index int) (Device, error) {
	handle, code := n.library.DeviceGetHandleByIndex(index)
	if code != nvml.SUCCESS {
		return Device{}, fmt.Errorf("handle: %w", code)
	}
	uuid, code := handle.GetUUID()
	if code != nvml.SUCCESS {
		return Device{}, fmt.Errorf("UUID: %w", code)
	}
	name, code := handle.GetName()
	if code != nvml.SUCCESS {
		return Device{}, fmt.Errorf("name: %w", code)
	}
	memory, code := handle.GetMemoryInfo()
	if code != nvml.SUCCESS {
		return Device{}, fmt.Errorf("memory: %w", code)
	}
	return Device{
		UUID: uuid, Model: Shorten(name), Class: ClassOf(name, uint32(memory.Total>>20)),
		Backend: registrytypes.BACKEND_CUDA, MemoryMiB: uint32(memory.Total >> 20),
	}, nil
}

// Telemetry reads a GPU's condition; what the board does not have stays negative.
func (n *NVML) Telemetry(ctx context.Context, uuid string) (Telemetry, error) {
	telemetry := Unknown()
	err := n.session(func() error {
		handle, code := n.library.DeviceGetHandleByUUID(uuid)
		if code != nvml.SUCCESS {
			return fmt.Errorf("%w: %w", noSuchDevice(uuid), code)
		}
		if value, code := handle.GetTemperature(nvml.TEMPERATURE_GPU); code == nvml.SUCCESS {
			telemetry.TemperatureC = float64(value)
		}
		if value, code := handle.GetPowerUsage(); code == nvml.SUCCESS {
			telemetry.PowerW = float64(value) / 1000
		}
		if value, code := handle.GetUtilizationRates(); code == nvml.SUCCESS {
			telemetry.UtilisationPercent = float64(value.Gpu)
		}
		if value, code := handle.GetMemoryInfo(); code == nvml.SUCCESS {
			telemetry.MemoryUsedMiB = float64(value.Used >> 20)
		}
		if value, code := handle.GetClockInfo(nvml.CLOCK_SM); code == nvml.SUCCESS {
			telemetry.ClockMHz = float64(value)
		}
		if value, code := handle.GetTotalEccErrors(nvml.MEMORY_ERROR_TYPE_UNCORRECTED, nvml.VOLATILE_ECC); code == nvml.SUCCESS {
			telemetry.ECCErrors = float64(value)
		}
		return ctx.Err()
	})
	return telemetry, err
}
