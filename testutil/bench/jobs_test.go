// Package bench measures what the demonstration's jobs cost a worker, and what settling jobs costs a node. The figures of
// BENCHMARKS.md come from here and from the benchmarks of the packages themselves; see scripts/bench.
package bench

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/offchain-worker/formats/npy"
	"github.com/assaychain/assay/offchain-worker/model"
	"github.com/assaychain/assay/offchain-worker/prover"
	"github.com/assaychain/assay/testutil/actors"
	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/interpreter"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// digits is the demonstration's network on its 1,000 images: 1000 x 784 through 128 and 10 channels.
func digits(b *testing.B) *actors.Work {
	b.Helper()
	data := filepath.Join("..", "..", "scripts", "digits", "data")
	network, err := model.Load(filepath.Join(data, "model.safetensors"))
	require.NoError(b, err)
	images, err := npy.ReadFile(filepath.Join(data, "images.npy"), 1<<20)
	require.NoError(b, err)
	input, err := network.PrepareInput(images)
	require.NoError(b, err)
	lowered, weights, err := network.Lower(int(input.Rows))
	require.NoError(b, err)
	work := &actors.Work{Program: lowered, Inputs: []*actors.Blob{actors.NewBlob(b, input)}}
	for _, w := range weights {
		work.Inputs = append(work.Inputs, actors.NewBlob(b, w.Tensor))
	}
	return work
}

// matmul is an exact product of two random n x n matrices.
func matmul(b *testing.B, n int) *actors.Work {
	b.Helper()
	r := rand.New(rand.NewPCG(uint64(n), 0))
	x, w := make([]int8, n*n), tensor.Weights{Values: make([]int8, n*n), Bias: make([]int32, n), Multiplier: make([]uint32, n)}
	for i := range x {
		x[i], w.Values[i] = int8(r.Uint32()), int8(r.Uint32())
	}
	for i := range n {
		w.Multiplier[i] = 1
	}
	product, err := model.MatmulProgram(model.TreeLimits, n, n, n)
	require.NoError(b, err)
	left, err := tensor.NewInt8(uint32(n), uint32(n), x)
	require.NoError(b, err)
	right, err := tensor.NewWeight(uint32(n), uint32(n), w)
	require.NoError(b, err)
	return &actors.Work{Program: product, Inputs: []*actors.Blob{actors.NewBlob(b, left), actors.NewBlob(b, right)}}
}

// BenchmarkJob is a worker's part of a job, step by step, beside the reference interpreter on the same program.
func BenchmarkJob(b *testing.B) {
	for _, job := range []struct {
		name string
		work func(*testing.B) *actors.Work
	}{
		{"digits", digits},
		{"matmul-256", func(b *testing.B) *actors.Work { return matmul(b, 256) }},
		{"matmul-512", func(b *testing.B) *actors.Work { return matmul(b, 512) }},
	} {
		work := job.work(b)
		trace := work.Run(b)
		b.Run(job.name+"/interpret", func(b *testing.B) { measure(b, func() { interpret(b, work) }) })
		b.Run(job.name+"/execute", func(b *testing.B) { measure(b, func() { execute(b, work) }) })
		b.Run(job.name+"/commit", func(b *testing.B) { measure(b, func() { commit(b, trace) }) })
		b.Run(job.name+"/prove", func(b *testing.B) {
			seed := byte(0)
			measure(b, func() { seed++; actors.ProveTasks(b, drawn(b, trace, seed)) })
		})
		b.Run(job.name+"/reveal", func(b *testing.B) {
			seed := byte(0)
			measure(b, func() { seed++; actors.Reveal(drawn(b, trace, seed)) })
		})
	}
}

func tensors(work *actors.Work) []*tensor.Tensor {
	inputs := make([]*tensor.Tensor, len(work.Inputs))
	for i, input := range work.Inputs {
		inputs[i] = input.Tensor
	}
	return inputs
}

func interpret(b *testing.B, work *actors.Work) {
	_, err := interpreter.Run(work.Program, tensors(work))
	require.NoError(b, err)
}

// kernel is the worker's choice for this machine.
var kernel compute.Kernel

func execute(b *testing.B, work *actors.Work) {
	if kernel == nil {
		registry, err := compute.NewCPURegistry(context.Background(), runtime.GOMAXPROCS(0))
		require.NoError(b, err)
		kernel, err = registry.Kernel("")
		require.NoError(b, err)
	}
	_, err := compute.Execute(context.Background(), kernel, compute.Job{Program: work.Program, Inputs: tensors(work)}, nil)
	require.NoError(b, err)
}

// commit hashes the outputs of all steps.
func commit(b *testing.B, trace *actors.Trace) {
	for _, output := range trace.Outputs {
		actors.NewBlob(b, output.Tensor)
	}
}

// drawn opens one drawn position.
func drawn(b *testing.B, trace *actors.Trace, seed byte) []prover.Task {
	asked := challenge.Trace{
		Work:  challenge.Work{Program: trace.Program, Samples: 1},
		Claim: program.Claim{ChainID: "assay-test-1", JobID: 1, Attempt: 1, Worker: []byte("a worker's address")},
		Seed:  [32]byte{seed}, Steps: trace.Roots(),
	}
	for _, input := range trace.Inputs {
		asked.Inputs = append(asked.Inputs, input.Root())
	}
	positions, statements, err := challenge.Statements(asked)
	require.NoError(b, err)
	return trace.Tasks(b, positions, statements)
}

// measure reports CPU time next to the clock's: on a busy machine it says more.
func measure(b *testing.B, f func()) {
	f()
	before := cpuTime(b)
	for b.Loop() {
		f()
	}
	b.ReportMetric(float64((cpuTime(b)-before).Microseconds())/float64(b.N)/1000, "cpu-ms/op")
}

func cpuTime(b *testing.B) time.Duration { return usage(b) }

// usage is the CPU time of the process.
func usage(b testing.TB) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
