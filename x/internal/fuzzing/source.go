// Package fuzzing lets a fuzzer's bytes decide what a random test does.
package fuzzing

import (
	"encoding/binary"
	"hash/fnv"
	"math/rand"
)

// word is the size of a number of randomness in bytes.
const word = 8

// Rand draws from bytes as long as there are some, and from a sequence that they seed after that.
func Rand(data []byte) *rand.Rand {
	hash := fnv.New64a()
	hash.Write(data)
	return rand.New(&source{data: data, rest: rand.NewSource(int64(hash.Sum64())).(rand.Source64)})
}

type source struct {
	data []byte
	rest rand.Source64
}

// Uint64 is the next number.
func (s *source) Uint64() uint64 {
	if len(s.data) < word {
		return s.rest.Uint64()
	}
	drawn := binary.LittleEndian.Uint64(s.data)
	s.data = s.data[word:]
	return drawn
}

// Int63 is the next number, not negative.
func (s *source) Int63() int64 { return int64(s.Uint64() >> 1) }

// Seed is not used: the bytes are the seed.
func (s *source) Seed(int64) {}
