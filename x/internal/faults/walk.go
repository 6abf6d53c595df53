package faults

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/go-metrics"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/telemetry"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// every is the flag for a complete walk.
var every = flag.Int("faults-every", 0, "break only every so manieth store operation of a hook; 0 for each test's default, 1 for all")

// Head is a place of a store that a hook can't do without: when it can't be read, nothing that it leads to is processed.
type Head struct {
	Store string
	// Prefix of the keys.
	Prefix []byte
	// Halts says that the hook may return an error then, which halts the chain: the state is unreadable at its root.
	Halts bool
}

// Scene is a block with several due items.
type Scene struct {
	Ctx  sdk.Context
	Hook func(sdk.Context) error
	// Modules whose counters of failed items count.
	Modules []string
	Heads   []Head
	// Items tells of each item whether it is processed: by a text that differs before and after, and not with the time.
	Items func(sdk.Context) map[string]string
	// Check is the modules' invariants.
	Check func(sdk.Context) error
	// Later is a context in which an item that was put off is due again.
	Later func(sdk.Context) sdk.Context
	// Blocks in which what was put off must be processed; 2 when zero.
	Blocks int
	// Every so manieth operation is broken by default; all of them when zero.
	Every int
}

// Walk runs the hook again and again, each time with another of its store operations broken, once with an error and once with
// a panic, and checks every time what the package says. It returns the number of operations.
func Walk(t *testing.T, plan *Plan, s Scene) int {
	t.Helper()
	w := walk{t: t, plan: plan, Scene: s, before: s.Items(branch(s.Ctx))}
	ctx := branch(s.Ctx)
	plan.Watch()
	require.NoError(t, s.Hook(ctx), "without a fault")
	w.ops = plan.Heal()
	w.after = s.Items(ctx)
	require.GreaterOrEqual(t, len(changed(w.before, w.after)), 2, "the scene must have several due items: %v", w.after)
	halting := map[string]bool{}
	stride := max(s.Every, 1)
	if *every > 0 {
		stride = *every
	}
	for number := 0; number < len(w.ops); number += stride {
		for _, panics := range []bool{false, true} {
			if w.one(number, panics) {
				halting[w.ops[number].Store+": "+fmt.Sprintf("%X", w.ops[number].Key)] = true
			}
		}
	}
	t.Logf("%d operations, every %d of them broken; the block can't do without %v", len(w.ops), stride, slices.Sorted(maps.Keys(halting)))
	return len(w.ops)
}

// branch is a copy of a state, to be thrown away.
func branch(ctx sdk.Context) sdk.Context {
	branched, _ := ctx.CacheContext()
	return branched
}

type walk struct {
	Scene
	t    *testing.T
	plan *Plan
	ops  []Op
	// before and after are the items before the hook and after it.
	before, after map[string]string
}

// settle runs further blocks, without faults.
func (w *walk) settle(ctx sdk.Context) {
	w.t.Helper()
	for range max(w.Blocks, 2) {
		ctx = w.Later(ctx)
		require.NoError(w.t, w.Hook(ctx))
	}
}

// one breaks one operation and tells whether the hook failed at a head.
func (w *walk) one(number int, panics bool) (halted bool) {
	t, op := w.t, w.ops[number]
	t.Helper()
	message := fmt.Sprintf("operation %d (panic: %t): %s", number, panics, op)
	ctx, failed := branch(w.Ctx), counter(t, w.Modules)
	w.plan.Break(number, panics)
	err := run(w.Hook, ctx)
	w.plan.Heal()
	head := w.head(op)
	if err != nil {
		require.True(t, head != nil && head.Halts, "%s: the block does not commit: %v", message, err)
		return true
	}
	require.NoError(t, w.Check(ctx), message)
	got := w.Items(ctx)
	missed := changed(w.after, got)
	for _, item := range missed {
		require.Equal(t, w.before[item], got[item], "%s: item %s is neither processed nor rolled back", message, item)
	}
	if head == nil {
		require.LessOrEqual(t, len(missed), 1, "%s: more than one item is missed: %v", message, missed)
	}
	if len(missed) > 0 {
		require.Greater(t, counter(t, w.Modules), failed, "%s: nothing counts the failure", message)
	}
	w.settle(ctx)
	require.NoError(t, w.Check(ctx), message)
	late := w.Items(ctx)
	for _, item := range missed {
		require.NotEqual(t, w.before[item], late[item], "%s: item %s is not processed later", message, item)
	}
	return false
}

func (w *walk) head(op Op) *Head {
	for _, head := range w.Heads {
		reads := op.Kind != "set" && op.Kind != "delete"
		if reads && head.Store == op.Store && bytes.HasPrefix(op.Key, head.Prefix) {
			return &head
		}
	}
	return nil
}

// run turns a panic into an error: both halt a chain.
func run(hook func(sdk.Context) error, ctx sdk.Context) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return hook(ctx)
}

// changed lists the items whose texts differ.
func changed(a, b map[string]string) []string {
	names := map[string]bool{}
	for name := range a {
		names[name] = true
	}
	for name := range b {
		names[name] = true
	}
	maps.DeleteFunc(names, func(name string, _ bool) bool { return a[name] == b[name] })
	return slices.Sorted(maps.Keys(names))
}

// sink keeps the metrics of this process.
var sink *metrics.InmemSink

// counter is the number of failed items that the modules have counted.
func counter(t *testing.T, modules []string) (sum float64) {
	t.Helper()
	if sink == nil {
		sink = metrics.NewInmemSink(24*time.Hour, 48*time.Hour)
		config := metrics.DefaultConfig("")
		config.EnableHostname, config.EnableRuntimeMetrics = false, false
		_, err := metrics.NewGlobal(config, sink)
		require.NoError(t, err)
		telemetry.EnableTelemetry()
	}
	for _, interval := range sink.Data() {
		for _, module := range modules {
			if sampled, ok := interval.Counters["assay.hook_item_failed."+module]; ok {
				sum += sampled.Sum
			}
		}
	}
	return sum
}
