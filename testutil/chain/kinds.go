package chain

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/baseapp/blockexec"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	simtestutil "github.com/cosmos/cosmos-sdk/testutil/sims"

	"github.com/assaychain/assay/app"
)

// Kind is a way to run an instance.
type Kind int

const (
	// Plain sees every transaction twice, as a node with a mempool does.
	Plain Kind = iota
	// Restarted is built anew from its database before each block.
	Restarted
	// Blind sees a transaction only in its block.
	Blind
	// Parallel runs a block's transactions at the same time, with the SDK's Block-STM executor.
	Parallel
)

// names of the kinds, as the flag takes them.
var names = map[Kind]string{Plain: "plain", Restarted: "restarted", Blind: "blind", Parallel: "parallel"}

// String returns the kind's name.
func (k Kind) String() string { return names[k] }

// SiblingsVariable is the environment variable that says what the flag -siblings says, for tests of several packages at once.
const SiblingsVariable = "ASSAY_SIBLINGS"

var wanted = flag.String("siblings", os.Getenv(SiblingsVariable),
	"kinds of instances that every test chain runs beside the plain one: restarted, blind, parallel, separated by commas")

// workers of the parallel executor: more than one even on a machine with one processor.
const workers = 4

// ParseKinds reads a list of kinds.
func ParseKinds(list string) ([]Kind, error) {
	var kinds []Kind
	for _, name := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' }) {
		kind := Kind(-1)
		for k, known := range names {
			if known == strings.TrimSpace(name) && k != Plain {
				kind = k
			}
		}
		if kind < 0 {
			return nil, fmt.Errorf("%q is no kind of sibling: use restarted, blind, parallel", name)
		}
		kinds = append(kinds, kind)
	}
	return kinds, nil
}

// kinds lists the instances of a chain: the plain one, those the test asks for and those the flag asks for, each once.
func (c *Chain) kinds(asked []Kind) []Kind {
	c.t.Helper()
	flagged, err := ParseKinds(*wanted)
	require.NoError(c.t, err)
	list := []Kind{Plain}
	for _, kind := range append(slices.Clone(asked), flagged...) {
		if !slices.Contains(list, kind) {
			list = append(list, kind)
		}
	}
	return list
}

// load builds an instance from its database.
func (c *Chain) load(i *instance) {
	c.t.Helper()
	var logger log.Logger = log.NewNopLogger()
	if i.kind == Plain {
		logger = NewListener(&c.Errors)
	}
	options := simtestutil.AppOptionsMap{flags.FlagHome: c.home}
	// Pruning in the background would keep every instance that a restart replaces in memory.
	base := []func(*baseapp.BaseApp){baseapp.SetChainID(c.id), baseapp.SetIAVLSyncPruning(true)}
	if i.cache > 0 {
		base = append(base, baseapp.SetIAVLCacheSize(i.cache))
	}
	built, err := app.New(logger, i.db, false, options, base...)
	require.NoError(c.t, err)
	if i.kind == Parallel {
		runInParallel(built)
	}
	require.NoError(c.t, built.LoadLatestVersion())
	i.app = built
}

// storeKeys are the stores that an application mounts, by name.
func storeKeys(a *app.App) map[string]storetypes.StoreKey {
	return a.CommitMultiStore().(interface {
		StoreKeysByName() map[string]storetypes.StoreKey
	}).StoreKeysByName()
}

// runInParallel gives an application the Block-STM executor. It needs all stores by their keys, which the application mounts
// when it is built, and knows nothing of fees.
func runInParallel(a *app.App) {
	keys := slices.Collect(maps.Values(storeKeys(a)))
	options := simtestutil.AppOptionsMap{
		server.FlagBlockExecutor: serverconfig.BlockExecutorBlockSTM, server.FlagBlockSTMWorkers: workers,
	}
	denom := func(storetypes.MultiStore) string { return app.BaseDenom }
	blockexec.Apply(a.BaseApp, options, keys, a.Encoding().TxConfig.TxDecoder(), denom)
}
