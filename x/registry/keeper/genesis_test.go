package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/registry/types"
)

// busy is a state with something of everything.
func busy(t *testing.T) *fixture {
	f := newFixture(t)
	f.operator(alice, 1_000)
	f.operator(bob, 1_000)
	for n := range 4 {
		msg := gpu(alice, n, int64(100-n))
		msg.Cell = uint32(n * 100)
		require.NoError(t, f.register(msg))
	}
	hidden := gpu(bob, 7, 55)
	hidden.Available, hidden.Cell = false, 522
	require.NoError(t, f.register(hidden))
	require.NoError(t, f.report(bob, 7, types.RoundTrip{Device: deviceID(1), Micros: 300_000}))
	f.block(time.Minute)
	f.observe(0, types.OUTCOME_PROVEN)
	f.observe(1, types.OUTCOME_PROVEN)
	f.observe(2, types.OUTCOME_MISSED)
	f.observe(7, types.OUTCOME_PROVEN)
	require.NoError(t, f.keeper.Reserve(f.ctx, deviceID(0)))
	require.NoError(t, f.keeper.Reserve(f.ctx, deviceID(1)))
	require.NoError(t, f.keeper.Reserve(f.ctx, deviceID(1)))
	return f
}

func TestExportAndImportAreByteEqual(t *testing.T) {
	f := busy(t)
	first := f.export()
	var state types.GenesisState
	f.cdc.MustUnmarshalJSON([]byte(first), &state)
	again := newFixture(t)
	require.NoError(t, again.keeper.InitGenesis(again.ctx, &state))
	require.Equal(t, first, again.export())
	require.NoError(t, again.keeper.Invariants(again.ctx))
	require.Equal(t, f.offered(types.DEVICE_CLASS_CONSUMER, 10), again.offered(types.DEVICE_CLASS_CONSUMER, 10))
	require.Equal(t, f.near(522, 10), again.near(522, 10))
}

func TestContradictoryGenesisIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(*types.GenesisState){
		"parameters":       func(g *types.GenesisState) { g.Params.Classes = nil },
		"operator twice":   func(g *types.GenesisState) { g.Operators = append(g.Operators, g.Operators[0]) },
		"operator":         func(g *types.GenesisState) { g.Operators[0].Endpoint = "" },
		"operator address": func(g *types.GenesisState) { g.Operators[0].Address = "x" },
		"payout":           func(g *types.GenesisState) { g.Operators[0].PayoutAddress = "x" },
		"count":            func(g *types.GenesisState) { g.Operators[0].Devices++ },
		"huge count":       func(g *types.GenesisState) { g.Operators[0].Devices = types.DevicesLimit + 1 },
		"device twice":     func(g *types.GenesisState) { g.Devices = append(g.Devices, g.Devices[0]) },
		"device lost":      func(g *types.GenesisState) { g.Devices = g.Devices[1:] },
		"device id":        func(g *types.GenesisState) { g.Devices[0].Id = g.Devices[0].Id[1:] },
		"stranger":         func(g *types.GenesisState) { g.Devices[0].Operator = authorityAddress() },
		"owner":            func(g *types.GenesisState) { g.Devices[0].Operator = "x" },
		"price":            func(g *types.GenesisState) { g.Devices[0].Price = math.ZeroInt() },
		"lanes":            func(g *types.GenesisState) { g.Devices[0].Lanes = 0 },
		"in use":           func(g *types.GenesisState) { g.Devices[0].InUse = types.LanesLimit + 1 },
		"memory":           func(g *types.GenesisState) { g.Devices[0].MemoryMib = 0 },
		"class":            func(g *types.GenesisState) { g.Devices[0].Class = 0 },
		"backend":          func(g *types.GenesisState) { g.Devices[0].Backend = 0 },
		"model":            func(g *types.GenesisState) { g.Devices[0].Model = "" },
		"uptime":           func(g *types.GenesisState) { g.Devices[0].UptimeBps = 10_001 },
		"delivery":         func(g *types.GenesisState) { g.Devices[0].DeliveryBps = 10_001 },
		"device score":     func(g *types.GenesisState) { g.Devices[0].Score++ },
		"huge score":       func(g *types.GenesisState) { g.Devices[0].Score = 1 << 60; g.Operators[0].Score += 1 << 60 },
		"operator score":   func(g *types.GenesisState) { g.Operators[0].Score++ },
		"unproven score":   func(g *types.GenesisState) { scoring(g).ProvenUntil = 0 },
		"idle score":       func(g *types.GenesisState) { scoring(g).Available = false },
		"cell":             func(g *types.GenesisState) { g.Devices[0].Cell = 649 },
		"moved away":       func(g *types.GenesisState) { measured(g).Cell = 1 },
		"no cell":          func(g *types.GenesisState) { measured(g).Cell = 0 },
		"coordinates":      func(g *types.GenesisState) { measured(g).Coordinates.X = -1 << 62 },
		"height":           func(g *types.GenesisState) { measured(g).Coordinates.Height = 1 << 63 },
		"low height":       func(g *types.GenesisState) { measured(g).Coordinates.Height = 0 },
		"error":            func(g *types.GenesisState) { measured(g).Coordinates.ErrorBps = 10_001 },
		"point of no cell": func(g *types.GenesisState) { g.CellPoints[0].Cell = 0 },
		"point outside":    func(g *types.GenesisState) { g.CellPoints[0].Cell = 649 },
		"point elsewhere":  func(g *types.GenesisState) { g.CellPoints[0].Cell = 1 },
		"point of error":   func(g *types.GenesisState) { g.CellPoints[0].Coordinates.ErrorBps = 1 },
		"point twice":      func(g *types.GenesisState) { g.CellPoints = append(g.CellPoints, g.CellPoints[0]) },
		"never measured":   func(g *types.GenesisState) { measured(g).MeasuredAt = 0 },
		"of the future":    func(g *types.GenesisState) { measured(g).MeasuredAt = g.Clock.ActiveMs + 2 },
	} {
		f := busy(t)
		state, err := f.keeper.ExportGenesis(f.ctx)
		require.NoError(t, err)
		require.NoError(t, state.Validate())
		spoil(state)
		require.Error(t, state.Validate(), name)
		require.Error(t, newFixture(t).keeper.InitGenesis(f.ctx, state), name)
	}
}

// scoring finds a device that scores.
func scoring(g *types.GenesisState) *types.Device {
	for i := range g.Devices {
		if g.Devices[i].Score > 0 {
			return &g.Devices[i]
		}
	}
	return nil
}

// measured finds the device that has coordinates.
func measured(g *types.GenesisState) *types.Device {
	for i := range g.Devices {
		if g.Devices[i].Coordinates != nil {
			return &g.Devices[i]
		}
	}
	return nil
}

func authorityAddress() string { return authority }

func TestParamsAreBounded(t *testing.T) {
	require.NoError(t, unchecked().Validate())
	for name, spoil := range map[string]func(*types.Params){
		"class missing":    func(p *types.Params) { p.Classes = p.Classes[:4] },
		"class too many":   func(p *types.Params) { p.Classes = append(p.Classes, p.Classes[4]) },
		"order":            func(p *types.Params) { p.Classes[0], p.Classes[1] = p.Classes[1], p.Classes[0] },
		"no bond":          func(p *types.Params) { p.Classes[2].MinBond = math.Int{} },
		"negative bond":    func(p *types.Params) { p.Classes[2].MinBond = math.NewInt(-1) },
		"huge bond":        func(p *types.Params) { p.Classes[2].MinBond = math.NewInt(1_000_000_000_000_000_001) },
		"no lanes":         func(p *types.Params) { p.Classes[2].MaxLanes = 0 },
		"lanes":            func(p *types.Params) { p.Classes[2].MaxLanes = types.LanesLimit + 1 },
		"no devices":       func(p *types.Params) { p.MaxDevicesPerOperator = 0 },
		"devices":          func(p *types.Params) { p.MaxDevicesPerOperator = types.DevicesLimit + 1 },
		"price missing":    func(p *types.Params) { p.MinPrice = math.Int{} },
		"price of nothing": func(p *types.Params) { p.MinPrice = math.ZeroInt() },
		"huge price":       func(p *types.Params) { p.MinPrice = types.MaxPrice().AddRaw(1) },
		"class score":      func(p *types.Params) { p.Classes[4].Score = 1_000_001 },
		"proven":           func(p *types.Params) { p.ProvenSeconds = types.MinProvenSeconds - 1 },
		"proven for long":  func(p *types.Params) { p.ProvenSeconds = types.MaxProvenSeconds + 1 },
		"no learning":      func(p *types.Params) { p.LearningBps = 0 },
		"learning":         func(p *types.Params) { p.LearningBps = 10_001 },
		"no lapses":        func(p *types.Params) { p.MaxLapsesPerBlock = 0 },
		"lapses":           func(p *types.Params) { p.MaxLapsesPerBlock = types.LapsesLimit + 1 },
		"no gap":           func(p *types.Params) { p.MaxBlockGapSeconds = 0 },
		"gap":              func(p *types.Params) { p.MaxBlockGapSeconds = types.BlockGapLimit + 1 },
		"no location":      func(p *types.Params) { p.Location = types.LocationRules{} },
		"no cells":         func(p *types.Params) { p.Location.MaxCells = 0 },
		"cells":            func(p *types.Params) { p.Location.MaxCells = types.CellsLimit + 1 },
		"no round trips":   func(p *types.Params) { p.Location.MaxRoundTrips = 0 },
		"round trips":      func(p *types.Params) { p.Location.MaxRoundTrips = types.RoundTripsLimit + 1 },
		"reports":          func(p *types.Params) { p.Location.ReportSeconds = types.MinReportSeconds - 1 },
		"rare reports":     func(p *types.Params) { p.Location.ReportSeconds = types.MaxReportSeconds + 1 },
		"short trips":      func(p *types.Params) { p.Location.MaxRoundTripMs = types.MinLongestMs - 1 },
		"long trips":       func(p *types.Params) { p.Location.MaxRoundTripMs = types.MaxLongestMs + 1 },
	} {
		params := unchecked()
		spoil(&params)
		require.ErrorIs(t, params.Validate(), types.ErrParams, name)
	}
}
