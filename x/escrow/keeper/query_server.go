package keeper

import (
	"context"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

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

// Account returns one open account.
func (s queryServer) Account(ctx context.Context, req *types.QueryAccountRequest) (*types.QueryAccountResponse, error) {
	if err := types.ValidateScope(req.GetScope()); err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	account, err := s.keeper.Account(ctx, req.GetScope(), req.GetId())
	if errors.Is(err, types.ErrNoAccount) {
		return nil, status.Error(codes.NotFound, err.Error())
	}
	if err != nil {
		return nil, err
	}
	return &types.QueryAccountResponse{Account: account}, nil
}

// Accounts lists the open accounts, all or one depositor's, by scope and number.
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
	depositor, err := sdk.AccAddressFromBech32(req.Depositor)
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "depositor %q: %v", req.Depositor, err)
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
