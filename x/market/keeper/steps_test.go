package keeper_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/nacl/box"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	beaconkeeper "github.com/assaychain/assay/x/beacon/keeper"
	beacontypes "github.com/assaychain/assay/x/beacon/types"
	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/market/delivery"
	"github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// The job of the tests: y (2×3 int8) = x (2×4) · w (3×4).
var (
	resultBlob = []byte{1, 2, 3, 4, 5, 6}
	otherBlob  = []byte{1, 2, 3, 4, 5, 7}

	deliveryKey, deliverySecret = mustKey()
	// What contests of jobs of several operators give for the next delivery, and after that.
	nextKey, nextSecret = mustKey()
	lastKey, _          = mustKey()
)

func mustKey() (*[32]byte, *[32]byte) {
	key, secret, err := box.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	return key, secret
}

func testProgram() program.Program {
	return program.Program{
		Version: 1,
		Inputs: []program.Tensor{
			{Name: "x", Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: 2, Cols: 4},
			{Name: "w", Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: 3, Cols: 4},
		},
		Steps: []program.DenseStep{{
			Input: "x", Weight: "w", Output: "y", Shift: 1, Activation: program.ACTIVATION_IDENTITY, OutputType: program.DATA_TYPE_INT8,
		}},
	}
}

func root(n byte) []byte { return append(make([]byte, 31), n) }

// rootOf is the root of a blob of the test's output.
func rootOf(blob []byte) []byte {
	decoded, err := tensor.DecodeBlob(tensor.Shape{Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: 2, Cols: 3}, blob)
	if err != nil {
		panic(err)
	}
	computed, err := tensor.Root(decoded)
	if err != nil {
		panic(err)
	}
	return tensor.EncodeRoot(computed)
}

func testSpec() types.Spec {
	return types.Spec{
		Program: testProgram(),
		Inputs: []types.InputRef{
			{Root: root(1), Locators: []string{"http://127.0.0.1:8000/x"}}, {Root: root(2), Locators: []string{"https://example.com/w?v=1"}},
		},
		Policy: types.VERIFICATION_POLICY_PROOF, Samples: 3, DeliveryKey: deliveryKey[:],
	}
}

// submission is a job of 1 ASSAY at most with an hour's deadline.
func (f *fixture) submission() *types.MsgSubmitJob {
	spec := testSpec()
	spec.Assurance = f.level
	return &types.MsgSubmitJob{
		Customer: f.customer.String(), Spec: spec, MaxPrice: sdk.NewInt64Coin("uassay", assay),
		Deadline: f.Ctx.BlockTime().Add(time.Hour),
	}
}

func (f *fixture) submit() uint64 { return f.submitAt(f.level) }

func (f *fixture) submitAt(level types.Assurance) uint64 {
	f.T.Helper()
	return f.submitWith(func(msg *types.MsgSubmitJob) { msg.Spec.Assurance = level })
}

// submitWith posts a job that is changed before.
func (f *fixture) submitWith(change func(*types.MsgSubmitJob)) uint64 {
	f.T.Helper()
	var id uint64
	require.NoError(f.T, f.do(func(ctx context.Context) error {
		submission := f.submission()
		change(submission)
		response, err := f.msgs.SubmitJob(ctx, submission)
		if err == nil {
			id = response.JobId
		}
		return err
	}))
	return id
}

// assigned submits a job and ends the block, which assigns it.
func (f *fixture) assigned() types.Job {
	f.T.Helper()
	id := f.submit()
	f.block(5)
	return f.requireState(id, types.JOB_STATE_ASSIGNED)
}

func (f *fixture) claimOf(job types.Job) program.Claim {
	return program.Claim{ChainID: f.Ctx.ChainID(), JobID: job.Id, Attempt: job.Attempt, Worker: sdk.MustAccAddressFromBech32(job.Worker)}
}

func (f *fixture) commitMsg(job types.Job) *types.MsgCommitResult {
	sum, err := program.CommitmentHash(f.claimOf(job), [][]byte{rootOf(resultBlob)})
	require.NoError(f.T, err)
	return &types.MsgCommitResult{Worker: job.Worker, JobId: job.Id, Attempt: job.Attempt, Commitment: sum[:]}
}

func (f *fixture) commitErr(msg *types.MsgCommitResult) error {
	return f.do(func(ctx context.Context) error { _, err := f.msgs.CommitResult(ctx, msg); return err })
}

// committed is a job whose result is committed in the present block.
func (f *fixture) committed() types.Job {
	f.T.Helper()
	job := f.assigned()
	require.NoError(f.T, f.commitErr(f.commitMsg(job)))
	return f.requireState(job.Id, types.JOB_STATE_COMMITTED)
}

// post relays a round.
func (f *fixture) post(round uint64) {
	f.T.Helper()
	signature, err := f.key.Sign(round)
	require.NoError(f.T, err)
	require.NoError(f.T, f.do(func(ctx context.Context) error {
		_, err := beaconkeeper.NewMsgServer(f.beacon).PostRound(ctx, &beacontypes.MsgPostRound{
			Relayer: banktest.Address("relayer").String(), Round: round, Signature: signature,
		})
		return err
	}))
}

// sampled is a job whose challenge is drawn.
func (f *fixture) sampled() types.Job {
	f.T.Helper()
	job := f.committed()
	f.block(5)
	f.post(job.Round)
	f.block(5)
	return f.requireState(job.Id, types.JOB_STATE_SAMPLED)
}

// proveMsg proves the positions of a job truthfully.
func (f *fixture) proveMsg(job types.Job, free byte) *types.MsgProveResult {
	f.T.Helper()
	spec, err := f.k.Spec(f.Ctx, job.Id)
	require.NoError(f.T, err)
	trace := challenge.Trace{
		Work:  challenge.Work{Program: spec.Program, Samples: spec.Samples, Inputs: [][]byte{root(1), root(2)}},
		Claim: f.claimOf(job), Seed: [32]byte(job.Seed), Steps: [][]byte{rootOf(resultBlob)},
	}
	_, statements, err := challenge.Statements(trace)
	require.NoError(f.T, err)
	msg := &types.MsgProveResult{Worker: job.Worker, JobId: job.Id, Attempt: job.Attempt, Round: job.Round, StepRoots: trace.Steps}
	for i := range statements {
		digest, err := statements[i].Digest()
		require.NoError(f.T, err)
		msg.Proofs = append(msg.Proofs, prove("opening-256", digest[:], free))
	}
	return msg
}

func (f *fixture) proveErr(msg *types.MsgProveResult) error {
	return f.do(func(ctx context.Context) error { _, err := f.msgs.ProveResult(ctx, msg); return err })
}

// proven is a job whose proofs are verified.
func (f *fixture) proven() types.Job {
	f.T.Helper()
	job := f.sampled()
	require.NoError(f.T, f.proveErr(f.proveMsg(job, 0)))
	f.block(5)
	return f.requireState(job.Id, types.JOB_STATE_PROVEN)
}

func (f *fixture) claimErr(customer sdk.AccAddress, id uint64) error {
	return f.claiming(customer, func(ctx context.Context) error {
		_, err := f.msgs.ClaimUndelivered(ctx, &types.MsgClaimUndelivered{Customer: customer.String(), JobId: id})
		return err
	})
}

// claimed is a job whose delivery is claimed in the present block.
func (f *fixture) claimed() types.Job {
	f.T.Helper()
	job := f.proven()
	require.NoError(f.T, f.claimErr(f.customer, job.Id))
	return f.requireState(job.Id, types.JOB_STATE_CLAIMED)
}

func (f *fixture) seal(blob []byte) []byte { return f.sealTo(deliveryKey[:], blob) }

func (f *fixture) sealTo(key, blob []byte) []byte {
	sealed, err := delivery.Seal(rand.Reader, blob, key)
	require.NoError(f.T, err)
	return sealed
}

func (f *fixture) deliverErr(worker string, id uint64, sealed []byte) error {
	return f.do(func(ctx context.Context) error {
		_, err := f.msgs.DeliverResult(ctx, &types.MsgDeliverResult{Worker: worker, JobId: id, Sealed: sealed})
		return err
	})
}

// delivered is a job whose claim is answered with a blob.
func (f *fixture) delivered(blob []byte) types.Job {
	f.T.Helper()
	job := f.claimed()
	require.NoError(f.T, f.deliverErr(job.Worker, job.Id, f.seal(blob)))
	return f.requireState(job.Id, types.JOB_STATE_DELIVERED)
}

// contestMsg gives a secret away; of a job of several operators with the next key, that of nextSecret first.
func (f *fixture) contestMsg(id uint64, secret []byte) *types.MsgContestDelivery {
	msg := &types.MsgContestDelivery{Customer: f.customer.String(), JobId: id, DeliverySecret: secret}
	switch job, err := f.k.Job(f.Ctx, id); {
	case err != nil || job.Replicas == 0:
	case len(job.DeliveryKey) == 0:
		msg.NextDeliveryKey = nextKey[:]
	default:
		msg.NextDeliveryKey = lastKey[:]
	}
	return msg
}

func (f *fixture) contest(id uint64, secret []byte) (bool, error) {
	msg := f.contestMsg(id, secret)
	var genuine bool
	err := f.do(func(ctx context.Context) error {
		response, err := f.msgs.ContestDelivery(ctx, msg)
		if err == nil {
			genuine = response.Genuine
		}
		return err
	})
	return genuine, err
}

// contested is a job at the level full whose delivery of a blob is contested in the present block.
func (f *fixture) contested(blob []byte) types.Job {
	f.T.Helper()
	f.level = types.ASSURANCE_FULL
	job := f.delivered(blob)
	f.level = types.ASSURANCE_SAMPLED
	genuine, err := f.contest(job.Id, deliverySecret[:])
	require.NoError(f.T, err)
	require.False(f.T, genuine, "no verdict yet")
	return f.requireState(job.Id, types.JOB_STATE_CONTESTED)
}

func (f *fixture) answer(worker string, id uint64, opening []byte) (bool, error) {
	var genuine bool
	err := f.do(func(ctx context.Context) error {
		response, err := f.msgs.AnswerContest(ctx, &types.MsgAnswerContest{Worker: worker, JobId: id, Opening: opening})
		if err == nil {
			genuine = response.Genuine
		}
		return err
	})
	return genuine, err
}

func (f *fixture) reportErr(job types.Job, input uint32) error {
	return f.do(func(ctx context.Context) error {
		_, err := f.msgs.ReportUnavailable(ctx, &types.MsgReportUnavailable{Worker: job.Worker, JobId: job.Id, Attempt: job.Attempt, Input: input})
		return err
	})
}

func (f *fixture) cancelErr(customer sdk.AccAddress, id uint64) error {
	return f.do(func(ctx context.Context) error {
		_, err := f.msgs.CancelJob(ctx, &types.MsgCancelJob{Customer: customer.String(), JobId: id})
		return err
	})
}

func (f *fixture) slashed(worker string) math.Int {
	stake, err := f.bond.Stake(f.Ctx, sdk.MustAccAddressFromBech32(worker))
	require.NoError(f.T, err)
	return math.NewInt(100 * assay).Sub(stake.Bonded)
}

func hashOf(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}
