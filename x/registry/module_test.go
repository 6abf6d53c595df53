package registry_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	gateway "github.com/cosmos/gogogateway"
	gwruntime "github.com/grpc-ecosystem/grpc-gateway/runtime"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/runtime"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/cosmos/cosmos-sdk/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"

	beacontypes "github.com/assaychain/assay/x/beacon/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
	"github.com/assaychain/assay/x/registry"
	"github.com/assaychain/assay/x/registry/keeper"
	"github.com/assaychain/assay/x/registry/types"
)

func TestMain(m *testing.M) {
	sdk.GetConfig().SetBech32PrefixForAccount("assay", "assaypub")
	os.Exit(m.Run())
}

// build returns a module over an empty store.
func build(t *testing.T) (sdk.Context, codec.Codec, *keeper.Keeper, registry.AppModule) {
	key := storetypes.NewKVStoreKey(types.StoreKey)
	ctx := testutil.DefaultContext(key, storetypes.NewTransientStoreKey("transient")).WithBlockTime(time.Unix(2_000_000_000, 0).UTC())
	interfaces := codectypes.NewInterfaceRegistry()
	cdc := codec.NewProtoCodec(interfaces)
	k, err := keeper.NewKeeper(cdc, runtime.NewKVStoreService(key), "authority",
		types.Ports{Bond: nothing{}, Penalty: nothing{}, Beacon: nothing{}, Bank: nothing{}})
	require.NoError(t, err)
	m := registry.NewAppModule(cdc, k)
	m.RegisterInterfaces(interfaces)
	return ctx, cdc, k, m
}

// nothing answers for modules that these tests don't ask.
type nothing struct{}

func (nothing) Bonded(context.Context, sdk.AccAddress) (math.Int, error)       { return math.ZeroInt(), nil }
func (nothing) SetRequirement(context.Context, sdk.AccAddress, math.Int) error { return nil }
func (nothing) SetScore(context.Context, sdk.AccAddress, uint64) error         { return nil }
func (nothing) IsJailed(context.Context, sdk.AccAddress) (bool, error)         { return false, nil }
func (nothing) Punish(context.Context, penaltytypes.Punishment) (penaltytypes.Record, error) {
	return penaltytypes.Record{}, nil
}
func (nothing) Fix(context.Context, string) (uint64, uint64, error) { return 1, 9, nil }
func (nothing) Ready(context.Context, string, uint32) ([]beacontypes.Request, error) {
	return nil, nil
}
func (nothing) Done(context.Context, string, uint64, uint64) error { return nil }
func (nothing) Randomness(context.Context, uint64, uint64) ([]byte, bool, error) {
	return nil, false, nil
}
func (nothing) Generation(context.Context) (uint64, error) { return 1, nil }
func (nothing) BlockedAddr(sdk.AccAddress) bool            { return false }

var id = strings.Repeat("00", types.DeviceIDSize)

// state is a genesis state with an operator and its device.
func state() *types.GenesisState {
	owner := sdk.AccAddress("owner_______________").String()
	genesis := types.DefaultGenesis()
	genesis.Operators = []types.Operator{{Address: owner, PayoutAddress: owner, Moniker: "Nice GPUs", Endpoint: "http://a", Devices: 1}}
	genesis.Devices = []types.Device{{
		Id: make([]byte, types.DeviceIDSize), Operator: owner, Model: "Nice model", Class: types.DEVICE_CLASS_CPU, Backend: types.BACKEND_CPU,
		MemoryMib: 1, Lanes: 2, InUse: 1, Price: math.NewInt(3), Available: true, RegisteredAt: time.Unix(1_999_999_999, 0).UTC(),
	}}
	genesis.Places = []types.Place{{Device: genesis.Devices[0].Id, Operator: owner}}
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

// TestExamplesNameEnumsAsTheCommandLineDoes: by its lower-case name without the enum's own.
func TestExamplesNameEnumsAsTheCommandLineDoes(t *testing.T) {
	_, _, _, m := build(t)
	options, found := m.AutoCLIOptions(), 0
	for flag, enum := range map[string]struct {
		prefix string
		values map[string]int32
	}{
		"--class":   {"DEVICE_CLASS_", types.DeviceClass_value},
		"--backend": {"BACKEND_", types.Backend_value},
		"--state":   {"CHECK_STATE_", types.CheckState_value},
	} {
		for _, command := range append(options.Query.RpcCommandOptions, options.Tx.RpcCommandOptions...) {
			words := strings.Fields(command.Example)
			if at := slices.Index(words, flag); at >= 0 {
				found++
				require.Equal(t, strings.ToLower(words[at+1]), words[at+1])
				require.Contains(t, enum.values, enum.prefix+strings.ToUpper(strings.ReplaceAll(words[at+1], "-", "_")), command.Example)
			}
		}
	}
	require.GreaterOrEqual(t, found, 4)
}

func TestRoutesAnswer(t *testing.T) {
	ctx, _, k, _ := build(t)
	require.NoError(t, k.InitGenesis(ctx, state()))
	mux := gwruntime.NewServeMux(gwruntime.WithMarshalerOption(gwruntime.MIMEWildcard, &gateway.JSONPb{OrigName: true, EmitDefaults: true}))
	require.NoError(t, types.RegisterQueryHandlerServer(ctx, mux, keeper.NewQueryServer(k)))
	owner := state().Operators[0].Address
	for path, want := range map[string]string{
		"/assay/registry/v1/params":                    `"max_devices_per_operator":64`,
		"/assay/registry/v1/operators/" + owner:        `"moniker":"Nice GPUs"`,
		"/assay/registry/v1/operators":                 `"moniker":"Nice GPUs"`,
		"/assay/registry/v1/devices/" + id:             `"model":"Nice model"`,
		"/assay/registry/v1/devices":                   `"model":"Nice model"`,
		"/assay/registry/v1/devices?operator=" + owner: `"model":"Nice model"`,
	} {
		recorder := httptest.NewRecorder()
		mux.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil).WithContext(ctx))
		require.Equal(t, http.StatusOK, recorder.Code, path)
		require.Contains(t, recorder.Body.String(), want, path)
	}
	for _, path := range []string{"/assay/registry/v1/spot_checks", "/assay/registry/v1/spot_checks?operator=" + owner, "/assay/registry/v1/spot_checks?state=6"} {
		recorder := httptest.NewRecorder()
		mux.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil).WithContext(ctx))
		require.Equal(t, http.StatusOK, recorder.Code, path)
		require.Contains(t, recorder.Body.String(), `"checks":[]`, path)
	}
	recorder := httptest.NewRecorder()
	mux.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/assay/registry/v1/spot_checks/"+id, nil).WithContext(ctx))
	require.Equal(t, http.StatusNotFound, recorder.Code)
	recorder = httptest.NewRecorder()
	mux.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/assay/registry/v1/devices/1111111111111111111111111111111111111111111111111111111111111111", nil).WithContext(ctx))
	require.Equal(t, http.StatusNotFound, recorder.Code)
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
