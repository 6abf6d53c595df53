package proofs_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	gateway "github.com/cosmos/gogogateway"
	gwruntime "github.com/grpc-ecosystem/grpc-gateway/runtime"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/runtime"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/cosmos/cosmos-sdk/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/proofs"
	"github.com/assaychain/assay/x/proofs/keeper"
	"github.com/assaychain/assay/x/proofs/types"
)

func TestMain(m *testing.M) {
	sdk.GetConfig().SetBech32PrefixForAccount("assay", "assaypub")
	os.Exit(m.Run())
}

// build returns a module over an empty store.
func build(t *testing.T) (sdk.Context, codec.Codec, *keeper.Keeper, proofs.AppModule) {
	key := storetypes.NewKVStoreKey(types.StoreKey)
	ctx := testutil.DefaultContext(key, storetypes.NewTransientStoreKey("transient")).WithBlockTime(time.Unix(2_000_000_000, 0).UTC())
	interfaces := codectypes.NewInterfaceRegistry()
	cdc := codec.NewProtoCodec(interfaces)
	k, err := keeper.NewKeeper(cdc, runtime.NewKVStoreService(key), "authority")
	require.NoError(t, err)
	m := proofs.NewAppModule(cdc, k)
	m.RegisterInterfaces(interfaces)
	return ctx, cdc, k, m
}

// state is a genesis state with parameters of its own.
func state() *types.GenesisState {
	genesis := types.DefaultGenesis()
	genesis.Params.UnitsPerBlock++
	return genesis
}

func TestEveryMethodHasACommandWithHelp(t *testing.T) {
	_, _, _, m := build(t)
	options := m.AutoCLIOptions()
	for service, described := range map[*grpc.ServiceDesc]*autocliv1.ServiceCommandDescriptor{
		&types.Query_serviceDesc: options.Query, &types.Msg_serviceDesc: options.Tx,
	} {
		require.Equal(t, service.ServiceName, described.Service)
		commands := map[string]*autocliv1.RpcCommandOptions{}
		for _, command := range described.RpcCommandOptions {
			commands[command.RpcMethod] = command
		}
		require.Len(t, commands, len(service.Methods))
		for _, method := range service.Methods {
			command := commands[method.MethodName]
			require.NotNil(t, command, method.MethodName)
			for _, text := range []string{command.Use, command.Short, command.Long, command.Example} {
				require.NotEmpty(t, text, method.MethodName)
			}
		}
	}
}

func TestRoutesAnswer(t *testing.T) {
	ctx, _, k, _ := build(t)
	require.NoError(t, k.InitGenesis(ctx, state()))
	mux := gwruntime.NewServeMux(gwruntime.WithMarshalerOption(gwruntime.MIMEWildcard, &gateway.JSONPb{OrigName: true, EmitDefaults: true}))
	require.NoError(t, types.RegisterQueryHandlerServer(ctx, mux, keeper.NewQueryServer(k)))
	for path, want := range map[string]string{
		"/assay/proofs/v1/params":   `"units_per_block":"400001"`,
		"/assay/proofs/v1/circuits": `"circuits":[]`,
	} {
		recorder := httptest.NewRecorder()
		mux.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil).WithContext(ctx))
		require.Equal(t, http.StatusOK, recorder.Code, path)
		require.Contains(t, recorder.Body.String(), want, path)
	}
	recorder := httptest.NewRecorder()
	mux.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/assay/proofs/v1/circuits/opening-256", nil).WithContext(ctx))
	require.Equal(t, http.StatusNotFound, recorder.Code)
	require.Contains(t, recorder.Body.String(), "circuit not found")
}

func TestGenesisThroughTheModule(t *testing.T) {
	ctx, cdc, _, m := build(t)
	require.NoError(t, m.ValidateGenesis(cdc, nil, m.DefaultGenesis(cdc)))
	require.Error(t, m.ValidateGenesis(cdc, nil, json.RawMessage(`{"unknown":1}`)))
	require.Error(t, m.ValidateGenesis(cdc, nil, json.RawMessage(`{}`)), "parameters are missing")
	require.Panics(t, func() { m.InitGenesis(ctx, cdc, json.RawMessage(`{}`)) })

	given := json.RawMessage(cdc.MustMarshalJSON(state()))
	m.InitGenesis(ctx, cdc, given)
	require.JSONEq(t, string(given), string(m.ExportGenesis(ctx, cdc)))
	require.Equal(t, string(given), string(m.ExportGenesis(ctx, cdc)))
	require.EqualValues(t, 1, m.ConsensusVersion())
}
