package keeper

import (
	"context"
	"errors"
	"time"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/market/audits"
	"github.com/assaychain/assay/x/market/types"
)

// MaxPage bounds the jobs of one answer.
const MaxPage = 500

type queryServer struct{ keeper *Keeper }

var _ types.QueryServer = queryServer{}

// NewQueryServer returns the module's query service.
func NewQueryServer(k *Keeper) types.QueryServer { return queryServer{keeper: k} }

// Params returns the parameters.
func (s queryServer) Params(ctx context.Context, _ *types.QueryParamsRequest) (*types.QueryParamsResponse, error) {
	params, err := s.keeper.params.Get(ctx)
	return &types.QueryParamsResponse{Params: params}, err
}

// Job returns one job with its specification.
func (s queryServer) Job(ctx context.Context, req *types.QueryJobRequest) (*types.QueryJobResponse, error) {
	job, err := s.keeper.Job(ctx, req.Id)
	if err != nil {
		return nil, err
	}
	spec, err := s.keeper.Spec(ctx, req.Id)
	return &types.QueryJobResponse{Job: job, Spec: spec}, err
}

// Jobs lists jobs, oldest first.
func (s queryServer) Jobs(ctx context.Context, req *types.QueryJobsRequest) (*types.QueryJobsResponse, error) {
	if req.Pagination != nil && req.Pagination.Limit > MaxPage {
		return nil, types.ErrQuery.Wrapf("pagination.limit is %d: at most %d", req.Pagination.Limit, MaxPage)
	}
	switch {
	case req.Customer != "" && req.Worker != "":
		return nil, types.ErrQuery.Wrap("customer and worker exclude each other")
	case req.Customer != "":
		return s.jobsOf(ctx, s.keeper.customers, req.Customer, req)
	case req.Worker != "":
		return s.jobsOf(ctx, s.keeper.workers, req.Worker, req)
	default:
		return s.allJobs(ctx, req)
	}
}

func (s queryServer) allJobs(ctx context.Context, req *types.QueryJobsRequest) (*types.QueryJobsResponse, error) {
	jobs, page, err := query.CollectionFilteredPaginate(ctx, s.keeper.jobs, req.Pagination,
		func(_ uint64, job types.Job) (bool, error) { return wanted(req, job), nil },
		func(_ uint64, job types.Job) (types.Job, error) { return job, nil })
	return &types.QueryJobsResponse{Jobs: jobs, Pagination: page}, err
}

func (s queryServer) jobsOf(
	ctx context.Context, index collections.KeySet[ownerKey], owner string, req *types.QueryJobsRequest,
) (*types.QueryJobsResponse, error) {
	addr, err := accounts.Decode(owner)
	if err != nil {
		return nil, types.ErrAddress.Wrapf("%q: %s", owner, err)
	}
	jobs, page, err := query.CollectionFilteredPaginate(ctx, index, req.Pagination,
		func(key ownerKey, _ collections.NoValue) (bool, error) {
			job, err := s.keeper.Job(ctx, key.K2())
			return wanted(req, job), err
		},
		func(key ownerKey, _ collections.NoValue) (types.Job, error) { return s.keeper.Job(ctx, key.K2()) },
		query.WithCollectionPaginationPairPrefix[sdk.AccAddress, uint64](addr))
	return &types.QueryJobsResponse{Jobs: jobs, Pagination: page}, err
}

func wanted(req *types.QueryJobsRequest, job types.Job) bool {
	return !req.Active || job.State != types.JOB_STATE_CLOSED
}

// Challenge returns the positions a job must be proven at.
func (s queryServer) Challenge(ctx context.Context, req *types.QueryChallengeRequest) (*types.QueryChallengeResponse, error) {
	job, err := s.keeper.Job(ctx, req.Id)
	if err != nil {
		return nil, err
	}
	response := &types.QueryChallengeResponse{Round: job.Round, Seed: job.Seed}
	if len(job.Seed) == 0 {
		return response, nil
	}
	spec, err := s.keeper.Spec(ctx, req.Id)
	if err != nil {
		return nil, err
	}
	positions, err := s.keeper.ports.Systems.Positions(spec.Assurance, [32]byte(job.Seed), workOf(spec))
	if err != nil {
		return nil, err
	}
	for _, p := range positions {
		shown := types.Position{Step: p.Step, Row: p.Row, Col: p.Col}
		if int(p.Step) < len(job.Circuits) {
			shown.Circuit = job.Circuits[p.Step]
		}
		response.Positions = append(response.Positions, shown)
	}
	return response, nil
}

// Proofs returns the proofs handed in for a job; none before.
func (s queryServer) Proofs(ctx context.Context, req *types.QueryProofsRequest) (*types.QueryProofsResponse, error) {
	if _, err := s.keeper.Job(ctx, req.Id); err != nil {
		return nil, err
	}
	set, err := s.keeper.proofs.Get(ctx, req.Id)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return nil, err
	}
	return &types.QueryProofsResponse{Proofs: set}, nil
}

// Delivery returns the sealed output while it may be contested; nothing otherwise.
func (s queryServer) Delivery(ctx context.Context, req *types.QueryDeliveryRequest) (*types.QueryDeliveryResponse, error) {
	if _, err := s.keeper.Job(ctx, req.Id); err != nil {
		return nil, err
	}
	sealed, err := s.keeper.sealed.Get(ctx, req.Id)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return nil, err
	}
	return &types.QueryDeliveryResponse{Sealed: sealed}, nil
}

// Relays returns the claims of a job that relays answer, while it is open; nothing otherwise.
func (s queryServer) Relays(ctx context.Context, req *types.QueryRelaysRequest) (*types.QueryRelaysResponse, error) {
	if _, err := s.keeper.Job(ctx, req.Id); err != nil {
		return nil, err
	}
	record, err := s.keeper.relays.Get(ctx, req.Id)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return nil, err
	}
	return &types.QueryRelaysResponse{Record: record}, nil
}

// Replicas returns the present round of a job of several operators; nothing while it has none.
func (s queryServer) Replicas(ctx context.Context, req *types.QueryReplicasRequest) (*types.QueryReplicasResponse, error) {
	if _, err := s.keeper.Job(ctx, req.Id); err != nil {
		return nil, err
	}
	record, err := s.keeper.replicas.Get(ctx, req.Id)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return nil, err
	}
	return &types.QueryReplicasResponse{Record: record}, nil
}

// Clock returns the market's clock as the last block left it.
func (s queryServer) Clock(ctx context.Context, _ *types.QueryClockRequest) (*types.QueryClockResponse, error) {
	clock, err := s.keeper.clock.Get(ctx)
	return &types.QueryClockResponse{Clock: clock}, err
}

// Quote returns the cheapest price among the devices that would take a program now, at any price, and the price on the one that
// would be chosen, both by the present snapshot of demand.
func (s queryServer) Quote(ctx context.Context, req *types.QueryQuoteRequest) (*types.QueryQuoteResponse, error) {
	if err := req.Program.Validate(); err != nil {
		return nil, types.ErrSpec.Wrapf("program: %s", err)
	}
	if err := req.Requirements.Validate(); err != nil {
		return nil, err
	}
	params, err := s.keeper.params.Get(ctx)
	if err != nil {
		return nil, err
	}
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	spec := types.Spec{
		Program: req.Program, Requirements: req.Requirements, Samples: max(req.Samples, params.MinSamples), Assurance: req.Assurance,
	}
	if req.Replicas > 1 {
		spec.Replicas = req.Replicas
	}
	if req.AuditBps > 0 {
		if req.AuditBps > audits.Bps || req.Replicas > 1 {
			return nil, types.ErrQuery.Wrapf("audit_bps is %d with %d replicas: at most %d, and for one operator", req.AuditBps, req.Replicas, audits.Bps)
		}
		spec.Audit = &types.AuditTerms{Bps: req.AuditBps}
	}
	if err := s.keeper.checkSelection(sdkCtx, spec); err != nil {
		return nil, err
	}
	search, err := s.keeper.searchFor(sdkCtx, s.keeper.newScan(), params, spec, spec.Program.Work())
	if err != nil {
		return nil, err
	}
	demand, err := s.keeper.demand(sdkCtx)
	if err != nil {
		return nil, err
	}
	search.terms.DemandBps, search.terms.DayBps = search.quoted.demand, search.quoted.day
	offer, err := search.ask(spec.Operators())
	if err != nil {
		return nil, err
	}
	return &types.QueryQuoteResponse{
		Price: sdk.NewCoin(params.Denom, offer.cheapest), Work: search.job.Work, Devices: offer.devices,
		Choice: sdk.NewCoin(params.Denom, offer.choice), ValidUntil: time.Unix((demand.Span+2)*QuoteSeconds, 0).UTC(),
		TierBps: offer.factors.Tier, CapabilityBps: offer.factors.Capability, DemandBps: offer.factors.Demand, DayBps: offer.factors.Day,
		Promise: promise(params, spec, commitWindow(params, search.job.Work)),
	}, nil
}
