package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"github.com/assaychain/assay/x/registry/cells"
	"github.com/assaychain/assay/x/registry/types"
)

// checkCells compares the numbers of devices that can take a job, and the sets of cells that have some, with the devices.
func (k *Keeper) checkCells(ctx context.Context, devices []types.Device) error {
	want := make(map[[2]uint32]uint64)
	sets := make(map[types.DeviceClass]cells.Set)
	lanes := make(map[[2]uint32]uint64)
	for _, device := range devices {
		if n := uint64(device.OfferedLanes()); n > 0 {
			for _, cell := range scopes(device.Cell) {
				lanes[[2]uint32{uint32(device.Class), cell}] += n
			}
		}
		if device.Free() {
			want[[2]uint32{uint32(device.Class), device.Cell}]++
			sets[device.Class] = sets[device.Class].With(cells.Cell(device.Cell))
		}
	}
	if err := compareCounts(ctx, k.cells.supply, "devices of class %d in cell %d", want); err != nil {
		return err
	}
	if err := compareCounts(ctx, k.cells.lanes, "lanes of class %d in cell %d", lanes); err != nil {
		return err
	}
	written := 0
	err := k.cells.occupied.Walk(ctx, nil, func(class uint32, _ []byte) (bool, error) {
		written++
		set, err := k.cells.cells(ctx, types.DeviceClass(class))
		if err == nil && (set != sets[types.DeviceClass(class)] || set.Empty()) {
			err = types.ErrInvariant.Wrapf("class %d: the set of cells with devices is not that of the devices", class)
		}
		return false, err
	})
	if err == nil && written != len(sets) {
		err = types.ErrInvariant.Wrapf("%d classes have sets of cells with devices, %d have devices", written, len(sets))
	}
	return err
}

// checkMemories compares the numbers of devices by memory with the devices.
func (k *Keeper) checkMemories(ctx context.Context, devices []types.Device) error {
	want := make(map[[2]uint32]uint64)
	for _, device := range devices {
		want[[2]uint32{uint32(device.Class), device.MemoryMib}]++
	}
	return compareCounts(ctx, k.memories, "devices of class %d with %d MiB", want)
}

// compareCounts holds that numbers are exactly those wanted.
func compareCounts(ctx context.Context, numbers collections.Map[supplyKey, uint64], what string, want map[[2]uint32]uint64) error {
	entries := 0
	err := numbers.Walk(ctx, nil, func(key supplyKey, n uint64) (bool, error) {
		entries++
		if expected := want[[2]uint32{key.K1(), key.K2()}]; n != expected || n == 0 {
			return true, types.ErrInvariant.Wrapf(what+": %d are counted, there are %d", key.K1(), key.K2(), n, expected)
		}
		return false, nil
	})
	if err == nil && entries != len(want) {
		err = types.ErrInvariant.Wrapf("%d counts, there are devices for %d", entries, len(want))
	}
	return err
}
