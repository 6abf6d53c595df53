package app

import (
	"fmt"

	dbm "github.com/cosmos/cosmos-db"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/server/api"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	"github.com/cosmos/cosmos-sdk/version"
)

var _ servertypes.Application = (*App)(nil)

// App is the Assay application: a BaseApp with its keepers and modules.
type App struct {
	*baseapp.BaseApp
	Keepers

	encoding      Encoding
	keys          map[string]*storetypes.KVStoreKey
	ModuleManager *module.Manager
	basics        module.BasicManager
	migrations    module.Configurator
}

// New builds the application over a database and, when load is set, loads its latest state. The logger, the options of
// the node's configuration and the BaseApp options are those of the SDK's server package.
func New(logger log.Logger, db dbm.DB, load bool, options servertypes.AppOptions, baseOptions ...func(*baseapp.BaseApp)) (*App, error) {
	encoding, err := newEncoding()
	if err != nil {
		return nil, err
	}
	base := baseapp.NewBaseApp(Name, logger, db, encoding.TxConfig.TxDecoder(), baseOptions...)
	base.SetVersion(version.Version)
	base.SetInterfaceRegistry(encoding.InterfaceRegistry)
	base.SetTxEncoder(encoding.TxConfig.TxEncoder())

	a := &App{BaseApp: base, encoding: encoding, keys: storetypes.NewKVStoreKeys(storeKeys()...)}
	if err := base.RegisterStreamingServices(options, a.keys); err != nil {
		return nil, fmt.Errorf("register streaming services: %w", err)
	}
	if a.Keepers, err = newKeepers(a, logger, options); err != nil {
		return nil, err
	}
	if err := a.registerModules(); err != nil {
		return nil, err
	}
	if err := a.registerUpgrades(); err != nil {
		return nil, err
	}
	a.MountKVStores(a.keys)
	if err := a.setHandlers(); err != nil {
		return nil, err
	}
	if !load {
		return a, nil
	}
	if err := a.LoadLatestVersion(); err != nil {
		return nil, fmt.Errorf("load the latest state: %w", err)
	}
	return a, nil
}

// registerModules gives the modules their place in every block and their services a route.
func (a *App) registerModules() error {
	a.ModuleManager = module.NewManager(a.modules()...)
	a.basics = module.NewBasicManagerFromManager(a.ModuleManager, basicOverrides())
	a.basics.RegisterLegacyAminoCodec(a.encoding.Amino)
	a.basics.RegisterInterfaces(a.encoding.InterfaceRegistry)

	a.ModuleManager.SetOrderPreBlockers(ordered(preBlock)...)
	a.ModuleManager.SetOrderBeginBlockers(ordered(beginBlock)...)
	a.ModuleManager.SetOrderEndBlockers(ordered(endBlock)...)
	a.ModuleManager.SetOrderInitGenesis(moduleNames()...)
	a.ModuleManager.SetOrderExportGenesis(moduleNames()...)

	services := module.NewConfigurator(a.encoding.Codec, a.MsgServiceRouter(), a.GRPCQueryRouter())
	if err := a.ModuleManager.RegisterServices(services); err != nil {
		return fmt.Errorf("register the modules' services: %w", err)
	}
	a.migrations = services
	return nil
}

// Encoding returns the codecs with every module's types registered.
func (a *App) Encoding() Encoding { return a.encoding }

// BasicManager returns the parts of the modules that need no state: codecs, default genesis, commands.
func (a *App) BasicManager() module.BasicManager { return a.basics }

// RegisterAPIRoutes adds the REST routes of the modules, of transactions and of the node.
func (a *App) RegisterAPIRoutes(server *api.Server, config serverconfig.APIConfig) {
	registerRoutes(a.basics, server, config)
}
