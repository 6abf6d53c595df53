package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/collvalue"
	"github.com/assaychain/assay/x/market/leases"
	"github.com/assaychain/assay/x/market/types"
)

// calendarKey is (device, Unix second of the start).
type calendarKey = collections.Pair[[]byte, int64]

// leaseBook holds the state of leases.
type leaseBook struct {
	// next counts leases from 1; written by OpenLease.
	next collections.Sequence
	// leases: lease id → lease; written by every step of a lease.
	leases collections.Map[uint64, types.Lease]
	// calendar: (device, start) → booking of every lease that isn't closed.
	calendar collections.Map[calendarKey, types.Booking]
	// due queues (Unix second, lease id): the start, or the next try to start, of reserved leases, the end of all others.
	due collections.KeySet[pruneKey]
	// late queues (active milliseconds, lease id) of outages, and of leases with a gateway, while they are active.
	late collections.KeySet[queueKey]
	// prune queues (Unix second, lease id) of closed leases.
	prune collections.KeySet[pruneKey]
	// tenants holds (customer, lease id), landlords (operator, lease id); written at the opening.
	tenants, landlords collections.KeySet[ownerKey]
	// demand → the last two snapshots; written by the first block of each span.
	demand collections.Item[types.Demand]
}

func newLeaseBook(sb *collections.SchemaBuilder, cdc codec.BinaryCodec) leaseBook {
	id := collections.Uint64Key
	times := collections.PairKeyCodec(collections.Int64Key, id)
	owner := collections.PairKeyCodec(sdk.AccAddressKey, id)
	return leaseBook{
		next:   collections.NewSequence(sb, types.NextLeaseIDKey, "next_lease_id"),
		leases: collections.NewMap(sb, types.LeasesPrefix, "leases", id, collvalue.Of[types.Lease](cdc)),
		calendar: collections.NewMap(sb, types.CalendarPrefix, "calendar",
			collections.PairKeyCodec(collections.BytesKey, collections.Int64Key), collvalue.Of[types.Booking](cdc)),
		due:       collections.NewKeySet(sb, types.LeaseDuePrefix, "lease_due", times),
		late:      collections.NewKeySet(sb, types.LeaseLatePrefix, "lease_late", collections.PairKeyCodec(id, id)),
		prune:     collections.NewKeySet(sb, types.LeasePrunePrefix, "lease_prune", times),
		tenants:   collections.NewKeySet(sb, types.TenantsPrefix, "tenants", owner),
		landlords: collections.NewKeySet(sb, types.LandlordsPrefix, "landlords", owner),
		demand:    collections.NewItem(sb, types.DemandKey, "demand", collvalue.Of[types.Demand](cdc)),
	}
}

// Lease returns a lease.
func (k *Keeper) Lease(ctx context.Context, id uint64) (types.Lease, error) {
	lease, err := k.rent.leases.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return lease, types.ErrLeaseNotFound.Wrapf("lease %d: it never was, or it is closed and its history is over", id)
	}
	return lease, err
}

func leaseTransition(lease *types.Lease, event leases.Event) (leases.Transition, error) {
	t, err := leases.Next(lease.State.Machine(), event)
	if err != nil {
		return t, types.ErrLeaseState.Wrapf("lease %d: %s", lease.Id, err)
	}
	return t, nil
}

// moveLease takes a lease through a transition: it leaves its queues and the calendar, changes, gives back the device and the bond
// that the new state doesn't hold, and enters the queues of the new state. change sets what the transition brings with it.
func (k *Keeper) moveLease(ctx sdk.Context, lease *types.Lease, event leases.Event, change func(*types.Lease)) error {
	t, err := leaseTransition(lease, event)
	if err != nil {
		return err
	}
	if err := k.leaveLease(ctx, lease); err != nil {
		return err
	}
	lease.State, lease.CloseReason, lease.Deferrals = types.LeaseState(t.To), types.LeaseCloseReason(t.Reason), 0
	lease.UpdatedHeight = ctx.BlockHeight()
	change(lease)
	if t.FreesDevice() {
		if err := k.freeDevice(ctx, lease); err != nil {
			return err
		}
	}
	return k.enterLease(ctx, lease)
}

func (k *Keeper) freeDevice(ctx sdk.Context, lease *types.Lease) error {
	if err := k.ports.Registry.Vacate(ctx, lease.Device); err != nil {
		return err
	}
	if !lease.Exposure.IsPositive() {
		return nil
	}
	operator, err := operatorOf(lease)
	if err != nil {
		return err
	}
	return k.ports.Bond.Release(ctx, operator, lease.Exposure)
}

// enterLease stores a lease, puts it into the queues of its state and, unless it is closed, into the calendar, which a closed one leaves.
func (k *Keeper) enterLease(ctx sdk.Context, lease *types.Lease) error {
	if err := k.fileLease(ctx, lease); err != nil {
		return err
	}
	if lease.State == types.LEASE_STATE_CLOSED {
		return k.unbook(ctx, lease.Device, lease.Start.Unix())
	}
	return k.book(ctx, lease.Device, lease.Booking())
}

// fileLease stores a lease and puts it into the queues of its state.
func (k *Keeper) fileLease(ctx sdk.Context, lease *types.Lease) error {
	if err := k.rent.leases.Set(ctx, lease.Id, *lease); err != nil {
		return err
	}
	if lease.State == types.LEASE_STATE_CLOSED {
		return k.rent.prune.Set(ctx, collections.Join(lease.PruneAt, lease.Id))
	}
	if awaitsLate(lease) {
		if err := k.rent.late.Set(ctx, collections.Join(lease.Late, lease.Id)); err != nil {
			return err
		}
	}
	return k.rent.due.Set(ctx, collections.Join(lease.Due, lease.Id))
}

// leaveLease takes a lease out of its queues. It stays in the calendar.
func (k *Keeper) leaveLease(ctx sdk.Context, lease *types.Lease) error {
	if lease.State == types.LEASE_STATE_CLOSED {
		return k.rent.prune.Remove(ctx, collections.Join(lease.PruneAt, lease.Id))
	}
	if awaitsLate(lease) {
		if err := k.rent.late.Remove(ctx, collections.Join(lease.Late, lease.Id)); err != nil {
			return err
		}
	}
	return k.rent.due.Remove(ctx, collections.Join(lease.Due, lease.Id))
}

// awaitsLate tells whether a lease is in the queue of what lasts too long: the grace of a reserved one is looked at with its tries.
func awaitsLate(lease *types.Lease) bool {
	return lease.Late > 0 && (lease.State == types.LEASE_STATE_ACTIVE || lease.State == types.LEASE_STATE_OUTAGE)
}

// requeueLease changes when a lease is looked at.
func (k *Keeper) requeueLease(ctx sdk.Context, lease *types.Lease, change func(*types.Lease)) error {
	if err := k.leaveLease(ctx, lease); err != nil {
		return err
	}
	change(lease)
	return k.enterLease(ctx, lease)
}

// jobOver is the Unix second at which a job that is placed now must be proven, if no block is late and its round comes at once.
func jobOver(ctx sdk.Context, params types.Params, work, proof uint64) int64 {
	return ctx.BlockTime().Unix() + int64((commitWindow(params, work)+proof)/1000) + 1
}

func operatorOf(lease *types.Lease) (sdk.AccAddress, error) {
	operator, err := accounts.Decode(lease.Operator)
	if err != nil {
		return nil, types.ErrAddress.Wrapf("lease %d: operator: %s", lease.Id, err)
	}
	return operator, nil
}

func tenantOf(lease *types.Lease) (sdk.AccAddress, error) {
	customer, err := accounts.Decode(lease.Customer)
	if err != nil {
		return nil, types.ErrAddress.Wrapf("lease %d: customer: %s", lease.Id, err)
	}
	return customer, nil
}
