package keeper

import (
	"errors"
	"fmt"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	escrowtypes "github.com/assaychain/assay/x/escrow/types"
	"github.com/assaychain/assay/x/hooks"
	"github.com/assaychain/assay/x/market/clock"
	"github.com/assaychain/assay/x/market/leases"
	"github.com/assaychain/assay/x/market/types"
)

// BeginBlock measures the demand, once a span, and begins and ends leases whose second has come, before any transaction of the block:
// a stream is paid through the end of its lease, which nobody could have passed yet.
func (k *Keeper) BeginBlock(ctx sdk.Context) error {
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	hooks.Isolate(ctx, types.ModuleName, "demand", k.snapshot)
	k.eachLease(ctx, "due", k.over(ctx, k.rent.due, params.Lease.MaxDuePerBlock), k.meetLease)
	return nil
}

// endLeases is the leases' part of the end of a block.
func (k *Keeper) endLeases(ctx sdk.Context, params types.LeaseParams, now uint64) {
	k.drain(ctx, params)
	k.eachLease(ctx, "late", k.head(ctx, k.rent.late, now, params.MaxDuePerBlock), k.meetLate)
	k.eachLease(ctx, "prune", k.over(ctx, k.rent.prune, params.MaxPrunedPerBlock), k.pruneLease)
}

// eachLease runs a step for leases, one by one, and has a failed one tried again after the pause, out of the way of the others.
func (k *Keeper) eachLease(ctx sdk.Context, phase string, ids []uint64, step func(sdk.Context, *types.Lease) error) {
	for _, id := range ids {
		item := fmt.Sprintf("%s lease %d", phase, id)
		ok := hooks.Isolate(ctx, types.ModuleName, item, func(ctx sdk.Context) error {
			lease, err := k.Lease(ctx, id)
			if err != nil {
				return err
			}
			return step(ctx, &lease)
		})
		if ok {
			continue
		}
		hooks.Isolate(ctx, types.ModuleName, "put off "+item, func(ctx sdk.Context) error { return k.putOffLease(ctx, id) })
	}
}

// putOffLease has a lease's failed step tried again after the pause.
func (k *Keeper) putOffLease(ctx sdk.Context, id uint64) error {
	lease, err := k.Lease(ctx, id)
	if err != nil {
		return err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	second := ctx.BlockTime().Unix()
	next := second + int64(params.RetrySeconds)
	return k.requeueLease(ctx, &lease, func(lease *types.Lease) {
		lease.Deferrals++
		switch {
		case lease.State == types.LEASE_STATE_CLOSED:
			lease.PruneAt = next
		case lease.Due <= second:
			lease.Due = next
		case awaitsLate(lease) && lease.Late <= now:
			lease.Late = now + clock.Seconds(params.RetrySeconds)
		}
	})
}

// meetLease does what a lease's second demands.
func (k *Keeper) meetLease(ctx sdk.Context, lease *types.Lease) error {
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	switch {
	case lease.State == types.LEASE_STATE_RESERVED:
		return k.startLease(ctx, params, lease)
	case lease.DriedAt != nil:
		return k.closeLease(ctx, lease, leases.RunDry, *lease.DriedAt)
	case lease.State != types.LEASE_STATE_NOTICE:
		return k.closeLease(ctx, lease, leases.Finish, lease.End)
	case lease.NoticeBy == types.LEASE_PARTY_OPERATOR:
		return k.closeLease(ctx, lease, leases.QuitOver, lease.End)
	default:
		return k.closeLease(ctx, lease, leases.LeaveOver, lease.End)
	}
}

// meetLate does what an outage or a silence that has lasted too long demands.
func (k *Keeper) meetLate(ctx sdk.Context, lease *types.Lease) error {
	switch {
	case lease.State == types.LEASE_STATE_ACTIVE:
		return k.fallSilent(ctx, lease)
	case lease.HasGateway():
		return k.closeLease(ctx, lease, leases.StaySilent, ctx.BlockTime())
	default:
		return k.closeLease(ctx, lease, leases.Overrun, ctx.BlockTime())
	}
}

// drain closes the leases whose accounts ran dry. One that fails is noted in the lease and tried again with its due second, so that
// it does not stay at the head of escrow's list.
func (k *Keeper) drain(ctx sdk.Context, params types.LeaseParams) {
	var dried []escrowtypes.DryAccount
	hooks.Isolate(ctx, types.ModuleName, "read dry accounts", func(ctx sdk.Context) (err error) {
		dried, err = k.ports.Escrow.Dried(ctx, types.LeaseScope, params.MaxDriedPerBlock)
		return err
	})
	for _, account := range dried {
		item := fmt.Sprintf("dry lease %d", account.Id)
		ok := hooks.Isolate(ctx, types.ModuleName, item, func(ctx sdk.Context) error { return k.runDry(ctx, account.Id, account.At) })
		if ok {
			continue
		}
		hooks.Isolate(ctx, types.ModuleName, "put off "+item, func(ctx sdk.Context) error {
			return k.noteDry(ctx, account)
		})
	}
}

// runDry ends a lease in the second in which its money was used up.
func (k *Keeper) runDry(ctx sdk.Context, id uint64, at time.Time) error {
	lease, err := k.Lease(ctx, id)
	if err != nil && !errors.Is(err, types.ErrLeaseNotFound) {
		return err
	}
	if err == nil && lease.State != types.LEASE_STATE_CLOSED {
		if err := k.closeLease(ctx, &lease, leases.RunDry, at); err != nil {
			return err
		}
	}
	return k.ports.Escrow.AckDried(ctx, types.LeaseScope, id)
}

// noteDry keeps in the lease what escrow's list says, which is taken off it.
func (k *Keeper) noteDry(ctx sdk.Context, account escrowtypes.DryAccount) error {
	if err := k.ports.Escrow.AckDried(ctx, types.LeaseScope, account.Id); err != nil {
		return err
	}
	lease, err := k.Lease(ctx, account.Id)
	if err != nil {
		return err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	return k.requeueLease(ctx, &lease, func(lease *types.Lease) {
		lease.Deferrals++
		lease.DriedAt, lease.Due = &account.At, ctx.BlockTime().Unix()+int64(params.RetrySeconds)
		lease.Paid, lease.Refunded = account.Paid, account.Refunded
	})
}
