// Package device finds the hardware a worker has: NVIDIA GPUs through their driver's library, or its command line where
// there is no cgo, and the processor itself, which is a device of its own class.
package device

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// idDomain separates the hash of a UUID from every other hash.
const idDomain = "assay/device/v1"

// ErrNoDriver tells that no NVIDIA driver is on the machine. It is no failure: the processor still works.
var ErrNoDriver = errors.New("no NVIDIA driver")

// Device is one piece of hardware.
type Device struct {
	// UUID names the hardware, as its vendor does; it stays on the machine, the chain sees its hash.
	UUID string `json:"uuid"`
	// Model as its vendor names it, at most 64 bytes.
	Model   string                    `json:"model"`
	Class   registrytypes.DeviceClass `json:"-"`
	Backend registrytypes.Backend     `json:"-"`
	// MemoryMiB is the device's memory.
	MemoryMiB uint32 `json:"memory_mib"`
	// Driver is the version of the driver, empty for a processor.
	Driver string `json:"driver,omitempty"`
}

// ID is what the chain knows the device by: SHA-256 of the domain and the UUID.
func (d Device) ID() [sha256.Size]byte {
	return sha256.Sum256([]byte(idDomain + "\x00" + strings.ToLower(d.UUID)))
}

// Telemetry is a device's present condition. A negative value was not given by the driver.
type Telemetry struct {
	// TemperatureC is in degrees Celsius, PowerW in watts, UtilisationPercent of the compute units.
	TemperatureC       float64 `json:"temperature_c"`
	PowerW             float64 `json:"power_w"`
	UtilisationPercent float64 `json:"utilisation_percent"`
	MemoryUsedMiB      float64 `json:"memory_used_mib"`
	ClockMHz           float64 `json:"clock_mhz"`
	// ECCErrors counts uncorrected memory errors since the driver was loaded.
	ECCErrors float64 `json:"ecc_errors"`
}

// Unknown is telemetry of which nothing is given.
func Unknown() Telemetry { return Telemetry{-1, -1, -1, -1, -1, -1} }

// Source finds devices of one kind and reads their condition.
type Source interface {
	// Devices lists what is there. Errors wrap ErrNoDriver when the machine can have none.
	Devices(ctx context.Context) ([]Device, error)
	// Telemetry reads the condition of a device that Devices listed.
	Telemetry(ctx context.Context, uuid string) (Telemetry, error)
}

// Discover asks every source and returns all devices, and one note for each source that found none and why.
func Discover(ctx context.Context, sources ...Source) ([]Device, []error) {
	var devices []Device
	var notes []error
	for _, source := range sources {
		found, err := source.Devices(ctx)
		if err != nil {
			notes = append(notes, err)
			continue
		}
		devices = append(devices, found...)
	}
	return devices, notes
}

// Shorten cuts a model's name to what the chain takes, at a rune's border.
func Shorten(model string) string {
	const limit = 64
	model = strings.Join(strings.Fields(model), " ")
	if len(model) <= limit {
		return model
	}
	cut := 0
	for i, r := range model {
		if i+len(string(r)) > limit {
			break
		}
		cut = i + len(string(r))
	}
	return model[:cut]
}

// ClassName is a class in lower case without its prefix: "cpu", "datacentre".
func ClassName(class registrytypes.DeviceClass) string {
	return strings.ToLower(strings.TrimPrefix(class.String(), "DEVICE_CLASS_"))
}

// BackendName is a backend in lower case without its prefix: "cpu", "cuda".
func BackendName(backend registrytypes.Backend) string {
	return strings.ToLower(strings.TrimPrefix(backend.String(), "BACKEND_"))
}

func noSuchDevice(uuid string) error { return fmt.Errorf("no device %s here", uuid) }
