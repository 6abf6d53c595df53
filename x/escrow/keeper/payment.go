package keeper

import (
	"context"
	"fmt"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/escrow/settlement"
	"github.com/assaychain/assay/x/escrow/types"
	"github.com/assaychain/assay/x/hooks"
)

// Pay pays amount for work: the protocol's share goes to the community pool, a share is burnt, the rest goes to the
// recipient. The payouts add up to amount exactly; rounding dust goes to the pool. ErrShort when the account holds less.
// A zero amount pays nothing and is no error.
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
	account, err := k.Account(ctx, p.scope, p.id)
	if err != nil {
		return nil, err
	}
	books, err := account.Books().Pay(p.amount)
	if err != nil {
		return nil, coded(err).Wrapf("account %s/%d: pay %s of balance %s%s: %v", p.scope, p.id, p.amount, account.Balance, account.Denom, err)
	}
	if p.amount.IsZero() {
		return nil, nil
	}
	shares, err := settlement.Split(p.amount, p.rates)
	if err != nil {
		return nil, coded(err).Wrapf("account %s/%d: %v", p.scope, p.id, err)
	}
	if err := k.store(ctx, account.WithBooks(books)); err != nil {
		return nil, err
	}
	payouts, err := k.distribute(ctx, account.Denom, p.recipient, shares)
	if err != nil {
		return nil, err
	}
	event := &types.EventPaid{Scope: p.scope, Id: p.id, Amount: sdk.NewCoin(account.Denom, p.amount), Payouts: payouts}
	return payouts, emit(ctx, event)
}

// distribute sends the shares of a payment where they belong and returns the payouts that were not zero.
func (k *Keeper) distribute(ctx context.Context, denom string, recipient sdk.AccAddress, shares settlement.Shares) ([]types.Payout, error) {
	var payouts []types.Payout
	if shares.Recipient.IsPositive() {
		coin := sdk.NewCoin(denom, shares.Recipient)
		delivered, err := k.deliver(ctx, recipient, coin)
		if err != nil {
			return nil, err
		}
		payout := types.Payout{Recipient: recipient.String(), Role: types.RoleRecipient, Amount: coin}
		if !delivered {
			payout = types.Payout{Role: types.RoleDiverted, Amount: coin}
		}
		payouts = append(payouts, payout)
	}
	if shares.Protocol.IsPositive() {
		coin := sdk.NewCoin(denom, shares.Protocol)
		if err := k.fundPool(ctx, coin); err != nil {
			return nil, err
		}
		payouts = append(payouts, types.Payout{Role: types.RoleProtocol, Amount: coin})
	}
	if shares.Burn.IsPositive() {
		coin := sdk.NewCoin(denom, shares.Burn)
		if err := k.ports.Bank.BurnCoins(ctx, types.ModuleName, sdk.NewCoins(coin)); err != nil {
			return nil, err
		}
		payouts = append(payouts, types.Payout{Role: types.RoleBurn, Amount: coin})
	}
	return payouts, nil
}

// Close refunds what is left to the depositor, forgets the account and returns the refund.
func (k *Keeper) Close(ctx context.Context, scope string, id uint64, reason types.CloseReason) (math.Int, error) {
	if reason != types.CLOSE_REASON_SETTLED && reason != types.CLOSE_REASON_REFUNDED {
		return math.Int{}, types.ErrReason.Wrapf("close %s/%d: reason must be settled or refunded, got %s", scope, id, reason)
	}
	account, err := k.Account(ctx, scope, id)
	if err != nil {
		return math.Int{}, err
	}
	depositor, err := sdk.AccAddressFromBech32(account.Depositor)
	if err != nil {
		return math.Int{}, err
	}
	if err := k.accounts.Remove(ctx, collections.Join(scope, id)); err != nil {
		return math.Int{}, err
	}
	if err := k.byDepositor.Remove(ctx, collections.Join3(depositor, scope, id)); err != nil {
		return math.Int{}, err
	}
	delivered, err := k.deliver(ctx, depositor, sdk.NewCoin(account.Denom, account.Balance))
	if err != nil {
		return math.Int{}, err
	}
	return account.Balance, emit(ctx, &types.EventClosed{
		Scope:    scope,
		Id:       id,
		Reason:   reason,
		Paid:     sdk.NewCoin(account.Denom, account.Paid),
		Refunded: sdk.NewCoin(account.Denom, account.Balance),
		Diverted: !delivered,
	})
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
