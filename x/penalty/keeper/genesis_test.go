package keeper_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/penalty/types"
)

// busy is a chain with jail terms, punishments of every kind and status, counts, appeals and evidence.
func busy(t testing.TB) *fixture {
	f := newFixture(t)
	f.setParams(func(p *types.Params) { p.Rules[6].TombstoneAfter = 1 })
	for _, name := range []string{"a", "b", "c"} {
		op := f.bonded(name, 10_000_000)
		for o := types.OFFENCE_WRONG_RESULT; o <= types.OFFENCE_EQUIVOCATION; o++ {
			f.Advance(7 * time.Second)
			record, err := f.k.Punish(f.Ctx, types.Punishment{
				Operator: op, Offence: o, Subject: "job/7/1", Victim: banktest.Address("victim"), Reporter: banktest.Address("reporter"),
			})
			require.NoError(t, err)
			if name == "b" {
				f.appeal(op, record.Id)
			}
		}
	}
	for id := uint64(13); id < 24; id++ {
		f.resolve(id, id != 15)
	}
	f.punish(banktest.Address("a"), types.OFFENCE_MISSED_COMMIT, nil)
	op, key := f.signer("equivocator", 10_000_000)
	f.mustSubmit(f.equivocation(op, key, "epoch/receipts", 60))
	f.Advance(appealWindow - 200*time.Second)
	f.endBlock()
	f.sound()
	return f
}

func TestGenesisRoundTrip(t *testing.T) {
	f := busy(t)
	exported := f.state()
	var state types.GenesisState
	require.NoError(t, f.Cdc.UnmarshalJSON([]byte(exported), &state))
	require.Len(t, state.Records, 38)
	require.NotEmpty(t, state.Conducts)
	require.Len(t, state.Evidence, 1)
	seen := map[types.RecordStatus]int{}
	for _, record := range state.Records {
		seen[record.Status]++
	}
	require.Len(t, seen, 4, "every status: %v", seen)
	g := newEmptyFixture(t)
	g.Mint(g.Auth.GetModuleAddress(types.ModuleName), sdk.NewCoin(banktest.Denom, f.ModuleBalance(types.ModuleName)))
	g.Ctx = g.Ctx.WithBlockTime(f.Ctx.BlockTime())
	require.NoError(t, g.k.InitGenesis(g.Ctx, &state))
	require.Equal(t, exported, g.state())
	g.sound()
	for range 4 {
		for _, chain := range []*fixture{f, g} {
			chain.Advance(7 * 24 * time.Hour)
			chain.endBlock()
		}
		require.Equal(t, f.state(), g.state(), "and it goes on alike")
	}
	require.Equal(t, uint64(39), g.punish(banktest.Address("a"), types.OFFENCE_MISSED_COMMIT, nil).Id)
}

func TestGenesisNamesTheDifference(t *testing.T) {
	g := newEmptyFixture(t)
	g.Mint(g.Auth.GetModuleAddress(types.ModuleName), sdk.NewInt64Coin(banktest.Denom, 4))
	require.ErrorContains(t, g.k.InitGenesis(g.Ctx, types.DefaultGenesis()), "difference 4")
}

func TestGenesisValidation(t *testing.T) {
	cases := map[string]struct {
		spoil func(*types.GenesisState)
		text  string
	}{
		"params":             {func(g *types.GenesisState) { g.Params.VictimBps = 5_001 }, "victim_bps"},
		"next id":            {func(g *types.GenesisState) { g.NextRecordId = 0 }, "next_record_id"},
		"id beyond next":     {func(g *types.GenesisState) { g.NextRecordId = 38 }, "below next_record_id"},
		"id zero":            {func(g *types.GenesisState) { g.Records[0].Id = 0 }, "start at 1"},
		"order of ids":       {func(g *types.GenesisState) { g.Records[1].Id = 1 }, "in order"},
		"order of times":     {func(g *types.GenesisState) { g.Records[1].At = g.Records[0].At.Add(-1) }, "in order"},
		"no time":            {func(g *types.GenesisState) { g.Records[0].At = time.Time{} }, "at must be given"},
		"operator":           {func(g *types.GenesisState) { g.Records[0].Operator = "x" }, "operator"},
		"victim":             {func(g *types.GenesisState) { g.Records[0].Victim = "x" }, "victim"},
		"offence":            {func(g *types.GenesisState) { g.Records[0].Offence = 0 }, "offence"},
		"subject":            {func(g *types.GenesisState) { g.Records[0].Subject = "" }, "subject"},
		"sum":                {func(g *types.GenesisState) { g.Records[0].Burnt = g.Records[0].Burnt.AddRaw(1) }, "add up"},
		"negative":           {func(g *types.GenesisState) { g.Records[0].ToVictim = math.NewInt(-1) }, "not negative"},
		"missing":            {func(g *types.GenesisState) { g.Records[0].Slashed = math.Int{} }, "must be given"},
		"own":                {func(g *types.GenesisState) { g.Records[0].Own = g.Records[0].Slashed.AddRaw(1) }, "more than slashed"},
		"reporter":           {func(g *types.GenesisState) { g.Records[0].Reporter = "x" }, "reporter"},
		"status":             {func(g *types.GenesisState) { g.Records[0].Status = 5 }, "status"},
		"split while held":   {func(g *types.GenesisState) { g.Records[37].ToVictim = math.OneInt() }, "add up"},
		"release":            {func(g *types.GenesisState) { g.Records[37].ReleaseAt = time.Time{} }, "release_at"},
		"settled too early":  {func(g *types.GenesisState) { g.Records[37].SettledAt = &g.Records[37].At }, "settled_at"},
		"settled, no time":   {func(g *types.GenesisState) { g.Records[12].SettledAt = nil }, "settled_at"},
		"settled before":     {func(g *types.GenesisState) { before := g.Records[12].At.Add(-1); g.Records[12].SettledAt = &before }, "settled_at"},
		"restored, why":      {func(g *types.GenesisState) { g.Records[12].Appeal = nil }, "appeal must be given"},
		"appeal bond":        {func(g *types.GenesisState) { g.Records[12].Appeal.Bond = math.Int{} }, "bond"},
		"appeal burnt":       {func(g *types.GenesisState) { g.Records[12].Appeal.Burnt = math.NewInt(appealBond + 1) }, "burnt"},
		"appeal time":        {func(g *types.GenesisState) { g.Records[12].Appeal.At = time.Time{} }, "appeal: at"},
		"appeal reason":      {func(g *types.GenesisState) { g.Records[12].Appeal.Reason = strings.Repeat("a", 513) }, "reason"},
		"appeal note":        {func(g *types.GenesisState) { g.Records[12].Appeal.Note = "\xff" }, "note"},
		"appeal outcome":     {func(g *types.GenesisState) { g.Records[12].Appeal.Outcome = types.APPEAL_OUTCOME_DENIED }, "outcome"},
		"firm until":         {func(g *types.GenesisState) { late := g.Jails[0].Until.Add(1); g.Jails[0].FirmUntil = &late }, "firm_until"},
		"firm tombstone":     {func(g *types.GenesisState) { g.Jails[0].Tombstoned, g.Jails[0].FirmTombstone = false, true }, "firm_tombstone"},
		"conduct operator":   {func(g *types.GenesisState) { g.Conducts[0].Operator = "x" }, "operator"},
		"conduct offence":    {func(g *types.GenesisState) { g.Conducts[0].Offence = 0 }, "offence"},
		"conduct count":      {func(g *types.GenesisState) { g.Conducts[0].Count = 0 }, "count"},
		"conduct time":       {func(g *types.GenesisState) { g.Conducts[0].Since = time.Time{} }, "since"},
		"conduct twice":      {func(g *types.GenesisState) { g.Conducts = append(g.Conducts, g.Conducts[0]) }, "two counts"},
		"evidence size":      {func(g *types.GenesisState) { g.Evidence[0].Statement = nil }, "32 bytes"},
		"evidence floor":     {func(g *types.GenesisState) { g.EvidenceFloor = g.Evidence[0].Slot + 1 }, "evidence_floor"},
		"evidence twice":     {func(g *types.GenesisState) { g.Evidence = append(g.Evidence, g.Evidence[0]) }, "in order"},
		"jail twice":         {func(g *types.GenesisState) { g.Jails = append(g.Jails, g.Jails[0]) }, "two jail terms"},
		"jail until":         {func(g *types.GenesisState) { g.Jails[0].Until = time.Time{} }, "until"},
		"jail operator":      {func(g *types.GenesisState) { g.Jails[0].Operator = "x" }, "operator"},
		"jail with capitals": {func(g *types.GenesisState) { g.Jails[0].Operator = strings.ToUpper(g.Jails[0].Operator) }, "lower case"},
	}
	f := busy(t)
	exported := []byte(f.state())
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var state types.GenesisState
			require.NoError(t, f.Cdc.UnmarshalJSON(exported, &state))
			require.NoError(t, state.Validate())
			c.spoil(&state)
			require.ErrorContains(t, state.Validate(), c.text)
		})
	}
	require.NoError(t, types.DefaultGenesis().Validate())
}
