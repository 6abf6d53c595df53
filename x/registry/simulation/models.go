package simulation

import (
	"context"
	"fmt"

	"github.com/cosmos/cosmos-sdk/testutil/simsx"

	"github.com/assaychain/assay/x/registry/keeper"
	"github.com/assaychain/assay/x/registry/types"
)

// datacentre is a model of the catalogue: no unknown one passes for its class.
const datacentre = "NVIDIA H100 80GB HBM3"

// hardwareOf is a model and a back end that a device of a class may have. Its memory may still be too small for the class.
func hardwareOf(class types.DeviceClass) (string, types.Backend) {
	switch class {
	case types.DEVICE_CLASS_DATACENTRE:
		return datacentre, types.BACKEND_CUDA
	case types.DEVICE_CLASS_CONSUMER:
		return "simulated", types.BACKEND_CUDA
	default:
		return "simulated", types.BACKEND_CPU
	}
}

// MsgUpsertGpuModelFactory adds a model to the catalogue, or corrects one of those it added.
func MsgUpsertGpuModelFactory(k *keeper.Keeper) simsx.SimMsgFactoryFn[*types.MsgUpsertGpuModel] {
	return func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgUpsertGpuModel) {
		model, err := k.GpuModel(ctx, datacentre)
		if err != nil {
			reporter.Skip(err.Error())
			return nil, nil
		}
		r := data.Rand()
		model.Key = fmt.Sprintf("simulated-%d", r.Intn(5))
		model.Name, model.Aliases = model.Key, []string{fmt.Sprintf("%s alias %d", model.Key, r.Intn(3))}
		model.Class = types.DeviceClass(2 + r.Intn(4))
		model.MemoryMib = uint32(r.Intn(1 << 16))
		return nil, &types.MsgUpsertGpuModel{Authority: data.ModuleAccountAddress(reporter, "gov"), Model: model}
	}
}
