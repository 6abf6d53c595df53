package fuzz

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/core/appmodule"
	"cosmossdk.io/log/v2"

	simtestutil "github.com/cosmos/cosmos-sdk/testutil/sims"
	"github.com/cosmos/cosmos-sdk/types/module"

	"github.com/assaychain/assay/app"
)

var (
	fuzzed = regexp.MustCompile(`(?m)^func Fuzz\w*(Block|Hook|Epoch)\w*\(`)
	walked = regexp.MustCompile(`\w*faults\.Walk\(`)
)

// TestEveryHookIsFuzzedAndBroken: a module that runs in blocks has a fuzz target for its hook, and a test that breaks every store
// operation of it, in the package of its keeper.
func TestEveryHookIsFuzzedAndBroken(t *testing.T) {
	built, err := app.New(log.NewNopLogger(), dbm.NewMemDB(), true, simtestutil.NewAppOptionsWithFlagHome(t.TempDir()))
	require.NoError(t, err)
	hooked := 0
	for name, instance := range built.ModuleManager.Modules {
		path := reflect.TypeOf(instance).PkgPath()
		if !strings.HasPrefix(path, "github.com/assaychain/assay/x/") || !runs(instance) {
			continue
		}
		hooked++
		tests := sources(t, filepath.Join("..", "..", "x", name, "keeper"))
		require.Regexp(t, fuzzed, tests, "%s has a hook and no fuzz target for it: declare FuzzEndBlock in x/%s/keeper", name, name)
		require.Regexp(t, walked, tests, "%s has a hook that nothing breaks: call faults.Walk in x/%s/keeper", name, name)
	}
	require.GreaterOrEqual(t, hooked, 4)
}

// runs tells whether a module does something in every block.
func runs(instance any) bool {
	_, pre := instance.(appmodule.HasPreBlocker)
	_, begin := instance.(appmodule.HasBeginBlocker)
	_, end := instance.(appmodule.HasEndBlocker)
	_, updates := instance.(module.HasABCIEndBlock)
	return pre || begin || end || updates
}

// sources joins the tests of a package.
func sources(t *testing.T, folder string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	require.NoError(t, err)
	var all strings.Builder
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		all.Write(content)
	}
	return all.String()
}
