package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/penalty/types"
)

// TestRandomPunishments mixes stake, punishments and time. After every step supply before = after + what the records say
// was burnt, and the invariants of bond and penalty hold.
func TestRandomPunishments(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		f := newFixture(t)
		ops := []sdk.AccAddress{f.Fund("a", 50_000_000), f.Fund("b", 50_000_000)}
		victims := append(ops, nil, banktest.Address("victim"), f.Auth.GetModuleAddress(types.ModuleName))
		supply, burnt := f.Supply(), math.ZeroInt()
		op := func(r *rapid.T) sdk.AccAddress { return rapid.SampledFrom(ops).Draw(r, "op") }
		amount := func(r *rapid.T) math.Int {
			return math.NewInt(rapid.Int64Range(1_000_000, 30_000_000).Draw(r, "amount"))
		}
		r.Repeat(map[string]func(*rapid.T){
			"bond": func(r *rapid.T) {
				cached, write := f.Ctx.CacheContext()
				if _, err := f.bond.Bond(cached, op(r), amount(r)); err == nil {
					write()
				}
			},
			"unbond": func(r *rapid.T) {
				cached, write := f.Ctx.CacheContext()
				if _, err := f.bond.Unbond(cached, op(r), amount(r)); err == nil {
					write()
				}
			},
			"punish": func(r *rapid.T) {
				record, err := f.k.Punish(f.Ctx, types.Punishment{
					Operator: op(r),
					Offence:  types.Offence(rapid.Int32Range(1, 5).Draw(r, "offence")),
					Subject:  "job/1/1",
					Victim:   rapid.SampledFrom(victims).Draw(r, "victim"),
				})
				require.NoError(r, err)
				require.Equal(r, record.Slashed.String(), record.ToVictim.Add(record.Burnt).String())
				burnt = burnt.Add(record.Burnt)
			},
			"unjail": func(r *rapid.T) {
				who := op(r)
				jailed := f.jailed(who)
				cached, write := f.Ctx.CacheContext()
				if err := f.k.Unjail(cached, who); err == nil {
					require.True(r, jailed)
					write()
					require.False(r, f.jailed(who))
				}
			},
			"wait": func(r *rapid.T) { f.Advance(time.Duration(rapid.Int64Range(0, int64(history)).Draw(r, "time"))) },
			"": func(r *rapid.T) {
				require.NoError(r, f.bond.EndBlock(f.Ctx))
				require.NoError(r, f.k.EndBlock(f.Ctx))
				require.NoError(r, f.bond.Invariants(f.Ctx))
				require.NoError(r, f.k.Invariants(f.Ctx))
				require.Equal(r, supply.String(), f.Supply().Add(burnt).String())
			},
		})
		require.NoError(r, f.CheckSupply())
	})
}
