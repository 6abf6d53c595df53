package planted

import (
	"math"

	"example.org/records"
)

type rates struct {
	price float64    // want `floating point \(float64\) in consensus code`
	phase complex128 // want `floating point \(complex128\)`
}

type score records.Ratio // want `floating point`

func literals() int {
	const scaled int = 1e6        // want `floating-point literal 1e6`
	wave := 2i                    // want `floating point|floating-point literal`
	_ = wave                      // want `floating point`
	if float64(scaled) > 0x1p-2 { // want `floating point|floating-point literal 0x1p-2`
		return 1
	}
	return int(math.Sqrt(2)) // want `floating point \(float64\)`
}

func conversions(n int) int {
	half := float32(n)              // want `floating point \(float32\)`
	_ = half                        // want `floating point`
	return int(records.Share() * 2) // want `floating point`
}

func generic[T ~float32 | ~int](n T) T { return n } // want `floating point \(float32\)`

func foreign() bool {
	return records.Half > 0 // want `floating point`
}

func counted() { records.Count(1, "whole numbers are let through") }
