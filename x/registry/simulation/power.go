package simulation

import (
	"context"

	"github.com/cosmos/cosmos-sdk/testutil/simsx"

	"github.com/assaychain/assay/x/registry/keeper"
	"github.com/assaychain/assay/x/registry/types"
)

// smallGauges draws how fast quality fades, when devices are hot and how soon reports are forgotten.
func smallGauges(params *types.Params, r *simsx.XRand) {
	params.Quality.HalfLifeSeconds = types.MinHalfLifeSeconds + uint64(r.Intn(1_000_000))
	params.Telemetry.BandCelsius = int32(1 + r.Intn(10))
	params.Telemetry.PauseSeconds = uint64(1 + r.Intn(60))
	params.Telemetry.KeepSeconds = types.MinKeepSeconds + uint64(r.Intn(3_600))
	params.Telemetry.MaxLapsesPerBlock = uint32(1 + r.Intn(100))
	params.MaxSwitchesPerBlock = uint32(1 + r.Intn(types.SwitchesLimit))
}

// MsgReportTelemetryFactory reports a device's condition, which may be too soon after the last report.
func MsgReportTelemetryFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return simsx.NewSimMsgFactoryWithDeliveryResultHandler(func(
		ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter,
	) ([]simsx.SimAccount, *types.MsgReportTelemetry, simsx.SimDeliveryResultHandler) {
		device, owner, ok := anyDevice(ctx, k, data, reporter)
		if !ok {
			return nil, nil, nil
		}
		r := data.Rand()
		return []simsx.SimAccount{owner}, &types.MsgReportTelemetry{
			Operator: device.Operator, Device: device.Id, Celsius: int32(20 + r.Intn(90)), Watts: uint32(r.Intn(20)),
			UtilisationPercent: uint32(r.Intn(101)), MemoryFreeMib: uint32(r.Intn(int(device.MemoryMib) + 1)),
		}, refusable(types.ErrTooSoon)
	})
}

// MsgSetPowerBudgetFactory limits what an operator's devices draw together, or ends the limit.
func MsgSetPowerBudgetFactory(k *keeper.Keeper) simsx.SimMsgFactoryFn[*types.MsgSetPowerBudget] {
	return func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgSetPowerBudget) {
		operator, ok := anyOperator(ctx, k, data, reporter)
		if !ok {
			return nil, nil
		}
		budget := uint32(0)
		if r := data.Rand(); r.Intn(3) > 0 {
			budget = uint32(1 + r.Intn(2_000))
		}
		return []simsx.SimAccount{operator}, &types.MsgSetPowerBudget{Operator: operator.AddressBech32, Budget: budget}
	}
}

// MsgSetDevicePowerFactory gives a device hours; half of them get all of the day. Waking one may be refused.
func MsgSetDevicePowerFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return simsx.NewSimMsgFactoryWithDeliveryResultHandler(func(
		ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter,
	) ([]simsx.SimAccount, *types.MsgSetDevicePower, simsx.SimDeliveryResultHandler) {
		device, owner, ok := anyDevice(ctx, k, data, reporter)
		if !ok {
			return nil, nil, nil
		}
		hours := uint32(0)
		if r := data.Rand(); r.Intn(2) > 0 {
			hours = uint32(1 + r.Intn(types.AllHours))
		}
		return []simsx.SimAccount{owner}, &types.MsgSetDevicePower{Operator: device.Operator, Device: device.Id, Hours: hours},
			refusable(types.ErrBond, types.ErrJailed)
	})
}
