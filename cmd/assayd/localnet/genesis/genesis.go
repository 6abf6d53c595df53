// Package genesis builds the first state of a local network: funded accounts, one validator, the circuits and the beacon
// it uses, and windows short enough to watch a job through all its states.
package genesis

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/cosmos/gogoproto/proto"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	epochstypes "github.com/cosmos/cosmos-sdk/x/epochs/types"
	"github.com/cosmos/cosmos-sdk/x/genutil"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/assaychain/assay/app"
	beacontypes "github.com/assaychain/assay/x/beacon/types"
	daotypes "github.com/assaychain/assay/x/dao/types"
	emissiontypes "github.com/assaychain/assay/x/emission/types"
	markettypes "github.com/assaychain/assay/x/market/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
	proofstypes "github.com/assaychain/assay/x/proofs/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// Account is a funded account.
type Account struct {
	Address sdk.AccAddress
	// Balance in the base denomination.
	Balance int64
}

// Spec describes the state to build.
type Spec struct {
	ChainID string
	// Time is the genesis time, at which the network may start.
	Time     time.Time
	Accounts []Account
	// GenTx is the signed transaction that makes the first validator.
	GenTx    sdk.Tx
	Circuits []proofstypes.Circuit
	Beacon   beacontypes.Chain
	// Epoch is the length of an emission's epoch; a day when zero.
	Epoch time.Duration
	// SpotChecks has the network check its devices, small and often; without it nobody is.
	SpotChecks bool
}

// Build returns the genesis file's content. The consensus parameters are CometBFT's defaults; the caller bounds them.
func Build(encoding app.Encoding, basics module.BasicManager, spec Spec) (*genutiltypes.AppGenesis, error) {
	state := State{codec: encoding.Codec, modules: basics.DefaultGenesis(encoding.Codec)}
	if err := fund(state, spec.Accounts); err != nil {
		return nil, err
	}
	if err := Edit(state, proofstypes.ModuleName, func(g *proofstypes.GenesisState) error {
		g.Params.AllowDevelopmentKeys, g.Circuits = true, spec.Circuits
		g.Params.FullEnabled = slices.ContainsFunc(spec.Circuits, func(c proofstypes.Circuit) bool {
			return c.System == proofstypes.PROOF_SYSTEM_KZG_BN254
		})
		return nil
	}); err != nil {
		return nil, err
	}
	if err := Edit(state, beacontypes.ModuleName, func(g *beacontypes.GenesisState) error {
		g.Params.Chain, g.Params.MinDelaySeconds = spec.Beacon, beaconDelay
		return nil
	}); err != nil {
		return nil, err
	}
	if err := shorten(state); err != nil {
		return nil, err
	}
	if err := quicken(state, spec.Epoch); err != nil {
		return nil, err
	}
	if err := watch(state, spec.SpotChecks); err != nil {
		return nil, err
	}
	if _, err := genutil.SetGenTxsInAppGenesisState(encoding.Codec, encoding.TxConfig.TxJSONEncoder(), state.modules, []sdk.Tx{spec.GenTx}); err != nil {
		return nil, fmt.Errorf("add the validator's transaction: %w", err)
	}
	if err := basics.ValidateGenesis(encoding.Codec, encoding.TxConfig, state.modules); err != nil {
		return nil, fmt.Errorf("the built genesis is not valid: %w", err)
	}
	return file(spec, state)
}

// file wraps the modules' state into a genesis file.
func file(spec Spec, state State) (*genutiltypes.AppGenesis, error) {
	content, err := json.Marshal(state.modules)
	if err != nil {
		return nil, fmt.Errorf("encode the genesis: %w", err)
	}
	genesis := genutiltypes.NewAppGenesisWithVersion(spec.ChainID, content)
	genesis.GenesisTime, genesis.InitialHeight = spec.Time, 1
	genesis.Consensus = &genutiltypes.ConsensusGenesis{Params: cmttypes.DefaultConsensusParams()}
	return genesis, nil
}

// The windows of a local network: seconds where a public one has minutes or days.
const (
	beaconDelay     = 1
	disputeSeconds  = 2
	deliverySeconds = 10
	answerSeconds   = 30
	votingPeriod    = 15 * time.Second
	timeLock        = 5 * time.Second
	fundedSeconds   = 5
	noticeSeconds   = 5
	// An appeal is filed within seconds, and put to the vote while it waits.
	appealSeconds     = 10
	resolutionSeconds = 120
)

// shorten makes the network's windows short enough to watch.
func shorten(state State) error {
	if err := Edit(state, markettypes.ModuleName, func(g *markettypes.GenesisState) error {
		g.Params.DisputeSeconds, g.Params.DeliverySeconds, g.Params.RetrySeconds = disputeSeconds, deliverySeconds, 1
		g.Params.AnswerSeconds = answerSeconds
		g.Params.RelayWindowSeconds = deliverySeconds
		g.Params.Lease.MinFundedSeconds, g.Params.Lease.NoticeSeconds = fundedSeconds, noticeSeconds
		return nil
	}); err != nil {
		return err
	}
	if err := Edit(state, daotypes.ModuleName, func(g *daotypes.GenesisState) error {
		g.Params.TimeLock = timeLock
		return nil
	}); err != nil {
		return err
	}
	if err := Edit(state, penaltytypes.ModuleName, func(g *penaltytypes.GenesisState) error {
		g.Params.AppealSeconds, g.Params.ResolutionSeconds = appealSeconds, resolutionSeconds
		return nil
	}); err != nil {
		return err
	}
	return Edit(state, govtypes.ModuleName, func(g *govv1.GenesisState) error {
		voting, expedited, deposit := votingPeriod, votingPeriod/2, 2*votingPeriod
		g.Params.VotingPeriod, g.Params.ExpeditedVotingPeriod, g.Params.MaxDepositPeriod = &voting, &expedited, &deposit
		return nil
	})
}

// Spot checks of a local network: a product chain that any processor of today makes in a fraction of a second, its time for it in
// milliseconds, entries opened, seconds between two draws, and blocks that are left to answer in when the network was stopped meanwhile.
const (
	checkSize    = 512
	checkSteps   = 4
	checkWindow  = 30_000
	checkSamples = 8
	drawSeconds  = 60
	checkBlocks  = 20
)

// watch turns spot checks on or off. Those of a processor are small, since workers share this machine; other classes keep theirs.
func watch(state State, on bool) error {
	return Edit(state, registrytypes.ModuleName, func(g *registrytypes.GenesisState) error {
		spot, processor := &g.Params.Spot, &g.Params.Classes[0]
		spot.Draws, spot.DrawSeconds, spot.Samples, spot.MinBlocks = 0, drawSeconds, checkSamples, checkBlocks
		if on {
			spot.Draws = 1
		}
		processor.CheckSize, processor.CheckSteps, processor.CheckWindowMs = checkSize, checkSteps, checkWindow
		return nil
	})
}

// epochIdentifier names the epochs of a local network.
const epochIdentifier = "local"

// localEmission is what a local network's first epoch emits, in the base denomination; each later one a thousandth less.
const localEmission = 1_000_000_000

// quicken makes the emission's epochs as long as is asked for, and their amounts small enough for a network without a public.
func quicken(state State, epoch time.Duration) error {
	if epoch == 0 {
		return nil
	}
	if err := Edit(state, epochstypes.ModuleName, func(g *epochstypes.GenesisState) error {
		g.Epochs = append(g.Epochs, epochstypes.NewGenesisEpochInfo(epochIdentifier, epoch))
		return nil
	}); err != nil {
		return err
	}
	return Edit(state, emissiontypes.ModuleName, func(g *emissiontypes.GenesisState) error {
		g.Params.EpochIdentifier, g.Params.MinPeriodSeconds = epochIdentifier, uint64(epoch/time.Second)/2
		g.Params.Schedule.Phases = []emissiontypes.Phase{
			{Start: 1, Amount: math.NewInt(localEmission), AmountDen: 1, DecayNum: 999, DecayDen: 1_000},
		}
		return nil
	})
}

// fund adds accounts with their balances.
func fund(state State, accounts []Account) error {
	if err := Edit(state, authtypes.ModuleName, func(g *authtypes.GenesisState) (err error) {
		known := make(authtypes.GenesisAccounts, 0, len(accounts))
		for _, a := range accounts {
			known = append(known, authtypes.NewBaseAccountWithAddress(a.Address))
		}
		g.Accounts, err = authtypes.PackAccounts(authtypes.SanitizeGenesisAccounts(known))
		return err
	}); err != nil {
		return err
	}
	return Edit(state, banktypes.ModuleName, func(g *banktypes.GenesisState) error {
		for _, a := range accounts {
			coins := sdk.NewCoins(sdk.NewInt64Coin(app.BaseDenom, a.Balance))
			g.Balances = append(g.Balances, banktypes.Balance{Address: a.Address.String(), Coins: coins})
			g.Supply = g.Supply.Add(coins...)
		}
		g.Balances = banktypes.SanitizeGenesisBalances(g.Balances)
		return nil
	})
}

// Delegation is what the first validator stakes of its own, in the base denomination.
var Delegation = sdk.NewInt64Coin(app.BaseDenom, 100_000_000_000)

// CreateValidator returns the message that makes an account the first validator.
func CreateValidator(moniker string, address sdk.AccAddress, key cryptotypes.PubKey) (sdk.Msg, error) {
	tenth := math.LegacyNewDecWithPrec(1, 1)
	commission := stakingtypes.NewCommissionRates(tenth, tenth.MulInt64(2), tenth)
	return stakingtypes.NewMsgCreateValidator(sdk.ValAddress(address).String(), key, Delegation,
		stakingtypes.Description{Moniker: moniker}, commission, Delegation.Amount)
}

// State is the genesis state of all modules, under construction.
type State struct {
	codec   codec.JSONCodec
	modules map[string]json.RawMessage
}

// Edit changes one module's part of a genesis state.
func Edit[G any, P interface {
	*G
	proto.Message
}](state State, module string, change func(P) error) error {
	genesis := P(new(G))
	if err := state.codec.UnmarshalJSON(state.modules[module], genesis); err != nil {
		return fmt.Errorf("decode the genesis of %s: %w", module, err)
	}
	if err := change(genesis); err != nil {
		return fmt.Errorf("edit the genesis of %s: %w", module, err)
	}
	encoded, err := state.codec.MarshalJSON(genesis)
	if err != nil {
		return fmt.Errorf("encode the genesis of %s: %w", module, err)
	}
	state.modules[module] = encoded
	return nil
}
