package keeper

import (
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/hooks"
	"github.com/assaychain/assay/x/registry/types"
)

// switchRetrySeconds is how long a switch that failed waits, so that it doesn't stay at the head of the queue: an hour.
const switchRetrySeconds = 3_600

// switchDevices makes devices available or unavailable whose hours begin or end, at most max_switches_per_block, oldest first. A switch that
// fails is tried again an hour later.
func (k *Keeper) switchDevices(ctx sdk.Context, params types.Params) {
	second := uint64(max(ctx.BlockTime().Unix(), 0))
	for _, key := range k.head(ctx, "read switches", k.gauges.switches, second, params.MaxSwitchesPerBlock) {
		item := fmt.Sprintf("switch of device %x", key.K2())
		if !hooks.Isolate(ctx, types.ModuleName, item, func(ctx sdk.Context) error { return k.switchDevice(ctx, params, key.K2()) }) {
			hooks.Isolate(ctx, types.ModuleName, "put off "+item, func(ctx sdk.Context) error { return k.putOffSwitch(ctx, key) })
		}
	}
}

// switchDevice has a device follow its hours. One whose operator is in jail, or has too little bonded, doesn't wake: its operator makes it
// available.
func (k *Keeper) switchDevice(ctx sdk.Context, params types.Params, id []byte) error {
	device, err := k.Device(ctx, id)
	if err != nil {
		return err
	}
	now := ctx.BlockTime()
	changed := device.Offered(device.Wanted(), now)
	changed.Switches = changed.NextSwitch(now)
	if changed.Available && !device.Available {
		if changed, err = k.wake(ctx, params, changed); err != nil {
			return err
		}
	}
	if err := k.amend(ctx, params, device, &changed); err != nil {
		return err
	}
	if err := k.ask(ctx, params, id); err != nil || changed.Available == device.Available {
		return err
	}
	return ctx.EventManager().EmitTypedEvent(&types.EventDeviceSwitched{
		Operator: device.Operator, Device: id, Available: changed.Available,
	})
}

// wake lets a device become available if its operator could make it so.
func (k *Keeper) wake(ctx sdk.Context, params types.Params, device types.Device) (types.Device, error) {
	address, err := parseAddress("operator", device.Operator)
	if err != nil {
		return device, err
	}
	err = k.reconsider(ctx, params, address, true)
	if types.ErrJailed.Is(err) || types.ErrBond.Is(err) {
		device.Available = false
		return device, nil
	}
	return device, err
}

// putOffSwitch moves a switch that failed back in the queue. A place in the queue that no device has is given up.
func (k *Keeper) putOffSwitch(ctx sdk.Context, key lapseKey) error {
	device, err := k.Device(ctx, key.K2())
	if types.ErrDeviceNotFound.Is(err) || err == nil && uint64(device.Switches) != key.K1() {
		return k.gauges.switches.Remove(ctx, key)
	}
	if err != nil {
		return err
	}
	changed := device
	changed.Switches = ctx.BlockTime().Unix() + switchRetrySeconds
	return k.replace(ctx, device, changed)
}
