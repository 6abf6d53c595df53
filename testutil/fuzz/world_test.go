// Package fuzz throws random bytes at the whole application: at every message, query and genesis state of this project's
// modules, and at all hooks together. What it is about is found in the application's descriptors and module manager.
package fuzz

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/testutil/messages"
	"github.com/assaychain/assay/testutil/simulation/sdksim"
)

const (
	// grown is the number of blocks that the state of the targets has seen.
	grown = 25
	// gas of a message.
	gas = 20_000_000
	// blockTime between blocks.
	blockTime = 5 * time.Second
)

var (
	growing sync.Once
	world   *sdksim.Simulation
)

// grow makes a chain with some of everything, once a process.
func grow(f *testing.F) *sdksim.Simulation {
	f.Helper()
	growing.Do(func() {
		world = sdksim.Start(f, sdksim.Config{Seed: 7, Messages: 30, Unchecked: true})
		world.Continue(grown)
	})
	world.Errors = nil
	return world
}

// deliver runs a message as a transaction does: what fails leaves nothing behind. A panic is a failure of the test, but for the
// end of the gas.
func deliver(s *sdksim.Simulation, ctx sdk.Context, message sdk.Msg) (err error) {
	if checked, ok := message.(sdk.HasValidateBasic); ok {
		if err := checked.ValidateBasic(); err != nil {
			return err
		}
	}
	if _, _, err := s.Encoding().Codec.GetMsgV1Signers(message); err != nil {
		return err
	}
	branch, write := ctx.CacheContext()
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(storetypes.ErrorOutOfGas); !ok {
				panic(r)
			}
			err = fmt.Errorf("out of gas: %v", r)
		}
	}()
	handler := s.MsgServiceRouter().Handler(message)
	if _, err := handler(branch.WithGasMeter(storetypes.NewGasMeter(gas)), message); err != nil {
		return err
	}
	write()
	return nil
}

// requireQuiet requires that nothing was logged about an item that failed.
func requireQuiet(t *testing.T, s *sdksim.Simulation) {
	t.Helper()
	for _, line := range s.Errors {
		require.NotContains(t, line, "hook item failed")
	}
}

// ownModules lists this project's modules by name.
func ownModules(s *sdksim.Simulation) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(s.ModuleManager.Modules)), func(name string) bool {
		return !strings.HasPrefix(reflect.TypeOf(s.ModuleManager.Modules[name]).PkgPath(), "github.com/assaychain/assay/x/")
	})
}

// encoded fills a message or a query from its descriptor and encodes it.
func encoded(f *testing.F, s *sdksim.Simulation, name string) []byte {
	f.Helper()
	raw, err := messages.Encoded(s.Encoding().InterfaceRegistry, name, s.Accounts()[0].Address)
	require.NoError(f, err)
	return raw
}
