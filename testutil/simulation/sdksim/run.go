package sdksim

import (
	"fmt"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/client/flags"
	simtestutil "github.com/cosmos/cosmos-sdk/testutil/sims"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	simtypes "github.com/cosmos/cosmos-sdk/types/simulation"
	"github.com/cosmos/cosmos-sdk/x/simulation"

	servertypes "github.com/cosmos/cosmos-sdk/server/types"

	"github.com/assaychain/assay/app"
	"github.com/assaychain/assay/testutil/chain"
	"github.com/assaychain/assay/testutil/invariants"
)

// ChainID of every simulated chain: the prefix lets it accept development keys.
const ChainID = "assay-test-sim"

// Config says how long and how busy a simulation is.
type Config struct {
	Seed int64
	// Blocks to simulate, and the average number of messages in each.
	Blocks, Messages int
	// Unchecked leaves the invariants out, where only the state counts.
	Unchecked bool
}

const (
	accounts   = 60
	validators = 25
	// honest is the number of bonded validators from which on no more misbehave, so that the chain goes on.
	honest = 8
	// stake of each account, in the base denomination.
	stake = 1_000_000_000_000
)

// Simulation is one simulated chain.
type Simulation struct {
	*app.App
	*Operations
	// Errors are the lines logged as errors.
	Errors []string

	t        testing.TB
	config   Config
	accounts []simtypes.Account
	now      time.Time
	height   int64
}

// New builds an application that checks itself at the end of every block.
func New(t testing.TB, config Config) *Simulation {
	t.Helper()
	s := &Simulation{t: t, config: config}
	options := simtestutil.AppOptionsMap{flags.FlagHome: t.TempDir()}
	// Pruning in the background would keep the stores of every chain in memory for good, with all their versions.
	built, err := app.New(chain.NewListener(&s.Errors), dbm.NewMemDB(), false, options, baseapp.SetChainID(ChainID), baseapp.SetIAVLSyncPruning(true))
	require.NoError(t, err)
	s.App, s.Operations = built, operations(built)
	built.SetBeginBlocker(s.beginBlock)
	built.SetEndBlocker(s.endBlock)
	require.NoError(t, built.LoadLatestVersion())
	return s
}

// beginBlock lets validators misbehave as long as there are enough of them.
func (s *Simulation) beginBlock(ctx sdk.Context) (sdk.BeginBlock, error) {
	bonded, err := s.Staking.GetBondedValidatorsByPower(ctx)
	if err != nil {
		return sdk.BeginBlock{}, err
	}
	if len(bonded) <= honest {
		votes := make([]abci.VoteInfo, len(ctx.VoteInfos()))
		for i, vote := range ctx.VoteInfos() {
			vote.BlockIdFlag = cmtproto.BlockIDFlagCommit
			votes[i] = vote
		}
		ctx = ctx.WithVoteInfos(votes).WithCometInfo(faultless{ctx.CometInfo()})
	}
	return s.ModuleManager.BeginBlock(ctx)
}

// endBlock checks the books after the modules' hooks.
func (s *Simulation) endBlock(ctx sdk.Context) (sdk.EndBlock, error) {
	s.now, s.height = ctx.BlockTime(), ctx.BlockHeight()
	updates, err := s.ModuleManager.EndBlock(ctx)
	if err != nil || s.config.Unchecked {
		return updates, err
	}
	return updates, invariants.Check(s.App, ctx)
}

// simulator is the configuration of the SDK's simulator.
func (s *Simulation) simulator() simtypes.Config {
	return simtypes.Config{
		Seed: s.config.Seed, NumBlocks: s.config.Blocks, BlockSize: s.config.Messages, InitialBlockHeight: 1,
		ChainID: ChainID, GenesisTime: chain.Start.Unix(), Commit: true, ParamsFile: s.params(),
	}
}

// genesis makes a random state of all modules.
func (s *Simulation) genesis() simtypes.AppStateFn {
	manager := module.NewSimulationManagerFromAppModules(s.ModuleManager.Modules, nil)
	return simtestutil.AppStateFn(s.Encoding().Codec, manager, s.BasicManager().DefaultGenesis(s.Encoding().Codec))
}

// Run simulates from a random genesis.
func (s *Simulation) Run(t *testing.T) {
	t.Helper()
	_, who, err := simulation.SimulateFromSeedX(t, nopLog, io.Discard, s.BaseApp, s.genesis(),
		func(r *rand.Rand, _ int) []simtypes.Account { return simtypes.RandomAccounts(r, accounts) },
		s.ops, s.blocked(), s.simulator(), s.Encoding().Codec, simulation.NewLogWriter(false))
	require.NoError(t, err)
	s.accounts = who
	require.EqualValues(t, s.config.Blocks, s.LastBlockHeight(), "the simulation ended early: no validator was left")
	s.requireQuiet()
}

// requireQuiet requires that no item of a hook failed.
func (s *Simulation) requireQuiet() {
	s.t.Helper()
	for _, line := range s.Errors {
		require.NotContains(s.t, line, "hook item failed")
	}
}

// params fixes what decides whether a simulated chain can go on: how many validators it has and what everyone owns.
func (s *Simulation) params() string {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), "params.json")
	content := fmt.Sprintf(`{%q: "%d", %q: %d}`, simtestutil.StakePerAccount, stake, simtestutil.InitiallyBondedValidators, validators)
	require.NoError(s.t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

// blocked are the accounts that refuse coins.
func (s *Simulation) blocked() map[string]bool {
	blocked := map[string]bool{}
	for name := range s.Account.GetModulePermissions() {
		blocked[s.Account.GetModuleAddress(name).String()] = true
	}
	return blocked
}

// Export writes the state after the last block.
func (s *Simulation) Export() servertypes.ExportedApp {
	s.t.Helper()
	exported, err := s.App.Export(false, nil)
	require.NoError(s.t, err)
	return exported
}

// Summary tells what became of the messages.
func (s *Simulation) Summary() string {
	var lines strings.Builder
	for _, url := range sorted(s.Sent) {
		fmt.Fprintf(&lines, "\n%-48s %5d done %5d refused %5d skipped", url, s.Sent[url].Done, s.Sent[url].Refused, s.Sent[url].Skipped)
	}
	return lines.String()
}
