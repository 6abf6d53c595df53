package keeper

import (
	"context"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/bond/rewards"
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

// Stake returns the totals of one operator's pool, all zero when it has none.
func (s queryServer) Stake(ctx context.Context, req *types.QueryStakeRequest) (*types.QueryStakeResponse, error) {
	pool, err := s.pool(ctx, req.GetOperator())
	if err != nil {
		return nil, err
	}
	return &types.QueryStakeResponse{Stake: pool.Stake()}, nil
}

// Stakes lists the totals of all pools by address.
func (s queryServer) Stakes(ctx context.Context, req *types.QueryStakesRequest) (*types.QueryStakesResponse, error) {
	stakes, page, err := query.CollectionPaginate(ctx, s.keeper.pools, req.GetPagination(),
		func(_ sdk.AccAddress, found types.Pool) (types.Stake, error) { return found.Stake(), nil })
	if err != nil {
		return nil, err
	}
	return &types.QueryStakesResponse{Stakes: stakes, Pagination: page}, nil
}

// Unbonding lists one account's unbonding entries, oldest first.
func (s queryServer) Unbonding(ctx context.Context, req *types.QueryUnbondingRequest) (*types.QueryUnbondingResponse, error) {
	owner, err := account("operator", req.GetOperator())
	if err != nil {
		return nil, err
	}
	entries, page, err := query.CollectionPaginate(ctx, s.keeper.entries, req.GetPagination(),
		func(_ entryKey, entry types.UnbondingEntry) (types.UnbondingEntry, error) {
			return s.keeper.valuedEntry(ctx, entry)
		},
		query.WithCollectionPaginationPairPrefix[sdk.AccAddress, uint64](owner))
	if err != nil {
		return nil, err
	}
	return &types.QueryUnbondingResponse{Entries: entries, Pagination: page}, nil
}

// Pool returns one operator's pool, an idle one when it has none.
func (s queryServer) Pool(ctx context.Context, req *types.QueryPoolRequest) (*types.QueryPoolResponse, error) {
	pool, err := s.pool(ctx, req.GetOperator())
	if err != nil {
		return nil, err
	}
	return &types.QueryPoolResponse{Pool: pool}, nil
}

// Backings lists the operators one account stands behind.
func (s queryServer) Backings(ctx context.Context, req *types.QueryBackingsRequest) (*types.QueryBackingsResponse, error) {
	backer, err := account("backer", req.GetBacker())
	if err != nil {
		return nil, err
	}
	backings, err := s.keeper.BackingsOf(ctx, backer)
	if err != nil {
		return nil, err
	}
	return &types.QueryBackingsResponse{Backings: backings}, nil
}

// Backers lists one operator's backings by backer.
func (s queryServer) Backers(ctx context.Context, req *types.QueryBackersRequest) (*types.QueryBackersResponse, error) {
	op, err := account("operator", req.GetOperator())
	if err != nil {
		return nil, err
	}
	pool, err := s.keeper.Pool(ctx, op)
	if err != nil {
		return nil, err
	}
	backings, page, err := query.CollectionPaginate(ctx, s.keeper.backers, req.GetPagination(),
		func(key pairKey, _ collections.NoValue) (types.Backing, error) {
			backing, _, err := s.keeper.backing(ctx, key.K2(), op)
			backing.Amount = pool.Worth(backing)
			return backing, err
		},
		query.WithCollectionPaginationPairPrefix[sdk.AccAddress, sdk.AccAddress](op))
	if err != nil {
		return nil, err
	}
	return &types.QueryBackersResponse{Backings: backings, Pagination: page}, nil
}

// Rewards returns what a backing has earned and not withdrawn.
func (s queryServer) Rewards(ctx context.Context, req *types.QueryRewardsRequest) (*types.QueryRewardsResponse, error) {
	op, err := account("operator", req.GetOperator())
	if err != nil {
		return nil, err
	}
	backer, err := account("backer", req.GetBacker())
	if err != nil {
		return nil, err
	}
	earned, commission, err := s.keeper.RewardsDue(ctx, backer, op)
	if err != nil {
		return nil, err
	}
	return &types.QueryRewardsResponse{Rewards: earned, Commission: commission}, nil
}

// Commission returns one operator's commission.
func (s queryServer) Commission(ctx context.Context, req *types.QueryCommissionRequest) (*types.QueryCommissionResponse, error) {
	pool, err := s.pool(ctx, req.GetOperator())
	if err != nil {
		return nil, err
	}
	params, err := s.keeper.Params(ctx)
	if err != nil {
		return nil, err
	}
	var from *time.Time
	if pool.CommissionChangedAt != nil {
		next := pool.CommissionChangedAt.Add(rewards.Day)
		from = &next
	}
	return &types.QueryCommissionResponse{CommissionBps: commissionOf(pool, params), ChangeableFrom: from, Due: pool.CommissionDue}, nil
}

// Points returns one operator's points in closed periods.
func (s queryServer) Points(ctx context.Context, req *types.QueryPointsRequest) (*types.QueryPointsResponse, error) {
	op, err := account("operator", req.GetOperator())
	if err != nil {
		return nil, err
	}
	points, err := s.keeper.Points(ctx, op, req.From, req.To)
	if err != nil {
		return nil, err
	}
	return &types.QueryPointsResponse{Points: points}, nil
}

// Ledger returns the running total of points and a page of closed periods.
func (s queryServer) Ledger(ctx context.Context, req *types.QueryLedgerRequest) (*types.QueryLedgerResponse, error) {
	ledger, err := s.keeper.ledger.Get(ctx)
	if err != nil {
		return nil, err
	}
	periods, page, err := query.CollectionPaginate(ctx, s.keeper.periods, req.GetPagination(),
		func(_ uint64, period types.Period) (types.Period, error) { return period, nil })
	if err != nil {
		return nil, err
	}
	return &types.QueryLedgerResponse{Ledger: ledger, Periods: periods, Pagination: page}, nil
}

func (s queryServer) pool(ctx context.Context, operator string) (types.Pool, error) {
	op, err := account("operator", operator)
	if err != nil {
		return types.Pool{}, err
	}
	return s.keeper.Pool(ctx, op)
}

// account parses an address of a request.
func account(field, addr string) (sdk.AccAddress, error) {
	parsed, err := accounts.Decode(addr)
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "%s %q: %v", field, addr, err)
	}
	return parsed, nil
}
