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
	Disputed
	Answered
)

// The states of a claim that relays answer.
const (
	Drawing State = iota + 12
	Relaying
	HandedOver
	// Contested waits for the opening that decides a contest.
	Contested
)

// States are all states, in the order in which a job may come through them.
func States() []State {
	return []State{
		Open, Assigned, Replicating, Auditable, Revealing, Diverged, Standing, Judging, Committed, Sampled, Verifying, Proven, Claimed, Delivered, Contested, Disputed, Answered, Drawing, Relaying, HandedOver, Closed,
	}
}

var stateNames = [...]string{
	Open: "OPEN", Assigned: "ASSIGNED", Committed: "COMMITTED", Sampled: "SAMPLED", Verifying: "VERIFYING", Proven: "PROVEN",
	Claimed: "CLAIMED", Delivered: "DELIVERED", Closed: "CLOSED", Disputed: "DISPUTED", Answered: "ANSWERED",
	Drawing: "DRAWING", Relaying: "RELAYING", HandedOver: "HANDED_OVER", Contested: "CONTESTED",
	Replicating: "REPLICATING", Revealing: "REVEALING", Diverged: "DIVERGED", Standing: "STANDING", Judging: "JUDGING",
	Auditable: "AUDITABLE",
}

// String names the state as the documentation does.
func (s State) String() string {
	if !s.Known() {
		return "UNKNOWN"
	}
	return stateNames[s]
}

// HoldsLane tells whether a job in this state occupies a lane of its device: until its proofs are verified, since the
// device has nothing left to do for it then. What answers a claim or a dispute comes from the trace that its worker keeps.
func (s State) HoldsLane() bool {
	switch s {
	case Assigned, Committed, Sampled, Verifying:
		return true
	default:
		return s.IsReplicated()
	}
}

// HoldsExposure tells whether a job in this state locks part of its worker's bond: until it is closed.
func (s State) HoldsExposure() bool { return s.HoldsLane() || s.IsProven() }

// IsProven tells whether a job in this state has a proven result and isn't closed.
func (s State) IsProven() bool {
	switch s {
	case Proven, Claimed, Delivered, Contested, Disputed, Answered, Drawing, Relaying, HandedOver:
		return true
	default:
		return false
	}
}

// HoldsProofs tells whether a job in this state has the roots and proofs of an attempt.
func (s State) HoldsProofs() bool { return s == Verifying || s.IsProven() }

// HoldsCommitment tells whether a job in this state has a worker's commitment.
func (s State) HoldsCommitment() bool { return s == Committed || s.HoldsSeed() }

// HoldsSeed tells whether the challenge of a job in this state is drawn.
func (s State) HoldsSeed() bool { return s == Sampled || s.HoldsProofs() }

// HoldsDispute tells whether a job in this state has an open dispute, with the challenger's bond.
func (s State) HoldsDispute() bool { return s == Disputed || s == Answered }

// Disputable tells whether a watcher may dispute a job in this state: when its result is proven and can be known. While it is
// claimed nobody but the worker has it; it is disputed when it is there, or was there before.
func (s State) Disputable() bool { return s == Proven || s == Delivered }

// HoldsSealed tells whether a job in this state has a sealed result on the chain, but for a disputed one that had it before.
func (s State) HoldsSealed() bool { return s == Delivered || s == Contested }

// Known tells whether there is such a state.
func (s State) Known() bool { return int(s) < len(stateNames) && stateNames[s] != "" }

// HoldsEscrow tells whether a job in this state has an escrow account.
func (s State) HoldsEscrow() bool { return s == Open || s.HoldsExposure() }

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
	DisputeUnanswered
	DisputeLost
	RevealLate
	ReplicasLost
	// NotDelivered and FalselyDelivered are of one of several operators with the same result; the next one delivers, if there is one.
	NotDelivered
	FalselyDelivered
)

var failureNames = [...]string{
	"", "COMMIT_LATE", "PROOF_LATE", "PROOF_INVALID", "INPUT_UNAVAILABLE", "UNVERIFIABLE", "DISPUTE_UNANSWERED", "DISPUTE_LOST",
	"REVEAL_LATE", "REPLICAS_LOST", "UNDELIVERED", "FALSE_DELIVERY",
}

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

// The offences. The gap is of those that are not the market's jobs'.
const (
	NoOffence         Offence = 0
	WrongResult       Offence = 1
	MissingProof      Offence = 2
	MissedCommit      Offence = 3
	UndeliveredResult Offence = 4
	FalseDelivered    Offence = 5
	LostDispute       Offence = 8
)

var offenceNames = map[Offence]string{
	NoOffence: "", WrongResult: "WRONG_RESULT", MissingProof: "MISSING_PROOF", MissedCommit: "MISSED_COMMIT",
	UndeliveredResult: "UNDELIVERED_RESULT", FalseDelivered: "FALSE_DELIVERY", LostDispute: "LOST_DISPUTE",
}

// String names the offence; empty for none.
func (o Offence) String() string {
	if name, known := offenceNames[o]; known {
		return name
	}
	return "UNKNOWN"
}
