package keeper

import (
	"context"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/pricing"
	"github.com/assaychain/assay/x/market/replicas"
	"github.com/assaychain/assay/x/market/scheduler"
	"github.com/assaychain/assay/x/market/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// search is everything that the choice of a job's device depends on.
type search struct {
	job   scheduler.Job
	terms scheduler.Terms
	view  *network
	// quoted are the factors of the present measurement alone.
	quoted moment
}

// moment holds the factors of a measurement, by the number of the class: of what was wanted, and of the hour in which its span began.
type moment struct{ demand, day []uint32 }

// search prepares the choice of a device for a job.
func (k *Keeper) search(ctx context.Context, known *scan, params types.Params, job *types.Job) (search, error) {
	spec, err := k.Spec(ctx, job.Id)
	if err != nil {
		return search{}, err
	}
	s, err := k.searchFor(ctx, known, params, spec, job.Work)
	if err != nil {
		return s, err
	}
	s.job.MaxPrice, s.job.Tries, s.job.Turn = job.MaxPrice, job.Tries, job.Id
	if job.Replicas > 0 {
		s.job.MaxPrice = replicas.Share(job.MaxPrice, spec.Operators())
		if s.view.over, err = k.roundOver(sdk.UnwrapSDKContext(ctx), params, job, 0); err != nil {
			return s, err
		}
	}
	s.terms.MaxCandidates = scheduler.Widen(params.MaxCandidates, job.Tries)
	if job.Attempt == 0 {
		return s, nil // Nobody has failed it yet.
	}
	excluded, err := k.parties(sdk.UnwrapSDKContext(ctx), k.excluded, job.Id)
	for _, operator := range excluded {
		s.job.Excluded = append(s.job.Excluded, operator.String())
	}
	return s, err
}

// noDeadline is what is left of the time of a job that isn't submitted yet.
const noDeadline = uint64(1) << 62

// searchFor prepares the choice of a device for whatever meets a specification of so much work, at any price.
func (k *Keeper) searchFor(ctx context.Context, known *scan, params types.Params, spec types.Spec, work uint64) (search, error) {
	moment, err := known.present(ctx)
	if err != nil {
		return search{}, err
	}
	costs, err := k.proofCosts(spec.Assurance, workOf(spec))
	if err != nil {
		return search{}, err
	}
	terms, quoted, err := known.terms(ctx, params, costs.floor(params).Amount, spec.Requirements)
	if err != nil {
		return search{}, err
	}
	job := requirements(spec.Requirements, spec.Assurance)
	if job.Named {
		if job.Eligible, err = known.pool(ctx, spec.Requirements.Pool); err != nil {
			return search{}, err
		}
	}
	job.Work, job.MaxPrice = work, unlimited()
	terms.ExposureBps = spec.LeadExposureBps(params)
	over := jobOver(sdk.UnwrapSDKContext(ctx), params, work, costs.window(params, spec.Samples))
	if spec.Recruits() > 0 {
		if over, err = k.longestRound(sdk.UnwrapSDKContext(ctx), params, spec, noDeadline, 0); err != nil {
			return search{}, err
		}
	}
	return search{job: job, terms: terms, quoted: quoted, view: &network{
		scan: known, ctx: ctx, over: over, work: work, workload: workloadOf(spec, work), now: moment.now, operators: spec.Replicas,
	}}, nil
}

// decision is what is kept of a choice that began the job's attempt.
func (s search) decision(ctx context.Context, job *types.Job, survey scheduler.Survey) types.Decision {
	d := types.ShowDecision(survey)
	d.Attempt, d.Height = job.Attempt, sdk.UnwrapSDKContext(ctx).BlockHeight()
	d.Tier, d.Home, d.Floor, d.TierBps = types.JobTier(s.job.Tier), uint32(s.job.Home), s.terms.MinPrice, s.terms.TierBps
	return d
}

// requirements is the job as the scheduler sees it, but for its work, its price, who is in its pool and who failed it.
func requirements(r types.Requirements, level types.Assurance) scheduler.Job {
	job := scheduler.Job{
		MinMemoryMiB: r.MinMemoryMib, Level: scheduler.Level(level), Home: uint16(r.Cell), Tier: r.Tier.Scheduler(),
		MaxRoundTripMicros: r.MaxRoundTripMs * 1_000, Eligible: r.Operators,
		Named: r.Pool > 0, AttestedOnly: r.AttestedOnly,
	}
	for _, class := range r.AnyOf() {
		job.Classes = append(job.Classes, scheduler.Class(class))
	}
	for _, backend := range r.Backends {
		job.Backends = append(job.Backends, scheduler.Backend(backend))
	}
	return job
}

// terms are the parameters that bear on a choice. A price follows the last two measurements of demand, and the hours in which they were taken:
// whichever makes it lower, as a lease's does, so that what a quote says by the present one, which comes beside the terms, holds until it is
// no more among them.
func (s *scan) terms(
	ctx context.Context, params types.Params, floor math.Int, r types.Requirements,
) (terms scheduler.Terms, quoted moment, err error) {
	demand, err := s.rented(ctx)
	if err != nil {
		return terms, quoted, err
	}
	charged, quoted := newMoments()
	now, before := params.JobHour(demand.Span*QuoteSeconds), params.JobHour(demand.PreviousSpan*QuoteSeconds)
	for _, class := range r.AnyOf() {
		waits, err := s.queues(ctx, class, r.Cell)
		if err != nil {
			return terms, quoted, err
		}
		wanted := jobDemand(params, utilisation(demand.UtilisationBps, class), waits.present)
		was := jobDemand(params, utilisation(demand.PreviousBps, class), waits.previous)
		quoted.demand[class], quoted.day[class] = wanted, now
		charged.demand[class], charged.day[class] = wanted, now
		if uint64(was)*uint64(before) < uint64(wanted)*uint64(now) {
			charged.demand[class], charged.day[class] = was, before
		}
	}
	return scheduler.Terms{
		MinPrice: floor, ExposureBps: params.ExposureBps, MaxCandidates: params.MaxCandidates, RunnersUp: params.MaxRunnersUp,
		TierBps: params.JobTier(r.Tier), DemandBps: charged.demand, DayBps: charged.day,
	}, quoted, nil
}

func newMoments() (a, b moment) {
	const n = registrytypes.Classes + 1
	all := make([]uint32, 4*n)
	return moment{all[:n], all[n : 2*n]}, moment{all[2*n : 3*n], all[3*n:]}
}

// jobDemand is the factor of what is rented and waited for.
func jobDemand(params types.Params, rented, queue uint32) uint32 {
	return pricing.Demand(pricing.Wanted(rented, queue), params.JobDemandLowBps, params.JobDemandHighBps)
}
