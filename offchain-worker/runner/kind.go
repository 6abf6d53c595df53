package runner

import (
	"context"
	"errors"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/box"
	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/program"

	markettypes "github.com/assaychain/assay/x/market/types"
)

// Assignment is one attempt of this worker at a job.
type Assignment struct {
	ChainID  string
	Operator sdk.AccAddress
	Job      markettypes.Job
	Spec     markettypes.Spec
}

// Claim is what everything of the attempt is bound to.
func (a Assignment) Claim() program.Claim {
	return program.Claim{ChainID: a.ChainID, JobID: a.Job.Id, Attempt: a.Job.Attempt, Worker: a.Operator}
}

// Work is what its proofs depend on from its submission on.
func (a Assignment) Work() challenge.Work {
	work := challenge.Work{Program: a.Spec.Program, Samples: a.Spec.Samples}
	for _, input := range a.Spec.Inputs {
		work.Inputs = append(work.Inputs, input.Root)
	}
	return work
}

// Trace names what a run left behind.
type Trace struct {
	// StepRoots are the roots that the worker commits to, one a step.
	StepRoots [][]byte `json:"step_roots"`
	// Shadow are the roots of the right outputs when the committed ones were corrupted on purpose.
	Shadow [][]byte `json:"shadow,omitempty"`
	// Salt hides the commitment to a result that others compute too; none otherwise.
	Salt []byte `json:"salt,omitempty"`
}

// Challenge is what must be proven.
type Challenge struct {
	Seed      [32]byte
	Positions []markettypes.Position
	// Dispute names the entry to be proven instead of the positions; nil for the attempt's challenge.
	Dispute *markettypes.Dispute
}

// InputError tells that an input could not be had, which is the customer's fault and not the worker's. Other errors of
// Prepare are the worker's own.
type InputError struct {
	// Index of the input in the job's specification.
	Index uint32
	Err   error
}

// Error names the input and the reason.
func (e *InputError) Error() string {
	return fmt.Sprintf("input %d is unavailable: %v", e.Index, e.Err)
}

// Unwrap is the reason.
func (e *InputError) Unwrap() error { return e.Err }

// ErrWithheld is returned by a hook that a fault keeps from working; the runner then just waits.
var ErrWithheld = errors.New("withheld by a fault")

// Kind does the work of jobs under one verification policy. Its hooks are called in the order of the methods. After a
// crash any hook may be called again, and with the journalled trace of the run before the crash: each must be safe to
// repeat and give the same. Hooks of different jobs may run at the same time, those of one job never do.
type Kind interface {
	// Policy is what the kind serves; one kind a policy.
	Policy() markettypes.VerificationPolicy
	// Prepare leaves every input verified and durable on this machine. *InputError means that the customer's locators fail.
	Prepare(ctx context.Context, a Assignment) error
	// Run computes, and leaves every output durable before it returns their roots. Needs Prepare.
	Run(ctx context.Context, a Assignment) (Trace, error)
	// Commit is the commitment to a trace, 32 bytes. It has no effects.
	Commit(a Assignment, trace Trace) ([]byte, error)
	// Prove makes one proof a position, in their order; one alone of a disputed entry, and ErrWrongEntry if that can't be proven.
	// Needs Run.
	Prove(ctx context.Context, a Assignment, trace Trace, challenge Challenge) ([][]byte, error)
	// Publish makes the result fetchable by the customer. Needs Run.
	Publish(ctx context.Context, a Assignment, trace Trace) error
	// Seal is the result sealed to the job's delivery key. Needs Run.
	Seal(ctx context.Context, a Assignment, trace Trace) ([]byte, error)
	// Box is the result with its commitment tree, sealed in chunks to the job's delivery key: the same for the same sealing. Needs Run.
	Box(ctx context.Context, a Assignment, trace Trace, sealing Sealing) (*box.Sealed, error)
	// Open opens the result's root at a point that a contested delivery asks about. Needs Run.
	Open(ctx context.Context, a Assignment, trace Trace, point []byte) ([]byte, error)
	// Show is what the result has where it differs from another operator's: a node's children, or a row. Needs Run.
	Show(ctx context.Context, a Assignment, trace Trace, at *markettypes.Difference) ([][]byte, error)
	// Cleanup gives back what the job held. It must be safe without Prepare, and twice.
	Cleanup(a Assignment, trace Trace)
}

// Kinds is the sealed registry of job kinds: register at wiring, Seal, then it is read-only.
type Kinds struct {
	kinds  map[markettypes.VerificationPolicy]Kind
	sealed bool
}

// Register adds a kind. It refuses a second kind for a policy, and any kind once sealed.
func (k *Kinds) Register(kind Kind) error {
	if k.sealed {
		return errors.New("job kinds are sealed")
	}
	if k.kinds == nil {
		k.kinds = make(map[markettypes.VerificationPolicy]Kind)
	}
	if _, taken := k.kinds[kind.Policy()]; taken {
		return fmt.Errorf("job kind for %s registered twice", kind.Policy())
	}
	k.kinds[kind.Policy()] = kind
	return nil
}

// Seal ends the registration.
func (k *Kinds) Seal() { k.sealed = true }

// Kind serves a policy.
func (k *Kinds) Kind(policy markettypes.VerificationPolicy) (Kind, error) {
	if !k.sealed {
		return nil, errors.New("job kinds are used before they are sealed")
	}
	kind, ok := k.kinds[policy]
	if !ok {
		return nil, fmt.Errorf("this worker knows no job kind for %s: upgrade it", policy)
	}
	return kind, nil
}
