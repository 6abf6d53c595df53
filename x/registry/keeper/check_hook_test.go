package keeper_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	sdk "github.com/cosmos/cosmos-sdk/types"

	beacontypes "github.com/assaychain/assay/x/beacon/types"
	"github.com/assaychain/assay/x/internal/faults"
	"github.com/assaychain/assay/x/registry/spotcheck"
	"github.com/assaychain/assay/x/registry/types"
)

// Every store operation of the hook fails once while two checks are overdue, one gets its seed and a place is given up: the block
// commits, the others move on, and the one that failed does so later.
func TestSpotChecksSurviveEveryFault(t *testing.T) {
	f := checkFixture(t)
	operators := []sdk.AccAddress{alice, bob}
	for _, operator := range operators {
		f.operator(operator, 1_000)
	}
	for n := range 2 {
		require.NoError(t, f.register(gpu(operators[n], n, 10)))
	}
	f.prove(0, 1)
	f.lastDraw(0, 1)
	require.NoError(t, f.register(gpu(alice, 3, 10)))
	f.seconds(7)
	require.NoError(t, f.update(update(gpu(alice, 3, 10), func(m *types.MsgUpdateDevice) { m.Available = false })))
	require.NoError(t, f.register(gpu(bob, 2, 10)))
	f.block(2 * time.Second)
	for f.check(0).Due > must(f.keeper.Now(f.ctx)) {
		f.ctx = f.ctx.WithBlockTime(f.ctx.BlockTime().Add(time.Second)).WithBlockHeight(f.ctx.BlockHeight() + 5)
	}
	f.relay()
	require.Equal(t, types.CHECK_STATE_PENDING, f.check(2).State)
	operations := faults.Walk(t, f.plan, faults.Scene{
		Ctx: f.ctx, Hook: f.keeper.EndBlock, Modules: []string{types.ModuleName},
		Heads: []faults.Head{
			{Store: types.StoreKey, Prefix: types.ParamsKey.Bytes(), Halts: true}, {Store: types.StoreKey, Prefix: types.ClockKey.Bytes()},
			{Store: types.StoreKey, Prefix: types.ChecksDuePrefix.Bytes()}, {Store: types.StoreKey, Prefix: types.WaitingPrefix.Bytes()},
			{Store: types.StoreKey, Prefix: types.LeaversPrefix.Bytes()}, {Store: types.StoreKey, Prefix: types.DrawKey.Bytes()},
			{Store: beacontypes.StoreKey},
		},
		Items: func(ctx sdk.Context) map[string]string {
			items := map[string]string{}
			for n := range 2 {
				check, err := f.keeper.SpotCheck(ctx, deviceID(n))
				require.NoError(t, err)
				items[fmt.Sprintf("check of device %d", n)] = fmt.Sprintf("open: %t", check.Open())
			}
			check, err := f.keeper.SpotCheck(ctx, deviceID(2))
			require.NoError(t, err)
			items["check of device 2"] = fmt.Sprintf("pending: %t", check.State == types.CHECK_STATE_PENDING)
			return items
		},
		Check: func(ctx sdk.Context) error {
			return errors.Join(f.keeper.Invariants(ctx), f.bond.Invariants(ctx), f.beacon.Invariants(ctx))
		},
		Later: func(ctx sdk.Context) sdk.Context {
			return ctx.WithBlockTime(ctx.BlockTime().Add(time.Minute)).WithBlockHeight(ctx.BlockHeight() + 1)
		},
		Every: 2,
	})
	require.Greater(t, operations, 100)
}

// lastDraw lets the devices be drawn once more and no more after that.
func (f *fixture) lastDraw(devices ...int) {
	params := smallChecks()
	params.Spot.Draws, params.Spot.DrawSeconds = 32, types.MaxDrawSeconds
	require.NoError(f.t, f.keeper.SetParams(f.ctx, params))
	for {
		now, draw := must(f.keeper.Now(f.ctx)), must(f.keeper.Draw(f.ctx))
		if draw.Next > now+3_600_000 {
			break
		}
		f.seconds(1, func() {
			for _, n := range devices {
				f.answer(n)
			}
		})
	}
	for _, n := range devices {
		f.until(n, types.CHECK_STATE_SEEDED)
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// A draw that fails is tried again in the next block, and given up after too many blocks.
func TestADrawThatFailsIsTriedAgain(t *testing.T) {
	f := checkFixture(t)
	f.operator(alice, 1_000)
	require.NoError(t, f.register(gpu(alice, 1, 10)))
	f.prove(1)
	for must(f.keeper.Draw(f.ctx)).Round == 0 {
		f.seconds(1)
	}
	f.ctx = f.ctx.WithBlockTime(f.ctx.BlockTime().Add(5 * time.Second))
	f.relay()
	f.plan.Watch()
	branch, _ := f.ctx.CacheContext()
	require.NoError(t, f.keeper.EndBlock(branch))
	for number, op := range f.plan.Heal() {
		if op.Store != types.StoreKey || len(op.Key) == 0 || op.Key[0] != types.SeatsPrefix.Bytes()[0] {
			continue
		}
		f.plan.Break(number, false)
		require.NoError(t, f.keeper.EndBlock(f.ctx))
		f.plan.Heal()
		require.EqualValues(t, 1, must(f.keeper.Draw(f.ctx)).Failures)
		require.NoError(t, f.keeper.EndBlock(f.ctx))
		require.Equal(t, types.CHECK_STATE_SEEDED, f.check(1).State)
		require.NoError(t, f.keeper.Invariants(f.ctx))
		return
	}
	require.Fail(t, "the draw read no seat")
}

// FuzzCheckHook drives four devices of two operators with spot checks by bytes: no block fails, nothing is logged as an error, and the
// books agree after every block.
func FuzzCheckHook(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 48, 48, 48, 48, 20, 21, 22, 48, 48, 48, 28, 29, 48, 52, 52})
	f.Add([]byte{0, 1, 48, 48, 48, 24, 20, 48, 48, 48, 32, 28, 48, 48, 8, 12, 36, 48, 52, 56, 48})
	f.Fuzz(func(t *testing.T, script []byte) { checkHook(t, script) })
}

// TestSpotChecksUnderRandomUse is the same with scripts by rapid.
func TestSpotChecksUnderRandomUse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		checkHook(t, rapid.SliceOfN(rapid.Custom(func(t *rapid.T) byte {
			// Half of the steps are blocks of a second with rounds, or nothing would ever get far.
			return rapid.OneOf(rapid.Just(byte(48)), rapid.ByteRange(0, 71)).Draw(t, "step")
		}), 10, 60).Draw(t, "script"))
	})
}

func checkHook(t require.TestingT, script []byte) {
	x := checkFixture(t)
	x.operator(alice, 500)
	x.operator(bob, 500)
	for _, step := range script[:min(len(script), 80)] {
		x.checkStep(step)
	}
	x.block(time.Second)
	require.Empty(t, x.errors.lines)
	require.NoError(t, x.keeper.Invariants(x.ctx))
	require.NoError(t, x.bond.Invariants(x.ctx))
	require.NoError(t, x.beacon.Invariants(x.ctx))
}

// checkStep does one step of a script: the last two bits name device and operator, the rest what happens.
func (f *fixture) checkStep(step byte) {
	n, operator := int(step%4), alice
	if n%2 == 1 {
		operator = bob
	}
	msg := gpu(operator, n, 100)
	switch step / 4 % 18 {
	case 0:
		_ = f.register(msg)
	case 1, 2:
		_ = f.update(update(msg, func(m *types.MsgUpdateDevice) { m.Available = step/4%18 == 1 }))
	case 3:
		_ = f.retire(operator, n)
	case 4:
		f.try(func(ctx sdk.Context) error { return f.keeper.Reserve(ctx, deviceID(n)) })
	case 5, 6, 7, 8:
		f.scripted(n, step/4%18 < 7)
	case 9:
		f.try(func(ctx sdk.Context) error { return f.keeper.Unreserve(ctx, deviceID(n)) })
	case 10:
		f.try(func(ctx sdk.Context) error { return f.keeper.Rent(ctx, deviceID(n)) })
	case 11:
		f.try(func(ctx sdk.Context) error { return f.keeper.Vacate(ctx, deviceID(n)) })
	case 12:
		f.seconds(1)
	case 13:
		f.block([]time.Duration{5 * time.Second, 20 * time.Second, time.Hour, 8 * 24 * time.Hour}[n])
	case 14:
		f.jail(operator)
	case 15:
		f.freeIfJailed(operator)
	case 16:
		params := smallChecks()
		params.Spot.Draws = uint32(n)
		require.NoError(f.t, f.keeper.SetParams(f.ctx, params))
	case 17:
		params, err := f.beacon.Params(f.ctx)
		require.NoError(f.t, err)
		params.Chain.GenesisTime -= int64(n)
		require.NoError(f.t, f.beacon.SetParams(f.ctx, params))
	}
	if step/4%18 == 12 || step/4%18 == 13 {
		require.NoError(f.t, f.keeper.Invariants(f.ctx))
	}
}

func (f *fixture) try(call func(sdk.Context) error) { _ = f.do(call) }

// scripted answers a device's check, honestly or with products of another seed.
func (f *fixture) scripted(n int, honestly bool) {
	check, err := f.keeper.SpotCheck(f.ctx, deviceID(n))
	if err != nil || len(check.Seed) == 0 {
		return
	}
	other := check
	if !honestly {
		other.Seed = make([]byte, spotcheck.HashSize)
	}
	trace := f.trace(other)
	switch check.State {
	case types.CHECK_STATE_SEEDED:
		_ = f.commit(check, spotcheck.Commitment(spotcheck.Hash(check.Seed), trace.Roots()))
	case types.CHECK_STATE_SAMPLED:
		opening, err := trace.Open(engine, spotcheck.Hash(check.Challenge))
		require.NoError(f.t, err)
		_, _ = f.open(check, opening)
	}
}
