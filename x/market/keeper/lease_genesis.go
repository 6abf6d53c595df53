package keeper

import (
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/types"
)

// importLeases writes the leases and rebuilds calendars, queues and indexes from them. The registry has its records already, which the
// invariants compare with the calendars; and a closed lease's device may be gone.
func (k *Keeper) importLeases(ctx sdk.Context, state *types.GenesisState) error {
	if err := k.rent.next.Set(ctx, max(1, state.NextLeaseId)); err != nil {
		return err
	}
	if err := k.rent.demand.Set(ctx, state.Demand); err != nil {
		return err
	}
	for i := range state.Leases {
		lease := &state.Leases[i]
		if lease.State != types.LEASE_STATE_CLOSED {
			if err := k.checkFree(ctx, lease.Device, lease.Window(), 0); err != nil {
				return types.ErrGenesis.Wrapf("lease %d: %s", lease.Id, err)
			}
			if err := k.setBooking(ctx, lease.Device, lease.Booking()); err != nil {
				return err
			}
		}
		if err := k.indexLease(ctx, lease); err != nil {
			return err
		}
		if err := k.fileLease(ctx, lease); err != nil {
			return err
		}
	}
	return nil
}

// exportLeases adds the leases to a state.
func (k *Keeper) exportLeases(ctx sdk.Context, state *types.GenesisState) error {
	var err error
	if state.NextLeaseId, err = k.rent.next.Peek(ctx); err != nil {
		return err
	}
	if state.Demand, err = k.demand(ctx); err != nil {
		return err
	}
	return k.rent.leases.Walk(ctx, nil, func(_ uint64, lease types.Lease) (bool, error) {
		state.Leases = append(state.Leases, lease)
		return false, nil
	})
}
