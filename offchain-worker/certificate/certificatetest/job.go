// Package certificatetest makes a whole certificate without a network: a real job with real proofs, in the state of an
// in-memory store, under a block signed by validators that a genesis file names.
package certificatetest

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/types/bech32"

	"github.com/assaychain/assay/offchain-worker/prover"
	"github.com/assaychain/assay/x/beacon/drand"
	"github.com/assaychain/assay/x/beacon/drand/devkey"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/circuits/opening"
	"github.com/assaychain/assay/x/proofs/interpreter"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/revealed"
	"github.com/assaychain/assay/x/proofs/setup/setuptest"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/tensor"
)

const (
	chainID = "assay-test-1"
	jobID   = 7
	attempt = 2
	round   = 41
	samples = 3
)

// work is a job carried out.
type work struct {
	job    markettypes.Job
	spec   markettypes.Spec
	set    markettypes.ProofSet
	result *tensor.Tensor
	beacon *devkey.Key
	// signature is the beacon's of the round.
	signature []byte
}

// network is two layers: 3 inputs of 40 values to 5, to 4 int32.
var network = program.Program{
	Version: program.Version,
	Inputs: []program.Tensor{
		{Name: "x", Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: 3, Cols: 40},
		{Name: "w0", Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: 5, Cols: 40},
		{Name: "w1", Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: 4, Cols: 5},
	},
	Steps: []program.DenseStep{
		{Input: "x", Weight: "w0", Output: "y0", Shift: 8, Activation: program.ACTIVATION_RELU, OutputType: program.DATA_TYPE_INT8},
		{Input: "y0", Weight: "w1", Output: "y1", Activation: program.ACTIVATION_IDENTITY, OutputType: program.DATA_TYPE_INT32},
	},
}

// carryOut does what customer, worker, beacon and chain do for a job.
func carryOut(t testing.TB, level markettypes.Assurance) *work {
	t.Helper()
	if level == markettypes.ASSURANCE_FULL {
		return carryOutFull(t)
	}
	inputs := draw(t, network)
	outputs, err := interpreter.Run(network, inputs)
	require.NoError(t, err)
	w := &work{result: outputs[len(outputs)-1]}
	w.spec = markettypes.Spec{
		Program: network, Policy: markettypes.VERIFICATION_POLICY_PROOF, Samples: samples,
		DeliveryKey: bytes.Repeat([]byte{9}, 32), Assurance: level,
	}
	w.job.Assurance = level
	trees := []*tensor.Tree{}
	for _, tensors := range [][]*tensor.Tensor{inputs, outputs} {
		for _, one := range tensors {
			tree, err := tensor.NewTree(one.RowDigests())
			require.NoError(t, err)
			trees = append(trees, tree)
		}
	}
	for _, tree := range trees[:len(inputs)] {
		w.spec.Inputs = append(w.spec.Inputs, markettypes.InputRef{Root: tensor.EncodeRoot(tree.Root()), Locators: []string{"http://127.0.0.1:1/blob"}})
	}
	for _, tree := range trees[len(inputs):] {
		w.job.StepRoots = append(w.job.StepRoots, tensor.EncodeRoot(tree.Root()))
	}
	w.settle(t)
	w.prove(t, append(inputs, outputs...), trees)
	return w
}

func draw(t testing.TB, p program.Program) []*tensor.Tensor {
	t.Helper()
	tensors := make([]*tensor.Tensor, len(p.Inputs))
	for i, declared := range p.Inputs {
		values := make([]int8, declared.Rows*declared.Cols)
		for j := range values {
			values[j] = int8(37*j + 11*i + j*j)
		}
		var err error
		if declared.Kind == program.TENSOR_KIND_PLAIN {
			tensors[i], err = tensor.NewInt8(declared.Rows, declared.Cols, values)
		} else {
			bias := make([]int32, declared.Rows)
			multiplier := slices.Repeat([]uint32{3}, int(declared.Rows))
			tensors[i], err = tensor.NewWeight(declared.Rows, declared.Cols, tensor.Weights{Values: values, Bias: bias, Multiplier: multiplier})
		}
		require.NoError(t, err)
	}
	return tensors
}

// settle writes the record as the chain leaves it.
func (w *work) settle(t testing.TB) {
	t.Helper()
	var err error
	w.beacon, err = devkey.FromSeed(bytes.Repeat([]byte{5}, devkey.SeedSize))
	require.NoError(t, err)
	w.signature, err = w.beacon.Sign(round)
	require.NoError(t, err)
	address := func(b byte) string {
		text, err := bech32.ConvertAndEncode("assay", bytes.Repeat([]byte{b}, 20))
		require.NoError(t, err)
		return text
	}
	commitment, err := program.CommitmentHash(claim(), w.job.StepRoots)
	require.NoError(t, err)
	seed := program.Seed(drand.Randomness(w.signature), claim(), commitment)
	w.job.Id, w.job.Attempt, w.job.Customer, w.job.Worker = jobID, attempt, address(1), address(2)
	w.job.State, w.job.CloseReason = markettypes.JOB_STATE_CLOSED, markettypes.CLOSE_REASON_SETTLED
	w.job.MaxPrice, w.job.Price, w.job.Exposure = math.NewInt(20_000), math.NewInt(15_000), math.NewInt(30_000)
	w.job.Paid, w.job.Refunded, w.job.ClaimFee = math.NewInt(15_000), math.NewInt(5_000), math.ZeroInt()
	w.job.Work, w.job.Round, w.job.Device = w.spec.Program.Work(), round, bytes.Repeat([]byte{8}, 32)
	w.job.Commitment, w.job.Seed = commitment[:], seed[:]
	if w.spec.Assurance != markettypes.ASSURANCE_REVEALED {
		w.job.Circuits = slices.Repeat([]string{circuitID(w.spec.Assurance)}, len(w.spec.Program.Steps))
	}
	if w.spec.Assurance == markettypes.ASSURANCE_MODEL {
		w.job.Circuits = slices.Repeat([]string{statement.ModelCircuitID(Model(t).Hash())}, len(network.Steps))
	}
}

func claim() program.Claim {
	return program.Claim{ChainID: chainID, JobID: jobID, Attempt: attempt, Worker: bytes.Repeat([]byte{2}, 20)}
}

// prove answers the challenge. all holds the inputs and then the outputs.
func (w *work) prove(t testing.TB, all []*tensor.Tensor, trees []*tensor.Tree) {
	t.Helper()
	if w.spec.Assurance == markettypes.ASSURANCE_MODEL {
		w.proveRows(t, all)
		return
	}
	positions, err := program.Positions([32]byte(w.job.Seed), network, samples)
	require.NoError(t, err)
	// X, W and Y of each step, as indexes in all.
	operands := [][3]int{{0, 1, 3}, {3, 2, 4}}
	tasks := []prover.Task{}
	for i, at := range positions {
		x, weight, y := operands[at.Step][0], operands[at.Step][1], operands[at.Step][2]
		step := network.Steps[at.Step]
		s := &statement.Statement{
			ChainID: chainID, JobID: jobID, Attempt: attempt, Worker: claim().Worker, Seed: [32]byte(w.job.Seed), Index: uint32(i),
			Row: at.Row, Col: at.Col, K: all[x].Cols, OutputCols: all[y].Cols,
			Shift: step.Shift, Activation: step.Activation, OutputType: step.OutputType,
		}
		rootX, rootW, rootY := trees[x].Root(), trees[weight].Root(), trees[y].Root()
		s.RootX, s.RootW, s.RootY = rootX.Bytes(), rootW.Bytes(), rootY.Bytes()
		var o opening.Openings
		o.X, err = tensor.OpenRow(all[x], trees[x], at.Row)
		require.NoError(t, err)
		o.W, err = tensor.OpenRow(all[weight], trees[weight], at.Col)
		require.NoError(t, err)
		o.Y, err = tensor.OpenEntry(all[y], trees[y], at.Row, at.Col)
		require.NoError(t, err)
		tasks = append(tasks, prover.Task{Statement: s, Openings: o})
	}
	if w.spec.Assurance == markettypes.ASSURANCE_REVEALED {
		for _, task := range tasks {
			raw, err := revealed.Encode(task.Statement, task.Openings)
			require.NoError(t, err)
			w.set.Proofs = append(w.set.Proofs, raw)
		}
		return
	}
	machine, err := prover.New(setuptest.Dir(t))
	require.NoError(t, err)
	w.set.Proofs, err = machine.ProveAll(context.Background(), tasks)
	require.NoError(t, err)
}
