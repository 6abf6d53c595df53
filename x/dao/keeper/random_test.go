package keeper_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	sdk "github.com/cosmos/cosmos-sdk/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"

	bondtypes "github.com/assaychain/assay/x/bond/types"
	"github.com/assaychain/assay/x/dao/types"
	"github.com/assaychain/assay/x/internal/banktest"
)

// TestHooksUnderRandomGovernance: random proposals, votes, cancellations and waits. Every block ends without an error, the books
// stay right, and nothing waits beyond its time.
func TestHooksUnderRandomGovernance(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) { governAtRandom(t, rt) })
}

// FuzzHooks is the same with the fuzzer's bytes for randomness.
func FuzzHooks(f *testing.F) {
	f.Add(bytes.Repeat([]byte("a proposal, a vote, and then time goes by"), 200))
	f.Fuzz(func(t *testing.T, random []byte) {
		rapid.MakeFuzz(func(rt *rapid.T) { governAtRandom(t, rt) })(t, random)
	})
}

func governAtRandom(t *testing.T, rt *rapid.T) {
	t.Helper()
	f := newFixture(t)
	f.fund(10_000)
	f.staking.majority()
	recipient := banktest.Address("recipient").String()
	var open []uint64
	for range 12 {
		switch rapid.IntRange(0, 3).Draw(rt, "step") {
		case 0:
			var messages []sdk.Msg
			for range rapid.IntRange(1, 3).Draw(rt, "messages") {
				messages = append(messages, rapid.SampledFrom([]sdk.Msg{
					f.bondParams(setEntries(rapid.Uint32Range(0, 20).Draw(rt, "entries"))), f.outright(recipient, 7_000),
					f.bondParams(func(p *bondtypes.Params) { p.MaxBackings-- }),
					&types.MsgCancelGrant{Authority: f.authority, GrantId: rapid.Uint64Range(0, 3).Draw(rt, "grant")},
					&types.MsgCancelScheduled{Authority: f.authority, ProposalId: rapid.Uint64Range(0, 6).Draw(rt, "change")},
				}).Draw(rt, "message"))
			}
			if id, err := f.submit(rapid.Bool().Draw(rt, "urgent"), messages...); err == nil {
				open = append(open, id)
			}
		case 1:
			for _, id := range open {
				// Not all are open still.
				_ = f.gov.AddVote(f.Ctx, id, f.staking.majority(), govv1.NewNonSplitVoteOption(govv1.OptionYes), "")
			}
		default:
			f.block(time.Duration(rapid.Int64Range(0, int64(lock)).Draw(rt, "wait")))
		}
	}
	waiting, err := f.query.Changes(f.Ctx, &types.QueryChangesRequest{})
	require.NoError(rt, err)
	for _, change := range waiting.Changes {
		require.True(rt, change.ExecuteAt.After(f.Ctx.BlockTime()) || len(waiting.Changes) > 4, "proposal %d is overdue", change.ProposalId)
	}
}
