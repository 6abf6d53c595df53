package actors

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/testutil/chain"
	"github.com/assaychain/assay/x/market/lifecycle"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// Product draws one step, x of rows by inner times w of cols by inner, with int8 output; the seed makes it reproducible.
func Product(t testing.TB, seed uint64, rows, inner, cols uint32) *Work {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 2))
	x, err := tensor.NewInt8(rows, inner, values(r, int(rows*inner)))
	require.NoError(t, err)
	return &Work{
		Program: program.Program{
			Version: 1,
			Inputs:  []program.Tensor{declare("x", program.TENSOR_KIND_PLAIN, rows, inner), declare("w", program.TENSOR_KIND_WEIGHT, cols, inner)},
			Steps: []program.DenseStep{
				{Input: "x", Weight: "w", Output: "y", Shift: 8, Activation: program.ACTIVATION_IDENTITY, OutputType: program.DATA_TYPE_INT8},
			},
		},
		Inputs: []*Blob{NewBlob(t, x), NewBlob(t, weights(t, r, cols, inner))},
	}
}

// Flip is the trace of a cheat who changed one entry of one step, in its lowest bit.
func (tr *Trace) Flip(t testing.TB, at program.Position) *Trace {
	t.Helper()
	wrong := &Trace{Work: tr.Work, Outputs: append([]*Blob(nil), tr.Outputs...)}
	changed := *tr.Outputs[at.Step].Tensor
	changed.Int8, changed.Int32 = append([]int8(nil), changed.Int8...), append([]int32(nil), changed.Int32...)
	cell := int(at.Row)*int(changed.Cols) + int(at.Col)
	if len(changed.Int8) > 0 {
		changed.Int8[cell] ^= 1
	} else {
		changed.Int32[cell] ^= 1
	}
	wrong.Outputs[at.Step] = NewBlob(t, &changed)
	return wrong
}

// DisputeMsg names an entry of a job's present attempt, at whatever bond the chain asks for.
func (n *Network) DisputeMsg(watcher *chain.Account, id uint64, at program.Position) *markettypes.MsgDisputeResult {
	n.t.Helper()
	params, err := n.App().Market.Params(n.Context())
	require.NoError(n.t, err)
	job := n.Job(id)
	return &markettypes.MsgDisputeResult{
		Challenger: watcher.String(), JobId: id, Attempt: job.Attempt, Entry: markettypes.EntryAt(at),
		MaxBond: sdk.NewCoin(params.Denom, params.BondOf(job)),
	}
}

// Disputed is what the answer to a job's open dispute must show of a trace with such roots.
func (n *Network) Disputed(id uint64, roots [][]byte) challenge.Trace {
	n.t.Helper()
	dispute := n.Job(id).Dispute
	require.NotNil(n.t, dispute)
	narrowed, err := n.Challenge(id, roots).Dispute(dispute.Number, dispute.Entry.Position())
	require.NoError(n.t, err)
	return narrowed
}

// AnswerMsg proves the disputed entry from a trace.
func (o *Operator) AnswerMsg(id uint64, trace *Trace) *markettypes.MsgAnswerDispute {
	n := o.network
	n.t.Helper()
	return o.AnswerWith(id, n.Proofs(n.Disputed(id, trace.Roots()), trace)[0])
}

// AnswerWith answers the open dispute by any bytes.
func (o *Operator) AnswerWith(id uint64, proof []byte) *markettypes.MsgAnswerDispute {
	job := o.network.Job(id)
	return &markettypes.MsgAnswerDispute{Worker: o.String(), JobId: id, Attempt: job.Attempt, Number: job.Dispute.Number, Proof: proof}
}

// Undrawn is the first entry of the first step that was neither drawn nor disputed.
func (n *Network) Undrawn(id uint64, trace *Trace) program.Position {
	n.t.Helper()
	taken, err := n.Challenge(id, trace.Roots()).Positions()
	require.NoError(n.t, err)
	for _, entry := range n.Job(id).Disputed {
		taken = append(taken, entry.Position())
	}
	shape := trace.Outputs[0].Shape
	for cell := range shape.Rows * shape.Cols {
		at := program.Position{Row: cell / shape.Cols, Col: cell % shape.Cols}
		if !contains(taken, at) {
			return at
		}
	}
	n.t.Fatal("every entry is drawn or disputed")
	return program.Position{}
}

func contains(list []program.Position, at program.Position) bool {
	for _, p := range list {
		if p == at {
			return true
		}
	}
	return false
}

// verdict names the line of the state table that the end of a dispute stands for; one that ended the attempt is told by its failure.
func (a *Audit) verdict(e *markettypes.EventDisputeClosed) {
	back := e.Resumes == markettypes.JOB_STATE_DELIVERED
	switch {
	case e.Verdict == markettypes.DISPUTE_VERDICT_REFUTED && back:
		a.Seen[lifecycle.RefuteDelivery]++
	case e.Verdict == markettypes.DISPUTE_VERDICT_REFUTED:
		a.Seen[lifecycle.Refute]++
	case e.Verdict == markettypes.DISPUTE_VERDICT_DROPPED && back:
		a.Seen[lifecycle.DropDelivery]++
	case e.Verdict == markettypes.DISPUTE_VERDICT_DROPPED:
		a.Seen[lifecycle.Drop]++
	}
}
