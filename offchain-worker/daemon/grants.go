package daemon

import (
	"context"
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"

	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// offerGranted offers the devices as the configuration wants it at the start, or takes them out of the offer while the hot key lacks a grant:
// it would win jobs and spot checks that it can't answer, and be punished for them.
func (d *Daemon) offerGranted(ctx context.Context) {
	missing, known := d.missingGrants(ctx)
	switch {
	case !known:
		// Offered when the chain can be asked and has all.
		d.lacking.Store(true)
	case len(missing) > 0:
		d.withdrawUngranted(ctx, missing)
	default:
		d.offerAll(ctx)
	}
}

// offerAll offers the devices as the configuration wants it. What does not come through, because the chain can't be asked, or changed since the
// gas was estimated, is done again when grants are looked at next.
func (d *Daemon) offerAll(ctx context.Context) {
	d.unoffered.Store(!d.offer(ctx, d.config.Devices.AvailableOnStart, true))
}

// keepGranted takes the devices out of the offer while the hot key lacks a grant, and offers them again once it has all; fit is whether nothing
// else keeps them out.
func (d *Daemon) keepGranted(ctx context.Context, fit bool) {
	lacked := d.lacking.Load()
	missing, known := d.missingGrants(ctx)
	switch {
	case len(missing) > 0:
		d.withdrawUngranted(ctx, missing)
	case known && (lacked || d.unoffered.Load()) && fit && !d.stopping.Load():
		d.offerAll(ctx)
	}
}

// missingGrants are those that the hot key lacks, and tells of them once. It is false when the chain can't be asked: lacking stays then.
func (d *Daemon) missingGrants(ctx context.Context) (missing []string, known bool) {
	missing, err := d.client.MissingGrants(ctx, d.operator, d.signer.Address())
	if err != nil {
		d.deps.Log.Warn("can't read the hot key's grants", "error", err)
		return nil, false
	}
	d.metrics.SetMissingGrants(len(missing))
	lacked := d.lacking.Swap(len(missing) > 0)
	switch {
	case len(missing) > 0 && !lacked && !withdrawable(missing):
		d.deps.Log.Error("the hot key lacks grants, that for changing devices among them: stop this worker from getting jobs that it can't answer with "+
			"assay-worker register, or take its devices out of the offer by the operator's key", "missing", missing)
	case len(missing) > 0 && !lacked:
		d.deps.Log.Error("the hot key lacks grants: the devices are not offered until the operator has run assay-worker register", "missing", missing)
	case len(missing) == 0 && lacked:
		d.deps.Log.Info("the hot key has all grants")
	}
	return missing, true
}

// withdrawUngranted takes the devices out of the offer, if the hot key may do that.
func (d *Daemon) withdrawUngranted(ctx context.Context, missing []string) {
	if withdrawable(missing) {
		d.offer(ctx, true, false)
	}
}

// withdrawable tells whether the hot key may change devices though it lacks some grants.
func withdrawable(missing []string) bool {
	return !slices.Contains(missing, sdk.MsgTypeURL(&registrytypes.MsgUpdateDevice{}))
}
