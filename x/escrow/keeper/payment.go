package keeper

import (
	"context"
	"fmt"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/escrow/settlement"
	"github.com/assaychain/assay/x/escrow/types"
	"github.com/assaychain/assay/x/hooks"
)

// Pay pays amount for work: the protocol's share goes to the community pool, a share is burnt, the rest goes to the
// recipient. The payouts add up to amount exactly; rounding dust goes to the pool. ErrShort when the account holds less, or
// its streams earned the rest. A zero amount pays nothing and is no error.
func (k *Keeper) Pay(ctx context.Context, scope string, id uint64, recipient sdk.AccAddress, amount math.Int) ([]types.Payout, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return nil, err
	}
	return k.pay(ctx, payment{scope: scope, id: id, recipient: recipient, amount: amount, rates: params.Rates()})
}

// PayDirect pays amount to the recipient with no share for pool or burn: compensation, not a price. ErrShort when the
// account holds less. A zero amount pays nothing and is no error.
func (k *Keeper) PayDirect(ctx context.Context, scope string, id uint64, recipient sdk.AccAddress, amount math.Int) error {
	_, err := k.pay(ctx, payment{scope: scope, id: id, recipient: recipient, amount: amount})
	return err
}

// payment is one payment out of an account.
type payment struct {
	scope     string
	id        uint64
	recipient sdk.AccAddress
	amount    math.Int
	rates     settlement.Rates
}

func (k *Keeper) pay(ctx context.Context, p payment) ([]types.Payout, error) {
	account, err := k.current(ctx, p.scope, p.id)
	if err != nil {
		return nil, err
	}
	books, err := account.Books().Pay(p.amount)
	if err != nil {
		return nil, coded(err).Wrapf("%s: pay %s of %s%s: %v", account.Name(), p.amount, account.Books().Spare(), account.Denom, err)
	}
	if p.amount.IsZero() {
		return nil, nil
	}
	shares, err := settlement.Split(p.amount, p.rates)
	if err != nil {
		return nil, coded(err).Wrapf("%s: %v", account.Name(), err)
	}
	if err := k.spend(ctx, account, books, p.amount); err != nil {
		return nil, err
	}
	payouts, err := k.distribute(ctx, account.Denom, []types.Portion{
		{Recipient: p.recipient.String(), Role: types.RoleRecipient, Amount: shares.Recipient},
		{Role: types.RoleProtocol, Amount: shares.Protocol},
		{Role: types.RoleBurn, Amount: shares.Burn},
	})
	if err != nil {
		return nil, err
	}
	event := &types.EventPaid{Scope: p.scope, Id: p.id, Amount: sdk.NewCoin(account.Denom, p.amount), Payouts: payouts}
	return payouts, emit(ctx, event)
}

// spend writes an account out of which amount was paid, with the books after it. The first deposits are drained first.
func (k *Keeper) spend(ctx context.Context, account types.Account, books settlement.Books, amount math.Int) error {
	after, err := account.Drained(amount)
	if err != nil {
		return err
	}
	return k.replace(ctx, account, after.WithBooks(books))
}

// distribute sends the portions of a payment where they belong and returns the payouts that were not zero.
func (k *Keeper) distribute(ctx context.Context, denom string, portions []types.Portion) ([]types.Payout, error) {
	var payouts []types.Payout
	for _, portion := range portions {
		if !portion.Amount.IsPositive() {
			continue
		}
		payout := types.Payout{Recipient: portion.Recipient, Role: portion.Role, Amount: sdk.NewCoin(denom, portion.Amount)}
		if err := k.send(ctx, &payout); err != nil {
			return nil, err
		}
		payouts = append(payouts, payout)
	}
	return payouts, nil
}

// send carries a payout out. What can't be delivered goes to the community pool, and the payout says so.
func (k *Keeper) send(ctx context.Context, payout *types.Payout) error {
	switch payout.Role {
	case types.RoleProtocol:
		return k.fundPool(ctx, payout.Amount)
	case types.RoleBurn:
		return k.ports.Bank.BurnCoins(ctx, types.ModuleName, sdk.NewCoins(payout.Amount))
	}
	// An address that can't be read is like one that can't be paid.
	recipient, err := accounts.Decode(payout.Recipient)
	if err != nil {
		recipient = nil
	}
	delivered, err := k.deliver(ctx, recipient, payout.Amount)
	if !delivered {
		payout.Recipient, payout.Role = "", types.RoleDiverted
	}
	return err
}

// deliver pays an address, or the community pool when the address can't be paid, so that nobody can hold up a job by
// being unpayable. It tells whether the address got it. A zero coin counts as delivered.
func (k *Keeper) deliver(ctx context.Context, to sdk.AccAddress, coin sdk.Coin) (bool, error) {
	if coin.IsZero() {
		return true, nil
	}
	if !to.Empty() && !k.ports.Bank.BlockedAddr(to) {
		paid := hooks.Isolate(sdk.UnwrapSDKContext(ctx), types.ModuleName, "payout to "+to.String(), func(ctx sdk.Context) error {
			return k.ports.Bank.SendCoinsFromModuleToAccount(ctx, types.ModuleName, to, sdk.NewCoins(coin))
		})
		if paid {
			return true, nil
		}
	}
	if err := k.fundPool(ctx, coin); err != nil {
		return false, fmt.Errorf("community pool: %w", err)
	}
	return false, nil
}

func (k *Keeper) fundPool(ctx context.Context, coin sdk.Coin) error {
	return k.ports.Pool.FundCommunityPool(ctx, sdk.NewCoins(coin), k.account)
}
