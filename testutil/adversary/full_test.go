package adversary

import (
	"bytes"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/app"
	"github.com/assaychain/assay/testutil/actors"
	"github.com/assaychain/assay/testutil/chain"
	markettypes "github.com/assaychain/assay/x/market/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
	"github.com/assaychain/assay/x/proofs/full/prover"
	"github.com/assaychain/assay/x/proofs/program"
	proofstypes "github.com/assaychain/assay/x/proofs/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// startFull makes a network that offers the level full, and one customer.
func startFull(t *testing.T, operators int) (*actors.Network, *actors.Customer) {
	t.Helper()
	n := actors.New(t, actors.Config{Operators: operators, Customers: 1, Full: true})
	return n, n.Customers[0]
}

// sampledFull brings a job at the level full to where its proofs are asked for.
func sampledFull(n *actors.Network, customer *actors.Customer, work *actors.Work) (uint64, *actors.Operator) {
	id := customer.Post(customer.SubmitMsg(customer.FullSpec(work)))
	worker := n.Worker(id)
	worker.Commit(id)
	n.Sample(id)
	return id, worker
}

// One proof a step shows every entry, under the key that was fixed at submission.
func TestHonestFullJob(t *testing.T) {
	n, customer := startFull(t, 1)
	id, worker := sampledFull(n, customer, actors.FullProduct(t, 1))
	require.Equal(t, []string{"full", "full"}, n.Job(id).Circuits)
	earned := n.Balance(worker.Address)
	worker.Prove(id)
	n.RequireState(id, markettypes.JOB_STATE_PROVEN)
	n.Settle(id)
	require.EqualValues(t, net, n.Balance(worker.Address).Sub(earned).Int64())
	require.Empty(t, n.Audit.Punishments)
}

// A single wrong entry, which samples would hardly ever meet, can't be proven: the worker's prover says so, and the proof of the
// right result is one of something else.
func TestSingleWrongEntryFull(t *testing.T) {
	n, customer := startFull(t, 2)
	id := customer.Post(customer.SubmitMsg(customer.FullSpec(actors.FullProduct(t, 1))))
	cheat := n.Worker(id)
	right := cheat.Trace(id)
	changed := *right.Outputs[1].Tensor
	changed.Int32 = slices.Clone(changed.Int32)
	changed.Int32[5]++
	wrong := &actors.Trace{Work: right.Work, Outputs: []*actors.Blob{right.Outputs[0], actors.NewFullBlob(t, &changed)}}
	n.MustDeliver(cheat.Account, cheat.CommitMsg(id, wrong))
	n.Sample(id)
	_, err := actors.FullProofs(t, n.Challenge(id, wrong.Roots()), wrong)
	require.ErrorIs(t, err, prover.ErrWrong)
	proofs, err := actors.FullProofs(t, n.Challenge(id, right.Roots()), right)
	require.NoError(t, err)
	n.MustDeliver(cheat.Account, cheat.Answer(id, wrong.Roots(), proofs))
	requireFailure(t, n, id, markettypes.FAILURE_REASON_PROOF_INVALID)
	requirePunished(t, n, cheat, penaltytypes.OFFENCE_WRONG_RESULT, actors.DefaultBond/10)
	finish(t, n, id, cheat)
}

// A proof is of one job, one attempt, one seed: it proves nothing anywhere else, though tensors and roots are the same.
func TestReplayedFullProof(t *testing.T) {
	n, customer := startFull(t, 2)
	work := actors.FullProduct(t, 1)
	first, worker := sampledFull(n, customer, work)
	worker.Prove(first)
	genuine, err := n.App().Market.Job(n.Context(), first)
	require.NoError(t, err)
	old := n.Challenge(first, genuine.StepRoots)
	proofs, err := actors.FullProofs(t, old, worker.Trace(first))
	require.NoError(t, err)
	second, again := sampledFull(n, customer, work)
	require.Equal(t, worker.String(), again.String())
	require.Equal(t, genuine.StepRoots, worker.Trace(second).Roots(), "the same result")
	n.MustDeliver(worker.Account, worker.Answer(second, genuine.StepRoots, proofs))
	requireFailure(t, n, second, markettypes.FAILURE_REASON_PROOF_INVALID)
	require.Len(t, n.Audit.Punishments, 1)
	require.Equal(t, penaltytypes.OFFENCE_WRONG_RESULT.String(), n.Audit.Punishments[0].Offence.String())
}

// What is not the one encoding of a proof of the step's shape is refused, changes nothing and costs nobody his bond.
func TestMalformedFullProofs(t *testing.T) {
	n, customer := startFull(t, 1)
	id, worker := sampledFull(n, customer, actors.FullProduct(t, 1))
	answer := worker.ProveMsg(id, worker.Trace(id))
	before := n.Job(id)
	spoil := func(change func(proof []byte) []byte) [][]byte {
		return [][]byte{answer.Proofs[0], change(bytes.Clone(answer.Proofs[1]))}
	}
	bad := [][][]byte{
		answer.Proofs[:1], append(slices.Clone(answer.Proofs), answer.Proofs[0]), {answer.Proofs[1], answer.Proofs[0]},
		spoil(func(p []byte) []byte { return p[1:] }), spoil(func(p []byte) []byte { return append(p, 0) }),
		spoil(func(p []byte) []byte { p[0] = 0; return p }),
		spoil(func(p []byte) []byte { copy(p[96:128], bytes.Repeat([]byte{255}, 32)); return p }),
	}
	for _, proofs := range bad {
		n.Queue(worker.Account, worker.Answer(id, answer.StepRoots, proofs))
	}
	for _, result := range n.Block() {
		n.RequireReason(markettypes.ErrProofs, result)
	}
	noPoint := slices.Clone(answer.StepRoots)
	noPoint[0] = make([]byte, 32)
	n.Refused(markettypes.ErrRoots, worker.Account, worker.Answer(id, noPoint, answer.Proofs))
	require.Equal(t, before, n.Job(id))
	n.MustDeliver(worker.Account, answer)
	n.Settle(id)
	require.Empty(t, n.Audit.Punishments)
}

// A key that governance replaces still judges the jobs that were begun under it; later ones begin under the new one.
func TestFullKeyReplacedMidJob(t *testing.T) {
	n, customer := startFull(t, 1)
	id, worker := sampledFull(n, customer, actors.FullProduct(t, 1))
	authority := app.Authority()
	n.Govern(&proofstypes.MsgRetireCircuit{Authority: authority, Id: "full"},
		&proofstypes.MsgRegisterCircuit{Authority: authority, Circuit: actors.FullCircuit("full-2", "other")})
	later := customer.Post(customer.SubmitMsg(customer.FullSpec(actors.FullProduct(t, 2))))
	require.Equal(t, []string{"full-2", "full-2"}, n.Job(later).Circuits)
	worker.Prove(id)
	n.Settle(id)
	require.Empty(t, n.Audit.Punishments)
	// Proofs under the old string prove nothing to the new key.
	worker.Commit(later)
	n.Sample(later)
	worker.Prove(later)
	requireFailure(t, n, later, markettypes.FAILURE_REASON_PROOF_INVALID)
}

// Work that the level does not prove, and inputs that are not committed to by points, are refused with the field and the reason.
func TestFullSpecsRefused(t *testing.T) {
	n, customer := startFull(t, 1)
	good := customer.FullSpec(actors.FullProduct(t, 1))
	refused := func(name string, change func(spec *markettypes.Spec)) {
		spec := good
		spec.Inputs = slices.Clone(good.Inputs)
		spec.Program.Steps = slices.Clone(good.Program.Steps)
		change(&spec)
		result := n.Deliver(customer.Account, customer.SubmitMsg(spec))
		n.RequireReason(markettypes.ErrSpec, result)
		require.Contains(t, result.Log, name)
	}
	refused("samples is 4: it must be 2", func(s *markettypes.Spec) { s.Samples = 4 })
	refused("samples is 1: it must be 2", func(s *markettypes.Spec) { s.Samples = 1 })
	refused("steps[1].activation is ACTIVATION_RELU: it must be ACTIVATION_IDENTITY where output_type is DATA_TYPE_INT32",
		func(s *markettypes.Spec) { s.Program.Steps[1].Activation = program.ACTIVATION_RELU })
	refused("inputs[0].root", func(s *markettypes.Spec) { s.Inputs[0].Root = make([]byte, 32) })
	n.RequireState(customer.Post(customer.SubmitMsg(good)), markettypes.JOB_STATE_ASSIGNED)
}

// Where the level is not enabled, or has no key, nobody can ask for it; a public chain can't enable it at all.
func TestFullNotEnabled(t *testing.T) {
	n, customer := start(t, 1)
	result := n.Deliver(customer.Account, customer.SubmitMsg(customer.FullSpec(actors.FullProduct(t, 1))))
	n.RequireReason(markettypes.ErrSpec, result)
	require.Contains(t, result.Log, "full_enabled is false")
	keyless := actors.New(t, actors.Config{Operators: 1, Customers: 1, Chain: chain.Config{Edit: func(s chain.State) error {
		return chain.Change(s, proofstypes.ModuleName, func(g *proofstypes.GenesisState) { g.Params.FullEnabled = true })
	}}})
	customer = keyless.Customers[0]
	result = keyless.Deliver(customer.Account, customer.SubmitMsg(customer.FullSpec(actors.FullProduct(t, 1))))
	keyless.RequireReason(markettypes.ErrSpec, result)
	require.Contains(t, result.Log, "no active KZG key")
}

// A device gets no job whose level it can't prove: the job waits for another.
func TestDeviceThatCannotProve(t *testing.T) {
	n, customer := startFull(t, 1)
	operator := n.Operators[0]
	offer := operator.Offer(true)
	offer.Levels = nil
	n.MustDeliver(operator.Account, offer)
	id := customer.Post(customer.SubmitMsg(customer.FullSpec(actors.FullProduct(t, 1))))
	n.RequireState(id, markettypes.JOB_STATE_OPEN)
	offer.Levels = []program.Assurance{program.ASSURANCE_FULL}
	n.MustDeliver(operator.Account, offer)
	n.Pass(1)
	n.RequireState(id, markettypes.JOB_STATE_ASSIGNED)
	spec := customer.Spec(actors.Small(t, 1), 2)
	n.RequireState(customer.Post(customer.SubmitMsg(spec)), markettypes.JOB_STATE_OPEN)
	offer.Levels = []program.Assurance{program.ASSURANCE_FULL, program.ASSURANCE_SAMPLED}
	n.Refused(registrytypes.ErrField, operator.Account, offer)
	offer.Levels = []program.Assurance{9}
	n.Refused(registrytypes.ErrField, operator.Account, offer)
}

// claimed brings a job at the level full to where its customer has claimed the result.
func claimed(t *testing.T, work *actors.Work) (*actors.Network, *actors.Customer, *actors.Operator, uint64) {
	t.Helper()
	n, customer := startFull(t, 1)
	id, worker := sampledFull(n, customer, work)
	worker.Prove(id)
	n.RequireState(id, markettypes.JOB_STATE_PROVEN)
	n.MustDeliver(customer.Account, customer.ClaimMsg(id))
	return n, customer, worker, id
}

// A true delivery that is contested is paid once the worker has opened its commitment, whatever else was handed in before.
func TestFullGenuineAnswerContested(t *testing.T) {
	n, customer, worker, id := claimed(t, actors.FullProduct(t, 1))
	before := standingOf(n, worker)
	early := &markettypes.MsgAnswerContest{Worker: worker.String(), JobId: id, Opening: make([]byte, 64)}
	n.Refused(markettypes.ErrState, worker.Account, early)
	n.MustDeliver(worker.Account, worker.DeliverMsg(id, worker.Trace(id).Result()))
	n.Refused(markettypes.ErrState, worker.Account, early)
	n.MustDeliver(customer.Account, customer.ContestMsg(id))
	n.RequireState(id, markettypes.JOB_STATE_CONTESTED)
	n.Refused(markettypes.ErrState, customer.Account, customer.ContestMsg(id))
	answer := worker.OpeningMsg(id, worker.Trace(id))
	waiting := n.Job(id)
	other := worker.Trace(id).Corrupt(t)
	for _, opening := range [][]byte{
		make([]byte, 64), answer.Opening[1:], append(bytes.Clone(answer.Opening), 0),
		slices.Concat(worker.OpeningMsg(id, other).Opening[:32], answer.Opening[32:]), worker.OpeningMsg(id, other).Opening,
	} {
		n.Refused(markettypes.ErrOpening, worker.Account, &markettypes.MsgAnswerContest{Worker: worker.String(), JobId: id, Opening: opening})
	}
	stolen := *answer
	stolen.Worker = customer.String()
	n.Refused(markettypes.ErrNotWorker, customer.Account, &stolen)
	require.Equal(t, waiting, n.Job(id), "what does not hold changes nothing")
	n.MustDeliver(worker.Account, answer)
	require.Equal(t, markettypes.CLOSE_REASON_SETTLED.String(), n.Job(id).CloseReason.String())
	require.EqualValues(t, net+claimFee, n.Balance(worker.Address).Sub(before.balance).Int64())
	require.Empty(t, n.Audit.Punishments)
}

// One wrong entry in the box convicts its worker, by its own opening or by its silence.
func TestFullFalseAnswerContested(t *testing.T) {
	for name, end := range map[string]func(n *actors.Network, worker *actors.Operator, id uint64){
		"opened": func(n *actors.Network, worker *actors.Operator, id uint64) {
			n.MustDeliver(worker.Account, worker.OpeningMsg(id, worker.Trace(id)))
		},
		"silent": func(n *actors.Network, _ *actors.Operator, _ uint64) { n.Pass(1) },
	} {
		t.Run(name, func(t *testing.T) {
			n, customer, worker, id := claimed(t, actors.FullProduct(t, 1))
			before := n.Balance(customer.Address)
			lie := *worker.Trace(id).Result()
			lie.Int32 = slices.Clone(lie.Int32)
			lie.Int32[len(lie.Int32)-1]++
			n.MustDeliver(worker.Account, worker.DeliverMsg(id, &lie))
			n.MustDeliver(customer.Account, customer.ContestMsg(id))
			n.RequireState(id, markettypes.JOB_STATE_CONTESTED)
			end(n, worker, id)
			require.Equal(t, markettypes.CLOSE_REASON_FALSE_DELIVERY.String(), n.Job(id).CloseReason.String())
			requirePunished(t, n, worker, penaltytypes.OFFENCE_FALSE_DELIVERY, actors.DefaultBond/10)
			refund := math.NewInt(actors.DefaultPrice + claimFee).Add(n.Audit.Punishments[0].ToVictim)
			require.Equal(t, refund.String(), n.Balance(customer.Address).Sub(before).String())
		})
	}
}

// A box that does not open convicts at once: there is nothing to ask.
func TestFullUnopenableAnswerContested(t *testing.T) {
	n, customer, worker, id := claimed(t, actors.FullProduct(t, 1))
	answer := worker.DeliverMsg(id, worker.Trace(id).Result())
	answer.Sealed[len(answer.Sealed)-1] ^= 1
	n.MustDeliver(worker.Account, answer)
	n.MustDeliver(customer.Account, customer.ContestMsg(id))
	require.Equal(t, markettypes.CLOSE_REASON_FALSE_DELIVERY.String(), n.Job(id).CloseReason.String())
	requirePunished(t, n, worker, penaltytypes.OFFENCE_FALSE_DELIVERY, actors.DefaultBond/10)
}
