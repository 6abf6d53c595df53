package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/emission/types"
)

// InitGenesis writes a whole state into an empty store, and checks it against the modules below, which are initialised before:
// the denomination is that of all stake, the supply is under its cap, and the account holds what the books say.
func (k *Keeper) InitGenesis(ctx context.Context, state *types.GenesisState) error {
	if err := state.Validate(); err != nil {
		return err
	}
	denom, err := k.ports.Bond.Denom(ctx)
	if err != nil {
		return err
	}
	if denom != state.Params.Denom {
		return types.ErrGenesis.Wrapf("denom is %q: it must be %q, the denomination of all stake", state.Params.Denom, denom)
	}
	if supply := k.ports.Bank.GetSupply(ctx, denom).Amount; supply.GT(state.Params.SupplyCap) {
		return types.ErrGenesis.Wrapf("supply_cap is %s: it is below the supply of %s at genesis", state.Params.SupplyCap, supply)
	}
	k.ports.Accounts.GetModuleAccount(ctx, types.ModuleName)
	if held := k.ports.Bank.GetBalance(ctx, k.account, denom).Amount; !held.Equal(state.Held()) {
		return types.ErrGenesis.Wrapf("the module's account holds %s, its books say %s", held, state.Held())
	}
	return k.write(ctx, state)
}

func (k *Keeper) write(ctx context.Context, state *types.GenesisState) error {
	if err := k.params.Set(ctx, state.Params); err != nil {
		return err
	}
	if err := k.progress.Set(ctx, state.Progress); err != nil {
		return err
	}
	if err := k.dues.Set(ctx, state.Dues); err != nil {
		return err
	}
	if err := k.totals.Set(ctx, state.Totals); err != nil {
		return err
	}
	for _, period := range state.Periods {
		if err := k.periods.Set(ctx, period.Number, period); err != nil {
			return err
		}
	}
	for _, claim := range state.Claims {
		operator, err := parseAddress("operator", claim.Operator)
		if err != nil {
			return err
		}
		if err := k.claims.Set(ctx, operator, claim.Through); err != nil {
			return err
		}
	}
	return nil
}

// ExportGenesis returns the whole state; lists are in the order of their keys.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return nil, err
	}
	state := &types.GenesisState{Params: params, Periods: []types.Period{}, Claims: []types.Claim{}}
	if state.Progress, err = k.progress.Get(ctx); err != nil {
		return nil, err
	}
	if state.Dues, err = k.dues.Get(ctx); err != nil {
		return nil, err
	}
	if state.Totals, err = k.totals.Get(ctx); err != nil {
		return nil, err
	}
	err = k.periods.Walk(ctx, nil, func(_ uint64, period types.Period) (bool, error) {
		state.Periods = append(state.Periods, period)
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	err = k.claims.Walk(ctx, nil, func(operator sdk.AccAddress, through uint64) (bool, error) {
		state.Claims = append(state.Claims, types.Claim{Operator: operator.String(), Through: through})
		return false, nil
	})
	return state, err
}
