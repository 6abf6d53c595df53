package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	"github.com/cosmos/cosmos-sdk/codec"

	"github.com/assaychain/assay/x/collvalue"
	"github.com/assaychain/assay/x/registry/types"
)

// gauges are what is known of devices beside their records: their condition, their hours, and what work usually costs.
type gauges struct {
	// reports: device id → what was last reported of it; written by ReportTelemetry, removed as it lapses and with the device.
	reports collections.Map[[]byte, types.Telemetry]
	// due holds (lapses, device id) of every report; written with it.
	due collections.KeySet[lapseKey]
	// switches holds (switches, device id) of every device that has some hours only; written with the device.
	switches collections.KeySet[lapseKey]
	// prices: class → what work of it usually costs; written by Observe.
	prices collections.Map[uint32, uint64]
}

func newGauges(sb *collections.SchemaBuilder, cdc codec.BinaryCodec) gauges {
	moments := collections.PairKeyCodec(collections.Uint64Key, collections.BytesKey)
	return gauges{
		reports:  collections.NewMap(sb, types.TelemetryPrefix, "telemetry", collections.BytesKey, collvalue.Of[types.Telemetry](cdc)),
		due:      collections.NewKeySet(sb, types.TelemetryDuePrefix, "telemetry_due", moments),
		switches: collections.NewKeySet(sb, types.SwitchesPrefix, "switches", moments),
		prices:   collections.NewMap(sb, types.PricesPrefix, "prices", collections.Uint32Key, collections.Uint64Value),
	}
}

// report returns what was last reported of a device; false when nothing is known.
func (g gauges) report(ctx context.Context, device []byte) (types.Telemetry, bool, error) {
	report, err := g.reports.Get(ctx, device)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Telemetry{}, false, nil
	}
	return report, err == nil, err
}

// keep replaces what is known of a device's condition.
func (g gauges) keep(ctx context.Context, report types.Telemetry) error {
	if err := g.drop(ctx, report.Device); err != nil {
		return err
	}
	if err := g.due.Set(ctx, collections.Join(report.Lapses, report.Device)); err != nil {
		return err
	}
	return g.reports.Set(ctx, report.Device, report)
}

// drop forgets what was reported of a device, if anything was.
func (g gauges) drop(ctx context.Context, device []byte) error {
	report, found, err := g.report(ctx, device)
	if err != nil || !found {
		return err
	}
	if err := g.due.Remove(ctx, collections.Join(report.Lapses, device)); err != nil {
		return err
	}
	return g.reports.Remove(ctx, device)
}

// plan keeps a device's place in the queue of those that are switched by their hours.
func (g gauges) plan(ctx context.Context, old, changed types.Device) error {
	if old.Switches == changed.Switches {
		return nil
	}
	if old.Switches > 0 {
		if err := g.switches.Remove(ctx, collections.Join(uint64(old.Switches), old.Id)); err != nil {
			return err
		}
	}
	if changed.Switches > 0 {
		return g.switches.Set(ctx, collections.Join(uint64(changed.Switches), changed.Id))
	}
	return nil
}

// usualPrice is what work of a class usually costs; 0 before any was proven.
func (g gauges) usualPrice(ctx context.Context, class types.DeviceClass) (uint64, error) {
	price, err := g.prices.Get(ctx, uint32(class))
	if errors.Is(err, collections.ErrNotFound) {
		return 0, nil
	}
	return price, err
}

// initGauges writes reports and prices. The queue of switches is written with the devices.
func (k *Keeper) initGauges(ctx context.Context, state *types.GenesisState) error {
	for _, report := range state.Telemetry {
		if err := k.gauges.keep(ctx, report); err != nil {
			return err
		}
	}
	for _, price := range state.Prices {
		if err := k.gauges.prices.Set(ctx, uint32(price.Class), price.Price); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) exportGauges(ctx context.Context, state *types.GenesisState) error {
	err := k.gauges.reports.Walk(ctx, nil, func(_ []byte, report types.Telemetry) (bool, error) {
		state.Telemetry = append(state.Telemetry, report)
		return false, nil
	})
	if err != nil {
		return err
	}
	return k.gauges.prices.Walk(ctx, nil, func(class uint32, price uint64) (bool, error) {
		state.Prices = append(state.Prices, types.ClassPrice{Class: types.DeviceClass(class), Price: price})
		return false, nil
	})
}

// checkGauges checks that the queues hold exactly what reports and devices say; what those may be is checked with the exported state.
func (k *Keeper) checkGauges(ctx context.Context, state *types.GenesisState) error {
	for _, report := range state.Telemetry {
		queued, err := k.gauges.due.Has(ctx, collections.Join(report.Lapses, report.Device))
		if err != nil {
			return err
		}
		if !queued {
			return types.ErrInvariant.Wrapf("telemetry of device %x until %d is not in the queue", report.Device, report.Lapses)
		}
	}
	if err := exactly(ctx, "reports to forget", k.gauges.due, len(state.Telemetry)); err != nil {
		return err
	}
	switching := 0
	for _, device := range state.Devices {
		if device.Switches == 0 {
			continue
		}
		switching++
		queued, err := k.gauges.switches.Has(ctx, collections.Join(uint64(device.Switches), device.Id))
		if err != nil {
			return err
		}
		if !queued {
			return types.ErrInvariant.Wrapf("device %x switches at %d and is not in the queue", device.Id, device.Switches)
		}
	}
	return exactly(ctx, "devices to switch", k.gauges.switches, switching)
}
