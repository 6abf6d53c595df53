package types

import (
	"context"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// Assurance says what is shown of a result; x/proofs/program has the schema, since devices name the levels that they prove.
type Assurance = program.Assurance

// The levels of assurance.
const (
	ASSURANCE_SAMPLED  = program.ASSURANCE_SAMPLED
	ASSURANCE_REVEALED = program.ASSURANCE_REVEALED
	ASSURANCE_FULL     = program.ASSURANCE_FULL
	ASSURANCE_MODEL    = program.ASSURANCE_MODEL
)

// ParseAssurance reads the word of a level, whether a chain offers it or not; the error wraps ErrAssurance.
func ParseAssurance(word string) (Assurance, error) {
	level, err := program.ParseAssurance(word)
	if err != nil {
		return 0, ErrAssurance.Wrap(err.Error())
	}
	return level, nil
}

// Commitments are how a proof system commits to tensors.
type Commitments interface {
	// CheckRoot refuses bytes that commit to no tensor of the kind, and every encoding of a commitment but one.
	CheckRoot(kind program.TensorKind, root []byte) error
	// Commits takes the gas for committing to a tensor, and tells whether the root is its commitment. It fails where the system
	// is one with Contests.
	Commits(ctx sdk.Context, t *tensor.Tensor, root []byte) (bool, error)
}

// Admission is what a proof system lets in.
type Admission interface {
	// Fix refuses work that could not be proven, or only by more than a block should carry, and names what verifies each of
	// its steps for the job's whole life; nil where nothing has to be named.
	Fix(ctx context.Context, work challenge.Work) (circuits []string, err error)
	// Bytes is what the proofs of such work take at most.
	Bytes(work challenge.Work) (uint64, error)
	// Effort is what committing to such work's results and proving them takes of a core of the reference machine, in milliseconds.
	Effort(work challenge.Work) (uint64, error)
	// Admit takes the gas of everything that is done with the proofs, now and in the hook that verifies them, and then refuses
	// a wrong number, a wrong length and every encoding but one. What it lets in is stored, and punished if it is invalid.
	Admit(ctx sdk.Context, trace challenge.Trace, proofs [][]byte) error
}

// Verification is how a proof system checks what it let in.
type Verification interface {
	// Units is the cost of Verify in units of the block's budget.
	Units(trace challenge.Trace) (uint64, error)
	// Verify tells whether every proof is valid. An error means that the question was wrong or the system failed, which is no
	// fault of the worker.
	Verify(ctx context.Context, trace challenge.Trace, proofs [][]byte) (bool, error)
}

// BatchVerification is a proof system that verifies the proofs of many jobs together for less than one by one. It is optional: the
// jobs of a system without it are verified singly.
type BatchVerification interface {
	// MoreUnits is what a job adds to the cost of verifying others together, whose steps use the given circuits.
	MoreUnits(trace challenge.Trace, circuits []string) (uint64, error)
	// VerifyMany gives each question the answer that Verify would, or leaves it undecided when the block's budget is used up;
	// never all of them. What it takes to find bad proofs it takes from the budget itself. An error answers none.
	VerifyMany(ctx context.Context, questions []challenge.Question) ([]challenge.Verdict, error)
}

// Disputable is a proof system whose results may be disputed entry by entry. One that isn't proves every entry beforehand, or whole rows.
type Disputable interface {
	// Dispute narrows the trace of a proven result down to the entry that its number-th dispute names; Admit, Units and Verify take
	// the narrowed trace as any other. It refuses an entry that the program does not have. No proof made for drawn positions, or for
	// another dispute, may be valid for it, but one that shows what is asked all the same.
	Dispute(trace challenge.Trace, number uint32, at program.Position) (challenge.Trace, error)
}

// LocalFaults is what a proof system offers whose commitments are trees of x/proofs/tensor, so that a false output shows one fault that a
// few hashes decide. Outputs of levels without it can't be handed to relays.
type LocalFaults interface {
	// RowMatches takes the gas of hashing one row, as it stands in a blob of the shape, and tells whether the digest is its.
	RowMatches(ctx sdk.Context, shape tensor.Shape, row, digest []byte) (bool, error)
	// NodeMatches takes the gas of one compression, and tells whether a node of a level, from 1 on, is that over its children.
	NodeMatches(ctx sdk.Context, level int, children [][]byte, node []byte) (bool, error)
}

// ProofSystem is how the results of one level of assurance are proven.
type ProofSystem interface {
	Commitments
	Admission
	Verification
}

// Restricted is what a system offers beside whose work not all operators may have.
type Restricted interface {
	// Pool is the registry's pool that a job must name; 0 for none. The work must be of the system, and of what it can prove.
	Pool(ctx context.Context, work challenge.Work) (uint64, error)
}

// Contests is what a system offers beside that can't commit to a tensor on the chain: whether a delivered result is the proven
// one is decided by an opening of the worker's commitment at a point that nobody knew before the contest.
type Contests interface {
	// Ask takes the gas, and then gives the point for a delivered result and the result's value there. The point hangs on the
	// trace, the job's delivery secret and the SHA-256 of the sealed result, so that neither side could have chosen it.
	Ask(ctx sdk.Context, trace challenge.Trace, secret []byte, sealed [32]byte, result *tensor.Tensor) (point, value []byte, err error)
	// Answer takes the gas, and tells whether an opening shows the value. An opening that is malformed or doesn't hold is an
	// error: it shows nothing, and changes nothing.
	Answer(ctx sdk.Context, trace challenge.Trace, point, value, opening []byte) (bool, error)
}

// Replicable tells whether several operators may compute a job of a system's level: whether the chain itself can find the entry in which
// two results differ (LocalFaults), have each operator prove it (Disputable), and decide what a delivery holds when it is contested. One with
// Contests can't do that: it would ask the worker, and the next operator can't take over a question that was put to another one.
func Replicable(system ProofSystem) bool {
	_, trees := system.(LocalFaults)
	_, disputable := system.(Disputable)
	_, asks := system.(Contests)
	return trees && disputable && !asks
}

// ProofSystems is the sealed registry of proof systems: register at wiring, Seal, then it is read-only. The market asks it
// for a job's system wherever it deals with proofs, and knows of no level itself.
type ProofSystems struct {
	systems map[Assurance]ProofSystem
	sealed  bool
}

// Register adds the system of a level. It refuses unknown levels, a second system for one, and any once sealed.
func (s *ProofSystems) Register(level Assurance, system ProofSystem) error {
	if s.sealed {
		return fmt.Errorf("proof systems are sealed: %s comes too late", level)
	}
	if _, known := program.Assurance_name[int32(level)]; !known || system == nil {
		return fmt.Errorf("proof system for %s: give a known level and a system", level)
	}
	if s.systems == nil {
		s.systems = make(map[Assurance]ProofSystem)
	}
	if _, taken := s.systems[level]; taken {
		return fmt.Errorf("proof system for %s registered twice", level)
	}
	s.systems[level] = system
	return nil
}

// Seal ends the registration. It refuses a registry without the level that a specification means when it names none.
func (s *ProofSystems) Seal() error {
	if _, given := s.systems[ASSURANCE_SAMPLED]; !given {
		return fmt.Errorf("proof systems: %s must be registered", ASSURANCE_SAMPLED)
	}
	s.sealed = true
	return nil
}

// For is the system of a level; the error wraps ErrAssurance.
func (s *ProofSystems) For(level Assurance) (ProofSystem, error) {
	system, known := s.systems[level]
	if !known {
		return nil, ErrAssurance.Wrapf("assurance is %d (%s): this chain has no proof system for it", level, level.Word())
	}
	return system, nil
}

// Drawing is a proof system that asks for something else than entries of steps, such as whole rows.
type Drawing interface {
	// Positions are what the seed asks of such work, in the order drawn.
	Positions(seed [32]byte, work challenge.Work) ([]program.Position, error)
}

// Positions are what a level asks of work: what its system draws, or else entries of the steps.
func (s *ProofSystems) Positions(level Assurance, seed [32]byte, work challenge.Work) ([]program.Position, error) {
	system, err := s.For(level)
	if err != nil {
		return nil, err
	}
	if drawing, own := system.(Drawing); own {
		return drawing.Positions(seed, work)
	}
	return program.Positions(seed, work.Program, work.Samples)
}
