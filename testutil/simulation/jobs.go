package simulation

import (
	"bytes"
	"time"

	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/verify"
)

// character is how a worker treats an attempt.
type character int

const (
	honest character = iota
	idle
	unproven
	lying
	malformed
	reporting
	characters
)

// claim is how a proven job's end goes.
type claim int

const (
	unclaimed claim = iota
	unanswered
	answered
	contested
	falsified
	claims
)

// character draws how the worker of an attempt behaves, once: mostly honestly.
func (w *World) character(job markettypes.Job) character {
	key := [2]uint64{job.Id, uint64(job.Attempt)}
	if _, known := w.characters[key]; !known {
		w.characters[key] = honest
		if w.chance(40) {
			w.characters[key] = character(w.r.IntN(int(characters)))
		}
	}
	return w.characters[key]
}

// claim draws how a job's end goes, once. Few jobs come to their end, so that the kinds take turns from a drawn one on.
func (w *World) claim(id uint64) claim {
	if _, known := w.claims[id]; !known {
		if len(w.claims) == 0 {
			w.firstClaim = w.r.IntN(int(claims))
		}
		w.claims[id] = claim((w.firstClaim + len(w.claims)) % int(claims))
	}
	return w.claims[id]
}

// work does what workers and customers do about the jobs that are not closed.
func (w *World) work() {
	w.t.Helper()
	for _, job := range w.active() {
		switch job.State {
		case markettypes.JOB_STATE_ASSIGNED:
			w.assigned(job)
		case markettypes.JOB_STATE_SAMPLED:
			w.sampled(job)
		case markettypes.JOB_STATE_PROVEN:
			w.proven(job)
		case markettypes.JOB_STATE_CLAIMED:
			w.claimed(job)
		case markettypes.JOB_STATE_DELIVERED:
			w.delivered(job)
		}
	}
}

func (w *World) assigned(job markettypes.Job) {
	o := w.operator(job.Worker)
	switch w.character(job) {
	case idle:
	case reporting:
		w.do("report inputs", o.Account, o.ReportMsg(job.Id))
	case lying:
		w.do("commit to lie", o.Account, o.CommitMsg(job.Id, o.Trace(job.Id).Corrupt(w.t)))
	default:
		if w.chance(70) {
			w.do("commit", o.Account, o.CommitMsg(job.Id, o.Trace(job.Id)))
		}
	}
}

func (w *World) sampled(job markettypes.Job) {
	o := w.operator(job.Worker)
	trace := o.Trace(job.Id)
	switch w.character(job) {
	case unproven:
	case lying:
		// Any well-formed proof will do, since none can be made.
		proofs := w.Proofs(w.Challenge(job.Id, trace.Roots()), trace)
		w.do("prove lie", o.Account, o.Answer(job.Id, trace.Corrupt(w.t).Roots(), proofs))
	case malformed:
		w.do("malformed proof", o.Account, o.Answer(job.Id, trace.Roots(), [][]byte{bytes.Repeat([]byte{0xff}, verify.ProofSize)}))
		w.characters[[2]uint64{job.Id, uint64(job.Attempt)}] = honest
	default:
		w.do("prove", o.Account, o.ProveMsg(job.Id, trace))
	}
}

func (w *World) proven(job markettypes.Job) {
	if c := w.customer(job.Customer); w.claim(job.Id) != unclaimed {
		w.do("claim", c.Account, c.ClaimMsg(job.Id))
	}
}

func (w *World) claimed(job markettypes.Job) {
	o := w.operator(job.Worker)
	result := o.Trace(job.Id)
	switch w.claim(job.Id) {
	case unanswered:
		return
	case falsified:
		result = result.Corrupt(w.t)
	}
	w.do("deliver", o.Account, o.DeliverMsg(job.Id, result.Result()))
}

func (w *World) delivered(job markettypes.Job) {
	c := w.customer(job.Customer)
	if how := w.claim(job.Id); how == contested || how == falsified {
		w.do("contest", c.Account, c.ContestMsg(job.Id))
	}
}

// submit posts a job, sometimes one that has to wait or that is refused.
func (w *World) submit() {
	w.t.Helper()
	c := pick(w, w.Customers)
	message := c.SubmitMsg(c.Spec(pick(w, w.works), 1))
	kind := "submit"
	if w.chance(30) {
		kind, message.Spec.Assurance = "submit revealed", markettypes.ASSURANCE_REVEALED
	}
	switch n := w.r.IntN(20); {
	case n == 0:
		kind, message.Deadline = "submit in the past", w.Now()
	case n == 1:
		kind, message.MaxPrice.Amount = "submit too cheap", message.MaxPrice.Amount.QuoRaw(10)
	case n == 2:
		kind, message.Spec.Inputs = "submit incomplete", message.Spec.Inputs[1:]
	case n < 6:
		kind, message.Spec.Requirements.Operators = "submit unplaceable", []string{message.Customer}
		message.Deadline = w.Now().Add(time.Duration(3+w.r.IntN(20)) * time.Minute)
	}
	w.do(kind, c.Account, message)
}

// cancel takes a job back, whoever's it is.
func (w *World) cancel() {
	w.t.Helper()
	jobs := w.active()
	if len(jobs) == 0 {
		return
	}
	job := pick(w, jobs)
	c := w.customer(job.Customer)
	if w.chance(20) {
		c = pick(w, w.Customers)
	}
	w.do("cancel", c.Account, c.CancelMsg(job.Id))
}
