package runner_test

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// The other operator of a job, whose result is wrong.
var stranger = sdk.AccAddress("stranger------------").String()

// recruited is a job that this worker and the stranger compute.
func (c *fakeChain) recruited(job markettypes.Job, spec markettypes.Spec) *markettypes.QueryJobResponse {
	job.Worker, job.Replicas, job.State = "", 2, markettypes.JOB_STATE_REPLICATING
	c.rounds[job.Id] = &markettypes.ReplicaRecord{Replicas: []markettypes.Replica{
		{Worker: stranger, Device: []byte{1}, Commitment: make([]byte, 32)}, {Worker: c.operator.String(), Device: []byte{2}},
	}}
	c.since[job.Id] = c.height
	return &markettypes.QueryJobResponse{Job: job, Spec: spec}
}

// copied is a round as a query gives it.
func copied(record *markettypes.ReplicaRecord) markettypes.ReplicaRecord {
	out := *record
	out.Replicas = slices.Clone(record.Replicas)
	if record.Difference != nil {
		difference := *record.Difference
		out.Difference = &difference
	}
	return out
}

// applyReplica is the market of jobs that several operators compute; false for other messages and jobs.
func (c *fakeChain) applyReplica(message sdk.Msg) (bool, error) {
	switch m := message.(type) {
	case *markettypes.MsgCommitResult:
		record, of := c.rounds[m.JobId]
		if !of {
			return false, nil
		}
		return true, c.move(m.JobId, "commit", markettypes.JOB_STATE_REPLICATING, markettypes.JOB_STATE_REVEALING, func(*markettypes.Job) {
			record.Replicas[1].Commitment = m.Commitment
		})
	case *markettypes.MsgRevealResult:
		return true, c.move(m.JobId, "reveal", markettypes.JOB_STATE_REVEALING, markettypes.JOB_STATE_DIVERGED, func(job *markettypes.Job) {
			c.reveal(job, m)
		})
	case *markettypes.MsgShowDifference:
		return true, c.show(m)
	case *markettypes.MsgAnswerDispute:
		record, of := c.rounds[m.JobId]
		if !of || c.jobs[m.JobId].Job.State != markettypes.JOB_STATE_STANDING {
			return false, nil
		}
		return true, c.move(m.JobId, "entry", markettypes.JOB_STATE_STANDING, markettypes.JOB_STATE_JUDGING, func(job *markettypes.Job) {
			require.Equal(c.t, record.Difference.Number, m.Number)
			c.checkEntry(job, record, m.Proof)
			record.Replicas[1].Answered = true
		})
	}
	return false, nil
}

func (c *fakeChain) claim(job *markettypes.Job) program.Claim {
	return program.Claim{ChainID: chainID, JobID: job.Id, Attempt: job.Attempt, Worker: c.operator}
}

// reveal compares a reveal with its commitment, and finds that the last step differs from the stranger's.
func (c *fakeChain) reveal(job *markettypes.Job, m *markettypes.MsgRevealResult) {
	record := c.rounds[job.Id]
	sum, err := program.ReplicaCommitment(c.claim(job), m.Salt, m.StepRoots)
	require.NoError(c.t, err)
	require.True(c.t, bytes.Equal(sum[:], record.Replicas[1].Commitment), "roots and salt open the commitment")
	record.Replicas[1].StepRoots = m.StepRoots
	last := len(m.StepRoots) - 1
	foreign := markettypes.DifferenceSide{Root: []byte{9}, Shown: [][]byte{{9}}}
	record.Difference = &markettypes.Difference{
		Number: 1, Step: uint32(last), Level: tensor.Depth, One: foreign, Other: markettypes.DifferenceSide{Root: m.StepRoots[last], Node: m.StepRoots[last]},
	}
}

// show checks what is shown against the node above it, and goes on with its first child.
func (c *fakeChain) show(m *markettypes.MsgShowDifference) error {
	record := c.rounds[m.JobId]
	c.landed[fmt.Sprintf("%d/show%d", m.JobId, m.Level)]++
	job := &c.jobs[m.JobId].Job
	d := record.Difference
	if job.State != markettypes.JOB_STATE_DIVERGED || d.Number != m.Number || d.Level != m.Level {
		return fmt.Errorf("job %d: difference %d at level %d", m.JobId, m.Number, m.Level)
	}
	if d.Level == 0 {
		shape := tensor.Shape{Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT32, Rows: 3, Cols: 2}
		digest, err := tensor.DigestRow(shape, m.Parts[0])
		require.NoError(c.t, err)
		require.Equal(c.t, d.Other.Node, tensor.EncodeRoot(digest))
		d.Entry = &markettypes.Entry{Step: d.Step, Row: d.Index}
		c.enter(job, markettypes.JOB_STATE_STANDING)
		return nil
	}
	children := make([]fr.Element, len(m.Parts))
	for i, part := range m.Parts {
		child, err := tensor.ParseRoot(part)
		require.NoError(c.t, err)
		children[i] = child
	}
	node, err := tensor.Node(int(d.Level), children)
	require.NoError(c.t, err)
	require.Equal(c.t, d.Other.Node, tensor.EncodeRoot(node))
	next := *d
	next.Level, next.Index, next.Other.Node = d.Level-1, 0, m.Parts[0]
	record.Difference = &next
	return nil
}

// checkEntry compares a proof with the digest of the entry's statement.
func (c *fakeChain) checkEntry(job *markettypes.Job, record *markettypes.ReplicaRecord, proof []byte) {
	spec, own := c.jobs[job.Id].Spec, record.Replicas[1]
	commitment, err := program.CommitmentHash(c.claim(job), own.StepRoots)
	require.NoError(c.t, err)
	trace := challenge.Trace{
		Work: challenge.Work{Program: spec.Program, Samples: spec.Samples}, Claim: c.claim(job),
		Seed: program.ReplicaSeed(c.claim(job), commitment), Steps: own.StepRoots,
	}
	for _, input := range spec.Inputs {
		trace.Inputs = append(trace.Inputs, input.Root)
	}
	narrowed, err := trace.Dispute(record.Difference.Number, record.Difference.Entry.Position())
	require.NoError(c.t, err)
	_, statements, err := challenge.Statements(narrowed)
	require.NoError(c.t, err)
	digest, err := statements[0].Digest()
	require.NoError(c.t, err)
	require.Equal(c.t, digest[:], proof)
}

// agree accepts the worker's result, with another one in the lead where the job is passed on later.
func (c *fakeChain) agree(job *markettypes.Job) {
	record := c.rounds[job.Id]
	record.Difference, record.Replicas[1].Answered = nil, false
	commitment, err := program.CommitmentHash(c.claim(job), record.Replicas[1].StepRoots)
	require.NoError(c.t, err)
	seed := program.ReplicaSeed(c.claim(job), commitment)
	job.StepRoots, job.Commitment, job.Seed = record.Replicas[1].StepRoots, commitment[:], seed[:]
	job.Worker = c.operator.String()
	if c.faults.passed {
		job.Worker = stranger
	} else {
		record.Replicas[0].Failure = markettypes.FAILURE_REASON_DISPUTE_LOST
	}
	c.enter(job, markettypes.JOB_STATE_PROVEN)
}
