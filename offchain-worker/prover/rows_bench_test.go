package prover_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	quantised "github.com/assaychain/assay/offchain-worker/model"
	"github.com/assaychain/assay/offchain-worker/prover"
	"github.com/assaychain/assay/x/proofs/circuits/model"
	"github.com/assaychain/assay/x/proofs/circuits/model/modeltest"
	"github.com/assaychain/assay/x/proofs/setup"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/tensor"
	"github.com/assaychain/assay/x/proofs/verify"
)

// digits is the demonstration's trained 784-128-10 network on rows of noise.
func digits(t testing.TB, rows int) *modeltest.Run {
	network, err := quantised.Load(filepath.Join("..", "..", "scripts", "digits", "data", "model.safetensors"))
	require.NoError(t, err)
	lowered, weights, err := network.Lower(rows)
	require.NoError(t, err)
	x := make([]int8, rows*network.Inputs())
	for i := range x {
		x[i] = int8(i * i % 128)
	}
	input, err := tensor.NewInt8(uint32(rows), uint32(network.Inputs()), x)
	require.NoError(t, err)
	inputs := []*tensor.Tensor{input}
	for _, w := range weights {
		inputs = append(inputs, w.Tensor)
	}
	run, err := modeltest.Of(lowered, inputs)
	require.NoError(t, err)
	return run
}

// BenchmarkModel compiles the circuit of the digits network, makes its keys, proves a row and verifies one and a batch of 16. CPU
// time is what the whole process used.
func BenchmarkModel(b *testing.B) {
	run := digits(b, 64)
	described, _, err := model.Describe(run.Network)
	require.NoError(b, err)
	b.Run("compile", func(b *testing.B) {
		measured(b, func() { _, _, err = model.Describe(run.Network) })
		require.NoError(b, err)
		b.ReportMetric(float64(described.Constraints), "constraints")
	})
	dir := filepath.Join(b.TempDir(), "keys")
	b.Run("setup", func(b *testing.B) {
		measured(b, func() {
			require.NoError(b, os.RemoveAll(dir))
			_, err = setup.MakeModel(dir, run.Network, nil)
			require.NoError(b, err)
		})
	})
	p, err := prover.New(dir)
	require.NoError(b, err)
	tasks := rowTasks(b, run, 16)
	proofs, err := p.ProveRows(context.Background(), run.Network, tasks)
	require.NoError(b, err)
	b.Run("prove", func(b *testing.B) {
		measured(b, func() {
			_, err := p.ProveRows(context.Background(), run.Network, tasks[:1])
			require.NoError(b, err)
		})
	})
	keys, err := setup.Open(dir)
	require.NoError(b, err)
	entry, raw, err := keys.LoadModelVerifyingKey(statement.ModelCircuitID(run.Network.Hash()))
	require.NoError(b, err)
	verifier, err := verify.NewRows(run.Network.Hash(), raw)
	require.NoError(b, err)
	rows := make([]verify.Row, len(tasks))
	for i := range tasks {
		rows[i] = verify.Row{Statement: tasks[i].Statement, Proof: proofs[i]}
	}
	for name, batch := range map[string][]verify.Row{"verify 1": rows[:1], "verify 16": rows} {
		b.Run(name, func(b *testing.B) {
			measured(b, func() {
				for _, err := range verifier.Rows(batch) {
					require.NoError(b, err)
				}
			})
			b.ReportMetric(float64(entry.ProvingKey.Size)/1e6, "key-MB")
		})
	}
}

// measured runs a call as often as the benchmark wants and reports its CPU time.
func measured(b *testing.B, call func()) {
	before := cpuTime(b)
	for b.Loop() {
		call()
	}
	b.ReportMetric((cpuTime(b)-before).Seconds()/float64(b.N), "cpu-s/op")
}
