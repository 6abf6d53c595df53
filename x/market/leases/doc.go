// Package leases is the state machine of a lease, written down as data: which event is accepted in which state, where it leads,
// what a lease holds in each state and who pays whom at the end; and its arithmetic: windows that must not overlap, time that
// is paid as attested, the bytes a gateway signs. It knows nothing of stores or messages; the keeper asks it for every change
// of state. The numbers of states and reasons are those of the schema.
package leases

import "errors"

// ErrRefused is wrapped when a state doesn't accept an event.
var ErrRefused = errors.New("not possible in this state")

// State is where a lease stands.
type State uint8

// The states, numbered as LeaseState in the schema.
const (
	Reserved State = iota + 1
	Active
	Outage
	Notice
	Closed
)

// States are all states in their order.
func States() []State { return []State{Reserved, Active, Outage, Notice, Closed} }

var stateNames = [...]string{"", "RESERVED", "ACTIVE", "OUTAGE", "NOTICE", "CLOSED"}

// String names the state as the documentation does.
func (s State) String() string {
	if int(s) >= len(stateNames) || s == 0 {
		return "UNKNOWN"
	}
	return stateNames[s]
}

// HoldsEscrow tells whether a lease in this state has an escrow account and a place in its device's calendar.
func (s State) HoldsEscrow() bool { return s >= Reserved && s < Closed }

// HoldsDevice tells whether a lease in this state has its device, and locks part of its operator's bond.
func (s State) HoldsDevice() bool { return s >= Active && s < Closed }

// Pays tells whether time runs at the customer's cost in this state.
func (s State) Pays() bool { return s == Active || s == Notice }

// Reason says how a lease ended, numbered as LeaseCloseReason in the schema.
type Reason uint8

// The reasons.
const (
	NotClosed Reason = iota
	Completed
	LeftByCustomer
	LeftByOperator
	Dry
	Abandoned
	Disputed
	Released
	Unattested
	Cancelled
	CancelledLate
	Declined
	DeclinedLate
	NoShow
	OperatorJailed
	DeviceBusy
	Lapsed
)

var reasonNames = [...]string{
	"", "COMPLETED", "LEFT_BY_CUSTOMER", "LEFT_BY_OPERATOR", "DRY", "ABANDONED", "DISPUTED", "RELEASED", "UNATTESTED",
	"CANCELLED", "CANCELLED_LATE", "DECLINED", "DECLINED_LATE", "NO_SHOW", "OPERATOR_JAILED", "DEVICE_BUSY", "LAPSED",
}

// Reasons are all reasons a closed lease may have.
func Reasons() []Reason {
	reasons := make([]Reason, 0, Lapsed)
	for r := Completed; r <= Lapsed; r++ {
		reasons = append(reasons, r)
	}
	return reasons
}

// String names the reason; empty while a lease isn't closed.
func (r Reason) String() string {
	if int(r) >= len(reasonNames) {
		return "UNKNOWN"
	}
	return reasonNames[r]
}

// Offence is what an operator is punished for, numbered as Offence in the schema of penalty.
type Offence uint8

// The offences.
const (
	NoOffence Offence = 0
	// AbandonedLease is leaving a customer without the device that it rented.
	AbandonedLease Offence = 9
)

// String names the offence; empty for none.
func (o Offence) String() string {
	switch o {
	case NoOffence:
		return ""
	case AbandonedLease:
		return "ABANDONED_LEASE"
	default:
		return "UNKNOWN"
	}
}
