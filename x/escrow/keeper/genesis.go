package keeper

import (
	"context"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/escrow/types"
)

// InitGenesis writes the state and checks that the module's account holds exactly what the books say. The bank must have
// been initialised before.
func (k *Keeper) InitGenesis(ctx context.Context, state *types.GenesisState) error {
	if err := state.Validate(); err != nil {
		return err
	}
	k.ports.Accounts.GetModuleAccount(ctx, types.ModuleName)
	if err := k.params.Set(ctx, state.Params); err != nil {
		return err
	}
	for _, account := range state.Accounts {
		depositor, err := sdk.AccAddressFromBech32(account.Depositor)
		if err != nil {
			return err
		}
		if err := k.store(ctx, account); err != nil {
			return err
		}
		if err := k.byDepositor.Set(ctx, collections.Join3(depositor, account.Scope, account.Id)); err != nil {
			return err
		}
	}
	return k.checkBalances(ctx)
}

// ExportGenesis reads the whole state: accounts by scope and number.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	state := types.DefaultGenesis()
	var err error
	if state.Params, err = k.params.Get(ctx); err != nil {
		return nil, err
	}
	err = k.accounts.Walk(ctx, nil, func(_ accountKey, account types.Account) (bool, error) {
		state.Accounts = append(state.Accounts, account)
		return false, nil
	})
	return state, err
}
