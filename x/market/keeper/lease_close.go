package keeper

import (
	"errors"
	"fmt"
	"time"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	escrowtypes "github.com/assaychain/assay/x/escrow/types"
	"github.com/assaychain/assay/x/hooks"
	"github.com/assaychain/assay/x/market/leases"
	"github.com/assaychain/assay/x/market/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
)

// closeLease ends a lease as of a moment: its time is paid through it, whoever is owed is paid, the rest goes back to the customer, the
// device is free, and the record stays for its history.
func (k *Keeper) closeLease(ctx sdk.Context, lease *types.Lease, event leases.Event, at time.Time) error {
	t, err := leaseTransition(lease, event)
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
	outcome, err := k.settleLease(ctx, params, lease, t.Reason, at)
	if err != nil {
		return err
	}
	if err := k.moveLease(ctx, lease, event, func(lease *types.Lease) {
		lease.endOutage(at)
	}); err != nil {
		return err
	}
	return ctx.EventManager().EmitTypedEvent(outcome)
}
