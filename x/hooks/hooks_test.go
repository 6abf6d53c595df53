package hooks_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/runtime"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/cosmos/cosmos-sdk/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/hooks"
)

// item writes its key, emits an event and then ends as the test says.
func item(key *storetypes.KVStoreKey, name string, end func() error) func(sdk.Context) error {
	return func(ctx sdk.Context) error {
		if err := runtime.NewKVStoreService(key).OpenKVStore(ctx).Set([]byte(name), []byte{1}); err != nil {
			return err
		}
		ctx.EventManager().EmitEvent(sdk.NewEvent(name))
		return end()
	}
}

func TestIsolate(t *testing.T) {
	key := storetypes.NewKVStoreKey("test")
	ctx := testutil.DefaultContext(key, storetypes.NewTransientStoreKey("transient"))
	ctx = ctx.WithEventManager(sdk.NewEventManager())
	ends := []struct {
		name string
		kept bool
		end  func() error
	}{
		{"first", true, func() error { return nil }},
		{"error", false, func() error { return errors.New("no") }},
		{"panic", false, func() error { panic("boom") }},
		{"nil-map", false, func() error { var m map[string]int; m["a"] = 1; return nil }},
		{"gas", false, func() error { panic(storetypes.ErrorOutOfGas{Descriptor: "item"}) }},
		{"last", true, func() error { return nil }},
	}
	var events []string
	for _, e := range ends {
		require.Equal(t, e.kept, hooks.Isolate(ctx, "test", e.name, item(key, e.name, e.end)), e.name)
		require.Equal(t, e.kept, ctx.KVStore(key).Has([]byte(e.name)), e.name)
	}
	for _, event := range ctx.EventManager().Events() {
		events = append(events, event.Type)
	}
	require.Equal(t, []string{"first", "last"}, events, "only kept items may emit events")
}

// Items that run together leave all that they did, or nothing, and no word.
func TestTogether(t *testing.T) {
	key := storetypes.NewKVStoreKey("test")
	ctx := testutil.DefaultContext(key, storetypes.NewTransientStoreKey("transient")).WithEventManager(sdk.NewEventManager())
	together := func(prefix string, end func() error) bool {
		return hooks.Together(ctx, "test", func(ctx sdk.Context) error {
			if err := item(key, prefix+" one", func() error { return nil })(ctx); err != nil {
				return err
			}
			return item(key, prefix+" two", end)(ctx)
		})
	}
	require.True(t, together("good", func() error { return nil }))
	require.False(t, together("failing", func() error { return errors.New("no") }))
	require.False(t, together("panicking", func() error { panic("boom") }))
	require.Len(t, ctx.EventManager().Events(), 2, "those of the good ones")
	for name, kept := range map[string]bool{"good one": true, "good two": true, "failing one": false, "panicking one": false} {
		require.Equal(t, kept, ctx.KVStore(key).Has([]byte(name)), name)
	}
	spent := ctx.WithGasMeter(storetypes.NewGasMeter(10))
	require.PanicsWithValue(t, storetypes.ErrorOutOfGas{Descriptor: "test: items together"}, func() {
		hooks.Together(spent, "test", item(key, "big", func() error { return nil }))
	})
}

func TestIsolateWithItemGasLimit(t *testing.T) {
	key := storetypes.NewKVStoreKey("test")
	ctx := testutil.DefaultContext(key, storetypes.NewTransientStoreKey("transient"))
	kept := hooks.Isolate(ctx, "test", "limited", func(ctx sdk.Context) error {
		return item(key, "limited", func() error { return nil })(ctx.WithGasMeter(storetypes.NewGasMeter(1)))
	})
	require.False(t, kept)
	require.False(t, ctx.KVStore(key).Has([]byte("limited")))
}

func TestIsolateLetsTransactionRunOutOfGas(t *testing.T) {
	key := storetypes.NewKVStoreKey("test")
	ctx := testutil.DefaultContext(key, storetypes.NewTransientStoreKey("transient")).WithGasMeter(storetypes.NewGasMeter(10))
	require.PanicsWithValue(t, storetypes.ErrorOutOfGas{Descriptor: "test: big"}, func() {
		hooks.Isolate(ctx, "test", "big", item(key, "big", func() error { return nil }))
	})
}
