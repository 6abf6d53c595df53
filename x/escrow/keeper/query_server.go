package keeper

import (
	"context"
	"errors"

	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/escrow/types"
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

// Account returns one open account, its streams, and how long the money lasts.
func (s queryServer) Account(ctx context.Context, req *types.QueryAccountRequest) (*types.QueryAccountResponse, error) {
	if err := types.ValidateScope(req.GetScope()); err != nil {
		return nil, grpcstatus.Error(codes.InvalidArgument, err.Error())
	}
	account, err := s.keeper.current(ctx, req.GetScope(), req.GetId())
	if errors.Is(err, types.ErrNoAccount) {
		return nil, grpcstatus.Error(codes.NotFound, err.Error())
	}
	if err != nil {
		return nil, err
	}
	res := &types.QueryAccountResponse{Account: account, Free: sdk.NewCoin(account.Denom, account.Books().Free())}
	if dry, ends := account.Books().DryAt(); ends {
		at := moment(dry)
		res.DryAt, res.Flowing = &at, !account.IsDry()
	}
	streams, err := s.keeper.streamsOf(ctx, account, types.MaxMaxStreams)
	for _, stream := range streams {
		res.Streams = append(res.Streams, status(account, stream))
	}
	return res, err
}

// status is a stream and what it earned until the moment through which its account is counted.
func status(account types.Account, stream types.Stream) types.StreamStatus {
	_, due := stream.State().Settle(account.Flow.Through)
	return types.StreamStatus{Stream: stream, Due: sdk.NewCoin(account.Denom, due)}
}

// StreamsOf lists the streams that pay one payee.
func (s queryServer) StreamsOf(ctx context.Context, req *types.QueryStreamsOfRequest) (*types.QueryStreamsOfResponse, error) {
	payee, err := accounts.Decode(req.GetPayee())
	if err != nil {
		return nil, grpcstatus.Errorf(codes.InvalidArgument, "payee %q: %v", req.GetPayee(), err)
	}
	prefix := collections.QuadPrefix[sdk.AccAddress, string, uint64, uint32](payee)
	streams, page, err := query.CollectionPaginate(ctx, s.keeper.byPayee, req.Pagination,
		func(key payeeKey, _ collections.NoValue) (types.StreamStatus, error) {
			account, err := s.keeper.current(ctx, key.K2(), key.K3())
			if err != nil {
				return types.StreamStatus{}, err
			}
			stream, err := s.keeper.Stream(ctx, key.K2(), key.K3(), key.K4())
			if err != nil {
				return types.StreamStatus{}, err
			}
			return status(account, stream), nil
		},
		func(o *query.CollectionsPaginateOptions[payeeKey]) { o.Prefix = &prefix })
	if err != nil {
		return nil, err
	}
	return &types.QueryStreamsOfResponse{Streams: streams, Pagination: page}, nil
}

// Accounts lists the open accounts, all or one depositor's, by scope and number, as they were last written.
func (s queryServer) Accounts(ctx context.Context, req *types.QueryAccountsRequest) (*types.QueryAccountsResponse, error) {
	if req.GetDepositor() != "" {
		return s.accountsOf(ctx, req)
	}
	accounts, page, err := query.CollectionPaginate(ctx, s.keeper.accounts, req.GetPagination(),
		func(_ accountKey, account types.Account) (types.Account, error) { return account, nil })
	if err != nil {
		return nil, err
	}
	return &types.QueryAccountsResponse{Accounts: accounts, Pagination: page}, nil
}

// accountsOf lists one depositor's accounts.
func (s queryServer) accountsOf(ctx context.Context, req *types.QueryAccountsRequest) (*types.QueryAccountsResponse, error) {
	depositor, err := accounts.Decode(req.Depositor)
	if err != nil {
		return nil, grpcstatus.Errorf(codes.InvalidArgument, "depositor %q: %v", req.Depositor, err)
	}
	prefix := collections.TriplePrefix[sdk.AccAddress, string, uint64](depositor)
	accounts, page, err := query.CollectionPaginate(ctx, s.keeper.byDepositor, req.Pagination,
		func(key depositorKey, _ collections.NoValue) (types.Account, error) {
			return s.keeper.Account(ctx, key.K2(), key.K3())
		},
		func(o *query.CollectionsPaginateOptions[depositorKey]) { o.Prefix = &prefix })
	if err != nil {
		return nil, err
	}
	return &types.QueryAccountsResponse{Accounts: accounts, Pagination: page}, nil
}
