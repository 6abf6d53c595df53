package chain

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/types/query"

	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// SomeDevices are the devices of the network whose ids follow a start, at most limit: a sample of them, when the start is drawn. It begins anew at
// the lowest id when the start is near the highest.
func (c *Client) SomeDevices(ctx context.Context, start []byte, limit uint64) (devices []registrytypes.Device, err error) {
	err = c.ask(ctx, "devices", func(ctx context.Context, conn client.Context) error {
		for _, key := range [][]byte{start, nil} {
			request := &registrytypes.QueryDevicesRequest{Pagination: &query.PageRequest{Key: key, Limit: limit - uint64(len(devices))}}
			response, err := registrytypes.NewQueryClient(conn).Devices(ctx, request)
			if err != nil {
				return err
			}
			devices = append(devices, response.Devices...)
			if uint64(len(devices)) >= limit {
				return nil
			}
		}
		return nil
	})
	return devices, err
}

// SinceMeasured is how much active time has passed since a device's last report of round trips; false when there was none.
func (c *Client) SinceMeasured(ctx context.Context, id []byte) (since time.Duration, reported bool, err error) {
	err = c.ask(ctx, "device "+hex.EncodeToString(id), func(ctx context.Context, conn client.Context) error {
		response, err := registrytypes.NewQueryClient(conn).Device(ctx, &registrytypes.QueryDeviceRequest{Id: hex.EncodeToString(id)})
		if err != nil {
			return err
		}
		last := response.Device.MeasuredAt
		since, reported = time.Duration(response.ClockMs-min(last, response.ClockMs))*time.Millisecond, last > 0
		return nil
	})
	return since, reported, err
}
