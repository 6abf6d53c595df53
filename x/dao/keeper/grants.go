package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/dao/types"
)

// CreateGrant promises money of the treasury and returns the grant's number. The money stays in the treasury and can't be
// promised twice.
func (k *Keeper) CreateGrant(ctx context.Context, g types.Grant) (uint64, error) {
	recipient, err := accounts.Decode(g.Recipient)
	if err != nil {
		return 0, types.ErrAddress.Wrapf("recipient %q: %v", g.Recipient, err)
	}
	if k.ports.Bank.BlockedAddr(recipient) {
		return 0, types.ErrAddress.Wrapf("recipient %s is a module's account, which can't claim", g.Recipient)
	}
	b, err := k.book(ctx, g.Denom)
	if err != nil {
		return 0, err
	}
	if b.available().LT(g.Total) {
		return 0, types.ErrTreasury.Wrapf("it has %s%s, of which %s are promised: %s can't be granted", b.balance, g.Denom, b.reserved, g.Coin(g.Total))
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return 0, err
	}
	if err := enter(ctx, k.grantCount, params.MaxGrants, "grants"); err != nil {
		return 0, err
	}
	if g.Id, err = k.nextGrantID.Next(ctx); err != nil {
		return 0, err
	}
	if err := k.reserve(ctx, g.Denom, g.Total); err != nil {
		return 0, err
	}
	if err := k.byRecipient.Set(ctx, collections.Join(recipient, g.Id)); err != nil {
		return 0, err
	}
	if err := k.grants.Set(ctx, g.Id, g); err != nil {
		return 0, err
	}
	return g.Id, emit(ctx, &types.EventGrantCreated{Grant: g})
}

// Grant returns a grant.
func (k *Keeper) Grant(ctx context.Context, id uint64) (types.Grant, error) {
	g, err := k.grants.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return g, types.ErrNoGrant.Wrapf("grant %d doesn't exist or was paid to the end", id)
	}
	return g, err
}

// ReleaseMilestone lets a grant's recipient claim a milestone, counted from 0.
func (k *Keeper) ReleaseMilestone(ctx context.Context, id uint64, milestone uint32) error {
	g, err := k.Grant(ctx, id)
	if err != nil {
		return err
	}
	if uint64(milestone) >= uint64(len(g.Milestones)) {
		return types.ErrMilestone.Wrapf("grant %d has %d milestones, counted from 0: there is no %d", id, len(g.Milestones), milestone)
	}
	m := &g.Milestones[milestone]
	if m.Released {
		return types.ErrMilestone.Wrapf("milestone %d of grant %d is released already", milestone, id)
	}
	m.Released = true
	if err := k.grants.Set(ctx, id, g); err != nil {
		return err
	}
	return emit(ctx, &types.EventMilestoneReleased{GrantId: id, Milestone: milestone, Amount: g.Coin(m.Amount)})
}

// ClaimGrant pays the recipient what has vested by now.
func (k *Keeper) ClaimGrant(ctx context.Context, recipient sdk.AccAddress, id uint64) (sdk.Coin, error) {
	g, err := k.Grant(ctx, id)
	if err != nil {
		return sdk.Coin{}, err
	}
	if g.Recipient != recipient.String() {
		return sdk.Coin{}, types.ErrRecipient.Wrapf("grant %d is %s's", id, g.Recipient)
	}
	amount := g.Claimable(sdk.UnwrapSDKContext(ctx).BlockTime())
	if !amount.IsPositive() {
		return sdk.Coin{}, types.ErrNothing.Wrapf("grant %d: of %s, %s were claimed, and no more has vested yet", id, g.Coin(g.Total), g.Claimed)
	}
	coin := g.Coin(amount)
	if err := k.ports.Bank.SendCoinsFromModuleToAccount(ctx, types.ModuleName, recipient, sdk.NewCoins(coin)); err != nil {
		return sdk.Coin{}, err
	}
	if err := k.reserve(ctx, g.Denom, amount.Neg()); err != nil {
		return sdk.Coin{}, err
	}
	g.Claimed = g.Claimed.Add(amount)
	if err := emit(ctx, &types.EventGrantClaimed{GrantId: id, Recipient: g.Recipient, Amount: coin}); err != nil {
		return sdk.Coin{}, err
	}
	return coin, k.storeGrant(ctx, recipient, g)
}

// CancelGrant ends a grant: what has vested by now stays the recipient's to claim, the rest is free again and returned.
func (k *Keeper) CancelGrant(ctx context.Context, id uint64) (sdk.Coin, error) {
	g, err := k.Grant(ctx, id)
	if err != nil {
		return sdk.Coin{}, err
	}
	if g.Cancelled {
		return sdk.Coin{}, types.ErrGrant.Wrapf("grant %d is cancelled already", id)
	}
	recipient, err := accounts.Decode(g.Recipient)
	if err != nil {
		return sdk.Coin{}, err
	}
	var returned math.Int
	g, returned = g.Cancel(sdk.UnwrapSDKContext(ctx).BlockTime())
	if err := k.reserve(ctx, g.Denom, returned.Neg()); err != nil {
		return sdk.Coin{}, err
	}
	coin := g.Coin(returned)
	if err := emit(ctx, &types.EventGrantCancelled{GrantId: id, Returned: coin, Claimable: g.Coin(g.Reserved())}); err != nil {
		return sdk.Coin{}, err
	}
	return coin, k.storeGrant(ctx, recipient, g)
}

// storeGrant writes a grant, or forgets it when nothing is left to pay.
func (k *Keeper) storeGrant(ctx context.Context, recipient sdk.AccAddress, g types.Grant) error {
	if g.Reserved().IsPositive() {
		return k.grants.Set(ctx, g.Id, g)
	}
	if err := k.grants.Remove(ctx, g.Id); err != nil {
		return err
	}
	if err := k.byRecipient.Remove(ctx, collections.Join(recipient, g.Id)); err != nil {
		return err
	}
	if err := leave(ctx, k.grantCount); err != nil {
		return err
	}
	return emit(ctx, &types.EventGrantClosed{GrantId: g.Id})
}
