package runner

import (
	"encoding/json"
	"fmt"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/journal"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// Progress is what the journal says of one attempt at a job.
type Progress struct {
	Job     uint64
	Attempt uint32

	// Assigned is whether the attempt is in the journal at all.
	Assigned  bool
	Fetched   bool
	Executed  bool
	Trace     Trace
	Committed bool
	Sampled   bool
	Proofs    [][]byte
	Proven    bool
	Delivered bool
	// Sealing is of the last box that was made for relays, HandedOver whether one was handed over.
	Sealing    Sealing
	HandedOver bool
	// Revealed is whether the result is on the chain that several operators compute.
	Revealed bool
	Reported bool
	Done     bool
	// Answer is the proof of the last disputed entry that was proven.
	Answer Answer
	// Intent is the transaction that was meant to be sent and of which the end is not known.
	Intent *Intent
}

// Intent is a journalled transaction.
type Intent struct {
	Purpose journal.Step   `json:"-"`
	Tx      chain.SignedTx `json:"tx"`
	// With are the attempts whose answers the transaction carries, if they are several. Each has an entry of its own, but a worker may
	// die between two of them: the first counts for all.
	With []Member `json:"with,omitempty"`
	// Place is what the transaction shows of a difference, if it does.
	Place *Place `json:"place,omitempty"`
}

// Member is an attempt at a job.
type Member struct {
	Job     uint64 `json:"job"`
	Attempt uint32 `json:"attempt"`
}

type proofsData struct {
	Proofs [][]byte `json:"proofs"`
}

// Apply takes one journalled step in.
func (p *Progress) Apply(entry journal.Entry) error {
	p.Job, p.Attempt, p.Assigned = entry.Job, entry.Attempt, true
	switch entry.Step {
	case journal.StepFetched:
		p.Fetched = true
	case journal.StepExecuted:
		p.Executed = true
		return p.read(entry, &p.Trace)
	case journal.StepProved:
		var data proofsData
		err := p.read(entry, &data)
		p.Proofs = data.Proofs
		return err
	case journal.StepAnswerProved:
		return p.read(entry, &p.Answer)
	case journal.StepBoxed:
		return p.read(entry, &p.Sealing)
	case journal.StepCommitIntent, journal.StepProveIntent, journal.StepDeliverIntent, journal.StepReportIntent,
		journal.StepAnswerIntent, journal.StepHandOverIntent, journal.StepOpenIntent,
		journal.StepRevealIntent, journal.StepShowIntent:
		p.Intent = &Intent{Purpose: entry.Step}
		p.Reported = p.Reported || entry.Step == journal.StepReportIntent
		return p.read(entry, p.Intent)
	default:
		p.mark(entry.Step)
	}
	return nil
}

// mark takes a step without data in. Each of those after an intent ends it.
func (p *Progress) mark(step journal.Step) {
	switch step {
	case journal.StepSampled:
		p.Sampled = true
	case journal.StepCommitted:
		p.Committed, p.Intent = true, nil
	case journal.StepProven:
		p.Proven, p.Intent = true, nil
	case journal.StepDelivered:
		p.Delivered, p.Intent = true, nil
	case journal.StepHandedOver:
		p.HandedOver, p.Intent = true, nil
	case journal.StepRevealed:
		p.Revealed, p.Intent = true, nil
	case journal.StepTxFailed, journal.StepAnswered, journal.StepShown:
		p.Intent = nil
	case journal.StepDone:
		p.Done, p.Intent = true, nil
	}
}

func (p *Progress) read(entry journal.Entry, into any) error {
	if err := json.Unmarshal(entry.Data, into); err != nil {
		return fmt.Errorf("journal entry %d (%s of job %d): %w", entry.Seq, entry.Step, entry.Job, err)
	}
	return nil
}

// Action is the next thing to do for an attempt.
type Action int

// The actions.
const (
	// ActWait does nothing until the chain's state changes.
	ActWait Action = iota
	ActFetch
	ActExecute
	ActCommit
	// ActResolve finds out what became of the intent.
	ActResolve
	ActNoteCommitted
	ActNoteSampled
	ActProve
	ActSubmitProof
	ActNoteProven
	ActDeliver
	ActNoteDelivered
	ActAnswer
	ActSubmitAnswer
	ActNoteAnswered
	ActHandOver
	ActNoteHandedOver
	ActOpen
	ActReveal
	ActNoteRevealed
	ActShow
	ActNoteShown
	ActAnswerDifference
	ActSubmitDifference
	ActFinish
)

// Situation is what the chain says of a job, as far as it decides what to do.
type Situation struct {
	State markettypes.JobState
	// Mine is whether the attempt is the job's present one and this operator's.
	Mine bool
	// Dispute is the open one, while the job is disputed.
	Dispute *markettypes.Dispute
	// Replica is this operator's part in a job that several compute, Leads whether it answers for their result, and Difference where
	// two results differ; nil and false otherwise.
	Replica    *markettypes.Replica
	Leads      bool
	Difference *markettypes.Difference
}

// Next decides what to do: the journal says what this worker has done, the chain what counts. It is a pure function.
func Next(p Progress, s Situation) Action {
	if !s.Mine || s.State == markettypes.JOB_STATE_CLOSED {
		return ActFinish
	}
	if s.Replica != nil {
		if action, decided := nextReplica(p, s); decided {
			return action
		}
	}
	if s.State != markettypes.JOB_STATE_DISPUTED && p.answering() {
		return ActNoteAnswered
	}
	switch s.State {
	case markettypes.JOB_STATE_ASSIGNED:
		if p.Intent != nil {
			return ActResolve
		}
		return produce(p, ActCommit)
	case markettypes.JOB_STATE_COMMITTED:
		if !p.Committed {
			return ActNoteCommitted
		}
		// A worker that lost its journal computes again, so as to be ready when the round comes.
		return produce(p, ActWait)
	case markettypes.JOB_STATE_SAMPLED:
		return nextSampled(p)
	case markettypes.JOB_STATE_PROVEN:
		return produce(p, after(p.Proven, ActNoteProven, ActWait))
	case markettypes.JOB_STATE_CLAIMED:
		return nextAnswer(p, ActDeliver)
	case markettypes.JOB_STATE_DELIVERED:
		return after(p.Delivered, ActNoteDelivered, ActWait)
	case markettypes.JOB_STATE_DISPUTED:
		if s.Dispute == nil {
			return ActWait
		}
		return nextDisputed(p, s)
	case markettypes.JOB_STATE_DRAWING:
		// A hand-over may be on its way that a second claim or another draw has overtaken.
		if p.Intent != nil {
			return ActResolve
		}
		return produce(p, after(p.Proven, ActNoteProven, ActWait))
	case markettypes.JOB_STATE_RELAYING:
		return nextAnswer(p, ActHandOver)
	case markettypes.JOB_STATE_HANDED_OVER:
		return after(p.HandedOver && p.Intent == nil, ActNoteHandedOver, ActWait)
	case markettypes.JOB_STATE_CONTESTED:
		return nextContested(p)
	default:
		return ActWait
	}
}

func nextSampled(p Progress) Action {
	switch {
	case !p.Committed:
		return ActNoteCommitted
	case !p.Sampled:
		return ActNoteSampled
	case p.Intent != nil:
		return ActResolve
	case p.Proofs == nil:
		return produce(p, ActProve)
	default:
		return ActSubmitProof
	}
}

// nextAnswer answers a claim.
func nextAnswer(p Progress, answer Action) Action {
	switch {
	case !p.Proven:
		return produce(p, ActNoteProven)
	case p.Intent != nil:
		return ActResolve
	default:
		return produce(p, answer)
	}
}

func nextContested(p Progress) Action {
	switch {
	case !p.Delivered:
		return ActNoteDelivered
	case p.Intent != nil:
		return ActResolve
	default:
		return produce(p, ActOpen)
	}
}

// produce is then once the outputs are there, and what is missing for them before.
func produce(p Progress, then Action) Action {
	switch {
	case !p.Executed && !p.Fetched:
		return ActFetch
	case !p.Executed:
		return ActExecute
	default:
		return then
	}
}

func after(done bool, first, then Action) Action {
	if done {
		return then
	}
	return first
}
