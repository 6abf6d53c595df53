package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/registry/types"
)

// SetPowerBudget limits what an operator's devices in use draw together, in watts; 0 ends the limit. Jobs in flight go on: under a limit below
// what is drawn no idle device takes work. The work is bounded by the devices that an operator with a budget may have.
func (k *Keeper) SetPowerBudget(ctx context.Context, address sdk.AccAddress, budget uint32) error {
	operator, err := k.Operator(ctx, address)
	if err != nil {
		return err
	}
	if budget > types.MaxPowerBudget {
		return types.ErrPower.Wrapf("budget is %d W: it must be at most %d", budget, types.MaxPowerBudget)
	}
	if budget > 0 && operator.Devices > types.MeteredLimit {
		return types.ErrPower.Wrapf("budget for %d devices: an operator with one has at most %d: retire some, or split the operator", operator.Devices, types.MeteredLimit)
	}
	devices, err := k.devicesOf(ctx, address)
	if err != nil {
		return err
	}
	operator.PowerBudget, operator.PowerUsed = budget, 0
	for i, device := range devices {
		changed := device
		changed.Metered, changed.Unpowered = budget > 0, changed.Unpowered && budget > 0
		operator.PowerUsed += changed.Metering()
		devices[i] = changed
		if changed.Metered == device.Metered && changed.Unpowered == device.Unpowered {
			continue
		}
		if err := k.rewrite(ctx, device, changed); err != nil {
			return err
		}
	}
	if err := k.operators.Set(ctx, address, operator); err != nil {
		return err
	}
	if err := k.refit(ctx, devices, operator); err != nil {
		return err
	}
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(&types.EventPowerBudgetSet{Operator: operator.Address, Budget: budget})
}

// SetDevicePower tells what one of the operator's devices draws under load, and in which hours of the day it takes work. Jobs in flight go on.
func (k *Keeper) SetDevicePower(ctx context.Context, address sdk.AccAddress, id []byte, watts, hours uint32) error {
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	device, err := k.own(ctx, address, id)
	if err != nil {
		return err
	}
	tdp, err := k.tdp(ctx, device)
	if err != nil {
		return err
	}
	changed, err := device.WithDraw(watts, tdp)
	if err != nil {
		return err
	}
	if changed, err = changed.WithHours(hours, sdk.UnwrapSDKContext(ctx).BlockTime()); err != nil {
		return err
	}
	if changed.Available && !device.Available {
		if err := k.reconsider(ctx, params, address, true); err != nil {
			return err
		}
	}
	if err := k.amend(ctx, params, device, &changed); err != nil {
		return err
	}
	if err := k.ask(ctx, params, id); err != nil {
		return err
	}
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(&types.EventDevicePowerSet{
		Operator: device.Operator, Device: id, Watts: changed.Watts, Hours: hours,
	})
}

// power gives a new device its model's draw, and its place in the operator's power budget.
func (k *Keeper) power(ctx context.Context, operator types.Operator, device *types.Device) error {
	if operator.PowerBudget > 0 && operator.Devices >= types.MeteredLimit {
		return types.ErrPower.Wrapf("an operator with a power budget has at most %d devices: end the budget first", types.MeteredLimit)
	}
	tdp, err := k.tdp(ctx, *device)
	if err != nil {
		return err
	}
	if *device, err = device.WithDraw(0, tdp); err != nil {
		return err
	}
	device.Metered = operator.PowerBudget > 0
	device.Unpowered = !device.Fits(operator.PowerBudget, operator.PowerUsed)
	return nil
}

// meter keeps what an operator's devices draw as one of them is taken into use or out of it, or draws something else, and reckons anew for
// which of them there is room.
func (k *Keeper) meter(ctx context.Context, old, changed types.Device) error {
	was, is := old.Metering(), changed.Metering()
	if !changed.Metered || was == is && old.Draw() == changed.Draw() {
		return nil
	}
	address, err := parseAddress("operator", changed.Operator)
	if err != nil {
		return err
	}
	operator, err := k.Operator(ctx, address)
	if err != nil {
		return err
	}
	if operator.PowerUsed < was {
		return types.ErrInvariant.Wrapf("operator %s uses %d W, of which one device draws %d", address, operator.PowerUsed, was)
	}
	operator.PowerUsed = operator.PowerUsed - was + is
	if err := k.operators.Set(ctx, address, operator); err != nil {
		return err
	}
	devices, err := k.devicesOf(ctx, address)
	if err != nil {
		return err
	}
	return k.refit(ctx, devices, operator)
}

// refit offers those of an operator's devices for which its power budget has room, and no others.
func (k *Keeper) refit(ctx context.Context, devices []types.Device, operator types.Operator) error {
	for _, device := range devices {
		changed := device
		changed.Unpowered = !device.Fits(operator.PowerBudget, operator.PowerUsed)
		if changed.Unpowered == device.Unpowered {
			continue
		}
		if err := k.rewrite(ctx, device, changed); err != nil {
			return err
		}
	}
	return nil
}
