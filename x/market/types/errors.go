package types

import (
	"google.golang.org/grpc/codes"

	"cosmossdk.io/errors"
)

// Errors of the module. Codes are part of its interface: a code is never reused.
var (
	// ErrParams marks parameters that cannot be used.
	ErrParams = errors.Register(ModuleName, 2, "invalid market parameters")
	// ErrSpec marks a job specification that cannot be run or proven.
	ErrSpec = errors.Register(ModuleName, 3, "invalid job specification")
	// ErrPrice marks a price in the wrong denomination or below the floor.
	ErrPrice = errors.Register(ModuleName, 4, "invalid price")
	// ErrDeadline marks a deadline that is over, too near or too far.
	ErrDeadline = errors.Register(ModuleName, 5, "invalid deadline")
	// ErrNotFound marks a job that never was or is pruned.
	ErrNotFound = errors.RegisterWithGRPCCode(ModuleName, 6, codes.NotFound, "job not found")
	// ErrState marks a step that is not possible in the job's state.
	ErrState = errors.Register(ModuleName, 7, "not possible in the job's state")
	// ErrNotCustomer marks a signer who is not the job's customer.
	ErrNotCustomer = errors.Register(ModuleName, 8, "not the job's customer")
	// ErrNotWorker marks a signer who does not have the job.
	ErrNotWorker = errors.Register(ModuleName, 9, "not the job's worker")
	// ErrAttempt marks an answer to another attempt.
	ErrAttempt = errors.Register(ModuleName, 10, "wrong attempt")
	// ErrLate marks a step after its deadline.
	ErrLate = errors.Register(ModuleName, 11, "after the deadline")
	// ErrCommitment marks a commitment of the wrong size.
	ErrCommitment = errors.Register(ModuleName, 12, "invalid commitment")
	// ErrCommitmentMismatch marks roots that do not open the commitment.
	ErrCommitmentMismatch = errors.Register(ModuleName, 13, "roots do not open the commitment")
	// ErrWrongRound marks proofs for another beacon round.
	ErrWrongRound = errors.Register(ModuleName, 14, "wrong beacon round")
	// ErrAlreadyProven marks proofs of an attempt that has handed in its proofs, however they are encoded or randomised.
	ErrAlreadyProven = errors.Register(ModuleName, 15, "the attempt has handed in its proofs")
	// ErrRoots marks a wrong number of step roots or one that is not canonical.
	ErrRoots = errors.Register(ModuleName, 16, "invalid step roots")
	// ErrProofs marks a wrong number of proofs or one that is malformed.
	ErrProofs = errors.Register(ModuleName, 17, "invalid proofs")
	// ErrInput marks an input the job does not have.
	ErrInput = errors.Register(ModuleName, 18, "no such input")
	// ErrTooLarge marks an output that is too large to be delivered on the chain.
	ErrTooLarge = errors.Register(ModuleName, 19, "output too large to deliver on the chain")
	// ErrSealed marks a sealed output of the wrong size.
	ErrSealed = errors.Register(ModuleName, 20, "invalid sealed output")
	// ErrSecret marks a secret that does not belong to the job's delivery key.
	ErrSecret = errors.Register(ModuleName, 21, "wrong delivery secret")
	// ErrGenesis marks a genesis state that contradicts itself.
	ErrGenesis = errors.Register(ModuleName, 22, "invalid market genesis state")
	// ErrInvariant marks books that contradict each other.
	ErrInvariant = errors.Register(ModuleName, 23, "market invariant broken")
	// ErrAddress marks an account address that does not parse.
	ErrAddress = errors.Register(ModuleName, 24, "invalid address")
	// ErrQuery marks a query that cannot be answered as asked.
	ErrQuery = errors.Register(ModuleName, 25, "invalid query")
	// ErrUnplaceable marks work that no available device would take now.
	ErrUnplaceable = errors.Register(ModuleName, 26, "no device would take the work now")
	// ErrPayment marks a payment that its recipient could not get.
	ErrPayment = errors.Register(ModuleName, 27, "payment not possible")
	// ErrLease marks terms of a lease that are out of their bounds.
	ErrLease = errors.Register(ModuleName, 28, "invalid lease")
	// ErrLeaseNotFound marks a lease that never was or is pruned.
	ErrLeaseNotFound = errors.RegisterWithGRPCCode(ModuleName, 29, codes.NotFound, "lease not found")
	// ErrLeaseState marks a step that is not possible in the lease's state.
	ErrLeaseState = errors.Register(ModuleName, 30, "not possible in the lease's state")
	// ErrNotParty marks a signer who is not the side of the lease that the step belongs to.
	ErrNotParty = errors.Register(ModuleName, 31, "not the lease's party")
	// ErrNotForRent marks a device that can't be rented now.
	ErrNotForRent = errors.Register(ModuleName, 32, "device is not for rent now")
	// ErrBooked marks a window that is taken, or a calendar that is full.
	ErrBooked = errors.Register(ModuleName, 33, "device is booked")
	// ErrRate marks a rate above what the customer pays.
	ErrRate = errors.Register(ModuleName, 34, "rate is too high")
	// ErrDeposit marks a deposit that pays for too little time, or is in the wrong denomination.
	ErrDeposit = errors.Register(ModuleName, 35, "invalid deposit")
	// ErrGateway marks a gateway's key or statement that is not valid, or a step that only its statements can take.
	ErrGateway = errors.Register(ModuleName, 36, "invalid gateway statement")
	// ErrAssurance marks a level of assurance that is unknown, or that this chain has no proof system for.
	ErrAssurance = errors.Register(ModuleName, 37, "assurance is not offered")
	// ErrUndisputable marks a result of which no entry can be disputed by name: all of them are proven, or whole rows are.
	ErrUndisputable = errors.Register(ModuleName, 60, "results of this level of assurance can't be disputed")
	// ErrDisputes marks an attempt that has seen as many disputes as there may be.
	ErrDisputes = errors.Register(ModuleName, 61, "too many disputes of the attempt")
	// ErrEntry marks an entry that the program does not have, or that is proven or disputed already.
	ErrEntry = errors.Register(ModuleName, 62, "entry can't be disputed")
	// ErrOwnResult marks a worker that disputes itself.
	ErrOwnResult = errors.Register(ModuleName, 63, "a worker can't dispute its own result")
	// ErrBond marks a bond above what the challenger would pay, or in another denomination.
	ErrBond = errors.Register(ModuleName, 64, "invalid bond")
	// ErrAnswer marks an answer to another dispute, or a malformed proof.
	ErrAnswer = errors.Register(ModuleName, 65, "invalid answer")
	// ErrClaims marks one claim too many of a job whose output relays carry.
	ErrClaims = errors.Register(ModuleName, 67, "too many claims")
	// ErrFewRelays marks a claim for which too few relays are registered.
	ErrFewRelays = errors.Register(ModuleName, 68, "too few relays")
	// ErrReceipt marks a hand-over whose receipts are too few or not those of the relays drawn.
	ErrReceipt = errors.Register(ModuleName, 69, "invalid hand-over")
	// ErrFault marks a fault of a box that is not shown, so that nothing changes.
	ErrFault = errors.Register(ModuleName, 70, "fault is not shown")
	// ErrOpening marks an opening that is malformed or does not hold.
	ErrOpening = errors.Register(ModuleName, 74, "invalid opening")
	// ErrUndecided marks a question after a choice that was never made.
	ErrUndecided = errors.RegisterWithGRPCCode(ModuleName, 90, codes.NotFound, "no device was chosen")
	// ErrUnmeetable marks requirements that no registered device can meet.
	ErrUnmeetable = errors.Register(ModuleName, 91, "no registered device meets the requirements")
	// ErrReplicas marks a job of several operators that could not be decided.
	ErrReplicas = errors.Register(ModuleName, 100, "impossible replicas")
	// ErrReveal marks a result that is not what was committed to.
	ErrReveal = errors.Register(ModuleName, 101, "invalid reveal")
	// ErrDifference marks what is shown of another difference, or is not what the result has there.
	ErrDifference = errors.Register(ModuleName, 102, "difference is not shown")
	// ErrAnswered marks a second answer of one of several operators.
	ErrAnswered = errors.Register(ModuleName, 103, "answered already")
	// ErrAudit marks terms of an audit that can't be.
	ErrAudit = errors.Register(ModuleName, 105, "impossible audit")
	// ErrNextKey marks a contest without a fresh key for the next delivery, or with one where there is no next delivery.
	ErrNextKey = errors.Register(ModuleName, 104, "invalid next delivery key")
)
