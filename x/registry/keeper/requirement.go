package keeper

import (
	"context"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/registry/types"
)

// required sums what the rules demand for the operator's devices, and for one to come when there is one. The work is
// bounded by the devices an operator may have.
func (k *Keeper) required(ctx context.Context, params types.Params, address sdk.AccAddress, coming *types.Device) (math.Int, error) {
	devices, err := k.devicesOf(ctx, address)
	if err != nil {
		return math.Int{}, err
	}
	if coming != nil {
		devices = append(devices, *coming)
	}
	sum := math.ZeroInt()
	for _, device := range devices {
		rule, err := params.Rule(device.Class)
		if err != nil {
			return math.Int{}, err
		}
		sum = sum.Add(rule.MinBond)
	}
	return sum, nil
}

// cover demands that the bond is large enough for every device, and locks that much of it.
func (k *Keeper) cover(ctx context.Context, params types.Params, address sdk.AccAddress, coming *types.Device) error {
	required, err := k.required(ctx, params, address, coming)
	if err != nil {
		return err
	}
	bonded, err := k.bond.Bonded(ctx, address)
	if err != nil {
		return err
	}
	if bonded.LT(required) {
		return types.ErrBond.Wrapf("%s has bonded %s: its devices need %s", address, bonded, required)
	}
	return k.bond.SetRequirement(ctx, address, required)
}

// relax locks what the devices need, or all there is when a slash left less: a bond too small must not keep a device
// from leaving.
func (k *Keeper) relax(ctx context.Context, params types.Params, address sdk.AccAddress) error {
	required, err := k.required(ctx, params, address, nil)
	if err != nil {
		return err
	}
	bonded, err := k.bond.Bonded(ctx, address)
	if err != nil {
		return err
	}
	return k.bond.SetRequirement(ctx, address, math.MinInt(required, bonded))
}

// reconsider brings the lock up to the present rules when an operator touches a device.
func (k *Keeper) reconsider(ctx context.Context, params types.Params, address sdk.AccAddress, available bool) error {
	if !available {
		return k.relax(ctx, params, address)
	}
	if err := k.refuseJailed(ctx, address); err != nil {
		return err
	}
	return k.cover(ctx, params, address, nil)
}
