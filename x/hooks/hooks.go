// Package hooks runs the items of a block hook so that one bad item can't stop a block or spoil its neighbours.
package hooks

import (
	"fmt"
	"runtime/debug"

	errorsmod "cosmossdk.io/errors"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/cosmos/cosmos-sdk/telemetry"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// codespace of this package's errors.
const codespace = "hooks"

// ErrPanic is what a panic inside an item becomes.
var ErrPanic = errorsmod.Register(codespace, 2, "item panicked")

// Isolate runs f in a cached context. When f returns nil, its writes and events are kept and Isolate returns true.
// When f returns an error or panics, out of gas included, everything f did is dropped; the failure is logged and counted
// under assay_hook_item_failed_<module>, and Isolate returns false. The caller decides what a failed item means, and
// must see to it that the item doesn't stay at the head of its queue.
//
// module is the caller's name; item names the piece of work for the log, such as "job 7".
// A context whose own gas meter is past its limit still panics: a transaction can't go on after it ran out of gas.
func Isolate(ctx sdk.Context, module, item string, f func(ctx sdk.Context) error) bool {
	cached, write := ctx.CacheContext()
	err := guard(cached, f)
	if err == nil {
		write()
		return true
	}
	if ctx.GasMeter().IsPastLimit() {
		panic(storetypes.ErrorOutOfGas{Descriptor: module + ": " + item})
	}
	ctx.Logger().Error("hook item failed; its changes are dropped", "module", module, "item", item, "height", ctx.BlockHeight(), "err", err)
	telemetry.IncrCounter(1, "assay", "hook_item_failed", module)
	return false
}

// Together runs f in a cached context as Isolate does, for several items at once, which costs a fraction of a context each. When f fails,
// everything it did is dropped, counted under assay_hook_together_failed_<module>, and Together returns false: the caller then isolates the items
// one by one, which finds and logs the bad one. f must begin anew then, and what it keeps outside of the store must be forgotten.
func Together(ctx sdk.Context, module string, f func(ctx sdk.Context) error) bool {
	cached, write := ctx.CacheContext()
	if guard(cached, f) == nil {
		write()
		return true
	}
	if ctx.GasMeter().IsPastLimit() {
		panic(storetypes.ErrorOutOfGas{Descriptor: module + ": items together"})
	}
	telemetry.IncrCounter(1, "assay", "hook_together_failed", module)
	return false
}

// guard calls f and turns a panic into an error that carries the stack.
func guard(ctx sdk.Context, f func(ctx sdk.Context) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errorsmod.Wrap(ErrPanic, fmt.Sprintf("%v\n%s", r, debug.Stack()))
		}
	}()
	return f(ctx)
}
