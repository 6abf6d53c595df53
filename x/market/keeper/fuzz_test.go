package keeper_test

import (
	"testing"

	"github.com/assaychain/assay/x/internal/fuzzing"
)

// fuzzedBlocks of a life that a fuzzer chooses.
const fuzzedBlocks = 25

// FuzzEndBlock lets a fuzzer choose what customers, workers, operators and governance do. After every block the books of all
// modules agree and no hook has logged an error.
func FuzzEndBlock(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("jobs, deadlines and rounds"))
	f.Fuzz(func(t *testing.T, data []byte) {
		f := newFixture(t)
		f.workers(5)
		f.relays(3)
		c := crowd{agent: &agent{f: f, jobs: map[uint64]string{}}, r: fuzzing.Rand(data), told: map[uint64]uint32{}}
		for range fuzzedBlocks {
			c.block()
		}
	})
}
