package bench

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/runtime"
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
	ballast = flag.Int("ballast", 4_000, "jobs of the larger state of TestEndBlockCostIsFlat, with a tenth as many devices and accounts")
	light   = flag.Int("light", 1_000, "jobs of the smaller state, the same way; enough that it has more devices than a job looks at")
)

const (
	// share of the jobs there are devices and accounts.
	share = 10
	// bond of an operator in the base denomination.
	bond = 1_000_000
	// crew is the number of devices of an operator.
	crew = 20
	// batch is the number of jobs between two commits: what isn't committed is in memory, in several copies.
	batch = 10_000
	// said is the number of jobs, devices and accounts after which the test says how far it is.
	said = 50_000
	// dueJobs are placed, and as many miss their deadline, in the block that is measured.
	dueJobs = 16
	// flat is how much more the larger state may cost.
	flat = 1.3
	// onDisk is the number of jobs of the larger state from which on both states are kept on disk.
	onDisk = 100_000
	// garbage is how much the heap grows between two collections then, in percent, and mostHeap where they come sooner, in bytes: with Go's
	// default a third of the time goes into it.
	garbage, mostHeap = 400, 5 << 30
)

// TestEndBlockCostIsFlat compares what a block's hooks read, write and walk over, in gas, in a small and in a large state with the
// same due work. The time is a core's.
func TestEndBlockCostIsFlat(t *testing.T) {
	disk := *ballast >= onDisk
	if disk {
		collectLess(t)
	}
	small, large := measureEndBlock(t, *light, disk), measureEndBlock(t, *ballast, disk)
	t.Logf("EndBlock at %d jobs: %d gas, %s; at %d jobs: %d gas, %s: %.3f of the gas, %.2f of the time",
		*light, small.gas, small.time, *ballast, large.gas, large.time,
		float64(large.gas)/float64(small.gas), float64(large.time)/float64(small.time))
	require.Positive(t, small.placed)
	require.Equal(t, small.placed, large.placed, "the due work differs")
	require.LessOrEqual(t, float64(large.gas), flat*float64(small.gas))
}

// collectLess has the collector trade memory, within bounds, for time.
func collectLess(t *testing.T) {
	percent, limit := debug.SetGCPercent(garbage), debug.SetMemoryLimit(mostHeap)
	t.Cleanup(func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	})
}

// cost of the hooks of a block.
type cost struct {
	gas  uint64
	time time.Duration
	// collections is the part of the heap's collections, where it is told apart.
	collections time.Duration
	placed      int
}

// whole is all of the time.
func (c cost) whole() time.Duration { return c.time + c.collections }

// measureEndBlock fills a state with jobs, devices and accounts that nothing is due for, adds the same due work, and runs the
// hooks on copies of it.
func measureEndBlock(t *testing.T, jobs int, disk bool) cost {
	t.Helper()
	n := actors.New(t, actors.Config{Operators: 4, Customers: 1, Chain: chain.Config{Disk: disk, Edit: func(s chain.State) error {
		return chain.Change(s, registrytypes.ModuleName, func(g *registrytypes.GenesisState) { g.Params.Classes[0].MinBond = math.OneInt() })
	}}})
	n.Unaudited()
	f := &filler{t: t, n: n}
	began := usage(t)
	f.devices(jobs / share)
	f.accounts(jobs / share)
	f.jobs(jobs)
	f.due()
	t.Logf("%d jobs, %d devices and accounts written in %s of a core", jobs, jobs/share, usage(t)-began)
	var result cost
	times := make([]time.Duration, 9)
	for i := range times {
		ctx := n.Later(2 * time.Minute).WithGasMeter(storetypes.NewInfiniteGasMeter())
		before := usage(t)
		_, err := n.App().ModuleManager.EndBlock(ctx)
		times[i] = usage(t) - before
		require.NoError(t, err)
		result.gas = ctx.GasMeter().GasConsumed()
		result.placed = f.placed(ctx)
	}
	slices.Sort(times)
	result.time = times[len(times)/2]
	return result
}

// filler writes what lies around.
type filler struct {
	t *testing.T
	n *actors.Network
	// last is the number of the last job.
	last uint64
}

// run calls handlers as a block without checks would, and commits what they wrote.
func (f *filler) run(of int, message func(i int) []sdk.Msg, after func(ctx sdk.Context, i int)) {
	f.t.Helper()
	a := f.n.App()
	for from := 0; from < of; from += batch {
		f.n.Write(func(ctx sdk.Context) {
			for i := from; i < min(from+batch, of); i++ {
				for _, m := range message(i) {
					_, err := a.MsgServiceRouter().Handler(m)(ctx.WithEventManager(sdk.NewEventManager()), m)
					require.NoError(f.t, err)
				}
				after(ctx, i)
			}
		})
		if written := min(from+batch, of); written%said == 0 {
			f.t.Logf("%d of %d written", written, of)
		}
	}
}

func (f *filler) address(kind string, i int) sdk.AccAddress {
	hash := sha256.Sum256(fmt.Appendf(nil, "%s %d", kind, i))
	return hash[:20]
}

// accounts holds a coin each.
func (f *filler) accounts(of int) {
	f.run(of, func(i int) []sdk.Msg {
		return []sdk.Msg{f.n.SendMsg(f.n.Account(0), f.address("account", i), math.OneInt())}
	}, func(sdk.Context, int) {})
}

// devices are offered, at a price at which nobody takes them.
func (f *filler) devices(of int) {
	f.run(of, func(i int) []sdk.Msg {
		owner := f.address("operator", i/crew)
		id := sha256.Sum256(fmt.Appendf(nil, "device %d", i))
		register := &registrytypes.MsgRegisterDevice{
			Operator: owner.String(), Id: id[:], Model: "ballast", Class: registrytypes.DEVICE_CLASS_CPU, Backend: registrytypes.BACKEND_CPU,
			MemoryMib: 1024, Lanes: 1, Price: math.NewInt(1_000_000_000), Available: true,
		}
		if i%crew > 0 {
			return []sdk.Msg{register}
		}
		return []sdk.Msg{
			f.n.SendMsg(f.n.Account(0), owner, math.NewInt(bond)), &bondtypes.MsgBond{Operator: owner.String(), Amount: math.NewInt(bond)},
			&registrytypes.MsgRegisterOperator{Operator: owner.String(), Moniker: "ballast", Endpoint: "http://127.0.0.1:1"}, register,
		}
	}, func(sdk.Context, int) {})
}

// jobs are closed, every second one; the others wait for a try that is far away.
func (f *filler) jobs(of int) {
	customer := f.n.Customers[0]
	spec := customer.Spec(actors.Small(f.t, 1), 1)
	postpone := f.postponer()
	f.run(of, func(int) []sdk.Msg {
		message := customer.SubmitMsg(spec)
		message.MaxPrice = sdk.NewInt64Coin(app.BaseDenom, 10_000)
		message.Deadline = f.n.Now().Add(6 * 24 * time.Hour)
		f.last++
		if f.last%2 == 1 {
			return []sdk.Msg{message, customer.CancelMsg(f.last)}
		}
		return []sdk.Msg{message}
	}, func(ctx sdk.Context, _ int) {
		if f.last%2 == 0 {
			postpone(ctx, f.last)
		}
	})
}

// postponer moves an open job's next try a day away, in the market's own records.
func (f *filler) postponer() func(ctx sdk.Context, id uint64) {
	a := f.n.App()
	sb := collections.NewSchemaBuilder(runtime.NewKVStoreService(f.n.StoreKey(markettypes.StoreKey)))
	jobs := collections.NewMap(sb, markettypes.JobsPrefix, "jobs", collections.Uint64Key, codec.CollValue[markettypes.Job](a.Encoding().Codec))
	open := collections.NewKeySet(sb, markettypes.OpenPrefix, "open", collections.PairKeyCodec(collections.Uint64Key, collections.Uint64Key))
	return func(ctx sdk.Context, id uint64) {
		job, err := jobs.Get(ctx, id)
		require.NoError(f.t, err)
		require.NoError(f.t, open.Remove(ctx, collections.Join(job.Due, id)))
		job.Due += uint64((24 * time.Hour).Milliseconds())
		require.NoError(f.t, jobs.Set(ctx, id, job))
		require.NoError(f.t, open.Set(ctx, collections.Join(job.Due, id)))
	}
}

// due has jobs that miss their deadline in two minutes, and jobs to be placed.
func (f *filler) due() {
	f.t.Helper()
	customer := f.n.Customers[0]
	spec := customer.Spec(actors.Small(f.t, 1), 1)
	for range 2 {
		f.n.Write(func(ctx sdk.Context) {
			for range dueJobs {
				m := customer.SubmitMsg(spec)
				_, err := f.n.App().MsgServiceRouter().Handler(m)(ctx, m)
				require.NoError(f.t, err)
				f.last++
			}
			if f.placed(ctx) == 0 {
				_, err := f.n.App().ModuleManager.EndBlock(ctx)
				require.NoError(f.t, err)
			}
		})
	}
}

// placed counts the due jobs that have a worker.
func (f *filler) placed(ctx sdk.Context) (placed int) {
	for id := f.last; id > 0 && id+2*dueJobs > f.last; id-- {
		if job, err := f.n.App().Market.Job(ctx, id); err == nil && job.Worker != "" {
			placed++
		}
	}
	return placed
}
