package device

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// meterPause is the least time between the two readings of a counter of energy that make a power.
	meterPause = 100 * time.Millisecond
	// meterAge is the age of a reading that says nothing of the present any more.
	meterAge = 5 * time.Minute
)

// processorZones are parts of the names of thermal zones that are a processor's.
var processorZones = []string{"pkg", "cpu", "core", "soc", "k10temp"}

// meter makes powers out of readings of counters of energy.
type meter struct {
	mu   sync.Mutex
	at   time.Time
	last map[string]float64
}

// temperature is that of the hottest thermal zone that is the processor's, else of the first zone; -1 if there is none.
func (c *CPU) temperature() float64 {
	zones, err := filepath.Glob(filepath.Join(c.root, "sys/class/thermal/thermal_zone*"))
	if err != nil {
		return -1
	}
	hottest, first := -1.0, -1.0
	for _, zone := range zones {
		milli, known := readNumber(filepath.Join(zone, "temp"))
		if !known || milli < 0 {
			continue
		}
		if filepath.Base(zone) == "thermal_zone0" {
			first = milli / 1000
		}
		if isProcessor(zone) {
			hottest = max(hottest, milli/1000)
		}
	}
	if hottest < 0 {
		return first
	}
	return hottest
}

func isProcessor(zone string) bool {
	raw, err := os.ReadFile(filepath.Join(zone, "type"))
	if err != nil {
		return false
	}
	kind := strings.ToLower(string(raw))
	for _, part := range processorZones {
		if strings.Contains(kind, part) {
			return true
		}
	}
	return false
}

// power is what the processor's packages draw, by their counters of energy; -1 where there are none, or only the system may read them.
func (c *CPU) power(ctx context.Context) float64 {
	c.meter.mu.Lock()
	defer c.meter.mu.Unlock()
	if time.Since(c.meter.at) > meterAge {
		c.meter.at, c.meter.last = time.Now(), c.energies()
	}
	if len(c.meter.last) == 0 {
		return -1
	}
	if wait := meterPause - time.Since(c.meter.at); wait > 0 {
		select {
		case <-ctx.Done():
			return -1
		case <-time.After(wait):
		}
	}
	now, energies := time.Now(), c.energies()
	joules := 0.0
	for zone, energy := range energies {
		before, known := c.meter.last[zone]
		if !known {
			return -1
		}
		joules += c.spent(zone, before, energy) / 1e6
	}
	seconds := now.Sub(c.meter.at).Seconds()
	c.meter.at, c.meter.last = now, energies
	return joules / seconds
}

// spent is the energy between two readings of a counter, which begins anew at its range.
func (c *CPU) spent(zone string, before, after float64) float64 {
	if after >= before {
		return after - before
	}
	limit, known := readNumber(filepath.Join(zone, "max_energy_range_uj"))
	if !known || limit < before {
		return 0
	}
	return limit - before + after
}

// energies are the counters of the packages, in microjoules, by their folders. Those of parts of a package have another colon.
func (c *CPU) energies() map[string]float64 {
	energies := make(map[string]float64)
	zones, err := filepath.Glob(filepath.Join(c.root, "sys/class/powercap/*-rapl:*"))
	if err != nil {
		return energies
	}
	for _, zone := range zones {
		if strings.Count(filepath.Base(zone), ":") != 1 {
			continue
		}
		if energy, known := readNumber(filepath.Join(zone, "energy_uj")); known {
			energies[zone] = energy
		}
	}
	return energies
}

// load is the share of the processor's threads that had something to do in the last minute, in percent; -1 if it is not known.
func (c *CPU) load() float64 {
	raw, err := os.ReadFile(filepath.Join(c.root, "proc/loadavg"))
	if err != nil {
		return -1
	}
	first, _, _ := strings.Cut(string(raw), " ")
	running, err := strconv.ParseFloat(first, 64)
	if err != nil || running < 0 {
		return -1
	}
	return min(100*running/float64(runtime.NumCPU()), 100)
}

func readNumber(path string) (float64, bool) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	value, err := strconv.ParseFloat(strings.TrimSpace(string(raw)), 64)
	return value, err == nil
}
