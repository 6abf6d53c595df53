package bench

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/app"
	"github.com/assaychain/assay/testutil/actors"
	"github.com/assaychain/assay/testutil/chain"
	bondtypes "github.com/assaychain/assay/x/bond/types"
	markettypes "github.com/assaychain/assay/x/market/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

var (
	assignments = flag.Int("assignments", 40, "jobs that TestAssignmentCostIsFlat places in one block")
	crowd       = flag.Int("crowd", 600, "devices of its larger state")
	few         = flag.Int("few", 200, "devices of its smaller state; enough that there are more than a job looks at")
)

// assignBond lets an operator's devices take all the jobs.
const assignBond = 100_000_000

// TestAssignmentCostIsFlat places the same jobs in one block among few devices and among many, and compares gas: what is read,
// written and walked over. Its larger forms measure the time of a core, of which state writes are a part and the commit is not. The heap is
// collected as a node's is.
func TestAssignmentCostIsFlat(t *testing.T) {
	if os.Getenv("GOGC") == "" {
		before := debug.SetGCPercent(app.GCPercent)
		defer debug.SetGCPercent(before)
	}
	small, large := measureAssignments(t, *few), measureAssignments(t, *crowd)
	each := func(c cost) time.Duration { return c.whole() / time.Duration(max(c.placed, 1)) }
	say := func(c cost, devices int) string {
		return fmt.Sprintf("%d of %d jobs among %d devices: %s, %s of it for collections, %s each, %d gas", c.placed, *assignments, devices,
			c.whole().Round(time.Millisecond), c.collections.Round(time.Millisecond), each(c), c.gas)
	}
	t.Logf("%s; %s: %.3f of the gas, %.2f of the time", say(small, *few), say(large, *crowd),
		float64(large.gas)/float64(small.gas), float64(each(large))/float64(each(small)))
	require.Equal(t, *assignments, small.placed)
	require.Equal(t, *assignments, large.placed)
	require.LessOrEqual(t, float64(large.gas), flat*float64(small.gas))
}

// measureAssignments fills a state with devices, queues the jobs, and runs the market's hook.
func measureAssignments(t *testing.T, devices int) cost {
	t.Helper()
	n := actors.New(t, actors.Config{Operators: 1, Customers: 1, Chain: chain.Config{Edit: func(s chain.State) error {
		if err := chain.Change(s, registrytypes.ModuleName, func(g *registrytypes.GenesisState) {
			g.Params.Classes[3].MinBond, g.Params.Classes[3].MaxLanes = math.OneInt(), 16
			g.Params.Spot.Draws = 0
		}); err != nil {
			return err
		}
		return chain.Change(s, markettypes.ModuleName, func(g *markettypes.GenesisState) {
			g.Params.MaxAssignmentsPerBlock = markettypes.PerBlockLimit
		})
	}}})
	n.Unaudited()
	f := &filler{t: t, n: n}
	f.offer(devices)
	f.ask(*assignments)
	ctx := n.Later(time.Second).WithGasMeter(storetypes.NewInfiniteGasMeter())
	result := timed(t, func() { require.NoError(t, n.App().Market.EndBlock(ctx)) })
	result.gas = ctx.GasMeter().GasConsumed()
	for id := uint64(1); id <= f.last; id++ {
		if job, err := n.App().Market.Job(ctx, id); err == nil && job.Worker != "" {
			result.placed++
		}
	}
	return result
}

// timed is the time of a function, and its part of the collections of the heap. None happens while it runs: how many would fall into so short
// a time is chance, and one of them takes about as long. What it allocates brings the next one nearer, and has that part of what one costs.
func timed(t *testing.T, f func()) (c cost) {
	t.Helper()
	percent := debug.SetGCPercent(-1)
	defer debug.SetGCPercent(percent)
	runtime.GC() // Of what was there before.
	before := usage(t)
	runtime.GC()
	collection := usage(t) - before
	var alive, all runtime.MemStats
	runtime.ReadMemStats(&alive)
	before = usage(t)
	f()
	c.time = usage(t) - before
	runtime.ReadMemStats(&all)
	c.collections = time.Duration(float64(collection) * float64(all.TotalAlloc-alive.TotalAlloc) * 100 / float64(percent) / float64(alive.HeapAlloc))
	return c
}

// offer registers gaming GPUs of many lanes, a few to an operator, at prices of all sizes.
func (f *filler) offer(of int) {
	f.run(of, func(i int) []sdk.Msg {
		owner := f.address("host", i/crew)
		id := sha256.Sum256(fmt.Appendf(nil, "gpu %d", i))
		register := &registrytypes.MsgRegisterDevice{
			Operator: owner.String(), Id: id[:], Model: "NVIDIA GeForce RTX 3090", Class: registrytypes.DEVICE_CLASS_CONSUMER,
			Backend: registrytypes.BACKEND_CUDA, MemoryMib: 24_576, Lanes: 16, Price: math.NewInt(1_000 + int64(id[0])), Available: true,
		}
		if i%crew > 0 {
			return []sdk.Msg{register}
		}
		return []sdk.Msg{
			f.n.SendMsg(f.n.Account(0), owner, math.NewInt(assignBond)), &bondtypes.MsgBond{Operator: owner.String(), Amount: math.NewInt(assignBond)},
			&registrytypes.MsgRegisterOperator{Operator: owner.String(), Moniker: "host", Endpoint: "http://127.0.0.1:1"}, register,
		}
	}, func(sdk.Context, int) {})
}

// ask queues jobs for gaming GPUs, of all tiers.
func (f *filler) ask(of int) {
	customer := f.n.Customers[0]
	spec := customer.Spec(actors.Small(f.t, 1), 1)
	spec.Requirements.Classes = []registrytypes.DeviceClass{registrytypes.DEVICE_CLASS_CONSUMER}
	f.run(of, func(i int) []sdk.Msg {
		f.last++
		m := customer.SubmitMsg(spec)
		m.Spec.Requirements.Tier = markettypes.JobTier(i % 4)
		m.MaxPrice = sdk.NewInt64Coin(m.MaxPrice.Denom, 50_000)
		return []sdk.Msg{m}
	}, func(sdk.Context, int) {})
}
