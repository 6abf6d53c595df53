package machine_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/offchain-worker/device"
	"github.com/assaychain/assay/offchain-worker/machine"

	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// card is an accelerator that computes on the processor, with faults.
type card struct {
	compute.Kernel
	uuid, kernel string
	spoil        bool
	closed       int
}

func newCard(t *testing.T, uuid, kernel string) *card {
	cpus, err := compute.CPUs(1)
	require.NoError(t, err)
	return &card{Kernel: cpus[0], uuid: uuid, kernel: kernel}
}

func (c *card) Name() string { return c.kernel }

func (c *card) Product(ctx context.Context, p compute.Product, progress compute.Progress) error {
	err := c.Kernel.Product(ctx, p, progress)
	if c.spoil && err == nil {
		p.C[len(p.C)/2]++
	}
	return err
}

func (c *card) accelerator() compute.Accelerator {
	return compute.Accelerator{Kernel: c, UUID: c.uuid, Name: "Radeon " + c.uuid, Memory: 8 << 30, Close: func() error { c.closed++; return nil }}
}

func backend(name string, failure error, cards ...*card) machine.Backend {
	vulkan := func(string) registrytypes.Backend { return registrytypes.BACKEND_VULKAN }
	return machine.Backend{Name: name, Chain: vulkan, Open: func(_ context.Context, site machine.Site) ([]compute.Accelerator, error) {
		if site.Identity != "CPU-1" {
			return nil, errors.New("no identity")
		}
		var found []compute.Accelerator
		for _, one := range cards {
			found = append(found, one.accelerator())
		}
		return found, failure
	}}
}

// hardware is a source of fixed devices.
type hardware []device.Device

func (h hardware) Devices(context.Context) ([]device.Device, error) {
	if h == nil {
		return nil, device.ErrNoDriver
	}
	return h, nil
}

func (hardware) Telemetry(context.Context, string) (device.Telemetry, error) {
	return device.Unknown(), nil
}

var processor = device.Device{UUID: "CPU-1", Model: "processor", Class: registrytypes.DEVICE_CLASS_CPU, Backend: registrytypes.BACKEND_CPU}

func gpu(uuid string) device.Device {
	return device.Device{UUID: uuid, Model: "GPU " + uuid, Class: registrytypes.DEVICE_CLASS_CONSUMER, Backend: registrytypes.BACKEND_CUDA}
}

func open(t *testing.T, list []string, sources []device.Source, backends ...machine.Backend) *machine.Machine {
	m, err := machine.Open(context.Background(), machine.Options{Threads: 1, Sources: sources, Backends: backends, List: list})
	require.NoError(t, err)
	return m
}

func models(devices []device.Device) (names []string) {
	for _, one := range devices {
		names = append(names, one.Model)
	}
	return names
}

func kernelOf(m *machine.Machine, d device.Device) string {
	id := d.ID()
	return m.Kernel(id[:]).Name()
}

// An accelerator is its device by UUID, in whatever case the drivers write it; the first back end that reaches a card has it.
func TestAcceleratorsAreMatchedToDevices(t *testing.T) {
	fast, slow, only := newCard(t, "gpu-aa", "fast/0"), newCard(t, "GPU-AA", "slow/0"), newCard(t, "GPU-BB", "slow/1")
	nameless := newCard(t, "", "slow/2")
	m := open(t, []string{"auto"}, []device.Source{hardware(nil), hardware{gpu("GPU-AA"), gpu("GPU-CC")}, hardware{processor}},
		backend("fast", nil, fast), backend("slow", errors.New("GPU 3: broken"), slow, only, nameless))
	require.Len(t, m.Notes(), 1)
	require.Equal(t, []string{"GPU GPU-AA", "processor", "Radeon GPU-BB"}, models(m.Able()))
	require.Equal(t, []string{"GPU GPU-CC"}, models(m.Unable()))
	require.Equal(t, "fast/0", kernelOf(m, gpu("GPU-AA")))
	require.Equal(t, "slow/1", kernelOf(m, gpu("GPU-BB")))
	require.Contains(t, kernelOf(m, gpu("GPU-CC")), "cpu/")
	require.Len(t, m.Rates(), 3)
	made := m.Able()[2]
	require.Equal(t, registrytypes.DEVICE_CLASS_CONSUMER, made.Class)
	require.Equal(t, registrytypes.BACKEND_VULKAN, made.Backend)
	require.EqualValues(t, 8<<10, made.MemoryMiB)

	reports := m.Backends()
	require.Equal(t, machine.StatusUsed, reports[1].Status)
	require.Equal(t, "GPU 3: broken", reports[1].Reason)
	require.Equal(t, "fast/0 computes on it already", reports[1].Accelerators[0].Reason)
	require.True(t, reports[1].Accelerators[1].Serves)
	require.Positive(t, reports[1].Accelerators[1].GMACs)
	require.Contains(t, reports[1].Accelerators[2].Reason, "no UUID")
	require.Equal(t, []int{0, 1, 0, 1}, []int{fast.closed, slow.closed, only.closed, nameless.closed})
	require.NoError(t, m.Close())
	require.NoError(t, m.Close())
	require.Equal(t, []int{1, 1, 1, 1}, []int{fast.closed, slow.closed, only.closed, nameless.closed})
}

func TestBrokenAcceleratorsDoNotServe(t *testing.T) {
	bad, good := newCard(t, "GPU-AA", "fast/0"), newCard(t, "GPU-AA", "slow/0")
	bad.spoil = true
	sources := []device.Source{hardware{gpu("GPU-AA"), processor}}
	m := open(t, []string{"fast"}, sources, backend("fast", nil, bad), backend("slow", nil, good))
	require.Equal(t, []string{"processor"}, models(m.Able()))
	reports := m.Backends()
	require.Equal(t, machine.StatusUnavailable, reports[0].Status)
	require.True(t, reports[0].Wanted)
	require.Contains(t, reports[0].Accelerators[0].Reason, "wrong result")
	require.Equal(t, machine.StatusOff, reports[1].Status)
	require.Equal(t, 1, bad.closed)

	m = open(t, []string{"fast", "auto"}, sources, backend("fast", nil, bad), backend("slow", nil, good))
	require.Equal(t, "slow/0", kernelOf(m, gpu("GPU-AA")), "the next back end has the card")
	require.False(t, m.Backends()[1].Wanted)
	require.NoError(t, m.Close())
}

// A device that goes wrong at work costs time and no result, and serves no longer after the third.
func TestDeviceThatGoesWrong(t *testing.T) {
	one := newCard(t, "GPU-AA", "fast/0")
	var failed []error
	m, err := machine.Open(context.Background(), machine.Options{
		Threads: 1, Sources: []device.Source{hardware{gpu("GPU-AA"), processor}}, Backends: []machine.Backend{backend("fast", nil, one)},
		List: []string{"auto"}, Failed: func(_ device.Device, err error) { failed = append(failed, err) },
	})
	require.NoError(t, err)
	id := gpu("GPU-AA").ID()
	own, rate, works := m.Own(id[:])
	require.True(t, works)
	require.Positive(t, rate)
	one.spoil = true
	p := compute.Product{M: 1, N: 2, K: 1, A: []int8{2}, B: []int8{3, 4}, C: make([]int32, 2)}
	require.ErrorIs(t, own.Product(context.Background(), p, nil), compute.ErrWrong, "nothing stands in for it")
	for range 2 {
		clear(p.C)
		require.True(t, m.Devices()[0].Works())
		require.NoError(t, m.Kernel(id[:]).Product(context.Background(), p, nil))
		require.Equal(t, []int32{6, 8}, p.C)
	}
	_, _, works = m.Own(id[:])
	require.False(t, works)
	require.Len(t, failed, 2)
	require.ErrorIs(t, failed[0], compute.ErrWrong)
	require.Equal(t, []string{"processor"}, models(m.Able()))
	stats, checked := m.Devices()[0].Stats()
	require.True(t, checked && stats.Retired)
	require.EqualValues(t, 3, stats.Wrong)
	cpu := processor.ID()
	_, _, works = m.Own(cpu[:])
	require.True(t, works)
	_, checked = m.Devices()[1].Stats()
	require.False(t, checked)
}

func TestSurveyTestsWhatDoesNotServe(t *testing.T) {
	nameless := newCard(t, "", "slow/0")
	m, err := machine.Open(context.Background(), machine.Options{
		Threads: 1, Sources: []device.Source{hardware{processor}}, Backends: []machine.Backend{backend("slow", nil, nameless)},
		List: []string{"auto"}, Survey: true,
	})
	require.NoError(t, err)
	report := m.Backends()[0]
	require.Equal(t, machine.StatusUsed, report.Status)
	require.False(t, report.Accelerators[0].Serves)
	require.Positive(t, report.Accelerators[0].GMACs)
	require.Equal(t, 1, nameless.closed)
}

func TestListsOfBackends(t *testing.T) {
	for _, list := range [][]string{{"fats"}, {"auto", "auto"}, {"fast", "fast"}} {
		_, err := machine.Open(context.Background(), machine.Options{Threads: 1, Backends: []machine.Backend{backend("fast", nil)}, List: list})
		require.ErrorContains(t, err, "there are fast and auto", "%v", list)
	}
	m := open(t, nil, []device.Source{hardware{processor}}, backend("fast", nil))
	require.Equal(t, machine.StatusOff, m.Backends()[0].Status)
	m = open(t, []string{"auto"}, []device.Source{hardware{processor}}, backend("fast", nil))
	require.Equal(t, machine.StatusUnavailable, m.Backends()[0].Status)
	require.Equal(t, "no accelerator here", m.Backends()[0].Reason)
}

func TestOpenEndsWithItsContext(t *testing.T) {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := machine.Open(ended, machine.Options{Threads: 1})
	require.ErrorIs(t, err, context.Canceled)
}
