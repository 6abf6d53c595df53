package types

import (
	"crypto/sha256"
	"time"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/proofs/program"
)

// DefaultGenesis is a market without jobs.
func DefaultGenesis() *GenesisState {
	return &GenesisState{Params: DefaultParams(), Clock: Clock{LastBlock: time.Time{}.UTC()}, NextJobId: 1, NextLeaseId: 1}
}

// Validate refuses a state that contradicts itself. Sums are compared with the other modules' books at import.
func (g GenesisState) Validate() error {
	if err := g.Params.Validate(); err != nil {
		return err
	}
	if g.NextJobId < 1 {
		return ErrGenesis.Wrap("next_job_id must be at least 1")
	}
	last := uint64(0)
	for i := range g.Jobs {
		entry := &g.Jobs[i]
		if entry.Job.Id <= last || entry.Job.Id >= g.NextJobId {
			return ErrGenesis.Wrapf("jobs[%d].job.id is %d: ids must rise and stay below next_job_id, %d", i, entry.Job.Id, g.NextJobId)
		}
		last = entry.Job.Id
		if err := entry.Validate(); err != nil {
			return err
		}
	}
	if err := g.validateRunTimes(); err != nil {
		return err
	}
	if err := g.ValidateBacklogs(); err != nil {
		return err
	}
	return g.validateLeases()
}

// Validate refuses a job whose parts contradict each other.
func (e JobEntry) Validate() error {
	fail := func(format string, args ...any) error {
		return ErrGenesis.Wrapf("job %d: "+format, append([]any{e.Job.Id}, args...)...)
	}
	if err := e.Spec.Validate(); err != nil {
		return fail("spec: %s", err)
	}
	if err := e.Job.Validate(); err != nil {
		return fail("%s", err)
	}
	if n := len(e.Job.Circuits); e.Job.Work != e.Spec.Program.Work() || (n != 0 && n != len(e.Spec.Program.Steps)) {
		return fail("work or circuits do not fit the program")
	}
	if e.Job.Assurance != e.Spec.Assurance {
		return fail("assurance is %s: the specification says %s", e.Job.Assurance.Word(), e.Spec.Assurance.Word())
	}
	if n := len(e.Job.StepRoots); n != 0 && n != len(e.Spec.Program.Steps) {
		return fail("step_roots has %d entries: the program has %d steps", n, len(e.Spec.Program.Steps))
	}
	state := e.Job.State.Lifecycle()
	if state.HoldsProofs() {
		// A result that several operators agree on has no proofs.
		agreed := e.Job.Replicas > 0 && len(e.Proofs.Proofs) == 0
		if (len(e.Proofs.Proofs) != int(e.Spec.Samples) && !agreed) || len(e.Job.StepRoots) == 0 {
			return fail("%s without its roots and %d proofs", state, e.Spec.Samples)
		}
	}
	if (len(e.Sealed) > 0) != e.Job.deliveredOrBack() {
		return fail("sealed output of %d bytes while %s", len(e.Sealed), state)
	}
	if err := e.validateDisputes(); err != nil {
		return fail("%s", err)
	}
	if err := e.validateReplicas(); err != nil {
		return fail("%s", err)
	}
	if err := e.validateKey(); err != nil {
		return fail("%s", err)
	}
	if err := e.validateRelays(); err != nil {
		return fail("%s", err)
	}
	if err := e.validateAssigning(); err != nil {
		return fail("%s", err)
	}
	if len(e.Reporters) != int(e.Job.UnavailableReports) && state != lifecycle.Closed {
		return fail("%d reporters: unavailable_reports is %d", len(e.Reporters), e.Job.UnavailableReports)
	}
	for _, list := range [][]string{e.Excluded, e.Reporters} {
		if err := ascendingAddresses(list); err != nil {
			return fail("%s", err)
		}
	}
	return nil
}

// ascendingAddresses checks that addresses parse and rise by their bytes, as the store gives them.
func ascendingAddresses(list []string) error {
	last := ""
	for _, text := range list {
		addr, err := accounts.Decode(text)
		if err != nil {
			return ErrAddress.Wrapf("%q: %s", text, err)
		}
		if len(addr) > 0 && string(addr) <= last {
			return ErrGenesis.Wrapf("address %s is out of order", text)
		}
		last = string(addr)
	}
	return nil
}

// Validate refuses a job that no path of the state machine leads to.
func (j Job) Validate() error {
	state := j.State.Lifecycle()
	if !state.Known() {
		return ErrGenesis.Wrapf("state is %d: there is no such state", j.State)
	}
	if err := validateAddress("customer", j.Customer); err != nil {
		return err
	}
	for _, amount := range []math.Int{j.MaxPrice, j.Price, j.Exposure, j.ClaimFee, j.Paid, j.Refunded} {
		if amount.IsNil() || amount.IsNegative() {
			return ErrGenesis.Wrap("max_price, price, exposure, claim_fee, paid and refunded must be given and not negative")
		}
	}
	if (j.CloseReason != CLOSE_REASON_UNSPECIFIED) != (state == lifecycle.Closed) {
		return ErrGenesis.Wrapf("close_reason is %s while %s", j.CloseReason, state)
	}
	if err := j.Promise.validate(); err != nil {
		return err
	}
	if err := j.validateDispute(state); err != nil {
		return err
	}
	if err := j.validateContest(state); err != nil {
		return err
	}
	if state.HoldsExposure() && !state.IsReplicated() {
		return j.validateAttempt(state)
	}
	return nil
}

func (j Job) validateAttempt(state lifecycle.State) error {
	if err := validateAddress("worker", j.Worker); err != nil {
		return err
	}
	if j.Attempt < 1 || len(j.Device) == 0 {
		return ErrGenesis.Wrapf("%s without attempt and device", state)
	}
	if state.HoldsCommitment() && len(j.Commitment) != sha256.Size {
		return ErrGenesis.Wrapf("commitment has %d bytes: it must have %d", len(j.Commitment), sha256.Size)
	}
	if state.HoldsSeed() && len(j.Seed) != sha256.Size {
		return ErrGenesis.Wrapf("seed has %d bytes: it must have %d", len(j.Seed), sha256.Size)
	}
	for i, root := range j.StepRoots {
		if len(root) != program.RootSize {
			return ErrGenesis.Wrapf("step_roots[%d] has %d bytes: it must have %d", i, len(root), program.RootSize)
		}
	}
	return nil
}

// Lifecycle is the state as the state machine knows it.
func (s JobState) Lifecycle() lifecycle.State {
	if _, known := JobState_name[int32(s)]; !known {
		return 0
	}
	return lifecycle.State(s)
}
