package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/hooks"
	"github.com/assaychain/assay/x/registry/qos"
	"github.com/assaychain/assay/x/registry/types"
)

// Telemetry returns what was last reported of a device; false when nothing is known, or no more.
func (k *Keeper) Telemetry(ctx context.Context, device []byte) (types.Telemetry, bool, error) {
	return k.gauges.report(ctx, device)
}

// ReportTelemetry takes a report of the condition of one of the operator's devices, and takes it for as hot as that says. A report follows
// the last one after pause_seconds of active time.
func (k *Keeper) ReportTelemetry(ctx context.Context, operator sdk.AccAddress, report types.Telemetry) (types.Heat, error) {
	device, err := k.own(ctx, operator, report.Device)
	if err != nil {
		return 0, err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return 0, err
	}
	tdp, err := k.tdp(ctx, device)
	if err != nil {
		return 0, err
	}
	if err := device.CheckTelemetry(report, tdp); err != nil {
		return 0, err
	}
	now, err := k.Now(ctx)
	if err != nil {
		return 0, err
	}
	last, found, err := k.gauges.report(ctx, report.Device)
	if err != nil {
		return 0, err
	}
	if next := last.Reported + params.Telemetry.PauseSeconds*1_000; found && now < next {
		return 0, types.ErrTooSoon.Wrapf("device %x: wait for another %d ms of active time", report.Device, next-now)
	}
	report.Reported, report.Lapses = now, now+params.Telemetry.KeepSeconds*1_000
	if err := k.gauges.keep(ctx, report); err != nil {
		return 0, err
	}
	heat := types.Heat(params.Telemetry.Thermometer().Next(qos.Heat(device.Heat), report.Celsius))
	if err := k.heat(ctx, device, heat); err != nil {
		return 0, err
	}
	return heat, sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(&types.EventTelemetryReported{
		Operator: device.Operator, Device: device.Id, Celsius: report.Celsius, Watts: report.Watts, Heat: heat,
	})
}

// heat takes a device for as hot as it is.
func (k *Keeper) heat(ctx context.Context, device types.Device, heat types.Heat) error {
	if device.Heat == heat {
		return nil
	}
	changed := device
	changed.Heat = heat
	return k.replace(ctx, device, changed)
}

// tdp is what a device's model is rated for, in watts; 0 when that is not known.
func (k *Keeper) tdp(ctx context.Context, device types.Device) (uint32, error) {
	if device.ModelKey == "" {
		return 0, nil
	}
	model, err := k.models.Get(ctx, device.ModelKey)
	if errors.Is(err, collections.ErrNotFound) {
		return 0, nil
	}
	return model.TdpWatts, err
}

// forgetReports forgets reports that are too old, at most max_lapses_per_block, oldest first. One that fails is tried again an hour later.
func (k *Keeper) forgetReports(ctx sdk.Context, params types.Params, now uint64) {
	for _, key := range k.head(ctx, "read old telemetry", k.gauges.due, now, params.Telemetry.MaxLapsesPerBlock) {
		item := fmt.Sprintf("telemetry of device %x", key.K2())
		if !hooks.Isolate(ctx, types.ModuleName, item, func(ctx sdk.Context) error { return k.forget(ctx, key) }) {
			hooks.Isolate(ctx, types.ModuleName, "put off "+item, func(ctx sdk.Context) error { return k.putOffReport(ctx, key, now) })
		}
	}
}

// head lists the head of a queue whose moment has come.
func (k *Keeper) head(ctx sdk.Context, name string, queue collections.KeySet[lapseKey], now uint64, limit uint32) (keys []lapseKey) {
	hooks.Isolate(ctx, types.ModuleName, name, func(ctx sdk.Context) error {
		until := collections.NewPrefixUntilPairRange[uint64, []byte](now)
		return queue.Walk(ctx, until, func(key lapseKey) (bool, error) {
			keys = append(keys, key)
			return len(keys) >= int(limit), nil
		})
	})
	return keys
}

// forget drops a report. Its device is no longer warm or hot; one that is withdrawn stays so, since nothing says that it is cooler.
func (k *Keeper) forget(ctx sdk.Context, key lapseKey) error {
	device, err := k.Device(ctx, key.K2())
	if err != nil {
		return err
	}
	if err := k.gauges.drop(ctx, device.Id); err != nil {
		return err
	}
	heat := device.Heat
	if heat < types.HEAT_WITHDRAWN {
		heat = types.HEAT_NORMAL
	}
	if err := k.heat(ctx, device, heat); err != nil {
		return err
	}
	return ctx.EventManager().EmitTypedEvent(&types.EventTelemetryLapsed{Device: device.Id, Heat: heat})
}

// putOffReport keeps a report that could not be forgotten for another while. A place in the queue without a report is given up.
func (k *Keeper) putOffReport(ctx sdk.Context, key lapseKey, now uint64) error {
	report, found, err := k.gauges.report(ctx, key.K2())
	if err != nil {
		return err
	}
	if !found || report.Lapses != key.K1() {
		return k.gauges.due.Remove(ctx, key)
	}
	report.Lapses = now + lapseRetryMs
	if err := k.gauges.due.Remove(ctx, key); err != nil {
		return err
	}
	if err := k.gauges.due.Set(ctx, collections.Join(report.Lapses, report.Device)); err != nil {
		return err
	}
	return k.gauges.reports.Set(ctx, report.Device, report)
}
