// Package simulation makes random beacon traffic for the SDK's simulator: rounds of a development beacon, posted late, and
// parameters that change.
package simulation

import (
	"fmt"

	"github.com/cosmos/cosmos-sdk/types/module"

	"github.com/assaychain/assay/x/beacon/drand"
	"github.com/assaychain/assay/x/beacon/drand/devkey"
	"github.com/assaychain/assay/x/beacon/types"
)

// beacons is how many beacons a simulated network may follow, one after another.
const beacons = 3

// period of the simulated beacons in seconds, and their first moment.
const (
	period = 3
	start  = 1
)

// key is the secret of one of the simulated beacons.
func key(number int) (*devkey.Key, error) {
	seed := make([]byte, devkey.SeedSize)
	seed[0] = byte(number)
	return devkey.FromSeed(seed)
}

// chain describes one of the simulated beacons.
func chain(number int) (types.Chain, error) {
	secret, err := key(number)
	if err != nil {
		return types.Chain{}, err
	}
	return types.Chain{PublicKey: secret.PublicKey(), Period: period, GenesisTime: start, Scheme: drand.Scheme}, nil
}

// secretOf finds the secret of a beacon; false when it is no simulated one.
func secretOf(c types.Chain) (*devkey.Key, bool) {
	for number := range beacons {
		candidate, err := chain(number)
		if err != nil || !candidate.Same(c) {
			continue
		}
		secret, err := key(number)
		return secret, err == nil
	}
	return nil, false
}

// RandomizedGenState follows a development beacon. It panics as the SDK's simulations do: it has no other way to fail.
func RandomizedGenState(state *module.SimulationState) {
	followed, err := chain(0)
	if err != nil {
		panic(fmt.Errorf("simulated beacon: %w", err))
	}
	genesis := types.DefaultGenesis()
	genesis.Params.Chain = followed
	genesis.Params.MinDelaySeconds = uint64(1 + state.Rand.Intn(60))
	genesis.Params.HistorySeconds = uint64(types.MinHistory + state.Rand.Intn(types.DefaultHistory))
	genesis.Params.MaxPrunedPerBlock = uint32(1 + state.Rand.Intn(20))
	state.GenState[types.ModuleName] = state.Cdc.MustMarshalJSON(genesis)
}
