//go:build cgo && linux

package device

import (
	"context"
	"strings"
	"testing"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
	"github.com/NVIDIA/go-nvml/pkg/nvml/mock"
	"github.com/NVIDIA/go-nvml/pkg/nvml/mock/gpus"
	"github.com/NVIDIA/go-nvml/pkg/nvml/mock/server"
	"github.com/stretchr/testify/require"

	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// mockDriver is NVIDIA's mock of a server with these GPUs, with the figures that the mock leaves out. ECC errors are not
// given by the driver.
func mockDriver(t *testing.T, configs ...gpus.Config) *server.Server {
	mocked, err := server.New(server.WithGPUs(configs...), server.WithDriverVersion("550.54.15"))
	require.NoError(t, err)
	for i, handle := range mocked.Devices {
		d := handle.(*server.Device)
		d.GetTemperatureFunc = func(nvml.TemperatureSensors) (uint32, nvml.Return) { return uint32(40 + i), nvml.SUCCESS }
		name, _ := d.GetName()
		d.GetNameFunc = func() (string, nvml.Return) { return strings.TrimPrefix(name, "Mock "), nvml.SUCCESS }
		d.GetPowerUsageFunc = func() (uint32, nvml.Return) { return 123_456, nvml.SUCCESS }
		d.GetUtilizationRatesFunc = func() (nvml.Utilization, nvml.Return) { return nvml.Utilization{Gpu: 17}, nvml.SUCCESS }
		d.GetClockInfoFunc = func(nvml.ClockType) (uint32, nvml.Return) { return 1980, nvml.SUCCESS }
		d.GetTotalEccErrorsFunc = func(nvml.MemoryErrorType, nvml.EccCounterType) (uint64, nvml.Return) {
			return 0, nvml.ERROR_NOT_SUPPORTED
		}
	}
	return mocked
}

func TestNVMLFindsEveryGPU(t *testing.T) {
	ctx := context.Background()
	source := NewNVML(mockDriver(t, gpus.A100_SXM4_40GB, gpus.H100_SXM5_80GB))
	devices, err := source.Devices(ctx)
	require.NoError(t, err)
	require.Len(t, devices, 2)
	require.Contains(t, devices[0].Model, "A100")
	require.Contains(t, devices[1].Model, "H100")
	require.NotEqual(t, devices[0].ID(), devices[1].ID())
	for i, one := range devices {
		require.Equal(t, registrytypes.DEVICE_CLASS_DATACENTRE, one.Class)
		require.Equal(t, registrytypes.BACKEND_CUDA, one.Backend)
		require.Equal(t, "550.54.15", one.Driver)
		require.Greater(t, one.MemoryMiB, uint32(30_000))
		telemetry, err := source.Telemetry(ctx, one.UUID)
		require.NoError(t, err)
		require.InDelta(t, 40+i, telemetry.TemperatureC, 0.01)
		require.InDelta(t, 123.456, telemetry.PowerW, 0.001)
		require.InDelta(t, 17, telemetry.UtilisationPercent, 0.01)
		require.InDelta(t, 1980, telemetry.ClockMHz, 0.01)
		require.Negative(t, telemetry.ECCErrors)
	}
	_, err = source.Telemetry(ctx, "GPU-none")
	require.ErrorContains(t, err, "no device GPU-none")
}

func TestNVMLWithoutADriver(t *testing.T) {
	for code, driver := range map[nvml.Return]bool{
		nvml.ERROR_LIBRARY_NOT_FOUND: false, nvml.ERROR_DRIVER_NOT_LOADED: false, nvml.ERROR_NO_PERMISSION: true,
	} {
		_, err := NewNVML(&mock.Interface{InitFunc: func() nvml.Return { return code }}).Devices(context.Background())
		require.Error(t, err)
		if driver {
			require.NotErrorIs(t, err, ErrNoDriver)
		} else {
			require.ErrorIs(t, err, ErrNoDriver)
		}
	}
}

func TestNVMLNamesTheFailingDevice(t *testing.T) {
	mocked := mockDriver(t, gpus.A100_SXM4_40GB)
	mocked.Devices[0].(*server.Device).GetUUIDFunc = func() (string, nvml.Return) { return "", nvml.ERROR_GPU_IS_LOST }
	_, err := NewNVML(mocked).Devices(context.Background())
	require.ErrorContains(t, err, "NVML device 0: UUID")
	require.ErrorIs(t, err, nvml.ERROR_GPU_IS_LOST)
}

// TestNVMLOfThisMachine asks the real driver where there is one, and otherwise requires the clear answer.
func TestNVMLOfThisMachine(t *testing.T) {
	source := NewNVIDIA()
	devices, err := source.Devices(context.Background())
	if err != nil {
		require.ErrorIs(t, err, ErrNoDriver)
		t.Logf("no GPU here: %v", err)
		return
	}
	for _, one := range devices {
		telemetry, err := source.Telemetry(context.Background(), one.UUID)
		require.NoError(t, err)
		t.Logf("%+v %+v", one, telemetry)
	}
}
