package netsim

import "math"

// What a draw is for. Every random number is a function of the seed, its purpose and whom it concerns, never of what was drawn before: so
// all policies meet the same failures, the same noise and the same arrivals.
const (
	drawPlace = iota + 1
	drawLatitude
	drawLongitude
	drawModel
	drawOperator
	drawMargin
	drawSpeed
	drawPresence
	drawFailure
	drawRepair
	drawDeparture
	drawJobTime
	drawJobPlace
	drawJobKind
	drawJobSize
	drawJobMemory
	drawJobLatitude
	drawJobLongitude
	drawRun
	drawPath
	drawJitter
	drawEfficiency
	drawChoice
)

// chance is a source of numbers that depend on nothing but what is asked for.
type chance uint64

// mix is the finaliser of SplitMix64 (Steele, Lea and Flood, 2014), which spreads every bit over all.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// bits are those of a purpose and up to three numbers.
func (c chance) bits(purpose int, a, b, d uint64) uint64 {
	x := mix(uint64(c) + 0x9e3779b97f4a7c15*uint64(purpose))
	x = mix(x + 0x9e3779b97f4a7c15*(a+1))
	x = mix(x + 0x9e3779b97f4a7c15*(b+1))
	return mix(x + 0x9e3779b97f4a7c15*(d+1))
}

// uniform is in [0, 1).
func (c chance) uniform(purpose int, a, b, d uint64) float64 {
	return float64(c.bits(purpose, a, b, d)>>11) / (1 << 53)
}

// normal has mean 0 and deviation 1 (Box and Muller).
func (c chance) normal(purpose int, a, b, d uint64) float64 {
	x := c.bits(purpose, a, b, d)
	u := (float64(x>>32) + 1) / (1 << 32)
	v := float64(x&0xffffffff) / (1 << 32)
	return math.Sqrt(-2*math.Log(u)) * math.Cos(2*math.Pi*v)
}

// exponential has mean 1.
func (c chance) exponential(purpose int, a, b, d uint64) float64 {
	return -math.Log(1 - c.uniform(purpose, a, b, d))
}

// wheel draws indices in proportion to weights.
type wheel []float64

func newWheel(weights []float64) wheel {
	w, sum := make(wheel, len(weights)), 0.0
	for i, weight := range weights {
		sum += weight
		w[i] = sum
	}
	return w
}

// spin is the index that a number in [0, 1) falls on.
func (w wheel) spin(u float64) int {
	u *= w[len(w)-1]
	low, high := 0, len(w)-1
	for low < high {
		if middle := (low + high) / 2; w[middle] <= u {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}
