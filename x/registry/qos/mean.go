package qos

import (
	"encoding/binary"
	"fmt"
)

const (
	// Whole is the best value, in basis points; 0 is the worst.
	Whole = 10_000
	// Prior is what a device is credited with of which nothing is known, in basis points: half.
	Prior = Whole / 2

	// valueBits are the binary places of a mean.
	valueBits = 16
	// maxValue is Whole with its binary places.
	maxValue = Whole << valueBits
	// unit is the weight of one outcome.
	unit = 1 << 16
	// priorWeight is what the prior weighs beside outcomes: as much as four.
	priorWeight = 4 * unit
	// MaxWeight is the most that past outcomes weigh: as much as 64, so that a long record can still change.
	MaxWeight = 64 * unit
	// meanSize is the size of a packed mean in bytes: value 4 ‖ weight 4 ‖ at 4, big-endian.
	meanSize = 12
)

// Mean is an exponentially decayed mean of values from 0 to Whole. Time alone never changes Value: it makes what was seen weigh less, so that
// the next outcome weighs more, and what is read nears the prior. The weight is decayed when it is read, never stored anew in between, so that
// reading often or rarely gives the same to the unit. The zero value is the mean of nothing.
type Mean struct {
	// Value is the mean in basis points, with 16 binary places.
	Value uint32
	// Weight is what the outcomes weighed at the moment At, 65,536 for one, MaxWeight at most.
	Weight uint32
	// At is the moment of the last outcome, in seconds of the registry's clock.
	At uint32
}

// weightAt is what the outcomes weigh at a moment; the moment of the last one when it is earlier.
func (m Mean) weightAt(now uint32, halfLife uint64) uint64 {
	return uint64(Decay(m.Weight, uint64(max(now, m.At)-m.At), halfLife))
}

// Seen adds an outcome's value, at most Whole, as often as times says, at a moment. A higher value never makes a lower mean, now or later.
func (m Mean) Seen(value, times, now uint32, halfLife uint64) Mean {
	weight, added := m.weightAt(now, halfLife), uint64(min(times, MaxWeight/unit))*unit
	if added == 0 {
		return m
	}
	sum := uint64(m.Value)*weight + uint64(min(value, Whole))<<valueBits*added
	return Mean{Value: uint32(sum / (weight + added)), Weight: uint32(min(weight+added, MaxWeight)), At: max(now, m.At)}
}

// Read is the mean at a moment, in basis points, drawn to the prior by as much as is unknown.
func (m Mean) Read(now uint32, halfLife uint64) uint32 {
	weight := m.weightAt(now, halfLife)
	sum := uint64(m.Value)*weight + uint64(Prior)<<valueBits*priorWeight
	return uint32(sum / (weight + priorWeight) >> valueBits)
}

func (m Mean) append(packed []byte) []byte {
	packed = binary.BigEndian.AppendUint32(packed, m.Value)
	packed = binary.BigEndian.AppendUint32(packed, m.Weight)
	return binary.BigEndian.AppendUint32(packed, m.At)
}

// unpackMean reads meanSize bytes.
func unpackMean(packed []byte) (Mean, error) {
	m := Mean{
		Value: binary.BigEndian.Uint32(packed), Weight: binary.BigEndian.Uint32(packed[4:]), At: binary.BigEndian.Uint32(packed[8:]),
	}
	if m.Value > maxValue || m.Weight > MaxWeight {
		return m, fmt.Errorf("%w: value %d and weight %d: they must be at most %d and %d", ErrQuality, m.Value, m.Weight, maxValue, MaxWeight)
	}
	if m.Weight == 0 && (m.Value > 0 || m.At > 0) {
		return m, fmt.Errorf("%w: value %d at %d without weight: nothing was seen", ErrQuality, m.Value, m.At)
	}
	return m, nil
}
