package command

import (
	"encoding/json"
	"fmt"

	"github.com/cosmos/gogoproto/proto"
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/assaychain/assay/offchain-worker/drand"
	chaindrand "github.com/assaychain/assay/x/beacon/drand"
	beacontypes "github.com/assaychain/assay/x/beacon/types"
)

// genesisBeacon names the randomness beacon in the genesis file.
func genesisBeacon() *cobra.Command {
	var url string
	cmd := &cobra.Command{
		Use:     "set-beacon URL",
		Short:   "Name the randomness beacon in the genesis file, as its HTTP endpoint describes it",
		Example: "assayd genesis set-beacon http://127.0.0.1:26700",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			url = args[0]
			info, err := drand.FetchInfo(cmd.Context(), url)
			if err != nil {
				return WithExitCode(ExitUsage, err)
			}
			return editGenesis(cmd, func(file *genutiltypes.AppGenesis) error {
				return editModule(cmd, file, beacontypes.ModuleName, func(g *beacontypes.GenesisState) {
					g.Params.Chain = BeaconChain(info)
				})
			})
		},
	}
	return cmd
}

// BeaconChain describes a beacon as the chain's parameters do.
func BeaconChain(info chaindrand.Info) beacontypes.Chain {
	return beacontypes.Chain{
		PublicKey: info.PublicKey, Period: uint64(info.Period), GenesisTime: info.Genesis, Scheme: info.Scheme,
	}
}

// editModule changes one module's part of a genesis file.
func editModule[G any, P interface {
	*G
	proto.Message
}](cmd *cobra.Command, file *genutiltypes.AppGenesis, module string, change func(P)) error {
	codec := client.GetClientContextFromCmd(cmd).Codec
	var modules map[string]json.RawMessage
	if err := json.Unmarshal(file.AppState, &modules); err != nil {
		return fmt.Errorf("genesis app_state is not a JSON object: %w", err)
	}
	state := P(new(G))
	if err := codec.UnmarshalJSON(modules[module], state); err != nil {
		return fmt.Errorf("decode the genesis of %s: %w", module, err)
	}
	change(state)
	content, err := codec.MarshalJSON(state)
	if err != nil {
		return fmt.Errorf("encode the genesis of %s: %w", module, err)
	}
	modules[module] = content
	file.AppState, err = json.Marshal(modules)
	return err
}
