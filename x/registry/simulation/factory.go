// Package simulation makes random operators and devices for the SDK's simulator.
package simulation

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/testutil/simsx"
	"github.com/cosmos/cosmos-sdk/types/module"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/x/registry/keeper"
	"github.com/assaychain/assay/x/registry/types"
)

const (
	// page bounds the operators and devices among which one is chosen.
	page = 200
	// maxPrice of a simulated device.
	maxPrice = 1_000
)

// RandomizedGenState has no operators and bonds small enough for the simulated accounts.
func RandomizedGenState(state *module.SimulationState) {
	genesis := types.DefaultGenesis()
	for i := range genesis.Params.Classes {
		genesis.Params.Classes[i].MinBond = math.NewInt(state.Rand.Int63n(100_000))
	}
	genesis.Params.MaxDevicesPerOperator = uint32(1 + state.Rand.Intn(6))
	smallChecks(&genesis.Params, state.Rand.Intn(3))
	state.GenState[types.ModuleName] = state.Cdc.MustMarshalJSON(genesis)
}

// refusable lets a message be refused for reasons that its factory does not look at.
func refusable(reasons ...error) simsx.SimDeliveryResultHandler {
	return func(err error) error {
		for _, reason := range reasons {
			if errors.Is(err, reason) {
				return nil
			}
		}
		return err
	}
}

// MsgRegisterOperatorFactory makes an account an operator.
func MsgRegisterOperatorFactory(k *keeper.Keeper) simsx.SimMsgFactoryFn[*types.MsgRegisterOperator] {
	return func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgRegisterOperator) {
		account := data.AnyAccount(reporter, simsx.WithSpendableBalance())
		if reporter.IsSkipped() {
			return nil, nil
		}
		if _, err := k.Operator(ctx, account.Address); err == nil {
			reporter.Skip("the account is an operator")
			return nil, nil
		}
		return []simsx.SimAccount{account}, &types.MsgRegisterOperator{
			Operator: account.AddressBech32, Moniker: data.Rand().StringN(types.MaxMoniker - 1), Endpoint: "https://worker.example:26800",
		}
	}
}

// MsgUpdateOperatorFactory changes an operator's name, where its payments go and whether it has a relay.
func MsgUpdateOperatorFactory(k *keeper.Keeper) simsx.SimMsgFactoryFn[*types.MsgUpdateOperator] {
	return func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgUpdateOperator) {
		operator, ok := anyOperator(ctx, k, data, reporter)
		if !ok {
			return nil, nil
		}
		payout := data.AnyAccount(reporter)
		if reporter.IsSkipped() {
			return nil, nil
		}
		message := &types.MsgUpdateOperator{
			Operator: operator.AddressBech32, Moniker: "renamed", Endpoint: "http://[::1]:26800/path", PayoutAddress: payout.AddressBech32,
		}
		if data.Rand().Intn(3) > 0 {
			message.RelayUrl = "https://relay.example:26810"
			message.RelayKey = RelayKey(message.Operator).Public().(ed25519.PublicKey)
		}
		return []simsx.SimAccount{operator}, message
	}
}

// RelayKey is the key of a simulated operator's relay.
func RelayKey(operator string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("relay of " + operator))
	return ed25519.NewKeyFromSeed(seed[:])
}

// anyOperator chooses an operator among the simulated accounts.
func anyOperator(
	ctx context.Context, k *keeper.Keeper, data *simsx.ChainDataSource, reporter simsx.SimulationReporter,
) (simsx.SimAccount, bool) {
	response, err := keeper.NewQueryServer(k).Operators(ctx, &types.QueryOperatorsRequest{Pagination: &query.PageRequest{Limit: page}})
	if err != nil || len(response.Operators) == 0 {
		reporter.Skip("nobody is an operator")
		return simsx.SimAccount{}, false
	}
	account := data.GetAccount(reporter, response.Operators[data.Rand().Intn(len(response.Operators))].Address)
	return account, !reporter.IsSkipped()
}

// anyDevice chooses a device and its owner.
func anyDevice(
	ctx context.Context, k *keeper.Keeper, data *simsx.ChainDataSource, reporter simsx.SimulationReporter,
) (types.Device, simsx.SimAccount, bool) {
	response, err := keeper.NewQueryServer(k).Devices(ctx, &types.QueryDevicesRequest{Pagination: &query.PageRequest{Limit: page}})
	if err != nil || len(response.Devices) == 0 {
		reporter.Skip("there is no device")
		return types.Device{}, simsx.SimAccount{}, false
	}
	device := response.Devices[data.Rand().Intn(len(response.Devices))]
	return device, data.GetAccount(reporter, device.Operator), !reporter.IsSkipped()
}

// MsgRegisterDeviceFactory registers hardware of a random class for an operator, whose bond may be too small.
func MsgRegisterDeviceFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return simsx.NewSimMsgFactoryWithDeliveryResultHandler(func(
		ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter,
	) ([]simsx.SimAccount, *types.MsgRegisterDevice, simsx.SimDeliveryResultHandler) {
		operator, ok := anyOperator(ctx, k, data, reporter)
		if !ok {
			return nil, nil, nil
		}
		r := data.Rand()
		id := make([]byte, types.DeviceIDSize)
		r.Read(id)
		class := types.DeviceClass(1 + r.Intn(types.Classes))
		backend := types.BACKEND_CPU
		if class == types.DEVICE_CLASS_CONSUMER || class == types.DEVICE_CLASS_DATACENTRE {
			backend = types.BACKEND_CUDA
		}
		return []simsx.SimAccount{operator}, &types.MsgRegisterDevice{
			Operator: operator.AddressBech32, Id: id, Model: "simulated", Class: class, Backend: backend,
			MemoryMib: uint32(1 + r.Intn(1<<16)), Lanes: 1, Price: math.NewInt(1 + r.Int63n(maxPrice)), Available: r.Intn(5) > 0,
		}, refusable(types.ErrBond, types.ErrJailed, types.ErrTooManyDevices, types.ErrField)
	})
}

// MsgUpdateDeviceFactory changes what a device is offered for.
func MsgUpdateDeviceFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return simsx.NewSimMsgFactoryWithDeliveryResultHandler(func(
		ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter,
	) ([]simsx.SimAccount, *types.MsgUpdateDevice, simsx.SimDeliveryResultHandler) {
		device, owner, ok := anyDevice(ctx, k, data, reporter)
		if !ok {
			return nil, nil, nil
		}
		r := data.Rand()
		return []simsx.SimAccount{owner}, &types.MsgUpdateDevice{
			Operator: device.Operator, Id: device.Id, Lanes: 1, Price: math.NewInt(1 + r.Int63n(maxPrice)), Available: r.Intn(5) > 0,
		}, refusable(types.ErrBond, types.ErrJailed, types.ErrField)
	})
}

// MsgRetireDeviceFactory takes a device away.
func MsgRetireDeviceFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return simsx.NewSimMsgFactoryWithDeliveryResultHandler(func(
		ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter,
	) ([]simsx.SimAccount, *types.MsgRetireDevice, simsx.SimDeliveryResultHandler) {
		device, owner, ok := anyDevice(ctx, k, data, reporter)
		if !ok {
			return nil, nil, nil
		}
		return []simsx.SimAccount{owner}, &types.MsgRetireDevice{Operator: device.Operator, Id: device.Id},
			refusable(types.ErrInUse, types.ErrJailed)
	})
}

// MsgUpdateParamsFactory changes the bonds and the limits of devices.
func MsgUpdateParamsFactory(k *keeper.Keeper) simsx.SimMsgFactoryFn[*types.MsgUpdateParams] {
	return func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgUpdateParams) {
		params, err := k.Params(ctx)
		if err != nil {
			reporter.Skip(err.Error())
			return nil, nil
		}
		r := data.Rand()
		for i := range params.Classes {
			params.Classes[i].MinBond = math.NewInt(r.Int63n(100_000))
		}
		params.MaxDevicesPerOperator = uint32(1 + r.Intn(10))
		params.MinPrice = math.NewInt(1 + r.Int63n(maxPrice/2))
		smallChecks(&params, r.Intn(3))
		return nil, &types.MsgUpdateParams{Authority: data.ModuleAccountAddress(reporter, "gov"), Params: params}
	}
}
