package keeper_test

import (
	"flag"
	"fmt"
	"math/rand"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/escrow/types"
	"github.com/assaychain/assay/x/internal/banktest"
)

var (
	accounts = flag.Int("accounts", 300, "accounts that run dry in one second, and that wait beside those that are due")
	scripts  = flag.Int("scripts", 10, "random scripts for the hook")
)

// endBlock ends the block and returns what the hook told of kind T.
func endBlock[T proto.Message](f *fixture) []T {
	f.T.Helper()
	ctx := f.Ctx.WithEventManager(sdk.NewEventManager())
	require.NoError(f.T, f.k.EndBlock(ctx))
	var told []T
	for _, raw := range ctx.EventManager().Events() {
		event, err := sdk.ParseTypedEvent(abci.Event(raw))
		if err != nil {
			continue
		}
		if event, ok := event.(T); ok {
			told = append(told, event)
		}
	}
	return told
}

// dried lists the numbers in the outbox.
func (f *fixture) dried() []uint64 {
	f.T.Helper()
	list, err := f.k.Dried(f.Ctx, scope, 1_000_000)
	require.NoError(f.T, err)
	var ids []uint64
	for _, account := range list {
		ids = append(ids, account.Id)
	}
	return ids
}

// TestDryAccountIsClosed: nobody sends anything, and at the second at which the money is used up the account is closed.
func TestDryAccountIsClosed(t *testing.T) {
	f := newFixture(t)
	f.plain()
	f.opened(1, "customer", 1_005)
	f.stream(1, "worker", 36_000)
	dry := f.Ctx.BlockTime().Add(100_500 * time.Millisecond)
	at, flowing, err := f.k.Runway(f.Ctx, scope, 1)
	require.NoError(t, err)
	require.True(t, flowing)
	require.Equal(t, dry, at)
	f.block(100_499 * time.Millisecond)
	require.Empty(t, endBlock[*types.EventClosed](f))
	f.sound()
	f.Advance(time.Millisecond)
	closed := endBlock[*types.EventClosed](f)
	require.Len(t, closed, 1)
	require.Equal(t, &types.EventClosed{
		Scope: scope, Id: 1, Reason: types.CLOSE_REASON_DRY, Paid: coin(1_005), Refunded: coin(0), DryAt: &dry,
		Refunds: []types.Refund{{Depositor: banktest.Address("customer").String(), Amount: coin(0)}},
	}, closed[0])
	require.EqualValues(t, 1_005, f.has("worker"))
	require.Equal(t, []uint64{1}, f.dried())
	f.sound()
}

// TestLateBlockPaysThroughTheDryMoment: after a halt nobody is paid for the time after the money ran out, and the crumbs that
// don't last a millisecond go back in order.
func TestLateBlockPaysThroughTheDryMoment(t *testing.T) {
	f := newFixture(t)
	f.plain()
	f.opened(1, "a", 1_000)
	require.NoError(t, f.k.Admit(f.Ctx, scope, 1, true))
	require.NoError(t, f.deposit("b", 1_007))
	f.stream(1, "first", 7*3_600_000)
	f.stream(1, "second", 3_600_000)
	f.block(9 * time.Hour)
	dry, flowing, err := f.k.Runway(f.Ctx, scope, 1)
	require.NoError(t, err)
	require.False(t, flowing)
	require.Equal(t, f.Ctx.BlockTime().Add(250*time.Millisecond-9*time.Hour), dry)
	f.block(time.Second)
	require.Equal(t, []int64{1_750, 250, 0, 7}, []int64{f.has("first"), f.has("second"), f.has("a"), f.has("b")})
	f.sound()
}

func TestTopUpResumes(t *testing.T) {
	f := newFixture(t)
	f.plain()
	f.opened(1, "a", 3_600)
	stream := f.stream(1, "worker", 3_600_000)
	f.block(3_599 * time.Millisecond)
	require.NoError(t, f.deposit("a", 3_600))
	f.block(time.Second)
	f.sound()
	require.EqualValues(t, 4_599, f.settle(1, stream))
	f.block(2_601 * time.Millisecond)
	require.ErrorIs(t, f.deposit("a", 3_600), types.ErrDry, "from that moment on it is too late, even before the hook has come by")
	require.EqualValues(t, 3_600, f.has("a"))
	require.Empty(t, f.dried())
	f.block(time.Second)
	require.Equal(t, []uint64{1}, f.dried())
	require.EqualValues(t, 7_200, f.has("worker"))
	f.sound()
}

// TestVerbsOnADryAccount: nothing can change its end; payees and its module can still bring it forward.
func TestVerbsOnADryAccount(t *testing.T) {
	f := newFixture(t)
	f.plain()
	a := f.opened(1, "a", 7_201)
	first, second := f.stream(1, "first", 3_600_000), f.stream(1, "second", 3_600_000)
	f.block(time.Hour)
	f.Fund("a", 5_000)
	before := f.state()
	_, openErr := f.k.OpenStream(f.Ctx, scope, 1, types.StreamSpec{Payee: a, RatePerHour: math.ZeroInt()})
	_, withdrawErr := f.k.Withdraw(f.Ctx, scope, 1, a, coin(1))
	for name, err := range map[string]error{
		"open": openErr, "withdraw": withdrawErr, "rate": f.k.SetRate(f.Ctx, scope, 1, first, math.ZeroInt()),
		"add": f.k.Add(f.Ctx, scope, 1, a, coin(5)), "lock": f.k.Lock(f.Ctx, scope, 1, math.OneInt()),
		"unlock": f.k.Unlock(f.Ctx, scope, 1, math.OneInt()), "admit": f.k.Admit(f.Ctx, scope, 1, true),
	} {
		require.ErrorIs(t, err, types.ErrDry, name)
	}
	require.Equal(t, before, f.state())
	require.EqualValues(t, 3_600, f.settle(1, second))
	f.sound()
	require.NoError(t, f.k.EndStream(f.Ctx, scope, 1, first))
	f.sound()
	f.Advance(time.Hour)
	require.Zero(t, f.settle(1, second), "the end of another stream doesn't wake it up")
	require.NoError(t, f.k.PayDirect(f.Ctx, scope, 1, banktest.Address("first"), math.OneInt()))
	f.sound()
	refund, err := f.k.Close(f.Ctx, scope, 1, types.CLOSE_REASON_SETTLED)
	require.NoError(t, err)
	require.True(t, refund.IsZero())
	require.EqualValues(t, 3_601, f.has("first"))
	require.Empty(t, f.dried(), "its module closed it itself and needs no note")
	f.block(time.Second)
	f.sound()
}

// TestWarnings: one at 24 hours and one at 1 hour before, once each; a top-up takes them back.
func TestWarnings(t *testing.T) {
	f := newFixture(t)
	f.plain()
	const hour = 3_600
	f.opened(1, "a", 30*hour)
	f.stream(1, "worker", hour)
	opened := f.Ctx.BlockTime()
	told := func(after time.Duration) []types.Warning {
		f.Advance(opened.Add(after).Sub(f.Ctx.BlockTime()))
		var warnings []types.Warning
		for _, event := range endBlock[*types.EventRunningDry](f) {
			at, _, err := f.k.Runway(f.Ctx, scope, 1)
			require.NoError(t, err)
			require.Equal(t, &types.EventRunningDry{
				Scope: scope, Id: 1, Depositor: banktest.Address("a").String(), DryAt: at, Warning: event.Warning,
			}, event)
			warnings = append(warnings, event.Warning)
		}
		f.sound()
		return warnings
	}
	day, last := []types.Warning{types.WARNING_DAY}, []types.Warning{types.WARNING_HOUR}
	require.Empty(t, told(6*time.Hour-time.Millisecond))
	require.Equal(t, day, told(6*time.Hour))
	require.Empty(t, told(7*time.Hour))
	require.Empty(t, told(29*time.Hour-time.Millisecond))
	require.Equal(t, last, told(29*time.Hour))
	require.Empty(t, told(29*time.Hour+time.Minute))
	require.NoError(t, f.deposit("a", 10*hour))
	require.Empty(t, told(38*time.Hour), "a day's warning was given and still holds")
	require.Equal(t, last, told(39*time.Hour))
	require.NoError(t, f.deposit("a", 40*hour))
	require.Empty(t, told(40*time.Hour))
	require.Equal(t, day, told(60*time.Hour), "late blocks warn late")
	require.NoError(t, f.k.SetRate(f.Ctx, scope, 1, 1, math.NewInt(40*hour)))
	require.Equal(t, last, told(60*time.Hour+time.Second), "a higher rate brings it closer")
	require.NoError(t, f.k.SetRate(f.Ctx, scope, 1, 1, math.ZeroInt()))
	require.Empty(t, told(900*time.Hour), "paused")
	require.NoError(t, f.k.SetRate(f.Ctx, scope, 1, 1, math.NewInt(hour)))
	require.Equal(t, day, told(900*time.Hour), "after a pause warnings are given anew")
}

func TestOutbox(t *testing.T) {
	f := newFixture(t)
	f.plain()
	for _, id := range []uint64{3, 1, 2} {
		f.opened(id, "a", 1_000)
		f.stream(id, "worker", 3_600_000+int64(id))
	}
	require.NoError(t, f.k.Open(f.Ctx, "lease", 1, f.Fund("a", 1_000), coin(1_000)))
	_, err := f.k.OpenStream(f.Ctx, "lease", 1, types.StreamSpec{Payee: banktest.Address("worker"), RatePerHour: math.NewInt(3_600_000_000)})
	require.NoError(t, err)
	f.block(time.Hour)
	f.block(time.Second)
	require.Equal(t, []uint64{1, 2, 3}, f.dried(), "at the same moment by number")
	two, err := f.k.Dried(f.Ctx, scope, 2)
	require.NoError(t, err)
	require.Len(t, two, 2)
	none, err := f.k.Dried(f.Ctx, scope, 0)
	require.NoError(t, err)
	require.Empty(t, none)
	require.ErrorIs(t, f.k.Open(f.Ctx, scope, 1, f.Fund("a", 1_000), coin(1_000)), types.ErrExists, "its module doesn't know yet")
	f.sound()
	require.NoError(t, f.k.AckDried(f.Ctx, scope, 2))
	require.NoError(t, f.k.AckDried(f.Ctx, scope, 2))
	require.NoError(t, f.k.AckDried(f.Ctx, scope, 1))
	require.Equal(t, []uint64{3}, f.dried())
	require.NoError(t, f.k.Open(f.Ctx, scope, 1, banktest.Address("a"), coin(1_000)))
	f.sound()
	lease, err := f.k.Dried(f.Ctx, "lease", 9)
	require.NoError(t, err)
	require.Len(t, lease, 1)
}

// cached puts a cache over the stores, as a block does: a store that was never saved is slow to walk over.
func (f *fixture) cached() {
	f.Ctx, _ = f.Ctx.CacheContext()
	f.Ctx = f.Ctx.WithEventManager(sdk.NewEventManager())
}

// rush opens so many accounts that run dry in one second, some of them with two streams.
func (f *fixture) rush(n int) {
	f.T.Helper()
	f.plain()
	f.cached()
	for i := range n {
		id := uint64(i + 1)
		f.opened(id, "customer", 1_000+int64(i%7))
		f.stream(id, fmt.Sprint("worker", i%50), 60_000)
		if i%5 == 0 {
			f.stream(id, "helper", 12)
		}
	}
}

// TestRushOfDryAccounts: accounts without number run dry in one second. Every block does a bounded part of the work, all are
// closed within the blocks that the budget allows, and everybody got what was earned through the moment and nothing beyond it.
func TestRushOfDryAccounts(t *testing.T) {
	most := map[int]uint64{}
	for _, n := range []int{*accounts / 2, *accounts} {
		f := newFixture(t)
		f.rush(n)
		budget := int(types.DefaultParams().MaxPayoutsPerBlock)
		warned := 0
		for range (n + budget - 1) / budget {
			warned += len(endBlock[*types.EventRunningDry](f))
		}
		require.Equal(t, n, warned)
		f.Advance(2 * time.Minute)
		closed, blocks, units := 0, 0, n+n+(n+4)/5
		for ; closed < n; blocks++ {
			before := f.Ctx.GasMeter().GasConsumed()
			done := len(endBlock[*types.EventClosed](f))
			require.LessOrEqual(t, done, budget)
			closed += done
			most[n] = max(most[n], f.Ctx.GasMeter().GasConsumed()-before)
			f.Advance(time.Second)
		}
		require.LessOrEqual(t, blocks, (units+budget-2)/(budget-1)+1)
		require.Len(t, f.dried(), n)
		f.sound()
		paid, refunded := f.has("helper"), f.has("customer")
		for i := range 50 {
			paid += f.has(fmt.Sprint("worker", i))
		}
		total := int64(0)
		for i := range n {
			total += 1_000 + int64(i%7)
		}
		require.Equal(t, total, paid+refunded, "no unit more and none less")
		require.True(t, f.ModuleBalance(types.ModuleName).IsZero())
		t.Logf("%d accounts dry in one second: closed in %d blocks, at most %d gas a block", n, blocks, most[n])
	}
	require.LessOrEqual(t, most[*accounts]*10, most[*accounts/2]*11, "a block's work doesn't grow with what waits")
}

// TestHookCostsTheSame: beside many accounts whose time has not come, the hook does the same for those whose time has.
func TestHookCostsTheSame(t *testing.T) {
	cost := func(waiting int) uint64 {
		f := newFixture(t)
		f.waiting(waiting)
		f.dueNow()
		before := f.Ctx.GasMeter().GasConsumed()
		require.NoError(t, f.k.EndBlock(f.Ctx))
		require.Len(t, f.dried(), 20)
		return f.Ctx.GasMeter().GasConsumed() - before
	}
	few, many := cost(*accounts/100), cost(*accounts)
	t.Logf("gas of the hook beside %d accounts: %d; beside %d: %d: %d per mille", *accounts/100, few, *accounts, many, many*1_000/few)
	require.LessOrEqual(t, many*100, few*105)
}

// waiting opens accounts that flow for years.
func (f *fixture) waiting(n int) {
	f.T.Helper()
	f.cached()
	customer := f.Fund("waiting", int64(n)*1_000_000)
	for i := range n {
		id := uint64(1_000_000 + i)
		require.NoError(f.T, f.k.Open(f.Ctx, scope, id, customer, coin(1_000_000)))
		f.stream(id, fmt.Sprint("worker", i%50), 10)
	}
}

// dueNow makes 20 accounts run dry by the next block.
func (f *fixture) dueNow() {
	f.T.Helper()
	f.Fund("payee", 1)
	for id := range uint64(20) {
		f.opened(id, "customer", 1_000)
		f.stream(id, "payee", 3_600_000)
	}
	f.block(time.Second)
}

// BenchmarkEndBlock times the hook with the same due work beside few and many accounts.
func BenchmarkEndBlock(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			f := newFixture(b)
			f.waiting(n)
			f.dueNow()
			for b.Loop() {
				ctx, _ := f.Ctx.CacheContext()
				require.NoError(b, f.k.EndBlock(ctx))
			}
		})
	}
}

// TestFailedEndIsTriedAgain: an account whose payout fails holds nobody up and is tried again an hour later.
func TestFailedEndIsTriedAgain(t *testing.T) {
	f := newFixture(t)
	f.opened(1, "a", 1_000)
	f.stream(1, "first", 3_600_000)
	f.block(time.Second)
	f.plain()
	f.opened(2, "b", 1_000)
	f.stream(2, "second", 3_600_000)
	f.bank.poolFails = true
	f.block(time.Second)
	f.block(time.Second)
	require.Equal(t, []uint64{2}, f.dried(), "the second one pays no fee, so the pool's refusal doesn't touch it")
	require.Equal(t, "1000", f.account(1).Balance.String(), "a payout that fails leaves nothing half done")
	f.sound()
	f.bank.poolFails = false
	f.block(59 * time.Minute)
	require.Equal(t, []uint64{2}, f.dried())
	f.block(time.Minute)
	f.block(time.Second)
	require.Equal(t, []uint64{1, 2}, f.dried(), "by the moments at which the money ran out")
	require.EqualValues(t, 970, f.has("first"))
	f.sound()
}

// TestRuinedRecordLeavesTheQueue: an account that can't be read can't stay at the head of the queue.
func TestRuinedRecordLeavesTheQueue(t *testing.T) {
	f := newFixture(t)
	f.plain()
	for id := range uint64(2) {
		f.opened(id, "a", 1_000)
		f.stream(id, "worker", 3_600_000)
	}
	raw := f.Raw(f.Ctx, types.StoreKey)
	prefix := types.AccountsKey.Bytes()
	iterator := raw.Iterator(prefix, []byte{prefix[0] + 1})
	key := iterator.Key()
	require.NoError(t, iterator.Close())
	raw.Set(key, []byte{0xff})
	f.block(time.Second)
	f.block(time.Second)
	require.Equal(t, []uint64{1}, f.dried())
	f.block(time.Second)
}

// FuzzEndBlock drives the hook through random accounts, streams, failures and jumps of time: it neither fails, panics nor logs, and the
// books hold.
func FuzzEndBlock(f *testing.F) {
	for _, seed := range []string{"", "\x00\x01\x02\x03\x04\x05\x06\x07", "opened, streams, and a jump of time: \xff\xff\xff\xff\x10\x20\x30\x40\x50\x60\x70\x80\x90", "\x01\xff\x01\xfe\x02\xfd\x07\xff\x07\xff\x07\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(runScript)
}

// TestRandomScripts does the same with scripts of its own.
func TestRandomScripts(t *testing.T) {
	seed := rand.Int63()
	t.Logf("seed %d, %d scripts", seed, *scripts)
	random := rand.New(rand.NewSource(seed))
	for range *scripts {
		script := make([]byte, 2*random.Intn(200))
		random.Read(script)
		runScript(t, script)
	}
}

func runScript(t *testing.T, script []byte) {
	f := newFixture(t)
	logged := &loudLogger{Logger: log.NewNopLogger()}
	f.Ctx = f.Ctx.WithLogger(logged)
	params := types.DefaultParams()
	params.MaxPayoutsPerBlock, params.BurnBps, params.MinDeposit = 3, 77, math.OneInt()
	require.NoError(t, f.k.SetParams(f.Ctx, params))
	for _, name := range []string{"a", "b", "c"} {
		f.Fund(name, 1_000_000_000)
	}
	for len(script) >= 2 && len(script) < 500 {
		f.act(script[0], int64(script[1]))
		script = script[2:]
		require.Empty(t, logged.lines)
	}
	for range 10 {
		f.block(400 * time.Hour)
		f.sound()
	}
	require.Empty(t, logged.lines)
}

// act is one step of a fuzzed script; what is refused is left out as a failed transaction is.
func (f *fixture) act(op byte, arg int64) {
	f.T.Helper()
	id, who := uint64(arg%4), banktest.Address([]string{"a", "b", "c"}[arg%3])
	ctx, write := f.Ctx.CacheContext()
	var err error
	switch op % 9 {
	case 0:
		err = f.k.Open(ctx, scope, id, who, coin(1<<(arg%28)))
	case 1:
		_, err = f.k.OpenStream(ctx, scope, id, types.StreamSpec{Payee: who, RatePerHour: math.NewInt(1 << (arg % 36))})
	case 2:
		err = f.k.SetRate(ctx, scope, id, uint32(arg%3)+1, math.NewInt(arg%5*1<<(arg%30)))
	case 3:
		_, err = f.k.Deposit(ctx, scope, id, who, coin(1+arg*arg))
	case 4:
		_, err = f.k.SettleStream(ctx, scope, id, uint32(arg%3)+1)
	case 5:
		err = f.k.Unlock(ctx, scope, id, math.NewInt(1<<(arg%28)))
	case 6:
		err = f.k.AckDried(ctx, scope, id)
	case 7:
		f.block(time.Duration(arg*arg*arg) * time.Duration(1+arg%1_000) * time.Millisecond)
		f.sound()
		return
	default:
		err = f.k.Admit(ctx, scope, id, arg%2 == 0)
	}
	if err == nil {
		write()
		f.sound()
	}
}

// loudLogger keeps what is logged as an error.
type loudLogger struct {
	log.Logger
	lines []string
}

func (l *loudLogger) Error(msg string, _ ...any) { l.lines = append(l.lines, msg) }
