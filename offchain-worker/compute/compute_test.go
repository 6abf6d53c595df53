package compute_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/x/proofs/interpreter"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

func cpus(t require.TestingT, threads int) []*compute.CPU {
	kernels, err := compute.CPUs(threads)
	require.NoError(t, err)
	return kernels
}

// naive is the triple loop that a product is compared with.
func naive(p compute.Product) {
	for m := range p.M {
		for n := range p.N {
			var sum int32
			for k := range p.K {
				sum += int32(p.A[m*p.K+k]) * int32(p.B[n*p.K+k])
			}
			p.C[m*p.N+n] = sum
		}
	}
}

var anyInt8 = rapid.OneOf(rapid.Int8(), rapid.Just(int8(-128)), rapid.Just(int8(127)), rapid.Just(int8(0)))

// sequence fills n values from a few drawn ones, so that long operands stay cheap to draw and to shrink.
func sequence(t *rapid.T, n int, label string) []int8 {
	seed := rapid.SliceOfN(anyInt8, 1, 67).Draw(t, label)
	out := make([]int8, n)
	for i := range out {
		out[i] = seed[(i+i/len(seed)*i)%len(seed)]
	}
	return out
}

func TestProductEqualsNaive(t *testing.T) {
	for _, kernel := range cpus(t, 2) {
		t.Run(kernel.Name(), rapid.MakeCheck(func(t *rapid.T) {
			m, n := rapid.IntRange(1, 120).Draw(t, "m"), rapid.IntRange(1, 80).Draw(t, "n")
			k := rapid.OneOf(rapid.IntRange(1, 40), rapid.IntRange(1000, 2100)).Draw(t, "k")
			p := compute.Product{M: m, N: n, K: k, A: sequence(t, m*k, "a"), B: sequence(t, n*k, "b"), C: make([]int32, m*n)}
			want := p
			want.C = make([]int32, m*n)
			naive(want)
			p.C[0] = 12345 // what was there before must not matter
			require.NoError(t, kernel.Product(context.Background(), p, nil))
			require.Equal(t, want.C, p.C)
			require.NoError(t, compute.CheckProduct(p, rand.Reader))
		}))
	}
}

// drawJob draws a chain of dense steps with operands over the whole range that a program allows.
func drawJob(t *rapid.T) compute.Job {
	rows, cols := rapid.Uint32Range(1, 110).Draw(t, "rows"), rapid.Uint32Range(1, 300).Draw(t, "cols")
	x, err := tensor.NewInt8(rows, cols, sequence(t, int(rows*cols), "x"))
	require.NoError(t, err)
	job := compute.Job{Inputs: []*tensor.Tensor{x}, Program: program.Program{Version: program.Version, Inputs: []program.Tensor{
		{Name: "y0", Kind: x.Kind, Type: x.Type, Rows: rows, Cols: cols},
	}}}
	steps := rapid.IntRange(1, 3).Draw(t, "steps")
	for i := 1; i <= steps; i++ {
		w := drawWeight(t, rapid.Uint32Range(1, 70).Draw(t, "width"), cols)
		job.Inputs = append(job.Inputs, w)
		job.Program.Inputs = append(job.Program.Inputs, program.Tensor{Name: fmt.Sprintf("w%d", i), Kind: w.Kind, Type: w.Type, Rows: w.Rows, Cols: cols})
		step := program.DenseStep{
			Input: fmt.Sprintf("y%d", i-1), Weight: fmt.Sprintf("w%d", i), Output: fmt.Sprintf("y%d", i),
			Shift:      rapid.Uint32Range(1, program.MaxShift).Draw(t, "shift"),
			Activation: rapid.SampledFrom([]program.Activation{program.ACTIVATION_IDENTITY, program.ACTIVATION_RELU}).Draw(t, "activation"),
			OutputType: program.DATA_TYPE_INT8,
		}
		if i == steps && rapid.Bool().Draw(t, "int32") {
			step.OutputType, step.Shift = program.DATA_TYPE_INT32, 0
		}
		job.Program.Steps = append(job.Program.Steps, step)
		cols = w.Rows
	}
	return job
}

func drawWeight(t *rapid.T, rows, cols uint32) *tensor.Tensor {
	weights := tensor.Weights{Values: sequence(t, int(rows*cols), "w")}
	bias, multiplier := rapid.Int32Range(-program.MaxBias+1, program.MaxBias-1), rapid.Uint32Range(1, program.MaxMultiplier-1)
	for range rows {
		weights.Bias = append(weights.Bias, bias.Draw(t, "bias"))
		weights.Multiplier = append(weights.Multiplier, multiplier.Draw(t, "multiplier"))
	}
	w, err := tensor.NewWeight(rows, cols, weights)
	require.NoError(t, err)
	return w
}

func TestExecuteEqualsInterpreter(t *testing.T) {
	for _, kernel := range cpus(t, 2) {
		t.Run(kernel.Name(), rapid.MakeCheck(func(t *rapid.T) {
			job := drawJob(t)
			want, err := interpreter.Run(job.Program, job.Inputs)
			require.NoError(t, err)
			var calls []uint64
			got, err := compute.Execute(context.Background(), kernel, job, func(done, total uint64) {
				require.Equal(t, job.Program.Work(), total)
				calls = append(calls, done)
			})
			require.NoError(t, err)
			require.Len(t, got, len(want))
			for i := range want {
				require.True(t, compute.Equal(want[i], got[i]), "step %d", i)
			}
			require.IsIncreasing(t, append([]uint64{0}, calls...))
			require.Equal(t, job.Program.Work(), calls[len(calls)-1])
		}))
	}
}

func operands(m, n, k int) compute.Product {
	p := compute.Product{M: m, N: n, K: k, A: make([]int8, m*k), B: make([]int8, n*k), C: make([]int32, m*n)}
	for i := range p.A {
		p.A[i] = int8(i * 7)
	}
	for i := range p.B {
		p.B[i] = int8(i * 13)
	}
	return p
}

func TestProductStopsWithItsContext(t *testing.T) {
	for _, kernel := range cpus(t, 2) {
		ctx, cancel := context.WithCancel(context.Background())
		var last uint64
		p := operands(1024, 512, 512)
		err := kernel.Product(ctx, p, func(done, _ uint64) { last = done; cancel() })
		require.ErrorIs(t, err, context.Canceled, kernel.Name())
		require.Positive(t, last)
		require.Less(t, last, p.Work(), "%s: it stopped before the end", kernel.Name())
	}
}

func TestExecuteStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	rapid.Check(t, func(t *rapid.T) {
		outputs, err := compute.Execute(ctx, cpus(t, 1)[0], drawJob(t), nil)
		require.ErrorIs(t, err, context.Canceled)
		require.Nil(t, outputs)
	})
}

func TestProductRefusesShapes(t *testing.T) {
	good := operands(3, 4, 5)
	for name, change := range map[string]func(*compute.Product){
		"no rows": func(p *compute.Product) { p.M = 0 }, "no columns": func(p *compute.Product) { p.N = 0 },
		"no depth": func(p *compute.Product) { p.K = 0 }, "negative": func(p *compute.Product) { p.K = -5 },
		"depth":   func(p *compute.Product) { p.K = compute.MaxDepth + 1 },
		"huge":    func(p *compute.Product) { p.M = math.MaxInt },
		"short A": func(p *compute.Product) { p.A = p.A[1:] }, "short B": func(p *compute.Product) { p.B = p.B[1:] },
		"short C": func(p *compute.Product) { p.C = p.C[1:] }, "nil": func(p *compute.Product) { p.A = nil },
	} {
		bad := good
		change(&bad)
		require.ErrorIs(t, cpus(t, 1)[0].Product(context.Background(), bad, nil), compute.ErrShape, name)
		require.ErrorIs(t, compute.CheckProduct(bad, rand.Reader), compute.ErrShape, name)
	}
}

func TestDenseRefusesShapes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		job := drawJob(t)
		good := compute.Dense{X: job.Inputs[0], W: job.Inputs[1], Step: job.Program.Steps[0]}
		require.NoError(t, good.Validate())
		for name, change := range map[string]func(*compute.Dense){
			"no X": func(d *compute.Dense) { d.X = nil }, "no W": func(d *compute.Dense) { d.W = nil },
			"W as X": func(d *compute.Dense) { d.X = d.W }, "X as W": func(d *compute.Dense) { d.W = d.X },
			"shift": func(d *compute.Dense) { d.Step.Shift = program.MaxShift + 1 },
			"type":  func(d *compute.Dense) { d.Step.OutputType = program.DATA_TYPE_UNSPECIFIED },
			"columns": func(d *compute.Dense) {
				d.W = drawWeight(t, 2, d.X.Cols+1)
			},
		} {
			bad := good
			change(&bad)
			_, err := cpus(t, 1)[0].Dense(context.Background(), bad, nil)
			require.ErrorIs(t, err, compute.ErrShape, name)
		}
	})
}

func TestCheckProductFindsAnySingleError(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := operands(rapid.IntRange(1, 20).Draw(t, "m"), rapid.IntRange(1, 20).Draw(t, "n"), rapid.IntRange(1, 50).Draw(t, "k"))
		naive(p)
		require.NoError(t, compute.CheckProduct(p, rand.Reader))
		at := rapid.IntRange(0, len(p.C)-1).Draw(t, "at")
		p.C[at] ^= int32(rapid.Uint32Range(1, math.MaxUint32).Draw(t, "flip"))
		err := compute.CheckProduct(p, rand.Reader)
		require.ErrorIs(t, err, compute.ErrWrong)
		require.ErrorContains(t, err, fmt.Sprintf("row %d of", at/p.N))
	})
}

func TestCheckProductAtExtremes(t *testing.T) {
	for _, values := range [][2]int8{{-128, -128}, {-128, 127}, {127, 127}} {
		p := compute.Product{M: 2, N: 3, K: compute.MaxDepth, A: make([]int8, 2<<16), B: make([]int8, 3<<16), C: make([]int32, 6)}
		for i := range p.A {
			p.A[i] = values[0]
		}
		for i := range p.B {
			p.B[i] = values[1]
		}
		naive(p)
		require.NoError(t, compute.CheckProduct(p, rand.Reader))
		p.C[5]--
		require.ErrorIs(t, compute.CheckProduct(p, rand.Reader), compute.ErrWrong)
	}
}

type emptyReader struct{}

func (emptyReader) Read([]byte) (int, error) { return 0, errors.New("no entropy") }

func TestCheckProductNeedsRandomNumbers(t *testing.T) {
	require.ErrorContains(t, compute.CheckProduct(operands(1, 1, 1), emptyReader{}), "no entropy")
}

// faulty is a sound kernel that adds one to a single entry, in products or in steps that it is told to spoil.
type faulty struct {
	compute.Kernel
	spoilProduct, spoilDense bool
	calls                    atomic.Int64
}

func (f *faulty) Name() string { return "faulty" }

func (f *faulty) Product(ctx context.Context, p compute.Product, progress compute.Progress) error {
	err := f.Kernel.Product(ctx, p, progress)
	if f.spoilProduct && p.K == compute.MaxDepth {
		p.C[len(p.C)-1]++
	}
	return err
}

func (f *faulty) Dense(ctx context.Context, d compute.Dense, progress compute.Progress) (*tensor.Tensor, error) {
	out, err := f.Kernel.Dense(ctx, d, progress)
	if f.spoilDense && err == nil && out.Int8 != nil && f.calls.Add(1) == 7 {
		out.Int8[0] ^= 1
	}
	return out, err
}

func TestRegistryLeavesOutWhatFailsItsSelfTest(t *testing.T) {
	sound := cpus(t, 2)
	for _, broken := range []*faulty{{Kernel: sound[0], spoilProduct: true}, {Kernel: sound[0], spoilDense: true}} {
		registry := &compute.Registry{}
		require.NoError(t, registry.Register(broken))
		require.NoError(t, registry.Register(sound[0]))
		_, err := registry.Kernel("")
		require.ErrorIs(t, err, compute.ErrRegistry, "not sealed yet")
		require.NoError(t, registry.Seal(context.Background()))
		require.Len(t, registry.Rejected(), 1)
		require.ErrorIs(t, registry.Rejected()[0], compute.ErrWrong)
		require.ErrorContains(t, registry.Rejected()[0], "faulty: ")
		preferred, err := registry.Kernel("")
		require.NoError(t, err)
		require.Equal(t, sound[0].Name(), preferred.Name())
		_, err = registry.Kernel("faulty")
		require.ErrorIs(t, err, compute.ErrRegistry)
		require.ErrorIs(t, registry.Register(sound[0]), compute.ErrRegistry)
		require.ErrorIs(t, registry.Seal(context.Background()), compute.ErrRegistry)
	}
}

func TestRegistryNeedsASoundKernel(t *testing.T) {
	registry := &compute.Registry{}
	require.NoError(t, registry.Register(&faulty{Kernel: cpus(t, 1)[0], spoilProduct: true}))
	require.ErrorIs(t, registry.Register(&faulty{}), compute.ErrRegistry)
	require.ErrorIs(t, registry.Seal(context.Background()), compute.ErrWrong)
}

func TestCPURegistry(t *testing.T) {
	registry, err := compute.NewCPURegistry(context.Background(), 2)
	require.NoError(t, err)
	require.Empty(t, registry.Rejected())
	kernels := registry.Kernels()
	require.NotEmpty(t, kernels)
	require.Equal(t, "cpu/portable", kernels[len(kernels)-1].Name())
	for _, kernel := range kernels {
		found, err := registry.Kernel(kernel.Name())
		require.NoError(t, err)
		require.Equal(t, kernel, found)
	}
	_, err = compute.NewCPURegistry(context.Background(), 0)
	require.ErrorContains(t, err, "threads is 0, must be at least 1")
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = compute.NewCPURegistry(cancelled, 1)
	require.ErrorIs(t, err, context.Canceled)
}
