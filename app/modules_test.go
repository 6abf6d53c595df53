package app

import (
	"slices"
	"testing"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/core/appmodule"
	"cosmossdk.io/log/v2"

	simtestutil "github.com/cosmos/cosmos-sdk/testutil/sims"
	"github.com/cosmos/cosmos-sdk/types/msgservice"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
)

// hooks tells in which phases an instance runs.
func hooks(instance any) [phases]bool {
	_, pre := instance.(appmodule.HasPreBlocker)
	_, begin := instance.(appmodule.HasBeginBlocker)
	_, end := instance.(appmodule.HasEndBlocker)
	if other, ok := instance.(interface{ EndBlockerReturnsUpdates() }); ok {
		_ = other
		end = true
	}
	return [phases]bool{preBlock: pre, beginBlock: begin, endBlock: end}
}

func newTestApp(t *testing.T) *App {
	t.Helper()
	chain, err := New(log.NewNopLogger(), dbm.NewMemDB(), true, simtestutil.NewAppOptionsWithFlagHome(t.TempDir()))
	require.NoError(t, err)
	return chain
}

func TestTableNamesEveryModuleOnce(t *testing.T) {
	chain := newTestApp(t)
	names := moduleNames()
	require.Len(t, names, len(chain.ModuleManager.Modules))
	for name := range chain.ModuleManager.Modules {
		require.Contains(t, names, name)
	}
	slices.Sort(names)
	require.Equal(t, names, slices.Compact(slices.Clone(names)), "a module is in the table twice")
}

func TestTableRunsEveryModuleThatHasAHook(t *testing.T) {
	chain := newTestApp(t)
	for _, e := range table {
		for p, runs := range hooks(chain.ModuleManager.Modules[e.name]) {
			if runs {
				require.Positive(t, e.rank[p], "%s has a hook in phase %d and no rank", e.name, p)
			}
		}
	}
}

func TestRanksAreDistinct(t *testing.T) {
	for p := range phases {
		seen := map[int]string{}
		for _, e := range table {
			if rank := e.rank[p]; rank > 0 {
				require.Empty(t, seen[rank], "%s and %s share rank %d in phase %d", seen[rank], e.name, rank, p)
				seen[rank] = e.name
			}
		}
	}
}

func TestStoresAreDistinct(t *testing.T) {
	keys := storeKeys()
	slices.Sort(keys)
	require.Equal(t, keys, slices.Compact(slices.Clone(keys)))
}

func TestModuleAccountsRefuseCoins(t *testing.T) {
	blocked := blockedAddresses()
	for _, e := range table {
		for _, a := range e.accounts {
			require.True(t, blocked[authtypes.NewModuleAddress(a.name).String()], a.name)
		}
	}
	require.Len(t, accountPermissions(), 11)
}

// A service without its annotation, or a message without a signer, would be accepted by the router and fail at the first use.
// The schemas are the same at every start, so that a node need not spend its time on it.
func TestSchemasAreAnnotated(t *testing.T) {
	files, err := proto.MergedRegistry()
	require.NoError(t, err)
	require.NoError(t, msgservice.ValidateProtoAnnotations(files))
}

func TestDefaultGenesisIsValid(t *testing.T) {
	chain := newTestApp(t)
	state := chain.BasicManager().DefaultGenesis(chain.Encoding().Codec)
	require.NoError(t, chain.BasicManager().ValidateGenesis(chain.Encoding().Codec, chain.Encoding().TxConfig, state))
}
