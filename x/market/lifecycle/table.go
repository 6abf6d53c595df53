package lifecycle

import (
	"fmt"
	"strings"
)

// Event is something that happens to a job.
type Event uint8

// The events, by the state in which they may happen.
const (
	// Assign gives an open job to a device.
	Assign Event = iota + 1
	// Cancel is the customer's wish.
	Cancel
	// Expire ends an open job whose deadline leaves no time for an attempt.
	Expire
	// Exhaust ends an open job that has used up its attempts.
	Exhaust
	// GiveUp ends an open job whose inputs two workers could not fetch.
	GiveUp
	// Commit is a commitment in time.
	Commit
	// MissCommit is a deadline without a commitment.
	MissCommit
	// ReportInputs is a worker's report that an input can't be fetched.
	ReportInputs
	// Refix makes a committed job wait for a round of the beacon that replaced its own.
	Refix
	// Sample is the posting of the round.
	Sample
	// Prove hands in well-formed proofs in time.
	Prove
	// MissProof is a deadline without proofs.
	MissProof
	// Accept finds all proofs valid.
	Accept
	// Reject finds a proof invalid.
	Reject
	// Abandon gives up a verification that failed inside the chain, time and again.
	Abandon
	// Settle is the end of the dispute window.
	Settle
	// Claim is the customer's word that the result did not arrive.
	Claim
	// Deliver puts the sealed result on the chain in time.
	Deliver
	// MissDelivery is a deadline without the sealed result.
	MissDelivery
	// Uncontested is the end of the time to contest a delivery.
	Uncontested
	// Genuine is a contest that finds the proven result.
	Genuine
	// Falsified is a contest that finds anything else.
	Falsified
	// Dispute names an entry of a proven result that is wrong.
	Dispute
	// Answer hands in a well-formed proof of that entry in time.
	Answer
	// MissAnswer is a deadline without one.
	MissAnswer
	// Convict finds the proof invalid.
	Convict
	// Refute finds the proof valid, RefuteDelivery that of a job whose delivery may be contested: the job goes back to where it stood.
	Refute
	RefuteDelivery
	// Drop and DropDelivery give up a verification that failed inside the chain, time and again: the job goes back likewise.
	Drop
	DropDelivery
	// Question is a contest that an opening of the worker's commitment decides.
	Question
	// AnswerGenuine is an opening that shows the delivered result.
	AnswerGenuine
	// AnswerFalse is an opening that shows another one.
	AnswerFalse
	// MissOpening is a deadline without an opening.
	MissOpening
)

var eventNames = [...]string{
	"", "assign", "cancel", "expire", "exhaust", "give up", "commit", "miss commit", "report inputs", "refix", "sample",
	"prove", "miss proof", "accept", "reject", "abandon", "settle", "claim", "deliver", "miss delivery", "uncontested",
	"genuine", "falsified", "dispute", "answer", "miss answer", "convict", "refute", "refute delivery", "drop", "drop delivery",
	"question", "answer genuine", "answer false", "miss opening",
}

// Events are all events in their order.
func Events() []Event {
	events := make([]Event, 0, len(eventNames))
	for e := Assign; int(e) < len(eventNames); e++ {
		events = append(events, e)
	}
	return append(append(append(events, relayEvents()...), replicaEvents()...), auditEvents()...)
}

// String names the event as the documentation does.
func (e Event) String() string {
	if name := relayEventName(e); name != "" {
		return name
	}
	if name := replicaEventName(e) + auditEventName(e); name != "" {
		return name
	}
	if int(e) >= len(eventNames) || e == 0 {
		return "unknown"
	}
	return eventNames[e]
}

// Actor is who brings an event about.
type Actor string

// The actors. Chain events come by themselves in a block; what they wait for is time, or a governance act.
const (
	ByChain    Actor = "chain"
	ByCustomer Actor = "customer"
	ByWorker   Actor = "worker"
	ByBeacon   Actor = "beacon"
	ByWatcher  Actor = "watcher"
)

// Transition is one line of the table.
type Transition struct {
	From  State
	Event Event
	By    Actor
	To    State
	// Offence the worker is punished for.
	Offence Offence
	// Failure ends the attempt and keeps the worker from getting the job again.
	Failure Failure
	// Reason of closing, when To is Closed.
	Reason Reason
}

// table is the whole state machine. An attempt that fails leads to Open; whether the job can go on from there is decided at
// once, by the events Exhaust, Expire and GiveUp.
var table = append(append(jobTable, replicaTable...), auditTable...)

// jobTable is the part that jobs of one operator at a time walk.
var jobTable = []Transition{
	{From: Open, Event: Assign, By: ByChain, To: Assigned},
	{From: Open, Event: Cancel, By: ByCustomer, To: Closed, Reason: Cancelled},
	{From: Open, Event: Expire, By: ByChain, To: Closed, Reason: Expired},
	{From: Open, Event: Exhaust, By: ByChain, To: Closed, Reason: AttemptsExhausted},
	{From: Open, Event: GiveUp, By: ByChain, To: Closed, Reason: InputsUnavailable},
	{From: Assigned, Event: Commit, By: ByWorker, To: Committed},
	{From: Assigned, Event: MissCommit, By: ByChain, To: Open, Offence: MissedCommit, Failure: CommitLate},
	{From: Assigned, Event: ReportInputs, By: ByWorker, To: Open, Failure: InputUnavailable},
	{From: Committed, Event: Refix, By: ByChain, To: Committed},
	{From: Committed, Event: Sample, By: ByBeacon, To: Sampled},
	{From: Sampled, Event: Prove, By: ByWorker, To: Verifying},
	{From: Sampled, Event: MissProof, By: ByChain, To: Open, Offence: MissingProof, Failure: ProofLate},
	{From: Verifying, Event: Accept, By: ByChain, To: Proven},
	{From: Verifying, Event: Reject, By: ByChain, To: Open, Offence: WrongResult, Failure: ProofInvalid},
	{From: Verifying, Event: Abandon, By: ByChain, To: Open, Failure: Unverifiable},
	{From: Proven, Event: Settle, By: ByChain, To: Closed, Reason: Settled},
	{From: Proven, Event: Claim, By: ByCustomer, To: Claimed},
	{From: Claimed, Event: Deliver, By: ByWorker, To: Delivered},
	{From: Claimed, Event: MissDelivery, By: ByChain, To: Closed, Offence: UndeliveredResult, Reason: Undelivered},
	{From: Delivered, Event: Uncontested, By: ByChain, To: Closed, Reason: Settled},
	{From: Delivered, Event: Genuine, By: ByCustomer, To: Closed, Reason: Settled},
	{From: Delivered, Event: Falsified, By: ByCustomer, To: Closed, Offence: FalseDelivered, Reason: FalseDelivery},
	{From: Proven, Event: Dispute, By: ByWatcher, To: Disputed},
	{From: Delivered, Event: Dispute, By: ByWatcher, To: Disputed},
	{From: Disputed, Event: Answer, By: ByWorker, To: Answered},
	{From: Disputed, Event: MissAnswer, By: ByChain, To: Open, Offence: LostDispute, Failure: DisputeUnanswered},
	{From: Answered, Event: Convict, By: ByChain, To: Open, Offence: LostDispute, Failure: DisputeLost},
	{From: Answered, Event: Refute, By: ByChain, To: Proven},
	{From: Answered, Event: RefuteDelivery, By: ByChain, To: Delivered},
	{From: Answered, Event: Drop, By: ByChain, To: Proven},
	{From: Answered, Event: DropDelivery, By: ByChain, To: Delivered},
	{From: Proven, Event: ClaimRelayed, By: ByCustomer, To: Drawing},
	{From: Drawing, Event: Refix, By: ByChain, To: Drawing},
	{From: Drawing, Event: DrawRelays, By: ByBeacon, To: Relaying},
	{From: Drawing, Event: LackRelays, By: ByBeacon, To: Proven},
	{From: Drawing, Event: LoseRelays, By: ByBeacon, To: Closed, Reason: Undelivered},
	{From: Relaying, Event: HandOver, By: ByWorker, To: HandedOver},
	{From: Relaying, Event: Redraw, By: ByChain, To: Drawing},
	{From: Relaying, Event: MissDelivery, By: ByChain, To: Closed, Offence: UndeliveredResult, Reason: Undelivered},
	{From: HandedOver, Event: ClaimRelayed, By: ByCustomer, To: Drawing},
	{From: HandedOver, Event: Uncontested, By: ByChain, To: Closed, Reason: Settled},
	{From: HandedOver, Event: Falsified, By: ByCustomer, To: Closed, Offence: FalseDelivered, Reason: FalseDelivery},
	{From: Delivered, Event: Question, By: ByCustomer, To: Contested},
	{From: Contested, Event: AnswerGenuine, By: ByWorker, To: Closed, Reason: Settled},
	{From: Contested, Event: AnswerFalse, By: ByWorker, To: Closed, Offence: FalseDelivered, Reason: FalseDelivery},
	{From: Contested, Event: MissOpening, By: ByChain, To: Closed, Offence: FalseDelivered, Reason: FalseDelivery},
}

// Table is a copy of the state machine, line by line.
func Table() []Transition {
	return append([]Transition(nil), table...)
}

// Next finds the transition of an event in a state; it wraps ErrRefused when there is none.
func Next(from State, event Event) (Transition, error) {
	for _, t := range table {
		if t.From == from && t.Event == event {
			return t, nil
		}
	}
	return Transition{}, fmt.Errorf("%w: %s while %s", ErrRefused, event, from)
}

// FreesLane tells whether the transition gives the device's lane back.
func (t Transition) FreesLane() bool { return t.From.HoldsLane() && !t.To.HoldsLane() }

// FreesExposure tells whether the transition unlocks the worker's bond.
func (t Transition) FreesExposure() bool { return t.From.HoldsExposure() && !t.To.HoldsExposure() }

// Markdown renders the table for the module's specification.
func Markdown() string {
	var b strings.Builder
	b.WriteString("| from | event | by | to | attempt fails as | offence | closes as |\n|---|---|---|---|---|---|---|\n")
	for _, t := range table {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n", t.From, t.Event, t.By, t.To, t.Failure, t.Offence, t.Reason)
	}
	return b.String()
}
