package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/dao/types"
)

// FundCommunityPool puts coins of an account, a module's or anybody's, into the treasury.
func (k *Keeper) FundCommunityPool(ctx context.Context, amount sdk.Coins, sender sdk.AccAddress) error {
	if err := k.ports.Bank.SendCoinsFromAccountToModule(ctx, sender, types.ModuleName, amount); err != nil {
		return err
	}
	return emit(ctx, &types.EventFunded{Depositor: sender.String(), Amount: amount})
}

// book is what the treasury has of a denomination, and how much of it is promised.
type book struct{ balance, reserved math.Int }

// available is what is free for new grants.
func (b book) available() math.Int { return b.balance.Sub(b.reserved) }

// book reads the treasury's book of a denomination.
func (k *Keeper) book(ctx context.Context, denom string) (book, error) {
	reserved, err := k.reserved.Get(ctx, denom)
	if errors.Is(err, collections.ErrNotFound) {
		reserved, err = math.ZeroInt(), nil
	}
	return book{balance: k.ports.Bank.GetBalance(ctx, k.account, denom).Amount, reserved: reserved}, err
}

// reserve changes what is promised of a denomination.
func (k *Keeper) reserve(ctx context.Context, denom string, change math.Int) error {
	b, err := k.book(ctx, denom)
	if err != nil {
		return err
	}
	reserved := b.reserved.Add(change)
	switch {
	case reserved.IsNegative():
		return types.ErrBroken.Wrapf("less than nothing of %s would be reserved", denom)
	case reserved.IsZero():
		return k.reserved.Remove(ctx, denom)
	}
	return k.reserved.Set(ctx, denom, reserved)
}
