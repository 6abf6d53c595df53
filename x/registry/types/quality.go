package types

import (
	"github.com/assaychain/assay/x/registry/qos"
)

// Bounds of the rules for quality and telemetry.
const (
	// MinHalfLifeSeconds and MaxHalfLifeSeconds bound the half-life of what was seen: an hour to 90 days.
	MinHalfLifeSeconds, MaxHalfLifeSeconds = 3_600, 90 * 24 * 3_600
	// MinCelsius and MaxCelsius bound the temperatures that a device may report, in degrees Celsius.
	MinCelsius, MaxCelsius = -40, 150
	// MaxPauseSeconds bounds the time between two reports: an hour.
	MaxPauseSeconds = 3_600
	// MinKeepSeconds and MaxKeepSeconds bound how long a report is kept: a minute to a day.
	MinKeepSeconds, MaxKeepSeconds = 60, 24 * 3_600
	// SwitchesLimit bounds the devices that one block switches on or off, each of which costs a look at all of its operator's.
	SwitchesLimit = 200
	// priceMemory is the part of the way that a class's usual price moves towards that of a proven job: one in 64.
	priceMemory = 64
)

// Observation is what the chain saw of a device's work.
type Observation struct {
	Outcome Outcome
	// TookMs is how long the device took from the assignment to the commitment, and WindowMs how long it might have taken, in active
	// milliseconds; WindowMs is 0 when the outcome tells nothing of it.
	TookMs, WindowMs uint64
	// Price is what the device asked per 10^9 multiply-accumulates when it got the job; 0 when the outcome tells nothing of it.
	Price uint64
}

// DefaultQualityRules halve what was seen in a week.
func DefaultQualityRules() QualityRules {
	return QualityRules{HalfLifeSeconds: 7 * 24 * 3_600, SilverBps: 6_000, GoldBps: 7_000, PlatinumBps: 8_000, BandBps: 300}
}

// DefaultTelemetryRules take a device for warm at 75, hot at 85 and withdrawn at 95 degrees, and forget a report after half an hour.
func DefaultTelemetryRules() TelemetryRules {
	return TelemetryRules{
		WarmCelsius: 75, HotCelsius: 85, WithdrawnCelsius: 95, BandCelsius: 5, PauseSeconds: 20, KeepSeconds: 1_800, MaxLapsesPerBlock: 100,
	}
}

// DefaultMaxSwitches is how many devices a block switches on or off by default.
const DefaultMaxSwitches = 50

// Ladder are the tiers that the rules describe.
func (r QualityRules) Ladder() qos.Ladder {
	return qos.Ladder{Enter: [qos.Tiers - 1]uint32{r.SilverBps, r.GoldBps, r.PlatinumBps}, Band: r.BandBps}
}

// Thermometer are the temperatures that the rules describe.
func (r TelemetryRules) Thermometer() qos.Thermometer {
	return qos.Thermometer{From: [qos.Withdrawn]int32{r.WarmCelsius, r.HotCelsius, r.WithdrawnCelsius}, Band: r.BandCelsius}
}

// Validate checks every field against its bounds.
func (r QualityRules) Validate() error {
	if r.HalfLifeSeconds < MinHalfLifeSeconds || r.HalfLifeSeconds > MaxHalfLifeSeconds {
		return ErrParams.Wrapf("quality.half_life_seconds is %d: it must be from %d to %d", r.HalfLifeSeconds, MinHalfLifeSeconds, MaxHalfLifeSeconds)
	}
	if err := r.Ladder().Validate(); err != nil {
		return ErrParams.Wrapf("quality: silver_bps, gold_bps, platinum_bps and band_bps: %s", err)
	}
	return nil
}

// Validate checks every field against its bounds.
func (r TelemetryRules) Validate() error {
	if err := r.Thermometer().Validate(MaxCelsius); err != nil {
		return ErrParams.Wrapf("telemetry: warm_celsius, hot_celsius, withdrawn_celsius and band_celsius: %s", err)
	}
	for _, field := range []struct {
		name               string
		value, least, most uint64
	}{
		{"pause_seconds", r.PauseSeconds, 1, MaxPauseSeconds},
		{"keep_seconds", r.KeepSeconds, MinKeepSeconds, MaxKeepSeconds},
		{"max_lapses_per_block", uint64(r.MaxLapsesPerBlock), 1, LapsesLimit},
	} {
		if field.value < field.least || field.value > field.most {
			return ErrParams.Wrapf("telemetry.%s is %d: it must be from %d to %d", field.name, field.value, field.least, field.most)
		}
	}
	if r.KeepSeconds < r.PauseSeconds {
		return ErrParams.Wrapf("telemetry.keep_seconds is %d: it must be at least pause_seconds, %d", r.KeepSeconds, r.PauseSeconds)
	}
	return nil
}

func (p Params) validateQuality() error {
	if err := p.Quality.Validate(); err != nil {
		return err
	}
	if err := p.Telemetry.Validate(); err != nil {
		return err
	}
	if p.MaxSwitchesPerBlock < 1 || p.MaxSwitchesPerBlock > SwitchesLimit {
		return ErrParams.Wrapf("max_switches_per_block is %d: it must be from 1 to %d", p.MaxSwitchesPerBlock, SwitchesLimit)
	}
	return nil
}

// ServiceQuality is what was seen of the device.
func (d Device) ServiceQuality() (qos.Quality, error) {
	quality, err := qos.Unpack(d.Quality)
	if err != nil {
		err = ErrField.Wrapf("quality: %s", err)
	}
	return quality, err
}

// Assess reads a device's quality at a second of the clock, and sets its sum and its tier.
func (d *Device) Assess(quality qos.Quality, rules QualityRules, now uint32) qos.Reading {
	reading := quality.Read(now, rules.HalfLifeSeconds)
	d.QosBps = reading.Total
	d.Tier = ServiceTier(rules.Ladder().Next(uint32(d.Tier), reading.Total))
	return reading
}

// See adds what was seen to a device's quality, at a second of the clock. A result that is not proven says nothing of how fast it came.
func (o Observation) See(quality qos.Quality, device Device, halfLife uint64, now uint32) qos.Quality {
	switch o.Outcome {
	case OUTCOME_PROVEN:
		quality.Accuracy = quality.Accuracy.Seen(qos.Whole, 1, now, halfLife)
		quality.Uptime = quality.Uptime.Seen(qos.Whole, 1, now, halfLife)
		if o.WindowMs > 0 {
			quality.Latency = quality.Latency.Seen(qos.Timeliness(o.TookMs, o.WindowMs), 1, now, halfLife)
			quality.Power = quality.Power.Seen(o.thrift(device), 1, now, halfLife)
		}
	case OUTCOME_MISSED:
		quality.Latency = quality.Latency.Seen(0, 1, now, halfLife)
		quality.Uptime = quality.Uptime.Seen(0, 1, now, halfLife)
	case OUTCOME_FALSE:
		quality.Accuracy = quality.Accuracy.Seen(0, qos.FalseTimes, now, halfLife)
	case OUTCOME_UNDELIVERED:
		quality.Uptime = quality.Uptime.Seen(0, 1, now, halfLife)
	case OUTCOME_DELIVERED:
		quality.Uptime = quality.Uptime.Seen(qos.Whole, 1, now, halfLife)
	}
	return quality
}

// thrift values the energy that the work took against that of a usual device of the class which takes the whole window.
func (o Observation) thrift(device Device) uint32 {
	// Years and megawatts: the product of the two stays below 10^18.
	const longest = 1 << 40
	took, window := min(o.TookMs, o.WindowMs, longest), min(o.WindowMs, longest)
	return qos.Thrift(took*uint64(device.RatedDraw()), window*uint64(UsualDraw(device.Class)))
}

// NextPrice is what work of a class usually costs after a device with a price proved a job: a 64th of the way nearer to it, rounded so
// that it arrives. One counts as twice the usual at most, so that none makes the others look cheap for long. Nothing was usual before the first.
func NextPrice(usual, price uint64) uint64 {
	if usual == 0 {
		return price
	}
	switch price = min(price, 2*usual); {
	case price >= usual:
		return usual + (price-usual+priceMemory-1)/priceMemory
	default:
		return usual - (usual-price+priceMemory-1)/priceMemory
	}
}

// Validate checks a report against what any device may report; the device's own bounds are CheckTelemetry's.
func (t Telemetry) Validate() error {
	if err := ValidateDeviceID(t.Device); err != nil {
		return err
	}
	if t.Celsius < MinCelsius || t.Celsius > MaxCelsius {
		return ErrTelemetry.Wrapf("celsius is %d: it must be from %d to %d", t.Celsius, MinCelsius, MaxCelsius)
	}
	if t.UtilisationPercent > 100 {
		return ErrTelemetry.Wrapf("utilisation_percent is %d: it must be at most 100", t.UtilisationPercent)
	}
	return nil
}

// CheckTelemetry checks a report of the device's against what a device of its model and memory can be; tdp is the model's, 0 when it is
// not known.
func (d Device) CheckTelemetry(t Telemetry, tdp uint32) error {
	if err := t.Validate(); err != nil {
		return err
	}
	limit := d.rating(tdp).most
	if tdp > 0 {
		limit = 2 * tdp
	}
	if t.Watts > limit {
		return ErrTelemetry.Wrapf("watts is %d: a device of its model draws at most %d", t.Watts, limit)
	}
	if t.MemoryFreeMib > d.MemoryMib {
		return ErrTelemetry.Wrapf("memory_free_mib is %d: the device has %d", t.MemoryFreeMib, d.MemoryMib)
	}
	return nil
}

func (d Device) validateQuality() error {
	if d.QosBps > qos.Whole {
		return ErrField.Wrapf("qos_bps is %d: it must be at most %d", d.QosBps, qos.Whole)
	}
	if d.Tier < SERVICE_TIER_BRONZE || d.Tier > SERVICE_TIER_PLATINUM {
		return ErrField.Wrapf("tier %d: it must be from %d to %d", d.Tier, SERVICE_TIER_BRONZE, SERVICE_TIER_PLATINUM)
	}
	if d.Heat < HEAT_NORMAL || d.Heat > HEAT_WITHDRAWN {
		return ErrField.Wrapf("heat %d: it must be from %d to %d", d.Heat, HEAT_NORMAL, HEAT_WITHDRAWN)
	}
	if _, err := d.ServiceQuality(); err != nil {
		return err
	}
	return d.validatePower()
}
