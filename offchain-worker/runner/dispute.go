package runner

import (
	"context"
	"errors"
	"fmt"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/journal"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/interpreter"
	"github.com/assaychain/assay/x/proofs/program"
)

// ErrWrongEntry tells that a disputed entry is not what the program gives: it can't be proven, and the dispute is lost.
var ErrWrongEntry = errors.New("the disputed entry is wrong")

// Answer is the journalled proof of a disputed entry.
type Answer struct {
	// Number of the dispute within the attempt, from 1; of a difference of several operators' results, with the highest bit set.
	Number uint32 `json:"number"`
	Proof  []byte `json:"proof,omitempty"`
}

// answering tells whether the end of an answer is unknown.
func (p Progress) answering() bool {
	return p.Intent != nil && p.Intent.Purpose == journal.StepAnswerIntent
}

// nextDisputed decides what to do about an open dispute. What the chain has shown before is noted first, as everywhere.
func nextDisputed(p Progress, s Situation) Action {
	switch {
	case !p.Proven:
		return produce(p, ActNoteProven)
	case s.Dispute.Resumes == markettypes.JOB_STATE_DELIVERED && !p.Delivered:
		return ActNoteDelivered
	case p.answering() && p.Answer.Number != s.Dispute.Number:
		return ActNoteAnswered
	case p.Intent != nil:
		return ActResolve
	case p.Answer.Number != s.Dispute.Number:
		return produce(p, ActAnswer)
	default:
		return ActSubmitAnswer
	}
}

// answer proves the disputed entry. A worker that finds its own entry wrong says so once and waits: no proof of it exists.
func (t *task) answer(ctx context.Context, view chain.JobView) (bool, error) {
	if len(view.Job.Seed) != 32 {
		return false, fmt.Errorf("challenge seed has %d bytes, must have 32", len(view.Job.Seed))
	}
	dispute := view.Job.Dispute
	return t.proveEntry(ctx, view, Challenge{Seed: [32]byte(view.Job.Seed), Dispute: dispute}, dispute.Number)
}

// proveEntry proves an entry that is asked for by name, and journals the proof under a number.
func (t *task) proveEntry(ctx context.Context, view chain.JobView, challenge Challenge, number uint32) (bool, error) {
	kind, err := t.runner.config.Kinds.Kind(view.Spec.Policy)
	if err != nil {
		return false, err
	}
	dispute := challenge.Dispute
	release, err := t.runner.lane(ctx)
	if err != nil {
		return false, err
	}
	defer release()
	start := t.runner.config.Now()
	proofs, err := kind.Prove(ctx, t.assignment(view), t.progress.Trace, challenge)
	switch {
	case errors.Is(err, ErrWithheld):
		return false, nil
	case errors.Is(err, ErrWrongEntry):
		t.confess(dispute, err)
		return false, nil
	case err != nil:
		return false, fmt.Errorf("answer dispute %d: %w", dispute.Number, err)
	case len(proofs) != 1:
		return false, fmt.Errorf("answer dispute %d: %d proofs, must be 1", dispute.Number, len(proofs))
	}
	return true, t.record(journal.StepAnswerProved, Answer{Number: number, Proof: proofs[0]}, t.runner.config.Now().Sub(start))
}

// confess logs once for each dispute that it is lost.
func (t *task) confess(dispute *markettypes.Dispute, err error) {
	if t.confessed == dispute.Number {
		return
	}
	t.confessed = dispute.Number
	t.log.Error("a disputed entry of the committed result is wrong: this dispute is lost, and the bond is slashed when its time is over; "+
		"find out what computed it before you take more jobs", "dispute", dispute.Number, "step", dispute.Entry.Step,
		"row", dispute.Entry.Row, "col", dispute.Entry.Col, "challenger", dispute.Challenger, "error", err)
}

func (t *task) submitAnswer(ctx context.Context, view chain.JobView) error {
	return t.send(ctx, journal.StepAnswerIntent, &markettypes.MsgAnswerDispute{
		Worker: t.runner.config.Operator.String(), JobId: view.Job.Id, Attempt: view.Job.Attempt,
		Number: t.progress.Answer.Number &^ ofDifference, Proof: t.progress.Answer.Proof,
	})
}

// noteAnswered journals that an answer is on the chain.
func (t *task) noteAnswered() error {
	return t.record(journal.StepAnswered, Answer{Number: t.progress.Answer.Number}, 0)
}

// narrow turns the evidence of a result into that of a disputed entry, and refuses one that is wrong.
func (e Evidence) narrow(dispute *markettypes.Dispute) (Evidence, error) {
	trace, err := e.Trace.Dispute(dispute.Number, dispute.Entry.Position())
	if err != nil {
		return Evidence{}, err
	}
	e.Trace = trace
	openings, err := e.Openings()
	if err != nil {
		return Evidence{}, err
	}
	return e, openings[0].check(&trace.Program.Steps[dispute.Entry.Step])
}

// check recomputes an entry and compares it with the committed one.
func (o Opening) check(step *program.DenseStep) error {
	row, col, k := int(o.Statement.Row), int(o.Statement.Col), int(o.Statement.K)
	right := interpreter.Entry(o.X.Int8[row*k:(row+1)*k], interpreter.Channel{
		Weights: o.W.Int8[col*k : (col+1)*k], Bias: o.W.Bias[col], Multiplier: o.W.Multiplier[col],
	}, step)
	own, cell := int32(0), row*int(o.Y.Cols)+col
	if len(o.Y.Int32) > 0 {
		own = o.Y.Int32[cell]
	} else {
		own = int32(o.Y.Int8[cell])
	}
	if own != right {
		return fmt.Errorf("%w: committed to %d, the program gives %d", ErrWrongEntry, own, right)
	}
	return nil
}
