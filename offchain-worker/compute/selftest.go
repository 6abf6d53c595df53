package compute

import (
	"context"
	"fmt"
	"slices"

	"github.com/assaychain/assay/x/proofs/interpreter"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// SelfTest compares a kernel with the definition where kernels go wrong: extreme values everywhere, sizes that are no
// multiple of any tile, the longest inner dimension, every kind of step. It takes some tens of milliseconds and returns
// ErrWrong, naming the kernel and the case, or the kernel's own error.
func SelfTest(ctx context.Context, kernel Kernel) error {
	for _, size := range [][3]int{{1, 1, 1}, {13, 37, 129}, {97, 35, 64}, {3, 50, 1025}, {5, 3, MaxDepth}} {
		for _, values := range patterns {
			if err := testProduct(ctx, kernel, size, values); err != nil {
				return fmt.Errorf("%s: product of %v, %s: %w", kernel.Name(), size, values.name, err)
			}
		}
	}
	for _, size := range [][3]int{{1, 1, 1}, {29, 43, 131}, {100, 33, program.MaxInner}} {
		for _, values := range patterns {
			if err := testDense(ctx, kernel, size, values); err != nil {
				return fmt.Errorf("%s: dense step of %v, %s: %w", kernel.Name(), size, values.name, err)
			}
		}
	}
	return nil
}

// pattern fills the operands of a test.
type pattern struct {
	name        string
	left, right func(i int) int8
}

var patterns = []pattern{
	{"-128 times -128", constant(-128), constant(-128)},
	{"-128 times 127", constant(-128), constant(127)},
	{"127 times 127", constant(127), constant(127)},
	{"mixed values", mixed(1), mixed(2)},
}

func constant(v int8) func(int) int8 { return func(int) int8 { return v } }

// mixed is a fixed sequence over all int8 values by the finaliser of SplitMix64.
func mixed(seed uint64) func(int) int8 {
	return func(i int) int8 {
		z := seed<<32 + uint64(i)*0x9e3779b97f4a7c15
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		return int8(z >> 56)
	}
}

func fill(n int, value func(int) int8) []int8 {
	out := make([]int8, n)
	for i := range out {
		out[i] = value(i)
	}
	return out
}

func testProduct(ctx context.Context, kernel Kernel, size [3]int, values pattern) error {
	m, n, k := size[0], size[1], size[2]
	p := Product{M: m, N: n, K: k, A: fill(m*k, values.left), B: fill(n*k, values.right), C: make([]int32, m*n)}
	if err := kernel.Product(ctx, p, nil); err != nil {
		return err
	}
	for i, got := range p.C {
		row, col := i/n, i%n
		if want := dot(p.A[row*k:(row+1)*k], p.B[col*k:(col+1)*k]); got != want {
			return fmt.Errorf("%w: entry (%d, %d) is %d, must be %d", ErrWrong, row, col, got, want)
		}
	}
	return nil
}

func dot(a, b []int8) int32 {
	var sum int32
	for i, v := range a {
		sum += int32(v) * int32(b[i])
	}
	return sum
}

// testDense runs one program for each output type and activation and compares with the interpreter.
func testDense(ctx context.Context, kernel Kernel, size [3]int, values pattern) error {
	for _, output := range []program.DataType{program.DATA_TYPE_INT8, program.DATA_TYPE_INT32} {
		for _, activation := range []program.Activation{program.ACTIVATION_IDENTITY, program.ACTIVATION_RELU} {
			job, err := testJob(size, values, program.DenseStep{Activation: activation, OutputType: output})
			if err != nil {
				return err
			}
			want, err := interpreter.Run(job.Program, job.Inputs)
			if err != nil {
				return err
			}
			got, err := Execute(ctx, kernel, job, nil)
			if err != nil {
				return err
			}
			if !Equal(got[0], want[0]) {
				return fmt.Errorf("%w: %s output with %s differs from the interpreter's", ErrWrong, output, activation)
			}
		}
	}
	return nil
}

func testJob(size [3]int, values pattern, step program.DenseStep) (Job, error) {
	m, n, k := uint32(size[0]), uint32(size[1]), uint32(size[2])
	weights := tensor.Weights{Values: fill(int(n*k), values.right)}
	small := mixed(3)
	for i := range int(n) {
		weights.Bias = append(weights.Bias, int32(small(3*i))<<12)
		weights.Multiplier = append(weights.Multiplier, 1+uint32(uint8(small(3*i+1)))<<18)
	}
	x, err := tensor.NewInt8(m, k, fill(int(m*k), values.left))
	if err != nil {
		return Job{}, err
	}
	w, err := tensor.NewWeight(n, k, weights)
	if err != nil {
		return Job{}, err
	}
	step.Input, step.Weight, step.Output = "x", "w", "y"
	if step.OutputType == program.DATA_TYPE_INT8 {
		// Accumulators of mixed values, about 2^18, times multipliers up to 2^26, then spread over the range of int8.
		step.Shift = 38
	}
	declare := func(name string, t *tensor.Tensor) program.Tensor {
		return program.Tensor{Name: name, Kind: t.Kind, Type: t.Type, Rows: t.Rows, Cols: t.Cols}
	}
	return Job{Inputs: []*tensor.Tensor{x, w}, Program: program.Program{
		Version: program.Version,
		Inputs:  []program.Tensor{declare("x", x), declare("w", w)},
		Steps:   []program.DenseStep{step},
	}}, nil
}

// Equal says whether two tensors are the same, shape and every value.
func Equal(a, b *tensor.Tensor) bool {
	return a.Shape == b.Shape && slices.Equal(a.Int8, b.Int8) && slices.Equal(a.Int32, b.Int32) &&
		slices.Equal(a.Bias, b.Bias) && slices.Equal(a.Multiplier, b.Multiplier)
}
