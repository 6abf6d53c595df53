package keeper

import (
	"context"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/x/accounts"
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

// Record returns one punishment.
func (s queryServer) Record(ctx context.Context, req *types.QueryRecordRequest) (*types.QueryRecordResponse, error) {
	record, err := s.keeper.Record(ctx, req.GetId())
	if errors.Is(err, types.ErrNotFound) {
		return nil, status.Error(codes.NotFound, err.Error())
	}
	if err != nil {
		return nil, err
	}
	return &types.QueryRecordResponse{Record: record}, nil
}

// Holds lists punishments whose stake is held, in the order in which they are settled.
func (s queryServer) Holds(ctx context.Context, req *types.QueryHoldsRequest) (*types.QueryHoldsResponse, error) {
	records, page, err := query.CollectionPaginate(ctx, s.keeper.holds, req.GetPagination(),
		func(key timedKey, _ collections.NoValue) (types.Record, error) {
			return s.keeper.records.Get(ctx, key.K2())
		})
	if err != nil {
		return nil, err
	}
	return &types.QueryHoldsResponse{Records: records, Pagination: page}, nil
}

// Appeals lists punishments whose appeal is not resolved, by number.
func (s queryServer) Appeals(ctx context.Context, req *types.QueryAppealsRequest) (*types.QueryAppealsResponse, error) {
	records, page, err := query.CollectionPaginate(ctx, s.keeper.appeals, req.GetPagination(),
		func(id uint64, _ collections.NoValue) (types.Record, error) { return s.keeper.records.Get(ctx, id) })
	if err != nil {
		return nil, err
	}
	return &types.QueryAppealsResponse{Records: records, Pagination: page}, nil
}

// Conduct lists what counts of an operator's offences now.
func (s queryServer) Conduct(ctx context.Context, req *types.QueryConductRequest) (*types.QueryConductResponse, error) {
	op, err := operator(req.GetOperator())
	if err != nil {
		return nil, err
	}
	conducts, err := s.keeper.conductOf(ctx, op)
	if err != nil {
		return nil, err
	}
	return &types.QueryConductResponse{Conducts: conducts}, nil
}

// operator parses the address of a request.
func operator(addr string) (sdk.AccAddress, error) {
	op, err := accounts.Decode(addr)
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "operator %q: %v", addr, err)
	}
	return op, nil
}
