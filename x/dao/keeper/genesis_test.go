package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	bondtypes "github.com/assaychain/assay/x/bond/types"
	"github.com/assaychain/assay/x/dao/types"
	"github.com/assaychain/assay/x/internal/banktest"
)

// busy is a chain with grants of both kinds, a scheduled proposal and an outcome.
func busy(t testing.TB) *fixture {
	t.Helper()
	f := newFixture(t)
	f.fund(1_000)
	a, b := banktest.Address("a"), banktest.Address("b")
	stream := f.granted(f.stream(a.String(), 100, 0, 200*time.Second))
	f.granted(f.milestones(b.String(), 30, 20))
	f.granted(f.stream(a.String(), 50, 0, 400*time.Second))
	f.passed(false, f.bondParams(setEntries(6)))
	f.block(lock)
	require.NoError(t, f.claim(a, stream))
	f.passed(false, f.bondParams(setEntries(7)), f.outright(a.String(), 5))
	return f
}

// TestGenesisRoundTrip: exported, imported and exported again is the same, and what waited is carried out there.
func TestGenesisRoundTrip(t *testing.T) {
	f := busy(t)
	exported := f.state()
	g := newEmptyFixture(t)
	g.fund(1_000)
	var state types.GenesisState
	g.Cdc.MustUnmarshalJSON([]byte(exported), &state)
	require.Len(t, state.Scheduled, 1)
	require.Len(t, state.Outcomes, 1)
	// x/bond's own state is imported by its module.
	require.NoError(t, g.bond.SetParams(g.Ctx, f.bondParams(func(*bondtypes.Params) {}).Params))
	require.NoError(t, g.k.InitGenesis(g.Ctx, &state))
	require.JSONEq(t, exported, g.state())
	g.sound()
	g.Ctx = g.Ctx.WithBlockTime(f.Ctx.BlockTime())
	g.block(lock)
	require.Equal(t, types.RESULT_EXECUTED, g.outcome(2).Result)
	require.EqualValues(t, 7, g.maxEntries())
}

// TestGenesisNeedsItsMoney: a treasury that does not cover its grants does not start.
func TestGenesisNeedsItsMoney(t *testing.T) {
	f := busy(t)
	state, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	g := newEmptyFixture(t)
	require.ErrorContains(t, g.k.InitGenesis(g.Ctx, state), "are missing")
}

func TestBadGenesis(t *testing.T) {
	f := busy(t)
	for says, spoil := range map[string]func(*types.GenesisState){
		"time_lock":                     func(g *types.GenesisState) { g.Params.TimeLock = 0 },
		"max_executed_per_block":        func(g *types.GenesisState) { g.Params.MaxExecutedPerBlock = 101 },
		"next_grant_id":                 func(g *types.GenesisState) { g.NextGrantId = 0 },
		"ids must rise and stay below":  func(g *types.GenesisState) { g.NextGrantId = 2 },
		"claimed must be":               func(g *types.GenesisState) { g.Grants[0].Claimed = math.NewInt(101) },
		"paid to the end":               func(g *types.GenesisState) { g.Grants[0].Claimed = g.Grants[0].Total },
		"neither stream nor milestones": func(g *types.GenesisState) { g.Grants[0].Stream = nil },
		"has neither stream nor":        func(g *types.GenesisState) { g.Grants[0].Cancelled = true },
		"lower case":                    func(g *types.GenesisState) { g.Grants[0].Recipient = "ASSAY1QMJ4KCE5S8MMKPEF2L4TEUGSE9EWSE53DF0JC2" },
		"messages must be":              func(g *types.GenesisState) { g.Scheduled[0].Messages = nil },
		"replaces must have":            func(g *types.GenesisState) { g.Scheduled[0].Replaces = nil },
		"line 0 must be empty":          func(g *types.GenesisState) { g.Scheduled[0].Replaces[0] = []byte{1} },
		"must not be before":            func(g *types.GenesisState) { g.Scheduled[0].ExecuteAt = time.Time{} },
		"proposal 2: ids must rise":     func(g *types.GenesisState) { g.Scheduled = append(g.Scheduled, g.Scheduled[0]) },
		"outcome of proposal 1":         func(g *types.GenesisState) { g.Outcomes[0].Result = 4 },
		"fewer than next_outcome_id":    func(g *types.GenesisState) { g.NextOutcomeId = 1 },
	} {
		state, err := f.k.ExportGenesis(f.Ctx)
		require.NoError(t, err)
		spoil(state)
		require.ErrorContains(t, state.Validate(), says)
		require.Error(t, newEmptyFixture(t).k.InitGenesis(f.Ctx, state), says)
	}
}

// TestInvariantsSeeDamage: each book, counter and index that is wrong is named.
func TestInvariantsSeeDamage(t *testing.T) {
	for says, key := range map[string][]byte{
		"reserved":            append([]byte{5}, banktest.Denom...),
		"recipient's index":   append([]byte{2}, mustKey(t, banktest.Address("b"), 2)...),
		"waits outside":       {7},
		"counter says":        {4},
		"scheduled proposals": {8},
	} {
		f := busy(t)
		require.NoError(t, f.k.Invariants(f.Ctx))
		store := f.Raw(f.Ctx, types.StoreKey)
		switch len(key) {
		case 1:
			iterator := store.Iterator(key, []byte{key[0] + 1})
			require.True(t, iterator.Valid(), says)
			place, value := iterator.Key(), iterator.Value()
			require.NoError(t, iterator.Close())
			store.Delete(place)
			if key[0] == 4 || key[0] == 8 {
				value[len(value)-1]++
				store.Set(place, value)
			}
		default:
			require.True(t, store.Has(key), says)
			store.Delete(key)
		}
		require.ErrorContains(t, f.k.Invariants(f.Ctx), says)
	}
}

func mustKey(t testing.TB, recipient sdk.AccAddress, id uint64) []byte {
	t.Helper()
	codec := collections.PairKeyCodec(sdk.AccAddressKey, collections.Uint64Key)
	raw, err := collections.EncodeKeyWithPrefix(nil, codec, collections.Join(recipient, id))
	require.NoError(t, err)
	return raw
}

// TestUnknownMessageInGenesis: what this program doesn't know can't be imported.
func TestUnknownMessageInGenesis(t *testing.T) {
	f := busy(t)
	state, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	state.Scheduled[0].Messages[0] = &codectypes.Any{TypeUrl: "/unknown.Msg"}
	require.Error(t, state.UnpackInterfaces(f.Registry))
}
