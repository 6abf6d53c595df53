package keeper_test

import (
	"context"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/replicas"
	"github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// part is what one of several operators does: it computes a blob, which is right if it is resultBlob, and stops before a step, or
// spoils it.
type part struct {
	blob []byte
	// silent is the state in which it does nothing any more.
	silent types.JobState
	// forges an opening of the entry that it can't prove.
	forges bool
	// copies posts another's commitment.
	copies bool
}

var (
	honest = part{blob: resultBlob}
	liar   = part{blob: changed(5), forges: true}
)

// changed is the right result but for one of its six entries.
func changed(at int) []byte {
	blob := slices.Clone(resultBlob)
	blob[at]++
	return blob
}

func (p part) until(state types.JobState) part {
	p.silent = state
	return p
}

// replicaSubmission is a job of n operators, of whom m must agree.
func (f *fixture) replicaSubmission(n, m uint32) *types.MsgSubmitJob {
	msg := f.submission()
	params, err := f.k.Params(f.Ctx)
	require.NoError(f.T, err)
	if params.CommitBaseSeconds < 600 {
		msg.Deadline = f.Ctx.BlockTime().Add(15 * time.Minute)
	}
	msg.Spec.Policy, msg.Spec.Replicas, msg.Spec.Agreement = types.VERIFICATION_POLICY_REPLICA, n, m
	return msg
}

func (f *fixture) submitReplicas(n, m uint32) uint64 {
	f.T.Helper()
	var id uint64
	require.NoError(f.T, f.do(func(ctx context.Context) error {
		response, err := f.msgs.SubmitJob(ctx, f.replicaSubmission(n, m))
		if err == nil {
			id = response.JobId
		}
		return err
	}))
	return id
}

// replicating is a job that n operators have.
func (f *fixture) replicating(n, m uint32) types.Job {
	f.T.Helper()
	id := f.submitReplicas(n, m)
	f.block(1)
	return f.requireState(id, types.JOB_STATE_REPLICATING)
}

func (f *fixture) round(id uint64) types.ReplicaRecord {
	f.T.Helper()
	response, err := f.queries.Replicas(f.Ctx, &types.QueryReplicasRequest{Id: id})
	require.NoError(f.T, err)
	return response.Record
}

func saltOf(worker string) []byte { return hashOf("salt of " + worker) }

// claimAs is the claim of one operator.
func (f *fixture) claimAs(job types.Job, worker string) program.Claim {
	job.Worker = worker
	return f.claimOf(job)
}

func (f *fixture) commitAs(job types.Job, worker string, p part, by types.ReplicaRecord) error {
	sum, err := program.ReplicaCommitment(f.claimAs(job, worker), saltOf(worker), [][]byte{rootOf(p.blob)})
	require.NoError(f.T, err)
	commitment := sum[:]
	if p.copies {
		commitment = nil // It waits for one that it can copy.
		for _, other := range by.Replicas {
			if len(other.Commitment) > 0 {
				commitment = other.Commitment
			}
		}
	}
	if commitment == nil {
		return nil
	}
	return f.commitErr(&types.MsgCommitResult{Worker: worker, JobId: job.Id, Attempt: job.Attempt, Commitment: commitment})
}

func (f *fixture) revealMsg(job types.Job, worker string, blob []byte) *types.MsgRevealResult {
	return &types.MsgRevealResult{
		Worker: worker, JobId: job.Id, Attempt: job.Attempt, StepRoots: [][]byte{rootOf(blob)}, Salt: saltOf(worker),
	}
}

func (f *fixture) revealErr(msg *types.MsgRevealResult) error {
	return f.do(func(ctx context.Context) error { _, err := f.msgs.RevealResult(ctx, msg); return err })
}

// showMsg shows what a blob has at the place that the job's difference is looked for.
func (f *fixture) showMsg(job types.Job, worker string, blob []byte) *types.MsgShowDifference {
	d := f.round(job.Id).Difference
	msg := &types.MsgShowDifference{Worker: worker, JobId: job.Id, Attempt: job.Attempt, Number: d.Number, Level: d.Level}
	shape := tensor.Shape{Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: 2, Cols: 3}
	if d.Level == 0 {
		msg.Parts = [][]byte{blob[3*d.Index : 3*d.Index+3]}
		return msg
	}
	decoded, err := tensor.DecodeBlob(shape, blob)
	require.NoError(f.T, err)
	tree, err := tensor.NewTree(decoded.RowDigests())
	require.NoError(f.T, err)
	nodes := tree.Nodes(int(d.Level) - 1)
	for i := range replicas.Children(uint32(len(nodes)), d.Index) {
		msg.Parts = append(msg.Parts, encoded(nodes[d.Index*replicas.Width+i]))
	}
	return msg
}

func encoded(node fr.Element) []byte { return tensor.EncodeRoot(node) }

func (f *fixture) showErr(msg *types.MsgShowDifference) error {
	return f.do(func(ctx context.Context) error { _, err := f.msgs.ShowDifference(ctx, msg); return err })
}

// entryMsg proves the entry in which results differ, whether it is right or not.
func (f *fixture) entryMsg(job types.Job, worker string, blob []byte) *types.MsgAnswerDispute {
	d, roots := f.round(job.Id).Difference, [][]byte{rootOf(blob)}
	claim := f.claimAs(job, worker)
	commitment, err := program.CommitmentHash(claim, roots)
	require.NoError(f.T, err)
	spec, err := f.k.Spec(f.Ctx, job.Id)
	require.NoError(f.T, err)
	trace := challenge.Trace{
		Work:  challenge.Work{Program: spec.Program, Samples: spec.Samples, Inputs: [][]byte{root(1), root(2)}},
		Claim: claim, Seed: program.ReplicaSeed(claim, commitment), Steps: roots,
	}
	narrowed, err := trace.Dispute(d.Number, d.Entry.Position())
	require.NoError(f.T, err)
	_, statements, err := challenge.Statements(narrowed)
	require.NoError(f.T, err)
	digest, err := statements[0].Digest()
	require.NoError(f.T, err)
	return &types.MsgAnswerDispute{
		Worker: worker, JobId: job.Id, Attempt: job.Attempt, Number: d.Number, Proof: prove("opening-256", digest[:], 0),
	}
}

// play has every operator that stands do its part in the present state of a job, in the order in which they got it. An operator without
// a part is honest.
func (f *fixture) play(id uint64, parts map[string]part) {
	f.T.Helper()
	state := f.job(id).State
	if state == types.JOB_STATE_AUDITABLE {
		(&agent{f: f}).relay(f.job(id).Generation, f.job(id).Round)
		return
	}
	for _, replica := range f.round(id).Replicas {
		job := f.job(id)
		if job.State != state || f.roundOf(job, replica.Worker) < 0 {
			return
		}
		p, given := parts[replica.Worker]
		if !given {
			p = honest
		}
		if p.silent != 0 && p.silent <= state {
			continue
		}
		try(func() error { return f.playPart(job, replica.Worker, p) })
	}
}

func (f *fixture) roundOf(job types.Job, worker string) int {
	record := f.round(job.Id)
	for i := range record.Replicas {
		if record.Replicas[i].Worker == worker {
			return i
		}
	}
	return -1
}

func (f *fixture) playPart(job types.Job, worker string, p part) error {
	switch job.State {
	case types.JOB_STATE_REPLICATING:
		return f.commitAs(job, worker, p, f.round(job.Id))
	case types.JOB_STATE_REVEALING:
		return f.revealErr(f.revealMsg(job, worker, p.blob))
	case types.JOB_STATE_DIVERGED:
		return f.showErr(f.showMsg(job, worker, p.blob))
	case types.JOB_STATE_STANDING:
		msg := f.entryMsg(job, worker, p.blob)
		entry := f.round(job.Id).Difference.Entry
		at := 3*entry.Row + entry.Col
		if right := p.blob[at] == resultBlob[at]; !right && !p.forges {
			return nil
		} else if !right {
			msg.Proof = make([]byte, proofSize)
		}
		return f.answerErr(msg)
	}
	return nil
}

// parts gives the operators of a job their parts, in the order in which they got it.
func (f *fixture) parts(id uint64, list ...part) map[string]part {
	parts := map[string]part{}
	for i, replica := range f.round(id).Replicas {
		if i < len(list) {
			parts[replica.Worker] = list[i]
		}
	}
	return parts
}

// playTo plays until the job is in another state than those of several operators, or nothing but time moves it.
func (f *fixture) playOut(id uint64, parts map[string]part) types.Job {
	f.T.Helper()
	for range 60 {
		if !f.job(id).State.Lifecycle().IsReplicated() {
			return f.job(id)
		}
		f.play(id, parts)
		f.block(10)
	}
	require.Fail(f.T, "still playing", "%+v", f.round(id))
	return types.Job{}
}

// finishLead takes a job whose first operator stands alone to its settlement.
func (f *fixture) finishLead(id uint64) {
	f.T.Helper()
	f.sampleLead(id)
	require.NoError(f.T, f.proveErr(f.proveMsg(f.requireState(id, types.JOB_STATE_SAMPLED), 1)))
	f.block(5)
	f.requireState(id, types.JOB_STATE_PROVEN)
	f.wait(101)
}

func (f *fixture) sampleLead(id uint64) {
	f.T.Helper()
	job := f.requireState(id, types.JOB_STATE_COMMITTED)
	f.block(5)
	f.post(job.Round)
	f.block(5)
}

// wealth is all that an operator has, its bond included.
func (f *fixture) wealth(worker string) math.Int {
	f.T.Helper()
	addr := sdk.MustAccAddressFromBech32(worker)
	stake, err := f.bond.Stake(f.Ctx, addr)
	require.NoError(f.T, err)
	operator, err := f.registry.Operator(f.Ctx, addr)
	require.NoError(f.T, err)
	return stake.Bonded.Add(f.Balance(addr)).Add(f.Balance(sdk.MustAccAddressFromBech32(operator.PayoutAddress)))
}

// replicasInEveryState has jobs of two operators in every state that they have, and one that was passed on.
func (f *fixture) replicasInEveryState() {
	f.T.Helper()
	for _, state := range []types.JobState{
		types.JOB_STATE_REPLICATING, types.JOB_STATE_REVEALING, types.JOB_STATE_DIVERGED, types.JOB_STATE_STANDING, types.JOB_STATE_JUDGING,
	} {
		job := f.replicating(2, 2)
		parts := f.playTo(job.Id, state)
		if state != types.JOB_STATE_JUDGING {
			// One of the two has answered.
			f.playOne(job.Id, parts)
		}
	}
	f.faults.name = "proofs.Verify"
	f.block(1)
	f.faults.name, f.errors.lines = "", nil
	f.auditsInEveryState()
}

// playOne has the first operator of a job do its part.
func (f *fixture) playOne(id uint64, parts map[string]part) {
	f.T.Helper()
	worker := f.round(id).Replicas[0].Worker
	require.NoError(f.T, f.playPart(f.job(id), worker, parts[worker]))
}

// roleParts are the parts of a role of the agents: one operator is false, or reveals nothing, in a job's first round.
func (f *fixture) roleParts(job types.Job, role string) map[string]part {
	if job.Attempt > 1 {
		return nil
	}
	switch role {
	case "replicas false":
		return f.parts(job.Id, honest, liar)
	case "audit false":
		return f.parts(job.Id, liar)
	case "replicas alone":
		return f.parts(job.Id, honest, honest.until(types.JOB_STATE_REVEALING))
	}
	return nil
}

// playTo has the first of a job's operators be honest and the second one lie until it is in a state; time stands still.
func (f *fixture) playTo(id uint64, state types.JobState) map[string]part {
	f.T.Helper()
	parts := f.parts(id, honest, liar)
	for i := 0; f.job(id).State != state; i++ {
		require.Less(f.T, i, 10, "not %s: %+v", state, f.round(id))
		f.play(id, parts)
	}
	return parts
}
