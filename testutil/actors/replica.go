package actors

import (
	"crypto/sha256"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/market/keeper"
	"github.com/assaychain/assay/x/market/replicas"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// Round is who computes a job under the policy REPLICA.
func (n *Network) Round(id uint64) markettypes.ReplicaRecord {
	n.t.Helper()
	response, err := keeper.NewQueryServer(n.App().Market).Replicas(n.Context(), &markettypes.QueryReplicasRequest{Id: id})
	require.NoError(n.t, err)
	return response.Record
}

// Replicate has a specification computed by several operators, of whom some must agree.
func Replicate(spec markettypes.Spec, operators, agreement uint32) markettypes.Spec {
	spec.Policy, spec.Replicas, spec.Agreement = markettypes.VERIFICATION_POLICY_REPLICA, operators, agreement
	return spec
}

func (o *Operator) claim(id uint64) program.Claim {
	return program.Claim{ChainID: o.network.ID(), JobID: id, Attempt: o.network.Job(id).Attempt, Worker: o.Address}
}

func (o *Operator) salt() []byte {
	sum := sha256.Sum256([]byte("salt of " + o.String()))
	return sum[:]
}

// CommitReplicaMsg commits to a trace as one of several operators.
func (o *Operator) CommitReplicaMsg(id uint64, trace *Trace) *markettypes.MsgCommitResult {
	claim := o.claim(id)
	commitment, err := program.ReplicaCommitment(claim, o.salt(), trace.Roots())
	require.NoError(o.network.t, err)
	return &markettypes.MsgCommitResult{Worker: o.String(), JobId: id, Attempt: claim.Attempt, Commitment: commitment[:]}
}

// RevealMsg reveals a trace that was committed to.
func (o *Operator) RevealMsg(id uint64, trace *Trace) *markettypes.MsgRevealResult {
	return &markettypes.MsgRevealResult{
		Worker: o.String(), JobId: id, Attempt: o.network.Job(id).Attempt, StepRoots: trace.Roots(), Salt: o.salt(),
	}
}

// ShowMsg shows what a trace has where it differs from another.
func (o *Operator) ShowMsg(id uint64, trace *Trace) *markettypes.MsgShowDifference {
	n := o.network
	d := n.Round(id).Difference
	require.NotNil(n.t, d)
	msg := &markettypes.MsgShowDifference{
		Worker: o.String(), JobId: id, Attempt: n.Job(id).Attempt, Number: d.Number, Level: d.Level,
	}
	output := trace.Outputs[d.Step].Tensor
	if d.Level == 0 {
		size := tensor.RowBytes(output.Shape)
		msg.Parts = [][]byte{tensor.EncodeBlob(output)[d.Index*size : (d.Index+1)*size]}
		return msg
	}
	tree, err := tensor.NewTree(output.RowDigests())
	require.NoError(n.t, err)
	nodes := tree.Nodes(int(d.Level) - 1)
	for i := range replicas.Children(uint32(len(nodes)), d.Index) {
		msg.Parts = append(msg.Parts, tensor.EncodeRoot(nodes[d.Index*replicas.Width+i]))
	}
	return msg
}

// EntryMsg proves, from a trace, the entry in which results differ.
func (o *Operator) EntryMsg(id uint64, known *Trace) *markettypes.MsgAnswerDispute {
	n := o.network
	d := n.Round(id).Difference
	require.NotNil(n.t, d)
	spec, err := n.App().Market.Spec(n.Context(), id)
	require.NoError(n.t, err)
	claim, job := o.claim(id), n.Job(id)
	commitment, err := program.CommitmentHash(claim, known.Roots())
	require.NoError(n.t, err)
	trace := challenge.Trace{
		Work: challenge.Work{Program: spec.Program, Samples: spec.Samples}, Claim: claim, Circuits: job.Circuits,
		Seed: program.ReplicaSeed(claim, commitment), Steps: known.Roots(),
	}
	for _, input := range spec.Inputs {
		trace.Inputs = append(trace.Inputs, input.Root)
	}
	narrowed, err := trace.Dispute(d.Number, d.Entry.Position())
	require.NoError(n.t, err)
	return &markettypes.MsgAnswerDispute{
		Worker: o.String(), JobId: id, Attempt: job.Attempt, Number: d.Number, Proof: n.Proofs(narrowed, known)[0],
	}
}
