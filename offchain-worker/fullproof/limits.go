package fullproof

import (
	"fmt"

	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/full"
	"github.com/assaychain/assay/x/proofs/program"
)

const (
	// baseMemory is what a proof takes at most whatever its size, in MiB, the tensors of the job aside; entryMemory what that of a
	// step takes besides for each entry of its output, with both dimensions rounded up to powers of two, in bytes. The table of costs
	// in x/proofs/full's README.
	baseMemory, entryMemory = 512, 176
	mebibyte                = 1 << 20
)

// largest is the step of any program that takes the most points of a string, and the most memory.
var largest = full.Step{M: program.MaxDimension, N: program.MaxDimension, K: program.MaxDimension, Shift: program.MaxShift}

// CheckSize refuses a string that is too short, or a machine that has too little memory, for some valid program.
func (s *System) CheckSize() error {
	if need := largest.Points(); s.file.Len() < need {
		return fmt.Errorf("%s has %d points, the largest program takes %d", s.path, s.file.Len(), need)
	}
	if need := memory(largest.M, largest.N); !s.fits(need) {
		return fmt.Errorf("the machine has %d MiB, the proof of the largest program takes %d", s.options.Memory, need)
	}
	return nil
}

// CheckWork refuses a program that the level doesn't prove, or whose proof needs more points than the string has, or more memory than
// the machine.
func (s *System) CheckWork(work challenge.Work) error {
	chain, err := challenge.FullChain(work)
	if err != nil {
		return err
	}
	points, err := full.ChainPoints(chain)
	if err != nil {
		return err
	}
	shapes, err := work.Program.Shapes()
	if err != nil {
		return err
	}
	for i, need := range points {
		if need > s.file.Len() {
			return fmt.Errorf("steps[%d] needs %d points of the reference string, %s has %d: make or import a longer one", i, need, s.path, s.file.Len())
		}
		if need := memory(shapes[i].M, shapes[i].N); !chain.Links[i].Int32 && !s.fits(need) {
			return fmt.Errorf("steps[%d] needs %d MiB of memory, the machine has %d", i, need, s.options.Memory)
		}
	}
	return nil
}

// memory is what the proof of a step with an int8 output of m x n entries takes, in MiB.
func memory(m, n uint32) uint64 {
	layout := full.Shape{M: m, N: n, K: 1}.Layout()
	return baseMemory + entryMemory<<layout.Variables(full.TensorY)/mebibyte
}

func (s *System) fits(need uint64) bool {
	return s.options.Memory == 0 || need <= uint64(s.options.Memory)
}
