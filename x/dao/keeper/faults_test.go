package keeper_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"

	"github.com/assaychain/assay/x/dao/types"
	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/internal/faults"
)

// Every store operation of the hook fails once, those of the messages' own modules among them: the block commits, the other
// proposals are carried out, and the one that failed has no effect, leaves the queue and is noted as failed.
func TestEndBlockSurvivesEveryFault(t *testing.T) {
	f := newFixture(t)
	f.fund(10_000)
	var ids []uint64
	for n := range 3 {
		ids = append(ids, f.proposed(false, f.outright(banktest.Address(fmt.Sprint("recipient", n)).String(), 100)))
		f.vote(ids[n], f.staking.majority(), govv1.OptionYes)
	}
	f.block(voting)
	f.Advance(lock)
	faults.Walk(t, f.Faults, faults.Scene{
		Ctx: f.Ctx, Hook: f.k.EndBlock, Modules: []string{types.ModuleName},
		Heads: []faults.Head{
			{Store: types.StoreKey, Prefix: types.ParamsKey.Bytes(), Halts: true}, {Store: types.StoreKey, Prefix: types.QueueKey.Bytes()},
		},
		Items: func(ctx sdk.Context) map[string]string {
			items := map[string]string{}
			for _, id := range ids {
				answer, err := f.query.Change(ctx, &types.QueryChangeRequest{ProposalId: id})
				require.NoError(t, err)
				items[fmt.Sprintf("proposal %d", id)] = fmt.Sprintf("waits: %t", answer.Scheduled != nil)
			}
			return items
		},
		Check: func(ctx sdk.Context) error { return f.k.Invariants(ctx) },
		Later: func(ctx sdk.Context) sdk.Context { return ctx.WithBlockTime(ctx.BlockTime().Add(time.Second)) },
	})
}
