// Package computetest has what back ends of package compute are tested with: random programs, and their comparison with
// the reference interpreter.
package computetest

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/x/proofs/interpreter"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

var (
	programs = flag.Int("programs", 300, "random programs that each kernel is compared with the interpreter on")
	seed     = flag.Uint64("programs-seed", 0, "seed of the random programs; from the clock if 0")
)

// Differential compares kernels with the interpreter on as many random programs as the flag -programs says. It fails with
// the seed of the program, which -programs-seed and -programs 1 repeat.
func Differential(t *testing.T, kernels ...compute.Kernel) {
	first := *seed
	if first == 0 {
		first = uint64(time.Now().UnixNano())
	}
	for i := range uint64(*programs) {
		job, err := Job(first + i)
		if err != nil {
			t.Fatalf("program of seed %d: %v", first+i, err)
		}
		want, err := interpreter.Run(job.Program, job.Inputs)
		if err != nil {
			t.Fatalf("program of seed %d: %v", first+i, err)
		}
		for _, kernel := range kernels {
			if err := compare(kernel, job, want); err != nil {
				t.Fatalf("program of seed %d: %v", first+i, err)
			}
		}
	}
	t.Logf("%d programs from seed %d on %d kernels: 0 differences", *programs, first, len(kernels))
}

func compare(kernel compute.Kernel, job compute.Job, want []*tensor.Tensor) error {
	got, err := compute.Execute(context.Background(), kernel, job, nil)
	if err != nil {
		return err
	}
	for step := range want {
		if !compute.Equal(want[step], got[step]) {
			return fmt.Errorf("step %d on %s differs from the interpreter's", step, kernel.Name())
		}
	}
	return nil
}

// Job is the random program of a seed, a chain of one to four steps with their inputs: mostly small, one in fifty with an
// inner dimension up to the longest.
func Job(seed uint64) (compute.Job, error) {
	r := rand.New(rand.NewPCG(seed, 0x61737361792f7631))
	rows, cols := size(r, 70), size(r, 200)
	switch r.IntN(200) {
	case 0:
		rows, cols = size(r, 5), 1+r.Uint32N(program.MaxInner)
	case 1, 2, 3:
		rows, cols = size(r, 5), 1+r.Uint32N(1024)
	}
	x, err := tensor.NewInt8(rows, cols, values(r, rows*cols))
	if err != nil {
		return compute.Job{}, err
	}
	job := compute.Job{Inputs: []*tensor.Tensor{x}, Program: program.Program{
		Version: program.Version, Inputs: []program.Tensor{declare("y0", x)},
	}}
	steps := 1 + r.IntN(4)
	for i := 1; i <= steps; i++ {
		w, err := weights(r, size(r, 60), cols)
		if err != nil {
			return compute.Job{}, err
		}
		name := fmt.Sprintf("w%d", i)
		job.Inputs = append(job.Inputs, w)
		job.Program.Inputs = append(job.Program.Inputs, declare(name, w))
		job.Program.Steps = append(job.Program.Steps, step(r, i, i == steps))
		cols = w.Rows
	}
	return job, nil
}

func step(r *rand.Rand, i int, last bool) program.DenseStep {
	s := program.DenseStep{
		Input: fmt.Sprintf("y%d", i-1), Weight: fmt.Sprintf("w%d", i), Output: fmt.Sprintf("y%d", i),
		Shift: 1 + r.Uint32N(program.MaxShift), Activation: program.ACTIVATION_IDENTITY, OutputType: program.DATA_TYPE_INT8,
	}
	if r.IntN(2) == 0 {
		// Shifts that leave values within the range of int8, where rounding and saturation both happen.
		s.Shift = 20 + r.Uint32N(min(20, program.MaxShift-20))
	}
	if r.IntN(2) == 0 {
		s.Activation = program.ACTIVATION_RELU
	}
	if last && r.IntN(2) == 0 {
		s.OutputType, s.Shift = program.DATA_TYPE_INT32, 0
	}
	return s
}

func declare(name string, t *tensor.Tensor) program.Tensor {
	return program.Tensor{Name: name, Kind: t.Kind, Type: t.Type, Rows: t.Rows, Cols: t.Cols}
}

// size is 1 to limit, often near a multiple of a power of two, where tiles end.
func size(r *rand.Rand, limit uint32) uint32 {
	if r.IntN(2) == 0 {
		return 1 + r.Uint32N(limit)
	}
	edge := uint32(8) << r.IntN(4)
	return max(1, min(limit, edge*(1+r.Uint32N(3))+r.Uint32N(3)-1))
}

func values(r *rand.Rand, n uint32) []int8 {
	out := make([]int8, n)
	extreme := r.IntN(4) == 0
	for i := range out {
		out[i] = int8(r.Uint32())
		if extreme {
			out[i] = []int8{-128, 127, -127, 0}[r.IntN(4)]
		}
	}
	return out
}

func weights(r *rand.Rand, rows, cols uint32) (*tensor.Tensor, error) {
	w := tensor.Weights{Values: values(r, rows*cols)}
	for range rows {
		w.Bias = append(w.Bias, r.Int32N(2*program.MaxBias-1)-program.MaxBias+1)
		w.Multiplier = append(w.Multiplier, 1+r.Uint32N(program.MaxMultiplier-1)>>r.IntN(20))
	}
	return tensor.NewWeight(rows, cols, w)
}
