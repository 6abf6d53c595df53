package keeper_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/bond/types"
	"github.com/assaychain/assay/x/internal/banktest"
)

// busy is a chain with everything the module keeps: stake in every condition, backers, moves, a replaced pool, entries
// that wait, rewards, and points over several periods.
func busy(t testing.TB) *fixture {
	f := newFixture(t)
	for i, name := range []string{"a", "b", "c", "d"} {
		op := f.bonded(name, 10_000_000)
		f.backed("backer "+name, op, 5_000_000)
		_, err := f.k.Unbond(f.Ctx, op, math.NewInt(1_000_000))
		require.NoError(t, err)
		f.Advance(7 * time.Second)
		_, err = f.k.Unbond(f.Ctx, op, math.NewInt(2_000_000))
		require.NoError(t, err)
		require.NoError(t, f.k.Expose(f.Ctx, op, math.NewInt(3_000_000)))
		require.NoError(t, f.k.SetRequirement(f.Ctx, op, math.NewInt(4_000_000)))
		require.NoError(t, f.k.SetScore(f.Ctx, op, uint64(1_000*i)))
		f.reward(op, 1_000_003)
	}
	a, b, c, d := banktest.Address("a"), banktest.Address("b"), banktest.Address("c"), banktest.Address("d")
	_, err := f.k.Slash(f.Ctx, b, 3_333, court)
	require.NoError(t, err)
	_, err = f.k.CancelUnbonding(f.Ctx, c, 5)
	require.NoError(t, err)
	_, err = f.k.MoveBacking(f.Ctx, banktest.Address("backer c"), c, d, math.NewInt(2_000_000))
	require.NoError(t, err)
	require.NoError(t, f.k.SetCommission(f.Ctx, c, 1_050))
	_, err = f.k.ClosePeriod(f.Ctx)
	require.NoError(t, err)
	f.Advance(time.Hour)
	require.NoError(t, f.k.SetScore(f.Ctx, c, 5))

	// d is slashed to nothing and begins anew, after its first entries are over.
	_, err = f.k.Slash(f.Ctx, d, 10_000, court)
	require.NoError(t, err)
	f.Advance(unbonding)
	f.bonded("d", 2_000_000)
	_, err = f.k.ClosePeriod(f.Ctx)
	require.NoError(t, err)

	// a's entries wait: its exposure needs them.
	f.Advance(time.Hour)
	_, err = f.k.Unback(f.Ctx, banktest.Address("backer a"), a, math.NewInt(5_000_000))
	require.NoError(t, err)
	require.NoError(t, f.k.Expose(f.Ctx, a, math.NewInt(4_000_000)))
	_, err = f.k.Slash(f.Ctx, a, 6_000, court)
	require.NoError(t, err)
	require.NoError(t, f.k.EndBlock(f.Ctx))
	f.sound()
	return f
}

func TestGenesisRoundTrip(t *testing.T) {
	f := busy(t)
	exported := f.state()
	var state types.GenesisState
	require.NoError(t, f.Cdc.UnmarshalJSON([]byte(exported), &state))
	require.Len(t, state.Pools, 4)
	require.Len(t, state.ClosedPools, 1)
	require.Len(t, state.Backings, 8)
	require.Len(t, state.Periods, 2)
	require.NotEmpty(t, state.Segments)
	waiting := 0
	for _, entry := range state.Entries {
		if entry.Waiting {
			waiting++
		}
	}
	require.Equal(t, 2, waiting)

	g := newEmptyFixture(t)
	g.Mint(g.Auth.GetModuleAddress(types.ModuleName), sdk.NewCoin(banktest.Denom, f.ModuleBalance(types.ModuleName)))
	require.NoError(t, g.k.InitGenesis(g.Ctx, &state))
	require.Equal(t, exported, g.state())
	g.sound()

	// The copy goes on as the original does.
	g.Ctx = g.Ctx.WithBlockTime(f.Ctx.BlockTime())
	for _, chain := range []*fixture{f, g} {
		require.NoError(t, chain.k.EndBlock(chain.Ctx))
		chain.block(unbonding)
		require.NoError(t, chain.k.Release(chain.Ctx, banktest.Address("a"), math.NewInt(7_000_000)))
		chain.block(time.Second)
		_, err := chain.k.WithdrawRewards(chain.Ctx, banktest.Address("backer d"), banktest.Address("d"))
		require.NoError(t, err)
		_, err = chain.k.ClosePeriod(chain.Ctx)
		require.NoError(t, err)
		chain.sound()
	}
	require.Equal(t, f.state(), g.state())
}

func TestGenesisNamesTheDifference(t *testing.T) {
	f := busy(t)
	state, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	g := newEmptyFixture(t)
	g.Mint(g.Auth.GetModuleAddress(types.ModuleName), sdk.NewCoin(banktest.Denom, f.ModuleBalance(types.ModuleName).SubRaw(5)))
	require.ErrorContains(t, g.k.InitGenesis(g.Ctx, state), "difference -5")
}

func TestGenesisValidation(t *testing.T) {
	cases := map[string]struct {
		spoil func(*types.GenesisState)
		text  string
	}{
		"params":             {func(g *types.GenesisState) { g.Params.Denom = "" }, "denom"},
		"next id":            {func(g *types.GenesisState) { g.NextEntryId = 0 }, "next_entry_id"},
		"next generation":    {func(g *types.GenesisState) { g.NextGeneration = 0 }, "next_generation"},
		"generation beyond":  {func(g *types.GenesisState) { g.NextGeneration = 2 }, "below next_generation"},
		"id beyond next":     {func(g *types.GenesisState) { g.NextEntryId = 4 }, "below next_entry_id"},
		"id zero":            {func(g *types.GenesisState) { g.Entries[0].Id = 0 }, "start at 1"},
		"id twice":           {func(g *types.GenesisState) { g.Entries[0].Id = g.Entries[1].Id }, "used twice"},
		"two pools":          {func(g *types.GenesisState) { g.Pools = append(g.Pools, g.Pools[0]) }, "two pools"},
		"pool missing":       {func(g *types.GenesisState) { g.Pools = g.Pools[1:] }, "there is no pool"},
		"unbonding shares":   {func(g *types.GenesisState) { g.Pools[1].UnbondingShares = g.Pools[1].UnbondingShares.AddRaw(1) }, "unbonding pool says"},
		"backing missing":    {func(g *types.GenesisState) { g.Backings = g.Backings[1:] }, "backings add up to"},
		"tokens sans shares": {func(g *types.GenesisState) { g.Pools[1].Shares = math.ZeroInt() }, "must have shares"},
		"sans generation":    {func(g *types.GenesisState) { g.Pools[1].Generation = 0 }, "must have a generation"},
		"void sans time":     {func(g *types.GenesisState) { g.Pools[1].Tokens = math.ZeroInt() }, "void_since"},
		"waiting":            {func(g *types.GenesisState) { g.Pools[1].Waiting++ }, "entries wait"},
		"commission":         {func(g *types.GenesisState) { g.Pools[1].CommissionBps = 10_001 }, "commission_bps"},
		"rewards not held": {func(g *types.GenesisState) {
			for i := range g.Pools {
				g.Pools[i].RewardsHeld = math.ZeroInt()
			}
		}, "are due"},
		"negative":          {func(g *types.GenesisState) { g.Pools[0].Tokens = math.NewInt(-1) }, "not negative"},
		"missing amount":    {func(g *types.GenesisState) { g.Pools[0].Exposure = math.Int{} }, "must be given"},
		"bad operator":      {func(g *types.GenesisState) { g.Pools[0].Operator = "nobody" }, "operator"},
		"capital operator":  {func(g *types.GenesisState) { g.Pools[0].Operator = strings.ToUpper(g.Pools[0].Operator) }, "lower case"},
		"entry amount":      {func(g *types.GenesisState) { g.Entries[0].Amount = math.ZeroInt() }, "are worth"},
		"entry shares":      {func(g *types.GenesisState) { g.Entries[0].Shares = math.ZeroInt() }, "positive"},
		"entry generation":  {func(g *types.GenesisState) { g.Entries[0].Generation = 0 }, "generation"},
		"entry operator":    {func(g *types.GenesisState) { g.Entries[0].Operator = "x" }, "operator"},
		"entry destination": {func(g *types.GenesisState) { g.Entries[0].Destination = "x" }, "destination"},
		"entry time":        {func(g *types.GenesisState) { g.Entries[0].CompletesAt = time.Time{} }, "completes_at"},
		"empty pool":        {func(g *types.GenesisState) { g.Pools = append(g.Pools, types.NewPool(banktest.Address("z").String())) }, "empty pool"},
		"backing twice":     {func(g *types.GenesisState) { g.Backings = append(g.Backings, g.Backings[0]) }, "there twice"},
		"backing amount":    {func(g *types.GenesisState) { g.Backings[0].Amount = math.OneInt() }, "are worth"},
		"backing shares":    {func(g *types.GenesisState) { g.Backings[0].Shares = math.Int{} }, "positive"},
		"backing rewards":   {func(g *types.GenesisState) { g.Backings[0].RewardsPerShare = math.NewIntWithDecimal(1, 70) }, "above the pool's"},
		"backing address":   {func(g *types.GenesisState) { g.Backings[0].Backer = "" }, "backing of"},
		"closed twice":      {func(g *types.GenesisState) { g.ClosedPools = append(g.ClosedPools, g.ClosedPools[0]) }, "used once"},
		"closed shares":     {func(g *types.GenesisState) { g.ClosedPools[0].Shares = math.OneInt() }, "add up to"},
		"closed empty":      {func(g *types.GenesisState) { g.ClosedPools[0].Shares = math.ZeroInt() }, "leave it out"},
		"closed rewards":    {func(g *types.GenesisState) { g.ClosedPools[0].RewardsHeld = math.ZeroInt() }, "are due"},
		"ledger weight":     {func(g *types.GenesisState) { g.Ledger.Weight = math.OneInt() }, "the ledger says"},
		"ledger points":     {func(g *types.GenesisState) { g.Ledger.Points = math.Int{} }, "ledger"},
		"ledger oldest":     {func(g *types.GenesisState) { g.Ledger.Oldest = 9 }, "oldest"},
		"ledger order":      {func(g *types.GenesisState) { g.Ledger.CountedUntil = g.Ledger.Start.Add(-time.Second) }, "in order"},
		"period twice":      {func(g *types.GenesisState) { g.Periods[0].Number = 2 }, "once"},
		"period order":      {func(g *types.GenesisState) { g.Periods[0].End = g.Periods[0].Start.Add(-time.Second) }, "in order"},
		"segment order":     {func(g *types.GenesisState) { g.Segments = append(g.Segments, g.Segments[0]) }, "must rise"},
		"segment weight":    {func(g *types.GenesisState) { g.Segments[len(g.Segments)-1].Weight = math.OneInt() }, "last segment"},
		"segment missing":   {func(g *types.GenesisState) { g.Segments = nil }, "last segment"},
		"segment time":      {func(g *types.GenesisState) { g.Segments[0].Since = g.Segments[0].Since.Add(1) }, "milliseconds"},
	}
	f := busy(t)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			state, err := f.k.ExportGenesis(f.Ctx)
			require.NoError(t, err)
			require.NoError(t, state.Validate())
			c.spoil(state)
			require.ErrorContains(t, state.Validate(), c.text)
		})
	}
	require.NoError(t, types.DefaultGenesis().Validate())
}
