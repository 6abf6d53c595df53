package keeper_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/escrow/types"
	"github.com/assaychain/assay/x/internal/faults"
)

// Every store operation of the hook fails once, the bank's and the pool's among them: the block commits, the other accounts are
// paid out and closed, and the one that failed is closed an hour later.
func TestEndBlockSurvivesEveryFault(t *testing.T) {
	f := newFixture(t)
	const accounts = 3
	for id := range uint64(accounts) {
		f.opened(id+1, fmt.Sprint("customer", id), 1_000+int64(id))
		f.stream(id+1, fmt.Sprint("worker", id), 3_600_000)
	}
	f.block(time.Second)
	f.Advance(time.Minute)
	faults.Walk(t, f.Faults, faults.Scene{
		Ctx: f.Ctx, Hook: f.k.EndBlock, Modules: []string{types.ModuleName},
		Heads: []faults.Head{
			{Store: types.StoreKey, Prefix: types.ParamsKey.Bytes(), Halts: true}, {Store: types.StoreKey, Prefix: types.QueueKey.Bytes()},
		},
		Items: func(ctx sdk.Context) map[string]string {
			items := map[string]string{}
			for id := range uint64(accounts) {
				_, err := f.k.Account(ctx, scope, id+1)
				require.True(t, err == nil || errors.Is(err, types.ErrNoAccount), "%v", err)
				items[fmt.Sprintf("account %d", id+1)] = fmt.Sprintf("open: %t", err == nil)
			}
			return items
		},
		Check: func(ctx sdk.Context) error { return f.k.Invariants(ctx) },
		Later: func(ctx sdk.Context) sdk.Context {
			return ctx.WithBlockTime(ctx.BlockTime().Add(time.Hour + time.Second))
		},
	})
}
