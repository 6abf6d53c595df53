package runner

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/journal"
	"github.com/assaychain/assay/x/market/replicas"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// replicated is a kind under the policy REPLICA: its results are committed to with a salt, which is part of the journalled trace.
type replicated struct{ Kind }

var _ Kind = replicated{}

// Replicated makes a kind serve the policy REPLICA.
func Replicated(kind Kind) Kind { return replicated{Kind: kind} }

// Policy is REPLICA.
func (replicated) Policy() markettypes.VerificationPolicy {
	return markettypes.VERIFICATION_POLICY_REPLICA
}

// audited is a kind under the policy AUDIT, whoever has the job first and whoever audits it: both commit with a salt.
type audited struct{ replicated }

var _ Kind = audited{}

// Audited makes a kind serve the policy AUDIT.
func Audited(kind Kind) Kind { return audited{replicated{Kind: kind}} }

// Policy is AUDIT.
func (audited) Policy() markettypes.VerificationPolicy { return markettypes.VERIFICATION_POLICY_AUDIT }

// Run computes, and draws the salt.
func (r replicated) Run(ctx context.Context, a Assignment) (Trace, error) {
	trace, err := r.Kind.Run(ctx, a)
	if err != nil {
		return trace, err
	}
	trace.Salt = make([]byte, program.SaltSize)
	if _, err := rand.Read(trace.Salt); err != nil {
		return Trace{}, fmt.Errorf("draw a salt: %w", err)
	}
	return trace, nil
}

// Commit hides the roots behind the salt.
func (r replicated) Commit(a Assignment, trace Trace) ([]byte, error) {
	commitment, err := program.ReplicaCommitment(a.Claim(), trace.Salt, trace.StepRoots)
	return commitment[:], err
}

// Show is what the result has at the place of a difference: the children of a node that hold rows, or a row.
func (d *Dense) Show(ctx context.Context, a Assignment, trace Trace, at *markettypes.Difference) ([][]byte, error) {
	shapes, err := a.Spec.Program.Shapes()
	if err != nil {
		return nil, err
	}
	if int(at.Step) >= len(shapes) || at.Level > tensor.Depth {
		return nil, fmt.Errorf("node asks for step %d at level %d: there is no such place", at.Step, at.Level)
	}
	outputs, err := d.outputsAgain(ctx, a, shapes, trace.StepRoots)
	if err != nil {
		return nil, err
	}
	output := outputs[at.Step]
	if at.Level == 0 {
		size := uint64(tensor.RowBytes(output.Shape))
		if leaves := output.Shape.Folded().Rows; at.Index >= leaves {
			return nil, fmt.Errorf("node asks for row %d of %d", at.Index, leaves)
		}
		return [][]byte{tensor.EncodeBlob(output)[uint64(at.Index)*size : uint64(at.Index+1)*size]}, nil
	}
	tree, err := blob.Tree(output)
	if err != nil {
		return nil, err
	}
	nodes := tree.Nodes(int(at.Level) - 1)
	var parts [][]byte
	for i := range replicas.Children(uint32(len(nodes)), at.Index) {
		parts = append(parts, tensor.EncodeRoot(nodes[at.Index*replicas.Width+i]))
	}
	if len(parts) == 0 {
		return nil, fmt.Errorf("node asks for the children of node %d at level %d, which holds no rows", at.Index, at.Level)
	}
	return parts, nil
}

// Place is where a difference is looked for.
type Place struct {
	// Number of the difference within the attempt, Level of what is compared.
	Number uint32 `json:"number"`
	Level  uint32 `json:"level"`
}

// ofDifference marks the number of an answer that proves an entry in which results differ, and not one that a watcher named.
const ofDifference = 1 << 31

// nextReplica decides what to do for a job that several operators compute, and this one stands for. What the chain has shown before is
// noted first, as everywhere; true when that, or the state, leaves nothing for the others to decide.
func nextReplica(p Progress, s Situation) (Action, bool) {
	switch own := *s.Replica; {
	case own.Committed() && !p.Committed:
		return ActNoteCommitted, true
	case own.Revealed() && !p.Revealed:
		return ActNoteRevealed, true
	case p.overtaken(s):
		return ActNoteShown, true
	case p.pastAnswer(s):
		return ActNoteAnswered, true
	}
	switch s.State {
	case markettypes.JOB_STATE_REPLICATING:
		return replicaTurn(p, s.Replica.Committed(), ActCommit), true
	case markettypes.JOB_STATE_REVEALING:
		return replicaTurn(p, s.Replica.Revealed(), ActReveal), true
	case markettypes.JOB_STATE_DIVERGED:
		return replicaTurn(p, !s.mustShow(), ActShow), true
	case markettypes.JOB_STATE_STANDING:
		return nextStanding(p, s), true
	case markettypes.JOB_STATE_JUDGING, markettypes.JOB_STATE_AUDITABLE:
		return ActWait, true
	}
	if s.Leads {
		return 0, false
	}
	// Another one answers for the same result: it is served by all.
	if s.State.Lifecycle().IsProven() && !p.Proven {
		return produce(p, ActNoteProven), true
	}
	return ActWait, true
}

// replicaTurn does what is this operator's turn to do, unless it is done or on its way.
func replicaTurn(p Progress, done bool, act Action) Action {
	switch {
	case done:
		return ActWait
	case p.Intent != nil:
		return ActResolve
	default:
		return produce(p, act)
	}
}

func nextStanding(p Progress, s Situation) Action {
	switch {
	case s.Replica.Answered || s.Difference == nil:
		return ActWait
	case p.Intent != nil:
		return ActResolve
	case p.Answer.Number != s.Difference.Number|ofDifference:
		return produce(p, ActAnswerDifference)
	default:
		return ActSubmitDifference
	}
}

// mustShow tells whether this operator's side of the difference is asked and nobody on it has shown anything.
func (s Situation) mustShow() bool {
	if s.Difference == nil {
		return false
	}
	side := s.Difference.Side(s.Replica.StepRoots)
	return side != nil && len(side.Shown) == 0
}

// overtaken tells whether what was meant to be shown is shown, or not asked for any more.
func (p Progress) overtaken(s Situation) bool {
	if p.Intent == nil || p.Intent.Purpose != journal.StepShowIntent {
		return false
	}
	at := p.Intent.Place
	return at == nil || s.State != markettypes.JOB_STATE_DIVERGED || !s.mustShow() ||
		at.Number != s.Difference.Number || at.Level != s.Difference.Level
}

// pastAnswer tells whether the answer to a difference that was meant to be sent is on the chain, or not asked for any more: the difference may be
// over, and the next one stand already, before this worker has looked again.
func (p Progress) pastAnswer(s Situation) bool {
	if !p.answering() || p.Answer.Number&ofDifference == 0 {
		return false
	}
	return s.Replica.Answered || s.State != markettypes.JOB_STATE_STANDING || s.Difference == nil || p.Answer.Number != s.Difference.Number|ofDifference
}

// reveal opens the commitment that the chain has of this operator. A worker that has lost what it committed to says so once and waits.
func (t *task) reveal(ctx context.Context, view chain.JobView) (bool, error) {
	kind, err := t.runner.config.Kinds.Kind(view.Spec.Policy)
	if err != nil {
		return false, err
	}
	own, err := kind.Commit(t.assignment(view), t.progress.Trace)
	if err != nil || !bytes.Equal(own, t.replica(view).Commitment) {
		if !t.speechless {
			t.speechless = true
			t.log.Error("the commitment on the chain can't be opened: the journal of its salt is lost, or another process uses the operator's grants; "+
				"the job is lost, and punished when its time is over", "error", err)
		}
		return false, nil
	}
	return true, t.send(ctx, journal.StepRevealIntent, &markettypes.MsgRevealResult{
		Worker: t.runner.config.Operator.String(), JobId: view.Job.Id, Attempt: view.Job.Attempt,
		StepRoots: t.progress.Trace.StepRoots, Salt: t.progress.Trace.Salt,
	})
}

// show shows what the result has where it differs from another one.
func (t *task) show(ctx context.Context, view chain.JobView) (bool, error) {
	kind, err := t.runner.config.Kinds.Kind(view.Spec.Policy)
	if err != nil {
		return false, err
	}
	at := view.Replicas.Difference
	parts, err := kind.Show(ctx, t.assignment(view), t.progress.Trace, at)
	if errors.Is(err, ErrWithheld) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("show difference %d: %w", at.Number, err)
	}
	message := t.runner.config.Sender.OnBehalf(&markettypes.MsgShowDifference{
		Worker: t.runner.config.Operator.String(), JobId: view.Job.Id, Attempt: view.Job.Attempt,
		Number: at.Number, Level: at.Level, Parts: parts,
	})
	return true, t.dispatch(journal.StepShowIntent, func(record func(Intent) error) error {
		_, err := t.runner.config.Sender.Send(ctx, func(signed chain.SignedTx) error {
			return record(Intent{Tx: signed, Place: &Place{Number: at.Number, Level: at.Level}})
		}, message)
		return err
	})
}

// answerDifference proves the entry in which results differ.
func (t *task) answerDifference(ctx context.Context, view chain.JobView) (bool, error) {
	a := t.assignment(view)
	commitment, err := program.CommitmentHash(a.Claim(), t.progress.Trace.StepRoots)
	if err != nil {
		return false, err
	}
	d := view.Replicas.Difference
	if d.Entry == nil {
		return false, errors.New("node shows no entry to be proven")
	}
	dispute := &markettypes.Dispute{Number: d.Number, Entry: *d.Entry, Challenger: "another operator"}
	challenge := Challenge{Seed: program.ReplicaSeed(a.Claim(), commitment), Dispute: dispute}
	return t.proveEntry(ctx, view, challenge, d.Number|ofDifference)
}

// replica is this operator's part in a job that several compute; empty when it has none.
func (t *task) replica(view chain.JobView) markettypes.Replica {
	if i := view.Replicas.Of(t.runner.config.Operator.String()); i >= 0 {
		return view.Replicas.Replicas[i]
	}
	return markettypes.Replica{}
}

// mine tells whether the attempt is the job's present one and this operator's.
func (t *task) mine(view chain.JobView) bool {
	operator := t.runner.config.Operator.String()
	if view.Job.Attempt != t.progress.Attempt {
		return false
	}
	return view.Job.Worker == operator || (view.Job.Replicas > 0 && view.Replicas.Of(operator) >= 0)
}

// situation is what the chain says of the job.
func (t *task) situation(view chain.JobView, mine bool) Situation {
	s := Situation{State: view.Job.State, Mine: mine, Dispute: view.Job.Dispute}
	if view.Job.Replicas > 0 && mine {
		own := t.replica(view)
		s.Replica, s.Difference, s.Leads = &own, view.Replicas.Difference, view.Job.Worker == own.Worker
	}
	return s
}
