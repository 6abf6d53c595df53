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

// SpotCheck returns a device's last check.
func (s queryServer) SpotCheck(ctx context.Context, req *types.QuerySpotCheckRequest) (*types.QuerySpotCheckResponse, error) {
	if req == nil {
		return nil, errEmpty
	}
	id, err := types.ParseDeviceID(req.Device)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	check, err := s.keeper.SpotCheck(ctx, id)
	if err != nil {
		return nil, status.Error(codes.NotFound, err.Error())
	}
	clock, err := s.keeper.reading(ctx)
	return &types.QuerySpotCheckResponse{Check: check, Clock: clock}, err
}

// SpotChecks lists the last checks by device, all or one operator's, of all states or one.
func (s queryServer) SpotChecks(ctx context.Context, req *types.QuerySpotChecksRequest) (*types.QuerySpotChecksResponse, error) {
	if req == nil {
		return nil, errEmpty
	}
	clock, err := s.keeper.reading(ctx)
	if err != nil {
		return nil, err
	}
	response := &types.QuerySpotChecksResponse{Clock: clock}
	if req.Operator != "" {
		return response, s.checksOf(ctx, req, response)
	}
	response.Checks, response.Pagination, err = query.CollectionFilteredPaginate(ctx, s.keeper.checks, req.Pagination,
		func(_ []byte, check types.SpotCheck) (bool, error) { return wanted(req, check), nil },
		func(_ []byte, check types.SpotCheck) (types.SpotCheck, error) { return check, nil })
	return response, err
}

// checksOf lists those of one operator's devices.
func (s queryServer) checksOf(ctx context.Context, req *types.QuerySpotChecksRequest, response *types.QuerySpotChecksResponse) error {
	operator, err := parseAddress("operator", req.Operator)
	if err != nil {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	response.Checks, response.Pagination, err = query.CollectionFilteredPaginate(ctx, s.keeper.owned, req.Pagination,
		func(key ownedKey, _ collections.NoValue) (bool, error) {
			check, found, err := s.keeper.lastCheck(ctx, key.K2())
			return found && wanted(req, check), err
		},
		func(key ownedKey, _ collections.NoValue) (types.SpotCheck, error) {
			return s.keeper.SpotCheck(ctx, key.K2())
		},
		query.WithCollectionPaginationPairPrefix[sdk.AccAddress, []byte](operator))
	return err
}

func wanted(req *types.QuerySpotChecksRequest, check types.SpotCheck) bool {
	return req.State == types.CHECK_STATE_UNSPECIFIED || req.State == check.State
}
