// Package market is where jobs and customers meet devices: jobs from submission to settlement, and leases by the hour.
package market

import (
	"context"
	"encoding/json"
	"fmt"

	gwruntime "github.com/grpc-ecosystem/grpc-gateway/runtime"
	"github.com/spf13/cobra"

	"cosmossdk.io/core/appmodule"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/testutil/simsx"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	simtypes "github.com/cosmos/cosmos-sdk/types/simulation"

	"github.com/assaychain/assay/x/market/client/cli"
	"github.com/assaychain/assay/x/market/keeper"
	"github.com/assaychain/assay/x/market/simulation"
	"github.com/assaychain/assay/x/market/types"
)

// ConsensusVersion counts changes of the module that break consensus.
const ConsensusVersion = 1

var (
	_ module.AppModule           = AppModule{}
	_ module.HasGenesis          = AppModule{}
	_ module.HasServices         = AppModule{}
	_ module.HasConsensusVersion = AppModule{}
	_ appmodule.HasBeginBlocker  = AppModule{}
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

// GetQueryCmd returns the queries that need more than a form: why a device was chosen. The others are derived from the service.
func (AppModule) GetQueryCmd() *cobra.Command { return cli.Query() }

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

// BeginBlock begins and ends leases whose second has come.
func (m AppModule) BeginBlock(ctx context.Context) error {
	return m.keeper.BeginBlock(sdk.UnwrapSDKContext(ctx))
}

// EndBlock moves every job on whose time has come.
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
	registry.Add(weights.Get("submit_job", 80), simulation.MsgSubmitJobFactory(m.keeper))
	registry.Add(weights.Get("cancel_job", 10), simulation.MsgCancelJobFactory(m.keeper))
	registry.Add(weights.Get("commit_result", 100), simulation.MsgCommitResultFactory(m.keeper))
	registry.Add(weights.Get("report_unavailable", 10), simulation.MsgReportUnavailableFactory(m.keeper))
	registry.Add(weights.Get("prove_result", 80), simulation.MsgProveResultFactory(m.keeper))
	registry.Add(weights.Get("claim_undelivered", 5), simulation.MsgClaimUndeliveredFactory(m.keeper))
	registry.Add(weights.Get("deliver_result", 5), simulation.MsgDeliverResultFactory(m.keeper))
	registry.Add(weights.Get("contest_delivery", 5), simulation.MsgContestDeliveryFactory(m.keeper))
	registry.Add(weights.Get("dispute_result", 5), simulation.MsgDisputeResultFactory(m.keeper))
	registry.Add(weights.Get("answer_dispute", 5), simulation.MsgAnswerDisputeFactory(m.keeper))
	registry.Add(weights.Get("hand_over", 5), simulation.MsgHandOverFactory(m.keeper))
	registry.Add(weights.Get("contest_hand_over", 5), simulation.MsgContestHandOverFactory(m.keeper))
	registry.Add(weights.Get("answer_contest", 1), simulation.MsgAnswerContestFactory(m.keeper))
	registry.Add(weights.Get("market_open_lease", 40), simulation.MsgOpenLeaseFactory(m.keeper))
	registry.Add(weights.Get("market_reserve_lease", 40), simulation.MsgReserveLeaseFactory(m.keeper))
	registry.Add(weights.Get("market_extend_lease", 20), simulation.MsgExtendLeaseFactory(m.keeper))
	registry.Add(weights.Get("market_close_lease", 20), simulation.MsgCloseLeaseFactory(m.keeper))
	registry.Add(weights.Get("market_report_outage", 20), simulation.MsgReportOutageFactory(m.keeper))
	registry.Add(weights.Get("market_report_recovery", 20), simulation.MsgReportRecoveryFactory(m.keeper))
	registry.Add(weights.Get("market_report_liveness", 20), simulation.MsgReportLivenessFactory(m.keeper))
}

// ProposalMsgsX registers the messages that the simulator puts to the vote.
func (m AppModule) ProposalMsgsX(weights simsx.WeightSource, registry simsx.Registry) {
	registry.Add(weights.Get("update_market_params", 100), simulation.MsgUpdateParamsFactory(m.keeper))
}
