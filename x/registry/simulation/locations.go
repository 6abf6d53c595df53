package simulation

import (
	"context"

	"github.com/cosmos/cosmos-sdk/testutil/simsx"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/x/registry/cells"
	"github.com/assaychain/assay/x/registry/keeper"
	"github.com/assaychain/assay/x/registry/types"
)

// anyCell draws a cell of the grid; one device in five tells none.
func anyCell(r *simsx.XRand) uint32 {
	if r.Intn(5) == 0 {
		return 0
	}
	return uint32(1 + r.Intn(cells.Count))
}

// elsewhere moves one device in four.
func elsewhere(r *simsx.XRand, cell uint32) uint32 {
	if r.Intn(4) == 0 {
		return anyCell(r)
	}
	return cell
}

// MsgReportRoundTripsFactory reports a round trip to another operator's device: as the prior has it, times anything up to two, which may be
// faster than light or come too soon.
func MsgReportRoundTripsFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return simsx.NewSimMsgFactoryWithDeliveryResultHandler(func(
		ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter,
	) ([]simsx.SimAccount, *types.MsgReportRoundTrips, simsx.SimDeliveryResultHandler) {
		device, owner, ok := anyDevice(ctx, k, data, reporter)
		if !ok {
			return nil, nil, nil
		}
		peer, ok := anyPeer(ctx, k, data, device)
		if device.Cell == 0 || !ok {
			reporter.Skip("nothing to measure, or nowhere to measure from")
			return nil, nil, nil
		}
		prior := cells.RoundTrip(cells.Cell(device.Cell), cells.Cell(peer.Cell))
		return []simsx.SimAccount{owner}, &types.MsgReportRoundTrips{
			Operator: device.Operator, Device: device.Id,
			RoundTrips: []types.RoundTrip{{Device: peer.Id, Micros: uint32(1 + data.Rand().Int63n(2*int64(prior)))}},
		}, refusable(types.ErrRoundTrip, types.ErrTooSoon)
	})
}

// anyPeer chooses a device of another operator that told its cell.
func anyPeer(ctx context.Context, k *keeper.Keeper, data *simsx.ChainDataSource, device types.Device) (types.Device, bool) {
	response, err := keeper.NewQueryServer(k).Devices(ctx, &types.QueryDevicesRequest{Pagination: &query.PageRequest{Limit: page}})
	if err != nil {
		return types.Device{}, false
	}
	var peers []types.Device
	for _, one := range response.Devices {
		if one.Operator != device.Operator && one.Cell > 0 {
			peers = append(peers, one)
		}
	}
	if len(peers) == 0 {
		return types.Device{}, false
	}
	return peers[data.Rand().Intn(len(peers))], true
}
