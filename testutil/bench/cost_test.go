package bench

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/testutil/actors"
	"github.com/assaychain/assay/testutil/chain"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/full"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/simulation"
	"github.com/assaychain/assay/x/proofs/statement"
	proofstypes "github.com/assaychain/assay/x/proofs/types"
)

// costFactor is how much more a job may cost the chain than the smallest.
const costFactor = 1.2

// sizes are those of the jobs, in rows of X and of W.
var sizes = []uint32{256, 512, 1024, 2048, 4096, 8192}

// TestCostOfAJobIsConstant submits, commits and proves jobs of products of all sizes, n x k by k x n with k = n up to 4096, with four samples,
// and compares what the chain charges for each: the gas of the three transactions, and the units of the verification, which it pays for in
// advance. The proofs are well formed and false, which costs the same. Nothing is computed: the chain sees roots.
func TestCostOfAJobIsConstant(t *testing.T) {
	for _, output := range []program.DataType{program.DATA_TYPE_INT8, program.DATA_TYPE_INT32} {
		n := actors.New(t, actors.Config{Operators: 12, Customers: 1, Chain: chain.Config{Edit: everyClass}})
		n.Unaudited()
		gas, units := make([]int64, len(sizes)), make([]uint64, len(sizes))
		for i, size := range sizes {
			job := ordered{program: square(size), roots: [][]byte{rootOf("input", 0), rootOf("input", 1)}}
			for j := range job.program.Inputs {
				job.program.Inputs[j].Cols = min(size, program.MaxInner)
			}
			if output == program.DATA_TYPE_INT32 {
				job.program.Steps[0].OutputType, job.program.Steps[0].Shift = output, 0
			}
			gas[i], units[i] = costOf(t, n, job)
		}
		ratio := float64(slices.Max(gas)) / float64(slices.Min(gas))
		t.Logf("gas of a job of n x k x n to %s for n = %v, k = n up to 4096: %v, largest / smallest %.3f; units of the verification %v",
			output, sizes, gas, ratio, units)
		require.LessOrEqual(t, ratio, costFactor)
		require.Equal(t, slices.Min(units), slices.Max(units))
	}
}

// TestCostOfAJobIsConstantModel does the same at the level model, for a network on inputs of n rows.
func TestCostOfAJobIsConstantModel(t *testing.T) {
	network := actors.Tiny(t)
	n := actors.New(t, actors.Config{Operators: 12, Customers: 1, Models: []*actors.Work{network}})
	n.Unaudited()
	gas, units := make([]int64, len(sizes)), make([]uint64, len(sizes))
	for i, size := range sizes {
		job := ordered{program: network.Program, level: markettypes.ASSURANCE_MODEL}
		job.program.Inputs = slices.Clone(job.program.Inputs)
		job.program.Inputs[0].Rows = size
		for _, input := range network.Inputs {
			job.roots = append(job.roots, input.Root())
		}
		job.roots[0] = rootOf("rows", int(size))
		gas[i], units[i] = costOf(t, n, job)
	}
	ratio := float64(slices.Max(gas)) / float64(slices.Min(gas))
	t.Logf("gas of a job of a network on n rows at the level model for n = %v: %v, largest / smallest %.3f; units of the verification %v", sizes, gas, ratio, units)
	require.LessOrEqual(t, ratio, costFactor)
	require.Equal(t, slices.Min(units), slices.Max(units))
}

// everyClass registers a circuit of every class, for which any key will do.
func everyClass(s chain.State) error {
	return chain.Change(s, proofstypes.ModuleName, func(g *proofstypes.GenesisState) {
		for _, class := range statement.Classes() {
			id := statement.CircuitID(class)
			if !slices.ContainsFunc(g.Circuits, func(c proofstypes.Circuit) bool { return c.Id == id }) {
				wide := g.Circuits[0]
				wide.Id, wide.Class = id, class
				g.Circuits = append(g.Circuits, wide)
			}
		}
	})
}

// TestCostOfAJobIsConstantFull does the same at the level full, for whole products of up to 8192 and for steps that requantise. The proofs are of
// the right length and of one encoding, and false. With the largest the time to prove is what it takes.
func TestCostOfAJobIsConstantFull(t *testing.T) {
	for _, output := range []program.DataType{program.DATA_TYPE_INT32, program.DATA_TYPE_INT8} {
		n := actors.New(t, actors.Config{Operators: 12, Customers: 1, Full: true})
		n.Unaudited()
		gas, units := make([]int64, len(sizes)), make([]uint64, len(sizes))
		for i, size := range sizes {
			gas[i], units[i] = fullCostOf(t, n, size, output)
		}
		ratio := float64(slices.Max(gas)) / float64(slices.Min(gas))
		t.Logf("gas of a job of n x n x n to %s at the level full for n = %v: %v, largest / smallest %.3f; units of the verification %v", output, sizes, gas, ratio, units)
		require.LessOrEqual(t, ratio, costFactor)
	}
}

// fullCostOf is the gas of such a job from its submission to its proof, and the units of the verification.
func fullCostOf(t *testing.T, n *actors.Network, size uint32, output program.DataType) (gas int64, units uint64) {
	t.Helper()
	c := n.Customers[0]
	spec := c.Spec(&actors.Work{}, 1)
	spec.Program, spec.Assurance = square(size), markettypes.ASSURANCE_FULL
	if output == program.DATA_TYPE_INT32 {
		spec.Program.Steps[0].OutputType, spec.Program.Steps[0].Shift = output, 0
	}
	for range spec.Program.Inputs {
		spec.Inputs = append(spec.Inputs, markettypes.InputRef{Root: infinity(), Locators: []string{"http://127.0.0.1:26801/x"}})
	}
	submission := c.SubmitMsg(spec)
	submission.MaxPrice.Amount, submission.Deadline = submission.MaxPrice.Amount.MulRaw(10_000), n.Now().Add(6*time.Hour)
	submitted := n.MustDeliver(c.Account, submission)
	id := n.JobID(submitted)
	worker, roots := n.Worker(id), [][]byte{infinity()}
	committed := n.MustDeliver(worker.Account, commitTo(t, n, worker, id, roots))
	n.Sample(id)
	trace := n.Challenge(id, roots)
	units, err := n.App().Proofs.Full().Units(trace)
	require.NoError(t, err)
	length, err := n.App().Proofs.Full().Bytes(trace.Work)
	require.NoError(t, err)
	effort, err := n.App().Proofs.Full().Effort(trace.Work)
	require.NoError(t, err)
	now, err := n.App().Market.Now(n.Context())
	require.NoError(t, err)
	require.GreaterOrEqual(t, n.Job(id).Due+60_000, now+2*effort, "time for what it takes, but for what passed since")
	proof := falseProof(t, spec.Program)
	require.Len(t, proof, int(length))
	proven := n.MustDeliver(worker.Account, worker.Answer(id, roots, [][]byte{proof}))
	require.Equal(t, markettypes.FAILURE_REASON_PROOF_INVALID, n.Job(id).LastFailure)
	return submitted.GasUsed + committed.GasUsed + proven.GasUsed, units
}

// falseProof is of the right length and encoding for a program of one step: zeros and points at infinity.
func falseProof(t *testing.T, p program.Program) []byte {
	t.Helper()
	shapes, err := p.Shapes()
	require.NoError(t, err)
	nothing := full.Commitment(infinity())
	weights, shape := full.WeightCommitments{Values: nothing, Bias: nothing, Multiplier: nothing}, full.Shape{M: shapes[0].M, N: shapes[0].N, K: shapes[0].K}
	if p.Steps[0].OutputType == program.DATA_TYPE_INT32 {
		proof := &full.Proof{Weights: weights}
		proof.Size(shape.Layout())
		return full.EncodeProof(proof)
	}
	step := full.Step{M: shape.M, N: shape.N, K: shape.K, Shift: p.Steps[0].Shift}
	proof := &full.StepProof{Weights: weights}
	proof.Size(step.Layout())
	return full.EncodeStepProof(proof)
}

// infinity commits to a tensor of zeros.
func infinity() []byte {
	var none bn254.G1Affine
	raw := none.Bytes()
	return raw[:]
}

// commitTo commits to roots.
func commitTo(t *testing.T, n *actors.Network, worker *actors.Operator, id uint64, roots [][]byte) *markettypes.MsgCommitResult {
	t.Helper()
	attempt := n.Job(id).Attempt
	commitment, err := program.CommitmentHash(program.Claim{ChainID: n.ID(), JobID: id, Attempt: attempt, Worker: worker.Address}, roots)
	require.NoError(t, err)
	return &markettypes.MsgCommitResult{Worker: worker.String(), JobId: id, Attempt: attempt, Commitment: commitment[:]}
}

// ordered is a job that is submitted.
type ordered struct {
	program program.Program
	// roots are those of its inputs.
	roots [][]byte
	level markettypes.Assurance
}

// costOf is the gas of a job from its submission to its proof, and the units of the verification.
func costOf(t *testing.T, n *actors.Network, job ordered) (gas int64, units uint64) {
	t.Helper()
	const samples = 4
	c := n.Customers[0]
	spec := markettypes.Spec{
		Program: job.program, Policy: markettypes.VERIFICATION_POLICY_PROOF, Samples: samples, Assurance: job.level,
		DeliveryKey: c.Spec(&actors.Work{}, samples).DeliveryKey,
	}
	for _, root := range job.roots {
		spec.Inputs = append(spec.Inputs, markettypes.InputRef{Root: root, Locators: []string{"http://127.0.0.1:26801/x"}})
	}
	submission := c.SubmitMsg(spec)
	submission.MaxPrice.Amount, submission.Deadline = submission.MaxPrice.Amount.MulRaw(1_000), n.Now().Add(6*time.Hour)
	submitted := n.MustDeliver(c.Account, submission)
	id := n.JobID(submitted)
	worker, roots := n.Worker(id), [][]byte{}
	for i := range job.program.Steps {
		roots = append(roots, rootOf("output", i))
	}
	committed := n.MustDeliver(worker.Account, commitTo(t, n, worker, id, roots))
	n.Sample(id)
	units, err := n.App().Proofs.Sampled().Units(challenge.Trace{Work: challenge.Work{Samples: samples}, Circuits: n.Job(id).Circuits})
	require.NoError(t, err)
	proofs := slices.Repeat([][]byte{simulation.Proof()}, samples)
	proven := n.MustDeliver(worker.Account, worker.Answer(id, roots, proofs))
	require.Equal(t, markettypes.FAILURE_REASON_PROOF_INVALID, n.Job(id).LastFailure)
	return submitted.GasUsed + committed.GasUsed + proven.GasUsed, units
}

// square is the product of two n x n matrices, as int8.
func square(n uint32) program.Program {
	declare := func(name string, kind program.TensorKind) program.Tensor {
		return program.Tensor{Name: name, Kind: kind, Type: program.DATA_TYPE_INT8, Rows: n, Cols: n}
	}
	return program.Program{
		Version: program.Version,
		Inputs:  []program.Tensor{declare("x", program.TENSOR_KIND_PLAIN), declare("w", program.TENSOR_KIND_WEIGHT)},
		Steps: []program.DenseStep{{
			Input: "x", Weight: "w", Output: "y", Shift: 8, Activation: program.ACTIVATION_IDENTITY, OutputType: program.DATA_TYPE_INT8,
		}},
	}
}

// rootOf is a canonical root of nothing.
func rootOf(kind string, i int) []byte {
	hash := sha256.Sum256(fmt.Appendf(nil, "%s %d", kind, i))
	hash[0] = 0
	return hash[:]
}
