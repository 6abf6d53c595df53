package keeper

import (
	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/clock"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/scheduler"
	"github.com/assaychain/assay/x/market/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// place gives an open job to a device, closes it when it can't go on, or has it tried again later.
func (k *Keeper) place(ctx sdk.Context, id uint64) error {
	job, err := k.Job(ctx, id)
	if err != nil {
		return err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	if closed, err := k.closeIfOver(ctx, job); closed || err != nil {
		return err
	}
	request, err := k.request(ctx, &job)
	if err != nil {
		return err
	}
	plan := &planner{keeper: k, ctx: ctx, params: params, job: &job}
	spec, err := k.Spec(ctx, id)
	if err != nil {
		return err
	}
	view := network{keeper: k, ctx: ctx, over: jobOver(ctx, params, job.Work, spec.Samples)}
	floor, err := k.floor(params, spec.Assurance, workOf(spec))
	if err != nil {
		return err
	}
	survey, err := scheduler.Schedule(request, terms(params, floor), view, plan)
	if err != nil || survey.Best != nil {
		return err
	}
	return k.retryLater(ctx, params, &job)
}

// closeIfOver closes an open job that has no attempt left, or no time for one.
func (k *Keeper) closeIfOver(ctx sdk.Context, job types.Job) (bool, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return false, err
	}
	now, err := k.Now(ctx)
	if err != nil {
		return false, err
	}
	event := lifecycle.Resume(lifecycle.Progress{
		Attempts: job.Attempt, Reports: job.UnavailableReports, MaxAttempts: params.MaxAttempts,
		Remaining: job.DeadlineActive - min(now, job.DeadlineActive), Window: commitWindow(params, job.Work),
	})
	if event == 0 {
		return false, nil
	}
	return true, k.closeJob(ctx, &job, event)
}

// retryLater sets the next try: after the pause, or as soon as the job is to expire, if that is earlier.
func (k *Keeper) retryLater(ctx sdk.Context, params types.Params, job *types.Job) error {
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	expires := job.DeadlineActive - min(commitWindow(params, job.Work), job.DeadlineActive) + 1
	return k.reschedule(ctx, job, min(now+clock.Seconds(params.RetrySeconds), max(expires, now+1)))
}

// request is the job as the scheduler sees it.
func (k *Keeper) request(ctx sdk.Context, job *types.Job) (scheduler.Job, error) {
	spec, err := k.Spec(ctx, job.Id)
	if err != nil {
		return scheduler.Job{}, err
	}
	excluded, err := k.parties(ctx, k.excluded, job.Id)
	if err != nil {
		return scheduler.Job{}, err
	}
	request := requirements(spec.Requirements, spec.Assurance)
	request.Work, request.MaxPrice = job.Work, job.MaxPrice
	for _, operator := range excluded {
		request.Excluded = append(request.Excluded, operator.String())
	}
	return request, nil
}

func requirements(r types.Requirements, level types.Assurance) scheduler.Job {
	job := scheduler.Job{MinMemoryMiB: r.MinMemoryMib, Level: scheduler.Level(level)}
	for _, class := range r.Classes {
		job.Classes = append(job.Classes, scheduler.Class(class))
	}
	for class := registrytypes.DEVICE_CLASS_CPU; len(r.Classes) == 0 && class <= registrytypes.DEVICE_CLASS_DATACENTRE; class++ {
		job.Classes = append(job.Classes, scheduler.Class(class))
	}
	for _, backend := range r.Backends {
		job.Backends = append(job.Backends, scheduler.Backend(backend))
	}
	return job
}

func terms(params types.Params, floor sdk.Coin) scheduler.Terms {
	return scheduler.Terms{
		MinPrice: floor.Amount, ExposureBps: params.ExposureBps, MaxCandidates: params.MaxCandidates,
	}
}

// parties lists the accounts that a set holds for a job, by address; attempts bound their number.
func (k *Keeper) parties(ctx sdk.Context, set collections.KeySet[partyKey], id uint64) ([]sdk.AccAddress, error) {
	var list []sdk.AccAddress
	err := set.Walk(ctx, collections.NewPrefixedPairRange[uint64, sdk.AccAddress](id), func(key partyKey) (bool, error) {
		list = append(list, key.K2())
		return len(list) > types.MaxAttemptsLimit+lifecycle.ReportsToClose, nil
	})
	return list, err
}

// network shows the scheduler the registry, the bonds and the jail.
type network struct {
	keeper *Keeper
	ctx    sdk.Context
	// over is the Unix second at which the job that is placed must be over.
	over int64
}

var _ scheduler.State = network{}

// Walk visits the available devices of a class.
func (n network) Walk(class scheduler.Class, _ uint16, limit uint32, visit func(scheduler.Device) (bool, error)) error {
	return n.keeper.ports.Registry.WalkAvailable(n.ctx, registrytypes.DeviceClass(class), limit,
		func(d registrytypes.Device) (bool, error) {
			booked, err := n.keeper.bookedUntil(n.ctx, d.Id, n.over)
			if err != nil {
				return true, err
			}
			return visit(scheduler.Device{
				ID: d.Id, Operator: d.Operator, Class: scheduler.Class(d.Class), Backend: scheduler.Backend(d.Backend),
				MemoryMiB: d.MemoryMib, Lanes: d.Lanes, InUse: d.InUse, Price: d.Price, Available: d.Available,
				Booked: booked, Levels: levelsOf(d), TrustBps: min(d.UptimeBps, d.DeliveryBps),
			})
		})
}

// levelsOf are the levels of assurance that a device can prove.
func levelsOf(d registrytypes.Device) []scheduler.Level {
	levels := make([]scheduler.Level, 0, len(registrytypes.DefaultLevels()))
	for _, level := range d.CanProve() {
		levels = append(levels, scheduler.Level(level))
	}
	return levels
}

// Standing tells how an operator stands.
func (n network) Standing(operator string) (scheduler.Standing, error) {
	addr, err := sdk.AccAddressFromBech32(operator)
	if err != nil {
		return scheduler.Standing{}, types.ErrAddress.Wrapf("operator: %s", err)
	}
	jailed, err := n.keeper.ports.Penalty.IsJailed(n.ctx, addr)
	if err != nil {
		return scheduler.Standing{}, err
	}
	headroom, err := n.keeper.ports.Bond.Headroom(n.ctx, addr)
	return scheduler.Standing{Jailed: jailed, Headroom: headroom}, err
}

// planner carries out the scheduler's choice for one job.
type planner struct {
	keeper *Keeper
	ctx    sdk.Context
	params types.Params
	job    *types.Job
}

var _ scheduler.Planner = (*planner)(nil)

// Place takes the lane, locks the bond and begins the attempt.
func (p *planner) Place(choice scheduler.Placement) error {
	operator, err := sdk.AccAddressFromBech32(choice.Device.Operator)
	if err != nil {
		return types.ErrAddress.Wrapf("operator: %s", err)
	}
	if err := p.keeper.ports.Registry.Reserve(p.ctx, choice.Device.ID); err != nil {
		return err
	}
	if choice.Exposure.IsPositive() {
		if err := p.keeper.ports.Bond.Expose(p.ctx, operator, choice.Exposure); err != nil {
			return err
		}
	}
	return p.keeper.begin(p.ctx, p.params, p.job, choice)
}

// begin starts an attempt of the job on a device that is reserved.
func (k *Keeper) begin(ctx sdk.Context, params types.Params, job *types.Job, choice scheduler.Placement) error {
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	if err := k.reindexWorker(ctx, job, choice.Device.Operator); err != nil {
		return err
	}
	due := min(now+commitWindow(params, job.Work), job.DeadlineActive)
	_, err = k.move(ctx, job, lifecycle.Assign, func(job *types.Job) {
		job.Attempt++
		job.Worker, job.Device = choice.Device.Operator, choice.Device.ID
		job.Price, job.Exposure = choice.Price, choice.Exposure
		job.Due = due
	})
	if err != nil {
		return err
	}
	return ctx.EventManager().EmitTypedEvent(&types.EventJobAssigned{
		JobId: job.Id, Attempt: job.Attempt, Worker: job.Worker, Device: job.Device,
		Price: sdk.NewCoin(params.Denom, job.Price), CommitBy: inWallTime(ctx, now, due),
	})
}

// reindexWorker lists the job under its new worker only.
func (k *Keeper) reindexWorker(ctx sdk.Context, job *types.Job, operator string) error {
	if job.Worker != "" {
		last, err := workerOf(job)
		if err != nil {
			return err
		}
		if err := k.workers.Remove(ctx, collections.Join(last, job.Id)); err != nil {
			return err
		}
	}
	addr, err := sdk.AccAddressFromBech32(operator)
	if err != nil {
		return types.ErrAddress.Wrapf("operator: %s", err)
	}
	return k.workers.Set(ctx, collections.Join(addr, job.Id))
}
