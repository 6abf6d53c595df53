// Package dao is the module by which token holders govern: it counts votes, holds what they decided until its time and
// within the guardrails, and keeps the treasury.
package dao

import (
	"context"
	"encoding/json"
	"fmt"

	gwruntime "github.com/grpc-ecosystem/grpc-gateway/runtime"
	"google.golang.org/grpc"

	"cosmossdk.io/core/appmodule"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/testutil/simsx"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	simtypes "github.com/cosmos/cosmos-sdk/types/simulation"

	"github.com/assaychain/assay/x/dao/keeper"
	"github.com/assaychain/assay/x/dao/simulation"
	"github.com/assaychain/assay/x/dao/types"
)

// ConsensusVersion counts changes of the module that break consensus.
const ConsensusVersion = 1

var (
	_ module.AppModuleBasic      = AppModule{}
	_ module.HasGenesis          = AppModule{}
	_ module.HasConsensusVersion = AppModule{}
	_ appmodule.AppModule        = AppModule{}
	_ appmodule.HasServices      = AppModule{}
	_ appmodule.HasEndBlocker    = AppModule{}
	_ module.AppModuleSimulation = AppModule{}
)

// AppModule plugs the module into the application.
type AppModule struct {
	cdc    codec.Codec
	keeper *keeper.Keeper
}

// NewAppModule returns the module over its keeper.
func NewAppModule(cdc codec.Codec, k *keeper.Keeper) AppModule {
	return AppModule{cdc: cdc, keeper: k}
}

// IsAppModule marks the type for the SDK.
func (AppModule) IsAppModule() {}

// IsOnePerModuleType marks the type for the SDK.
func (AppModule) IsOnePerModuleType() {}

// Name returns the module's name.
func (AppModule) Name() string { return types.ModuleName }

// ConsensusVersion returns the version of the module's state.
func (AppModule) ConsensusVersion() uint64 { return ConsensusVersion }

// RegisterLegacyAminoCodec does nothing: amino JSON is derived from the schema's annotations.
func (AppModule) RegisterLegacyAminoCodec(*codec.LegacyAmino) {}

// RegisterInterfaces registers the module's messages.
func (AppModule) RegisterInterfaces(registry codectypes.InterfaceRegistry) {
	types.RegisterInterfaces(registry)
}

// RegisterGRPCGatewayRoutes serves the queries over REST. It panics when a route can't be registered, at start only.
func (AppModule) RegisterGRPCGatewayRoutes(clientCtx client.Context, mux *gwruntime.ServeMux) {
	if err := types.RegisterQueryHandlerClient(context.Background(), mux, types.NewQueryClient(clientCtx)); err != nil {
		panic(err)
	}
}

// RegisterServices registers the message and query services.
func (am AppModule) RegisterServices(registrar grpc.ServiceRegistrar) error {
	types.RegisterMsgServer(registrar, keeper.NewMsgServer(am.keeper))
	types.RegisterQueryServer(registrar, keeper.NewQueryServer(am.keeper))
	return nil
}

// DefaultGenesis returns the state of a new chain as JSON.
func (am AppModule) DefaultGenesis(cdc codec.JSONCodec) json.RawMessage {
	return cdc.MustMarshalJSON(types.DefaultGenesis())
}

// ValidateGenesis checks a genesis state given as JSON.
func (am AppModule) ValidateGenesis(cdc codec.JSONCodec, _ client.TxEncodingConfig, raw json.RawMessage) error {
	var state types.GenesisState
	if err := cdc.UnmarshalJSON(raw, &state); err != nil {
		return fmt.Errorf("%s genesis: %w", types.ModuleName, err)
	}
	return state.Validate()
}

// InitGenesis writes the state. A bad state stops the chain from starting.
func (am AppModule) InitGenesis(ctx sdk.Context, cdc codec.JSONCodec, raw json.RawMessage) {
	var state types.GenesisState
	cdc.MustUnmarshalJSON(raw, &state)
	if err := am.keeper.InitGenesis(ctx, &state); err != nil {
		panic(fmt.Errorf("%s genesis: %w", types.ModuleName, err))
	}
}

// ExportGenesis reads the whole state as JSON.
func (am AppModule) ExportGenesis(ctx sdk.Context, cdc codec.JSONCodec) json.RawMessage {
	state, err := am.keeper.ExportGenesis(ctx)
	if err != nil {
		panic(fmt.Errorf("%s export: %w", types.ModuleName, err))
	}
	return cdc.MustMarshalJSON(state)
}

// EndBlock carries out the proposals whose time has come.
func (am AppModule) EndBlock(ctx context.Context) error {
	return am.keeper.EndBlock(sdk.UnwrapSDKContext(ctx))
}

// GenerateGenesisState writes a state for simulations.
func (AppModule) GenerateGenesisState(state *module.SimulationState) {
	simulation.RandomizedGenState(state)
}

// RegisterStoreDecoder does nothing: stores are compared key by key.
func (AppModule) RegisterStoreDecoder(simtypes.StoreDecoderRegistry) {}

// WeightedOperations is the simulator's old way to get messages; WeightedOperationsX is the new one.
func (AppModule) WeightedOperations(module.SimulationState) []simtypes.WeightedOperation { return nil }

// WeightedOperationsX offers random messages to the simulator.
func (am AppModule) WeightedOperationsX(weights simsx.WeightSource, registry simsx.Registry) {
	registry.Add(weights.Get("fund_treasury", 40), simulation.MsgFundTreasuryFactory())
	registry.Add(weights.Get("claim_grant", 60), simulation.MsgClaimGrantFactory(am.keeper))
}

// ProposalMsgsX offers random messages of governance to the simulator.
func (am AppModule) ProposalMsgsX(weights simsx.WeightSource, registry simsx.Registry) {
	registry.Add(weights.Get("create_grant", 100), simulation.MsgCreateGrantFactory(am.keeper))
	registry.Add(weights.Get("cancel_grant", 30), simulation.MsgCancelGrantFactory(am.keeper))
	registry.Add(weights.Get("release_milestone", 50), simulation.MsgReleaseMilestoneFactory(am.keeper))
	registry.Add(weights.Get("cancel_scheduled", 30), simulation.MsgCancelScheduledFactory(am.keeper))
	registry.Add(weights.Get("update_dao_params", 50), simulation.MsgUpdateParamsFactory(am.keeper))
}
