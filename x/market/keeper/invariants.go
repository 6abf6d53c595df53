package keeper

import (
	"bytes"
	"context"
	"slices"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/types"
)

// tally is what the jobs add up to.
type tally struct {
	// exposures by operator and lanes by device, in the order of first appearance.
	operators []sdk.AccAddress
	exposures []math.Int
	devices   [][]byte
	lanes     []uint32
	// entries by queue.
	open, due, verify, prune, waiting, jobs, owned, answers, patient, decisions, rounds, proofs int
	// entries of leases by queue, places in calendars, and calendars that have any.
	leaseDue, leaseLate, leasePrune, leases, booked, calendars int
}

// Invariants compares jobs, queues, indexes and the books of the modules below, and names the first difference:
// every job waits in exactly the queue of its state, every job that isn't closed has its deposit locked in escrow and no other
// has an account, each operator's exposure is the sum over its jobs in flight and its leases, each device's lanes in use are its
// jobs. checkLeases says what must hold of leases.
// It walks everything: for tests, simulation and genesis only.
func (k *Keeper) Invariants(goCtx context.Context) error {
	ctx := sdk.UnwrapSDKContext(goCtx)
	var t tally
	err := k.jobs.Walk(ctx, nil, func(_ uint64, job types.Job) (bool, error) {
		if err := k.checkEscrow(ctx, &job); err != nil {
			return true, err
		}
		if err := k.checkBond(ctx, &job); err != nil {
			return true, err
		}
		if err := k.checkRecords(ctx, &job); err != nil {
			return true, err
		}
		if err := k.checkQueued(ctx, &job); err != nil {
			return true, err
		}
		if err := t.count(&job); err != nil {
			return true, err
		}
		return false, k.countReplicas(ctx, &t, &job)
	})
	if err != nil {
		return err
	}
	if err := k.checkLeases(ctx, &t); err != nil {
		return err
	}
	if err := k.checkBooks(ctx, &t); err != nil {
		return err
	}
	if err := k.checkLeaseCounts(ctx, &t); err != nil {
		return err
	}
	return k.checkCounts(ctx, &t)
}

func broken(job *types.Job, format string, args ...any) error {
	return types.ErrInvariant.Wrapf("job %d, %s: "+format, append([]any{job.Id, job.State.Lifecycle()}, args...)...)
}

// checkEscrow compares a job with its account. Deposits of the customer's own may add to the balance, never to what is locked.
func (k *Keeper) checkEscrow(ctx sdk.Context, job *types.Job) error {
	account, err := k.ports.Escrow.Account(ctx, types.ModuleName, job.Id)
	if !job.State.Lifecycle().HoldsEscrow() {
		if err == nil {
			return broken(job, "its escrow account is still there")
		}
		return nil
	}
	if err != nil {
		return broken(job, "escrow account: %s", err)
	}
	if want := job.MaxPrice.Add(job.ClaimFee); !account.Locked.Equal(want) || account.Balance.LT(want) {
		return broken(job, "escrow has %s with %s locked: %s must be", account.Balance, account.Locked, want)
	}
	return nil
}

// checkBond compares a job's dispute with the account of its bond.
func (k *Keeper) checkBond(ctx sdk.Context, job *types.Job) error {
	account, err := k.ports.Escrow.Account(ctx, types.DisputeScope, job.Id)
	if job.Dispute == nil {
		if err == nil {
			return broken(job, "the bond of a dispute is still there")
		}
		return nil
	}
	if err != nil {
		return broken(job, "bond of its dispute: %s", err)
	}
	if !account.Locked.Equal(job.Dispute.Bond) || account.Depositor != job.Dispute.Challenger {
		return broken(job, "the bond is %s of %s: %s of %s must be", account.Locked, account.Depositor, job.Dispute.Bond, job.Dispute.Challenger)
	}
	return nil
}

// checkRecords checks that a job has the records its state needs, and no others.
func (k *Keeper) checkRecords(ctx sdk.Context, job *types.Job) error {
	entry, err := k.exportJob(ctx, *job)
	if err != nil {
		return broken(job, "%s", err)
	}
	return entry.Validate()
}

func (k *Keeper) checkQueued(ctx sdk.Context, job *types.Job) error {
	var queued bool
	var err error
	if job.State == types.JOB_STATE_CLOSED {
		queued, err = k.prune.Has(ctx, collections.Join(job.PruneAt, job.Id))
	} else {
		queued, err = k.queue(job.State).Has(ctx, collections.Join(job.Due, job.Id))
	}
	if err != nil {
		return err
	}
	if !queued {
		return broken(job, "it is not in the queue of its state at %d", job.Due)
	}
	if patient, err := k.patient.Has(ctx, job.Id); err != nil || patient != isPatient(job) {
		return broken(job, "it was tried %d times in vain and is among the patient: %t, %v", job.Tries, patient, err)
	}
	if !waits(job) {
		return nil
	}
	waits, err := k.waiting.Has(ctx, waitsFor(job))
	if err == nil && !waits {
		err = broken(job, "it does not wait for round %d", waitsFor(job).K2())
	}
	return err
}

// count adds a job to the tally.
func (t *tally) count(job *types.Job) error {
	t.jobs++
	t.owned++
	if job.Worker != "" && job.Replicas == 0 {
		t.owned++
	}
	switch job.State {
	case types.JOB_STATE_OPEN:
		t.open++
	case types.JOB_STATE_VERIFYING, types.JOB_STATE_ANSWERED, types.JOB_STATE_JUDGING:
		t.verify++
	case types.JOB_STATE_CLOSED:
		t.prune++
	default:
		t.due++
	}
	if waits(job) {
		t.waiting++
	}
	if isPatient(job) {
		t.patient++
	}
	if job.Attempt > 0 {
		t.decisions++
	}
	if job.State == types.JOB_STATE_ANSWERED {
		t.answers++
	}
	if job.Replicas > 0 {
		return nil
	}
	state := job.State.Lifecycle()
	if state.HoldsLane() {
		t.addLane(job.Device)
	}
	return t.addExposure(job, state)
}

func (t *tally) addLane(device []byte) {
	i := slices.IndexFunc(t.devices, func(d []byte) bool { return bytes.Equal(d, device) })
	if i < 0 {
		t.devices, t.lanes = append(t.devices, device), append(t.lanes, 1)
		return
	}
	t.lanes[i]++
}

// addExposure counts workers of jobs that hold none too, so that a lock that was left behind is seen.
func (t *tally) addExposure(job *types.Job, state lifecycle.State) error {
	if job.Worker == "" {
		return nil
	}
	worker, err := workerOf(job)
	if err != nil {
		return err
	}
	held := math.ZeroInt()
	if state.HoldsExposure() {
		held = job.Exposure
	}
	t.expose(worker, held)
	return nil
}

func (t *tally) expose(operator sdk.AccAddress, held math.Int) {
	i := slices.IndexFunc(t.operators, func(o sdk.AccAddress) bool { return o.Equals(operator) })
	if i < 0 {
		t.operators, t.exposures = append(t.operators, operator), append(t.exposures, held)
		return
	}
	t.exposures[i] = t.exposures[i].Add(held)
}

// checkBooks compares the sums with bond and registry.
func (k *Keeper) checkBooks(ctx sdk.Context, t *tally) error {
	for i, operator := range t.operators {
		stake, err := k.ports.Bond.Stake(ctx, operator)
		if err != nil {
			return err
		}
		if !stake.Exposure.Equal(t.exposures[i]) {
			return types.ErrInvariant.Wrapf("operator %s: exposure is %s, its jobs and leases hold %s", operator, stake.Exposure, t.exposures[i])
		}
	}
	for i, id := range t.devices {
		device, err := k.ports.Registry.Device(ctx, id)
		if err != nil {
			return err
		}
		if device.InUse != t.lanes[i] {
			return types.ErrInvariant.Wrapf("device %X: %d lanes in use, %d jobs hold one", id, device.InUse, t.lanes[i])
		}
	}
	return nil
}

// checkCounts finds entries that belong to no job.
func (k *Keeper) checkCounts(ctx sdk.Context, t *tally) error {
	open, err1 := size(ctx, k.open)
	due, err2 := size(ctx, k.due)
	verify, err3 := size(ctx, k.verify)
	prune, err4 := size(ctx, k.prune)
	waiting, err5 := size(ctx, k.waiting)
	customers, err6 := size(ctx, k.customers)
	workers, err7 := size(ctx, k.workers)
	answers, err8 := k.countAnswers(ctx)
	patient, err9 := size(ctx, k.patient)
	decisions, err10 := k.countDecisions(ctx)
	rounds, proofs, err11 := k.countRounds(ctx)
	err12 := k.checkBacklogs(ctx)
	for _, err := range []error{err1, err2, err3, err4, err5, err6, err7, err8, err9, err10, err11, err12} {
		if err != nil {
			return err
		}
	}
	for _, c := range []struct {
		name      string
		got, want int
	}{
		{"open", open, t.open}, {"due", due, t.due}, {"verify", verify, t.verify}, {"prune", prune, t.prune},
		{"waiting", waiting, t.waiting}, {"customers and workers", customers + workers, t.owned},
		{"answers", answers, t.answers}, {"patient", patient, t.patient}, {"decisions", decisions, t.decisions},
		{"replicas", rounds, t.rounds}, {"replica proofs", proofs, t.proofs},
	} {
		if c.got != c.want {
			return types.ErrInvariant.Wrapf("%s has %d entries for %d jobs", c.name, c.got, c.want)
		}
	}
	return nil
}

func (k *Keeper) countAnswers(ctx sdk.Context) (n int, err error) {
	err = k.answers.Walk(ctx, nil, func(uint64, []byte) (bool, error) {
		n++
		return false, nil
	})
	return n, err
}

func size[K any](ctx sdk.Context, set collections.KeySet[K]) (int, error) {
	n := 0
	err := set.Walk(ctx, nil, func(K) (bool, error) {
		n++
		return false, nil
	})
	return n, err
}
