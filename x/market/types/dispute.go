package types

import (
	"strings"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/proofs/program"
)

// Position is the entry as programs name it.
func (e Entry) Position() program.Position {
	return program.Position{Step: e.Step, Row: e.Row, Col: e.Col}
}

// EntryAt is a position as messages name it.
func EntryAt(p program.Position) Entry { return Entry{Step: p.Step, Row: p.Row, Col: p.Col} }

// BondTerms are what the bond of a dispute depends on.
func (p Params) BondTerms() lifecycle.BondTerms {
	return lifecycle.BondTerms{Min: p.MinDisputeBond, PriceBps: p.DisputeBondBps}
}

// validateDisputes refuses terms under which a worker could wear the disputes of a false result out for less than the job pays.
func (p Params) validateDisputes() error {
	if cost := lifecycle.WornOutBps(p.MaxDisputes, p.DisputeBondBps, p.DisputeWorkerBps); cost < wholeBps {
		return ErrParams.Wrapf("max_disputes, dispute_bond_bps and dispute_worker_bps let a worker lose all disputes to itself for %d "+
			"basis points of the job's price: it must be at least %d", cost, wholeBps)
	}
	return nil
}

// ValidateBasic checks what can be checked without state.
func (m *MsgDisputeResult) ValidateBasic() error {
	if err := m.MaxBond.Validate(); err != nil {
		return ErrBond.Wrapf("max_bond: %s", err)
	}
	return validateAddress("challenger", m.Challenger)
}

// ValidateBasic checks what can be checked without state.
func (m *MsgAnswerDispute) ValidateBasic() error {
	if len(m.Proof) == 0 || len(m.Proof) > AnswerBytesLimit {
		return ErrAnswer.Wrapf("proof has %d bytes: it must have 1 to %d", len(m.Proof), AnswerBytesLimit)
	}
	return validateAddress("worker", m.Worker)
}

// AnswerBytesLimit bounds the proof of one entry; each level of assurance knows its own length.
const AnswerBytesLimit = 64 << 10

// deliveredOrBack tells whether the job's sealed output is kept: while it may be contested, or may be again after a dispute.
func (j Job) deliveredOrBack() bool {
	if j.Dispute != nil {
		return j.Dispute.Resumes == JOB_STATE_DELIVERED
	}
	return j.State.Lifecycle().HoldsSealed()
}

// validateDispute refuses a dispute that doesn't fit the job's state.
func (j Job) validateDispute(state lifecycle.State) error {
	if (j.Dispute != nil) != state.HoldsDispute() {
		return ErrGenesis.Wrapf("dispute given: %t, while %s", j.Dispute != nil, state)
	}
	if len(j.Disputed) > lifecycle.MaxDisputesLimit {
		return ErrGenesis.Wrapf("disputed has %d entries: at most %d", len(j.Disputed), lifecycle.MaxDisputesLimit)
	}
	if len(j.Disputed) > 0 && !state.HoldsProofs() && state != lifecycle.Closed {
		return ErrGenesis.Wrapf("disputed has %d entries while %s", len(j.Disputed), state)
	}
	if j.Dispute == nil {
		return nil
	}
	return j.Dispute.validate(j.Disputed)
}

func (d Dispute) validate(disputed []Entry) error {
	if err := validateAddress("dispute.challenger", d.Challenger); err != nil {
		return err
	}
	if d.Bond.IsNil() || !d.Bond.IsPositive() {
		return ErrGenesis.Wrap("dispute.bond must be positive")
	}
	if !d.Resumes.Lifecycle().Disputable() {
		return ErrGenesis.Wrapf("dispute.resumes is %s, which is never disputed", d.Resumes)
	}
	if n := len(disputed); n == 0 || int(d.Number) != n || disputed[n-1] != d.Entry {
		return ErrGenesis.Wrapf("dispute %d is not the last of %d disputed entries", d.Number, n)
	}
	return nil
}

// validateDisputes refuses disputed entries that the program does not have, and an answer without its question.
func (e JobEntry) validateDisputes() error {
	for _, entry := range e.Job.Disputed {
		if err := program.CheckPosition(e.Spec.Program, entry.Position()); err != nil {
			return ErrGenesis.Wrapf("disputed: %s", err)
		}
	}
	state := e.Job.State.Lifecycle()
	if (len(e.Answer) > 0) != (state == lifecycle.Answered) {
		return ErrGenesis.Wrapf("answer of %d bytes while %s", len(e.Answer), state)
	}
	return nil
}

// Word names a verdict as people read it: "refuted".
func (v DisputeVerdict) Word() string {
	return strings.ToLower(strings.TrimPrefix(v.String(), "DISPUTE_VERDICT_"))
}

// BondOf is the bond of the job's next dispute.
func (p Params) BondOf(job Job) math.Int {
	return lifecycle.Bond(uint32(len(job.Disputed))+1, job.Price, p.BondTerms())
}
