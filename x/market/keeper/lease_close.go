package keeper

import (
	"errors"
	"fmt"
	"time"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	escrowtypes "github.com/assaychain/assay/x/escrow/types"
	"github.com/assaychain/assay/x/market/leases"
	"github.com/assaychain/assay/x/market/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
)

// closeLease ends a lease as of a moment: its time is paid through it, whoever is owed is paid, the rest goes back to the customer, the
// device is free, and the record stays for its history.
func (k *Keeper) closeLease(ctx sdk.Context, lease *types.Lease, what leases.Event, at time.Time) error {
	t, err := leaseTransition(lease, what)
	if err != nil {
		return err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	if err := k.stopStream(ctx, lease, at); err != nil {
		return err
	}
	if err := k.punishLease(ctx, lease, t.Offence); err != nil {
		return err
	}
	event := &types.EventLeaseClosed{
		LeaseId: lease.Id, Reason: types.LeaseCloseReason(t.Reason), Motive: lease.Motive, Operator: lease.Operator, Device: lease.Device,
	}
	if err := k.settleLease(ctx, params.Denom, lease, event, at); err != nil {
		return err
	}
	if err := k.moveLease(ctx, lease, what, func(lease *types.Lease) {
		lease.EndOutage(at)
		lease.SetBill(lease.Bill(at))
		lease.ClosedAt, lease.Due, lease.Late = &at, 0, 0
		lease.Paid, lease.Refunded = event.Paid.Amount, event.Refunded.Amount
		lease.PruneAt = ctx.BlockTime().Unix() + int64(params.HistorySeconds)
	}); err != nil {
		return err
	}
	return ctx.EventManager().EmitTypedEvent(event)
}

// stopStream pays a lease's time through a moment. An account that ran dry is closed already, or is paid as far as it reached.
func (k *Keeper) stopStream(ctx sdk.Context, lease *types.Lease, at time.Time) error {
	if lease.Stream == 0 {
		return nil
	}
	err := k.ports.Escrow.EndStream(ctx.WithBlockTime(at), types.LeaseScope, lease.Id, lease.Stream)
	if errors.Is(err, escrowtypes.ErrNoStream) || errors.Is(err, escrowtypes.ErrNoAccount) {
		return nil
	}
	return err
}

// punishLease hands the operator over to the table of offences, with the customer as the victim, and takes its devices off the
// market when that jails it. A punishment that fails time and again is left out, so that it can't keep a lease open.
func (k *Keeper) punishLease(ctx sdk.Context, lease *types.Lease, offence leases.Offence) error {
	if offence == leases.NoOffence || lease.Deferrals >= MaxDeferrals {
		return nil
	}
	operator, err := operatorOf(lease)
	if err != nil {
		return err
	}
	customer, err := tenantOf(lease)
	if err != nil {
		return err
	}
	if _, err := k.ports.Penalty.Punish(ctx, penaltytypes.Punishment{
		Operator: operator, Offence: penaltytypes.Offence(offence), Victim: customer, Subject: fmt.Sprintf("lease/%d", lease.Id),
	}); err != nil {
		return err
	}
	jailed, err := k.ports.Penalty.IsJailed(ctx, operator)
	if err != nil || !jailed {
		return err
	}
	return k.ports.Registry.Suspend(ctx, operator)
}

// settleLease pays whom the end of a lease owes and refunds the rest, and fills the amounts into the event.
func (k *Keeper) settleLease(ctx sdk.Context, denom string, lease *types.Lease, event *types.EventLeaseClosed, at time.Time) error {
	coin := func(amount math.Int) sdk.Coin { return sdk.NewCoin(denom, amount) }
	zero := coin(math.ZeroInt())
	event.ToOperator, event.FromOperator, event.ToPool, event.Refunded = zero, zero, zero, zero
	account, err := k.ports.Escrow.Account(ctx, types.LeaseScope, lease.Id)
	if errors.Is(err, escrowtypes.ErrNoAccount) {
		return k.settleDry(ctx, denom, lease, event, at)
	}
	if err != nil {
		return err
	}
	event.Paid = coin(account.Paid)
	p := leases.Settle(leases.Reason(event.Reason), leases.Stakes{
		Balance: account.Balance, BookingFee: lease.BookingFee, NoticePay: noticePay(lease, at),
	})
	if err := k.payLease(ctx, denom, lease, p); err != nil {
		return err
	}
	event.ToOperator, event.FromOperator, event.ToPool = coin(p.ToOperator), coin(p.FromOperator), coin(p.ToPool)
	why := escrowtypes.CLOSE_REASON_REFUNDED
	if lease.ActivatedAt != nil {
		why = escrowtypes.CLOSE_REASON_SETTLED
	}
	refunded, err := k.ports.Escrow.Close(ctx, types.LeaseScope, lease.Id, why)
	event.Refunded = coin(refunded)
	return err
}

// settleDry fills in what escrow paid and refunded when the money was used up. Where escrow knows nothing of it, the bill
// through the end says what must have been paid: a lease can't be held open by a missing note.
func (k *Keeper) settleDry(ctx sdk.Context, denom string, lease *types.Lease, event *types.EventLeaseClosed, at time.Time) error {
	if lease.DriedAt == nil {
		account, err := k.ports.Escrow.Dry(ctx, types.LeaseScope, lease.Id)
		if errors.Is(err, escrowtypes.ErrNoAccount) {
			event.Paid = sdk.NewCoin(denom, lease.Bill(at).Total())
			return nil
		}
		if err != nil {
			return err
		}
		lease.DriedAt, lease.Paid, lease.Refunded = &account.At, account.Paid, account.Refunded
	}
	event.Paid, event.Refunded = sdk.NewCoin(denom, lease.Paid), sdk.NewCoin(denom, lease.Refunded)
	return nil
}

// payLease carries payments out. They are compensations, paid whole.
func (k *Keeper) payLease(ctx sdk.Context, denom string, lease *types.Lease, p leases.Payments) error {
	operator, err := operatorOf(lease)
	if err != nil {
		return err
	}
	if p.FromOperator.IsPositive() {
		fee := sdk.NewCoin(denom, p.FromOperator)
		if err := k.ports.Escrow.Add(ctx, types.LeaseScope, lease.Id, operator, fee); err != nil {
			return types.ErrPayment.Wrapf("lease %d: the operator's fee of %s: %s", lease.Id, fee, err)
		}
	}
	if p.ToOperator.IsPositive() {
		if err := k.ports.Escrow.PayDirect(ctx, types.LeaseScope, lease.Id, k.payoutOf(ctx, operator), p.ToOperator); err != nil {
			return err
		}
	}
	if p.ToPool.IsPositive() {
		// Escrow gives the pool what has no recipient.
		return k.ports.Escrow.PayDirect(ctx, types.LeaseScope, lease.Id, nil, p.ToPool)
	}
	return nil
}

// noticePay is the price of the notice that the customer would have to give now. With a gateway notice is paid no more than other
// time that isn't attested.
func noticePay(lease *types.Lease, at time.Time) math.Int {
	left := leases.Window{Start: at.Unix(), End: lease.End.Unix()}
	if lease.HasGateway() || lease.ActivatedAt == nil {
		return math.ZeroInt()
	}
	return leases.Cost(lease.Rate, min(lease.CustomerNoticeSeconds, left.Seconds()))
}

// pruneLease removes a closed lease: nothing of it is left.
func (k *Keeper) pruneLease(ctx sdk.Context, lease *types.Lease) error {
	if err := k.leaveLease(ctx, lease); err != nil {
		return err
	}
	customer, err := tenantOf(lease)
	if err != nil {
		return err
	}
	operator, err := operatorOf(lease)
	if err != nil {
		return err
	}
	if err := k.rent.tenants.Remove(ctx, collections.Join(customer, lease.Id)); err != nil {
		return err
	}
	if err := k.rent.landlords.Remove(ctx, collections.Join(operator, lease.Id)); err != nil {
		return err
	}
	return k.rent.leases.Remove(ctx, lease.Id)
}
