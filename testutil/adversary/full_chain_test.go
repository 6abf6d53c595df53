package adversary

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/testutil/actors"
	markettypes "github.com/assaychain/assay/x/market/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
	"github.com/assaychain/assay/x/proofs/full/prover"
	"github.com/assaychain/assay/x/proofs/program"
)

// An honest chain of four steps is paid, whatever its last step gives; each step has a proof, and the key is one.
func TestHonestFullChain(t *testing.T) {
	n, customer := startFull(t, 1)
	for seed, last := range []program.DataType{program.DATA_TYPE_INT32, program.DATA_TYPE_INT8} {
		id, worker := sampledFull(n, customer, actors.FullChain(t, uint64(seed), last))
		require.Equal(t, []string{"full", "full", "full", "full"}, n.Job(id).Circuits)
		before := n.Balance(worker.Address)
		worker.Prove(id)
		n.RequireState(id, markettypes.JOB_STATE_PROVEN)
		n.Settle(id)
		require.Equal(t, earned(n, id).String(), n.Balance(worker.Address).Sub(before).String())
	}
	require.Empty(t, n.Audit.Punishments)
}

// goOn is the trace of a cheat who gets one entry of a step wrong and computes on from it, so that every other step is right.
func goOn(t *testing.T, right *actors.Trace, step int) *actors.Trace {
	t.Helper()
	changed := *right.Outputs[step].Tensor
	changed.Int8 = slices.Clone(changed.Int8)
	changed.Int8[5]++
	rest := &actors.Work{Full: true, Program: right.Program, Inputs: slices.Clone(right.Inputs)}
	// The steps after it, with its output as their input.
	rest.Program.Steps = slices.Clone(right.Program.Steps[step+1:])
	last := right.Program.Steps[step]
	x := right.Program.Inputs[0]
	x.Name, x.Cols = last.Output, changed.Cols
	rest.Program.Inputs = append([]program.Tensor{x}, right.Program.Inputs[step+2:]...)
	wrong := actors.NewFullBlob(t, &changed)
	rest.Inputs = append([]*actors.Blob{wrong}, right.Inputs[step+2:]...)
	trace := &actors.Trace{Work: right.Work, Outputs: slices.Clone(right.Outputs[:step])}
	return &actors.Trace{Work: trace.Work, Outputs: append(append(trace.Outputs, wrong), rest.Run(t).Outputs...)}
}

// A worker that is wrong in one entry of a step that nobody sees convicts itself by every set of proofs that it can make, also
// where all other steps are right and proven.
func TestWrongEntryInAHiddenStep(t *testing.T) {
	for _, step := range []int{0, 2} {
		n, customer := startFull(t, 2)
		id := customer.Post(customer.SubmitMsg(customer.FullSpec(actors.FullChain(t, 1, program.DATA_TYPE_INT32))))
		cheat := n.Worker(id)
		right := cheat.Trace(id)
		wrong := goOn(t, right, step)
		n.MustDeliver(cheat.Account, cheat.CommitMsg(id, wrong))
		n.Sample(id)
		asked := n.Challenge(id, wrong.Roots())
		_, err := actors.FullProofs(t, asked, wrong)
		require.ErrorIs(t, err, prover.ErrWrong)
		require.ErrorContains(t, err, fmt.Sprintf("step %d:", step))
		// The other steps' proofs are those of the wrong trace, and would be accepted.
		proofs := actors.FullProofsBut(t, asked, wrong, step, right)
		n.MustDeliver(cheat.Account, cheat.Answer(id, wrong.Roots(), proofs))
		requireFailure(t, n, id, markettypes.FAILURE_REASON_PROOF_INVALID)
		requirePunished(t, n, cheat, penaltytypes.OFFENCE_WRONG_RESULT, actors.DefaultBond/10)
		finish(t, n, id, cheat)
	}
}

// Whoever requantises by another shift, or runs another chain of the same shapes, proves that and not the job.
func TestAnotherChainsProofs(t *testing.T) {
	for name, change := range map[string]func(work *actors.Work){
		"another shift":       func(w *actors.Work) { w.Program.Steps[1].Shift = 10 },
		"other weights":       func(w *actors.Work) { w.Inputs[2], w.Inputs[3] = w.Inputs[3], w.Inputs[2] },
		"a step read earlier": func(w *actors.Work) { w.Program.Steps[2].Input = "h1" },
	} {
		t.Run(name, func(t *testing.T) {
			n, customer := startFull(t, 2)
			work := actors.FullChain(t, 1, program.DATA_TYPE_INT8)
			id := customer.Post(customer.SubmitMsg(customer.FullSpec(work)))
			cheat := n.Worker(id)
			other := &actors.Work{Full: true, Program: work.Program, Inputs: slices.Clone(work.Inputs)}
			other.Program.Steps = slices.Clone(work.Program.Steps)
			change(other)
			ran := other.Run(t)
			n.MustDeliver(cheat.Account, cheat.CommitMsg(id, ran))
			n.Sample(id)
			asked := n.Challenge(id, ran.Roots())
			own := asked
			own.Program, own.Inputs = other.Program, nil
			for _, input := range other.Inputs {
				own.Inputs = append(own.Inputs, input.Root())
			}
			proofs, err := actors.FullProofs(t, own, ran)
			require.NoError(t, err, "of what it ran")
			n.MustDeliver(cheat.Account, cheat.Answer(id, ran.Roots(), proofs))
			requireFailure(t, n, id, markettypes.FAILURE_REASON_PROOF_INVALID)
			requirePunished(t, n, cheat, penaltytypes.OFFENCE_WRONG_RESULT, actors.DefaultBond/10)
			finish(t, n, id, cheat)
		})
	}
}

// A proof is of its step: two of the same shape in each other's place are refused by the verification, those of other shapes on arrival,
// which changes nothing; so are outputs in another order than that committed to.
func TestPermutedLinks(t *testing.T) {
	n, customer := startFull(t, 2)
	id, worker := sampledFull(n, customer, actors.FullChain(t, 1, program.DATA_TYPE_INT32))
	answer := worker.ProveMsg(id, worker.Trace(id))
	before := n.Job(id)
	for _, order := range [][]int{{1, 0, 2, 3}, {0, 1, 3, 2}, {3, 2, 1, 0}, {0, 1, 2}} {
		var proofs [][]byte
		for _, i := range order {
			proofs = append(proofs, answer.Proofs[i])
		}
		n.Refused(markettypes.ErrProofs, worker.Account, worker.Answer(id, answer.StepRoots, proofs))
	}
	moved := slices.Clone(answer.Proofs)
	moved[1], moved[2] = append(slices.Clone(moved[1]), moved[2][0]), moved[2][1:]
	n.Refused(markettypes.ErrProofs, worker.Account, worker.Answer(id, answer.StepRoots, moved))
	roots := slices.Clone(answer.StepRoots)
	roots[1], roots[2] = roots[2], roots[1]
	n.Refused(markettypes.ErrCommitmentMismatch, worker.Account, worker.Answer(id, roots, answer.Proofs))
	require.Equal(t, before, n.Job(id), "what is refused changes nothing")
	swapped := slices.Clone(answer.Proofs)
	swapped[1], swapped[2] = swapped[2], swapped[1]
	require.Len(t, swapped[1], len(swapped[2]))
	n.MustDeliver(worker.Account, worker.Answer(id, answer.StepRoots, swapped))
	requireFailure(t, n, id, markettypes.FAILURE_REASON_PROOF_INVALID)
	requirePunished(t, n, worker, penaltytypes.OFFENCE_WRONG_RESULT, actors.DefaultBond/10)
	finish(t, n, id, worker)
}

// A contested delivery of a chain is decided by an opening of its last step's output, int8 as it is.
func TestFullChainContested(t *testing.T) {
	for name, wrong := range map[string]bool{"genuine": false, "false": true} {
		t.Run(name, func(t *testing.T) {
			n, customer, worker, id := claimed(t, actors.FullChain(t, 1, program.DATA_TYPE_INT8))
			delivered := *worker.Trace(id).Result()
			if wrong {
				delivered.Int8 = slices.Clone(delivered.Int8)
				delivered.Int8[len(delivered.Int8)-1]++
			}
			n.MustDeliver(worker.Account, worker.DeliverMsg(id, &delivered))
			n.MustDeliver(customer.Account, customer.ContestMsg(id))
			n.RequireState(id, markettypes.JOB_STATE_CONTESTED)
			n.MustDeliver(worker.Account, worker.OpeningMsg(id, worker.Trace(id)))
			if !wrong {
				require.Equal(t, markettypes.CLOSE_REASON_SETTLED.String(), n.Job(id).CloseReason.String())
				require.Empty(t, n.Audit.Punishments)
				return
			}
			require.Equal(t, markettypes.CLOSE_REASON_FALSE_DELIVERY.String(), n.Job(id).CloseReason.String())
			requirePunished(t, n, worker, penaltytypes.OFFENCE_FALSE_DELIVERY, actors.DefaultBond/10)
		})
	}
}

// Rows that no tree holds are computed, proven and paid at the level full, and refused by name at the others.
func TestFullWiderThanTrees(t *testing.T) {
	n, customer := startFull(t, 1)
	work := actors.FullWide(t, 1)
	id, worker := sampledFull(n, customer, work)
	before := n.Balance(worker.Address)
	worker.Prove(id)
	n.RequireState(id, markettypes.JOB_STATE_PROVEN)
	n.MustDeliver(customer.Account, customer.ClaimMsg(id))
	n.MustDeliver(worker.Account, worker.DeliverMsg(id, worker.Trace(id).Result()))
	n.MustDeliver(customer.Account, customer.ContestMsg(id))
	n.MustDeliver(worker.Account, worker.OpeningMsg(id, worker.Trace(id)))
	require.Equal(t, markettypes.CLOSE_REASON_SETTLED.String(), n.Job(id).CloseReason.String())
	require.Equal(t, earned(n, id).AddRaw(claimFee).String(), n.Balance(worker.Address).Sub(before).String())
	for _, level := range []markettypes.Assurance{markettypes.ASSURANCE_SAMPLED, markettypes.ASSURANCE_REVEALED, markettypes.ASSURANCE_MODEL} {
		spec := customer.Spec(work, 2)
		spec.Assurance = level
		for i := range spec.Inputs {
			spec.Inputs[i].Root = make([]byte, 32)
		}
		result := n.Deliver(customer.Account, customer.SubmitMsg(spec))
		n.RequireReason(markettypes.ErrSpec, result)
		require.Contains(t, result.Log, "inputs[0].cols is 8192, must be at most 4096", level)
	}
}
