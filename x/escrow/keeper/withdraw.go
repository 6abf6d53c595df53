package keeper

import (
	"context"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/escrow/settlement"
	"github.com/assaychain/assay/x/escrow/types"
)

// Withdraw pays amount back to one of the account's depositors, out of what is its own and neither locked nor earned by streams.
// Deposits are drained in order, so what is locked or earned rests on the first of them.
func (k *Keeper) Withdraw(ctx context.Context, scope string, id uint64, depositor sdk.AccAddress, amount sdk.Coin) (sdk.Coin, error) {
	account, err := k.solvent(ctx, scope, id)
	if err != nil {
		return sdk.Coin{}, err
	}
	if !account.Listed(depositor.String()) {
		return sdk.Coin{}, types.ErrNotDepositor.Wrapf("%s belongs to %s", account.Name(), account.Depositor)
	}
	if err := account.CheckDenom(amount); err != nil {
		return sdk.Coin{}, err
	}
	books, err := account.Books().Withdraw(amount.Amount)
	if err != nil {
		return sdk.Coin{}, coded(err).Wrapf("%s: withdraw %s of %s that is not locked: %v", account.Name(), amount, account.Books().Free(), err)
	}
	after, taken, err := account.Withdrawn(depositor.String(), amount.Amount, account.Books().Claims())
	if err != nil {
		return sdk.Coin{}, err
	}
	if err := k.replace(ctx, account, after.WithBooks(books)); err != nil {
		return sdk.Coin{}, err
	}
	if err := k.ports.Bank.SendCoinsFromModuleToAccount(ctx, types.ModuleName, depositor, sdk.NewCoins(amount)); err != nil {
		return sdk.Coin{}, err
	}
	for _, lot := range taken {
		k.restore(ctx, lot, account.Denom)
	}
	if err := emit(ctx, &types.EventWithdrawn{Scope: scope, Id: id, Depositor: depositor.String(), Amount: amount}); err != nil {
		return sdk.Coin{}, err
	}
	return sdk.NewCoin(account.Denom, books.Balance), nil
}

// Lock promises more of an account to the work: its depositors can't withdraw it. ErrShort when less is free.
func (k *Keeper) Lock(ctx context.Context, scope string, id uint64, amount math.Int) error {
	return k.promise(ctx, scope, id, amount, settlement.Books.Lock)
}

// Unlock takes a promise back, at most all of it: streams use up what is free first and what is locked last.
func (k *Keeper) Unlock(ctx context.Context, scope string, id uint64, amount math.Int) error {
	return k.promise(ctx, scope, id, amount, settlement.Books.Unlock)
}

func (k *Keeper) promise(ctx context.Context, scope string, id uint64, amount math.Int, change func(settlement.Books, math.Int) (settlement.Books, error)) error {
	account, err := k.solvent(ctx, scope, id)
	if err != nil {
		return err
	}
	books, err := change(account.Books(), amount)
	if err != nil {
		return coded(err).Wrapf("%s: %s of %s free, %s locked: %v", account.Name(), amount, account.Books().Free(), account.Locked, err)
	}
	if err := k.store(ctx, account.WithBooks(books)); err != nil {
		return err
	}
	return emit(ctx, &types.EventLocked{Scope: scope, Id: id, Locked: sdk.NewCoin(account.Denom, books.Locked)})
}
