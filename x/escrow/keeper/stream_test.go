package keeper_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/escrow/types"
	"github.com/assaychain/assay/x/internal/banktest"
)

// plain makes every payment go to its payee whole, for tests about something else than shares.
func (f *fixture) plain() {
	f.T.Helper()
	params := types.DefaultParams()
	params.ProtocolFeeBps = 0
	require.NoError(f.T, f.k.SetParams(f.Ctx, params))
}

// stream opens a stream to a payee and returns its number.
func (f *fixture) stream(id uint64, payee string, ratePerHour int64, shares ...types.Share) uint32 {
	f.T.Helper()
	spec := types.StreamSpec{Payee: banktest.Address(payee), RatePerHour: math.NewInt(ratePerHour), Shares: shares}
	number, err := f.k.OpenStream(f.Ctx, scope, id, spec)
	require.NoError(f.T, err)
	return number
}

// settle pays a stream and returns the whole payment.
func (f *fixture) settle(id uint64, stream uint32) int64 {
	f.T.Helper()
	payouts, err := f.k.SettleStream(f.Ctx, scope, id, stream)
	require.NoError(f.T, err)
	sum := int64(0)
	for _, payout := range payouts {
		sum += payout.Amount.Amount.Int64()
	}
	return sum
}

// block ends the block, and begins one that is d later.
func (f *fixture) block(d time.Duration) {
	f.T.Helper()
	require.NoError(f.T, f.k.EndBlock(f.Ctx))
	f.Advance(d)
}

// has tells what an address of a name holds.
func (f *fixture) has(name string) int64 {
	return f.Balance(banktest.Address(name)).Int64()
}

// TestSecondPaymentJoins: a payment that joins an account takes nothing of what the first one had earned.
func TestSecondPaymentJoins(t *testing.T) {
	f := newFixture(t)
	f.plain()
	f.opened(1, "customer", 100_000)
	first := f.stream(1, "first", 3_600)
	f.block(1_000 * time.Second)
	second := f.stream(1, "second", 7_200)
	f.block(100 * time.Second)
	f.sound()
	require.EqualValues(t, 1_100, f.settle(1, first), "what it earned before the second one joined is still there")
	require.EqualValues(t, 200, f.settle(1, second), "the second one earns from when it joined")
	require.EqualValues(t, 1_100, f.has("first"))
	require.EqualValues(t, 200, f.has("second"))
	f.sound()
	require.NoError(t, f.k.EndStream(f.Ctx, scope, 1, second))
	f.block(10 * time.Second)
	require.EqualValues(t, 10, f.settle(1, first), "and one that leaves changes nothing for it")
	require.Equal(t, "98690", f.account(1).Balance.String())
	f.sound()
}

// TestFractionsAreCarried: nine tenths of a unit a block, settled at each block, pay nine units every ten blocks.
func TestFractionsAreCarried(t *testing.T) {
	f := newFixture(t)
	f.plain()
	f.opened(1, "customer", 100_000)
	stream := f.stream(1, "worker", 3_240)
	paid := int64(0)
	for range 300 {
		f.block(time.Second)
		paid += f.settle(1, stream)
	}
	require.EqualValues(t, 270, paid)
	require.EqualValues(t, 270, f.has("worker"))
	f.sound()
}

// TestEqualPayeesShareEqually: four payees at one rate, with money for half of what they were to earn, get half each, whatever
// the order of their names and whoever asks first.
func TestEqualPayeesShareEqually(t *testing.T) {
	f := newFixture(t)
	f.plain()
	f.opened(1, "customer", 7_200)
	for i := range 4 {
		f.stream(1, fmt.Sprint("payee", i), 3_600)
	}
	f.block(20 * time.Minute)
	require.EqualValues(t, 1_200, f.settle(1, 3))
	f.block(40 * time.Minute)
	require.EqualValues(t, 600, f.settle(1, 3), "nothing is earned after the money ran out")
	f.block(time.Second)
	for i := range 4 {
		require.EqualValues(t, 1_800, f.has(fmt.Sprint("payee", i)))
	}
	_, err := f.k.Account(f.Ctx, scope, 1)
	require.ErrorIs(t, err, types.ErrNoAccount)
	f.sound()

	// At unequal rates the shares are in proportion.
	f.opened(2, "customer", 10_000)
	for i := range 4 {
		f.stream(2, fmt.Sprint("other", i), int64(i+1)*3_600)
	}
	f.block(3 * time.Hour)
	f.block(time.Second)
	for i := range 4 {
		require.EqualValues(t, (i+1)*1_000, f.has(fmt.Sprint("other", i)))
	}
	f.sound()
}

// TestSharesOfAStream: every share of every role gets the same whether the stream is settled each minute or once.
func TestSharesOfAStream(t *testing.T) {
	ends := map[string]string{}
	for name, every := range map[string]int{"often": 1, "once": 150} {
		f := newFixture(t)
		f.opened(1, "customer", 1_000_000)
		stream := f.stream(1, "worker", 100_003,
			types.Share{Recipient: banktest.Address("author").String(), Role: types.RoleRoyalty, Bps: 333},
			types.Share{Recipient: banktest.Address("pool").String(), Role: types.RolePool, Bps: 1_111})
		supply := f.Supply()
		for i := range 150 {
			f.block(59_993 * time.Millisecond)
			if (i+1)%every == 0 {
				f.settle(1, stream)
			}
		}
		burnt := supply.Sub(f.Supply()).Int64()
		paid := f.account(1).Paid.Int64()
		require.Equal(t, paid, f.has("worker")+f.has("author")+f.has("pool")+f.pool().Int64()+burnt, "the shares add up")
		require.InDelta(t, float64(paid)*0.0333, f.has("author"), 1)
		require.InDelta(t, float64(paid)*0.1111, f.has("pool"), 2)
		ends[name] = fmt.Sprint(paid, f.has("worker"), f.has("author"), f.has("pool"), f.pool(), burnt, f.account(1).Balance)
		f.sound()
	}
	require.Equal(t, ends["often"], ends["once"])
}

// TestStreamsKeepTheirTerms: new rates of fee and burn apply to streams opened after them.
func TestStreamsKeepTheirTerms(t *testing.T) {
	f := newFixture(t)
	f.opened(1, "customer", 1_000_000)
	old := f.stream(1, "old", 3_600_000)
	f.plain()
	young := f.stream(1, "young", 3_600_000)
	f.block(10 * time.Second)
	f.settle(1, old)
	f.settle(1, young)
	require.EqualValues(t, 9_700, f.has("old"))
	require.EqualValues(t, 10_000, f.has("young"))
	f.sound()
}

func TestSetRatePausesAndResumes(t *testing.T) {
	f := newFixture(t)
	f.plain()
	f.opened(1, "customer", 10_000)
	stream := f.stream(1, "worker", 36_000)
	f.block(100 * time.Second)
	require.NoError(t, f.k.SetRate(f.Ctx, scope, 1, stream, math.ZeroInt()))
	require.EqualValues(t, 1_000, f.has("worker"), "it is settled first")
	_, flowing, err := f.k.Runway(f.Ctx, scope, 1)
	require.NoError(t, err)
	require.False(t, flowing)
	f.block(1_000 * time.Hour)
	require.Zero(t, f.settle(1, stream))
	f.sound()
	require.NoError(t, f.k.SetRate(f.Ctx, scope, 1, stream, math.NewInt(3_600)))
	dry, flowing, err := f.k.Runway(f.Ctx, scope, 1)
	require.NoError(t, err)
	require.True(t, flowing)
	require.Equal(t, f.Ctx.BlockTime().Add(9_000*time.Second), dry)
	f.block(10 * time.Second)
	require.EqualValues(t, 10, f.settle(1, stream))
	f.sound()
}

func TestStreamRefusals(t *testing.T) {
	f := newFixture(t)
	params := types.DefaultParams()
	params.MaxStreams = 2
	require.NoError(t, f.k.SetParams(f.Ctx, params))
	f.opened(1, "customer", 10_000)
	f.stream(1, "worker", 3_600)
	worker := banktest.Address("worker")
	share := func(bps uint32, role string, to string) []types.Share {
		return []types.Share{{Recipient: to, Role: role, Bps: bps}}
	}
	before := f.state()
	open := func(id uint64, payee sdk.AccAddress, rate math.Int, shares []types.Share) error {
		_, err := f.k.OpenStream(f.Ctx, scope, id, types.StreamSpec{Payee: payee, RatePerHour: rate, Shares: shares})
		return err
	}
	one := math.NewInt(1)
	cases := []struct {
		name string
		err  error
		want error
	}{
		{"no account", open(2, worker, one, nil), types.ErrNoAccount},
		{"no payee", open(1, nil, one, nil), types.ErrStream},
		{"no rate", open(1, worker, math.Int{}, nil), types.ErrStream},
		{"negative rate", open(1, worker, math.NewInt(-1), nil), types.ErrStream},
		{"huge rate", open(1, worker, math.NewIntFromUint64(1<<63).MulRaw(1<<62).MulRaw(1<<62), nil), types.ErrStream},
		{"more than the money", open(1, worker, math.NewInt(10_001).MulRaw(3_600_000), nil), types.ErrShort},
		{"shares above the whole", open(1, worker, one, share(9_801, types.RolePool, worker.String())), types.ErrStream},
		{"wrap-around", open(1, worker, one, share(1<<32-1, types.RolePool, worker.String())), types.ErrStream},
		{"role", open(1, worker, one, share(1, types.RoleBurn, worker.String())), types.ErrStream},
		{"recipient", open(1, worker, one, share(1, types.RoleRoyalty, "")), types.ErrStream},
		{"too many shares", open(1, worker, one, make([]types.Share, types.MaxShares+1)), types.ErrStream},
		{"rate of no stream", f.k.SetRate(f.Ctx, scope, 1, 2, one), types.ErrNoStream},
		{"rate of no account", f.k.SetRate(f.Ctx, scope, 2, 1, one), types.ErrNoAccount},
		{"rate missing", f.k.SetRate(f.Ctx, scope, 1, 1, math.Int{}), types.ErrStream},
		{"rate above the money", f.k.SetRate(f.Ctx, scope, 1, 1, math.NewInt(10_001).MulRaw(3_600_000)), types.ErrShort},
		{"end of no stream", f.k.EndStream(f.Ctx, scope, 1, 2), types.ErrNoStream},
		{"lock more than is free", f.k.Lock(f.Ctx, scope, 1, one), types.ErrShort},
		{"lock nothing", f.k.Lock(f.Ctx, scope, 1, math.ZeroInt()), types.ErrAmount},
		{"unlock missing", f.k.Unlock(f.Ctx, scope, 1, math.Int{}), types.ErrAmount},
	}
	for _, c := range cases {
		require.ErrorIs(t, c.err, c.want, c.name)
	}
	_, err := f.k.SettleStream(f.Ctx, scope, 1, 2)
	require.ErrorIs(t, err, types.ErrNoStream)
	_, err = f.k.SettleStream(f.Ctx, scope, 2, 1)
	require.ErrorIs(t, err, types.ErrNoAccount)
	require.Equal(t, before, f.state())
	f.stream(1, "second", 1)
	require.ErrorIs(t, open(1, worker, one, nil), types.ErrFull)
	require.NoError(t, f.k.EndStream(f.Ctx, scope, 1, 1))
	require.EqualValues(t, 3, f.stream(1, "third", 1), "numbers aren't used again")
	f.sound()
}

// TestEarnedIsNobodyElses: what streams earned can be neither withdrawn, locked nor paid to somebody else, settled or not.
func TestEarnedIsNobodyElses(t *testing.T) {
	f := newFixture(t)
	f.plain()
	customer := f.opened(1, "customer", 10_000)
	require.NoError(t, f.k.Unlock(f.Ctx, scope, 1, math.NewInt(9_000)))
	stream := f.stream(1, "worker", 3_600)
	f.block(500*time.Second + time.Millisecond)
	_, err := f.k.Withdraw(f.Ctx, scope, 1, customer, coin(8_500))
	require.ErrorIs(t, err, types.ErrLocked, "500 units and a thousandth are earned: 501 stay")
	require.ErrorIs(t, f.k.Lock(f.Ctx, scope, 1, math.NewInt(8_500)), types.ErrShort)
	_, err = f.k.Pay(f.Ctx, scope, 1, customer, math.NewInt(9_500))
	require.ErrorIs(t, err, types.ErrShort)
	_, err = f.k.Withdraw(f.Ctx, scope, 1, customer, coin(8_499))
	require.NoError(t, err)
	f.sound()
	f.block(500 * time.Second)
	require.EqualValues(t, 1_000, f.settle(1, stream), "streams use up what is locked last, but they do")
	require.Equal(t, "500", f.account(1).Locked.String())
	f.sound()
	refund, err := f.k.Close(f.Ctx, scope, 1, types.CLOSE_REASON_SETTLED)
	require.NoError(t, err)
	require.Equal(t, "501", refund.String())
	require.EqualValues(t, 9_000, f.has("customer"))
	f.sound()
}

func TestClosePaysStreams(t *testing.T) {
	f := newFixture(t)
	f.plain()
	f.opened(1, "customer", 10_000)
	f.stream(1, "first", 3_600)
	f.stream(1, "second", 1_800)
	f.block(99_999 * time.Millisecond)
	refund, err := f.k.Close(f.Ctx, scope, 1, types.CLOSE_REASON_SETTLED)
	require.NoError(t, err)
	require.EqualValues(t, 99, f.has("first"))
	require.EqualValues(t, 49, f.has("second"))
	require.Equal(t, "9852", refund.String(), "fractions of a unit stay with the depositor")
	require.EqualValues(t, 9_852, f.has("customer"))
	state, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Empty(t, state.Accounts)
	require.Empty(t, state.Streams, "a closed account leaves nothing behind")
	require.Empty(t, state.Dried)
	f.sound()
}

// TestEndInThePast: a module that is late ends a stream at the moment that was agreed, whoever settled siblings meanwhile.
func TestEndInThePast(t *testing.T) {
	f := newFixture(t)
	f.plain()
	f.opened(1, "customer", 10_000)
	first, second := f.stream(1, "first", 3_600), f.stream(1, "second", 3_600)
	f.block(100 * time.Second)
	agreed := f.Ctx.WithBlockTime(f.Ctx.BlockTime().Add(-10 * time.Second))
	require.EqualValues(t, 100, f.settle(1, second))
	require.NoError(t, f.k.EndStream(agreed, scope, 1, first))
	require.EqualValues(t, 90, f.has("first"))
	f.sound()
	require.NoError(t, f.k.EndStream(agreed, scope, 1, second))
	require.EqualValues(t, 100, f.has("second"), "what was paid stays paid")
	require.Equal(t, "9810", f.account(1).Balance.String())
	f.sound()
}

// TestStreamToUnpayable: the community pool gets the shares that can't be delivered, and the stream goes on.
func TestStreamToUnpayable(t *testing.T) {
	f := newFixture(t)
	f.opened(1, "customer", 100_000)
	module := f.Auth.GetModuleAddress(types.ModuleName)
	stream, err := f.k.OpenStream(f.Ctx, scope, 1, types.StreamSpec{
		Payee: module, RatePerHour: math.NewInt(3_600_000),
		Shares: []types.Share{{Recipient: banktest.Address("author").String(), Role: types.RoleRoyalty, Bps: 1_000}},
	})
	require.NoError(t, err)
	f.bank.fails[banktest.Address("author").String()] = true
	f.block(10 * time.Second)
	payouts, err := f.k.SettleStream(f.Ctx, scope, 1, stream)
	require.NoError(t, err)
	require.Equal(t, []types.Payout{
		{Role: types.RoleDiverted, Amount: coin(8_700)}, {Role: types.RoleDiverted, Amount: coin(1_000)},
		{Role: types.RoleProtocol, Amount: coin(200)}, {Role: types.RoleBurn, Amount: coin(100)},
	}, payouts)
	require.Equal(t, "9900", f.pool().String())
	f.sound()
}

// TestSettlementCostsTheSame: a settlement among 100 streams costs at most 1.05 times what it costs alone.
func TestSettlementCostsTheSame(t *testing.T) {
	cost := func(siblings int) uint64 {
		f := newFixture(t)
		f.opened(1, "customer", 1_000_000_000)
		f.Fund("worker", 1)
		stream := f.stream(1, "worker", 3_600_000)
		for i := range siblings {
			f.stream(1, fmt.Sprint("sibling", i), 3_600_000)
		}
		f.block(10 * time.Second)
		before := f.Ctx.GasMeter().GasConsumed()
		require.EqualValues(t, 10_000, f.settle(1, stream))
		return f.Ctx.GasMeter().GasConsumed() - before
	}
	alone, crowded := cost(1), cost(100)
	t.Logf("gas of a settlement: %d with 1 sibling, %d with 100: %d per mille", alone, crowded, crowded*1_000/alone)
	require.LessOrEqual(t, crowded*100, alone*105)
}

func TestSettleMessage(t *testing.T) {
	f := newFixture(t)
	f.plain()
	f.opened(1, "customer", 10_000)
	stream := f.stream(1, "worker", 3_600)
	f.block(10 * time.Second)
	anyone := banktest.Address("anyone").String()
	res, err := f.msg.Settle(f.Ctx, &types.MsgSettle{Sender: anyone, Scope: scope, Id: 1, Stream: stream})
	require.NoError(t, err)
	require.Equal(t, []types.Payout{{Recipient: banktest.Address("worker").String(), Role: types.RoleRecipient, Amount: coin(10)}}, res.Payouts)
	res, err = f.msg.Settle(f.Ctx, &types.MsgSettle{Sender: anyone, Scope: scope, Id: 1, Stream: stream})
	require.NoError(t, err)
	require.Empty(t, res.Payouts)
	_, err = f.msg.Settle(f.Ctx, &types.MsgSettle{Sender: "x", Scope: scope, Id: 1, Stream: stream})
	require.ErrorContains(t, err, "sender")
	_, err = f.msg.Settle(f.Ctx, &types.MsgSettle{Sender: anyone, Scope: "X", Id: 1, Stream: stream})
	require.ErrorIs(t, err, types.ErrScope)
	_, err = f.msg.Settle(f.Ctx, &types.MsgSettle{Sender: anyone, Scope: scope, Id: 1, Stream: 9})
	require.ErrorIs(t, err, types.ErrNoStream)
	f.sound()
}
