package keeper

import (
	"context"
	"fmt"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/escrow/settlement"
	"github.com/assaychain/assay/x/escrow/types"
	"github.com/assaychain/assay/x/hooks"
)

// GrantedDeposit is a deposit of the granter's coins that the grantee makes.
type GrantedDeposit struct {
	// Scope and ID name the account.
	Scope string
	ID    uint64
	// Granter is whose coins they are, and who is refunded.
	Granter sdk.AccAddress
	// Grantee makes the deposit; its grant must cover it.
	Grantee sdk.AccAddress
	Amount  sdk.Coin
}

// DepositGranted tops an open account up with a granter's coins, out of the grantee's DepositAuthorization, and returns the
// balance after it. The granter must be allowed to deposit itself. What comes back goes to the granter, and back into the grant.
func (k *Keeper) DepositGranted(ctx context.Context, d GrantedDeposit) (sdk.Coin, error) {
	account, err := k.depositable(ctx, d.Scope, d.ID, d.Granter, d.Amount)
	if err != nil {
		return sdk.Coin{}, err
	}
	grant, expires, err := k.grant(ctx, d.Grantee, d.Granter)
	if err != nil {
		return sdk.Coin{}, err
	}
	left, err := grant.Spend(d.Scope, d.Amount)
	if err != nil {
		return sdk.Coin{}, err
	}
	lot := types.Lot{Depositor: d.Granter.String(), Grantee: d.Grantee.String(), Amount: d.Amount.Amount}
	balance, err := k.putIn(ctx, account, inflow{from: d.Granter, lot: lot, coin: d.Amount, book: settlement.Books.Deposit})
	if err != nil {
		return sdk.Coin{}, err
	}
	return balance, k.ports.Grants.SaveGrant(ctx, d.Grantee, d.Granter, left, expires)
}

// grant returns the deposit grant of a grantee, if it holds.
func (k *Keeper) grant(ctx context.Context, grantee, granter sdk.AccAddress) (*types.DepositAuthorization, *time.Time, error) {
	found, expires := k.ports.Grants.GetAuthorization(ctx, grantee, granter, sdk.MsgTypeURL(&types.MsgDeposit{}))
	grant, ok := found.(*types.DepositAuthorization)
	if !ok || expires != nil && !expires.After(sdk.UnwrapSDKContext(ctx).BlockTime()) {
		return nil, nil, types.ErrGrant.Wrapf("%s has no DepositAuthorization of %s that holds", grantee, granter)
	}
	return grant, expires, nil
}

// restore puts what came back of a deposit back into the grant that it was made out of. A grant that is gone, expired or was replaced
// gets nothing, and no refund fails for it.
func (k *Keeper) restore(ctx context.Context, lot types.Lot, denom string) {
	if lot.Grantee == "" {
		return
	}
	item := fmt.Sprintf("grant of %s to %s", lot.Depositor, lot.Grantee)
	hooks.Isolate(sdk.UnwrapSDKContext(ctx), types.ModuleName, item, func(ctx sdk.Context) error {
		grantee, err := accounts.Decode(lot.Grantee)
		if err != nil {
			return err
		}
		granter, err := accounts.Decode(lot.Depositor)
		if err != nil {
			return err
		}
		grant, expires, err := k.grant(ctx, grantee, granter)
		if err != nil {
			return nil
		}
		after, restored := grant.Restore(sdk.NewCoin(denom, lot.Amount))
		if restored.IsZero() {
			return nil
		}
		if err := k.ports.Grants.SaveGrant(ctx, grantee, granter, after, expires); err != nil {
			return err
		}
		return emit(ctx, &types.EventGrantRestored{Granter: lot.Depositor, Grantee: lot.Grantee, Amount: restored})
	})
}
