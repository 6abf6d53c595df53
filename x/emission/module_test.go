package emission_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/types/module"

	"github.com/assaychain/assay/x/emission"
	"github.com/assaychain/assay/x/emission/types"
)

// TestEveryMethodHasACommand: each query and message has a command with a text, a longer text and an example, derived or its own.
func TestEveryMethodHasACommand(t *testing.T) {
	options := emission.AppModule{}.AutoCLIOptions()
	own, _, err := emission.AppModule{}.GetQueryCmd().Find([]string{"schedule"})
	require.NoError(t, err)
	require.Contains(t, own.Example, "assayd query emission schedule --plot")
	check := func(service *autocliv1.ServiceCommandDescriptor, desc grpc.ServiceDesc) {
		require.Equal(t, desc.ServiceName, service.Service)
		require.Len(t, service.RpcCommandOptions, len(desc.Methods))
		commands := map[string]*autocliv1.RpcCommandOptions{}
		for _, command := range service.RpcCommandOptions {
			commands[command.RpcMethod] = command
		}
		for _, method := range desc.Methods {
			command := commands[method.MethodName]
			require.NotNil(t, command, method.MethodName)
			if command.Skip {
				require.Equal(t, "Schedule", method.MethodName)
				continue
			}
			require.NotEmpty(t, command.Use)
			require.NotEmpty(t, command.Short)
			require.NotEmpty(t, command.Long)
			require.Contains(t, command.Example, "assayd ")
		}
	}
	check(options.Query, types.Query_serviceDesc)
	check(options.Tx, types.Msg_serviceDesc)
}

func TestGenesisJSON(t *testing.T) {
	cdc := codec.NewProtoCodec(codectypes.NewInterfaceRegistry())
	m := emission.NewAppModule(cdc, nil)
	require.NoError(t, m.ValidateGenesis(cdc, nil, m.DefaultGenesis(cdc)))
	require.ErrorContains(t, m.ValidateGenesis(cdc, nil, json.RawMessage(`{"params":{}}`)), "denom")
	require.ErrorContains(t, m.ValidateGenesis(cdc, nil, json.RawMessage(`{"nonsense":1}`)), "emission genesis")
	require.EqualValues(t, 1, m.ConsensusVersion())

	state := &module.SimulationState{Cdc: cdc, GenState: map[string]json.RawMessage{}}
	m.GenerateGenesisState(state)
	require.NoError(t, m.ValidateGenesis(cdc, nil, state.GenState[types.ModuleName]))
}
