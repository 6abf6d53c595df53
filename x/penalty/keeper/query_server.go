package keeper

import (
	"context"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/x/penalty/types"
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

// Jail tells whether an operator is jailed, and until when.
func (s queryServer) Jail(ctx context.Context, req *types.QueryJailRequest) (*types.QueryJailResponse, error) {
	op, err := operator(req.GetOperator())
	if err != nil {
		return nil, err
	}
	term, err := s.keeper.jails.Get(ctx, op)
	if errors.Is(err, collections.ErrNotFound) {
		return &types.QueryJailResponse{}, nil
	}
	if err != nil {
		return nil, err
	}
	return &types.QueryJailResponse{Jailed: true, Jail: &term}, nil
}

// Jails lists the jailed operators by address.
func (s queryServer) Jails(ctx context.Context, req *types.QueryJailsRequest) (*types.QueryJailsResponse, error) {
	jails, page, err := query.CollectionPaginate(ctx, s.keeper.jails, req.GetPagination(),
		func(_ sdk.AccAddress, term types.Jail) (types.Jail, error) { return term, nil })
	if err != nil {
		return nil, err
	}
	return &types.QueryJailsResponse{Jails: jails, Pagination: page}, nil
}

// Records lists punishments, all or one operator's, oldest first.
func (s queryServer) Records(ctx context.Context, req *types.QueryRecordsRequest) (*types.QueryRecordsResponse, error) {
	if req.GetOperator() != "" {
		return s.recordsOf(ctx, req)
	}
	records, page, err := query.CollectionPaginate(ctx, s.keeper.records, req.GetPagination(),
		func(_ uint64, record types.Record) (types.Record, error) { return record, nil })
	if err != nil {
		return nil, err
	}
	return &types.QueryRecordsResponse{Records: records, Pagination: page}, nil
}

// recordsOf lists one operator's punishments.
func (s queryServer) recordsOf(ctx context.Context, req *types.QueryRecordsRequest) (*types.QueryRecordsResponse, error) {
	op, err := operator(req.Operator)
	if err != nil {
		return nil, err
	}
	records, page, err := query.CollectionPaginate(ctx, s.keeper.byOperator, req.Pagination,
		func(key operatorKey, _ collections.NoValue) (types.Record, error) {
			return s.keeper.records.Get(ctx, key.K2())
		},
		query.WithCollectionPaginationPairPrefix[sdk.AccAddress, uint64](op))
	if err != nil {
		return nil, err
	}
	return &types.QueryRecordsResponse{Records: records, Pagination: page}, nil
}

// operator parses the address of a request.
func operator(addr string) (sdk.AccAddress, error) {
	op, err := sdk.AccAddressFromBech32(addr)
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "operator %q: %v", addr, err)
	}
	return op, nil
}
