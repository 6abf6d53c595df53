package keeper

import (
	"context"

	"github.com/assaychain/assay/x/emission/types"
)

// Invariants checks that what was minted is all there and under the caps: see the module's README. It walks the whole state:
// for tests and simulations.
func (k *Keeper) Invariants(ctx context.Context) error {
	state, err := k.ExportGenesis(ctx)
	if err != nil {
		return err
	}
	if err := state.Validate(); err != nil {
		return types.ErrInvariant.Wrap(err.Error())
	}
	denom := state.Params.Denom
	if held := k.ports.Bank.GetBalance(ctx, k.account, denom).Amount; !held.Equal(state.Held()) {
		return types.ErrInvariant.Wrapf("the account holds %s, the books say %s: difference %s", held, state.Held(), held.Sub(state.Held()))
	}
	if supply := k.ports.Bank.GetSupply(ctx, denom).Amount; supply.GT(state.Params.SupplyCap) {
		return types.ErrInvariant.Wrapf("supply is %s, above its cap of %s", supply, state.Params.SupplyCap)
	}
	return nil
}
