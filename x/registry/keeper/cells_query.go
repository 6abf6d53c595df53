package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/assaychain/assay/x/registry/cells"
	"github.com/assaychain/assay/x/registry/types"
)

// Cells lists the cells that have devices of a class, from a home outwards or by number; the devices that told none come last.
func (s queryServer) Cells(ctx context.Context, req *types.QueryCellsRequest) (*types.QueryCellsResponse, error) {
	if req == nil {
		return nil, errEmpty
	}
	if req.Class < types.DEVICE_CLASS_CPU || req.Class > types.DEVICE_CLASS_DATACENTRE {
		return nil, status.Errorf(codes.InvalidArgument, "class is %d: it must be from %d to %d", req.Class, types.DEVICE_CLASS_CPU, types.DEVICE_CLASS_DATACENTRE)
	}
	if err := types.ValidateCell("home", req.Home); err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	largest, err := s.keeper.LargestMemory(ctx, req.Class)
	if err != nil {
		return nil, err
	}
	set, err := s.keeper.cells.cells(ctx, req.Class)
	if err != nil {
		return nil, err
	}
	response := &types.QueryCellsResponse{LargestMemoryMib: largest}
	for _, cell := range append(everyCell(cells.Cell(req.Home)), cells.Nowhere) {
		if !set.Has(cell) {
			continue
		}
		n, err := s.keeper.cells.count(ctx, collections.Join(uint32(req.Class), uint32(cell)))
		if err != nil {
			return nil, err
		}
		response.Cells = append(response.Cells, types.CellSupply{
			Cell: uint32(cell), Devices: n, Micros: cells.RoundTrip(cells.Cell(req.Home), cell),
		})
	}
	return response, nil
}

// everyCell lists all cells, the nearest to a home first, or by number without one.
func everyCell(home cells.Cell) []cells.Cell {
	list := make([]cells.Cell, cells.Count)
	for i := range list {
		list[i] = cells.Cell(i + 1)
	}
	if home.Known() {
		copy(list, cells.Near(home))
	}
	return list
}

// RoundTrip predicts how long data takes between a cell and a device.
func (s queryServer) RoundTrip(ctx context.Context, req *types.QueryRoundTripRequest) (*types.QueryRoundTripResponse, error) {
	if req == nil {
		return nil, errEmpty
	}
	if !cells.Cell(min(req.Cell, cells.Count+1)).Known() {
		return nil, status.Errorf(codes.InvalidArgument, "cell is %d: it must be from 1 to %d", req.Cell, cells.Count)
	}
	id, err := types.ParseDeviceID(req.Device)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	device, err := s.keeper.Device(ctx, id)
	if err != nil {
		return nil, status.Error(codes.NotFound, err.Error())
	}
	place, err := s.keeper.Place(ctx, req.Cell)
	if err != nil {
		return nil, err
	}
	home, there := cells.Cell(req.Cell), cells.Cell(device.Cell)
	return &types.QueryRoundTripResponse{
		Micros: device.RoundTripFrom(place), PriorMicros: cells.RoundTrip(home, there), BoundMicros: cells.Bound(home, there),
	}, nil
}
