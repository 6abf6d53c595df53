package app

import (
	"cmp"
	"slices"

	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	vestingtypes "github.com/cosmos/cosmos-sdk/x/auth/vesting/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	authzkeeper "github.com/cosmos/cosmos-sdk/x/authz/keeper"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	epochstypes "github.com/cosmos/cosmos-sdk/x/epochs/types"
	evidencetypes "github.com/cosmos/cosmos-sdk/x/evidence/types"
	"github.com/cosmos/cosmos-sdk/x/feegrant"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"

	beacontypes "github.com/assaychain/assay/x/beacon/types"
	bondtypes "github.com/assaychain/assay/x/bond/types"
	daotypes "github.com/assaychain/assay/x/dao/types"
	emissiontypes "github.com/assaychain/assay/x/emission/types"
	escrowtypes "github.com/assaychain/assay/x/escrow/types"
	markettypes "github.com/assaychain/assay/x/market/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
	proofstypes "github.com/assaychain/assay/x/proofs/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// phase is a point of a block at which modules run.
type phase int

const (
	preBlock phase = iota
	beginBlock
	endBlock
	phases
)

// account is a module account and what it may do to the supply.
type account struct {
	name        string
	permissions []string
}

// entry is a module's line in the table.
type entry struct {
	name     string
	store    string
	accounts []account
	// Rank in each phase, from 1; 0 means that the module doesn't run then.
	rank [phases]int
}

// table lists the modules in the order in which genesis is loaded. Stores, account permissions, blocked addresses and
// the orders of every phase are derived from it and nothing else.
//
// Order matters in these places: upgrade runs before all; distribution empties the fee pool before slashing and staking
// change validators; genutil delivers the genesis transactions after staking; dao carries out what is due right after gov's
// votes, before anything else of the block ends; market comes after every module it calls,
// and ends its block last.
var table = []entry{
	{name: authtypes.ModuleName, store: authtypes.StoreKey, accounts: []account{{name: authtypes.FeeCollectorName}}, rank: [phases]int{preBlock: 2}},
	{name: banktypes.ModuleName, store: banktypes.StoreKey, rank: [phases]int{endBlock: 4}},
	{name: distrtypes.ModuleName, store: distrtypes.StoreKey, accounts: []account{{name: distrtypes.ModuleName}}, rank: [phases]int{beginBlock: 2}},
	{name: stakingtypes.ModuleName, store: stakingtypes.StoreKey, accounts: []account{
		{name: stakingtypes.BondedPoolName, permissions: []string{authtypes.Burner, authtypes.Staking}},
		{name: stakingtypes.NotBondedPoolName, permissions: []string{authtypes.Burner, authtypes.Staking}},
		{name: stakingtypes.KeyRotationFeePoolName, permissions: []string{authtypes.Burner}},
	}, rank: [phases]int{beginBlock: 5, endBlock: 3}},
	{name: slashingtypes.ModuleName, store: slashingtypes.StoreKey, rank: [phases]int{beginBlock: 3}},
	{name: govtypes.ModuleName, store: govtypes.StoreKey, accounts: []account{{name: govtypes.ModuleName, permissions: []string{authtypes.Burner}}}, rank: [phases]int{endBlock: 1}},
	{name: genutiltypes.ModuleName},
	{name: evidencetypes.ModuleName, store: evidencetypes.StoreKey, rank: [phases]int{beginBlock: 4}},
	{name: authz.ModuleName, store: authzkeeper.StoreKey, rank: [phases]int{beginBlock: 6}},
	{name: feegrant.ModuleName, store: feegrant.StoreKey, rank: [phases]int{endBlock: 5}},
	{name: upgradetypes.ModuleName, store: upgradetypes.StoreKey, rank: [phases]int{preBlock: 1}},
	{name: vestingtypes.ModuleName},
	{name: consensustypes.ModuleName, store: consensustypes.StoreKey},
	{name: epochstypes.ModuleName, store: epochstypes.StoreKey, rank: [phases]int{beginBlock: 1}},

	{name: bondtypes.ModuleName, store: bondtypes.StoreKey, accounts: []account{{name: bondtypes.ModuleName}}, rank: [phases]int{endBlock: 7}},
	{name: daotypes.ModuleName, store: daotypes.StoreKey, accounts: []account{{name: daotypes.ModuleName}}, rank: [phases]int{endBlock: 2}},
	{name: escrowtypes.ModuleName, store: escrowtypes.StoreKey, accounts: []account{{name: escrowtypes.ModuleName, permissions: []string{authtypes.Burner}}}, rank: [phases]int{endBlock: 9}},
	{name: beacontypes.ModuleName, store: beacontypes.StoreKey, rank: [phases]int{endBlock: 6}},
	{name: proofstypes.ModuleName, store: proofstypes.StoreKey},
	{name: penaltytypes.ModuleName, store: penaltytypes.StoreKey, accounts: []account{{name: penaltytypes.ModuleName, permissions: []string{authtypes.Burner}}}, rank: [phases]int{endBlock: 8}},
	{name: registrytypes.ModuleName, store: registrytypes.StoreKey, rank: [phases]int{endBlock: 10}},
	{name: emissiontypes.ModuleName, store: emissiontypes.StoreKey, accounts: []account{{name: emissiontypes.ModuleName, permissions: []string{authtypes.Minter}}}},
	{name: markettypes.ModuleName, store: markettypes.StoreKey, rank: [phases]int{beginBlock: 7, endBlock: 11}},
}

// moduleNames returns every module in table order.
func moduleNames() []string {
	names := make([]string, 0, len(table))
	for _, e := range table {
		names = append(names, e.name)
	}
	return names
}

// storeKeys returns the stores in table order.
func storeKeys() []string {
	var keys []string
	for _, e := range table {
		if e.store != "" {
			keys = append(keys, e.store)
		}
	}
	return keys
}

// ordered returns the modules that run in a phase, by rank.
func ordered(p phase) []string {
	var running []entry
	for _, e := range table {
		if e.rank[p] > 0 {
			running = append(running, e)
		}
	}
	slices.SortStableFunc(running, func(a, b entry) int { return cmp.Compare(a.rank[p], b.rank[p]) })
	names := make([]string, 0, len(running))
	for _, e := range running {
		names = append(names, e.name)
	}
	return names
}

// accountPermissions returns what each module account may do to the supply.
func accountPermissions() map[string][]string {
	permissions := map[string][]string{}
	for _, e := range table {
		for _, a := range e.accounts {
			permissions[a.name] = a.permissions
		}
	}
	return permissions
}

// blockedAddresses returns the module accounts, which refuse coins that users send: a module's balance is what its books
// say, and an exported state could not be imported otherwise.
func blockedAddresses() map[string]bool {
	blocked := map[string]bool{}
	for _, e := range table {
		for _, a := range e.accounts {
			blocked[authtypes.NewModuleAddress(a.name).String()] = true
		}
	}
	return blocked
}
