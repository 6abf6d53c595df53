package keeper_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/program"
)

// Each answer that cannot be right is refused with its own error, changes nothing and is not punished.
func TestAnswersThatAreRefused(t *testing.T) {
	f := newFixture(t)
	f.workers(2)
	job := f.sampled()
	other := banktest.Address("worker 1")
	if job.Worker == other.String() {
		other = banktest.Address("worker 0")
	}
	good := f.proveMsg(job, 0)
	// The same field element in another encoding: root + r.
	aliased := addModulus(good.StepRoots[0])
	for name, c := range map[string]struct {
		spoil func(*types.MsgProveResult)
		want  error
	}{
		"another worker":     {func(m *types.MsgProveResult) { m.Worker = other.String() }, types.ErrNotWorker},
		"a stranger":         {func(m *types.MsgProveResult) { m.Worker = f.customer.String() }, types.ErrNotWorker},
		"no address":         {func(m *types.MsgProveResult) { m.Worker = "" }, types.ErrAddress},
		"no such job":        {func(m *types.MsgProveResult) { m.JobId = 99 }, types.ErrNotFound},
		"earlier attempt":    {func(m *types.MsgProveResult) { m.Attempt = 0 }, types.ErrAttempt},
		"later attempt":      {func(m *types.MsgProveResult) { m.Attempt = 2 }, types.ErrAttempt},
		"wrong round":        {func(m *types.MsgProveResult) { m.Round++ }, types.ErrWrongRound},
		"no roots":           {func(m *types.MsgProveResult) { m.StepRoots = nil }, types.ErrRoots},
		"too many roots":     {func(m *types.MsgProveResult) { m.StepRoots = append(m.StepRoots, root(1)) }, types.ErrRoots},
		"aliased root":       {func(m *types.MsgProveResult) { m.StepRoots = [][]byte{aliased} }, types.ErrRoots},
		"short root":         {func(m *types.MsgProveResult) { m.StepRoots = [][]byte{root(1)[1:]} }, types.ErrRoots},
		"uncommitted root":   {func(m *types.MsgProveResult) { m.StepRoots = [][]byte{rootOf(otherBlob)} }, types.ErrCommitmentMismatch},
		"no proofs":          {func(m *types.MsgProveResult) { m.Proofs = nil }, types.ErrProofs},
		"a proof too few":    {func(m *types.MsgProveResult) { m.Proofs = m.Proofs[:2] }, types.ErrProofs},
		"a proof too many":   {func(m *types.MsgProveResult) { m.Proofs = append(m.Proofs, m.Proofs[0]) }, types.ErrProofs},
		"a malformed proof":  {func(m *types.MsgProveResult) { m.Proofs[1] = m.Proofs[1][1:] }, types.ErrProofs},
		"an empty proof":     {func(m *types.MsgProveResult) { m.Proofs[2] = nil }, types.ErrProofs},
		"a proof and a byte": {func(m *types.MsgProveResult) { m.Proofs[0] = append(m.Proofs[0], 0) }, types.ErrProofs},
	} {
		msg := f.proveMsg(job, 0)
		c.spoil(msg)
		before := f.export()
		require.ErrorIs(t, f.proveErr(msg), c.want, name)
		require.Equal(t, before, f.export(), name)
	}
	require.NoError(t, f.proveErr(good), "the honest worker is unharmed")
	f.block(1)
	f.requireState(job.Id, types.JOB_STATE_PROVEN)
	require.True(t, f.slashed(job.Worker).IsZero())
}

// addModulus adds the field's modulus to an encoded element.
func addModulus(root []byte) []byte {
	modulus := []byte{
		0x30, 0x64, 0x4e, 0x72, 0xe1, 0x31, 0xa0, 0x29, 0xb8, 0x50, 0x45, 0xb6, 0x81, 0x81, 0x58, 0x5d,
		0x28, 0x33, 0xe8, 0x48, 0x79, 0xb9, 0x70, 0x91, 0x43, 0xe1, 0xf5, 0x93, 0xf0, 0x00, 0x00, 0x01,
	}
	out, carry := bytes.Clone(root), 0
	for i := len(out) - 1; i >= 0; i-- {
		sum := int(out[i]) + int(modulus[i]) + carry
		out[i], carry = byte(sum), sum>>8
	}
	return out
}

func TestProofsAreTakenOnceHoweverEncoded(t *testing.T) {
	f := newFixture(t)
	f.workers(2)
	job := f.sampled()
	require.NoError(t, f.proveErr(f.proveMsg(job, 0)))
	require.ErrorIs(t, f.proveErr(f.proveMsg(job, 0)), types.ErrAlreadyProven, "the same bytes while they wait")
	require.ErrorIs(t, f.proveErr(f.proveMsg(job, 1)), types.ErrAlreadyProven, "re-randomised")
	f.block(1)
	f.requireState(job.Id, types.JOB_STATE_PROVEN)
	require.ErrorIs(t, f.proveErr(f.proveMsg(job, 2)), types.ErrAlreadyProven, "re-randomised after the verdict")
	f.wait(101)
	f.requireState(job.Id, types.JOB_STATE_CLOSED)
	require.ErrorIs(t, f.proveErr(f.proveMsg(job, 3)), types.ErrAlreadyProven, "re-randomised after settlement")
	require.EqualValues(t, 3, f.proofs.verified, "verified once")
	require.EqualValues(t, 3, f.proofs.charged, "later answers are refused before they cost a verification")
}

// Well-formed proofs of anything but this job's own statements are punished as a wrong result.
func TestForeignProofsArePunished(t *testing.T) {
	for name, change := range map[string]func(*types.Job, *sdk.Context){
		"another job":     func(j *types.Job, _ *sdk.Context) { j.Id++ },
		"another attempt": func(j *types.Job, _ *sdk.Context) { j.Attempt++ },
		"another worker":  func(j *types.Job, _ *sdk.Context) { j.Worker = banktest.Address("worker 9").String() },
		"another chain":   func(_ *types.Job, ctx *sdk.Context) { *ctx = ctx.WithChainID("assay-test-2") },
		"another seed":    func(j *types.Job, _ *sdk.Context) { j.Seed = hashOf("seed") },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.workers(2)
			job := f.sampled()
			f.submit()
			msg := f.proveMsg(job, 0)
			foreign, ctx := job, f.Ctx
			change(&foreign, &f.Ctx)
			msg.Proofs = f.proveMsg(foreign, 0).Proofs
			f.Ctx = ctx
			require.NoError(t, f.proveErr(msg))
			f.block(1)
			again := f.requireState(job.Id, types.JOB_STATE_ASSIGNED)
			require.Equal(t, types.FAILURE_REASON_PROOF_INVALID, again.LastFailure)
			require.NotEqual(t, job.Worker, again.Worker, "the honest worker has it now")
			require.EqualValues(t, 10*assay, f.slashed(job.Worker).Int64())
			require.True(t, f.slashed(again.Worker).IsZero())
		})
	}
}

// A commitment copied from another worker cannot be opened by the copier.
func TestCopiedCommitmentsDoNotOpen(t *testing.T) {
	f := newFixture(t)
	f.workers(2)
	job := f.assigned()
	honest := f.claimOf(job)
	honest.Worker = banktest.Address("worker 9")
	sum, err := program.CommitmentHash(honest, [][]byte{rootOf(resultBlob)})
	require.NoError(t, err)
	copied := f.commitMsg(job)
	copied.Commitment = sum[:]
	require.NoError(t, f.commitErr(copied))
	job = f.job(job.Id)
	f.block(5)
	f.post(job.Round)
	f.block(5)
	job = f.requireState(job.Id, types.JOB_STATE_SAMPLED)
	require.ErrorIs(t, f.proveErr(f.proveMsg(job, 0)), types.ErrCommitmentMismatch)
	f.wait(76)
	require.Equal(t, types.FAILURE_REASON_PROOF_LATE, f.job(job.Id).LastFailure)
}

func TestCommitmentsThatAreRefused(t *testing.T) {
	f := newFixture(t)
	f.workers(2)
	job := f.assigned()
	for name, c := range map[string]struct {
		spoil func(*types.MsgCommitResult)
		want  error
	}{
		"a stranger":  {func(m *types.MsgCommitResult) { m.Worker = f.customer.String() }, types.ErrNotWorker},
		"attempt":     {func(m *types.MsgCommitResult) { m.Attempt++ }, types.ErrAttempt},
		"no such job": {func(m *types.MsgCommitResult) { m.JobId = 5 }, types.ErrNotFound},
		"short":       {func(m *types.MsgCommitResult) { m.Commitment = m.Commitment[1:] }, types.ErrCommitment},
		"long":        {func(m *types.MsgCommitResult) { m.Commitment = append(m.Commitment, 0) }, types.ErrCommitment},
		"empty":       {func(m *types.MsgCommitResult) { m.Commitment = nil }, types.ErrCommitment},
	} {
		msg := f.commitMsg(job)
		c.spoil(msg)
		before := f.export()
		require.ErrorIs(t, f.commitErr(msg), c.want, name)
		require.Equal(t, before, f.export(), name)
	}
	require.NoError(t, f.commitErr(f.commitMsg(job)))
	require.ErrorIs(t, f.commitErr(f.commitMsg(job)), types.ErrState, "only once")
}

func TestLateStepsAreRefused(t *testing.T) {
	f := newFixture(t)
	f.workers(1)
	job := f.assigned()
	f.block(55)
	f.requireState(job.Id, types.JOB_STATE_ASSIGNED)
	f.Advance(10e9)
	require.ErrorIs(t, f.commitErr(f.commitMsg(job)), types.ErrLate)
	require.ErrorIs(t, f.reportErr(job, 0), types.ErrLate)

	g := newFixture(t)
	g.workers(1)
	job = g.sampled()
	msg := g.proveMsg(job, 0)
	g.block(50)
	g.block(20)
	g.Advance(5e9)
	require.ErrorIs(t, g.proveErr(msg), types.ErrLate)

	h := newFixture(t)
	h.workers(1)
	job = h.proven()
	h.block(60)
	h.block(30)
	h.Advance(10e9)
	require.ErrorIs(t, h.claimErr(h.customer, job.Id), types.ErrLate)

	i := newFixture(t)
	i.workers(1)
	job = i.claimed()
	i.Advance(51e9)
	require.ErrorIs(t, i.deliverErr(job.Worker, job.Id, i.seal(resultBlob)), types.ErrLate)

	k := newFixture(t)
	k.workers(1)
	job = k.delivered(resultBlob)
	k.Advance(51e9)
	_, err := k.contest(job.Id, deliverySecret[:])
	require.ErrorIs(t, err, types.ErrLate)
}

// The block whose time is the deadline is in time: the hook that punishes runs after its messages.
func TestTheDeadlineItselfIsInTime(t *testing.T) {
	f := newFixture(t)
	f.workers(1)
	job := f.assigned()
	now, err := f.k.Now(f.Ctx)
	require.NoError(t, err)
	f.block(int(job.Due-now) / 1_000)
	now, err = f.k.Now(f.Ctx)
	require.NoError(t, err)
	require.Equal(t, job.Due, now)
	require.NoError(t, f.commitErr(f.commitMsg(job)))
	f.block(1)
	f.requireState(job.Id, types.JOB_STATE_COMMITTED)
}
