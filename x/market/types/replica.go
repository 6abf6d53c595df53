package types

import (
	"bytes"
	"crypto/sha256"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/market/audits"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/replicas"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// ShownBytesLimit bounds one part that is shown of a difference: a row in the clear.
const ShownBytesLimit = 4 * tensor.MaxCols

// validatePolicy refuses policies that are not offered, and numbers of operators that can't decide anything.
func (s Spec) validatePolicy() error {
	if err := s.validateAudit(); err != nil {
		return err
	}
	switch s.Policy {
	case VERIFICATION_POLICY_PROOF:
		if s.Replicas != 0 || s.Agreement != 0 {
			return ErrReplicas.Wrapf("replicas is %d and agreement %d: only %s has them", s.Replicas, s.Agreement, VERIFICATION_POLICY_REPLICA)
		}
		return nil
	case VERIFICATION_POLICY_REPLICA:
		if s.Replicas < replicas.Min || s.Replicas > replicas.Max {
			return ErrReplicas.Wrapf("replicas is %d: it must be from %d to %d", s.Replicas, replicas.Min, replicas.Max)
		}
		if s.Agreement < replicas.MinAgreement || s.Agreement > s.Replicas {
			return ErrReplicas.Wrapf("agreement is %d: it must be from %d to replicas, %d", s.Agreement, replicas.MinAgreement, s.Replicas)
		}
		if n := len(s.Requirements.Operators); n > 0 && n < int(s.Replicas) {
			return ErrReplicas.Wrapf("requirements.operators has %d entries: replicas is %d, each another one of them; name as many, or none", n, s.Replicas)
		}
		return nil
	case VERIFICATION_POLICY_AUDIT:
		return nil
	default:
		return ErrSpec.Wrapf("policy is %d: %s, %s and %s are offered",
			s.Policy, VERIFICATION_POLICY_PROOF, VERIFICATION_POLICY_REPLICA, VERIFICATION_POLICY_AUDIT)
	}
}

// Operators is how many operators compute a job at a time, at most.
func (s Spec) Operators() uint32 {
	if s.Audit != nil {
		return audits.Operators
	}
	return max(s.Replicas, 1)
}

// Stands tells whether the operator is still in the job.
func (r Replica) Stands() bool { return r.Failure == FAILURE_REASON_UNSPECIFIED }

// Standing are the indices of those that are still in the job, in the order in which they got it.
func (r *ReplicaRecord) Standing() []int {
	var list []int
	for i := range r.Replicas {
		if r.Replicas[i].Stands() {
			list = append(list, i)
		}
	}
	return list
}

// Workers are those that stand.
func (r *ReplicaRecord) Workers() []string {
	var list []string
	for _, i := range r.Standing() {
		list = append(list, r.Replicas[i].Worker)
	}
	return list
}

// Of is the index of an operator that stands; -1 when it doesn't, or never had the job.
func (r *ReplicaRecord) Of(worker string) int {
	for _, i := range r.Standing() {
		if r.Replicas[i].Worker == worker {
			return i
		}
	}
	return -1
}

// Price is what all that stand get together, but for their lateness.
func (r *ReplicaRecord) Price() math.Int {
	sum := math.ZeroInt()
	for _, i := range r.Standing() {
		sum = sum.Add(r.Replicas[i].Price)
	}
	return sum
}

// All tells whether each that stands has done something.
func (r *ReplicaRecord) All(done func(Replica) bool) bool {
	for _, i := range r.Standing() {
		if !done(r.Replicas[i]) {
			return false
		}
	}
	return true
}

// Results are those of who stands, with the indices of their replicas.
func (r *ReplicaRecord) Results() (results [][][]byte, of []int) {
	for _, i := range r.Standing() {
		results, of = append(results, r.Replicas[i].StepRoots), append(of, i)
	}
	return results, of
}

// Committed, Revealed and Proved tell what an operator has done.
func (r Replica) Committed() bool { return len(r.Commitment) > 0 }

// Revealed tells whether its result is known.
func (r Replica) Revealed() bool { return len(r.StepRoots) > 0 }

// Proved tells whether its proof of the entry in which results differ is in.
func (r Replica) Proved() bool { return r.Answered }

// Side is the side of the open difference that a result is on; nil for neither.
func (d *Difference) Side(roots [][]byte) *DifferenceSide {
	if int(d.Step) >= len(roots) {
		return nil
	}
	for _, side := range []*DifferenceSide{&d.One, &d.Other} {
		if bytes.Equal(side.Root, roots[d.Step]) {
			return side
		}
	}
	return nil
}

// ValidateBasic checks what can be checked without state.
func (m *MsgRevealResult) ValidateBasic() error {
	if n := len(m.StepRoots); n < 1 || n > program.MaxSteps {
		return ErrRoots.Wrapf("step_roots has %d entries: it must have 1 to %d", n, program.MaxSteps)
	}
	if len(m.Salt) != program.SaltSize {
		return ErrReveal.Wrapf("salt has %d bytes: it must have %d", len(m.Salt), program.SaltSize)
	}
	return validateAddress("worker", m.Worker)
}

// ValidateBasic checks what can be checked without state.
func (m *MsgShowDifference) ValidateBasic() error {
	if n := len(m.Parts); n < 1 || n > replicas.Width {
		return ErrDifference.Wrapf("parts has %d entries: it must have 1 to %d", n, replicas.Width)
	}
	for i, part := range m.Parts {
		if len(part) == 0 || len(part) > ShownBytesLimit {
			return ErrDifference.Wrapf("parts[%d] has %d bytes: it must have 1 to %d", i, len(part), ShownBytesLimit)
		}
	}
	if m.Level > tensor.Depth {
		return ErrDifference.Wrapf("level is %d: it must be from 0 to %d", m.Level, tensor.Depth)
	}
	return validateAddress("worker", m.Worker)
}

// HoldsReplicas tells whether a job has a round of several operators: from its beginning until the job is pruned, or nobody is left.
func (j Job) HoldsReplicas() bool {
	return j.Replicas > 0 && (j.State.Lifecycle().HoldsExposure() || (j.State == JOB_STATE_CLOSED && j.Worker != ""))
}

// validateReplicas refuses a round that doesn't fit the job's state.
func (e JobEntry) validateReplicas() error {
	state := e.Job.State.Lifecycle()
	if err := e.validateAuditing(state); err != nil {
		return err
	}
	if state.IsReplicated() && e.Job.Replicas == 0 {
		return ErrGenesis.Wrapf("%s without replicas", state)
	}
	if (e.Replicas != nil) != e.Job.HoldsReplicas() {
		return ErrGenesis.Wrapf("a round of replicas given: %t, while %s", e.Replicas != nil, state)
	}
	if e.Replicas == nil {
		if len(e.ReplicaProofs) > 0 {
			return ErrGenesis.Wrap("replica_proofs without a round of replicas")
		}
		return nil
	}
	if n := len(e.Replicas.Replicas); n < 1 || n > replicas.MaxDrawn(replicas.Max) {
		return ErrGenesis.Wrapf("%d replicas: it must be 1 to %d", n, replicas.MaxDrawn(replicas.Max))
	}
	for i := range e.Replicas.Replicas {
		if err := e.Replicas.Replicas[i].validate(state, len(e.Spec.Program.Steps)); err != nil {
			return err
		}
	}
	if err := e.validateStanding(state); err != nil {
		return err
	}
	return e.validateDifference(state)
}

// validate refuses a replica that stands in a state which it can't be in.
func (r Replica) validate(state lifecycle.State, steps int) error {
	if err := validateAddress("replica's worker", r.Worker); err != nil {
		return err
	}
	if r.Cell > CellsLimit || (r.TookMs > 0 && !r.Committed()) {
		return ErrGenesis.Wrapf("replica %s: cell %d and %d ms until a commitment of %d bytes do not fit", r.Worker, r.Cell, r.TookMs, len(r.Commitment))
	}
	if r.Price.IsNil() || r.Exposure.IsNil() || r.Price.IsNegative() || r.Exposure.IsNegative() || len(r.Device) == 0 {
		return ErrGenesis.Wrapf("replica %s: price, exposure and device must be given", r.Worker)
	}
	if n := len(r.Commitment); n != 0 && n != sha256.Size {
		return ErrGenesis.Wrapf("replica %s: commitment has %d bytes: it must have %d", r.Worker, n, sha256.Size)
	}
	if n := len(r.StepRoots); n != 0 && n != steps {
		return ErrGenesis.Wrapf("replica %s: step_roots has %d entries: the program has %d steps", r.Worker, n, steps)
	}
	for _, root := range r.StepRoots {
		if len(root) != program.RootSize {
			return ErrGenesis.Wrapf("replica %s: a root of %d bytes: it must have %d", r.Worker, len(root), program.RootSize)
		}
	}
	switch {
	case !r.Stands() || state == lifecycle.Replicating:
		return nil
	case !r.Committed():
		return ErrGenesis.Wrapf("replica %s stands without a commitment while %s", r.Worker, state)
	case !r.Revealed() && state != lifecycle.Revealing && state != lifecycle.Auditable:
		return ErrGenesis.Wrapf("replica %s stands without a result while %s", r.Worker, state)
	}
	return nil
}

// validateStanding refuses a round whose members don't add up to the job.
func (e JobEntry) validateStanding(state lifecycle.State) error {
	if state == lifecycle.Closed {
		return nil
	}
	if !e.Job.Price.Equal(e.Replicas.Price()) || !e.Job.Exposure.IsZero() {
		return ErrGenesis.Wrapf("price is %s and exposure %s: its replicas get %s, and have their own exposure",
			e.Job.Price, e.Job.Exposure, e.Replicas.Price())
	}
	// While they may commit the last one can have reported its inputs: the next block that has room for it ends the round, or draws others.
	if len(e.Replicas.Standing()) == 0 && state != lifecycle.Replicating {
		return ErrGenesis.Wrapf("no replica stands while %s", state)
	}
	if !state.IsReplicated() && e.Replicas.Of(e.Job.Worker) < 0 {
		return ErrGenesis.Wrapf("worker %s is no replica that stands", e.Job.Worker)
	}
	return nil
}

// validateDifference refuses a difference, or proofs, where there can be none.
func (e JobEntry) validateDifference(state lifecycle.State) error {
	searching := state == lifecycle.Diverged || state == lifecycle.Standing || state == lifecycle.Judging
	d := e.Replicas.Difference
	if (d != nil) != searching {
		return ErrGenesis.Wrapf("difference given: %t, while %s", d != nil, state)
	}
	proofs := 0
	for i := range e.ReplicaProofs {
		at := e.Replicas.Of(e.ReplicaProofs[i].Worker)
		if at < 0 || !e.Replicas.Replicas[at].Answered || len(e.ReplicaProofs[i].Proof) == 0 {
			return ErrGenesis.Wrapf("a proof of %q, which has not answered", e.ReplicaProofs[i].Worker)
		}
	}
	for _, i := range e.Replicas.Standing() {
		if e.Replicas.Replicas[i].Answered {
			proofs++
		}
	}
	if proofs != len(e.ReplicaProofs) {
		return ErrGenesis.Wrapf("%d proofs of %d replicas that have answered", len(e.ReplicaProofs), proofs)
	}
	if d == nil {
		return nil
	}
	if int(d.Step) >= len(e.Spec.Program.Steps) || d.Level > tensor.Depth || d.Index >= tensor.MaxLeaves {
		return ErrGenesis.Wrapf("difference at step %d, level %d, index %d: there is no such place", d.Step, d.Level, d.Index)
	}
	if (d.Entry != nil) != (state != lifecycle.Diverged) {
		return ErrGenesis.Wrapf("entry of the difference given: %t, while %s", d.Entry != nil, state)
	}
	return nil
}
