// Package invariants checks the books of a whole application: every module's own, and the bank's. A keeper that the application
// gains is found by itself.
package invariants

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/app"
)

// denoms is more denominations than any test makes.
const denoms = 100_000

// Check checks every module's invariants and that all balances add up to the supply, none of them negative.
func Check(a *app.App, ctx sdk.Context) error {
	if err := Modules(a, ctx); err != nil {
		return err
	}
	return Supply(a, ctx)
}

// Modules calls the method Invariants of every keeper of this project's modules.
func Modules(a *app.App, ctx sdk.Context) error {
	keepers := reflect.ValueOf(a.AssayKeepers)
	for i := range keepers.NumField() {
		name := keepers.Type().Field(i).Name
		check, ok := of(keepers.Field(i).Interface())
		if !ok {
			return fmt.Errorf("the keeper of %s has no method Invariants(ctx) error", name)
		}
		if err := check(ctx); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func of(keeper any) (func(sdk.Context) error, bool) {
	switch k := keeper.(type) {
	case interface{ Invariants(sdk.Context) error }:
		return k.Invariants, true
	case interface{ Invariants(context.Context) error }:
		return func(ctx sdk.Context) error { return k.Invariants(ctx) }, true
	default:
		return nil, false
	}
}

// Supply compares the bank's totals with the sums of all balances.
func Supply(a *app.App, ctx sdk.Context) error {
	sums, negative := map[string]math.Int{}, error(nil)
	a.Bank.IterateAllBalances(ctx, func(owner sdk.AccAddress, coin sdk.Coin) bool {
		if coin.Amount.IsNegative() {
			negative = fmt.Errorf("%s has %s", owner, coin)
		}
		if sum, ok := sums[coin.Denom]; ok {
			sums[coin.Denom] = sum.Add(coin.Amount)
		} else {
			sums[coin.Denom] = coin.Amount
		}
		return false
	})
	total, _, err := a.Bank.GetPaginatedTotalSupply(ctx, &query.PageRequest{Limit: denoms})
	if err = errors.Join(err, negative); err != nil {
		return err
	}
	if len(total) != len(sums) {
		return fmt.Errorf("%d denominations have a supply and %d a balance", len(total), len(sums))
	}
	for _, coin := range total {
		if sum := sums[coin.Denom]; sum.IsNil() || !sum.Equal(coin.Amount) {
			return fmt.Errorf("balances add up to %s%s: the supply is %s", sum, coin.Denom, coin)
		}
	}
	return nil
}
