package keeper_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/escrow/types"
	"github.com/assaychain/assay/x/internal/banktest"
)

// model is what the accounts should hold, kept with plain integers.
type model struct {
	balance, locked map[uint64]int64
	burnt           int64
}

// TestRandomAccounts runs random verbs against the model. After every step the books equal the model and the module's
// balance, and the supply has shrunk by exactly what was burnt.
func TestRandomAccounts(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		f := newFixture(t)
		customers := []sdk.AccAddress{f.Fund("a", 300_000), f.Fund("b", 300_000)}
		worker := banktest.Address("worker")
		supply := f.Supply()
		m := model{balance: map[uint64]int64{}, locked: map[uint64]int64{}}
		id := func(r *rapid.T) uint64 { return rapid.Uint64Range(0, 3).Draw(r, "id") }
		owner := func(id uint64) sdk.AccAddress { return customers[id%2] }
		amount := func(r *rapid.T) int64 { return rapid.Int64Range(-1, 60_000).Draw(r, "amount") }
		// try runs a verb and keeps its writes only when it succeeds, as a transaction does.
		try := func(run func(ctx sdk.Context) error) bool {
			cached, write := f.Ctx.CacheContext()
			if run(cached) != nil {
				return false
			}
			write()
			return true
		}
		pay := func(r *rapid.T, rates int64, run func(ctx sdk.Context, id uint64, amount math.Int) error) {
			n, a := id(r), amount(r)
			before, open := m.balance[n]
			ok := try(func(ctx sdk.Context) error { return run(ctx, n, math.NewInt(a)) })
			require.Equal(r, open && a >= 0 && a <= before, ok, "pay %d of %d", a, before)
			if ok {
				m.balance[n] -= a
				m.locked[n] = max(0, m.locked[n]-a)
				m.burnt += a * rates / 10_000
			}
		}
		r.Repeat(map[string]func(*rapid.T){
			"open": func(r *rapid.T) {
				n, a := id(r), amount(r)
				_, open := m.balance[n]
				funds := f.Balance(owner(n)).Int64()
				ok := try(func(ctx sdk.Context) error { return f.k.Open(ctx, scope, n, owner(n), coin(a)) })
				require.Equal(r, !open && a >= 1_000 && a <= funds, ok)
				if ok {
					m.balance[n], m.locked[n] = a, a
				}
			},
			"deposit": func(r *rapid.T) {
				n, a := id(r), amount(r)
				_, open := m.balance[n]
				funds := f.Balance(owner(n)).Int64()
				ok := try(func(ctx sdk.Context) error { _, err := f.k.Deposit(ctx, scope, n, owner(n), coin(a)); return err })
				require.Equal(r, open && a >= 1_000 && a <= funds, ok)
				if ok {
					m.balance[n] += a
				}
			},
			"add": func(r *rapid.T) {
				n, a := id(r), amount(r)
				_, open := m.balance[n]
				funds := f.Balance(owner(n)).Int64()
				ok := try(func(ctx sdk.Context) error { return f.k.Add(ctx, scope, n, owner(n), coin(a)) })
				require.Equal(r, open && a > 0 && a <= funds, ok)
				if ok {
					m.balance[n] += a
					m.locked[n] += a
				}
			},
			"withdraw": func(r *rapid.T) {
				n, a := id(r), amount(r)
				b, open := m.balance[n]
				ok := try(func(ctx sdk.Context) error { _, err := f.k.Withdraw(ctx, scope, n, owner(n), coin(a)); return err })
				require.Equal(r, open && a > 0 && a <= b-m.locked[n], ok)
				if ok {
					m.balance[n] -= a
				}
			},
			"pay": func(r *rapid.T) {
				pay(r, 100, func(ctx sdk.Context, n uint64, a math.Int) error {
					_, err := f.k.Pay(ctx, scope, n, worker, a)
					return err
				})
			},
			"pay direct": func(r *rapid.T) {
				pay(r, 0, func(ctx sdk.Context, n uint64, a math.Int) error { return f.k.PayDirect(ctx, scope, n, worker, a) })
			},
			"close": func(r *rapid.T) {
				n := id(r)
				b, open := m.balance[n]
				var refund math.Int
				ok := try(func(ctx sdk.Context) (err error) {
					refund, err = f.k.Close(ctx, scope, n, types.CLOSE_REASON_SETTLED)
					return err
				})
				require.Equal(r, open, ok)
				if ok {
					require.Equal(r, b, refund.Int64())
					delete(m.balance, n)
					delete(m.locked, n)
				}
			},
			"": func(r *rapid.T) {
				require.NoError(r, f.k.Invariants(f.Ctx))
				for n := range uint64(4) {
					account, err := f.k.Account(f.Ctx, scope, n)
					if b, open := m.balance[n]; open {
						require.NoError(r, err)
						require.Equal(r, fmt.Sprint(b, m.locked[n]), fmt.Sprint(account.Balance, account.Locked))
					} else {
						require.ErrorIs(r, err, types.ErrNoAccount)
					}
				}
				require.Equal(r, m.burnt, supply.Sub(f.Supply()).Int64())
			},
		})
		require.NoError(r, f.CheckSupply())
	})
}
