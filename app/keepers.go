package app

import (
	"fmt"

	"github.com/spf13/cast"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/codec/address"
	"github.com/cosmos/cosmos-sdk/runtime"
	"github.com/cosmos/cosmos-sdk/server"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	authzkeeper "github.com/cosmos/cosmos-sdk/x/authz/keeper"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	consensuskeeper "github.com/cosmos/cosmos-sdk/x/consensus/keeper"
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"
	distrkeeper "github.com/cosmos/cosmos-sdk/x/distribution/keeper"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	epochskeeper "github.com/cosmos/cosmos-sdk/x/epochs/keeper"
	epochstypes "github.com/cosmos/cosmos-sdk/x/epochs/types"
	evidencekeeper "github.com/cosmos/cosmos-sdk/x/evidence/keeper"
	evidencetypes "github.com/cosmos/cosmos-sdk/x/evidence/types"
	"github.com/cosmos/cosmos-sdk/x/feegrant"
	feegrantkeeper "github.com/cosmos/cosmos-sdk/x/feegrant/keeper"
	govkeeper "github.com/cosmos/cosmos-sdk/x/gov/keeper"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	govv1beta1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1beta1"
	slashingkeeper "github.com/cosmos/cosmos-sdk/x/slashing/keeper"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	stakingkeeper "github.com/cosmos/cosmos-sdk/x/staking/keeper"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
	upgradekeeper "github.com/cosmos/cosmos-sdk/x/upgrade/keeper"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"

	daokeeper "github.com/assaychain/assay/x/dao/keeper"
)

// Keepers are the modules' ways to their state.
type Keepers struct {
	Account   authkeeper.AccountKeeper
	Bank      bankkeeper.Keeper
	Staking   *stakingkeeper.Keeper
	Slashing  slashingkeeper.Keeper
	Distr     distrkeeper.Keeper
	Gov       *govkeeper.Keeper
	Upgrade   *upgradekeeper.Keeper
	Authz     authzkeeper.Keeper
	FeeGrant  feegrantkeeper.Keeper
	Evidence  *evidencekeeper.Keeper
	Consensus consensuskeeper.Keeper
	Epochs    *epochskeeper.Keeper
	AssayKeepers
}

// Authority is the account that may change parameters and register circuits: the gov module's.
func Authority() string { return authtypes.NewModuleAddress(govtypes.ModuleName).String() }

// newKeepers builds the SDK's keepers, then Assay's over them.
func newKeepers(a *App, logger log.Logger, options servertypes.AppOptions) (k Keepers, err error) {
	cdc, authority := a.encoding.Codec, Authority()
	accounts, validators := address.NewBech32Codec(Bech32Prefix), address.NewBech32Codec(Bech32Prefix+"valoper")

	k.Consensus = consensuskeeper.NewKeeper(cdc, a.store(consensustypes.StoreKey), authority, runtime.EventService{})
	a.SetParamStore(k.Consensus.ParamsStore)
	k.Account = authkeeper.NewAccountKeeper(cdc, a.store(authtypes.StoreKey), authtypes.ProtoBaseAccount, accountPermissions(), accounts, Bech32Prefix, authority)
	k.Bank = bankkeeper.NewBaseKeeper(cdc, a.store(banktypes.StoreKey), k.Account, blockedAddresses(), authority, logger)
	k.Staking = stakingkeeper.NewKeeper(cdc, a.store(stakingtypes.StoreKey), k.Account, k.Bank, authority, validators, address.NewBech32Codec(Bech32Prefix+"valcons"))
	k.Distr = distrkeeper.NewKeeper(cdc, a.store(distrtypes.StoreKey), k.Account, k.Bank, k.Staking, authtypes.FeeCollectorName, authority)
	k.Slashing = slashingkeeper.NewKeeper(cdc, a.encoding.Amino, a.store(slashingtypes.StoreKey), k.Staking, authority)
	k.Staking.SetHooks(stakingtypes.NewMultiStakingHooks(k.Distr.Hooks(), k.Slashing.Hooks()))
	k.Authz = authzkeeper.NewKeeper(a.store(authzkeeper.StoreKey), cdc, a.MsgServiceRouter(), k.Account)
	k.FeeGrant = feegrantkeeper.NewKeeper(cdc, a.store(feegrant.StoreKey), k.Account)
	k.Evidence = evidencekeeper.NewKeeper(cdc, a.store(evidencetypes.StoreKey), k.Staking, k.Slashing, accounts, runtime.ProvideCometInfoService())
	epochs := epochskeeper.NewKeeper(a.store(epochstypes.StoreKey), cdc)
	k.Epochs = &epochs
	k.Upgrade = newUpgradeKeeper(a, options)
	if k.AssayKeepers, err = newAssayKeepers(a, k); err != nil {
		return Keepers{}, fmt.Errorf("build Assay's keepers: %w", err)
	}
	k.Epochs.SetHooks(k.Emission.Hooks())
	k.Gov = newGovKeeper(a, k)
	return k, nil
}

// newGovKeeper builds gov over x/dao: it counts the votes, carries out what was decided, and refuses proposals that could not
// take effect.
func newGovKeeper(a *App, k Keepers) *govkeeper.Keeper {
	gov := govkeeper.NewKeeper(a.encoding.Codec, a.store(govtypes.StoreKey), k.Account, k.Bank, k.Distr, k.Dao.Router(),
		govtypes.DefaultConfig(), Authority(), k.Dao.Tally)
	gov.SetLegacyRouter(govv1beta1.NewRouter().AddRoute(govtypes.RouterKey, govv1beta1.ProposalHandler))
	return gov.SetHooks(daokeeper.NewGovHooks(k.Dao, gov))
}

// newUpgradeKeeper reads from the node's options which upgrades its operator wants skipped.
func newUpgradeKeeper(a *App, options servertypes.AppOptions) *upgradekeeper.Keeper {
	skip := map[int64]bool{}
	for _, height := range cast.ToIntSlice(options.Get(server.FlagUnsafeSkipUpgrades)) {
		skip[int64(height)] = true
	}
	home := cast.ToString(options.Get(flags.FlagHome))
	return upgradekeeper.NewKeeper(skip, a.store(upgradetypes.StoreKey), a.encoding.Codec, home, a.BaseApp, Authority())
}
