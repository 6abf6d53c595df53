package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	"github.com/cosmos/cosmos-sdk/codec"

	"github.com/assaychain/assay/x/collvalue"
	"github.com/assaychain/assay/x/registry/cells"
	"github.com/assaychain/assay/x/registry/index"
	"github.com/assaychain/assay/x/registry/types"
)

type (
	// supplyKey is (class, cell).
	supplyKey = collections.Pair[uint32, uint32]
	// memoryKey is (class, memory in MiB).
	memoryKey = collections.Pair[uint32, uint32]
)

// cellBook tells where devices that can take a job are, without looking at any of them.
type cellBook struct {
	// occupied: class → set of the cells that have such devices, none when it is empty; written as a cell gets its first and loses its
	// last.
	occupied collections.Map[uint32, []byte]
	// supply: (class, cell) → number of such devices, none when it is 0; written with the index of those devices.
	supply collections.Map[supplyKey, uint64]
	// lanes: (class, cell) → lanes that its devices have for jobs, taken or not, none when it is 0, and under cell 0 those of the whole class;
	// written whenever a device offers others.
	lanes collections.Map[supplyKey, uint64]
	// points: cell → where it is in the network, none before a device in it measured; written with reports of round trips.
	points collections.Map[uint32, types.Coordinates]
}

func newCellBook(sb *collections.SchemaBuilder, cdc codec.BinaryCodec) cellBook {
	return cellBook{
		occupied: collections.NewMap(sb, types.OccupiedPrefix, "occupied", collections.Uint32Key, collections.BytesValue),
		supply: collections.NewMap(sb, types.SupplyPrefix, "supply",
			collections.PairKeyCodec(collections.Uint32Key, collections.Uint32Key), collections.Uint64Value),
		lanes: collections.NewMap(sb, types.LanesPrefix, "lanes",
			collections.PairKeyCodec(collections.Uint32Key, collections.Uint32Key), collections.Uint64Value),
		points: collections.NewMap(sb, types.CellPointsPrefix, "cell_points", collections.Uint32Key, collvalue.Of[types.Coordinates](cdc)),
	}
}

// cells is the set of the cells that have devices of a class, in one read.
func (b cellBook) cells(ctx context.Context, class types.DeviceClass) (cells.Set, error) {
	raw, err := b.occupied.Get(ctx, uint32(class))
	if errors.Is(err, collections.ErrNotFound) {
		return cells.Set{}, nil
	}
	if err != nil {
		return cells.Set{}, err
	}
	return cells.ParseSet(raw)
}

// set replaces the set of cells of a class.
func (b cellBook) set(ctx context.Context, class types.DeviceClass, set cells.Set) error {
	if set.Empty() {
		return b.occupied.Remove(ctx, uint32(class))
	}
	return b.occupied.Set(ctx, uint32(class), set[:])
}

// count is the number of devices of a class in a cell.
func (b cellBook) count(ctx context.Context, key supplyKey) (uint64, error) {
	n, err := b.supply.Get(ctx, key)
	if errors.Is(err, collections.ErrNotFound) {
		return 0, nil
	}
	return n, err
}

// add counts one more device in its cell.
func (b cellBook) add(ctx context.Context, device types.Device) error {
	key := collections.Join(uint32(device.Class), device.Cell)
	n, err := b.count(ctx, key)
	if err != nil {
		return err
	}
	if err := b.supply.Set(ctx, key, n+1); err != nil || n > 0 {
		return err
	}
	set, err := b.cells(ctx, device.Class)
	if err != nil {
		return err
	}
	return b.set(ctx, device.Class, set.With(cells.Cell(device.Cell)))
}

// take counts one device less in its cell.
func (b cellBook) take(ctx context.Context, device types.Device) error {
	key := collections.Join(uint32(device.Class), device.Cell)
	n, err := b.count(ctx, key)
	if err != nil {
		return err
	}
	if n == 0 {
		return types.ErrInvariant.Wrapf("no device of %s is counted in cell %d, one goes", device.Class, device.Cell)
	}
	if n > 1 {
		return b.supply.Set(ctx, key, n-1)
	}
	if err := b.supply.Remove(ctx, key); err != nil {
		return err
	}
	set, err := b.cells(ctx, device.Class)
	if err != nil {
		return err
	}
	return b.set(ctx, device.Class, set.Without(cells.Cell(device.Cell)))
}

// WalkNear shows the devices of a class that can take a job, at most limit, from a cell outwards: those of the home first, then those of
// the other cells, the nearest by the prior first, of max_cells cells at most, and last those that told no cell. Within a cell
// they come as WalkAvailable has them; home 0 is anywhere, which is WalkAvailable. It stops when visit says so. A cell's keys are read
// before the first visit to it, so visit may write.
func (k *Keeper) WalkNear(
	ctx context.Context, class types.DeviceClass, home, limit uint32, visit func(types.Device) (stop bool, err error),
) error {
	return k.WalkApart(ctx, types.Around{Class: class, Home: home, Limit: limit, PerCell: limit}, visit)
}

// WalkApart is WalkNear for who wants devices in several cells: of each cell it shows at most PerCell, at least one, and only what is left of
// the limit after the last cell goes to further devices of the same cells, in the same order. Visit must not write where PerCell is below the
// limit. Home 0 is anywhere, and PerCell means nothing there.
func (k *Keeper) WalkApart(ctx context.Context, around types.Around, visit func(types.Device) (stop bool, err error)) error {
	if around.Home == 0 {
		return k.WalkAvailable(ctx, around.Class, around.Limit, visit)
	}
	if err := types.ValidateCell("home", around.Home); err != nil {
		return err
	}
	order, err := k.searched(ctx, around.Class, cells.Cell(around.Home))
	if err != nil {
		return err
	}
	if visit, err = k.seen(ctx, visit); err != nil {
		return err
	}
	left, perCell, shown := around.Limit, max(around.PerCell, 1), make([]uint32, len(order))
	for round := range 2 {
		for i, cell := range order {
			want := left
			if round == 0 {
				want = min(perCell, left)
			} else if shown[i] < perCell {
				continue // It has no more.
			}
			seen, stop, err := k.walkCell(ctx, around.Class, part{uint16(cell), shown[i], want}, visit)
			if err != nil || stop || seen >= left {
				return err
			}
			left -= seen
			shown[i] += seen
		}
	}
	return nil
}

// searched lists the cells that a search from a home visits, each of which has a device.
func (k *Keeper) searched(ctx context.Context, class types.DeviceClass, home cells.Cell) ([]cells.Cell, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return nil, err
	}
	set, err := k.cells.cells(ctx, class)
	if err != nil {
		return nil, err
	}
	var order []cells.Cell
	for _, cell := range cells.Near(home) {
		if len(order) >= int(params.Location.MaxCells) {
			break
		}
		if set.Has(cell) {
			order = append(order, cell)
		}
	}
	if set.Has(cells.Nowhere) {
		order = append(order, cells.Nowhere)
	}
	return order, nil
}

// part is what is shown of a cell, or of all: at most limit devices after the first skip.
type part struct {
	cell        uint16
	skip, limit uint32
}

// walkCell shows a part of a cell's devices, and tells how many it has shown and whether the last visit said to stop.
func (k *Keeper) walkCell(
	ctx context.Context, class types.DeviceClass, of part, visit func(types.Device) (stop bool, err error),
) (seen uint32, stop bool, err error) {
	ids, err := k.freeIDs(ctx, class, of.cell, of.skip+of.limit)
	if err != nil {
		return 0, false, err
	}
	for _, id := range ids[min(int(of.skip), len(ids)):] {
		device, err := k.Device(ctx, id)
		if err != nil {
			return seen, false, err
		}
		seen++
		if stop, err := visit(device); err != nil || stop {
			return seen, stop, err
		}
	}
	return seen, false, nil
}

// LargestMemory is the largest memory of any registered device of a class, in MiB; 0 when there is none. It reads one key.
func (k *Keeper) LargestMemory(ctx context.Context, class types.DeviceClass) (mib uint32, err error) {
	largest := collections.NewPrefixedPairRange[uint32, uint32](uint32(class)).Descending()
	err = k.memories.Walk(ctx, largest, func(key memoryKey, _ uint64) (bool, error) {
		mib = key.K2()
		return true, nil
	})
	return mib, err
}

// countMemory keeps the numbers of devices by memory as one comes (by 1) or goes (by −1).
func (k *Keeper) countMemory(ctx context.Context, device types.Device, by int) error {
	key := collections.Join(uint32(device.Class), device.MemoryMib)
	n, err := k.memories.Get(ctx, key)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	switch {
	case by > 0:
		return k.memories.Set(ctx, key, n+1)
	case n == 0:
		return types.ErrInvariant.Wrapf("no device of %s with %d MiB is counted, one goes", device.Class, device.MemoryMib)
	case n == 1:
		return k.memories.Remove(ctx, key)
	default:
		return k.memories.Set(ctx, key, n-1)
	}
}

// freeKeys are a device's keys in the index: in its cell, and anywhere.
func freeKeys(device types.Device) ([][]byte, error) {
	keys := make([][]byte, 0, 2)
	for _, cell := range []uint16{uint16(device.Cell), index.Anywhere} {
		key, err := index.Entry{
			Class: uint32(device.Class), Cell: cell, InUse: device.Load(), Price: device.Price.Uint64(), ID: device.Id,
		}.Encode()
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}
