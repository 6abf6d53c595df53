package keeper

import (
	"context"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/escrow/types"
)

// Invariants checks that the module's account holds the sum of all accounts in every denomination, that no account is
// locked beyond its balance, and that accounts and depositors' index match one to one. It reads everything and belongs in
// tests and simulations, not in a block.
func (k *Keeper) Invariants(ctx context.Context) error {
	if err := k.checkBalances(ctx); err != nil {
		return err
	}
	state, err := k.ExportGenesis(ctx)
	if err != nil {
		return err
	}
	if err := state.Validate(); err != nil {
		return types.ErrBroken.Wrapf("books: %v", err)
	}
	return k.checkIndex(ctx, state.Accounts)
}

// Total returns the sum of all accounts, by denomination. It reads every account: for tests, simulations and reports.
func (k *Keeper) Total(ctx context.Context) (sdk.Coins, error) {
	sum := sdk.NewCoins()
	err := k.accounts.Walk(ctx, nil, func(_ accountKey, account types.Account) (bool, error) {
		sum = sum.Add(sdk.NewCoin(account.Denom, account.Balance))
		return false, nil
	})
	return sum, err
}

// checkBalances compares the module's account with the books, in every denomination of the books and every allowed one.
func (k *Keeper) checkBalances(ctx context.Context) error {
	sum, err := k.Total(ctx)
	if err != nil {
		return err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	denoms := append(sum.Denoms(), params.AllowedDenoms...)
	for _, denom := range denoms {
		held, booked := k.ports.Bank.GetBalance(ctx, k.account, denom).Amount, sum.AmountOf(denom)
		if !held.Equal(booked) {
			return types.ErrBroken.Wrapf("module account holds %s%s, the books say %s: difference %s", held, denom, booked, held.Sub(booked))
		}
	}
	return nil
}

// checkIndex compares the depositors' index with the accounts.
func (k *Keeper) checkIndex(ctx context.Context, accounts []types.Account) error {
	places := 0
	err := k.byDepositor.Walk(ctx, nil, func(depositorKey) (bool, error) {
		places++
		return false, nil
	})
	if err != nil {
		return err
	}
	if places != len(accounts) {
		return types.ErrBroken.Wrapf("index has %d places for %d accounts", places, len(accounts))
	}
	for _, account := range accounts {
		depositor, err := sdk.AccAddressFromBech32(account.Depositor)
		if err != nil {
			return err
		}
		listed, err := k.byDepositor.Has(ctx, collections.Join3(depositor, account.Scope, account.Id))
		if err != nil {
			return err
		}
		if !listed {
			return types.ErrBroken.Wrapf("account %s/%d is not in its depositor's index", account.Scope, account.Id)
		}
	}
	return nil
}
