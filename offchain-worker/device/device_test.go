package device

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/registry/catalogue"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

func fakeSystem(t *testing.T, machineID string) *CPU {
	root := t.TempDir()
	for path, content := range map[string]string{
		"proc/cpuinfo":                         "processor\t: 0\nmodel name\t: Example  CPU @ 2.00GHz\n\nmodel name\t: other\n",
		"proc/meminfo":                         "MemTotal:       8388608 kB\nMemFree: 1 kB\nMemAvailable:   4194304 kB\n",
		"sys/class/thermal/thermal_zone0/temp": "41500\n",
		"etc/machine-id":                       machineID,
	} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(root, path)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(root, path), []byte(content), 0o600))
	}
	return &CPU{idFile: filepath.Join(t.TempDir(), "machine_id"), root: root}
}

func TestProcessorIsADevice(t *testing.T) {
	ctx := context.Background()
	cpu := fakeSystem(t, "0123456789abcdef0123456789abcdef\n")
	devices, err := cpu.Devices(ctx)
	require.NoError(t, err)
	require.Len(t, devices, 1)
	require.Equal(t, "Example CPU @ 2.00GHz", devices[0].Model)
	require.Equal(t, registrytypes.DEVICE_CLASS_CPU, devices[0].Class)
	require.Equal(t, registrytypes.BACKEND_CPU, devices[0].Backend)
	require.EqualValues(t, 8192, devices[0].MemoryMiB)
	require.NotContains(t, devices[0].UUID, "0123456789abcdef", "the machine id stays on the machine")
	again, err := cpu.Devices(ctx)
	require.NoError(t, err)
	require.Equal(t, devices, again)
	telemetry, err := cpu.Telemetry(ctx, devices[0].UUID)
	require.NoError(t, err)
	require.InDelta(t, 41.5, telemetry.TemperatureC, 0.01)
	require.InDelta(t, 4096, telemetry.MemoryUsedMiB, 0.01)
	require.Negative(t, telemetry.PowerW)
	info, err := os.Stat(cpu.idFile)
	require.NoError(t, err)
	require.EqualValues(t, 0o600, info.Mode().Perm())

	other := fakeSystem(t, "0123456789abcdef0123456789abcdef\n")
	elsewhere, err := other.Devices(ctx)
	require.NoError(t, err)
	require.NotEqual(t, devices[0].ID(), elsewhere[0].ID(), "two homes are two devices")
	require.NoError(t, os.WriteFile(cpu.idFile, []byte("short"), 0o600))
	_, err = cpu.Devices(ctx)
	require.ErrorContains(t, err, cpu.idFile)
}

func TestProcessorWithoutMachineID(t *testing.T) {
	for _, id := range []string{"", "uninitialized\n"} {
		first, err := fakeSystem(t, id).Devices(context.Background())
		require.NoError(t, err)
		second, err := fakeSystem(t, id).Devices(context.Background())
		require.NoError(t, err)
		require.NotEqual(t, first[0].UUID, second[0].UUID)
	}
}

func TestIDIsAHashWithADomain(t *testing.T) {
	a, b := Device{UUID: "GPU-AB"}, Device{UUID: "gpu-ab"}
	require.Equal(t, a.ID(), b.ID(), "drivers differ in case")
	require.NotEqual(t, a.ID(), Device{UUID: "GPU-AC"}.ID())
}

const smiOutput = `GPU-1, NVIDIA GeForce RTX 4090, 24564, 550.54, 51, 88.12, 7, 1200, 2520, [N/A]
GPU-2, NVIDIA H100 80GB HBM3, 81559, 550.54, 40, [Not Supported], 0, 0, 1980, 3
`

func fakeSMI(t *testing.T, script string) *SMI {
	path := filepath.Join(t.TempDir(), "nvidia-smi")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o700))
	return NewSMI(path)
}

func TestSMI(t *testing.T) {
	ctx := context.Background()
	smi := fakeSMI(t, "cat <<'X'\n"+smiOutput+"X\n")
	devices, err := smi.Devices(ctx)
	require.NoError(t, err)
	require.Equal(t, []Device{
		{"GPU-1", "NVIDIA GeForce RTX 4090", registrytypes.DEVICE_CLASS_CONSUMER, registrytypes.BACKEND_CUDA, 24564, "550.54"},
		{"GPU-2", "NVIDIA H100 80GB HBM3", registrytypes.DEVICE_CLASS_DATACENTRE, registrytypes.BACKEND_CUDA, 81559, "550.54"},
	}, devices)
	telemetry, err := smi.Telemetry(ctx, "GPU-2")
	require.NoError(t, err)
	require.Equal(t, Telemetry{40, -1, 0, 0, 1980, 3}, telemetry)
	_, err = smi.Telemetry(ctx, "GPU-9")
	require.ErrorContains(t, err, "GPU-9")
}

func TestSMIWithoutADriver(t *testing.T) {
	_, err := NewSMI("no-such-command-here").Devices(context.Background())
	require.ErrorIs(t, err, ErrNoDriver)
	_, err = fakeSMI(t, "echo 'NVIDIA-SMI has failed'; exit 9").Devices(context.Background())
	require.ErrorIs(t, err, ErrNoDriver)
	require.ErrorContains(t, err, "has failed")
	for _, output := range []string{"a,b\n", "GPU-1, x, big, 1, 1, 1, 1, 1, 1, 1\n", "[N/A], x, 5, 1, 1, 1, 1, 1, 1, 1\n"} {
		_, err = fakeSMI(t, "cat <<'X'\n"+output+"X\n").Devices(context.Background())
		require.Error(t, err)
		require.NotErrorIs(t, err, ErrNoDriver)
	}
}

type broken struct{ Source }

func (broken) Devices(context.Context) ([]Device, error) { return nil, errors.New("broken") }

func TestDiscoverGoesOnAfterAFailure(t *testing.T) {
	devices, notes := Discover(context.Background(), broken{}, fakeSystem(t, "x"))
	require.Len(t, devices, 1)
	require.Len(t, notes, 1)
}

func TestModelsAndClasses(t *testing.T) {
	for model, class := range map[string]registrytypes.DeviceClass{
		"NVIDIA H900 of the future": registrytypes.DEVICE_CLASS_CONSUMER, "Adreno (TM) 740": registrytypes.DEVICE_CLASS_MOBILE,
		"NVIDIA A100-SXM4-80GB": registrytypes.DEVICE_CLASS_DATACENTRE, "NVIDIA L4": registrytypes.DEVICE_CLASS_DATACENTRE,
		"NVIDIA RTX A6000": registrytypes.DEVICE_CLASS_CONSUMER, "GTX 1080": registrytypes.DEVICE_CLASS_CONSUMER,
		"Jetson AGX Orin": registrytypes.DEVICE_CLASS_EDGE,
	} {
		require.Equal(t, class, ClassOf(model, 8_192), model)
	}
	require.Equal(t, registrytypes.DEVICE_CLASS_EDGE, ClassOf("unknown", 4_095))
	long := Shorten(strings.Repeat("ü", 60))
	require.LessOrEqual(t, len(long), 64)
	require.Equal(t, strings.Repeat("ü", 32), long)
	require.Equal(t, "datacentre", ClassName(registrytypes.DEVICE_CLASS_DATACENTRE))
	require.Equal(t, "cuda", BackendName(registrytypes.BACKEND_CUDA))
}

func TestClassesByName(t *testing.T) {
	for class := registrytypes.DEVICE_CLASS_CPU; class <= registrytypes.DEVICE_CLASS_DATACENTRE; class++ {
		parsed, err := ParseClass(ClassName(class))
		require.NoError(t, err)
		require.Equal(t, class, parsed)
	}
	for _, name := range []string{"", "unspecified", "CPU", "gpu"} {
		_, err := ParseClass(name)
		require.ErrorContains(t, err, "must be cpu, edge, mobile, consumer or datacentre")
	}
}

func TestVerdicts(t *testing.T) {
	known := Device{Model: "NVIDIA GeForce RTX 4090", Backend: registrytypes.BACKEND_CUDA, MemoryMiB: 24_564}.Verdict(0)
	require.Equal(t, catalogue.Verdict{
		Known: true, Key: "nvidia-geforce-rtx-4090", Class: catalogue.Consumer, Score: 78, Quantisation: catalogue.FP16,
	}, known)
	slow := Device{Model: "GPU", Backend: registrytypes.BACKEND_VULKAN, MemoryMiB: 16_000}
	require.Equal(t, catalogue.Consumer, slow.Verdict(0).Class)
	require.Equal(t, catalogue.Edge, slow.Verdict(100e9).Class, "measured to be slower than a gaming GPU")
	require.Equal(t, catalogue.CPU, Device{Model: "NVIDIA GeForce RTX 4090", Backend: registrytypes.BACKEND_CPU}.Verdict(1e9).Class)
}
