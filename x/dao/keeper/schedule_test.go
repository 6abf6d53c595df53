package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	govv1beta1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1beta1"

	bondtypes "github.com/assaychain/assay/x/bond/types"
	"github.com/assaychain/assay/x/dao/keeper"
	"github.com/assaychain/assay/x/dao/types"
	"github.com/assaychain/assay/x/internal/banktest"
)

// TestTimeLock: what passed takes effect when its time has come, not before, and then is remembered.
func TestTimeLock(t *testing.T) {
	f := newFixture(t)
	id := f.passed(false, f.bondParams(setEntries(10)))
	require.EqualValues(t, 7, f.maxEntries())
	require.Equal(t, lock, f.waits(id).ExecuteAt.Sub(f.waits(id).PassedAt))
	f.block(lock - time.Nanosecond)
	require.EqualValues(t, 7, f.maxEntries())
	f.waits(id)
	f.block(time.Nanosecond)
	require.EqualValues(t, 10, f.maxEntries())
	require.Equal(t, types.RESULT_EXECUTED, f.outcome(id).Result)
}

// TestRefusedAtSubmission: a proposal that could not take effect is refused with the field and the limit, and leaves no trace.
func TestRefusedAtSubmission(t *testing.T) {
	f := newFixture(t)
	present, err := f.bond.Params(f.Ctx)
	require.NoError(t, err)
	present.MaxBackings = bondtypes.MaxBackingsLimit
	require.NoError(t, f.bond.SetParams(f.Ctx, present))
	update := f.bondParams(setEntries(8))
	grantee, expires := banktest.Address("grantee"), f.Ctx.BlockTime().Add(time.Hour)
	gov := sdk.MustAccAddressFromBech32(f.authority)
	grant, err := authz.NewMsgGrant(gov, grantee, authz.NewGenericAuthorization(sdk.MsgTypeURL(update)), &expires)
	require.NoError(t, err)
	exec := authz.NewMsgExec(gov, []sdk.Msg{update})
	nested, err := govv1.NewMsgSubmitProposal([]sdk.Msg{update}, nil, f.authority, "", "t", "s", false)
	require.NoError(t, err)
	many := make([]sdk.Msg, types.MaxMessages+1)
	for i := range many {
		many[i] = &types.MsgCancelScheduled{Authority: f.authority, ProposalId: 1}
	}
	before := f.state()
	for name, c := range map[string]struct {
		messages []sdk.Msg
		reason   error
		says     string
	}{
		"too far":       {[]sdk.Msg{f.bondParams(setEntries(11))}, types.ErrGuardrail, "max_entries is 7 and would be 11: one proposal may set it from 4 to 10"},
		"frozen":        {[]sdk.Msg{f.bondParams(func(p *bondtypes.Params) { p.Denom = "dust" })}, types.ErrGuardrail, "denom can't be changed"},
		"module's own":  {[]sdk.Msg{f.bondParams(func(p *bondtypes.Params) { p.MaxBackings++ })}, bondtypes.ErrParams, "max_backings"},
		"twice":         {[]sdk.Msg{update, update}, types.ErrProposal, "in the proposal twice"},
		"second of two": {[]sdk.Msg{&types.MsgCancelScheduled{Authority: f.authority}, f.bondParams(setEntries(1))}, types.ErrGuardrail, "message 1"},
		"grant":         {[]sdk.Msg{grant}, types.ErrProposal, "act past the guardrails"},
		"exec":          {[]sdk.Msg{&exec}, types.ErrProposal, "act past the guardrails"},
		"proposal":      {[]sdk.Msg{nested}, types.ErrProposal, "act past the guardrails"},
		"many":          {many, types.ErrProposal, "16 messages, got 17"},
	} {
		// Authz is no part of this test's chain; the check does not depend on who would carry a message out.
		err := f.k.CheckProposal(f.Ctx, c.messages)
		require.ErrorIs(t, err, c.reason, name)
		require.ErrorContains(t, err, c.says, name)
		if f.messages.Handler(c.messages[0]) != nil {
			_, err := f.submit(false, c.messages...)
			require.ErrorContains(t, err, c.says, name)
		}
	}
	require.Equal(t, before, f.state())
	require.EqualValues(t, 7, f.maxEntries(), "trials change nothing")
}

// TestNestedMessagesAreFound: a message inside any packed field is refused, whoever carries it.
func TestNestedMessagesAreFound(t *testing.T) {
	f := newFixture(t)
	update := f.bondParams(setEntries(8))
	inner := authz.NewMsgExec(sdk.MustAccAddressFromBech32(f.authority), []sdk.Msg{update})
	for _, outer := range []sdk.Msg{
		&govv1.MsgExecLegacyContent{Authority: f.authority, Content: packed(t, update)},
		&govv1.MsgExecLegacyContent{Authority: f.authority, Content: packed(t, &inner)},
		&govv1.MsgExecLegacyContent{Authority: f.authority},
	} {
		require.ErrorIs(t, f.k.CheckProposal(f.Ctx, []sdk.Msg{outer}), types.ErrProposal)
		_, err := f.k.Router().Handler(outer)(f.Ctx, outer)
		require.ErrorIs(t, err, types.ErrProposal)
	}
	text, err := govv1.NewLegacyContent(govv1beta1.NewTextProposal("t", "d"), f.authority)
	require.NoError(t, err)
	id := f.passed(false, text)
	_, err = f.query.Change(f.Ctx, &types.QueryChangeRequest{ProposalId: id})
	require.ErrorContains(t, err, "neither waits", "text does nothing, at once")
}

// TestRouterNeedsAVote: between the votes nobody can use gov's router.
func TestRouterNeedsAVote(t *testing.T) {
	f := newFixture(t)
	update := f.bondParams(setEntries(8))
	_, err := f.k.Router().Handler(update)(f.Ctx, update)
	require.ErrorIs(t, err, types.ErrNoVote)
	_, err = f.k.Router().HandlerByTypeURL(sdk.MsgTypeURL(update))(f.Ctx, update)
	require.ErrorIs(t, err, types.ErrNoVote)
	require.Nil(t, f.k.Router().Handler(&banktypes.MsgSend{}), "nobody carries it out")
	f.passed(false, update)
	_, err = f.k.Router().Handler(update)(f.Ctx, update)
	require.ErrorIs(t, err, types.ErrNoVote, "the verdict ends with the block")
}

// TestEmergency: an expedited proposal takes effect at once when enough voted, within the same limits.
func TestEmergency(t *testing.T) {
	f := newFixture(t)
	id := f.passed(true, f.bondParams(setEntries(10)))
	require.EqualValues(t, 10, f.maxEntries())
	_, err := f.query.Change(f.Ctx, &types.QueryChangeRequest{ProposalId: id})
	require.Error(t, err, "nothing waits")
	require.True(t, emitted(f.Ctx, &types.EventImmediate{ProposalId: id, TypeUrl: "/assay.bond.v1.MsgUpdateParams", Emergency: true}))
	_, err = f.submit(true, f.bondParams(setEntries(16)))
	require.ErrorIs(t, err, types.ErrGuardrail)
}

// TestEmergencyNeedsItsQuorum: with enough votes to pass but too few for an emergency an expedited proposal waits like any.
func TestEmergencyNeedsItsQuorum(t *testing.T) {
	f := newFixture(t)
	a, b := banktest.Address("a"), banktest.Address("b")
	f.staking.stake(a, a, 4_999)
	f.staking.stake(b, b, 5_001)
	id := f.proposed(true, f.bondParams(setEntries(10)))
	f.vote(id, a, govv1.OptionYes)
	f.block(expedited)
	f.status(id, govv1.StatusPassed)
	require.EqualValues(t, 7, f.maxEntries())
	f.waits(id)
	f.block(lock)
	require.EqualValues(t, 10, f.maxEntries())

	f.staking.stake(a, a, 2)
	id = f.proposed(true, f.bondParams(setEntries(9)))
	f.vote(id, a, govv1.OptionYes)
	f.block(expedited)
	require.EqualValues(t, 9, f.maxEntries(), "at exactly the quorum")
}

// TestRejectedExpeditedProposalIsOrdinary: gov gives it the rest of the ordinary period, after which it has no privilege.
func TestRejectedExpeditedProposalIsOrdinary(t *testing.T) {
	f := newFixture(t)
	id := f.proposed(true, f.bondParams(setEntries(10)))
	f.block(expedited)
	f.vote(id, f.staking.majority(), govv1.OptionYes)
	f.block(voting)
	f.status(id, govv1.StatusPassed)
	require.EqualValues(t, 7, f.maxEntries())
	f.waits(id)
}

// TestCancelScheduled: a later vote takes a change out of the queue, at once.
func TestCancelScheduled(t *testing.T) {
	f := newFixture(t)
	id := f.passed(false, f.bondParams(setEntries(10)))
	cancel := f.passed(false, &types.MsgCancelScheduled{Authority: f.authority, ProposalId: id, Reason: "a mistake"})
	require.Equal(t, types.RESULT_CANCELLED, f.outcome(id).Result)
	require.Equal(t, "a mistake", f.outcome(id).Reason)
	_, err := f.query.Change(f.Ctx, &types.QueryChangeRequest{ProposalId: cancel})
	require.Error(t, err, "the cancellation did not wait")
	f.block(lock)
	require.EqualValues(t, 7, f.maxEntries())
	require.ErrorIs(t, f.k.CancelScheduled(f.Ctx, id, ""), types.ErrNoChange)
}

// TestStaleChangesFail: a change that was voted on over other values does not undo what was decided in between.
func TestStaleChangesFail(t *testing.T) {
	f := newFixture(t)
	slow := f.passed(false, f.bondParams(setEntries(10)))
	f.passed(true, f.bondParams(func(p *bondtypes.Params) { p.MaxBackings = 20 }))
	f.block(lock)
	require.Equal(t, types.RESULT_FAILED, f.outcome(slow).Result)
	require.Contains(t, f.outcome(slow).Reason, "parameters have changed since the vote")
	params, err := f.bond.Params(f.Ctx)
	require.NoError(t, err)
	require.EqualValues(t, 20, params.MaxBackings)
	require.EqualValues(t, 7, params.MaxEntries)
}

// TestProposalIsCarriedOutWhole: when its second message fails, the first has no effect; a mixed proposal waits as a whole.
func TestProposalIsCarriedOutWhole(t *testing.T) {
	f := newFixture(t)
	id := f.passed(false, f.bondParams(setEntries(10)), &types.MsgCancelGrant{Authority: f.authority, GrantId: 9})
	require.Len(t, f.waits(id).Messages, 2)
	f.block(lock)
	require.Equal(t, types.RESULT_FAILED, f.outcome(id).Result)
	require.Contains(t, f.outcome(id).Reason, "message 1, /assay.dao.v1.MsgCancelGrant: grant 9 doesn't exist")
	require.EqualValues(t, 7, f.maxEntries())
}

// TestQueueIsBounded: so many wait, so many are carried out in a block, the longest due first.
func TestQueueIsBounded(t *testing.T) {
	f := newFixture(t)
	params, err := f.k.Params(f.Ctx)
	require.NoError(t, err)
	params.MaxScheduled, params.MaxExecutedPerBlock = 3, 2
	require.NoError(t, f.k.SetParams(f.Ctx, params))
	recipient := banktest.Address("recipient").String()
	f.fund(1_000)
	var ids []uint64
	for range 4 {
		ids = append(ids, f.proposed(false, f.outright(recipient, 10)))
	}
	for _, id := range ids {
		f.vote(id, f.staking.majority(), govv1.OptionYes)
	}
	f.block(voting)
	proposal, err := f.gov.Proposals.Get(f.Ctx, ids[3])
	require.NoError(t, err)
	require.Equal(t, govv1.StatusFailed, proposal.Status)
	require.Contains(t, proposal.FailedReason, "there are 3 proposals that wait, at most 3 may be")
	f.block(lock)
	require.Equal(t, types.RESULT_EXECUTED, f.outcome(ids[0]).Result)
	require.Equal(t, types.RESULT_EXECUTED, f.outcome(ids[1]).Result)
	f.waits(ids[2])
	f.block(time.Second)
	require.Equal(t, types.RESULT_EXECUTED, f.outcome(ids[2]).Result)
}

// TestOutcomesAreForgotten: the last ones are kept.
func TestOutcomesAreForgotten(t *testing.T) {
	f := newFixture(t)
	state := types.DefaultGenesis()
	state.Params.TimeLock, state.NextOutcomeId = lock, 300
	for i := range types.MaxOutcomes {
		state.Outcomes = append(state.Outcomes, types.Outcome{ProposalId: uint64(1000 + i), Result: types.RESULT_EXECUTED, At: f.Ctx.BlockTime()})
	}
	require.NoError(t, f.k.InitGenesis(f.Ctx, state))
	id := f.passed(false, f.bondParams(setEntries(10)))
	f.block(lock)
	exported, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Len(t, exported.Outcomes, types.MaxOutcomes)
	require.EqualValues(t, 1001, exported.Outcomes[0].ProposalId)
	require.Equal(t, id, exported.Outcomes[types.MaxOutcomes-1].ProposalId)
}

// TestUnreadableChangeLeavesTheQueue: a record that can't be read is taken out, and its neighbours are carried out.
func TestUnreadableChangeLeavesTheQueue(t *testing.T) {
	f := newFixture(t)
	bad := f.passed(false, f.bondParams(setEntries(10)))
	f.fund(100)
	other := f.proposed(false, f.outright(banktest.Address("recipient").String(), 10))
	f.vote(other, f.staking.majority(), govv1.OptionYes)
	f.block(voting)
	key := append([]byte{6}, sdk.Uint64ToBigEndian(bad)...)
	require.True(t, f.Raw(f.Ctx, types.StoreKey).Has(key))
	f.Raw(f.Ctx, types.StoreKey).Set(key, []byte{0xff})
	f.Advance(lock)
	require.NoError(t, f.k.EndBlock(f.Ctx))
	require.Equal(t, types.RESULT_FAILED, f.outcome(bad).Result)
	require.Equal(t, types.RESULT_EXECUTED, f.outcome(other).Result)
	f.sound()
}

// TestPanickingMessageLeavesTheQueue: whatever a module's code does, the block ends.
func TestPanickingMessageLeavesTheQueue(t *testing.T) {
	f := newFixture(t)
	f.fund(100)
	f.bank.panics = true
	id := f.passed(false, f.outright(banktest.Address("recipient").String(), 10))
	f.block(lock)
	require.Equal(t, types.RESULT_FAILED, f.outcome(id).Result)
	require.Contains(t, f.outcome(id).Reason, "panicked")
}

// TestTallyFailsOnlyOnBrokenState: and then says so, as gov does.
func TestTallyFailsOnlyOnBrokenState(t *testing.T) {
	f := newFixture(t)
	id := f.proposed(false, f.bondParams(setEntries(8)))
	f.staking.fails = true
	proposal, err := f.gov.Proposals.Get(f.Ctx, id)
	require.NoError(t, err)
	_, _, _, err = f.k.Tally(f.Ctx, *f.gov, proposal)
	require.ErrorContains(t, err, "state can't be read")
}

// TestWiring: a keeper without account, authority or ports is refused.
func TestWiring(t *testing.T) {
	f := newFixture(t)
	_, err := keeper.NewKeeper(f.Cdc, f.Store(types.StoreKey), f.authority, types.Ports{})
	require.ErrorIs(t, err, types.ErrWiring)
	_, err = keeper.NewKeeper(f.Cdc, f.Store(types.StoreKey), "nobody", types.Ports{})
	require.ErrorIs(t, err, types.ErrWiring)
}
