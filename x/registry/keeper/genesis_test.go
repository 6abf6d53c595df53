package keeper_test

import (
	"slices"
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
	f.at(3, 80)
	f.block(0)
	require.NoError(t, f.budget(alice, 1_500))
	require.NoError(t, f.setPower(alice, 2, 500, 0b1010))
	both := []string{alice.String(), bob.String()}
	slices.Sort(both)
	_, err := f.createPool(curator, "both", both...)
	require.NoError(t, err)
	_, err = f.createPool(curator, "empty")
	require.NoError(t, err)
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
		"power used":       func(g *types.GenesisState) { g.Operators[0].PowerUsed++ },
		"power":            func(g *types.GenesisState) { g.Operators[0].PowerBudget, g.Operators[1].PowerBudget = 9, 9 },
		"unpowered":        func(g *types.GenesisState) { g.Devices[0].Unpowered = !g.Devices[0].Unpowered },
		"metered":          func(g *types.GenesisState) { g.Devices[0].Metered = !g.Devices[0].Metered },
		"awake":            func(g *types.GenesisState) { g.Devices[0].Asleep = true },
		"switches":         func(g *types.GenesisState) { g.Devices[0].Switches, g.Devices[0].Hours = 0, 1 },
		"hours":            func(g *types.GenesisState) { g.Devices[0].Hours, g.Devices[0].Switches = 1<<24, 1 },
		"watts":            func(g *types.GenesisState) { g.Devices[0].Watts = types.MaxWatts + 1 },
		"heat":             func(g *types.GenesisState) { g.Telemetry = nil },
		"no such heat":     func(g *types.GenesisState) { g.Devices[0].Heat = 4 },
		"no such tier":     func(g *types.GenesisState) { g.Devices[0].Tier = 4 },
		"quality":          func(g *types.GenesisState) { g.Devices[0].Quality = []byte{1} },
		"quality sum":      func(g *types.GenesisState) { g.Devices[0].QosBps = 10_001 },
		"report twice":     func(g *types.GenesisState) { g.Telemetry = append(g.Telemetry, g.Telemetry[0]) },
		"report of none":   func(g *types.GenesisState) { g.Telemetry[0].Device = deviceID(99) },
		"late report":      func(g *types.GenesisState) { g.Telemetry[0].Reported = g.Clock.ActiveMs + 1 },
		"old report":       func(g *types.GenesisState) { g.Telemetry[0].Lapses = g.Telemetry[0].Reported },
		"report":           func(g *types.GenesisState) { g.Telemetry[0].Celsius = 151 },
		"price of none":    func(g *types.GenesisState) { g.Prices[0].Class = 9 },
		"price twice":      func(g *types.GenesisState) { g.Prices = append(g.Prices, g.Prices[0]) },
		"no price":         func(g *types.GenesisState) { g.Prices[0].Price = 0 },
		"half-life":        func(g *types.GenesisState) { g.Params.Quality.HalfLifeSeconds = 1 },
		"tiers":            func(g *types.GenesisState) { g.Params.Quality.GoldBps = 0 },
		"thermometer":      func(g *types.GenesisState) { g.Params.Telemetry.HotCelsius = 151 },
		"pause":            func(g *types.GenesisState) { g.Params.Telemetry.PauseSeconds = 0 },
		"keep":             func(g *types.GenesisState) { g.Params.Telemetry.KeepSeconds = 10 },
		"lapses":           func(g *types.GenesisState) { g.Params.Telemetry.MaxLapsesPerBlock = 1_001 },
		"no switches":      func(g *types.GenesisState) { g.Params.MaxSwitchesPerBlock = 0 },
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
		"booked from":      func(g *types.GenesisState) { g.Devices[0].BookedFrom = -1 },
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
		"pool of 0":        func(g *types.GenesisState) { g.Pools[0].Pool.Id = 0 },
		"pool too late":    func(g *types.GenesisState) { g.LastPool = 1 },
		"pools in order":   func(g *types.GenesisState) { g.Pools[0], g.Pools[1] = g.Pools[1], g.Pools[0] },
		"pool's owner":     func(g *types.GenesisState) { g.Pools[0].Pool.Owner = "x" },
		"pool's name":      func(g *types.GenesisState) { g.Pools[0].Pool.Name = "" },
		"pool's count":     func(g *types.GenesisState) { g.Pools[0].Pool.Operators++ },
		"pool's operators": func(g *types.GenesisState) { slices.Reverse(g.Pools[0].Operators) },
		"pool of none":     func(g *types.GenesisState) { g.Pools[0].Operators[0] = authority; slices.Sort(g.Pools[0].Operators) },
		"pool size":        func(g *types.GenesisState) { g.Params.MaxPoolOperators = types.PoolLimit + 1 },
		"huge pool":        func(g *types.GenesisState) { g.Pools[0].Pool.Operators = types.PoolLimit + 1 },
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
