package keeper_test

import (
	"testing"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/bond/types"
	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/internal/faults"
)

// Every store operation of the hook fails once, the bank's among them: the block commits, the other payouts are made and the one
// that failed is made an hour later.
func TestEndBlockSurvivesEveryFault(t *testing.T) {
	f := newFixture(t)
	owners := crowd(f, 3)
	f.Advance(unbonding)
	faults.Walk(t, f.Faults, faults.Scene{
		Ctx: f.Ctx, Hook: f.k.EndBlock, Modules: []string{types.ModuleName},
		Heads: []faults.Head{
			{Store: types.StoreKey, Prefix: types.ParamsKey.Bytes(), Halts: true},
			{Store: types.StoreKey, Prefix: types.QueueKey.Bytes()},
			{Store: types.StoreKey, Prefix: types.ReadyKey.Bytes()},
		},
		Items: func(ctx sdk.Context) map[string]string {
			items := map[string]string{}
			for _, owner := range owners {
				items[owner.String()] = f.Bank.GetBalance(ctx, owner, banktest.Denom).String()
			}
			return items
		},
		Check: func(ctx sdk.Context) error { return f.k.Invariants(ctx) },
		Later: func(ctx sdk.Context) sdk.Context {
			return ctx.WithBlockTime(ctx.BlockTime().Add(time.Hour + time.Second))
		},
	})
}
