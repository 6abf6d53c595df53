// Package simulation makes random operators and devices for the SDK's simulator.
package simulation

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/testutil/simsx"
	sdk "github.com/cosmos/cosmos-sdk/types"
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
	// operatorTries bounds the search for an operator who may register a device.
	operatorTries = 8
)

// RandomizedGenState has no operators and bonds small enough for the simulated accounts.
func RandomizedGenState(state *module.SimulationState) {
	genesis := types.DefaultGenesis()
	for i := range genesis.Params.Classes {
		genesis.Params.Classes[i].MinBond = math.NewInt(state.Rand.Int63n(1_000))
	}
	genesis.Params.MaxDevicesPerOperator = uint32(1 + state.Rand.Intn(6))
	smallChecks(&genesis.Params, max(state.Rand.Intn(5)-2, 0))
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

// newOperator makes an account an operator.
func newOperator(r *simsx.XRand, address string) *types.MsgRegisterOperator {
	return &types.MsgRegisterOperator{
		Operator: address, Moniker: r.StringN(types.MaxMoniker - 1), Endpoint: "https://worker.example:26800",
	}
}

// bonded tells whether an account that is no operator yet has the bond for a device.
func bonded(ctx context.Context, k *keeper.Keeper, r *simsx.XRand, address string) bool {
	cached, _ := sdk.UnwrapSDKContext(ctx).CacheContext()
	if _, err := keeper.NewMsgServer(k).RegisterOperator(cached, newOperator(r, address)); err != nil {
		return false
	}
	return accepts(cached, k, newDevice(r, address))
}

// MsgRegisterOperatorFactory makes an account an operator.
func MsgRegisterOperatorFactory(k *keeper.Keeper) simsx.SimMsgFactoryFn[*types.MsgRegisterOperator] {
	return func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgRegisterOperator) {
		account := data.AnyAccount(reporter, simsx.WithSpendableBalance())
		for try := 1; !reporter.IsSkipped() && try < operatorTries && !bonded(ctx, k, data.Rand(), account.AddressBech32); try++ {
			account = data.AnyAccount(reporter, simsx.WithSpendableBalance())
		}
		if reporter.IsSkipped() {
			return nil, nil
		}
		if _, err := k.Operator(ctx, account.Address); err == nil {
			reporter.Skip("the account is an operator")
			return nil, nil
		}
		return []simsx.SimAccount{account}, newOperator(data.Rand(), account.AddressBech32)
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

// hourly is what an hour of a device costs; one device in five is not for rent.
func hourly(r *simsx.XRand) math.Int {
	if r.Intn(5) == 0 {
		return math.ZeroInt()
	}
	return math.NewInt(1 + r.Int63n(maxPrice))
}

// newDevice is a device of an operator.
func newDevice(r *simsx.XRand, operator string) *types.MsgRegisterDevice {
	id := make([]byte, types.DeviceIDSize)
	r.Read(id)
	class := types.DeviceClass(1 + r.Intn(types.Classes))
	model, backend := hardwareOf(class)
	return &types.MsgRegisterDevice{
		Operator: operator, Id: id, Model: model, Class: class, Backend: backend,
		MemoryMib: uint32(1 + r.Intn(1<<16)), Lanes: 1, Price: math.NewInt(1 + r.Int63n(maxPrice)), Available: r.Intn(5) > 0,
		HourlyPrice: hourly(r), Cell: anyCell(r),
	}
}

// accepts tells whether the chain would take a device: most simulated operators have no bond.
func accepts(ctx context.Context, k *keeper.Keeper, message *types.MsgRegisterDevice) bool {
	cached, _ := sdk.UnwrapSDKContext(ctx).CacheContext()
	_, err := keeper.NewMsgServer(k).RegisterDevice(cached, message)
	return err == nil
}

// MsgRegisterDeviceFactory registers hardware of a random class for an operator, whose bond may be too small. Simulations that go on after an
// import draw the same numbers again, and so hardware that is there.
func MsgRegisterDeviceFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return simsx.NewSimMsgFactoryWithDeliveryResultHandler(func(
		ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter,
	) ([]simsx.SimAccount, *types.MsgRegisterDevice, simsx.SimDeliveryResultHandler) {
		operator, ok := anyOperator(ctx, k, data, reporter)
		message := newDevice(data.Rand(), operator.AddressBech32)
		for try := 1; ok && try < operatorTries && !accepts(ctx, k, message); try++ {
			operator, ok = anyOperator(ctx, k, data, reporter)
			message.Operator = operator.AddressBech32
		}
		if !ok {
			return nil, nil, nil
		}
		return []simsx.SimAccount{operator}, message, refusable(types.ErrBond, types.ErrJailed, types.ErrTooManyDevices, types.ErrField, types.ErrModel, types.ErrDeviceExists)
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
			HourlyPrice: hourly(r), Cell: elsewhere(r, device.Cell),
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
		params.MaxPoolOperators = uint32(1 + r.Intn(types.PoolLimit))
		params.MinPrice = math.NewInt(1 + r.Int63n(maxPrice/2))
		smallChecks(&params, r.Intn(3))
		params.Location.MaxCells, params.Location.ReportSeconds = uint32(1+r.Intn(64)), uint64(60+r.Intn(3_600))
		smallGauges(&params, r)
		return nil, &types.MsgUpdateParams{Authority: data.ModuleAccountAddress(reporter, "gov"), Params: params}
	}
}
