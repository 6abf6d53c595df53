package chain

import (
	"context"
	"encoding/hex"
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

// Drawable tells whether a device can still be drawn for a spot check, which must then be answered. False for one that is not there.
func (c *Client) Drawable(ctx context.Context, id []byte) (drawable bool, err error) {
	err = c.ask(ctx, "device", func(ctx context.Context, conn client.Context) error {
		response, err := registrytypes.NewQueryClient(conn).Device(ctx, &registrytypes.QueryDeviceRequest{Id: hex.EncodeToString(id)})
		if err == nil {
			drawable = response.Drawable
		}
		return err
	})
	if isNotFound(err) {
		return false, nil
	}
	return drawable, err
}
