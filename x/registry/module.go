// Package registry keeps the network's operators and their devices.
package registry

import (
	"context"
	"encoding/json"
	"fmt"

	gwruntime "github.com/grpc-ecosystem/grpc-gateway/runtime"

	"cosmossdk.io/core/appmodule"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/testutil/simsx"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	simtypes "github.com/cosmos/cosmos-sdk/types/simulation"

	"github.com/assaychain/assay/x/registry/keeper"
	"github.com/assaychain/assay/x/registry/simulation"
	"github.com/assaychain/assay/x/registry/types"
)

// ConsensusVersion counts changes of the module that break consensus.
const ConsensusVersion = 1

var (
	_ module.AppModule           = AppModule{}
	_ module.HasGenesis          = AppModule{}
	_ module.HasServices         = AppModule{}
	_ module.HasConsensusVersion = AppModule{}
	_ appmodule.HasEndBlocker    = AppModule{}
	_ module.AppModuleSimulation = AppModule{}
)

// AppModule wires the keeper into the application.
type AppModule struct {
	cdc    codec.Codec
	keeper *keeper.Keeper
}

// NewAppModule returns the module around its keeper.
func NewAppModule(cdc codec.Codec, k *keeper.Keeper) AppModule { return AppModule{cdc: cdc, keeper: k} }

// IsAppModule marks the type as a module.
func (AppModule) IsAppModule() {}

// IsOnePerModuleType marks the type as one that an application holds once.
func (AppModule) IsOnePerModuleType() {}

// Name returns the module's name.
func (AppModule) Name() string { return types.ModuleName }

// ConsensusVersion returns the version of the module's state and rules.
func (AppModule) ConsensusVersion() uint64 { return ConsensusVersion }

// RegisterLegacyAminoCodec registers nothing: amino JSON signing reads the schema's options.
func (AppModule) RegisterLegacyAminoCodec(*codec.LegacyAmino) {}

// RegisterInterfaces registers the module's messages.
func (AppModule) RegisterInterfaces(registry codectypes.InterfaceRegistry) {
	types.RegisterInterfaces(registry)
}

// RegisterServices registers the message and query services.
func (m AppModule) RegisterServices(cfg module.Configurator) {
	types.RegisterMsgServer(cfg.MsgServer(), keeper.NewMsgServer(m.keeper))
	types.RegisterQueryServer(cfg.QueryServer(), keeper.NewQueryServer(m.keeper))
}

// RegisterGRPCGatewayRoutes registers the REST routes. It panics as the SDK's modules do: it runs once, at start.
func (AppModule) RegisterGRPCGatewayRoutes(clientCtx client.Context, mux *gwruntime.ServeMux) {
	if err := types.RegisterQueryHandlerClient(context.Background(), mux, types.NewQueryClient(clientCtx)); err != nil {
		panic(fmt.Errorf("register %s routes: %w", types.ModuleName, err))
	}
}

// DefaultGenesis returns the default state as JSON.
func (AppModule) DefaultGenesis(cdc codec.JSONCodec) json.RawMessage {
	return cdc.MustMarshalJSON(types.DefaultGenesis())
}

// ValidateGenesis checks a state given as JSON.
func (AppModule) ValidateGenesis(cdc codec.JSONCodec, _ client.TxEncodingConfig, bz json.RawMessage) error {
	var state types.GenesisState
	if err := cdc.UnmarshalJSON(bz, &state); err != nil {
		return fmt.Errorf("unmarshal %s genesis state: %w", types.ModuleName, err)
	}
	return state.Validate()
}

// InitGenesis writes the state. It panics on a bad one, as the interface leaves no other way: the chain must not start.
func (m AppModule) InitGenesis(ctx sdk.Context, cdc codec.JSONCodec, bz json.RawMessage) {
	var state types.GenesisState
	cdc.MustUnmarshalJSON(bz, &state)
	if err := m.keeper.InitGenesis(ctx, &state); err != nil {
		panic(fmt.Errorf("initialise %s: %w", types.ModuleName, err))
	}
}

// ExportGenesis returns the state as JSON.
func (m AppModule) ExportGenesis(ctx sdk.Context, cdc codec.JSONCodec) json.RawMessage {
	state, err := m.keeper.ExportGenesis(ctx)
	if err != nil {
		panic(fmt.Errorf("export %s: %w", types.ModuleName, err))
	}
	return cdc.MustMarshalJSON(state)
}

// EndBlock lets devices lapse that proved nothing for too long, forgets old telemetry, has devices follow their hours, and moves spot checks on.
func (m AppModule) EndBlock(ctx context.Context) error {
	return m.keeper.EndBlock(sdk.UnwrapSDKContext(ctx))
}

// GenerateGenesisState makes a random state for the simulator.
func (AppModule) GenerateGenesisState(state *module.SimulationState) {
	simulation.RandomizedGenState(state)
}

// RegisterStoreDecoder registers nothing: states are compared as their exports.
func (AppModule) RegisterStoreDecoder(simtypes.StoreDecoderRegistry) {}

// WeightedOperations returns nothing: the simulator takes the messages registered below.
func (AppModule) WeightedOperations(module.SimulationState) []simtypes.WeightedOperation { return nil }

// WeightedOperationsX registers the simulator's messages and how often each is sent.
func (m AppModule) WeightedOperationsX(weights simsx.WeightSource, registry simsx.Registry) {
	registry.Add(weights.Get("register_operator", 40), simulation.MsgRegisterOperatorFactory(m.keeper))
	registry.Add(weights.Get("update_operator", 20), simulation.MsgUpdateOperatorFactory(m.keeper))
	registry.Add(weights.Get("register_device", 60), simulation.MsgRegisterDeviceFactory(m.keeper))
	registry.Add(weights.Get("update_device", 40), simulation.MsgUpdateDeviceFactory(m.keeper))
	registry.Add(weights.Get("retire_device", 10), simulation.MsgRetireDeviceFactory(m.keeper))
	registry.Add(weights.Get("commit_spot_check", 60), simulation.MsgCommitSpotCheckFactory(m.keeper))
	registry.Add(weights.Get("open_spot_check", 60), simulation.MsgOpenSpotCheckFactory(m.keeper))
	registry.Add(weights.Get("report_round_trips", 30), simulation.MsgReportRoundTripsFactory(m.keeper))
	registry.Add(weights.Get("report_telemetry", 40), simulation.MsgReportTelemetryFactory(m.keeper))
	registry.Add(weights.Get("set_power_budget", 10), simulation.MsgSetPowerBudgetFactory(m.keeper))
	registry.Add(weights.Get("set_device_power", 15), simulation.MsgSetDevicePowerFactory(m.keeper))
	registry.Add(weights.Get("create_pool", 20), simulation.MsgCreatePoolFactory(m.keeper))
	registry.Add(weights.Get("update_pool", 20), simulation.MsgUpdatePoolFactory(m.keeper))
	registry.Add(weights.Get("delete_pool", 5), simulation.MsgDeletePoolFactory(m.keeper))
}

// ProposalMsgsX registers the messages that the simulator puts to the vote.
func (m AppModule) ProposalMsgsX(weights simsx.WeightSource, registry simsx.Registry) {
	registry.Add(weights.Get("update_registry_params", 100), simulation.MsgUpdateParamsFactory(m.keeper))
	registry.Add(weights.Get("upsert_gpu_model", 50), simulation.MsgUpsertGpuModelFactory(m.keeper))
}
