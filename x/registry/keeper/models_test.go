package keeper_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"pgregory.net/rapid"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/x/registry/catalogue"
	"github.com/assaychain/assay/x/registry/types"
)

func (f *fixture) upsert(model types.GpuModel) error {
	return f.do(func(ctx sdk.Context) error {
		_, err := f.msgs.UpsertGpuModel(ctx, &types.MsgUpsertGpuModel{Authority: authority, Model: model})
		return err
	})
}

// next is a model that no catalogue has yet.
func next() types.GpuModel {
	return types.GpuModel{
		Key: "nvidia-h900", Vendor: "NVIDIA", Name: "NVIDIA H900", Architecture: "Next", Class: types.DEVICE_CLASS_DATACENTRE,
		MemoryMib: 1_000_000, Released: "2027-01", Backends: []types.Backend{types.BACKEND_CUDA}, Aliases: []string{"H900 SXM"},
		Sources: []string{"https://vendor.example/h900"},
	}
}

// TestNamesOnChainAreTheCatalogues: the chain stores classes, back ends and precisions as numbers that the catalogue shares.
func TestNamesOnChainAreTheCatalogues(t *testing.T) {
	for class := catalogue.CPU; class <= catalogue.Datacentre; class++ {
		require.Equal(t, "DEVICE_CLASS_"+strings.ToUpper(class.String()), types.DeviceClass(class).String())
	}
	for backend := catalogue.BackendCPU; backend <= catalogue.BackendOneAPI; backend++ {
		require.Equal(t, "BACKEND_"+strings.ToUpper(backend.String()), types.Backend(backend).String())
	}
	for precision := catalogue.INT4; precision <= catalogue.FP16; precision++ {
		require.Equal(t, "QUANTISATION_"+strings.ToUpper(precision.String()), types.Quantisation(precision).String())
	}
}

// TestDevicesClaimNoMoreThanTheirModelIs registers each device in a state of its own.
func TestDevicesClaimNoMoreThanTheirModelIs(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*types.MsgRegisterDevice)
		key    string
		want   string
	}{
		"as the catalogue has it": {func(*types.MsgRegisterDevice) {}, "nvidia-geforce-rtx-5090", ""},
		"by another name":         {func(m *types.MsgRegisterDevice) { m.Model = "GeForce RTX 5090 (whatever)" }, "nvidia-geforce-rtx-5090", ""},
		"a lower class":           {func(m *types.MsgRegisterDevice) { m.Class, m.Lanes = types.DEVICE_CLASS_EDGE, 1 }, "nvidia-geforce-rtx-5090", ""},
		"a higher class": {func(m *types.MsgRegisterDevice) { m.Class = types.DEVICE_CLASS_DATACENTRE }, "",
			"class is DEVICE_CLASS_DATACENTRE: the catalogue has NVIDIA GeForce RTX 5090 as DEVICE_CLASS_CONSUMER"},
		"memory at the limit": {func(m *types.MsgRegisterDevice) { m.MemoryMib = 34_406 }, "nvidia-geforce-rtx-5090", ""},
		"memory above it":     {func(m *types.MsgRegisterDevice) { m.MemoryMib = 34_407 }, "", "memory_mib is 34407: the catalogue has NVIDIA GeForce RTX 5090 with 32768, of which a device may report 34406 at most"},
		"a board as a GPU":    {func(m *types.MsgRegisterDevice) { m.Model = "Jetson Nano" }, "", "class is DEVICE_CLASS_CONSUMER: the catalogue has NVIDIA Jetson Nano as DEVICE_CLASS_EDGE"},
		"a datacentre's": {func(m *types.MsgRegisterDevice) {
			m.Model, m.Class = "NVIDIA H100 80GB HBM3", types.DEVICE_CLASS_DATACENTRE
		}, "nvidia-h100-80gb-hbm3", ""},
		"unknown": {func(m *types.MsgRegisterDevice) { m.Model, m.MemoryMib = "NVIDIA H900", 4_096 }, "", ""},
		"unknown and small": {func(m *types.MsgRegisterDevice) { m.Model, m.MemoryMib = "NVIDIA H900", 4_095 }, "",
			`class is DEVICE_CLASS_CONSUMER: the catalogue does not know "NVIDIA H900", and takes a device that reports 4095 MiB on BACKEND_CUDA for DEVICE_CLASS_EDGE at most`},
		"unknown for a datacentre": {func(m *types.MsgRegisterDevice) {
			m.Model, m.Class, m.MemoryMib = "NVIDIA H900", types.DEVICE_CLASS_DATACENTRE, types.MaxMemory
		}, "", "for DEVICE_CLASS_CONSUMER at most"},
		"a phone": {func(m *types.MsgRegisterDevice) { m.Model, m.Backend = "Adreno (TM) 900", types.BACKEND_VULKAN }, "", "for DEVICE_CLASS_MOBILE at most"},
		"a processor named as a GPU": {func(m *types.MsgRegisterDevice) {
			m.Class, m.Backend, m.MemoryMib = types.DEVICE_CLASS_CPU, types.BACKEND_CPU, types.MaxMemory
		}, "", ""},
	} {
		f := newFixture(t)
		f.operator(alice, 1_000)
		msg := gpu(alice, 1, 10)
		c.change(msg)
		before := f.export()
		err := f.register(msg)
		if c.want != "" {
			require.ErrorIs(t, err, types.ErrModel, name)
			require.ErrorContains(t, err, c.want, name)
			require.Equal(t, before, f.export(), name)
			continue
		}
		require.NoError(t, err, name)
		device, err := f.keeper.Device(f.ctx, msg.Id)
		require.NoError(t, err)
		require.Equal(t, c.key, device.ModelKey, name)
		require.NoError(t, f.keeper.Invariants(f.ctx))
	}
}

// TestGovernanceAddsAndCorrectsModels: what was unknown becomes known, a correction reaches what registers from then on and nothing
// that is registered, and old names are free again.
func TestGovernanceAddsAndCorrectsModels(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 10_000)
	msg := gpu(alice, 1, 10)
	msg.Model, msg.Class, msg.MemoryMib = "H900 SXM", types.DEVICE_CLASS_DATACENTRE, 1_000_000
	require.ErrorIs(t, f.register(msg), types.ErrModel)

	_, err := f.msgs.UpsertGpuModel(f.ctx, &types.MsgUpsertGpuModel{Authority: alice.String(), Model: next()})
	require.ErrorContains(t, err, "authority")
	require.NoError(t, f.upsert(next()))
	require.NoError(t, f.register(msg))

	corrected := next()
	corrected.Class, corrected.MemoryMib, corrected.Aliases = types.DEVICE_CLASS_CONSUMER, 0, nil
	require.NoError(t, f.upsert(corrected))
	require.NoError(t, f.keeper.Invariants(f.ctx))
	device, err := f.keeper.Device(f.ctx, msg.Id)
	require.NoError(t, err)
	require.Equal(t, types.DEVICE_CLASS_DATACENTRE, device.Class)
	require.Equal(t, "nvidia-h900", device.ModelKey)
	second := gpu(alice, 2, 10)
	second.Model, second.Class = "NVIDIA H900", types.DEVICE_CLASS_DATACENTRE
	require.ErrorIs(t, f.register(second), types.ErrModel)
	_, err = f.keeper.GpuModel(f.ctx, "H900 SXM")
	require.ErrorIs(t, err, types.ErrModelNotFound)

	other := next()
	other.Key, other.Name = "nvidia-h900-sxm", "NVIDIA H900 SXM"
	other.Aliases = []string{"h900"}
	require.ErrorContains(t, f.upsert(other), `the name "h900" is that of the model nvidia-h900`)
	other.Aliases = nil
	require.NoError(t, f.upsert(other))
	require.NoError(t, f.keeper.Invariants(f.ctx))
}

func TestBadModelsChangeNothing(t *testing.T) {
	f := newFixture(t)
	before := f.export()
	for want, spoil := range map[string]func(*types.GpuModel){
		"key is":         func(m *types.GpuModel) { m.Key = "No Key" },
		"vendor has":     func(m *types.GpuModel) { m.Vendor = "" },
		"name has 65":    func(m *types.GpuModel) { m.Name = strings.Repeat("x", 65) },
		"architecture":   func(m *types.GpuModel) { m.Architecture = "" },
		"class is 1":     func(m *types.GpuModel) { m.Class = types.DEVICE_CLASS_CPU },
		"class is 0":     func(m *types.GpuModel) { m.Class = 260 },
		"memory_mib":     func(m *types.GpuModel) { m.MemoryMib = types.MaxMemory + 1 },
		"fp32_gflops":    func(m *types.GpuModel) { m.Fp32Gflops = 1_000_000_001 },
		"fp16_gflops":    func(m *types.GpuModel) { m.Fp16Gflops = 1_000_000_001 },
		"int8_gops":      func(m *types.GpuModel) { m.Int8Gops = 1 << 63 },
		"bandwidth_mbps": func(m *types.GpuModel) { m.BandwidthMbps = 1_000_000_001 },
		"tdp_watts":      func(m *types.GpuModel) { m.TdpWatts = 100_001 },
		"released":       func(m *types.GpuModel) { m.Released = "2027" },
		"backends is":    func(m *types.GpuModel) { m.Backends = nil },
		"backends[0]":    func(m *types.GpuModel) { m.Backends[0] = 258 },
		"aliases has":    func(m *types.GpuModel) { m.Aliases = make([]string, 17) },
		"aliases[0]":     func(m *types.GpuModel) { m.Aliases = []string{""} },
		"sources has":    func(m *types.GpuModel) { m.Sources = nil },
		"sources[0]":     func(m *types.GpuModel) { m.Sources = []string{"ftp://x"} },
		"is that of":     func(m *types.GpuModel) { m.Aliases = []string{"geforce rtx 5090"} },
	} {
		model := next()
		spoil(&model)
		err := f.upsert(model)
		require.ErrorIs(t, err, types.ErrModel, want)
		require.ErrorContains(t, err, want)
	}
	require.Equal(t, before, f.export())
}

// TestModelsUnderRandomUpserts: names never lead astray, and what is exported is a valid genesis.
func TestModelsUnderRandomUpserts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := newFixture(t)
		names := rapid.SampledFrom([]string{"a", "b", "NVIDIA c", "geforce rtx 5090", "C (x)"})
		for range rapid.IntRange(1, 12).Draw(t, "upserts") {
			model := next()
			model.Key = rapid.SampledFrom([]string{"k1", "k2", "nvidia-geforce-rtx-5090"}).Draw(t, "key")
			model.Name, model.Aliases = names.Draw(t, "name"), rapid.SliceOfN(names, 0, 3).Draw(t, "aliases")
			_ = f.upsert(model)
			require.NoError(t, f.keeper.Invariants(f.ctx))
		}
		state, err := f.keeper.ExportGenesis(f.ctx)
		require.NoError(t, err)
		require.NoError(t, state.Validate())
		for _, model := range state.Models {
			found, err := f.keeper.GpuModel(f.ctx, model.Name)
			require.NoError(t, err)
			require.Equal(t, model.Key, found.Key)
		}
	})
}

func TestModelQueries(t *testing.T) {
	f := newFixture(t)
	for _, name := range []string{"nvidia-h100-80gb-hbm3", "NVIDIA H100 80GB HBM3"} {
		answer, err := f.queries.GpuModel(f.ctx, &types.QueryGpuModelRequest{Model: name})
		require.NoError(t, err)
		require.Equal(t, "nvidia-h100-80gb-hbm3", answer.Model.Key)
		require.Equal(t, types.QUANTISATION_FP16, answer.Quantisation)
		require.Equal(t, uint32(95), answer.EdgeScore)
	}
	all, err := f.queries.GpuModels(f.ctx, &types.QueryGpuModelsRequest{Pagination: &query.PageRequest{CountTotal: true, Limit: 2}})
	require.NoError(t, err)
	require.Len(t, all.Models, 2)
	rest, err := f.queries.GpuModels(f.ctx, &types.QueryGpuModelsRequest{Pagination: &query.PageRequest{Key: all.Pagination.NextKey}})
	require.NoError(t, err)
	require.Equal(t, someModels(), append(all.Models, rest.Models...))
	edge, err := f.queries.GpuModels(f.ctx, &types.QueryGpuModelsRequest{Class: types.DEVICE_CLASS_EDGE})
	require.NoError(t, err)
	require.Len(t, edge.Models, 1)

	_, err = f.queries.GpuModel(f.ctx, &types.QueryGpuModelRequest{Model: "nothing"})
	require.Equal(t, codes.NotFound, status.Code(err))
	for _, bad := range []*types.QueryGpuModelRequest{nil, {}, {Model: strings.Repeat("x", 257)}} {
		_, err = f.queries.GpuModel(f.ctx, bad)
		require.Equal(t, codes.InvalidArgument, status.Code(err))
	}
	for _, bad := range []*types.QueryGpuModelsRequest{nil, {Class: 6}, {Class: -1}} {
		_, err = f.queries.GpuModels(f.ctx, bad)
		require.Equal(t, codes.InvalidArgument, status.Code(err))
	}
}

// TestTheWholeCatalogueIsGenesis: a chain begins with the models of the build, and an export has them all.
func TestTheWholeCatalogueIsGenesis(t *testing.T) {
	state := types.DefaultGenesis()
	require.NoError(t, state.Validate())
	require.Len(t, state.Models, len(catalogue.Embedded().Models()))
	for _, model := range state.Models {
		require.NoError(t, model.Validate(), model.Key)
		require.Equal(t, model, types.NewGpuModel(model.Model()))
	}
	for name, spoil := range map[string]func(*types.GenesisState){
		"model twice":   func(g *types.GenesisState) { g.Models = append(g.Models, g.Models[0]) },
		"order":         func(g *types.GenesisState) { g.Models[0], g.Models[1] = g.Models[1], g.Models[0] },
		"bad model":     func(g *types.GenesisState) { g.Models[0].Released = "" },
		"name twice":    func(g *types.GenesisState) { g.Models[0].Aliases = []string{g.Models[1].Name} },
		"unknown model": func(g *types.GenesisState) { g.Devices[0].ModelKey = "none" },
		"model key":     func(g *types.GenesisState) { g.Devices[0].ModelKey = " " },
	} {
		f := busy(t)
		state, err := f.keeper.ExportGenesis(f.ctx)
		require.NoError(t, err)
		spoil(state)
		require.ErrorIs(t, state.Validate(), types.ErrGenesis, name)
	}
}
