package keeper

import (
	"context"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/assaychain/assay/x/registry/types"
)

// Pool returns a pool with its operators.
func (s queryServer) Pool(ctx context.Context, req *types.QueryPoolRequest) (*types.QueryPoolResponse, error) {
	if req == nil {
		return nil, errEmpty
	}
	pool, err := s.keeper.Pool(ctx, req.Pool)
	if err != nil {
		return nil, err
	}
	operators, err := s.keeper.PoolOperators(ctx, req.Pool)
	return &types.QueryPoolResponse{Pool: pool, Operators: operators}, err
}

// Pools lists the pools by id, all or one owner's.
func (s queryServer) Pools(ctx context.Context, req *types.QueryPoolsRequest) (*types.QueryPoolsResponse, error) {
	if req == nil {
		return nil, errEmpty
	}
	if req.Owner != "" {
		return s.poolsOf(ctx, req)
	}
	pools, page, err := query.CollectionPaginate(ctx, s.keeper.pools.pools, req.Pagination,
		func(_ uint64, pool types.Pool) (types.Pool, error) { return pool, nil })
	if err != nil {
		return nil, err
	}
	return &types.QueryPoolsResponse{Pools: pools, Pagination: page}, nil
}

func (s queryServer) poolsOf(ctx context.Context, req *types.QueryPoolsRequest) (*types.QueryPoolsResponse, error) {
	owner, err := parseAddress("owner", req.Owner)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	pools, page, err := query.CollectionPaginate(ctx, s.keeper.pools.owned, req.Pagination,
		func(key poolOwnerKey, _ collections.NoValue) (types.Pool, error) { return s.keeper.Pool(ctx, key.K2()) },
		query.WithCollectionPaginationPairPrefix[sdk.AccAddress, uint64](owner))
	if err != nil {
		return nil, err
	}
	return &types.QueryPoolsResponse{Pools: pools, Pagination: page}, nil
}
