package keeper

import (
	"time"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/clock"
	"github.com/assaychain/assay/x/market/leases"
	"github.com/assaychain/assay/x/market/types"
)

// CloseLease ends a lease early at one side's wish: a reservation is taken back, an active lease gets its notice, and what can end at
// once does. Only the operator may leave without notice, and is punished for it.
func (k *Keeper) CloseLease(ctx sdk.Context, party sdk.AccAddress, id uint64, motive types.LeaseMotive, abandon bool) (types.Lease, error) {
	lease, err := k.Lease(ctx, id)
	if err != nil {
		return lease, err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return lease, err
	}
	var event leases.Event
	switch party.String() {
	case lease.Customer:
		if abandon {
			return lease, types.ErrLease.Wrapf("lease %d: abandon is the operator's: a customer that can't reach the device reports an outage", id)
		}
		event = customersEnd(ctx, params.Lease, &lease)
	case lease.Operator:
		event = operatorsEnd(ctx, params.Lease, &lease, abandon)
	default:
		return lease, types.ErrNotParty.Wrapf("lease %d: %s is neither its customer nor its operator", id, party)
	}
	t, err := leaseTransition(&lease, event)
	if err != nil {
		return lease, err
	}
	if t.To == leases.Notice {
		return lease, k.giveNotice(ctx, &lease, event, motive)
	}
	if lease.NoticeBy == types.LEASE_PARTY_UNSPECIFIED {
		lease.Motive = motive
	}
	return lease, k.closeLease(ctx, &lease, event, ctx.BlockTime())
}

// customersEnd is what the customer's wish to end means now. A reservation whose start is over is the operator's delay, not the
// customer's.
func customersEnd(ctx sdk.Context, params types.LeaseParams, lease *types.Lease) leases.Event {
	switch {
	case lease.State == types.LEASE_STATE_RESERVED && isLate(ctx, params, lease) && ctx.BlockTime().Before(lease.Start):
		return leases.CancelLate
	case lease.State == types.LEASE_STATE_RESERVED:
		return leases.Cancel
	case lease.State == types.LEASE_STATE_NOTICE && lease.NoticeBy == types.LEASE_PARTY_OPERATOR:
		return leases.Release
	default:
		return leases.Leave
	}
}

// operatorsEnd is what the operator's wish to end means now.
func operatorsEnd(ctx sdk.Context, params types.LeaseParams, lease *types.Lease, abandon bool) leases.Event {
	switch {
	case lease.State == types.LEASE_STATE_RESERVED && isLate(ctx, params, lease):
		return leases.DeclineLate
	case lease.State == types.LEASE_STATE_RESERVED:
		return leases.Decline
	case abandon && lease.State != types.LEASE_STATE_OUTAGE:
		return leases.Abandon
	default:
		return leases.Quit
	}
}

// isLate tells whether the start is so near that the other side must be compensated.
func isLate(ctx sdk.Context, params types.LeaseParams, lease *types.Lease) bool {
	return lease.Start.Unix()-ctx.BlockTime().Unix() < int64(params.CancelSeconds)
}

// giveNotice moves a lease's end to the end of a notice, if that is earlier.
func (k *Keeper) giveNotice(ctx sdk.Context, lease *types.Lease, event leases.Event, motive types.LeaseMotive) error {
	by, notice := types.LEASE_PARTY_CUSTOMER, lease.CustomerNoticeSeconds
	if event == leases.Quit {
		by, notice = types.LEASE_PARTY_OPERATOR, lease.OperatorNoticeSeconds
	}
	end := time.Unix(min(lease.End.Unix(), ctx.BlockTime().Unix()+int64(notice)), 0).UTC()
	if err := k.moveLease(ctx, lease, event, func(lease *types.Lease) {
		lease.NoticeBy, lease.Motive = by, motive
		lease.End, lease.Due, lease.Late = end, end.Unix(), 0
	}); err != nil {
		return err
	}
	return ctx.EventManager().EmitTypedEvent(&types.EventLeaseNotice{LeaseId: lease.Id, By: by, Motive: motive, End: end})
}

// ReportOutage is the customer's word that it can't reach the device: access and pay stop at once, and the operator must answer in time.
// A lease bears few complaints, so that neither side is bound to one that it can't agree with.
func (k *Keeper) ReportOutage(ctx sdk.Context, customer sdk.AccAddress, id uint64) (types.Lease, error) {
	lease, err := k.leaseOf(ctx, id, customer, types.LEASE_PARTY_CUSTOMER)
	if err != nil {
		return lease, err
	}
	if lease.HasGateway() {
		return lease, types.ErrGateway.Wrapf("lease %d: it pays only what its gateway attests: without statements nothing is paid", id)
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return lease, err
	}
	event := leases.Complain
	switch {
	case lease.State == types.LEASE_STATE_NOTICE && lease.NoticeBy == types.LEASE_PARTY_OPERATOR:
		event = leases.Release
	case lease.State == types.LEASE_STATE_ACTIVE && lease.Complaints+1 >= params.Lease.MaxComplaints:
		event = leases.ComplainAgain
	}
	t, err := leaseTransition(&lease, event)
	if err != nil {
		return lease, err
	}
	lease.Complaints++
	if t.To == leases.Closed {
		return lease, k.closeLease(ctx, &lease, event, ctx.BlockTime())
	}
	if err := k.ports.Escrow.SetRate(ctx, types.LeaseScope, id, lease.Stream, math.ZeroInt()); err != nil {
		return lease, err
	}
	return lease, k.goOut(ctx, &lease, event)
}

// fallSilent stops a lease whose gateway has said nothing for too long.
func (k *Keeper) fallSilent(ctx sdk.Context, lease *types.Lease) error {
	return k.goOut(ctx, lease, leases.FallSilent)
}

// goOut begins an outage.
func (k *Keeper) goOut(ctx sdk.Context, lease *types.Lease, event leases.Event) error {
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	at, late := ctx.BlockTime(), now+clock.Seconds(lease.OutageSeconds)
	if err := k.moveLease(ctx, lease, event, func(lease *types.Lease) {
		lease.OutageSince, lease.Late = &at, late
		lease.SetBill(lease.Bill(at))
	}); err != nil {
		return err
	}
	return ctx.EventManager().EmitTypedEvent(&types.EventLeaseOutage{
		LeaseId: lease.Id, Operator: lease.Operator, Silence: event == leases.FallSilent, Complaints: lease.Complaints,
		AnswerBy: inWallTime(ctx, now, late),
	})
}

// ReportRecovery is the operator's word that the device can be reached: access and pay go on.
func (k *Keeper) ReportRecovery(ctx sdk.Context, operator sdk.AccAddress, id uint64) error {
	lease, err := k.leaseOf(ctx, id, operator, types.LEASE_PARTY_OPERATOR)
	if err != nil {
		return err
	}
	if lease.HasGateway() {
		return types.ErrGateway.Wrapf("lease %d: only a statement of its gateway ends an outage", id)
	}
	if _, err := leaseTransition(&lease, leases.Recover); err != nil {
		return err
	}
	if err := k.ports.Escrow.SetRate(ctx, types.LeaseScope, id, lease.Stream, lease.Rate); err != nil {
		return err
	}
	return k.comeBack(ctx, &lease, leases.Recover, 0)
}

// comeBack ends an outage.
func (k *Keeper) comeBack(ctx sdk.Context, lease *types.Lease, event leases.Event, late uint64) error {
	at := ctx.BlockTime()
	if err := k.moveLease(ctx, lease, event, func(lease *types.Lease) {
		lease.EndOutage(at)
		lease.Late = late
		lease.SetBill(lease.Bill(at))
	}); err != nil {
		return err
	}
	return ctx.EventManager().EmitTypedEvent(&types.EventLeaseRecovered{
		LeaseId: lease.Id, Attested: event == leases.Attest, MissedMs: lease.MissedMs,
	})
}
