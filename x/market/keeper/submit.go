package keeper

import (
	"time"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/delivery"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/pricing"
	"github.com/assaychain/assay/x/market/replicas"
	"github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/challenge"
)

// SubmitJob posts a job, locks its maximum price and queues it for this block's assignments.
func (k *Keeper) SubmitJob(
	ctx sdk.Context, customer sdk.AccAddress, spec types.Spec, maxPrice sdk.Coin, deadline time.Time,
) (uint64, error) {
	chargeSubmission(ctx, spec)
	params, err := k.params.Get(ctx)
	if err != nil {
		return 0, err
	}
	if err := k.checkSubmission(params, spec, maxPrice); err != nil {
		return 0, err
	}
	if err := k.checkMeetable(ctx, spec.Requirements); err != nil {
		return 0, err
	}
	if err := k.checkSelection(ctx, spec); err != nil {
		return 0, err
	}
	job, err := k.newJob(ctx, params, spec, deadline)
	if err != nil {
		return 0, err
	}
	if err := k.checkRestriction(ctx, spec); err != nil {
		return 0, err
	}
	job.Customer, job.MaxPrice = customer.String(), maxPrice.Amount
	if job.Id, err = k.nextJobID.Next(ctx); err != nil {
		return 0, err
	}
	if err := k.ports.Escrow.Open(ctx, types.ModuleName, job.Id, customer, maxPrice); err != nil {
		return 0, err
	}
	if err := k.specs.Set(ctx, job.Id, spec); err != nil {
		return 0, err
	}
	if err := k.customers.Set(ctx, collections.Join(customer, job.Id)); err != nil {
		return 0, err
	}
	if err := k.enter(ctx, &job); err != nil {
		return 0, err
	}
	return job.Id, ctx.EventManager().EmitTypedEvent(&types.EventJobSubmitted{
		JobId: job.Id, Customer: job.Customer, MaxPrice: maxPrice, Assurance: job.Assurance,
	})
}

// chargeSubmission pays for checking the specification and for all the tries to place the job, which no gas meter sees.
func chargeSubmission(ctx sdk.Context, spec types.Spec) {
	gas := uint64(types.GasPerJob + types.GasPerKeyExchange)
	gas += uint64(len(spec.Inputs))*types.GasPerInput + uint64(len(spec.Program.Steps))*types.GasPerStep
	// Each of several operators is looked for by itself, and once more where it fails.
	gas += uint64(min(spec.Operators(), replicas.Max)-1) * 2 * types.GasPerJob
	ctx.GasMeter().ConsumeGas(gas, "market: submit job")
}

func (k *Keeper) checkSubmission(params types.Params, spec types.Spec, maxPrice sdk.Coin) error {
	if err := spec.Validate(); err != nil {
		return err
	}
	if err := spec.ValidateAgainst(params); err != nil {
		return err
	}
	if err := k.checkInputs(spec); err != nil {
		return err
	}
	if err := k.checkReplicas(params, spec); err != nil {
		return err
	}
	least, err := k.LeastPrice(params, spec)
	if err != nil {
		return err
	}
	return types.ValidatePrice(maxPrice, least)
}

// checkMeetable refuses requirements that no registered device meets.
func (k *Keeper) checkMeetable(ctx sdk.Context, r types.Requirements) error {
	if r.MinMemoryMib == 0 {
		return nil
	}
	largest := uint32(0)
	for _, class := range r.AnyOf() {
		mib, err := k.ports.Registry.LargestMemory(ctx, class)
		if err != nil {
			return err
		}
		largest = max(largest, mib)
	}
	if largest > 0 && r.MinMemoryMib > largest {
		return types.ErrUnmeetable.Wrapf(
			"min_memory_mib %d: no registered class of those asked for has it; the largest has %d", r.MinMemoryMib, largest)
	}
	return nil
}

// checkReplicas refuses a job of several operators whose differences could not be decided entry by entry, or whose result could not be
// delivered in a transaction.
func (k *Keeper) checkReplicas(params types.Params, spec types.Spec) error {
	if spec.Recruits() == 0 {
		return nil
	}
	system, err := k.ports.Systems.For(spec.Assurance)
	if err != nil {
		return err
	}
	if !types.Replicable(system) {
		return types.ErrReplicas.Wrapf("assurance %s: differences between results of this level can't be decided entry by entry", spec.Assurance.Word())
	}
	output, err := spec.Program.Result()
	if err != nil {
		return types.ErrSpec.Wrapf("program: %s", err)
	}
	if size := delivery.SealedSize(output); size > uint64(params.MaxSealedBytes) {
		return types.ErrReplicas.Wrapf("the output takes %d bytes sealed: under %s at most max_sealed_bytes, %d",
			size, spec.Policy, params.MaxSealedBytes)
	}
	return nil
}

// newJob is an open job without number and customer.
func (k *Keeper) newJob(ctx sdk.Context, params types.Params, spec types.Spec, deadline time.Time) (types.Job, error) {
	work := spec.Program.Work()
	window := commitWindow(params, work)
	remaining, err := checkDeadline(ctx, params, deadline, window)
	if err != nil {
		return types.Job{}, err
	}
	circuits, err := k.fix(ctx, spec)
	if err != nil {
		return types.Job{}, err
	}
	now, err := k.Now(ctx)
	zero := math.ZeroInt()
	return types.Job{
		State: types.JOB_STATE_OPEN, Deadline: deadline, DeadlineActive: now + remaining, Due: now,
		Work: work, Circuits: circuits, Assurance: spec.Assurance, Replicas: spec.Recruits(), AuditBps: spec.AuditBps(),
		Price: zero, Exposure: zero, ClaimFee: zero, Paid: zero, Refunded: zero,
		SubmittedAt: ctx.BlockTime(), UpdatedAt: ctx.BlockTime(), UpdatedHeight: ctx.BlockHeight(),
		Promise: promise(params, spec, window),
	}, err
}

// promise is what the job's tier promises of its time. It is kept with the job, so that neither the parts nor the windows that
// governance changes alter what was bought. Of several operators each promises it of its own commitment.
func promise(params types.Params, spec types.Spec, window uint64) *types.Promise {
	if spec.Audit != nil {
		return nil // Neither who has it nor its auditor: their shares are their own.
	}
	return params.Promise(spec.Requirements.Tier, window)
}

// checkDeadline returns the time until the deadline in milliseconds. It must leave a worker the whole time to commit.
func checkDeadline(ctx sdk.Context, params types.Params, deadline time.Time, window uint64) (uint64, error) {
	left := deadline.UnixMilli() - ctx.BlockTime().UnixMilli()
	if left <= 0 {
		return 0, types.ErrDeadline.Wrapf("deadline %s is not after the block's time, %s", deadline, ctx.BlockTime())
	}
	if uint64(left) > 1000*params.MaxDeadlineSeconds {
		return 0, types.ErrDeadline.Wrapf("deadline is %d s away: at most %d", left/1000, params.MaxDeadlineSeconds)
	}
	if uint64(left) < window {
		return 0, types.ErrDeadline.Wrapf("deadline is %d ms away: this work needs at least %d", left, window)
	}
	return uint64(left), nil
}

// checkInputs checks that the inputs are committed to as the job's level of assurance demands.
func (k *Keeper) checkInputs(spec types.Spec) error {
	system, err := k.ports.Systems.For(spec.Assurance)
	if err != nil {
		return err
	}
	for i, input := range spec.Inputs {
		if err := system.CheckRoot(spec.Program.Inputs[i].Kind, input.Root); err != nil {
			return types.ErrSpec.Wrapf("inputs[%d].root: %s", i, err)
		}
	}
	return nil
}

// fix asks the proof system whether it could prove the job, and by which circuits.
func (k *Keeper) fix(ctx sdk.Context, spec types.Spec) ([]string, error) {
	system, err := k.ports.Systems.For(spec.Assurance)
	if err != nil {
		return nil, err
	}
	circuits, err := system.Fix(ctx, workOf(spec))
	if err != nil {
		return nil, types.ErrSpec.Wrapf("assurance %s: %s", spec.Assurance.Word(), err)
	}
	return circuits, nil
}

// proofCosts are what a job's proofs cost: their bytes on the chain, and the effort of making them.
type proofCosts struct{ size, effort uint64 }

func (k *Keeper) proofCosts(level types.Assurance, work challenge.Work) (costs proofCosts, err error) {
	system, err := k.ports.Systems.For(level)
	if err != nil {
		return costs, err
	}
	if costs.size, err = system.Bytes(work); err == nil {
		costs.effort, err = system.Effort(work)
	}
	if err != nil {
		return costs, types.ErrSpec.Wrapf("assurance %s: %s", level.Word(), err)
	}
	return costs, nil
}

// floor is the least price of one operator's work, with what its proofs cost whoever puts them on the chain.
func (c proofCosts) floor(params types.Params) sdk.Coin { return params.Floor(c.size, c.effort) }

// LeastPrice is the least that a job's highest price may be: what the work of all its operators costs at least. It returns ErrSpec
// where the proof system of the job's level of assurance can't prove the work.
func (k *Keeper) LeastPrice(params types.Params, spec types.Spec) (sdk.Coin, error) {
	costs, err := k.proofCosts(spec.Assurance, workOf(spec))
	if err != nil {
		return sdk.Coin{}, err
	}
	least := costs.floor(params)
	least.Amount = least.Amount.MulRaw(int64(spec.Operators()))
	return least, nil
}

// window is the time in milliseconds in which the proofs of so many samples must be there.
func (c proofCosts) window(params types.Params, samples uint32) uint64 {
	return pricing.ProofWindow(samples, c.effort, params.ProofBaseSeconds, params.ProofSecondsPerSample)
}

// proofWindow is the time in milliseconds in which a job's proofs must be there.
func (k *Keeper) proofWindow(params types.Params, spec types.Spec) (uint64, error) {
	costs, err := k.proofCosts(spec.Assurance, workOf(spec))
	return costs.window(params, spec.Samples), err
}

// workOf is what a job's proofs depend on from its submission on.
func workOf(spec types.Spec) challenge.Work {
	work := challenge.Work{Program: spec.Program, Samples: spec.Samples}
	for _, input := range spec.Inputs {
		work.Inputs = append(work.Inputs, input.Root)
	}
	return work
}

func commitWindow(params types.Params, work uint64) uint64 {
	return pricing.CommitWindow(work, params.CommitBaseSeconds, params.CommitSecondsPerGmac)
}

// CancelJob closes an open job at its customer's wish, with a full refund. A job that is over is closed for what it is, so
// that nobody is cheated of a fee by a quick cancellation.
func (k *Keeper) CancelJob(ctx sdk.Context, customer sdk.AccAddress, id uint64) error {
	job, err := k.Job(ctx, id)
	if err != nil {
		return err
	}
	if err := checkCustomer(&job, customer); err != nil {
		return err
	}
	if _, err := transition(&job, lifecycle.Cancel); err != nil {
		return err
	}
	if closed, err := k.closeIfOver(ctx, job); closed || err != nil {
		return err
	}
	return k.closeJob(ctx, &job, lifecycle.Cancel)
}
