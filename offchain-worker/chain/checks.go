package chain

import (
	"context"
	"time"

	"github.com/cosmos/cosmos-sdk/client"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// CheckView is a spot check as the chain shows it, with the clock its deadline is on.
type CheckView struct {
	Check registrytypes.SpotCheck
	Clock registrytypes.Clock
}

// Remaining is the time until the check's deadline if no block is late.
func (v CheckView) Remaining(now time.Time) time.Duration {
	active := time.Duration(v.Clock.ActiveMs) * time.Millisecond
	if since := now.Sub(v.Clock.LastBlock); since > 0 {
		active += since
	}
	return time.Duration(v.Check.Due)*time.Millisecond - active
}

// SpotChecks are the last spot checks of an operator's devices.
func (c *Client) SpotChecks(ctx context.Context, operator sdk.AccAddress) (views []CheckView, err error) {
	err = c.ask(ctx, "spot checks", func(ctx context.Context, conn client.Context) error {
		return pages(func(page *query.PageRequest) (*query.PageResponse, error) {
			request := &registrytypes.QuerySpotChecksRequest{Operator: operator.String(), Pagination: page}
			response, err := registrytypes.NewQueryClient(conn).SpotChecks(ctx, request)
			if err != nil {
				return nil, err
			}
			for _, check := range response.Checks {
				views = append(views, CheckView{Check: check, Clock: response.Clock})
			}
			return response.Pagination, nil
		})
	})
	return views, err
}
