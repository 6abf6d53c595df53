package app

import (
	"fmt"

	corestore "cosmossdk.io/core/store"

	"github.com/cosmos/cosmos-sdk/runtime"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	beaconkeeper "github.com/assaychain/assay/x/beacon/keeper"
	beacontypes "github.com/assaychain/assay/x/beacon/types"
	bondkeeper "github.com/assaychain/assay/x/bond/keeper"
	bondtypes "github.com/assaychain/assay/x/bond/types"
	daokeeper "github.com/assaychain/assay/x/dao/keeper"
	daotypes "github.com/assaychain/assay/x/dao/types"
	emissionkeeper "github.com/assaychain/assay/x/emission/keeper"
	emissiontypes "github.com/assaychain/assay/x/emission/types"
	escrowkeeper "github.com/assaychain/assay/x/escrow/keeper"
	escrowtypes "github.com/assaychain/assay/x/escrow/types"
	marketkeeper "github.com/assaychain/assay/x/market/keeper"
	markettypes "github.com/assaychain/assay/x/market/types"
	penaltykeeper "github.com/assaychain/assay/x/penalty/keeper"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
	proofskeeper "github.com/assaychain/assay/x/proofs/keeper"
	proofstypes "github.com/assaychain/assay/x/proofs/types"
	registrykeeper "github.com/assaychain/assay/x/registry/keeper"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// AssayKeepers are the keepers of this project's own modules.
type AssayKeepers struct {
	Bond     *bondkeeper.Keeper
	Dao      *daokeeper.Keeper
	Escrow   *escrowkeeper.Keeper
	Beacon   *beaconkeeper.Keeper
	Proofs   *proofskeeper.Keeper
	Penalty  *penaltykeeper.Keeper
	Registry *registrykeeper.Keeper
	Emission *emissionkeeper.Keeper
	Market   *marketkeeper.Keeper
}

// newAssayKeepers builds the keepers floor by floor: each gets what lies below it.
func newAssayKeepers(a *App, sdk Keepers) (k AssayKeepers, err error) {
	cdc, authority := a.encoding.Codec, Authority()
	if k.Bond, err = bondkeeper.NewKeeper(cdc, a.store(bondtypes.StoreKey), authority, bondtypes.Ports{Bank: sdk.Bank, Accounts: sdk.Account}); err != nil {
		return k, fmt.Errorf("bond: %w", err)
	}
	if k.Dao, err = daokeeper.NewKeeper(cdc, a.store(daotypes.StoreKey), authority, daotypes.Ports{
		Staking: sdk.Staking, Bond: k.Bond, Bank: sdk.Bank, Accounts: sdk.Account, Messages: a.MsgServiceRouter(), Queries: a.GRPCQueryRouter(),
	}); err != nil {
		return k, fmt.Errorf("dao: %w", err)
	}
	if k.Escrow, err = escrowkeeper.NewKeeper(cdc, a.store(escrowtypes.StoreKey), authority, escrowtypes.Ports{Bank: sdk.Bank, Accounts: sdk.Account, Pool: k.Dao, Grants: sdk.Authz}); err != nil {
		return k, fmt.Errorf("escrow: %w", err)
	}
	if k.Beacon, err = beaconkeeper.NewKeeper(cdc, a.store(beacontypes.StoreKey), authority); err != nil {
		return k, fmt.Errorf("beacon: %w", err)
	}
	if k.Proofs, err = proofskeeper.NewKeeper(cdc, a.store(proofstypes.StoreKey), authority); err != nil {
		return k, fmt.Errorf("proofs: %w", err)
	}
	if k.Penalty, err = penaltykeeper.NewKeeper(cdc, a.store(penaltytypes.StoreKey), authority, penaltytypes.Ports{Bond: k.Bond, Bank: sdk.Bank, Accounts: sdk.Account}); err != nil {
		return k, fmt.Errorf("penalty: %w", err)
	}
	if k.Registry, err = registrykeeper.NewKeeper(cdc, a.store(registrytypes.StoreKey), authority, registrytypes.Ports{Bond: k.Bond, Penalty: k.Penalty, Beacon: k.Beacon, Bank: sdk.Bank}); err != nil {
		return k, fmt.Errorf("registry: %w", err)
	}
	k.Emission, err = emissionkeeper.NewKeeper(cdc, a.store(emissiontypes.StoreKey), authority, emissiontypes.Ports{
		Bond: k.Bond, Bank: sdk.Bank, Accounts: sdk.Account, Treasury: k.Dao, FeeCollector: authtypes.FeeCollectorName,
	})
	if err != nil {
		return k, fmt.Errorf("emission: %w", err)
	}
	systems, err := proofSystems(k.Proofs)
	if err != nil {
		return k, err
	}
	k.Market, err = marketkeeper.NewKeeper(cdc, a.store(markettypes.StoreKey), authority, markettypes.Ports{
		Bond: k.Bond, Escrow: k.Escrow, Registry: k.Registry, Penalty: k.Penalty, Proofs: k.Proofs, Beacon: k.Beacon,
		Systems: systems,
	})
	if err != nil {
		return k, fmt.Errorf("market: %w", err)
	}
	return k, nil
}

// A model's circuit may be for the operators of a pool: without the method nobody would ask.
var _ markettypes.Restricted = (*proofskeeper.Model)(nil)

// proofSystems are the levels of assurance that jobs may ask for.
func proofSystems(k *proofskeeper.Keeper) (*markettypes.ProofSystems, error) {
	systems := &markettypes.ProofSystems{}
	for level, system := range []markettypes.ProofSystem{
		markettypes.ASSURANCE_SAMPLED:  k.Sampled(),
		markettypes.ASSURANCE_REVEALED: proofskeeper.Revealed{},
		markettypes.ASSURANCE_MODEL:    k.Model(),
		markettypes.ASSURANCE_FULL:     k.Full(),
	} {
		if err := systems.Register(markettypes.Assurance(level), system); err != nil {
			return nil, err
		}
	}
	return systems, systems.Seal()
}

// store returns the store of a module in the table.
func (a *App) store(key string) corestore.KVStoreService {
	return runtime.NewKVStoreService(a.keys[key])
}
