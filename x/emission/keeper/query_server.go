package keeper

import (
	"context"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/x/emission/types"
)

const (
	// MaxQueryEpoch bounds the epochs that the schedule is worked out for: fifty years of days.
	MaxQueryEpoch = 18_263
	// MaxQueryPoints bounds the epochs told in one answer.
	MaxQueryPoints = 1_000
	// GasPerEpoch is charged for each epoch that is worked out, where a node limits the gas of queries: 13 µs by BenchmarkNext, at
	// 1,000 gas for 200 µs.
	GasPerEpoch = 65
)

type queryServer struct{ keeper *Keeper }

var _ types.QueryServer = queryServer{}

// NewQueryServer returns the module's query service.
func NewQueryServer(k *Keeper) types.QueryServer { return queryServer{keeper: k} }

var errEmpty = status.Error(codes.InvalidArgument, "empty request")

// Params returns the parameters.
func (s queryServer) Params(ctx context.Context, _ *types.QueryParamsRequest) (*types.QueryParamsResponse, error) {
	params, err := s.keeper.Params(ctx)
	return &types.QueryParamsResponse{Params: params}, err
}

// State returns how far the schedule has come, and where what was minted is.
func (s queryServer) State(ctx context.Context, _ *types.QueryStateRequest) (*types.QueryStateResponse, error) {
	progress, err := s.keeper.progress.Get(ctx)
	if err != nil {
		return nil, err
	}
	dues, err := s.keeper.dues.Get(ctx)
	if err != nil {
		return nil, err
	}
	totals, err := s.keeper.totals.Get(ctx)
	return &types.QueryStateResponse{Progress: progress, Dues: dues, Totals: totals}, err
}

// Schedule returns what epochs emit by the present schedule, as if it had been in force from the beginning.
func (s queryServer) Schedule(ctx context.Context, req *types.QueryScheduleRequest) (*types.QueryScheduleResponse, error) {
	if req == nil {
		return nil, errEmpty
	}
	from, step := max(req.From, 1), max(req.Step, 1)
	if req.To < from || req.To > MaxQueryEpoch {
		return nil, status.Errorf(codes.InvalidArgument, "to is %d: it must be from %d to %d", req.To, from, MaxQueryEpoch)
	}
	if n := (req.To-from)/step + 1; n > MaxQueryPoints {
		return nil, status.Errorf(codes.InvalidArgument, "%d epochs: ask for at most %d, with a larger step or in several requests", n, MaxQueryPoints)
	}
	sdk.UnwrapSDKContext(ctx).GasMeter().ConsumeGas(GasPerEpoch*req.To, "emission: schedule")
	params, err := s.keeper.Params(ctx)
	if err != nil {
		return nil, err
	}
	progress, err := s.keeper.progress.Get(ctx)
	if err != nil {
		return nil, err
	}
	response := &types.QueryScheduleResponse{MintedEpochs: progress.Epoch, Denom: params.Denom}
	for _, p := range params.Schedule.Plan().Points(from, req.To, step) {
		response.Points = append(response.Points, types.SchedulePoint{Epoch: p.Epoch, Amount: p.Amount, Cumulative: p.Cumulative})
	}
	return response, nil
}

// Periods lists the periods that can be claimed, oldest first.
func (s queryServer) Periods(ctx context.Context, req *types.QueryPeriodsRequest) (*types.QueryPeriodsResponse, error) {
	if req == nil {
		return nil, errEmpty
	}
	periods, page, err := query.CollectionPaginate(ctx, s.keeper.periods, req.Pagination,
		func(_ uint64, period types.Period) (types.Period, error) { return period, nil })
	if err != nil {
		return nil, err
	}
	return &types.QueryPeriodsResponse{Periods: periods, Pagination: page}, nil
}

// Claimable returns what the operator's next claim would pay.
func (s queryServer) Claimable(ctx context.Context, req *types.QueryClaimableRequest) (*types.QueryClaimableResponse, error) {
	if req == nil {
		return nil, errEmpty
	}
	operator, err := parseAddress("operator", req.Operator)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	claimed, err := s.keeper.claimable(ctx, operator, 0)
	if errors.Is(err, types.ErrNothing) {
		params, err := s.keeper.Params(ctx)
		return &types.QueryClaimableResponse{Amount: sdk.NewCoin(params.Denom, math.ZeroInt())}, err
	}
	if err != nil {
		return nil, err
	}
	return &types.QueryClaimableResponse{Amount: claimed.Amount, Periods: claimed.Periods(), Through: claimed.Through}, nil
}
