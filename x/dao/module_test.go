package dao_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"

	"github.com/assaychain/assay/x/dao"
	"github.com/assaychain/assay/x/dao/types"
)

// TestEveryMethodHasACommand: each query and message has a command with a text, a longer text and an example.
func TestEveryMethodHasACommand(t *testing.T) {
	options := dao.AppModule{}.AutoCLIOptions()
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
	module := dao.NewAppModule(cdc, nil)
	require.NoError(t, module.ValidateGenesis(cdc, nil, module.DefaultGenesis(cdc)))
	require.ErrorContains(t, module.ValidateGenesis(cdc, nil, json.RawMessage(`{"params":{}}`)), "time_lock")
	require.ErrorContains(t, module.ValidateGenesis(cdc, nil, json.RawMessage(`{"nonsense":1}`)), "dao genesis")
}
