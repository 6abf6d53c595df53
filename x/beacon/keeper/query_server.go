package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"github.com/cosmos/cosmos-sdk/types/query"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/assaychain/assay/x/beacon/types"
)

type queryServer struct{ keeper *Keeper }

var _ types.QueryServer = queryServer{}

// NewQueryServer returns the module's query service.
func NewQueryServer(k *Keeper) types.QueryServer { return queryServer{keeper: k} }

// Params returns the parameters.
func (s queryServer) Params(ctx context.Context, _ *types.QueryParamsRequest) (*types.QueryParamsResponse, error) {
	params, err := s.keeper.params.Get(ctx)
	if err != nil {
		return nil, err
	}
	return &types.QueryParamsResponse{Params: params}, nil
}

// Round returns a posted round of the present beacon.
func (s queryServer) Round(ctx context.Context, req *types.QueryRoundRequest) (*types.QueryRoundResponse, error) {
	if req == nil {
		return nil, status.Error(codes.InvalidArgument, "empty request")
	}
	generation, err := s.keeper.generation.Get(ctx)
	if err != nil {
		return nil, err
	}
	record, err := s.keeper.Round(ctx, generation, req.Round)
	if err != nil {
		return nil, status.Error(codes.NotFound, err.Error())
	}
	return &types.QueryRoundResponse{Round: record}, nil
}

// Rounds lists the posted rounds that are kept, of every generation.
func (s queryServer) Rounds(ctx context.Context, req *types.QueryRoundsRequest) (*types.QueryRoundsResponse, error) {
	if req == nil {
		return nil, status.Error(codes.InvalidArgument, "empty request")
	}
	rounds, page, err := query.CollectionPaginate(ctx, s.keeper.rounds, req.Pagination,
		func(_ roundKey, record types.Round) (types.Round, error) { return record, nil })
	if err != nil {
		return nil, err
	}
	return &types.QueryRoundsResponse{Rounds: rounds, Pagination: page}, nil
}

// Pending lists the rounds of the present beacon that are waited for, lowest round first: those a relayer can post.
func (s queryServer) Pending(ctx context.Context, req *types.QueryPendingRequest) (*types.QueryPendingResponse, error) {
	if req == nil {
		return nil, status.Error(codes.InvalidArgument, "empty request")
	}
	generation, err := s.keeper.generation.Get(ctx)
	if err != nil {
		return nil, err
	}
	requests, page, err := query.CollectionPaginate(ctx, s.keeper.requests, req.Pagination,
		func(key requestKey, _ collections.NoValue) (types.Request, error) {
			return types.Request{Generation: key.K1(), Round: key.K2(), Consumer: key.K3()}, nil
		},
		func(o *query.CollectionsPaginateOptions[requestKey]) {
			prefix := collections.TriplePrefix[uint64, uint64, string](generation)
			o.Prefix = &prefix
		})
	if err != nil {
		return nil, err
	}
	return &types.QueryPendingResponse{Requests: requests, Pagination: page}, nil
}
