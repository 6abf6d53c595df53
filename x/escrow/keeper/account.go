package keeper

import (
	"context"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
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

// LeastDeposit is the smallest amount that Open takes, in base units of any denomination.
func (k *Keeper) LeastDeposit(ctx context.Context) (math.Int, error) {
	params, err := k.params.Get(ctx)
	return params.MinDeposit, err
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
	waiting, err := k.dried.Has(ctx, collections.Join(scope, id))
	if err != nil {
		return err
	}
	if waiting {
		return types.ErrExists.Wrapf("account %s/%d ran dry and its module has not taken note yet", scope, id)
	}
	return nil
}

// Add moves amount from an address into an open account and locks it for the work, such as the fee of a claim. It has no minimum.
// Whatever is left of it at the end goes to the account's opener.
func (k *Keeper) Add(ctx context.Context, scope string, id uint64, from sdk.AccAddress, amount sdk.Coin) error {
	account, err := k.solvent(ctx, scope, id)
	if err != nil {
		return err
	}
	lot := types.Lot{Depositor: account.Depositor, Amount: amount.Amount}
	_, err = k.putIn(ctx, account, inflow{from: from, lot: lot, coin: amount, book: settlement.Books.Add})
	return err
}

// Deposit tops an open account up and returns its balance after it; the depositor may withdraw it again. Its opener and
// whoever has money in it may, or anybody if Admit says so. An account that ran dry can't be topped up any more.
func (k *Keeper) Deposit(ctx context.Context, scope string, id uint64, depositor sdk.AccAddress, amount sdk.Coin) (sdk.Coin, error) {
	account, err := k.depositable(ctx, scope, id, depositor, amount)
	if err != nil {
		return sdk.Coin{}, err
	}
	lot := types.Lot{Depositor: depositor.String(), Amount: amount.Amount}
	return k.putIn(ctx, account, inflow{from: depositor, lot: lot, coin: amount, book: settlement.Books.Deposit})
}

// depositable returns an account into which a depositor may put amount.
func (k *Keeper) depositable(ctx context.Context, scope string, id uint64, depositor sdk.AccAddress, amount sdk.Coin) (types.Account, error) {
	account, err := k.solvent(ctx, scope, id)
	if err != nil {
		return account, err
	}
	if !account.Anyone && !account.Listed(depositor.String()) {
		return account, types.ErrNotDepositor.Wrapf("%s belongs to %s, who doesn't let others deposit", account.Name(), account.Depositor)
	}
	if k.ports.Bank.BlockedAddr(depositor) {
		return account, types.ErrBlocked.Wrapf("depositor %s could not be refunded", depositor)
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return account, err
	}
	return account, params.CheckDeposit(amount)
}

// inflow is an amount that comes into an account.
type inflow struct {
	from sdk.AccAddress
	// lot is under whose name it is kept.
	lot  types.Lot
	coin sdk.Coin
	book func(settlement.Books, math.Int) (settlement.Books, error)
}

// putIn takes coins and books them, and returns the balance after it. The books come first: they bound the amount, and whatever is
// refused has changed nothing.
func (k *Keeper) putIn(ctx context.Context, account types.Account, in inflow) (sdk.Coin, error) {
	if err := account.CheckDenom(in.coin); err != nil {
		return sdk.Coin{}, err
	}
	books, err := in.book(account.Books(), in.coin.Amount)
	if err != nil {
		return sdk.Coin{}, coded(err).Wrapf("%s: %v", account.Name(), err)
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return sdk.Coin{}, err
	}
	after, err := account.Joined(in.lot, params.MaxDepositors)
	if err != nil {
		return sdk.Coin{}, err
	}
	if err := k.take(ctx, in.from, in.coin); err != nil {
		return sdk.Coin{}, err
	}
	if err := k.replace(ctx, account, after.WithBooks(books)); err != nil {
		return sdk.Coin{}, err
	}
	event := &types.EventDeposited{Scope: account.Scope, Id: account.Id, Depositor: in.from.String(), Amount: in.coin, Grantee: in.lot.Grantee}
	return sdk.NewCoin(account.Denom, books.Balance), emit(ctx, event)
}

// take moves coins from an address to the module's account.
func (k *Keeper) take(ctx context.Context, from sdk.AccAddress, amount sdk.Coin) error {
	return k.ports.Bank.SendCoinsFromAccountToModule(ctx, from, types.ModuleName, sdk.NewCoins(amount))
}

// Admit says whether anybody may deposit into an account, or only its opener and whoever has money in it.
func (k *Keeper) Admit(ctx context.Context, scope string, id uint64, anyone bool) error {
	account, err := k.solvent(ctx, scope, id)
	if err != nil {
		return err
	}
	account.Anyone = anyone
	if err := k.store(ctx, account); err != nil {
		return err
	}
	return emit(ctx, &types.EventAdmitted{Scope: scope, Id: id, Anyone: anyone})
}

// replace writes an account whose deposits may have changed, with the depositors' index.
func (k *Keeper) replace(ctx context.Context, before, after types.Account) error {
	if err := k.store(ctx, after); err != nil {
		return err
	}
	return k.reindex(ctx, before, after)
}

// reindex removes the places of depositors who have no money in the account any more and writes those of new ones.
func (k *Keeper) reindex(ctx context.Context, before, after types.Account) error {
	for _, lot := range before.Lots {
		if after.Listed(lot.Depositor) {
			continue
		}
		if err := k.unlist(ctx, lot.Depositor, before); err != nil {
			return err
		}
	}
	for _, lot := range after.Lots {
		if before.Listed(lot.Depositor) {
			continue
		}
		depositor, err := accounts.Decode(lot.Depositor)
		if err != nil {
			return err
		}
		if err := k.byDepositor.Set(ctx, collections.Join3(depositor, before.Scope, before.Id)); err != nil {
			return err
		}
	}
	return nil
}

// unlist removes a depositor's place in the index.
func (k *Keeper) unlist(ctx context.Context, depositor string, account types.Account) error {
	addr, err := accounts.Decode(depositor)
	if err != nil {
		return err
	}
	return k.byDepositor.Remove(ctx, collections.Join3(addr, account.Scope, account.Id))
}
