package command

import (
	"errors"
	"fmt"
	"time"

	cmtcfg "github.com/cometbft/cometbft/config"
	cmttypes "github.com/cometbft/cometbft/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/spf13/cobra"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	genutilcli "github.com/cosmos/cosmos-sdk/x/genutil/client/cli"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/assaychain/assay/app"
)

const (
	// minGasPrices is what a node asks by default for a unit of gas.
	minGasPrices = "0.001" + app.BaseDenom
	// maxBlockBytes bounds a block: room for a few of the largest jobs, far below CometBFT's default of 55 MB.
	maxBlockBytes = 8 << 20
	// maxBlockGas bounds what a block may compute.
	maxBlockGas = 200_000_000
	// evidenceAge is how long a validator's misbehaviour may be shown; not shorter than the unbonding time of 21 days.
	evidenceAge = 22 * 24 * time.Hour
	// evidenceBlocks is the same in blocks, at one a second.
	evidenceBlocks = 22 * 24 * 3600
)

// newApp builds the node's application.
func newApp(logger log.Logger, db dbm.DB, options servertypes.AppOptions) servertypes.Application {
	chain, err := app.New(logger, db, true, options, server.DefaultBaseappOptions(options)...)
	if err != nil {
		// The server package offers no way to return an error here.
		panic(err)
	}
	return chain
}

// exportApp writes the state at a height, the latest for -1, as a genesis file's content.
var exportApp servertypes.AppExporter = func(logger log.Logger, db dbm.DB, height int64, zero bool, _ []string,
	options servertypes.AppOptions, modules []string,
) (servertypes.ExportedApp, error) {
	chain, err := app.New(logger, db, height == -1, options)
	if err != nil {
		return servertypes.ExportedApp{}, err
	}
	if height != -1 {
		if err := chain.LoadVersion(height); err != nil {
			return servertypes.ExportedApp{}, fmt.Errorf("load height %d: %w", height, err)
		}
	}
	return chain.Export(zero, modules)
}

// appTemplate is the template of app.toml.
func appTemplate() string { return serverconfig.DefaultConfigTemplate }

// appConfig holds the defaults of app.toml.
func appConfig() *serverconfig.Config {
	config := serverconfig.DefaultConfig()
	config.MinGasPrices = minGasPrices
	config.API.Enable = true
	return config
}

// cometConfig holds the defaults of config.toml.
func cometConfig() *cmtcfg.Config { return cmtcfg.DefaultConfig() }

// initCommand makes a node's files, with consensus parameters that suit this chain.
func initCommand(basics module.BasicManager) *cobra.Command {
	cmd := genutilcli.InitCmd(basics, app.DefaultNodeHome)
	initialise := cmd.RunE
	cmd.Example = "assayd init my-validator --chain-id " + app.DefaultChainID
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := initialise(cmd, args); err != nil {
			return err
		}
		return editGenesis(cmd, func(genesis *genutiltypes.AppGenesis) error {
			return consensusDefaults(genesis.Consensus.Params)
		})
	}
	return cmd
}

// consensusDefaults bounds blocks and lengthens the life of evidence.
func consensusDefaults(params *cmttypes.ConsensusParams) error {
	if params == nil {
		return errors.New("genesis file has no consensus parameters")
	}
	params.Block.MaxBytes, params.Block.MaxGas = maxBlockBytes, maxBlockGas
	params.Evidence.MaxAgeDuration, params.Evidence.MaxAgeNumBlocks = evidenceAge, evidenceBlocks
	return params.ValidateBasic()
}

// editGenesis changes the node's genesis file.
func editGenesis(cmd *cobra.Command, edit func(*genutiltypes.AppGenesis) error) error {
	home, err := cmd.Flags().GetString(flags.FlagHome)
	if err != nil || home == "" {
		home = client.GetClientContextFromCmd(cmd).HomeDir
	}
	config := server.GetServerContextFromCmd(cmd).Config
	config.SetRoot(home)
	genesis, err := genutiltypes.AppGenesisFromFile(config.GenesisFile())
	if err != nil {
		return fmt.Errorf("read the genesis file: %w", err)
	}
	if err := edit(genesis); err != nil {
		return err
	}
	return genesis.SaveAs(config.GenesisFile())
}
