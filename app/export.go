package app

import (
	"encoding/json"
	"errors"
	"fmt"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"

	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	"github.com/cosmos/cosmos-sdk/x/staking"
)

// Export writes the state at the latest height as a genesis file's content. Only named modules when any are named.
// Restarting at height zero would void every deadline and unbonding of the market, so it is refused.
func (a *App) Export(forZeroHeight bool, modules []string) (servertypes.ExportedApp, error) {
	if forZeroHeight {
		return servertypes.ExportedApp{}, errors.New("export for height zero is not supported: the exported state keeps its height")
	}
	ctx := a.NewContextLegacy(true, cmtproto.Header{Height: a.LastBlockHeight()})
	genesis, err := a.ModuleManager.ExportGenesisForModules(ctx, a.encoding.Codec, modules)
	if err != nil {
		return servertypes.ExportedApp{}, fmt.Errorf("export the modules' state: %w", err)
	}
	state, err := json.MarshalIndent(genesis, "", "  ")
	if err != nil {
		return servertypes.ExportedApp{}, fmt.Errorf("encode the exported state: %w", err)
	}
	validators, err := staking.WriteValidators(ctx, a.Staking)
	return servertypes.ExportedApp{
		AppState: state, Validators: validators, Height: a.LastBlockHeight() + 1, ConsensusParams: a.GetConsensusParams(ctx),
	}, err
}
