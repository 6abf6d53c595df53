package keeper

import (
	"context"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/market/types"
)

// Disputes lists jobs with an open dispute, oldest job first.
func (s queryServer) Disputes(ctx context.Context, req *types.QueryDisputesRequest) (*types.QueryDisputesResponse, error) {
	if req.Pagination != nil && req.Pagination.Limit > MaxPage {
		return nil, types.ErrQuery.Wrapf("pagination.limit is %d: at most %d", req.Pagination.Limit, MaxPage)
	}
	wanted := func(job types.Job) bool {
		return job.Dispute != nil && (req.Challenger == "" || job.Dispute.Challenger == req.Challenger)
	}
	if req.Worker == "" {
		jobs, page, err := query.CollectionFilteredPaginate(ctx, s.keeper.jobs, req.Pagination,
			func(_ uint64, job types.Job) (bool, error) { return wanted(job), nil },
			func(_ uint64, job types.Job) (types.Job, error) { return job, nil })
		return &types.QueryDisputesResponse{Jobs: jobs, Pagination: page}, err
	}
	worker, err := accounts.Decode(req.Worker)
	if err != nil {
		return nil, types.ErrAddress.Wrapf("worker: %q: %s", req.Worker, err)
	}
	jobs, page, err := query.CollectionFilteredPaginate(ctx, s.keeper.workers, req.Pagination,
		func(key ownerKey, _ collections.NoValue) (bool, error) {
			job, err := s.keeper.Job(ctx, key.K2())
			return wanted(job), err
		},
		func(key ownerKey, _ collections.NoValue) (types.Job, error) { return s.keeper.Job(ctx, key.K2()) },
		query.WithCollectionPaginationPairPrefix[sdk.AccAddress, uint64](worker))
	return &types.QueryDisputesResponse{Jobs: jobs, Pagination: page}, err
}

// DisputeTerms returns what a dispute of a job would cost now, and what stands in its way whatever the entry is.
func (s queryServer) DisputeTerms(ctx context.Context, req *types.QueryDisputeTermsRequest) (*types.QueryDisputeTermsResponse, error) {
	job, err := s.keeper.Job(ctx, req.Id)
	if err != nil {
		return nil, err
	}
	params, err := s.keeper.params.Get(ctx)
	if err != nil {
		return nil, err
	}
	seen := uint32(len(job.Disputed))
	response := &types.QueryDisputeTermsResponse{
		Bond: sdk.NewCoin(params.Denom, params.BondOf(job)), Left: params.MaxDisputes - min(seen, params.MaxDisputes),
	}
	if err := s.keeper.checkDisputable(sdk.UnwrapSDKContext(ctx), params, &job); err != nil {
		response.Obstacle = err.Error()
	}
	return response, nil
}
