package catalogue

import (
	"math/bits"
	"strings"
)

// Quantisation is the precision at which a model's weights should be stored for a device. Higher values are more precise.
type Quantisation uint8

// The quantisations.
const (
	// INT4 is 4 bits a weight.
	INT4 Quantisation = 1
	// INT8 is 8 bits a weight.
	INT8 Quantisation = 2
	// FP16 is 16 bits a weight, floating point.
	FP16 Quantisation = 3
)

// String is "int4", "int8" or "fp16".
func (q Quantisation) String() string {
	switch q {
	case INT4:
		return "int4"
	case INT8:
		return "int8"
	case FP16:
		return "fp16"
	default:
		return "none"
	}
}

// Report is what a device says of itself.
type Report struct {
	// Name is its model as the driver reports it.
	Name string
	// MemoryMiB is its memory in MiB, 0 if it is not told.
	MemoryMiB uint32
	// Accelerated tells whether it is driven through another interface than the processor's.
	Accelerated bool
	// GMACs is its measured speed in 10^9 int8 multiply-accumulates a second, 0 if it was not measured.
	GMACs uint64
}

// Verdict is what a device is taken for.
type Verdict struct {
	// Known tells whether the catalogue has the model, whose Key this is.
	Known bool
	Key   string
	// Class is the highest that the device may claim.
	Class Class
	// Score tells how much a device can do at the edge of the network, from 0 to 100.
	Score uint32
	// Quantisation is what is recommended for it.
	Quantisation Quantisation
}

// Figures are what a verdict is computed from.
type Figures struct {
	// MemoryMiB as of Model.
	MemoryMiB uint32
	// FP32, FP16, INT8 and BandwidthMBps as of Model.
	FP32, FP16, INT8, BandwidthMBps uint64
}

// Ends of the scales of the score: at the low one a part counts nothing, at the high one all.
const (
	lowOps, highOps             = 100, 2_000_000
	lowMemory, highMemory       = 1 << 10, 128 << 10
	lowBandwidth, highBandwidth = 10_000, 4_000_000
)

// Memory that 7·10^9 weights take with a fifth for what is computed with them, in MiB, rounded up.
const (
	memoryFP16 = 16_022
	memoryINT8 = 8_011
)

// Bounds of what an unknown accelerator is taken for.
const (
	// ConsumerMemoryMiB and ConsumerGMACs are what it must have and, if it was measured, do, to pass for a gaming GPU: 35·10^12
	// multiply-accumulates, a spot check's by default, take 44 s at 800·10^9 a second.
	ConsumerMemoryMiB, ConsumerGMACs = 4_096, 800
	// UnknownScore is the highest score of a device that the catalogue doesn't know.
	UnknownScore = 50
)

// hints are words in the names of devices that the catalogue doesn't know, but whose class is plain.
var hints = map[string]Class{
	"adreno": Mobile, "immortalis": Mobile, "mali": Mobile, "maleoon": Mobile, "powervr": Mobile, "xclipse": Mobile,
	"jetson": Edge, "orin": Edge, "tegra": Edge, "v3d": Edge, "videocore": Edge, "xavier": Edge,
}

// Classify tells what a device is taken for: by its model if the catalogue knows it, else by what it reports. Of a known model no more
// memory counts than the device reports, and no more than the model has.
func (c *Catalogue) Classify(report Report) Verdict {
	model, known := c.Lookup(report.Name)
	if !known || !report.Accelerated {
		return Conservative(report)
	}
	return model.Classify(report.MemoryMiB)
}

// Classify is the verdict on a device of the model that reports so much memory, in MiB; 0 if it is not told.
func (m Model) Classify(reportedMiB uint32) Verdict {
	figures := Figures{MemoryMiB: m.MemoryMiB, FP32: m.FP32, FP16: m.FP16, INT8: m.INT8, BandwidthMBps: m.BandwidthMBps}
	if reportedMiB > 0 && (figures.MemoryMiB == 0 || reportedMiB < figures.MemoryMiB) {
		figures.MemoryMiB = reportedMiB
	}
	return Verdict{Known: true, Key: m.Key, Class: m.Class, Score: figures.Score(), Quantisation: figures.Quantisation()}
}

// Conservative is the verdict on a device whose model nobody knows. Without an accelerator it is a processor. An accelerator is of the
// class that its name tells for certain (boards, phones); else a gaming GPU if it has the memory of one and was not measured to be
// slower, and a board at the edge if not. It is never one of a datacentre, scores UnknownScore at most, and is not recommended FP16.
func Conservative(report Report) Verdict {
	figures := Figures{MemoryMiB: report.MemoryMiB, INT8: 2 * min(report.GMACs, MaxThroughput)}
	return Verdict{
		Class: conservativeClass(report), Score: min(figures.Score(), UnknownScore), Quantisation: figures.Quantisation(),
	}
}

func conservativeClass(report Report) Class {
	if !report.Accelerated {
		return CPU
	}
	for _, word := range strings.Fields(Normalise(report.Name)) {
		if class, plain := hints[word]; plain {
			return class
		}
	}
	if report.MemoryMiB < ConsumerMemoryMiB || report.GMACs > 0 && report.GMACs < ConsumerGMACs {
		return Edge
	}
	return Consumer
}

// Score is (5·T + 3·M + 2·B) / 10, rounded down, where T, M and B are from 0 to 100: where the best throughput (10^11 to 2·10^15
// operations a second), the memory (1 to 128 GiB) and its bandwidth (10^10 to 4·10^12 bytes a second) lie between the ends of their
// scales, by logarithm. More of anything never lowers it.
func (f Figures) Score() uint32 {
	throughput := scale(max(f.FP32, f.FP16, f.INT8), lowOps, highOps)
	memory := scale(uint64(f.MemoryMiB), lowMemory, highMemory)
	bandwidth := scale(f.BandwidthMBps, lowBandwidth, highBandwidth)
	return uint32((5*throughput + 3*memory + 2*bandwidth) / 10)
}

// scale tells where a value lies between two others by logarithm, from 0 to 100.
func scale(value, low, high uint64) uint64 {
	switch {
	case value <= low:
		return 0
	case value >= high:
		return 100
	}
	return 100 * (log2(value) - log2(low)) / (log2(high) - log2(low))
}

// log2 is the logarithm to base 2 of a positive number in 256ths, exact at powers of two, linear between them and so never falling.
func log2(x uint64) uint64 {
	whole := uint64(bits.Len64(x) - 1)
	mantissa := x << (63 - whole) // The highest bit is set.
	return whole<<8 | mantissa<<1>>56
}

// Quantisation is the most precise one at which a model of 7·10^9 weights, with a fifth of room, fits the memory: FP16 from 16,022 MiB,
// where half precision is no slower than single; INT8 from 8,011 MiB; INT4 else.
func (f Figures) Quantisation() Quantisation {
	switch {
	case f.MemoryMiB >= memoryFP16 && f.FP16 > 0 && f.FP16 >= f.FP32:
		return FP16
	case f.MemoryMiB >= memoryINT8:
		return INT8
	default:
		return INT4
	}
}
