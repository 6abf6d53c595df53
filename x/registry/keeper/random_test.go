package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	penaltytypes "github.com/assaychain/assay/x/penalty/types"
	"github.com/assaychain/assay/x/registry/cells"
	"github.com/assaychain/assay/x/registry/types"
)

// TestBooksAgreeUnderRandomUse drives the registry over real bonds and penalties and checks the books of all three, and
// that who is offered has a bond and is free, unless a slash took it.
func TestBooksAgreeUnderRandomUse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := newFixture(t)
		for _, operator := range []sdk.AccAddress{alice, bob} {
			f.operator(operator, 250)
		}
		who := rapid.SampledFrom([]sdk.AccAddress{alice, bob})
		number := rapid.IntRange(0, 5)
		t.Repeat(map[string]func(*rapid.T){
			"register": func(t *rapid.T) {
				msg := gpu(who.Draw(t, "who"), number.Draw(t, "device"), rapid.Int64Range(0, 5).Draw(t, "price"))
				msg.HourlyPrice = math.NewInt(rapid.Int64Range(0, 3).Draw(t, "hourly"))
				msg.Lanes, msg.Available = rapid.Uint32Range(0, 5).Draw(t, "lanes"), rapid.Bool().Draw(t, "available")
				msg.Cell = anyCell.Draw(t, "cell")
				_ = f.register(msg)
			},
			"update": func(t *rapid.T) {
				_ = f.update(&types.MsgUpdateDevice{
					Operator: who.Draw(t, "who").String(), Id: deviceID(number.Draw(t, "device")), Lanes: rapid.Uint32Range(0, 5).Draw(t, "lanes"),
					Price: math.NewInt(rapid.Int64Range(0, 5).Draw(t, "price")), Available: rapid.Bool().Draw(t, "available"),
					HourlyPrice: math.NewInt(rapid.Int64Range(0, 3).Draw(t, "hourly")), Cell: anyCell.Draw(t, "cell"),
				})
			},
			"report": func(t *rapid.T) {
				_ = f.report(who.Draw(t, "who"), number.Draw(t, "device"), types.RoundTrip{
					Device: deviceID(number.Draw(t, "peer")), Micros: rapid.Uint32Range(0, 6_000_000).Draw(t, "micros"),
				})
			},
			"retire":    func(t *rapid.T) { _ = f.retire(who.Draw(t, "who"), number.Draw(t, "device")) },
			"reserve":   func(t *rapid.T) { _ = f.keeper.Reserve(f.ctx, deviceID(number.Draw(t, "device"))) },
			"unreserve": func(t *rapid.T) { _ = f.keeper.Unreserve(f.ctx, deviceID(number.Draw(t, "device"))) },
			"stake":     func(t *rapid.T) { f.stake(who.Draw(t, "who"), rapid.Int64Range(1, 100).Draw(t, "assay")) },
			"unbond": func(t *rapid.T) {
				_ = f.do(func(ctx sdk.Context) error {
					_, err := f.bond.Unbond(ctx, who.Draw(t, "who"), math.NewInt(rapid.Int64Range(1, 200).Draw(t, "assay")*1_000_000))
					return err
				})
			},
			"observe": func(t *rapid.T) {
				outcome := types.Outcome(rapid.Int32Range(1, 5).Draw(t, "outcome"))
				_ = f.do(func(ctx sdk.Context) error {
					return f.keeper.Observe(ctx, deviceID(number.Draw(t, "device")), types.Observation{Outcome: outcome, TookMs: 5, WindowMs: 10})
				})
			},
			"block": func(t *rapid.T) {
				f.block(time.Duration(rapid.SampledFrom([]int{1, 60, 100_000}).Draw(t, "seconds")) * time.Second)
			},
			"telemetry": func(t *rapid.T) {
				celsius := rapid.SampledFrom([]int32{20, 72, 78, 88, 99}).Draw(t, "celsius")
				_, _ = f.tell(who.Draw(t, "who"), number.Draw(t, "device"), func(m *types.MsgReportTelemetry) { m.Celsius = celsius })
			},
			"power": func(t *rapid.T) {
				_ = f.setPower(who.Draw(t, "who"), number.Draw(t, "device"), rapid.SampledFrom([]uint32{0, 288, 400}).Draw(t, "watts"),
					rapid.Uint32Range(0, types.AllHours).Draw(t, "hours"))
			},
			"budget": func(t *rapid.T) { _ = f.budget(who.Draw(t, "who"), rapid.Uint32Range(0, 5).Draw(t, "budget")*300) },
			"rent":   func(t *rapid.T) { _ = f.keeper.Rent(f.ctx, deviceID(number.Draw(t, "device"))) },
			"vacate": func(t *rapid.T) { _ = f.keeper.Vacate(f.ctx, deviceID(number.Draw(t, "device"))) },
			"book": func(t *rapid.T) {
				_ = f.keeper.Book(f.ctx, deviceID(number.Draw(t, "device")), rapid.Int64Range(0, 2).Draw(t, "from"))
			},
			"jail":   func(t *rapid.T) { f.jail(who.Draw(t, "who")) },
			"unjail": func(t *rapid.T) { f.freeIfJailed(who.Draw(t, "who")) },
			"": func(t *rapid.T) {
				require.NoError(t, f.keeper.Invariants(f.ctx))
				require.NoError(t, f.bond.Invariants(f.ctx))
				f.checkOffers(t)
				f.checkScores(t)
				f.checkNear(t, anyCell.Draw(t, "home"))
			},
		})
	})
}

func (f *fixture) freeIfJailed(operator sdk.AccAddress) {
	jailed, err := f.penalty.IsJailed(f.ctx, operator)
	require.NoError(f.t, err)
	if jailed {
		f.ctx = f.ctx.WithBlockTime(f.ctx.BlockTime().Add(penaltytypes.MaxJail))
		// Whoever offended too often stays in jail.
		_ = f.do(func(ctx sdk.Context) error { return f.penalty.Unjail(ctx, operator) })
	}
}

// checkOffers holds that nobody in jail is offered and that the bond of whoever is offered is locked.
func (f *fixture) checkOffers(t *rapid.T) {
	require.NoError(t, f.keeper.WalkAvailable(f.ctx, types.DEVICE_CLASS_CONSUMER, 100, func(d types.Device) (bool, error) {
		operator := sdk.MustAccAddressFromBech32(d.Operator)
		jailed, err := f.penalty.IsJailed(f.ctx, operator)
		require.NoError(t, err)
		require.False(t, jailed, "a jailed operator's device is offered")
		require.Positive(t, f.requirement(operator))
		return false, nil
	}))
}

// anyCell draws few cells, so that devices share them, neighbours and none among them.
var anyCell = rapid.SampledFrom([]uint32{0, 1, 522, 523, 648, 649})

// checkNear holds that a search from a home meets every device that can take a job, once, as the prior has it, those without a cell last.
func (f *fixture) checkNear(t *rapid.T, home uint32) {
	if home > cells.Count {
		return
	}
	seen := map[string]bool{}
	last := uint32(0)
	require.NoError(t, f.keeper.WalkNear(f.ctx, types.DEVICE_CLASS_CONSUMER, home, 100, func(d types.Device) (bool, error) {
		require.True(t, d.Free() && !seen[string(d.Id)])
		seen[string(d.Id)] = true
		if home > 0 {
			way := uint32(1 << 31)
			if d.Cell > 0 {
				way = cells.RoundTrip(cells.Cell(home), cells.Cell(d.Cell))
			}
			require.GreaterOrEqual(t, way, last)
			last = way
		}
		return false, nil
	}))
	require.Len(t, seen, len(f.offered(types.DEVICE_CLASS_CONSUMER, 100)))
}

// checkScores holds that rewards are counted by the devices' scores, and that nobody in jail scores.
func (f *fixture) checkScores(t *rapid.T) {
	for _, operator := range []sdk.AccAddress{alice, bob} {
		jailed, err := f.penalty.IsJailed(f.ctx, operator)
		require.NoError(t, err)
		if score := f.score(operator); jailed {
			require.Zero(t, score)
		}
	}
	require.Empty(t, f.errors.lines)
}
