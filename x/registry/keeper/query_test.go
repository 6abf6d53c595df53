package keeper_test

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/x/registry/types"
)

func TestQueries(t *testing.T) {
	f := busy(t)
	params, err := f.queries.Params(f.ctx, &types.QueryParamsRequest{})
	require.NoError(t, err)
	require.Equal(t, unchecked(), params.Params)

	operator, err := f.queries.Operator(f.ctx, &types.QueryOperatorRequest{Operator: alice.String()})
	require.NoError(t, err)
	require.EqualValues(t, 4, operator.Operator.Devices)
	device, err := f.queries.Device(f.ctx, &types.QueryDeviceRequest{Id: hex.EncodeToString(deviceID(1))})
	require.NoError(t, err)
	require.EqualValues(t, 2, device.Device.InUse)

	operators, err := f.queries.Operators(f.ctx, &types.QueryOperatorsRequest{Pagination: &query.PageRequest{Limit: 1, CountTotal: true}})
	require.NoError(t, err)
	require.Len(t, operators.Operators, 1)
	require.EqualValues(t, 2, operators.Pagination.Total)
	operators, err = f.queries.Operators(f.ctx, &types.QueryOperatorsRequest{Pagination: &query.PageRequest{Key: operators.Pagination.NextKey}})
	require.NoError(t, err)
	require.Equal(t, bob.String(), operators.Operators[0].Address)

	all, err := f.queries.Devices(f.ctx, &types.QueryDevicesRequest{})
	require.NoError(t, err)
	require.Len(t, all.Devices, 5)
	page, err := f.queries.Devices(f.ctx, &types.QueryDevicesRequest{Operator: alice.String(), Pagination: &query.PageRequest{Limit: 3}})
	require.NoError(t, err)
	require.Len(t, page.Devices, 3)
	rest, err := f.queries.Devices(f.ctx, &types.QueryDevicesRequest{Operator: alice.String(), Pagination: &query.PageRequest{Key: page.Pagination.NextKey}})
	require.NoError(t, err)
	require.Len(t, rest.Devices, 1)
	for _, found := range append(page.Devices, rest.Devices...) {
		require.Equal(t, alice.String(), found.Operator)
	}
}

func TestBadQueries(t *testing.T) {
	f := busy(t)
	for name, c := range map[string]struct {
		call func() error
		want codes.Code
	}{
		"operator": {func() error {
			_, err := f.queries.Operator(f.ctx, &types.QueryOperatorRequest{Operator: "x"})
			return err
		}, codes.InvalidArgument},
		"unknown operator": {func() error {
			_, err := f.queries.Operator(f.ctx, &types.QueryOperatorRequest{Operator: authority})
			return err
		}, codes.NotFound},
		"device":       {func() error { _, err := f.queries.Device(f.ctx, &types.QueryDeviceRequest{Id: "zz"}); return err }, codes.InvalidArgument},
		"short device": {func() error { _, err := f.queries.Device(f.ctx, &types.QueryDeviceRequest{Id: "ab"}); return err }, codes.InvalidArgument},
		"unknown device": {func() error {
			_, err := f.queries.Device(f.ctx, &types.QueryDeviceRequest{Id: hex.EncodeToString(deviceID(99))})
			return err
		}, codes.NotFound},
		"devices of nobody": {func() error {
			_, err := f.queries.Devices(f.ctx, &types.QueryDevicesRequest{Operator: "x"})
			return err
		}, codes.InvalidArgument},
		"no operator request": {func() error { _, err := f.queries.Operator(f.ctx, nil); return err }, codes.InvalidArgument},
		"no operators":        {func() error { _, err := f.queries.Operators(f.ctx, nil); return err }, codes.InvalidArgument},
		"no device request":   {func() error { _, err := f.queries.Device(f.ctx, nil); return err }, codes.InvalidArgument},
		"no devices":          {func() error { _, err := f.queries.Devices(f.ctx, nil); return err }, codes.InvalidArgument},
	} {
		require.Equal(t, c.want, status.Code(c.call()), name)
	}
}
