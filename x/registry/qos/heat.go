package qos

import "fmt"

// Heat is how hot a device is, by the temperature that it reports.
type Heat uint32

// Degrees of heat.
const (
	// Normal is cool enough, or not known.
	Normal Heat = iota
	// Warm devices come after cooler ones.
	Warm
	// Hot devices take half as many jobs.
	Hot
	// Withdrawn devices take none.
	Withdrawn
)

// Thermometer says from which temperatures a device is warm, hot and withdrawn.
type Thermometer struct {
	// From are the temperatures in degrees Celsius for Warm, Hot and Withdrawn: ascending.
	From [Withdrawn]int32
	// Band is how many degrees below a device must cool to leave its heat, at least 1.
	Band int32
}

// Validate checks that the temperatures ascend from the freezing point on, up to limit.
func (t Thermometer) Validate(limit int32) error {
	below := int32(0)
	for i, from := range t.From {
		if from <= below || from > limit {
			return fmt.Errorf("heat %d begins at %d degrees: it must be above %d and at most %d", i+1, from, below, limit)
		}
		below = from
	}
	if t.Band < 1 || t.Band > t.From[0] {
		return fmt.Errorf("band is %d degrees: it must be from 1 to %d", t.Band, t.From[0])
	}
	return nil
}

// Next is the heat of a device of a heat that reports a temperature. It rises at once, and falls only below the band.
func (t Thermometer) Next(heat Heat, celsius int32) Heat {
	heat = min(heat, Withdrawn)
	for heat < Withdrawn && celsius >= t.From[heat] {
		heat++
	}
	for heat > Normal && celsius < t.From[heat-1]-t.Band {
		heat--
	}
	return heat
}

// Lanes is how many of its lanes a device of a heat offers: all, half of them but at least one, or none.
func (h Heat) Lanes(lanes uint32) uint32 {
	switch {
	case h >= Withdrawn:
		return 0
	case h == Hot:
		return max(lanes/2, min(lanes, 1))
	default:
		return lanes
	}
}
