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

type queryServer struct{ keeper *Keeper }

var _ types.QueryServer = queryServer{}

// errEmpty answers a request that is not there.
var errEmpty = status.Error(codes.InvalidArgument, "empty request")

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

// Operator returns one operator.
func (s queryServer) Operator(ctx context.Context, req *types.QueryOperatorRequest) (*types.QueryOperatorResponse, error) {
	if req == nil {
		return nil, errEmpty
	}
	address, err := parseAddress("operator", req.Operator)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	operator, err := s.keeper.Operator(ctx, address)
	if err != nil {
		return nil, status.Error(codes.NotFound, err.Error())
	}
	return &types.QueryOperatorResponse{Operator: operator}, nil
}

// Operators lists the operators by address.
func (s queryServer) Operators(ctx context.Context, req *types.QueryOperatorsRequest) (*types.QueryOperatorsResponse, error) {
	if req == nil {
		return nil, errEmpty
	}
	operators, page, err := query.CollectionPaginate(ctx, s.keeper.operators, req.Pagination,
		func(_ sdk.AccAddress, operator types.Operator) (types.Operator, error) { return operator, nil })
	if err != nil {
		return nil, err
	}
	return &types.QueryOperatorsResponse{Operators: operators, Pagination: page}, nil
}

// Device returns one device.
func (s queryServer) Device(ctx context.Context, req *types.QueryDeviceRequest) (*types.QueryDeviceResponse, error) {
	if req == nil {
		return nil, errEmpty
	}
	id, err := types.ParseDeviceID(req.Id)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	device, err := s.keeper.Device(ctx, id)
	if err != nil {
		return nil, status.Error(codes.NotFound, err.Error())
	}
	now, err := s.keeper.Now(ctx)
	if err != nil {
		return nil, err
	}
	_, drawable, err := s.keeper.places.find(ctx, id)
	return &types.QueryDeviceResponse{Device: device, ClockMs: now, Drawable: drawable}, err
}

// Devices lists the devices by id, all or one operator's.
func (s queryServer) Devices(ctx context.Context, req *types.QueryDevicesRequest) (*types.QueryDevicesResponse, error) {
	if req == nil {
		return nil, errEmpty
	}
	if req.Operator != "" {
		return s.devicesOf(ctx, req)
	}
	devices, page, err := query.CollectionPaginate(ctx, s.keeper.devices, req.Pagination,
		func(_ []byte, device types.Device) (types.Device, error) { return device, nil })
	if err != nil {
		return nil, err
	}
	return &types.QueryDevicesResponse{Devices: devices, Pagination: page}, nil
}

func (s queryServer) devicesOf(ctx context.Context, req *types.QueryDevicesRequest) (*types.QueryDevicesResponse, error) {
	operator, err := parseAddress("operator", req.Operator)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	devices, page, err := query.CollectionPaginate(ctx, s.keeper.owned, req.Pagination,
		func(key ownedKey, _ collections.NoValue) (types.Device, error) { return s.keeper.Device(ctx, key.K2()) },
		query.WithCollectionPaginationPairPrefix[sdk.AccAddress, []byte](operator))
	if err != nil {
		return nil, err
	}
	return &types.QueryDevicesResponse{Devices: devices, Pagination: page}, nil
}
