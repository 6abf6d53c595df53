package keeper_test

import (
	"flag"
	"fmt"
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"

	"github.com/assaychain/assay/x/escrow/internal/ledger"
	"github.com/assaychain/assay/x/escrow/keeper"
	"github.com/assaychain/assay/x/escrow/types"
	"github.com/assaychain/assay/x/internal/banktest"
)

var operations = flag.Int("operations", 1_500, "random operations of the keeper to compare with the slow model")

// world is the keeper over a real bank, and beside it the slow model of every account and of everybody's purse.
type world struct {
	*fixture
	random   *rand.Rand
	accounts map[uint64]*ledger.Account
	shares   map[[2]uint64][]string
	waiting  map[uint64]bool
	// purse is what each address holds; limit and lent are the grant of a to agent.
	purse              map[string]int64
	limit, lent, burnt int64
	done               map[string]int
}

const (
	customers = "abc"
	poolName  = "community pool"
	burnBps   = 77
	feeBps    = 200
)

func newWorld(t testing.TB, seed int64) *world {
	w := &world{
		fixture: newFixture(t), random: rand.New(rand.NewSource(seed)), accounts: map[uint64]*ledger.Account{},
		shares: map[[2]uint64][]string{}, waiting: map[uint64]bool{}, purse: map[string]int64{}, done: map[string]int{},
	}
	params := types.DefaultParams()
	params.BurnBps, params.MinDeposit, params.MaxDepositors, params.MaxStreams = burnBps, math.OneInt(), 4, 3
	require.NoError(t, w.k.SetParams(w.Ctx, params))
	for _, name := range customers {
		w.Fund(string(name), 1<<40)
		w.purse[string(name)] = 1 << 40
	}
	w.limit = 1 << 38
	require.NoError(t, w.authz.SaveGrant(w.Ctx, banktest.Address("agent"), banktest.Address("a"), limit(w.limit), nil))
	return w
}

func (w *world) now() int64 { return w.Ctx.BlockTime().UnixMilli() }

// account is the model's account, through the present.
func (w *world) account(id uint64) *ledger.Account {
	a := w.accounts[id]
	if a != nil {
		a.Advance(w.now())
	}
	return a
}

// try runs a verb as a transaction and checks whether it should have gone through.
func (w *world) try(name string, allowed bool, run func(ctx sdk.Context) error) bool {
	w.T.Helper()
	ctx, write := w.Ctx.CacheContext()
	err := run(ctx)
	if (err == nil) != allowed {
		require.Fail(w.T, name, "should go through: %t, got %v", allowed, err)
	}
	if err == nil {
		write()
		w.done[name]++
	} else {
		w.done[name+" refused"]++
	}
	return err == nil
}

// credit books the shares of a settled stream.
func (w *world) credit(id uint64, s *ledger.Stream, parts []int64) {
	to := w.shares[[2]uint64{id, uint64(s.Number)}]
	for i, part := range parts {
		if to[i] == "" {
			w.burnt += part
		} else {
			w.purse[to[i]] += part
		}
	}
}

// comesBack books what a deposit gets back.
func (w *world) comesBack(lots []ledger.Lot) {
	for _, lot := range lots {
		w.purse[lot.Owner] += lot.Left
		if lot.Grantee != "" {
			back := min(lot.Left, w.lent)
			w.limit, w.lent = w.limit+back, w.lent-back
		}
	}
}

// finish pays all streams of an account, refunds the rest and forgets it.
func (w *world) finish(id uint64) {
	a := w.accounts[id]
	for len(a.Streams) > 0 {
		s := a.Streams[0]
		w.credit(id, s, a.End(s))
	}
	w.comesBack(a.Lots)
	delete(w.accounts, id)
}

func (w *world) step() {
	r := w.random
	id, who := uint64(r.Intn(3)), string(customers[r.Intn(len(customers))])
	amount := r.Int63n(1<<(1+r.Intn(20))) - 1
	a := w.account(id)
	open, alive := a != nil, a != nil && !a.Dry
	value, addr := math.NewInt(amount), banktest.Address(who)
	what := r.Intn(16)
	switch {
	// What is missing for most other operations comes about more often than they do.
	case w.waiting[id] && r.Intn(2) == 0:
		require.NoError(w.T, w.k.AckDried(w.Ctx, scope, id))
		delete(w.waiting, id)
		return
	case !open && r.Intn(2) == 0:
		what, amount = 2, 1+r.Int63n(1<<20)
	case alive && len(a.Streams) == 0 && r.Intn(2) == 0:
		what = 10
	}
	switch what {
	case 0, 1:
		w.block(time.Duration(r.Int63n(1<<(1+r.Intn(13)))) * time.Millisecond)
	case 2:
		if w.try("open", !open && !w.waiting[id] && amount > 0 && amount <= w.purse[who], func(ctx sdk.Context) error {
			return w.k.Open(ctx, scope, id, addr, coin(amount))
		}) {
			w.accounts[id] = ledger.Open(who, amount, w.now(), 4)
			w.purse[who] -= amount
		}
	case 3:
		w.deposit(id, amount, ledger.Lot{Owner: who, Left: amount})
	case 4:
		w.deposit(id, amount, ledger.Lot{Owner: "a", Grantee: "agent", Left: amount})
	case 5:
		if w.try("add", alive && amount > 0, func(ctx sdk.Context) error { return w.k.Add(ctx, scope, id, addr, coin(amount)) }) {
			require.True(w.T, a.Join(ledger.Lot{Owner: a.Opener, Left: amount}))
			a.Locked += amount
			w.purse[who] -= amount
		}
	case 6:
		if w.try("withdraw", alive && amount > 0 && amount <= a.Withdrawable(who), func(ctx sdk.Context) error {
			_, err := w.k.Withdraw(ctx, scope, id, addr, coin(amount))
			return err
		}) {
			w.comesBack(a.Withdraw(who, amount))
		}
	case 7:
		if w.try("lock", alive && amount > 0 && amount <= a.Free(), func(ctx sdk.Context) error { return w.k.Lock(ctx, scope, id, value) }) {
			a.Locked += amount
		}
	case 8:
		if w.try("unlock", alive && amount > 0, func(ctx sdk.Context) error { return w.k.Unlock(ctx, scope, id, value) }) {
			a.Locked = max(0, a.Locked-amount)
		}
	case 9:
		w.pay(id, amount)
	case 10, 11:
		w.openStream(id)
	case 12, 13, 14:
		w.stream(id)
	default:
		w.rare(id)
	}
}

func (w *world) deposit(id uint64, amount int64, lot ledger.Lot) {
	a := w.account(id)
	allowed := a != nil && !a.Dry && amount > 0 && a.Listed(lot.Owner) && amount <= w.purse[lot.Owner]
	if lot.Grantee != "" {
		allowed = allowed && amount <= w.limit
	}
	before := slices.Clone(lots(a))
	allowed = allowed && a.Join(lot)
	name := "deposit" + lot.Grantee
	if !w.try(name, allowed, func(ctx sdk.Context) error {
		if lot.Grantee == "" {
			_, err := w.k.Deposit(ctx, scope, id, banktest.Address(lot.Owner), coin(amount))
			return err
		}
		_, err := w.k.DepositGranted(ctx, keeper.GrantedDeposit{
			Scope: scope, ID: id, Granter: banktest.Address(lot.Owner), Grantee: banktest.Address(lot.Grantee), Amount: coin(amount),
		})
		return err
	}) {
		require.Equal(w.T, before, lots(a))
		return
	}
	w.purse[lot.Owner] -= amount
	if lot.Grantee != "" {
		w.limit, w.lent = w.limit-amount, w.lent+amount
	}
}

func lots(a *ledger.Account) []ledger.Lot {
	if a == nil {
		return nil
	}
	return a.Lots
}

func (w *world) pay(id uint64, amount int64) {
	a, split := w.account(id), w.random.Intn(2) == 0
	if !w.try("pay", a != nil && amount >= 0 && amount <= a.Spare(), func(ctx sdk.Context) error {
		if split {
			_, err := w.k.Pay(ctx, scope, id, banktest.Address("worker"), math.NewInt(amount))
			return err
		}
		return w.k.PayDirect(ctx, scope, id, banktest.Address("worker"), math.NewInt(amount))
	}) {
		return
	}
	a.Spend(amount)
	a.Locked = max(0, a.Locked-amount)
	worker, burnt := amount, int64(0)
	if split {
		worker, burnt = amount*(10_000-feeBps-burnBps)/10_000, amount*burnBps/10_000
	}
	w.purse["worker"] += worker
	w.burnt += burnt
	w.purse[poolName] += amount - worker - burnt
}

func (w *world) openStream(id uint64) {
	a, r := w.account(id), w.random
	rate := r.Int63n(1<<(1+r.Intn(33))) * r.Int63n(4)
	spec := types.StreamSpec{Payee: banktest.Address("worker"), RatePerHour: math.NewInt(rate)}
	to, bps, payee := []string{"worker"}, []int64{0}, int64(10_000-feeBps-burnBps)
	for i := range r.Intn(3) {
		role, name, share := []string{types.RoleRoyalty, types.RolePool}[i], []string{"author", "pool"}[i], r.Int63n(4_000)
		spec.Shares = append(spec.Shares, types.Share{Recipient: banktest.Address(name).String(), Role: role, Bps: uint32(share)})
		to, bps, payee = append(to, name), append(bps, share), payee-share
	}
	to, bps[0] = append(to, "", poolName), payee
	allowed := a != nil && !a.Dry && len(a.Streams) < 3 && (rate == 0 || a.Affords(rate))
	if w.try("open stream", allowed, func(ctx sdk.Context) error { _, err := w.k.OpenStream(ctx, scope, id, spec); return err }) {
		number := a.OpenStream(rate, append(bps, burnBps))
		w.shares[[2]uint64{id, uint64(number)}] = to
	}
}

// stream settles a stream, changes its rate or ends it.
func (w *world) stream(id uint64) {
	a, r := w.account(id), w.random
	number := uint32(1)
	var s *ledger.Stream
	if a != nil && len(a.Streams) > 0 {
		s = a.Streams[r.Intn(len(a.Streams))]
		number = s.Number
	}
	switch r.Intn(4) {
	case 0:
		rate := r.Int63n(1<<(1+r.Intn(33))) * r.Int63n(4)
		allowed := s != nil && !a.Dry && (rate <= s.Rate || a.Affords(rate-s.Rate))
		if w.try("set rate", allowed, func(ctx sdk.Context) error { return w.k.SetRate(ctx, scope, id, number, math.NewInt(rate)) }) {
			w.credit(id, s, a.Settle(s))
			s.Rate = rate
		}
	case 1:
		if w.try("end stream", s != nil, func(ctx sdk.Context) error { return w.k.EndStream(ctx, scope, id, number) }) {
			w.credit(id, s, a.End(s))
		}
	default:
		if w.try("settle", s != nil, func(ctx sdk.Context) error { _, err := w.k.SettleStream(ctx, scope, id, number); return err }) {
			w.credit(id, s, a.Settle(s))
		}
	}
}

// rare closes an account, opens it to everybody or not, or lets a long time pass.
func (w *world) rare(id uint64) {
	a := w.account(id)
	switch w.random.Intn(5) {
	case 0:
		want := int64(0)
		if a != nil {
			want = a.Balance()
			for _, s := range a.Streams {
				want -= s.Earned/ledger.Hour - s.Paid
			}
		}
		if w.try("close", a != nil, func(ctx sdk.Context) error {
			refund, err := w.k.Close(ctx, scope, id, types.CLOSE_REASON_SETTLED)
			if err == nil {
				require.Equal(w.T, want, refund.Int64())
			}
			return err
		}) {
			w.finish(id)
		}
	case 1:
		w.block(time.Duration(w.random.Int63n(1<<17)) * time.Millisecond)
	default:
		anyone := w.random.Intn(4) > 0
		if w.try("admit", a != nil && !a.Dry, func(ctx sdk.Context) error { return w.k.Admit(ctx, scope, id, anyone) }) {
			a.Anyone = anyone
		}
	}
}

// block ends the block in both and moves the clock.
func (w *world) block(d time.Duration) {
	w.fixture.block(d)
	before := w.now() - d.Milliseconds()
	for id := range uint64(3) {
		a := w.accounts[id]
		if a == nil {
			continue
		}
		if a.Advance(before); a.Dry {
			w.finish(id)
			w.waiting[id] = true
			w.done["ran dry"]++
		}
	}
}

// compare checks every account against the model.
func (w *world) compare() {
	for id := range uint64(3) {
		a := w.account(id)
		res, err := w.query.Account(w.Ctx, &types.QueryAccountRequest{Scope: scope, Id: id})
		if a == nil {
			require.ErrorContains(w.T, err, "not open")
			continue
		}
		require.NoError(w.T, err)
		want := fmt.Sprint(a.Balance(), a.Locked, a.Paid, a.Free(), a.Dry)
		got := fmt.Sprint(res.Account.Balance, res.Account.Locked, res.Account.Paid, res.Free.Amount, res.Account.IsDry())
		for _, lot := range a.Lots {
			want += fmt.Sprintf(" %s %t %d", banktest.Address(lot.Owner), lot.Grantee != "", lot.Left)
		}
		for _, lot := range res.Account.Deposits() {
			if lot.Amount.IsPositive() {
				got += fmt.Sprintf(" %s %t %s", lot.Depositor, lot.Grantee != "", lot.Amount)
			}
		}
		for _, s := range a.Streams {
			want += fmt.Sprint(" ", s.Number, s.Rate, s.Earned/ledger.Hour-s.Paid, s.Paid)
		}
		for _, s := range res.Streams {
			got += fmt.Sprint(" ", s.Stream.Number, s.Stream.Rate, s.Due.Amount, s.Stream.Paid)
		}
		if want != got {
			require.Equal(w.T, want, got, "account %d", id)
		}
		if a.Dry {
			require.Equal(w.T, a.DryAt, res.DryAt.UnixMilli())
		}
	}
}

// audit checks everybody's purse, the grant, the outbox, the supply and the invariants.
func (w *world) audit(supply math.Int) {
	require.NoError(w.T, w.k.Invariants(w.Ctx))
	for name, want := range w.purse {
		addr := banktest.Address(name)
		if name == poolName {
			addr = authtypes.NewModuleAddress(distrtypes.ModuleName)
		}
		require.Equal(w.T, want, w.Balance(addr).Int64(), name)
	}
	require.Equal(w.T, fmt.Sprint(sdk.NewCoins(coin(w.limit)), "/", sdk.NewCoins(coin(w.lent))), w.left())
	require.Equal(w.T, w.burnt, supply.Sub(w.Supply()).Int64())
	require.Len(w.T, w.dried(), len(w.waiting))
}

// TestKeeperAgainstLedger does random operations and finds no difference to the slow model, in any account, purse or grant.
func TestKeeperAgainstLedger(t *testing.T) {
	seed := rand.Int63()
	t.Logf("seed %d, %d operations", seed, *operations)
	w := newWorld(t, seed)
	supply := w.Supply()
	for i := range *operations {
		w.step()
		w.compare()
		if i%50 == 0 {
			w.audit(supply)
		}
	}
	w.audit(supply)
	require.NoError(t, w.CheckSupply())
	t.Logf("0 differences: %v", w.done)
}
