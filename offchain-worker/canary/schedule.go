package canary

import (
	crand "crypto/rand"
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// longest bounds a delay, in mean delays: one in some 3,000 is that long.
const longest = 8

// Source is a source of random numbers that nobody can foresee: a stream cipher under a fresh key of the system's.
func Source() (*rand.Rand, error) {
	var seed [32]byte
	if _, err := crand.Read(seed[:]); err != nil {
		return nil, fmt.Errorf("random seed: %w", err)
	}
	return rand.New(rand.NewChaCha8(seed)), nil
}

// Delay draws the time between two canaries, with a mean: exponentially distributed, as between jobs of customers who don't know of each other,
// so that the last one says nothing about the next. At most 8 times the mean.
func Delay(random *rand.Rand, mean time.Duration) time.Duration {
	times := min(-math.Log(1-random.Float64()), longest)
	return time.Duration(times * float64(mean))
}
