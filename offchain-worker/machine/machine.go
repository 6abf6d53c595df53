package machine

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/offchain-worker/device"

	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// testTime bounds the test and the measurement of one accelerator.
const testTime = 2 * time.Minute

// Options are what a machine is opened with.
type Options struct {
	// Threads of the processor, all if 0.
	Threads int
	// Sources find the hardware.
	Sources []device.Source
	// Backends are all of this build, the preferred first; List is what the configuration wants of them.
	Backends []Backend
	List     []string
	// Survey tests and measures also what will not serve, to report it.
	Survey bool
	// Failed is told of each result that a device failed to give, or gave wrong; the processor then computes it. May be nil.
	Failed func(d device.Device, err error)
}

// Machine is a worker's hardware. Its methods may be called at the same time.
type Machine struct {
	devices []*Device
	byID    map[string]*Device
	reports []BackendReport
	notes   []error
	cpu     compute.Kernel
	rate    float64
	threads int
	failed  func(device.Device, error)
	closers []func() error
}

// Open finds, tests and measures the machine's hardware. Only a processor that fails its own test, or a list that names
// unknown back ends, is an error: what else does not work is reported.
func Open(ctx context.Context, o Options) (*Machine, error) {
	if o.Threads == 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	chosen, off, err := choose(o.Backends, o.List)
	if err != nil {
		return nil, err
	}
	registry, err := compute.NewCPURegistry(ctx, o.Threads)
	if err != nil {
		return nil, err
	}
	m := &Machine{byID: make(map[string]*Device), threads: o.Threads, failed: o.Failed}
	if m.cpu, err = registry.Kernel(""); err != nil {
		return nil, err
	}
	if m.rate, err = compute.Measure(ctx, m.cpu); err != nil {
		return nil, err
	}
	m.discover(ctx, o.Sources)
	site := Site{Identity: m.identity()}
	for _, backend := range chosen {
		report := m.open(ctx, backend, site, o.Survey)
		for _, name := range o.List {
			report.Wanted = report.Wanted || name == backend.Name
		}
		m.reports = append(m.reports, report)
	}
	m.reports = append(m.reports, off...)
	if ctx.Err() != nil {
		return nil, errors.Join(ctx.Err(), m.Close())
	}
	return m, nil
}

// discover lists the devices that the sources know. The processor computes from the start.
func (m *Machine) discover(ctx context.Context, sources []device.Source) {
	for _, source := range sources {
		found, err := source.Devices(ctx)
		if err != nil {
			m.notes = append(m.notes, err)
			continue
		}
		for _, one := range found {
			d := &Device{Device: one, Source: source}
			if one.Backend == registrytypes.BACKEND_CPU {
				d.Kernel, d.Rate = m.cpu, m.rate
			}
			m.add(d)
		}
	}
}

func (m *Machine) add(d *Device) {
	id := d.ID()
	if m.byID[string(id[:])] == nil {
		m.devices = append(m.devices, d)
		m.byID[string(id[:])] = d
	}
}

// identity is the processor's.
func (m *Machine) identity() string {
	for _, d := range m.devices {
		if d.Backend == registrytypes.BACKEND_CPU {
			return d.UUID
		}
	}
	return ""
}

// open brings in what one back end finds.
func (m *Machine) open(ctx context.Context, backend Backend, site Site, survey bool) BackendReport {
	report := BackendReport{Name: backend.Name, Status: StatusUnavailable}
	found, err := backend.Open(ctx, site)
	if err != nil {
		report.Reason = oneLine(err)
	} else if len(found) == 0 {
		report.Reason = "no accelerator here"
	}
	for _, one := range found {
		told := m.bring(ctx, backend, one, survey)
		if told.Serves || told.GMACs > 0 {
			report.Status = StatusUsed
		}
		report.Accelerators = append(report.Accelerators, told)
	}
	return report
}

// bring tests an accelerator and gives it to its device, or closes it.
func (m *Machine) bring(ctx context.Context, backend Backend, found compute.Accelerator, survey bool) AcceleratorReport {
	told := AcceleratorReport{Name: found.Name, UUID: found.UUID, Kernel: found.Kernel.Name(), MemoryMiB: found.Memory >> 20}
	d, err := m.place(backend, found)
	if err != nil {
		told.Reason = oneLine(err)
	}
	if err == nil || survey {
		checked, rate, tested := m.test(ctx, found)
		if tested != nil {
			told.Reason = oneLine(tested)
			err = tested
		} else {
			told.GMACs, told.CheckShare = rate/1e9, share(checked.Stats())
		}
		if err == nil {
			m.serve(d, checked, rate)
			told.Serves = true
			m.closers = append(m.closers, found.Close)
			return told
		}
	}
	if err := found.Close(); err != nil {
		told.Reason += "; closing it: " + oneLine(err)
	}
	return told
}

// place finds the device that an accelerator is, or makes one.
func (m *Machine) place(backend Backend, found compute.Accelerator) (*Device, error) {
	if found.UUID == "" {
		return nil, errors.New("its driver gives it no UUID, so that it can't be registered")
	}
	made := &Device{Device: backend.describe(found)}
	id := made.ID()
	known := m.byID[string(id[:])]
	switch {
	case known == nil:
		return made, nil
	case known.Kernel != nil:
		return nil, fmt.Errorf("%s computes on it already", known.Kernel.Name())
	}
	return known, nil
}

// test runs the self-test on an accelerator and measures it with its results checked.
func (m *Machine) test(ctx context.Context, found compute.Accelerator) (*compute.Checked, float64, error) {
	ctx, cancel := context.WithTimeout(ctx, testTime)
	defer cancel()
	if err := compute.SelfTest(ctx, found.Kernel); err != nil {
		return nil, 0, fmt.Errorf("self-test: %w", err)
	}
	checked, err := compute.NewChecked(compute.CheckedConfig{Kernel: found.Kernel, Threads: m.threads, MaxBytes: found.Memory / 4})
	if err != nil {
		return nil, 0, err
	}
	rate, err := compute.Measure(ctx, checked)
	return checked, rate, err
}

func (m *Machine) serve(d *Device, checked *compute.Checked, rate float64) {
	d.checked, d.Rate = checked, rate
	d.Kernel = &compute.Fallback{First: checked, Second: m.cpu, Failed: func(err error) {
		if m.failed != nil {
			m.failed(d.Device, err)
		}
	}}
	m.add(d)
}

// Devices are all pieces of hardware that were found.
func (m *Machine) Devices() []*Device { return m.devices }

// Able are the devices that jobs can be computed on now, Unable the others.
func (m *Machine) Able() (able []device.Device) {
	for _, d := range m.devices {
		if d.Works() {
			able = append(able, d.Device)
		}
	}
	return able
}

// Unable are the devices that nothing computes on.
func (m *Machine) Unable() (unable []device.Device) {
	for _, d := range m.devices {
		if !d.Works() {
			unable = append(unable, d.Device)
		}
	}
	return unable
}

// Kernel computes for the device of an id: on the processor if the machine has no such device that computes, as for a job
// of a device that has left the machine since.
func (m *Machine) Kernel(id []byte) compute.Kernel {
	if d := m.byID[string(id)]; d != nil && d.Kernel != nil {
		return d.Kernel
	}
	return m.cpu
}

// Own is what computes on a device alone, with its speed in multiply-accumulates a second, and false if nothing here does. The
// processor does not stand in for it: what must be shown of the device is computed with it.
func (m *Machine) Own(id []byte) (compute.Kernel, float64, bool) {
	d := m.byID[string(id)]
	switch {
	case d == nil || !d.Works():
		return nil, 0, false
	case d.checked != nil:
		return d.checked, d.Rate, true
	}
	return d.Kernel, d.Rate, true
}

// Rate is the processor's speed in multiply-accumulates a second.
func (m *Machine) Rate() float64 { return m.rate }

// Rates are the speeds of the devices by their ids.
func (m *Machine) Rates() map[string]float64 {
	rates := make(map[string]float64)
	for id, d := range m.byID {
		if d.Rate > 0 {
			rates[id] = d.Rate
		}
	}
	return rates
}

// Backends tell what became of each back end.
func (m *Machine) Backends() []BackendReport { return m.reports }

// Notes tell why sources found nothing.
func (m *Machine) Notes() []error { return m.notes }

// Close frees the accelerators. Their kernels must not be used afterwards.
func (m *Machine) Close() error {
	var failed []error
	for _, closer := range m.closers {
		failed = append(failed, closer())
	}
	m.closers = nil
	return errors.Join(failed...)
}

func share(stats compute.CheckStats) float64 {
	return float64(stats.Checking) / float64(max(stats.Checking+stats.Computing, 1))
}

// oneLine joins what an error says in several lines.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
