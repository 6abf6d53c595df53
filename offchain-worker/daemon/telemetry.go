package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/device"
	"github.com/assaychain/assay/offchain-worker/machine"
	"github.com/assaychain/assay/x/registry/qos"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// reportBound bounds the reports of one transaction.
const reportBound = 32

// herald tells the chain of the devices' condition: at the start, when the heat of one changes, and from time to time while one is not cool, since
// the chain would forget that. It is used by one goroutine.
type herald struct {
	// interval is the longest time between two reports of a device that is not cool; 0 turns all reports off.
	interval time.Duration
	// send sends messages in the operator's name and waits for their effect.
	send func(ctx context.Context, messages []sdk.Msg) error
	log  *slog.Logger
	// count hears of every report, and whether it had an effect.
	count func(effect bool)
	// rules are the chain's, as of the moment asked.
	rules registrytypes.TelemetryRules
	asked time.Time
	// sent is what was reported of each device, by its id.
	sent map[string]sentReport
}

// sentReport is the last report of a device, or the last attempt at one.
type sentReport struct {
	at   time.Time
	heat qos.Heat
	// failed is whether it had no effect; it is tried again after the interval, or when the device has become hotter.
	failed bool
}

// herald makes one that knows the default rules until it has asked the chain.
func (d *Daemon) herald() *herald {
	return &herald{
		interval: time.Duration(d.config.Devices.TelemetryInterval), send: d.apply, log: d.deps.Log, count: d.metrics.Reported,
		rules: registrytypes.DefaultTelemetryRules(), sent: make(map[string]sentReport),
	}
}

// due tells whether a device's condition is to be reported now, and how hot the chain will take it for. What has no temperature is not
// reported.
func (h *herald) due(id string, telemetry device.Telemetry, now time.Time) (qos.Heat, bool) {
	if h.interval == 0 || telemetry.TemperatureC < 0 || telemetry.TemperatureC > registrytypes.MaxCelsius {
		return qos.Normal, false
	}
	last, reported := h.sent[id]
	heat := h.rules.Thermometer().Next(last.heat, celsius(telemetry))
	since := now.Sub(last.at)
	switch {
	case !reported:
		return heat, true
	case since < h.pause():
		return heat, false
	case last.failed:
		return heat, heat > last.heat || since >= h.repeat()
	case heat != last.heat:
		return heat, true
	}
	// What is cool and what the chain knows nothing of are the same to it.
	return heat, heat > qos.Normal && since >= h.repeat()
}

// repeat is the time after which a device that is not cool is reported again, so that the chain does not forget it: half of the time that it keeps
// a report, or less if that is configured.
func (h *herald) repeat() time.Duration {
	return min(h.interval, time.Duration(h.rules.KeepSeconds)*time.Second/2)
}

// pause is what the chain wants between two reports, with a little for blocks that are late.
func (h *herald) pause() time.Duration {
	return time.Duration(h.rules.PauseSeconds)*time.Second + watchInterval/3
}

func celsius(t device.Telemetry) int32 { return int32(math.Round(t.TemperatureC)) }

// reportOf is a device's condition as the chain takes it. What the driver does not give is 0, as is utilisation.
func reportOf(r registrytypes.Device, t device.Telemetry) *registrytypes.MsgReportTelemetry {
	report := &registrytypes.MsgReportTelemetry{
		Operator: r.Operator, Device: slices.Clone(r.Id), Celsius: celsius(t),
		Watts: rounded(t.PowerW, registrytypes.MaxWatts), UtilisationPercent: rounded(t.UtilisationPercent, 100),
	}
	if t.MemoryUsedMiB >= 0 {
		report.MemoryFreeMib = r.MemoryMib - rounded(t.MemoryUsedMiB, r.MemoryMib)
	}
	return report
}

// rounded brings a figure to a whole number that a report can have.
func rounded(value float64, most uint32) uint32 {
	if value <= 0 || math.IsNaN(value) {
		return 0
	}
	return uint32(min(math.Round(value), float64(most)))
}

// condition is a device with what was read of it.
type condition struct {
	id        string
	model     string
	telemetry device.Telemetry
}

// report tells the condition of those registered devices for which that is due, in one transaction. Reports are not journalled: one that is
// lost is made again.
func (d *Daemon) report(ctx context.Context, read []condition) {
	now := time.Now()
	d.askRules(ctx, now)
	due := slices.DeleteFunc(read, func(c condition) bool {
		_, due := d.heralds.due(c.id, c.telemetry, now)
		return !due
	})
	if len(due) == 0 {
		return
	}
	registered, err := d.client.Devices(ctx, d.operator)
	if err != nil {
		d.deps.Log.Warn("can't read the registered devices", "error", err)
		return
	}
	d.heralds.report(ctx, d.heralds.pair(due, registered, now), now)
}

// askRules asks the chain for its rules from time to time, since governance may change from when on a device is warm.
func (d *Daemon) askRules(ctx context.Context, now time.Time) {
	h := d.heralds
	if h.interval == 0 || now.Sub(h.asked) < h.repeat() {
		return
	}
	if params, err := d.client.RegistryParams(ctx); err == nil {
		h.rules, h.asked = params.Telemetry, now
	}
}

// reading is a registered device with what was read of it.
type reading struct {
	condition
	device registrytypes.Device
}

// pair finds the devices of conditions. One that is not registered is looked for again after a while.
func (h *herald) pair(due []condition, registered []registrytypes.Device, now time.Time) (readings []reading) {
	for _, one := range due {
		at := slices.IndexFunc(registered, func(r registrytypes.Device) bool { return string(r.Id) == one.id })
		if at < 0 {
			h.sent[one.id] = sentReport{at: now, heat: h.rules.Thermometer().Next(qos.Normal, celsius(one.telemetry)), failed: true}
			continue
		}
		readings = append(readings, reading{condition: one, device: registered[at]})
	}
	return readings
}

// report sends reports, as many as go into a transaction at a time, and remembers them. Where the chain refuses several, each goes alone: one that
// it doesn't take must not keep it from knowing that another device is hot.
func (h *herald) report(ctx context.Context, readings []reading, now time.Time) {
	for batch := range slices.Chunk(readings, reportBound) {
		messages := make([]sdk.Msg, len(batch))
		for i, one := range batch {
			messages[i] = reportOf(one.device, one.telemetry)
		}
		err := h.send(ctx, messages)
		alone := len(batch) > 1 && (errors.Is(err, chain.ErrRefused) || errors.Is(err, errNoEffect))
		for i, one := range batch {
			if alone {
				h.reported(one, h.send(ctx, messages[i:i+1]), now)
			} else {
				h.reported(one, err, now)
			}
		}
	}
}

// reported remembers what became of a report, and tells of it.
func (h *herald) reported(one reading, err error, now time.Time) {
	before := qos.Heat(one.device.Heat)
	heat := h.rules.Thermometer().Next(before, celsius(one.telemetry))
	h.sent[one.id] = sentReport{at: now, heat: heat, failed: err != nil}
	h.count(err == nil)
	switch {
	case err != nil:
		h.log.Warn("can't report a device's condition", "model", one.model, "error", err)
	case heat > before:
		h.log.Warn("a device has become hotter: the chain gives it less work", "model", one.model, "heat", HeatName(registrytypes.Heat(heat)), "celsius", celsius(one.telemetry))
	case heat < before:
		h.log.Info("a device has become cooler", "model", one.model, "heat", HeatName(registrytypes.Heat(heat)), "celsius", celsius(one.telemetry))
	}
}

// HeatName is a heat in lower case: "normal", "warm", "hot" or "withdrawn".
func HeatName(heat registrytypes.Heat) string {
	return lowerName(heat.String(), "HEAT_")
}

func lowerName(name, prefix string) string { return strings.ToLower(strings.TrimPrefix(name, prefix)) }

// heatCheck warns of a device that is hot enough to lose work, and tells what the chain knows of registered ones.
func (d *checkup) heatCheck(ctx context.Context) {
	rules := registrytypes.DefaultTelemetryRules()
	if d.online {
		if params, err := d.client.RegistryParams(ctx); err == nil {
			rules = params.Telemetry
		}
	}
	for i := range d.Devices {
		one := &d.Devices[i]
		one.Heat = "unknown"
		if one.Telemetry.TemperatureC < 0 {
			continue
		}
		heat := rules.Thermometer().Next(qos.Normal, celsius(one.Telemetry))
		one.Heat = HeatName(registrytypes.Heat(heat))
		if heat > qos.Normal {
			d.add("temperature", VerdictWarn, "%s is at %d °C, which is %s: the chain gives it less work from %d °C on", one.Model,
				celsius(one.Telemetry), one.Heat, rules.WarmCelsius)
		}
	}
	d.serviceCheck(ctx)
}

// serviceCheck tells the quality of service, the heat and the hours that the chain has of the registered devices.
func (d *checkup) serviceCheck(ctx context.Context) {
	if !d.online || d.operator.Empty() {
		return
	}
	devices, err := d.client.Devices(ctx, d.operator)
	if err != nil {
		d.add("service", VerdictWarn, "%v", err)
		return
	}
	for _, one := range devices {
		verdict, text := VerdictOK, fmt.Sprintf("%s: %s, quality %d of 10000, %s", one.Model, lowerName(one.Tier.String(), "SERVICE_TIER_"), one.QosBps, HeatName(one.Heat))
		switch {
		case one.Unpowered:
			verdict, text = VerdictWarn, text+"; no work now: the power budget has no room for it"
		case one.Heat >= registrytypes.HEAT_HOT:
			verdict, text = VerdictWarn, text+": it takes jobs on fewer lanes, or none"
		case one.Asleep:
			text += fmt.Sprintf("; asleep until %s", time.Unix(one.Switches, 0).UTC().Format("15:04 UTC"))
		}
		d.add("service", verdict, "%s", text)
	}
}

// conditions reads the condition of every device, and keeps the figures of it.
func (d *Daemon) conditions(ctx context.Context) (read []condition) {
	for _, one := range d.machine.Devices() {
		telemetry, known := d.sample(ctx, one)
		if known && one.Works() {
			read = append(read, conditionOf(one, telemetry))
		}
	}
	return read
}

func conditionOf(one *machine.Device, telemetry device.Telemetry) condition {
	id := one.ID()
	return condition{id: string(id[:]), model: one.Model, telemetry: telemetry}
}
