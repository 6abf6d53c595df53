package keeper_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/assaychain/assay/x/dao/types"
	"github.com/assaychain/assay/x/internal/banktest"
)

// granted makes a grant by the authority.
func (f *fixture) granted(m *types.MsgCreateGrant) uint64 {
	f.T.Helper()
	result, err := f.deliver(m)
	require.NoError(f.T, err)
	return result.MsgResponses[0].GetCachedValue().(*types.MsgCreateGrantResponse).GrantId
}

func (f *fixture) claim(recipient sdk.AccAddress, id uint64) error {
	_, err := f.deliver(&types.MsgClaimGrant{Recipient: recipient.String(), GrantId: id})
	return err
}

// book is the treasury's book.
func (f *fixture) book() (balance, reserved, available int64) {
	f.T.Helper()
	b, err := f.query.Treasury(f.Ctx, &types.QueryTreasuryRequest{})
	require.NoError(f.T, err)
	return b.Balance.Amount.Int64(), b.Reserved.Amount.Int64(), b.Available.Amount.Int64()
}

func (f *fixture) requireBook(balance, reserved, available int64) {
	f.T.Helper()
	b, r, a := f.book()
	require.Equal(f.T, fmt.Sprint(balance, reserved, available), fmt.Sprint(b, r, a), "balance, reserved, available")
	f.sound()
}

// TestStreamedGrant: claimable in proportion to time, whoever claims how often, to the last unit, then forgotten.
func TestStreamedGrant(t *testing.T) {
	f := newFixture(t)
	f.fund(1_000)
	recipient := banktest.Address("recipient")
	id := f.granted(f.stream(recipient.String(), 1_000, 0, 7*time.Second))
	f.requireBook(1_000, 1_000, 0)
	require.ErrorIs(t, f.claim(recipient, id), types.ErrNothing)
	f.Advance(3 * time.Second)
	require.ErrorIs(t, f.claim(banktest.Address("other"), id), types.ErrRecipient)
	require.NoError(t, f.claim(recipient, id))
	require.EqualValues(t, 428, f.Balance(recipient).Int64())
	f.requireBook(572, 572, 0)
	f.Advance(4 * time.Second)
	require.NoError(t, f.claim(recipient, id))
	require.EqualValues(t, 1_000, f.Balance(recipient).Int64())
	f.requireBook(0, 0, 0)
	require.ErrorIs(t, f.claim(recipient, id), types.ErrNoGrant)
}

func TestCliff(t *testing.T) {
	f := newFixture(t)
	f.fund(1_000)
	recipient := banktest.Address("recipient")
	m := f.stream(recipient.String(), 1_000, 0, 10*time.Second)
	cliff := m.Stream.Start.Add(5 * time.Second)
	m.Stream.Cliff = &cliff
	id := f.granted(m)
	f.Advance(4 * time.Second)
	require.ErrorIs(t, f.claim(recipient, id), types.ErrNothing)
	f.Advance(time.Second)
	require.NoError(t, f.claim(recipient, id))
	require.EqualValues(t, 500, f.Balance(recipient).Int64())
}

// milestones is a grant in parts.
func (f *fixture) milestones(recipient string, amounts ...int64) *types.MsgCreateGrant {
	m := &types.MsgCreateGrant{Authority: f.authority, Recipient: recipient, Purpose: "audit", Amount: sdk.NewInt64Coin(banktest.Denom, 0)}
	for i, amount := range amounts {
		m.Milestones = append(m.Milestones, types.Milestone{Title: fmt.Sprint("part ", i), Amount: math.NewInt(amount)})
		m.Amount.Amount = m.Amount.Amount.AddRaw(amount)
	}
	return m
}

func TestMilestones(t *testing.T) {
	f := newFixture(t)
	f.fund(1_000)
	recipient := banktest.Address("recipient")
	id := f.granted(f.milestones(recipient.String(), 300, 200, 100))
	f.requireBook(1_000, 600, 400)
	release := func(n uint32) error {
		_, err := f.deliver(&types.MsgReleaseMilestone{Authority: f.authority, GrantId: id, Milestone: n})
		return err
	}
	require.ErrorIs(t, f.claim(recipient, id), types.ErrNothing)
	require.NoError(t, release(1))
	require.ErrorIs(t, release(1), types.ErrMilestone)
	require.ErrorIs(t, release(3), types.ErrMilestone)
	require.NoError(t, f.claim(recipient, id))
	require.EqualValues(t, 200, f.Balance(recipient).Int64())
	f.requireBook(800, 400, 400)
	require.NoError(t, release(0))
	_, err := f.deliver(&types.MsgCancelGrant{Authority: f.authority, GrantId: id})
	require.NoError(t, err)
	f.requireBook(800, 300, 500)
	require.ErrorIs(t, release(2), types.ErrMilestone, "a cancelled grant has none")
	require.NoError(t, f.claim(recipient, id))
	require.EqualValues(t, 500, f.Balance(recipient).Int64())
	f.requireBook(500, 0, 500)
}

// TestCancelledStream: what had vested stays the recipient's for ever, the rest is free at once.
func TestCancelledStream(t *testing.T) {
	f := newFixture(t)
	f.fund(1_000)
	recipient := banktest.Address("recipient")
	id := f.granted(f.stream(recipient.String(), 1_000, 0, 10*time.Second))
	f.Advance(3 * time.Second)
	require.NoError(t, f.claim(recipient, id))
	f.Advance(time.Second)
	result, err := f.msg.CancelGrant(f.Ctx, &types.MsgCancelGrant{Authority: f.authority, GrantId: id})
	require.NoError(t, err)
	require.EqualValues(t, 600, result.Returned.Amount.Int64())
	f.requireBook(700, 100, 600)
	_, err = f.msg.CancelGrant(f.Ctx, &types.MsgCancelGrant{Authority: f.authority, GrantId: id})
	require.ErrorIs(t, err, types.ErrGrant)
	f.Advance(time.Hour)
	require.NoError(t, f.claim(recipient, id))
	require.EqualValues(t, 400, f.Balance(recipient).Int64())
	f.requireBook(600, 0, 600)
}

// TestCancelledBeforeAnythingVested leaves nothing behind.
func TestCancelledBeforeAnythingVested(t *testing.T) {
	f := newFixture(t)
	f.fund(1_000)
	id := f.granted(f.milestones(banktest.Address("recipient").String(), 300))
	_, err := f.deliver(&types.MsgCancelGrant{Authority: f.authority, GrantId: id})
	require.NoError(t, err)
	f.requireBook(1_000, 0, 1_000)
	_, err = f.query.Grant(f.Ctx, &types.QueryGrantRequest{GrantId: id})
	require.ErrorContains(t, err, "doesn't exist")
}

// TestBadGrants: each is refused with a reason and changes nothing.
func TestBadGrants(t *testing.T) {
	f := newFixture(t)
	f.fund(1_000)
	recipient := banktest.Address("recipient").String()
	f.granted(f.milestones(recipient, 600))
	before := f.state()
	edit := func(change func(*types.MsgCreateGrant)) *types.MsgCreateGrant {
		m := f.stream(recipient, 100, 0, time.Hour)
		change(m)
		return m
	}
	for name, c := range map[string]struct {
		m      *types.MsgCreateGrant
		reason error
		says   string
	}{
		"promised twice": {edit(func(m *types.MsgCreateGrant) { m.Amount.Amount = math.NewInt(401) }), types.ErrTreasury, "it has 1000uassay, of which 600 are promised"},
		"other coin":     {edit(func(m *types.MsgCreateGrant) { m.Amount.Denom = "other" }), types.ErrTreasury, "0other"},
		"nothing":        {edit(func(m *types.MsgCreateGrant) { m.Amount.Amount = math.ZeroInt() }), types.ErrAmount, "positive"},
		"huge": {edit(func(m *types.MsgCreateGrant) {
			m.Amount.Amount = math.NewIntFromUint64(1).MulRaw(1 << 62).MulRaw(1 << 62).MulRaw(1 << 5)
		}), types.ErrAmount, "2^128"},
		"bad coin":   {edit(func(m *types.MsgCreateGrant) { m.Amount.Denom = "!" }), types.ErrGrant, "denom"},
		"nobody":     {edit(func(m *types.MsgCreateGrant) { m.Recipient = "x" }), types.ErrAddress, "recipient"},
		"module":     {edit(func(m *types.MsgCreateGrant) { m.Recipient = authtypes.NewModuleAddress(types.ModuleName).String() }), types.ErrAddress, "module's account"},
		"no purpose": {edit(func(m *types.MsgCreateGrant) { m.Purpose = "" }), types.ErrGrant, "purpose"},
		"backwards":  {edit(func(m *types.MsgCreateGrant) { m.Stream.End = m.Stream.Start }), types.ErrGrant, "after start"},
		"too long":   {edit(func(m *types.MsgCreateGrant) { m.Stream.End = m.Stream.Start.Add(types.MaxStream + 1) }), types.ErrGrant, "at most"},
		"no time":    {edit(func(m *types.MsgCreateGrant) { m.Stream.Start = time.Time{} }), types.ErrGrant, "must be given"},
		"cliff":      {edit(func(m *types.MsgCreateGrant) { late := m.Stream.End.Add(1); m.Stream.Cliff = &late }), types.ErrGrant, "cliff"},
		"both":       {edit(func(m *types.MsgCreateGrant) { m.Milestones = f.milestones(recipient, 100).Milestones }), types.ErrGrant, "choose one"},
		"neither":    {edit(func(m *types.MsgCreateGrant) { m.Stream = nil }), types.ErrGrant, "neither"},
		"sum":        {edit(func(m *types.MsgCreateGrant) { m.Stream, m.Milestones = nil, f.milestones(recipient, 99).Milestones }), types.ErrGrant, "add up to 99, the grant is 100"},
		"released": {edit(func(m *types.MsgCreateGrant) {
			m.Stream, m.Milestones = nil, f.milestones(recipient, 100).Milestones
			m.Milestones[0].Released = true
		}), types.ErrGrant, "released must be false"},
		"untitled": {edit(func(m *types.MsgCreateGrant) {
			m.Stream, m.Milestones = nil, f.milestones(recipient, 100).Milestones
			m.Milestones[0].Title = ""
		}), types.ErrGrant, "title"},
		"many":      {f.milestones(recipient, make([]int64, types.MaxMilestones+1)...), types.ErrAmount, "positive"},
		"authority": {edit(func(m *types.MsgCreateGrant) { m.Authority = recipient }), sdkerrors.ErrUnauthorized, "authority"},
	} {
		_, err := f.deliver(c.m)
		require.ErrorIs(t, err, c.reason, name)
		require.ErrorContains(t, err, c.says, name)
		require.Equal(t, before, f.state(), name)
	}
}

func TestGrantsAreCounted(t *testing.T) {
	f := newFixture(t)
	f.fund(1_000)
	params, err := f.k.Params(f.Ctx)
	require.NoError(t, err)
	params.MaxGrants = 1
	require.NoError(t, f.k.SetParams(f.Ctx, params))
	recipient := banktest.Address("recipient")
	id := f.granted(f.outright(recipient.String(), 10))
	_, err = f.deliver(f.outright(recipient.String(), 10))
	require.ErrorIs(t, err, types.ErrLimit)
	require.NoError(t, f.claim(recipient, id))
	f.granted(f.outright(recipient.String(), 10))
}

// TestClaimThatCannotBePaid changes nothing.
func TestClaimThatCannotBePaid(t *testing.T) {
	f := newFixture(t)
	f.fund(1_000)
	recipient := banktest.Address("recipient")
	id := f.granted(f.outright(recipient.String(), 10))
	f.bank.fails[recipient.String()] = true
	before := f.state()
	require.Error(t, f.claim(recipient, id))
	require.Equal(t, before, f.state())
}

func TestFundTreasury(t *testing.T) {
	f := newFixture(t)
	donor := f.Fund("donor", 1_000)
	fund := func(coins ...sdk.Coin) error {
		_, err := f.deliver(&types.MsgFundTreasury{Depositor: donor.String(), Amount: coins})
		return err
	}
	require.NoError(t, fund(sdk.NewInt64Coin(banktest.Denom, 400)))
	f.requireBook(400, 0, 400)
	require.ErrorIs(t, fund(), types.ErrAmount)
	require.ErrorIs(t, fund(sdk.Coin{Denom: banktest.Denom, Amount: math.NewInt(-1)}), types.ErrAmount)
	require.ErrorIs(t, fund(sdk.NewInt64Coin(banktest.Denom, 601)), sdkerrors.ErrInsufficientFunds)
	_, err := f.deliver(&types.MsgFundTreasury{Depositor: "x", Amount: sdk.NewCoins(sdk.NewInt64Coin(banktest.Denom, 1))})
	require.ErrorIs(t, err, types.ErrAddress)
	require.Error(t, f.Bank.SendCoins(f.Ctx, donor, authtypes.NewModuleAddress("nobody"), sdk.NewCoins(sdk.NewInt64Coin(banktest.Denom, 601))))
	f.requireBook(400, 0, 400)
}

// TestTreasuryAgainstModel: random grants, claims, releases and cancellations; every recipient gets exactly what had vested,
// and the treasury always covers what it promised.
func TestTreasuryAgainstModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := newFixture(t)
		f.fund(10_000)
		recipient := banktest.Address("recipient")
		paid, spent := map[uint64]int64{}, int64(0)
		var ids []uint64
		for range 30 {
			switch rapid.IntRange(0, 5).Draw(rt, "operation") {
			case 0:
				m := f.stream(recipient.String(), rapid.Int64Range(1, 4_000).Draw(rt, "amount"), -time.Second, time.Duration(rapid.Int64Range(1, 100).Draw(rt, "length"))*time.Second)
				_, _, available := f.book()
				_, err := f.deliver(m)
				require.Equal(rt, m.Amount.Amount.Int64() <= available, err == nil, "%v", err)
				if err == nil {
					ids = append(ids, uint64(len(ids)+1))
				}
			case 1:
				m := f.milestones(recipient.String(), rapid.SliceOfN(rapid.Int64Range(1, 1_000), 1, 4).Draw(rt, "parts")...)
				if _, err := f.deliver(m); err == nil {
					ids = append(ids, uint64(len(ids)+1))
				}
			case 2:
				f.Advance(time.Duration(rapid.Int64Range(0, 40_000).Draw(rt, "wait")) * time.Millisecond)
			default:
				if len(ids) == 0 {
					continue
				}
				id := rapid.SampledFrom(ids).Draw(rt, "grant")
				g, err := f.k.Grant(f.Ctx, id)
				if err != nil {
					continue
				}
				owed := g.Claimable(f.Ctx.BlockTime()).Int64()
				before := f.Balance(recipient).Int64()
				switch rapid.IntRange(0, 3).Draw(rt, "verb") {
				case 0:
					_ = f.k.ReleaseMilestone(f.Ctx, id, rapid.Uint32Range(0, 4).Draw(rt, "milestone"))
				case 1:
					if _, err := f.deliver(&types.MsgCancelGrant{Authority: f.authority, GrantId: id}); err == nil && owed > 0 {
						left, err := f.k.Grant(f.Ctx, id)
						require.NoError(rt, err)
						require.Equal(rt, owed, left.Claimable(f.Ctx.BlockTime().Add(time.Hour)).Int64())
					}
				default:
					require.Equal(rt, owed > 0, f.claim(recipient, id) == nil)
					require.Equal(rt, owed, f.Balance(recipient).Int64()-before)
					paid[id], spent = paid[id]+owed, spent+owed
				}
			}
			balance, _, _ := f.book()
			require.Equal(rt, 10_000-spent, balance)
			require.NoError(rt, f.k.Invariants(f.Ctx))
		}
	})
}
