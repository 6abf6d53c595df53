package keeper_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/internal/faults"
	"github.com/assaychain/assay/x/penalty/types"
)

// Every store operation of the hook fails once, those of bond and bank among them: the block commits, the others are settled and
// the one that failed is settled an hour later.
func TestEndBlockSurvivesEveryFault(t *testing.T) {
	f := newFixture(t)
	var ids []uint64
	for i := range 3 {
		op := f.bonded(fmt.Sprintf("op%d", i), 10_000_000)
		ids = append(ids, f.punish(op, types.OFFENCE_WRONG_RESULT, banktest.Address("victim")).Id)
	}
	f.Advance(appealWindow + time.Second)
	head := func(prefix []byte) faults.Head { return faults.Head{Store: types.StoreKey, Prefix: prefix} }
	params := head(types.ParamsKey.Bytes())
	params.Halts = true
	faults.Walk(t, f.Faults, faults.Scene{
		Ctx: f.Ctx, Hook: f.k.EndBlock, Modules: []string{types.ModuleName},
		Heads: []faults.Head{
			params, head(types.HoldsKey.Bytes()), head(types.SettledKey.Bytes()), head(types.ReviewsKey.Bytes()),
			head(types.EvidenceKey.Bytes()), head(types.EvidenceFloorKey.Bytes()),
		},
		Items: func(ctx sdk.Context) map[string]string {
			items := map[string]string{}
			for _, id := range ids {
				record, err := f.k.Record(ctx, id)
				require.NoError(t, err)
				items[fmt.Sprintf("record %d", id)] = record.Status.String()
			}
			return items
		},
		Check: func(ctx sdk.Context) error { return errors.Join(f.k.Invariants(ctx), f.bond.Invariants(ctx)) },
		Later: func(ctx sdk.Context) sdk.Context {
			return ctx.WithBlockTime(ctx.BlockTime().Add(time.Hour + time.Second))
		},
	})
}
