package keeper_test

import (
	"context"
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"

	escrowtypes "github.com/assaychain/assay/x/escrow/types"
	"github.com/assaychain/assay/x/market/leases"
	"github.com/assaychain/assay/x/market/types"
)

// manyLeases is how many leases TestLeaseHooksDoNotGrowWithLeases compares a hundredth of with.
var manyLeases = flag.Int("leases", 1_000, "leases of the larger market")

func (p faultyEscrow) OpenStream(ctx context.Context, scope string, id uint64, spec escrowtypes.StreamSpec) (uint32, error) {
	number, err := p.Escrow.OpenStream(ctx, scope, id, spec)
	if err != nil {
		return 0, err
	}
	return number, p.faults.at("escrow.OpenStream")
}

func (p faultyEscrow) SetRate(ctx context.Context, scope string, id uint64, stream uint32, rate math.Int) error {
	if err := p.Escrow.SetRate(ctx, scope, id, stream, rate); err != nil {
		return err
	}
	return p.faults.at("escrow.SetRate")
}

func (p faultyEscrow) EndStream(ctx context.Context, scope string, id uint64, stream uint32) error {
	if err := p.Escrow.EndStream(ctx, scope, id, stream); err != nil {
		return err
	}
	return p.faults.at("escrow.EndStream")
}

func (p faultyEscrow) Dried(ctx context.Context, scope string, limit uint32) ([]escrowtypes.DryAccount, error) {
	if err := p.faults.at("escrow.Dried"); err != nil {
		return nil, err
	}
	return p.Escrow.Dried(ctx, scope, limit)
}

func (p faultyEscrow) AckDried(ctx context.Context, scope string, id uint64) error {
	if err := p.Escrow.AckDried(ctx, scope, id); err != nil {
		return err
	}
	return p.faults.at("escrow.AckDried")
}

func (p faultyRegistry) Rent(ctx context.Context, id []byte) error {
	if err := p.Registry.Rent(ctx, id); err != nil {
		return err
	}
	return p.faults.at("registry.Rent")
}

func (p faultyRegistry) Vacate(ctx context.Context, id []byte) error {
	if err := p.Registry.Vacate(ctx, id); err != nil {
		return err
	}
	return p.faults.at("registry.Vacate")
}

func (p faultyRegistry) Book(ctx context.Context, id []byte, from int64) error {
	if err := p.Registry.Book(ctx, id, from); err != nil {
		return err
	}
	return p.faults.at("registry.Book")
}

// A port fails at every call for a while, with an error or with a panic, while leases begin, run dry, go out and end: the blocks go
// on, the books stay right, and once it works again every lease ends and nothing is left of any.
func TestAPortThatFailsStopsNoLease(t *testing.T) {
	for i, name := range []string{
		"bond.Expose", "bond.Release", "bond.Headroom", "escrow.Close", "escrow.OpenStream", "escrow.EndStream", "escrow.Dried",
		"escrow.AckDried", "registry.Rent", "registry.Vacate", "registry.Book", "registry.Suspend", "registry.Operator", "penalty.Punish", "penalty.IsJailed",
	} {
		t.Run(name, func(t *testing.T) {
			f := newRent(t)
			for _, device := range []string{"a", "b", "c", "d"} {
				f.landlord(device)
			}
			f.reserved("a", 600)
			dry := f.opening("b")
			dry.Deposit = coins(hourly)
			_, err := f.openErr(dry)
			require.NoError(t, err)
			out := f.active("c")
			require.NoError(t, f.complainErr(out.Id))
			msg := f.opening("d")
			msg.GatewayKey, msg.Seconds = edKey.PubKey().Bytes(), 700
			_, err = f.openErr(msg)
			require.NoError(t, err)
			f.faults.panics, f.faults.name = i%2 == 0, name
			f.run(800)
			f.halt(50 * time.Minute)
			f.run(1_100)
			if name != "registry.Operator" {
				require.Positive(t, f.faults.hit, "the fault was met")
			}
			f.faults.name, f.errors.lines = "", nil
			f.run(200)
			f.halt(3 * time.Hour)
			f.run(1_100)
			for id, state := range f.watch.states {
				require.Equal(t, leases.Closed, state, "lease %d", id)
			}
			f.halt(1_001 * time.Second)
			f.block(1)
			require.Zero(t, f.recordBytes())
			require.True(t, f.ModuleBalance("escrow").IsZero())
		})
	}
}

// populate fills a market with reservations, 32 to a device, none of which is due.
func (f *rentFixture) populate(n int) {
	f.T.Helper()
	var operator sdk.AccAddress
	name := ""
	for i := range n {
		if i%1_024 == 0 {
			operator = f.operator(fmt.Sprintf("landlord %d", i), 1_000*assay)
		}
		if i%32 == 0 {
			name = fmt.Sprintf("device %d", i)
			f.rentable(operator, name, hourly)
		}
		msg := f.booking(name, int64(100_000+600*(i%32)))
		msg.Seconds, msg.Deposit = 600, coins(hourly/6)
		if _, err := f.msgs.ReserveLease(f.Ctx, msg); err != nil {
			f.T.Fatal(err)
		}
		f.Ctx = f.Ctx.WithEventManager(sdk.NewEventManager())
		if i%256 == 0 {
			f.commit()
		}
	}
	f.commit()
}

// commit saves the stores, since a walk over what isn't saved sorts all of it.
func (f *rentFixture) commit() {
	f.T.Helper()
	stores, ok := f.Ctx.MultiStore().(storetypes.CommitMultiStore)
	require.True(f.T, ok)
	stores.Commit()
}

// hookGas is what a block costs in which a lease begins, one ends, one runs dry and one goes silent.
func hookGas(t *testing.T, n int) uint64 {
	f := newRent(t)
	f.Mint(f.customer, coins(int64(n+1)*hourly))
	f.populate(n)
	for _, name := range []string{"a", "b", "c", "d"} {
		f.landlord(name)
	}
	f.reserved("a", 3_590)
	ends := f.opening("b")
	ends.Seconds = 3_590
	_, err := f.openErr(ends)
	require.NoError(t, err)
	dry := f.opening("c")
	dry.Deposit = coins(hourly - 100)
	dry.Seconds = 3_590
	_, err = f.openErr(dry)
	require.NoError(t, err)
	require.NoError(t, f.extendErr(3+uint64(n), 3_600, hourly, 0))
	msg := f.opening("d")
	msg.GatewayKey = edKey.PubKey().Bytes()
	_, err = f.openErr(msg)
	require.NoError(t, err)
	require.NoError(t, f.k.EndBlock(f.Ctx))
	for range 60 {
		f.Advance(time.Minute)
		meter := storetypes.NewInfiniteGasMeter()
		metered := f.Ctx.WithGasMeter(meter).WithEventManager(sdk.NewEventManager())
		require.NoError(t, f.k.BeginBlock(metered))
		require.NoError(t, f.escrow.EndBlock(f.Ctx))
		require.NoError(t, f.k.EndBlock(metered))
		if f.lease(uint64(n)+1).State == types.LEASE_STATE_ACTIVE {
			f.requireClosed(uint64(n)+2, types.LEASE_CLOSE_REASON_COMPLETED)
			f.requireClosed(uint64(n)+3, types.LEASE_CLOSE_REASON_DRY)
			require.Empty(t, f.errors.lines)
			return meter.GasConsumed()
		}
	}
	t.Fatal("the lease did not begin")
	return 0
}

// What a block costs depends on the leases whose time has come, not on how many there are.
func TestLeaseHooksDoNotGrowWithLeases(t *testing.T) {
	few, many := hookGas(t, *manyLeases/100), hookGas(t, *manyLeases)
	t.Logf("gas of a block's hooks for the same due leases: %d at %d leases, %d at %d: %.4f", few, *manyLeases/100, many, *manyLeases, float64(many)/float64(few))
	require.LessOrEqual(t, float64(many), 1.05*float64(few))
}

// Phases are bounded: what does not fit into a block waits for the next, at nobody's cost.
func TestLeasePhasesAreBounded(t *testing.T) {
	params := rentParams()
	params.Lease.MaxDuePerBlock, params.Lease.MaxDriedPerBlock, params.Lease.MaxPrunedPerBlock = 2, 2, 2
	f := newRentWith(t, params)
	names := []string{"a", "b", "c", "d", "e"}
	for _, name := range names {
		f.landlord(name)
		msg := f.opening(name)
		msg.Deposit = coins(10 * hourly)
		_, err := f.openErr(msg)
		require.NoError(t, err)
	}
	f.halt(3 * time.Hour)
	for _, want := range []int{2, 4, 5} {
		require.Equal(t, want, f.countLeases(types.LEASE_STATE_CLOSED))
		f.block(5)
	}
	for id := uint64(1); id <= 5; id++ {
		lease := f.requireClosed(id, types.LEASE_CLOSE_REASON_COMPLETED)
		require.EqualValues(t, 72_000, lease.Paid.Int64(), "paid to the end, not to the block")
	}
	f.halt(time.Hour)
	for _, want := range []int{5, 3, 1, 0} {
		require.Equal(t, want, f.countLeases(types.LEASE_STATE_CLOSED))
		f.block(5)
	}
}

func BenchmarkStatement(b *testing.B) {
	f := newRent(b)
	message := leases.Statement("assay-test-1", 7, 3_600)
	for name, key := range map[string]interface {
		Sign([]byte) ([]byte, error)
	}{"ed25519": edKey, "secp256k1": secKey} {
		signature, err := key.Sign(message)
		require.NoError(b, err)
		verifier := pick(name == "ed25519", edKey.PubKey(), secKey.PubKey())
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				require.True(f.T, verifier.VerifySignature(message, signature))
			}
		})
	}
}

func BenchmarkLease(b *testing.B) {
	f := newRent(b)
	f.landlord("gpu")
	f.Mint(f.customer, coins(1_000_000*assay))
	for b.Loop() {
		_, err := f.msgs.ReserveLease(f.Ctx, f.booking("gpu", 10))
		require.NoError(b, err)
		f.Advance(10 * time.Second)
		require.NoError(b, f.k.BeginBlock(f.Ctx))
		f.Advance(7_200 * time.Second)
		require.NoError(b, f.k.BeginBlock(f.Ctx))
		f.Advance(1_000 * time.Second)
		require.NoError(b, f.k.EndBlock(f.Ctx))
	}
}

// TestDryLeaseTellsItsMoney: what a lease that ran dry says of itself adds up to its deposit, although the rate doesn't divide by it.
func TestDryLeaseTellsItsMoney(t *testing.T) {
	f := newRent(t)
	operator := f.landlord("device")
	require.NoError(t, f.offer(operator, "device", hourly+1, true))
	opening := f.opening("device")
	opening.MaxRate, opening.Deposit = coins(hourly+1), coins(hourly+8)
	before := f.Balance(f.customer)
	id, err := f.openErr(opening)
	require.NoError(t, err)
	f.block(3_590)
	f.block(30)
	f.block(1)
	lease := f.requireClosed(id, types.LEASE_CLOSE_REASON_DRY)
	require.EqualValues(t, hourly+8, lease.Paid.Add(lease.Refunded).Int64())
	require.Equal(t, lease.Paid.String(), before.Sub(f.Balance(f.customer)).String())
	require.NotNil(t, lease.DriedAt)
	require.Equal(t, *lease.ClosedAt, *lease.DriedAt)
}
