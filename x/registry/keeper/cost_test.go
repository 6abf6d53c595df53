package keeper_test

import (
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/registry/cells"
	"github.com/assaychain/assay/x/registry/types"
)

var devices = flag.Int("devices", 4_000, "devices of the large network, beside which the hook's cost is measured")

const (
	small = 1_000
	due   = 50
	// home is where the network's walks begin: scattered cells around it have one device each, crowded ones all the others.
	home      = 522
	scattered = 64
	crowded   = 8
)

// network is a chain of n devices, 100 an operator, of which due lapse in this block and the rest later.
func network(t require.TestingT, n int) *fixture {
	f := newFixture(t)
	state := types.DefaultGenesis()
	state.Models = nil
	state.Clock = types.Clock{ActiveMs: 1_000, LastBlock: f.ctx.BlockTime().Add(-time.Minute)}
	for i := range n {
		id := sha256.Sum256(binary.BigEndian.AppendUint32(nil, uint32(i)))
		if i%100 == 0 {
			address := sdk.AccAddress(id[:20]).String()
			state.Operators = append(state.Operators, types.Operator{Address: address, PayoutAddress: address, Moniker: "m", Endpoint: "http://a"})
		}
		operator := &state.Operators[len(state.Operators)-1]
		device := types.Device{
			Id: id[:], Operator: operator.Address, Model: "m", Class: types.DEVICE_CLASS_CPU, Backend: types.BACKEND_CPU, MemoryMib: 1,
			Lanes: 2, Price: math.NewInt(3), Available: true, UptimeBps: 9_000, DeliveryBps: 9_000, ProvenUntil: 1_000_000, Score: 81_000,
		}
		if i%(n/due) == 0 {
			device.ProvenUntil = 2_000
		}
		// One each in the cells around home, the rest in a few on the other side of the Earth.
		near := cells.Near(home)
		if device.Cell = uint32(near[cells.Count-crowded+i%crowded]); i < scattered {
			device.Cell = uint32(near[i])
		}
		operator.Devices++
		operator.Score += device.Score
		state.Devices = append(state.Devices, device)
	}
	require.NoError(f.t, f.keeper.InitGenesis(f.ctx, state))
	for _, operator := range state.Operators {
		require.NoError(f.t, f.bond.SetScore(f.ctx, sdk.MustAccAddressFromBech32(operator.Address), operator.Score))
	}
	// As blocks find it: what was never committed is sorted for every iterator.
	stores, ok := f.ctx.MultiStore().(storetypes.CommitMultiStore)
	require.True(t, ok)
	stores.Commit()
	f.ctx = f.ctx.WithBlockTime(f.ctx.BlockTime().Add(time.Second))
	return f
}

// lapses counts the devices that are not proven.
func lapses(t testing.TB, f *fixture) (n int) {
	state, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(t, err)
	for _, device := range state.Devices {
		if device.ProvenUntil == 0 {
			n++
		}
	}
	return n
}

// TestHookCostDoesNotGrowWithTheNetwork: the same due work costs at most 1.3 times as much gas, that is reads and writes of the
// store and their bytes, beside many devices as beside 1,000. Run it whole with -devices 100000.
func TestHookCostDoesNotGrowWithTheNetwork(t *testing.T) {
	cost := func(n int) uint64 {
		f := network(t, n)
		before := f.ctx.GasMeter().GasConsumed()
		require.NoError(t, f.keeper.EndBlock(f.ctx))
		used := f.ctx.GasMeter().GasConsumed() - before
		require.Equal(t, due, lapses(t, f))
		require.Empty(t, f.errors.lines)
		return used
	}
	few, many := cost(small), cost(*devices)
	t.Logf("EndBlock with %d devices due: %d gas beside %d devices, %d beside %d: ratio %d%%", due, few, small, many, *devices, many*100/few)
	require.LessOrEqual(t, many*10, few*13)
}

// BenchmarkEndBlock is the same in time. Each round runs on a cached store, so that every one finds the same work.
func BenchmarkEndBlock(b *testing.B) {
	for _, n := range []int{small, *devices} {
		b.Run(fmt.Sprintf("%d devices", n), func(b *testing.B) {
			f := network(b, n)
			for b.Loop() {
				cached, _ := f.ctx.CacheContext()
				if err := f.keeper.EndBlock(cached); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// walks are searches of 32 devices: from cell to cell, in a crowded cell, and anywhere.
var walks = map[string]uint32{"scattered": home, "crowded": uint32(cells.Near(home)[cells.Count-1]), "anywhere": 0}

func walk(ctx sdk.Context, f *fixture, from uint32) (visited int, err error) {
	err = f.keeper.WalkNear(ctx, types.DEVICE_CLASS_CPU, from, 32, func(types.Device) (bool, error) {
		visited++
		return false, nil
	})
	return visited, err
}

// TestWalkCostDoesNotGrowWithTheNetwork: a search of 32 devices, taking one and giving it back, and asking for the largest memory cost
// the same gas beside many devices as beside 1,000, to a thousandth. Run it whole with -devices 100000.
func TestWalkCostDoesNotGrowWithTheNetwork(t *testing.T) {
	few, many := network(t, small), network(t, *devices)
	for name, from := range walks {
		cost := func(f *fixture) uint64 {
			before := f.ctx.GasMeter().GasConsumed()
			visited, err := walk(f.ctx, f, from)
			require.NoError(t, err)
			require.Equal(t, 32, visited)
			return f.ctx.GasMeter().GasConsumed() - before
		}
		a, b := cost(few), cost(many)
		t.Logf("%s: %d gas beside %d devices, %d beside %d", name, a, small, b, *devices)
		// Other devices may have longer numbers.
		require.LessOrEqual(t, b*1_000, a*1_001, name)
	}
	cost := func(f *fixture) uint64 {
		id := sha256.Sum256(binary.BigEndian.AppendUint32(nil, 1))
		before := f.ctx.GasMeter().GasConsumed()
		require.NoError(t, f.keeper.Reserve(f.ctx, id[:]))
		require.NoError(t, f.keeper.Unreserve(f.ctx, id[:]))
		mib, err := f.keeper.LargestMemory(f.ctx, types.DEVICE_CLASS_CPU)
		require.NoError(t, err)
		require.EqualValues(t, 1, mib)
		return f.ctx.GasMeter().GasConsumed() - before
	}
	require.LessOrEqual(t, cost(many)*1_000, cost(few)*1_001, "a reservation")
}

// BenchmarkWalk is the same in time.
func BenchmarkWalk(b *testing.B) {
	for _, n := range []int{small, *devices} {
		f := network(b, n)
		for _, name := range []string{"scattered", "crowded", "anywhere"} {
			b.Run(fmt.Sprintf("%d devices/%s", n, name), func(b *testing.B) {
				for b.Loop() {
					if _, err := walk(f.ctx, f, walks[name]); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
