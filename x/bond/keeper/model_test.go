package keeper_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// TestRandomLives runs random verbs of four operators with the hook after each. After every step the books equal the
// module's balance, and what the operators hold, have at stake and lost adds up to what they were given.
func TestRandomLives(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		f := newFixture(t)
		var ops []sdk.AccAddress
		for i := range 4 {
			ops = append(ops, f.Fund(fmt.Sprintf("op%d", i), 20_000_000))
		}
		supply := f.Supply()
		op := func(r *rapid.T) sdk.AccAddress { return ops[rapid.IntRange(0, 3).Draw(r, "op")] }
		amount := func(r *rapid.T) math.Int { return math.NewInt(rapid.Int64Range(0, 9_000_000).Draw(r, "amount")) }
		try := func(run func(ctx sdk.Context) error) {
			cached, write := f.Ctx.CacheContext()
			if run(cached) == nil {
				write()
			}
		}
		r.Repeat(map[string]func(*rapid.T){
			"bond": func(r *rapid.T) {
				try(func(ctx sdk.Context) error { _, err := f.k.Bond(ctx, op(r), amount(r)); return err })
			},
			"unbond": func(r *rapid.T) {
				try(func(ctx sdk.Context) error { _, err := f.k.Unbond(ctx, op(r), amount(r)); return err })
			},
			"expose":  func(r *rapid.T) { try(func(ctx sdk.Context) error { return f.k.Expose(ctx, op(r), amount(r)) }) },
			"release": func(r *rapid.T) { try(func(ctx sdk.Context) error { return f.k.Release(ctx, op(r), amount(r)) }) },
			"require": func(r *rapid.T) {
				try(func(ctx sdk.Context) error { return f.k.SetRequirement(ctx, op(r), amount(r)) })
			},
			"cancel": func(r *rapid.T) {
				id := rapid.Uint64Range(1, 10).Draw(r, "id")
				try(func(ctx sdk.Context) error { _, err := f.k.CancelUnbonding(ctx, op(r), id); return err })
			},
			"slash": func(r *rapid.T) {
				bps := rapid.Uint32Range(0, 10_000).Draw(r, "bps")
				_, err := f.k.Slash(f.Ctx, op(r), bps, court)
				require.NoError(r, err)
			},
			"wait": func(r *rapid.T) { f.Advance(time.Duration(rapid.Int64Range(0, int64(unbonding)).Draw(r, "time"))) },
			"": func(r *rapid.T) {
				require.NoError(r, f.k.EndBlock(f.Ctx))
				require.NoError(r, f.k.Invariants(f.Ctx))
				sum := f.ModuleBalance("bond").Add(f.ModuleBalance(court))
				for _, op := range ops {
					sum = sum.Add(f.Balance(op))
				}
				require.Equal(r, supply.String(), sum.String())
			},
		})
	})
}
