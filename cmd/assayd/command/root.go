// Package command holds assayd's commands.
package command

import (
	"fmt"
	"os"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/spf13/cobra"

	"cosmossdk.io/client/v2/autocli"
	"cosmossdk.io/core/appmodule"
	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/config"
	"github.com/cosmos/cosmos-sdk/client/debug"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/client/keys"
	"github.com/cosmos/cosmos-sdk/client/rpc"
	"github.com/cosmos/cosmos-sdk/codec/address"
	runtimeservices "github.com/cosmos/cosmos-sdk/runtime/services"
	"github.com/cosmos/cosmos-sdk/server"
	simtestutil "github.com/cosmos/cosmos-sdk/testutil/sims"
	authcmd "github.com/cosmos/cosmos-sdk/x/auth/client/cli"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	genutilcli "github.com/cosmos/cosmos-sdk/x/genutil/client/cli"

	"github.com/assaychain/assay/app"
)

// NewRoot builds the whole command tree. It instantiates the application once over an empty database in memory, because
// the commands are derived from the modules.
func NewRoot() (*cobra.Command, error) {
	home, err := os.MkdirTemp("", "assayd")
	if err != nil {
		return nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	defer os.RemoveAll(home)
	chain, err := app.New(log.NewNopLogger(), dbm.NewMemDB(), false, simtestutil.NewAppOptionsWithFlagHome(home))
	if err != nil {
		return nil, err
	}
	encoding := chain.Encoding()
	base := client.Context{}.
		WithCodec(encoding.Codec).
		WithInterfaceRegistry(encoding.InterfaceRegistry).
		WithTxConfig(encoding.TxConfig).
		WithLegacyAmino(encoding.Amino).
		WithInput(os.Stdin).
		WithAccountRetriever(authtypes.AccountRetriever{}).
		WithHomeDir(app.DefaultNodeHome).
		WithViper("ASSAYD")

	root := &cobra.Command{
		Use:   "assayd",
		Short: "Assay's node and command line",
		Long: `Assay turns the world's GPUs into compute you can trust: customers submit jobs, the chain picks a device, draws
random positions of the committed result, checks gnark proofs of them in consensus, and pays.

Customers start with 'assayd job --help', contributors with 'assay-worker --help'.`,
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return prepare(cmd, base)
		},
	}
	addCommands(root, chain)
	modules := make(map[string]appmodule.AppModule, len(chain.ModuleManager.Modules))
	for name, instance := range chain.ModuleManager.Modules {
		if m, ok := instance.(appmodule.AppModule); ok {
			modules[name] = m
		}
	}
	auto := autocli.AppOptions{
		Modules:               modules,
		ModuleOptions:         runtimeservices.ExtractAutoCLIOptions(chain.ModuleManager.Modules),
		AddressCodec:          address.NewBech32Codec(app.Bech32Prefix),
		ValidatorAddressCodec: address.NewBech32Codec(app.Bech32Prefix + "valoper"),
		ConsensusAddressCodec: address.NewBech32Codec(app.Bech32Prefix + "valcons"),
		ClientCtx:             base,
	}
	return root, auto.EnhanceRootCommand(root)
}

// prepare reads the configuration files and flags before any command runs.
func prepare(cmd *cobra.Command, base client.Context) error {
	cmd.SetOut(cmd.OutOrStdout())
	cmd.SetErr(cmd.ErrOrStderr())
	ctx, err := client.ReadPersistentCommandFlags(base.WithCmdContext(cmd.Context()), cmd.Flags())
	if err != nil {
		return err
	}
	if ctx, err = config.ReadFromClientConfig(ctx); err != nil {
		return err
	}
	if err := client.SetCmdClientContextHandler(ctx, cmd); err != nil {
		return err
	}
	return server.InterceptConfigsPreRunHandler(cmd, appTemplate(), appConfig(), cometConfig())
}

// addCommands adds what is not derived from the modules.
func addCommands(root *cobra.Command, chain *app.App) {
	basics, encoding := chain.BasicManager(), chain.Encoding()
	server.AddCommands(root, app.DefaultNodeHome, newApp, exportApp, startFlags)
	genesis := genutilcli.Commands(encoding.TxConfig, basics, app.DefaultNodeHome)
	genesis.AddCommand(genesisCircuits(), genesisFull(), genesisBeacon())
	root.AddCommand(
		initCommand(basics),
		genesis,
		keys.Commands(),
		server.StatusCommand(),
		debug.Cmd(),
		queryCommand(),
		txCommand(),
		circuitsCommand(),
		beaconCommand(),
		localnetCommand(chain),
		jobCommand(chain),
		leaseCommand(),
	)
	root.PersistentFlags().String(flags.FlagChainID, "", "The network's chain id")
}

// queryCommand is the parent of every query.
func queryCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "query", Aliases: []string{"q"}, Short: "Ask the chain for its state",
		RunE: client.ValidateCmd, DisableFlagParsing: false, SuggestionsMinimumDistance: 2,
	}
	cmd.AddCommand(
		rpc.WaitTxCmd(), rpc.QueryEventForTxCmd(), server.QueryBlockCmd(), server.QueryBlocksCmd(), server.QueryBlockResultsCmd(),
		authcmd.QueryTxsByEventsCmd(), authcmd.QueryTxCmd(),
	)
	return cmd
}

// txCommand is the parent of every transaction.
func txCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "tx", Short: "Sign and send transactions",
		RunE: client.ValidateCmd, DisableFlagParsing: false, SuggestionsMinimumDistance: 2,
	}
	cmd.AddCommand(
		authcmd.GetSignCommand(), authcmd.GetSignBatchCommand(), authcmd.GetMultiSignCommand(), authcmd.GetMultiSignBatchCmd(),
		authcmd.GetValidateSignaturesCommand(), authcmd.GetBroadcastCommand(), authcmd.GetEncodeCommand(), authcmd.GetDecodeCommand(),
		authcmd.GetSimulateCmd(),
	)
	return cmd
}
