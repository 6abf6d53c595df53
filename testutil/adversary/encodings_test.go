package adversary

import (
	"bytes"
	"math/big"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/testutil/actors"
	beacontypes "github.com/assaychain/assay/x/beacon/types"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/verify"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// alias is another encoding of the same field element: the root plus the field's order.
func alias(root []byte) []byte {
	sum := new(big.Int).Add(new(big.Int).SetBytes(root), fr.Modulus())
	return sum.FillBytes(make([]byte, len(root)))
}

// The same field element under another encoding is refused wherever one comes in.
func TestAliasedPublicInput(t *testing.T) {
	n, customer := start(t, 1)
	spec := customer.Spec(actors.Small(t, 1), 1)
	spec.Inputs[1].Root = alias(spec.Inputs[1].Root)
	n.Refused(markettypes.ErrSpec, customer.Account, customer.SubmitMsg(spec))

	id := customer.Submit(actors.Small(t, 1), 1)
	worker := n.Worker(id)
	roots := worker.Trace(id).Roots()
	aliased := [][]byte{roots[0], alias(roots[1])}
	claim := program.Claim{ChainID: n.ID(), JobID: id, Attempt: 1, Worker: worker.Address}
	commitment, err := program.CommitmentHash(claim, aliased)
	require.NoError(t, err)
	n.MustDeliver(worker.Account, &markettypes.MsgCommitResult{Worker: worker.String(), JobId: id, Attempt: 1, Commitment: commitment[:]})
	n.Sample(id)
	proofs := n.Proofs(n.Challenge(id, roots), worker.Trace(id))
	n.Refused(markettypes.ErrRoots, worker.Account, worker.Answer(id, aliased, proofs))
	n.Refused(markettypes.ErrCommitmentMismatch, worker.Account, worker.Answer(id, roots, proofs))
	n.RequireState(id, markettypes.JOB_STATE_SAMPLED)
}

func TestWrongRound(t *testing.T) {
	n, customer := start(t, 1)
	id := customer.Submit(actors.Small(t, 1), 1)
	worker := n.Worker(id)
	worker.Commit(id)
	round := n.Job(id).Round
	relayer := n.Relayer
	n.Refused(beacontypes.ErrNotRequested, relayer, n.RoundMsg(round+1))
	forged := n.RoundMsg(round + 1)
	forged.Round = round
	n.Refused(beacontypes.ErrSignature, relayer, forged)
	n.Sample(id)
	n.Refused(beacontypes.ErrAlreadyPosted, relayer, n.RoundMsg(round))

	answer := worker.ProveMsg(id, worker.Trace(id))
	for _, wrong := range []uint64{0, round - 1, round + 1} {
		early := *answer
		early.Round = wrong
		n.Refused(markettypes.ErrWrongRound, worker.Account, &early)
	}
	n.RequireState(id, markettypes.JOB_STATE_SAMPLED)
	n.MustDeliver(worker.Account, answer)
	n.Settle(id)
	require.Empty(t, n.Audit.Punishments)
}

// Malformed proofs of every length from 0 to twice the right one are refused, change nothing and cost nobody his bond.
func TestMalformedProofOfEveryLength(t *testing.T) {
	n, customer := start(t, 1)
	id := customer.Submit(actors.Small(t, 1), 1)
	worker := n.Worker(id)
	worker.Commit(id)
	n.Sample(id)
	answer := worker.ProveMsg(id, worker.Trace(id))
	genuine := answer.Proofs[0]
	require.Len(t, genuine, verify.ProofSize)
	before := n.Job(id)
	long := append(bytes.Clone(genuine), genuine...)
	for length := 0; length <= 2*verify.ProofSize; length++ {
		bad := bytes.Clone(long[:length])
		if length == verify.ProofSize {
			bad = bytes.Repeat([]byte{0xff}, length)
		}
		n.Queue(worker.Account, worker.Answer(id, answer.StepRoots, [][]byte{bad}))
	}
	results := n.Block()
	require.Len(t, results, 2*verify.ProofSize+1)
	for _, result := range results {
		n.RequireReason(markettypes.ErrProofs, result)
	}
	require.Equal(t, before, n.Job(id))
	n.Refused(markettypes.ErrProofs, worker.Account, worker.Answer(id, answer.StepRoots, [][]byte{genuine, genuine}))
	n.MustDeliver(worker.Account, answer)
	n.Settle(id)
	require.Empty(t, n.Audit.Punishments)
}

// Every bit of a proof matters: a proof with one bit flipped is refused as malformed or found invalid, never accepted.
func TestFlippedBits(t *testing.T) {
	n, customer := start(t, 2)
	id := customer.Submit(actors.Small(t, 1), 1)
	worker := n.Worker(id)
	worker.Commit(id)
	n.Sample(id)
	answer := worker.ProveMsg(id, worker.Trace(id))
	for at := 0; at < verify.ProofSize; at++ {
		bad := bytes.Clone(answer.Proofs[0])
		bad[at] ^= 1 << (at % 8)
		if n.App().Proofs.CheckProof(bad) == nil {
			continue
		}
		n.Queue(worker.Account, worker.Answer(id, answer.StepRoots, [][]byte{bad}))
	}
	results := n.Block()
	require.NotEmpty(t, results)
	for _, result := range results {
		n.RequireReason(markettypes.ErrProofs, result)
	}
	n.RequireState(id, markettypes.JOB_STATE_SAMPLED)
}

// Jobs that can't be priced, placed in time or run are refused, and nothing is locked.
func TestBadSubmissions(t *testing.T) {
	n, customer := start(t, 1)
	before := n.Balance(customer.Address)
	work := actors.Small(t, 1)
	for name, bad := range map[string]struct {
		reason error
		change func(*markettypes.MsgSubmitJob)
	}{
		"price below the floor": {markettypes.ErrPrice, func(m *markettypes.MsgSubmitJob) {
			m.MaxPrice.Amount = m.MaxPrice.Amount.SubRaw(actors.DefaultPrice - 9_999)
		}},
		"foreign denomination": {markettypes.ErrPrice, func(m *markettypes.MsgSubmitJob) { m.MaxPrice = sdk.NewInt64Coin("uother", actors.DefaultPrice) }},
		"deadline in the past": {markettypes.ErrDeadline, func(m *markettypes.MsgSubmitJob) { m.Deadline = n.Now().Add(-minute) }},
		"deadline too near":    {markettypes.ErrDeadline, func(m *markettypes.MsgSubmitJob) { m.Deadline = n.Now().Add(minute) }},
		"K without a circuit": {markettypes.ErrSpec, func(m *markettypes.MsgSubmitJob) {
			m.Spec.Program.Inputs[0].Cols, m.Spec.Program.Inputs[1].Cols = 1025, 1025
		}},
		"shapes don't chain": {markettypes.ErrSpec, func(m *markettypes.MsgSubmitJob) { m.Spec.Program.Inputs[2].Cols++ }},
		"no samples":         {markettypes.ErrSpec, func(m *markettypes.MsgSubmitJob) { m.Spec.Samples = 0 }},
	} {
		message := customer.SubmitMsg(customer.Spec(work, 1))
		message.Spec.Program.Inputs = append([]program.Tensor(nil), work.Program.Inputs...)
		bad.change(message)
		t.Log(name)
		n.Refused(bad.reason, customer.Account, message)
	}
	require.Equal(t, before.String(), n.Balance(customer.Address).String())
	poor := customer.SubmitMsg(customer.Spec(work, 1))
	poor.MaxPrice.Amount = before.AddRaw(1)
	require.NotZero(t, n.Deliver(customer.Account, poor).Code, "an escrow that is short must be refused")
	require.Equal(t, before.String(), n.Balance(customer.Address).String())
}

// Devices that are unknown, taken or not covered are refused, and leave bond and registry as they were.
func TestBadRegistrations(t *testing.T) {
	n, _ := start(t, 2)
	first, second := n.Operators[0], n.Operators[1]
	before := stakeOf(n, second)
	taken := second.RegisterDevice(1)
	taken.Id = first.Device
	n.Refused(registrytypes.ErrDeviceExists, second.Account, taken)
	unknown := second.Offer(true)
	unknown.Id = actors.DeviceID(7, 7)
	n.Refused(registrytypes.ErrDeviceNotFound, second.Account, unknown)
	dear := second.RegisterDevice(1)
	dear.Class, dear.Backend = registrytypes.DEVICE_CLASS_DATACENTRE, registrytypes.BACKEND_CUDA
	n.Refused(registrytypes.ErrModel, second.Account, dear)
	dear.Model = "NVIDIA H100 80GB HBM3"
	n.Refused(registrytypes.ErrBond, second.Account, dear)
	short := second.RegisterDevice(1)
	short.Id = short.Id[1:]
	n.Refused(registrytypes.ErrField, second.Account, short)
	require.Equal(t, before, stakeOf(n, second))
}
