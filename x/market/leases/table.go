package leases

import (
	"fmt"
	"strings"
)

// Event is something that happens to a lease.
type Event uint8

// The events.
const (
	// Activate begins a lease: the device is the customer's.
	Activate Event = iota + 1
	// Extend moves the end of the window.
	Extend
	// Cancel takes a reservation back long before its start.
	Cancel
	// CancelLate takes it back shortly before.
	CancelLate
	// Decline takes the offer back long before the start.
	Decline
	// DeclineLate takes it back shortly before.
	DeclineLate
	// MissStart ends a reservation whose operator could not hand the device over.
	MissStart
	// MissInJail ends one whose operator is in jail.
	MissInJail
	// StayBusy ends one whose device still had jobs when the grace was over, which no operator can help.
	StayBusy
	// Lapse ends one whose window passed while the chain stood still.
	Lapse
	// Complain is the customer's word that the device can't be reached.
	Complain
	// ComplainAgain is the complaint that uses up their number.
	ComplainAgain
	// FallSilent is the absence of a gateway's statement for too long.
	FallSilent
	// Recover is the operator's word that the device is back.
	Recover
	// Attest is a statement of the customer's gateway.
	Attest
	// Leave is the customer's wish to end.
	Leave
	// Quit is the operator's wish to end.
	Quit
	// Release is the customer's wish not to wait for the end of the operator's notice.
	Release
	// Abandon is the operator's end without notice.
	Abandon
	// Overrun is an outage longer than the lease's limit that the operator did not answer.
	Overrun
	// StaySilent is the same length of time without a gateway's statement.
	StaySilent
	// LeaveOver is the end of the customer's notice.
	LeaveOver
	// QuitOver is the end of the operator's notice.
	QuitOver
	// Finish is the end of the window.
	Finish
	// RunDry is the second in which the money is used up.
	RunDry
)

var eventNames = [...]string{
	"", "activate", "extend", "cancel", "cancel late", "decline", "decline late", "miss start", "miss in jail", "stay busy",
	"lapse", "complain", "complain again", "fall silent", "recover", "attest", "leave", "quit", "release", "abandon", "overrun",
	"stay silent", "leave over", "quit over", "finish", "run dry",
}

// Events are all events in their order.
func Events() []Event {
	events := make([]Event, 0, RunDry)
	for e := Activate; e <= RunDry; e++ {
		events = append(events, e)
	}
	return events
}

// String names the event as the documentation does.
func (e Event) String() string {
	if int(e) >= len(eventNames) || e == 0 {
		return "unknown"
	}
	return eventNames[e]
}

// Actor is who brings an event about.
type Actor string

// The actors. Chain events come by themselves in a block; what they wait for is time.
const (
	ByChain    Actor = "chain"
	ByCustomer Actor = "customer"
	ByOperator Actor = "operator"
	ByGateway  Actor = "gateway"
)

// Transition is one line of the table.
type Transition struct {
	From  State
	Event Event
	By    Actor
	To    State
	// Offence the operator is punished for.
	Offence Offence
	// Reason of closing, when To is Closed.
	Reason Reason
}

// table is the whole state machine.
var table = []Transition{
	{From: Reserved, Event: Activate, By: ByChain, To: Active},
	{From: Reserved, Event: Extend, By: ByCustomer, To: Reserved},
	{From: Reserved, Event: Cancel, By: ByCustomer, To: Closed, Reason: Cancelled},
	{From: Reserved, Event: CancelLate, By: ByCustomer, To: Closed, Reason: CancelledLate},
	{From: Reserved, Event: Decline, By: ByOperator, To: Closed, Reason: Declined},
	{From: Reserved, Event: DeclineLate, By: ByOperator, To: Closed, Reason: DeclinedLate},
	{From: Reserved, Event: MissStart, By: ByChain, To: Closed, Offence: AbandonedLease, Reason: NoShow},
	{From: Reserved, Event: MissInJail, By: ByChain, To: Closed, Reason: OperatorJailed},
	{From: Reserved, Event: StayBusy, By: ByChain, To: Closed, Reason: DeviceBusy},
	{From: Reserved, Event: Lapse, By: ByChain, To: Closed, Reason: Lapsed},
	{From: Active, Event: Extend, By: ByCustomer, To: Active},
	{From: Active, Event: Complain, By: ByCustomer, To: Outage},
	{From: Active, Event: ComplainAgain, By: ByCustomer, To: Closed, Reason: Disputed},
	{From: Active, Event: FallSilent, By: ByChain, To: Outage},
	{From: Active, Event: Attest, By: ByGateway, To: Active},
	{From: Active, Event: Leave, By: ByCustomer, To: Notice},
	{From: Active, Event: Quit, By: ByOperator, To: Notice},
	{From: Active, Event: Abandon, By: ByOperator, To: Closed, Offence: AbandonedLease, Reason: Abandoned},
	{From: Active, Event: Finish, By: ByChain, To: Closed, Reason: Completed},
	{From: Active, Event: RunDry, By: ByChain, To: Closed, Reason: Dry},
	{From: Outage, Event: Recover, By: ByOperator, To: Active},
	{From: Outage, Event: Attest, By: ByGateway, To: Active},
	{From: Outage, Event: Leave, By: ByCustomer, To: Closed, Reason: Disputed},
	{From: Outage, Event: Quit, By: ByOperator, To: Closed, Reason: Released},
	{From: Outage, Event: Overrun, By: ByChain, To: Closed, Offence: AbandonedLease, Reason: Abandoned},
	{From: Outage, Event: StaySilent, By: ByChain, To: Closed, Reason: Unattested},
	{From: Outage, Event: Finish, By: ByChain, To: Closed, Reason: Completed},
	{From: Outage, Event: RunDry, By: ByChain, To: Closed, Reason: Dry},
	{From: Notice, Event: Attest, By: ByGateway, To: Notice},
	{From: Notice, Event: Complain, By: ByCustomer, To: Closed, Reason: Disputed},
	{From: Notice, Event: Release, By: ByCustomer, To: Closed, Reason: LeftByOperator},
	{From: Notice, Event: Abandon, By: ByOperator, To: Closed, Offence: AbandonedLease, Reason: Abandoned},
	{From: Notice, Event: LeaveOver, By: ByChain, To: Closed, Reason: LeftByCustomer},
	{From: Notice, Event: QuitOver, By: ByChain, To: Closed, Reason: LeftByOperator},
	{From: Notice, Event: RunDry, By: ByChain, To: Closed, Reason: Dry},
}

// Table is a copy of the state machine, line by line.
func Table() []Transition { return append([]Transition(nil), table...) }

// Next finds the transition of an event in a state; it wraps ErrRefused when there is none.
func Next(from State, event Event) (Transition, error) {
	for _, t := range table {
		if t.From == from && t.Event == event {
			return t, nil
		}
	}
	return Transition{}, fmt.Errorf("%w: %s while %s", ErrRefused, event, from)
}

// FreesDevice tells whether the transition gives the device and the operator's bond back.
func (t Transition) FreesDevice() bool { return t.From.HoldsDevice() && !t.To.HoldsDevice() }

// Markdown renders the table for the module's specification.
func Markdown() string {
	var b strings.Builder
	b.WriteString("| from | event | by | to | offence | closes as |\n|---|---|---|---|---|---|\n")
	for _, t := range table {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", t.From, t.Event, t.By, t.To, t.Offence, t.Reason)
	}
	return b.String()
}
