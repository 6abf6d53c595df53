package keeper_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/internal/faults"
	"github.com/assaychain/assay/x/registry/types"
)

// Every store operation of the hook fails once, those of bond among them: the block commits, the other devices lapse and the one
// that failed lapses an hour of active time later.
func TestEndBlockSurvivesEveryFault(t *testing.T) {
	f := newFixture(t)
	const devices = 3
	operators := []sdk.AccAddress{alice, bob}
	for _, operator := range operators {
		f.operator(operator, 1_000)
	}
	params := unchecked()
	params.ProvenSeconds, params.MaxBlockGapSeconds = types.MinProvenSeconds, types.BlockGapLimit
	require.NoError(t, f.keeper.SetParams(f.ctx, params))
	for n := range devices {
		require.NoError(t, f.register(gpu(operators[n%2], n, 10)))
		require.NoError(t, f.keeper.Observe(f.ctx, deviceID(n), types.Observation{Outcome: types.OUTCOME_PROVEN}))
	}
	f.block(2 * time.Minute)
	faults.Walk(t, f.plan, faults.Scene{
		Ctx: f.ctx, Hook: f.keeper.EndBlock, Modules: []string{types.ModuleName},
		Heads: []faults.Head{
			{Store: types.StoreKey, Prefix: types.ParamsKey.Bytes(), Halts: true}, {Store: types.StoreKey, Prefix: types.ClockKey.Bytes()},
			{Store: types.StoreKey, Prefix: types.LapsesPrefix.Bytes()},
		},
		Items: func(ctx sdk.Context) map[string]string {
			items := map[string]string{}
			for n := range devices {
				device, err := f.keeper.Device(ctx, deviceID(n))
				require.NoError(t, err)
				items[fmt.Sprintf("device %d", n)] = fmt.Sprintf("proven: %t", device.ProvenUntil > 0)
			}
			return items
		},
		Check: func(ctx sdk.Context) error { return errors.Join(f.keeper.Invariants(ctx), f.bond.Invariants(ctx)) },
		Later: func(ctx sdk.Context) sdk.Context {
			return ctx.WithBlockTime(ctx.BlockTime().Add(types.BlockGapLimit * time.Second))
		},
	})
}
