package app

import (
	"github.com/cosmos/cosmos-sdk/types/module"
	"github.com/cosmos/cosmos-sdk/x/auth"
	authsims "github.com/cosmos/cosmos-sdk/x/auth/simulation"
	"github.com/cosmos/cosmos-sdk/x/auth/vesting"
	authzmodule "github.com/cosmos/cosmos-sdk/x/authz/module"
	"github.com/cosmos/cosmos-sdk/x/bank"
	"github.com/cosmos/cosmos-sdk/x/consensus"
	distr "github.com/cosmos/cosmos-sdk/x/distribution"
	"github.com/cosmos/cosmos-sdk/x/epochs"
	"github.com/cosmos/cosmos-sdk/x/evidence"
	feegrantmodule "github.com/cosmos/cosmos-sdk/x/feegrant/module"
	"github.com/cosmos/cosmos-sdk/x/genutil"
	"github.com/cosmos/cosmos-sdk/x/gov"
	"github.com/cosmos/cosmos-sdk/x/slashing"
	"github.com/cosmos/cosmos-sdk/x/staking"
	"github.com/cosmos/cosmos-sdk/x/upgrade"

	"github.com/assaychain/assay/x/beacon"
	"github.com/assaychain/assay/x/bond"
	"github.com/assaychain/assay/x/dao"
	"github.com/assaychain/assay/x/emission"
	"github.com/assaychain/assay/x/escrow"
	"github.com/assaychain/assay/x/market"
	"github.com/assaychain/assay/x/penalty"
	"github.com/assaychain/assay/x/proofs"
	"github.com/assaychain/assay/x/registry"
)

// modules instantiates every module of the table.
func (a *App) modules() []module.AppModule {
	cdc, interfaces := a.encoding.Codec, a.encoding.InterfaceRegistry
	return []module.AppModule{
		genutil.NewAppModule(a.Account, a.Staking, a, a.encoding.TxConfig),
		auth.NewAppModule(cdc, a.Account, authsims.RandomGenesisAccounts),
		vesting.NewAppModule(a.Account, a.Bank),
		bank.NewAppModule(cdc, a.Bank, a.Account),
		gov.NewAppModule(cdc, a.Gov, a.Account, a.Bank),
		slashing.NewAppModule(cdc, a.Slashing, a.Account, a.Bank, a.Staking, interfaces),
		distr.NewAppModule(cdc, a.Distr, a.Account, a.Bank, a.Staking),
		staking.NewAppModule(cdc, a.Staking, a.Account, a.Bank),
		upgrade.NewAppModule(a.Upgrade, a.Account.AddressCodec()),
		evidence.NewAppModule(*a.Evidence),
		authzmodule.NewAppModule(cdc, a.Authz, a.Account, a.Bank, interfaces),
		feegrantmodule.NewAppModule(cdc, a.Account, a.Bank, a.FeeGrant, interfaces),
		consensus.NewAppModule(cdc, a.Consensus),
		epochs.NewAppModule(a.Epochs),

		bond.NewAppModule(cdc, a.Bond),
		dao.NewAppModule(cdc, a.Dao),
		escrow.NewAppModule(cdc, a.Escrow),
		beacon.NewAppModule(cdc, a.Beacon),
		proofs.NewAppModule(cdc, a.Proofs),
		penalty.NewAppModule(cdc, a.Penalty),
		registry.NewAppModule(cdc, a.Registry),
		emission.NewAppModule(cdc, a.Emission),
		market.NewAppModule(cdc, a.Market),
	}
}
