// Package lifecycle is the state machine of a job, written down as data: which event is accepted in which state, where it
// leads, what a job holds in each state and where its money goes at the end. It knows nothing of stores or messages; the
// keeper asks it for every change of state. The numbers of states, failures and reasons are those of the schema.
package lifecycle

import "errors"

// ErrRefused is wrapped when a state doesn't accept an event.
var ErrRefused = errors.New("not possible in this state")

// State is where a job stands.
type State uint8

// The states, numbered as JobState in the schema.
const (
	Open State = iota + 1
	Assigned
	Committed
	Sampled
	Verifying
	Proven
	Claimed
	Delivered
	Closed
	// Contested follows the numbers of the schema.
	Contested State = 15
)

// States are all states in their order.
func States() []State {
	return []State{Open, Assigned, Committed, Sampled, Verifying, Proven, Claimed, Delivered, Contested, Closed}
}

var stateNames = [...]string{
	Open: "OPEN", Assigned: "ASSIGNED", Committed: "COMMITTED", Sampled: "SAMPLED", Verifying: "VERIFYING", Proven: "PROVEN",
	Claimed: "CLAIMED", Delivered: "DELIVERED", Closed: "CLOSED",
	Contested: "CONTESTED",
}

// String names the state as the documentation does.
func (s State) String() string {
	if !s.Known() {
		return "UNKNOWN"
	}
	return stateNames[s]
}

// HoldsLane tells whether a job in this state occupies a lane of its device: until its proofs are verified, since the
// device has nothing left to do for it then.
func (s State) HoldsLane() bool {
	switch s {
	case Assigned, Committed, Sampled, Verifying:
		return true
	default:
		return false
	}
}

// HoldsExposure tells whether a job in this state locks part of its worker's bond: until it is closed.
func (s State) HoldsExposure() bool {
	switch s {
	case Assigned, Committed, Sampled, Verifying, Proven, Claimed, Delivered:
		return true
	case Contested:
		return true
	default:
		return false
	}
}

// HoldsEscrow tells whether a job in this state has an escrow account.
func (s State) HoldsEscrow() bool { return s == Open || s.HoldsExposure() }

// HoldsCommitment tells whether a job in this state has a commitment of its present attempt.
func (s State) HoldsCommitment() bool { return s.HoldsExposure() && s != Assigned }

// HoldsSeed tells whether a job in this state has the seed of its challenge.
func (s State) HoldsSeed() bool { return s.HoldsCommitment() && s != Committed }

// HoldsProofs tells whether a job in this state has its roots and proofs.
func (s State) HoldsProofs() bool { return s.HoldsSeed() && s != Sampled }

// HoldsSealed tells whether a job in this state has a sealed result on the chain.
func (s State) HoldsSealed() bool {
	switch s {
	case Delivered, Contested:
		return true
	default:
		return false
	}
}

// Known tells whether there is such a state.
func (s State) Known() bool { return int(s) < len(stateNames) && stateNames[s] != "" }

// Failure says why an attempt ended without a proof, numbered as FailureReason in the schema.
type Failure uint8

// The failures.
const (
	NoFailure Failure = iota
	CommitLate
	ProofLate
	ProofInvalid
	InputUnavailable
	Unverifiable
)

var failureNames = [...]string{"", "COMMIT_LATE", "PROOF_LATE", "PROOF_INVALID", "INPUT_UNAVAILABLE", "UNVERIFIABLE"}

// String names the failure; empty for none.
func (f Failure) String() string {
	if int(f) >= len(failureNames) {
		return "UNKNOWN"
	}
	return failureNames[f]
}

// Reason says how a job ended, numbered as CloseReason in the schema.
type Reason uint8

// The reasons.
const (
	NotClosed Reason = iota
	Settled
	Cancelled
	Expired
	AttemptsExhausted
	InputsUnavailable
	Undelivered
	FalseDelivery
)

// Reasons are all reasons a closed job may have.
func Reasons() []Reason {
	return []Reason{Settled, Cancelled, Expired, AttemptsExhausted, InputsUnavailable, Undelivered, FalseDelivery}
}

var reasonNames = [...]string{
	"", "SETTLED", "CANCELLED", "EXPIRED", "ATTEMPTS_EXHAUSTED", "INPUT_UNAVAILABLE", "UNDELIVERED", "FALSE_DELIVERY",
}

// String names the reason; empty while a job isn't closed.
func (r Reason) String() string {
	if int(r) >= len(reasonNames) {
		return "UNKNOWN"
	}
	return reasonNames[r]
}

// Offence is what a worker is punished for, numbered as Offence in the schema of penalty.
type Offence uint8

// The offences.
const (
	NoOffence Offence = iota
	WrongResult
	MissingProof
	MissedCommit
	UndeliveredResult
	FalseDelivered
)

var offenceNames = [...]string{
	"", "WRONG_RESULT", "MISSING_PROOF", "MISSED_COMMIT", "UNDELIVERED_RESULT", "FALSE_DELIVERY",
}

// String names the offence; empty for none.
func (o Offence) String() string {
	if int(o) >= len(offenceNames) {
		return "UNKNOWN"
	}
	return offenceNames[o]
}
