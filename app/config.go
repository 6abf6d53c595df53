// Package app wires Assay's modules into one application. It holds wiring only: what a module does is written in its own
// folder under x/.
package app

import (
	"os"
	"path/filepath"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

const (
	// Name is the application's name, as the node reports it.
	Name = "assay"
	// Bech32Prefix begins every account address.
	Bech32Prefix = "assay"
	// BaseDenom is the denomination of all amounts; 10^6 of it are one DisplayDenom.
	BaseDenom = "uassay"
	// DisplayDenom is the denomination shown to people.
	DisplayDenom = "assay"
	// DisplayExponent is the number of decimals between the two.
	DisplayExponent = 6
	// DefaultChainID is the chain id of a local network.
	DefaultChainID = "assay-local-1"
)

// DefaultNodeHome is the folder of a node that was given no --home: ~/.assayd, or .assayd in the working folder when the
// user has no home.
var DefaultNodeHome = nodeHome()

func nodeHome() string {
	home, err := os.UserHomeDir()
	if err != nil {
		return ".assayd"
	}
	return filepath.Join(home, ".assayd")
}

// The SDK reads its prefixes and its staking denomination from globals, also while packages initialise, so they are set
// before anything else of the application runs.
//
// It finds these globals by the names of the host and of the running file, anew at every address that is read: a node whose file was moved away
// under it, as upgrades do, or whose host was renamed, would go on with the SDK's own prefixes, refuse every address of this chain and
// leave consensus. With a scope of our own nothing of that matters, and 7 µs of each address are saved.
func init() {
	if err := os.Setenv(sdk.EnvConfigScope, Name); err != nil {
		panic(err)
	}
	config := sdk.GetConfig()
	config.SetBech32PrefixForAccount(Bech32Prefix, Bech32Prefix+"pub")
	config.SetBech32PrefixForValidator(Bech32Prefix+"valoper", Bech32Prefix+"valoperpub")
	config.SetBech32PrefixForConsensusNode(Bech32Prefix+"valcons", Bech32Prefix+"valconspub")
	sdk.DefaultBondDenom = BaseDenom
}
