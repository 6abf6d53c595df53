package app

import (
	"encoding/json"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/grpc/cmtservice"
	nodeservice "github.com/cosmos/cosmos-sdk/client/grpc/node"
	"github.com/cosmos/cosmos-sdk/server"
	"github.com/cosmos/cosmos-sdk/server/api"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	authtx "github.com/cosmos/cosmos-sdk/x/auth/tx"
)

// setHandlers connects the application to the calls of consensus.
func (a *App) setHandlers() error {
	ante, err := a.anteHandler()
	if err != nil {
		return err
	}
	a.SetAnteHandler(ante)
	a.SetInitChainer(a.initChain)
	a.SetPreBlocker(func(ctx sdk.Context, _ *abci.RequestFinalizeBlock) (*sdk.ResponsePreBlock, error) {
		return a.ModuleManager.PreBlock(ctx)
	})
	a.SetBeginBlocker(a.ModuleManager.BeginBlock)
	a.SetEndBlocker(a.ModuleManager.EndBlock)
	return nil
}

// initChain loads the genesis file's state into every module.
func (a *App) initChain(ctx sdk.Context, request *abci.RequestInitChain) (*abci.ResponseInitChain, error) {
	var state map[string]json.RawMessage
	if err := json.Unmarshal(request.AppStateBytes, &state); err != nil {
		return nil, fmt.Errorf("genesis app_state is not a JSON object: %w", err)
	}
	if err := a.Upgrade.SetModuleVersionMap(ctx, a.ModuleManager.GetVersionMap()); err != nil {
		return nil, fmt.Errorf("record the modules' versions: %w", err)
	}
	return a.ModuleManager.InitGenesis(ctx, a.encoding.Codec, state)
}

// RegisterTxService lets clients simulate, broadcast and look up transactions.
func (a *App) RegisterTxService(clientCtx client.Context) {
	authtx.RegisterTxService(a.GRPCQueryRouter(), clientCtx, a.Simulate, a.encoding.InterfaceRegistry)
}

// RegisterTendermintService lets clients ask for blocks and validators.
func (a *App) RegisterTendermintService(clientCtx client.Context) {
	wrapper := server.NewCometABCIWrapper(a)
	cmtservice.RegisterTendermintService(clientCtx, a.GRPCQueryRouter(), a.encoding.InterfaceRegistry, wrapper.Query)
}

// RegisterNodeService lets clients ask for the node's configuration and status.
func (a *App) RegisterNodeService(clientCtx client.Context, config serverconfig.Config) {
	nodeservice.RegisterNodeService(clientCtx, a.GRPCQueryRouter(), config, a.CommitMultiStore().EarliestVersion)
}

// registerRoutes adds the REST routes to the node's server. The server package offers no way to return an error here.
func registerRoutes(basics module.BasicManager, apiServer *api.Server, config serverconfig.APIConfig) {
	authtx.RegisterGRPCGatewayRoutes(apiServer.ClientCtx, apiServer.GRPCGatewayRouter)
	cmtservice.RegisterGRPCGatewayRoutes(apiServer.ClientCtx, apiServer.GRPCGatewayRouter)
	nodeservice.RegisterGRPCGatewayRoutes(apiServer.ClientCtx, apiServer.GRPCGatewayRouter)
	basics.RegisterGRPCGatewayRoutes(apiServer.ClientCtx, apiServer.GRPCGatewayRouter)
	if err := server.RegisterSwaggerAPI(apiServer.ClientCtx, apiServer.Router, config.Swagger); err != nil {
		panic(err)
	}
}
