package keeper

import (
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/x/bond/types"
)

// queryServer answers the module's queries.
type queryServer struct {
	keeper *Keeper
}

var _ types.QueryServer = queryServer{}

// NewQueryServer returns the module's query service.
func NewQueryServer(k *Keeper) types.QueryServer {
	return queryServer{keeper: k}
}

// Params returns the parameters.
func (s queryServer) Params(ctx context.Context, _ *types.QueryParamsRequest) (*types.QueryParamsResponse, error) {
	params, err := s.keeper.Params(ctx)
	if err != nil {
		return nil, err
	}
	return &types.QueryParamsResponse{Params: params}, nil
}

// Stake returns one operator's stake, all zero when it has none.
func (s queryServer) Stake(ctx context.Context, req *types.QueryStakeRequest) (*types.QueryStakeResponse, error) {
	op, err := operator(req.GetOperator())
	if err != nil {
		return nil, err
	}
	found, err := s.keeper.Stake(ctx, op)
	if err != nil {
		return nil, err
	}
	return &types.QueryStakeResponse{Stake: found}, nil
}

// Stakes lists all stakes by address.
func (s queryServer) Stakes(ctx context.Context, req *types.QueryStakesRequest) (*types.QueryStakesResponse, error) {
	stakes, page, err := query.CollectionPaginate(ctx, s.keeper.stakes, req.GetPagination(),
		func(_ sdk.AccAddress, found types.Stake) (types.Stake, error) { return found, nil })
	if err != nil {
		return nil, err
	}
	return &types.QueryStakesResponse{Stakes: stakes, Pagination: page}, nil
}

// Unbonding lists one operator's unbonding entries, oldest first.
func (s queryServer) Unbonding(ctx context.Context, req *types.QueryUnbondingRequest) (*types.QueryUnbondingResponse, error) {
	op, err := operator(req.GetOperator())
	if err != nil {
		return nil, err
	}
	entries, page, err := query.CollectionPaginate(ctx, s.keeper.entries, req.GetPagination(),
		func(_ entryKey, entry types.UnbondingEntry) (types.UnbondingEntry, error) { return entry, nil },
		query.WithCollectionPaginationPairPrefix[sdk.AccAddress, uint64](op))
	if err != nil {
		return nil, err
	}
	return &types.QueryUnbondingResponse{Entries: entries, Pagination: page}, nil
}

// operator parses the address of a request.
func operator(addr string) (sdk.AccAddress, error) {
	op, err := sdk.AccAddressFromBech32(addr)
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "operator %q: %v", addr, err)
	}
	return op, nil
}
