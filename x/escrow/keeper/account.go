package keeper

import (
	"context"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/escrow/settlement"
	"github.com/assaychain/assay/x/escrow/types"
)

// Open moves amount from depositor into a new account (scope, id) and locks all of it for the work. A depositor that
// can't be refunded, such as a module account, is refused.
func (k *Keeper) Open(ctx context.Context, scope string, id uint64, depositor sdk.AccAddress, amount sdk.Coin) error {
	if err := k.checkOpen(ctx, scope, id, depositor, amount); err != nil {
		return err
	}
	if err := k.take(ctx, depositor, amount); err != nil {
		return err
	}
	books, err := settlement.Open(amount.Amount)
	if err != nil {
		return coded(err).Wrapf("open %s/%d: %v", scope, id, err)
	}
	account := types.Account{Scope: scope, Id: id, Depositor: depositor.String(), Denom: amount.Denom}
	if err := k.store(ctx, account.WithBooks(books)); err != nil {
		return err
	}
	if err := k.byDepositor.Set(ctx, collections.Join3(depositor, scope, id)); err != nil {
		return err
	}
	return emit(ctx, &types.EventOpened{Scope: scope, Id: id, Depositor: account.Depositor, Amount: amount})
}

func (k *Keeper) checkOpen(ctx context.Context, scope string, id uint64, depositor sdk.AccAddress, amount sdk.Coin) error {
	if err := types.ValidateScope(scope); err != nil {
		return err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	if err := params.CheckDeposit(amount); err != nil {
		return err
	}
	if k.ports.Bank.BlockedAddr(depositor) {
		return types.ErrBlocked.Wrapf("depositor %s could not be refunded", depositor)
	}
	open, err := k.accounts.Has(ctx, collections.Join(scope, id))
	if err != nil {
		return err
	}
	if open {
		return types.ErrExists.Wrapf("account %s/%d is open already", scope, id)
	}
	return nil
}

// Add moves amount from an address into an open account and locks it for the work, such as the fee of a claim. It has no minimum.
// Whatever is left of it at the end goes to the account's depositor.
func (k *Keeper) Add(ctx context.Context, scope string, id uint64, from sdk.AccAddress, amount sdk.Coin) error {
	account, err := k.Account(ctx, scope, id)
	if err != nil {
		return err
	}
	_, err = k.putIn(ctx, account, from, amount, settlement.Books.Add)
	return err
}

// Deposit tops an open account up and returns its balance after it; the depositor may withdraw it again. Only the
// account's depositor may.
func (k *Keeper) Deposit(ctx context.Context, scope string, id uint64, depositor sdk.AccAddress, amount sdk.Coin) (sdk.Coin, error) {
	account, err := k.accountOf(ctx, scope, id, depositor)
	if err != nil {
		return sdk.Coin{}, err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return sdk.Coin{}, err
	}
	if err := params.CheckDeposit(amount); err != nil {
		return sdk.Coin{}, err
	}
	return k.putIn(ctx, account, depositor, amount, settlement.Books.Deposit)
}

// booking changes an account's books by an amount.
type booking func(settlement.Books, math.Int) (settlement.Books, error)

// putIn takes coins and books them, and returns the balance after it. The transfer comes first: it proves that the amount
// exists, which bounds the sums of the books.
func (k *Keeper) putIn(ctx context.Context, account types.Account, from sdk.AccAddress, amount sdk.Coin, book booking) (sdk.Coin, error) {
	if err := account.CheckDenom(amount); err != nil {
		return sdk.Coin{}, err
	}
	if amount.Amount.IsNil() || !amount.IsPositive() {
		return sdk.Coin{}, types.ErrAmount.Wrapf("account %s/%d: amount must be positive", account.Scope, account.Id)
	}
	if err := k.take(ctx, from, amount); err != nil {
		return sdk.Coin{}, err
	}
	books, err := book(account.Books(), amount.Amount)
	if err != nil {
		return sdk.Coin{}, coded(err).Wrapf("account %s/%d: %v", account.Scope, account.Id, err)
	}
	if err := k.store(ctx, account.WithBooks(books)); err != nil {
		return sdk.Coin{}, err
	}
	event := &types.EventDeposited{Scope: account.Scope, Id: account.Id, Depositor: from.String(), Amount: amount}
	return sdk.NewCoin(account.Denom, books.Balance), emit(ctx, event)
}

// Withdraw pays amount back to the account's depositor out of what is not locked.
func (k *Keeper) Withdraw(ctx context.Context, scope string, id uint64, depositor sdk.AccAddress, amount sdk.Coin) (sdk.Coin, error) {
	account, err := k.accountOf(ctx, scope, id, depositor)
	if err != nil {
		return sdk.Coin{}, err
	}
	if err := account.CheckDenom(amount); err != nil {
		return sdk.Coin{}, err
	}
	books, err := account.Books().Withdraw(amount.Amount)
	if err != nil {
		return sdk.Coin{}, coded(err).Wrapf("account %s/%d: withdraw %s of %s that is not locked: %v", scope, id, amount, account.Books().Free(), err)
	}
	if err := k.store(ctx, account.WithBooks(books)); err != nil {
		return sdk.Coin{}, err
	}
	if err := k.ports.Bank.SendCoinsFromModuleToAccount(ctx, types.ModuleName, depositor, sdk.NewCoins(amount)); err != nil {
		return sdk.Coin{}, err
	}
	if err := emit(ctx, &types.EventWithdrawn{Scope: scope, Id: id, Depositor: account.Depositor, Amount: amount}); err != nil {
		return sdk.Coin{}, err
	}
	return sdk.NewCoin(account.Denom, books.Balance), nil
}

// accountOf returns an account if depositor is its depositor.
func (k *Keeper) accountOf(ctx context.Context, scope string, id uint64, depositor sdk.AccAddress) (types.Account, error) {
	account, err := k.Account(ctx, scope, id)
	if err != nil {
		return types.Account{}, err
	}
	if account.Depositor != depositor.String() {
		return types.Account{}, types.ErrNotDepositor.Wrapf("account %s/%d belongs to %s", scope, id, account.Depositor)
	}
	return account, nil
}

// take moves coins from an address to the module's account.
func (k *Keeper) take(ctx context.Context, from sdk.AccAddress, amount sdk.Coin) error {
	return k.ports.Bank.SendCoinsFromAccountToModule(ctx, from, types.ModuleName, sdk.NewCoins(amount))
}
