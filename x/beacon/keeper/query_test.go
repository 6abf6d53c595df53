package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/x/beacon/types"
)

func TestQueries(t *testing.T) {
	f := eventful(t)
	params, err := f.queries.Params(f.ctx, &types.QueryParamsRequest{})
	require.NoError(t, err)
	require.EqualValues(t, 2, params.Params.MinDelaySeconds)

	pending, err := f.queries.Pending(f.ctx, &types.QueryPendingRequest{})
	require.NoError(t, err)
	require.Len(t, pending.Requests, 1, "only what the present beacon can answer")
	require.Equal(t, "dao", pending.Requests[0].Consumer)

	first, err := f.queries.Rounds(f.ctx, &types.QueryRoundsRequest{Pagination: &query.PageRequest{Limit: 2, CountTotal: true}})
	require.NoError(t, err)
	require.Len(t, first.Rounds, 2)
	require.EqualValues(t, 3, first.Pagination.Total)
	rest, err := f.queries.Rounds(f.ctx, &types.QueryRoundsRequest{Pagination: &query.PageRequest{Key: first.Pagination.NextKey}})
	require.NoError(t, err)
	require.Len(t, rest.Rounds, 1)

	one, err := f.queries.Round(f.ctx, &types.QueryRoundRequest{Round: rest.Rounds[0].Round})
	require.NoError(t, err)
	require.Equal(t, rest.Rounds[0], one.Round)
	_, err = f.queries.Round(f.ctx, &types.QueryRoundRequest{Round: 1})
	require.ErrorContains(t, err, "not found")
	for name, call := range map[string]func() error{
		"round":   func() error { _, err := f.queries.Round(f.ctx, nil); return err },
		"rounds":  func() error { _, err := f.queries.Rounds(f.ctx, nil); return err },
		"pending": func() error { _, err := f.queries.Pending(f.ctx, nil); return err },
	} {
		require.Error(t, call(), name)
	}
}
