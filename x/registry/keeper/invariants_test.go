package keeper

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/runtime"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/cosmos/cosmos-sdk/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"

	beacontypes "github.com/assaychain/assay/x/beacon/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
	"github.com/assaychain/assay/x/registry/cells"
	"github.com/assaychain/assay/x/registry/types"
)

// nothing answers for modules that these tests don't ask.
type nothing struct{}

func (nothing) Bonded(context.Context, sdk.AccAddress) (math.Int, error)       { return math.ZeroInt(), nil }
func (nothing) SetRequirement(context.Context, sdk.AccAddress, math.Int) error { return nil }
func (nothing) SetScore(context.Context, sdk.AccAddress, uint64) error         { return nil }
func (nothing) IsJailed(context.Context, sdk.AccAddress) (bool, error)         { return false, nil }
func (nothing) Punish(context.Context, penaltytypes.Punishment) (penaltytypes.Record, error) {
	return penaltytypes.Record{}, nil
}
func (nothing) Fix(context.Context, string) (uint64, uint64, error) { return 1, 9, nil }
func (nothing) Ready(context.Context, string, uint32) ([]beacontypes.Request, error) {
	return nil, nil
}
func (nothing) Done(context.Context, string, uint64, uint64) error { return nil }
func (nothing) Randomness(context.Context, uint64, uint64) ([]byte, bool, error) {
	return nil, false, nil
}
func (nothing) Generation(context.Context) (uint64, error) { return 1, nil }
func (nothing) BlockedAddr(sdk.AccAddress) bool            { return false }

var owner = sdk.AccAddress("owner_______________")

// booked returns a keeper with one operator, its relay, which has the second place, and its one device, which is offered.
func booked(t *testing.T) (sdk.Context, *Keeper, types.Device) {
	key := storetypes.NewKVStoreKey(types.StoreKey)
	ctx := testutil.DefaultContext(key, storetypes.NewTransientStoreKey("transient"))
	ports := types.Ports{Bond: nothing{}, Penalty: nothing{}, Beacon: nothing{}, Bank: nothing{}}
	k, err := NewKeeper(codec.NewProtoCodec(codectypes.NewInterfaceRegistry()), runtime.NewKVStoreService(key), "authority", ports)
	require.NoError(t, err)
	device := types.Device{
		Id: make([]byte, types.DeviceIDSize), Operator: owner.String(), Model: "m", Class: types.DEVICE_CLASS_CPU, Backend: types.BACKEND_CPU,
		MemoryMib: 1, Lanes: 2, InUse: 1, Price: math.NewInt(3), Available: true, RegisteredAt: ctx.BlockTime(),
		UptimeBps: 10_000, DeliveryBps: 10_000, ProvenUntil: 9, Score: 100_000, Cell: 7,
	}
	state := types.DefaultGenesis()
	state.Operators = []types.Operator{{
		Address: owner.String(), PayoutAddress: owner.String(), Moniker: "m", Endpoint: "http://a", Devices: 1, Score: 100_000,
		RelayUrl: "https://a", RelayKey: make([]byte, 32),
	}}
	state.Pools = []types.PoolList{{
		Pool: types.Pool{Id: 2, Owner: owner.String(), Name: "p", Operators: 1}, Operators: []string{owner.String()},
	}}
	state.LastPool = 2
	state.Relays = []types.RelayPlace{{}, {Number: 1, Operator: owner.String()}}
	state.Devices = []types.Device{device}
	require.NoError(t, k.InitGenesis(ctx, state))
	require.NoError(t, k.Invariants(ctx))
	return ctx, k, device
}

// askAnyway begins a check of a device although it is proven.
func askAnyway(ctx sdk.Context, k *Keeper, d types.Device) error {
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	check, err := k.newCheck(ctx, params, d)
	if err != nil {
		return err
	}
	return errors.Join(k.await(ctx, &check), k.began(ctx, &check, d), k.Invariants(ctx))
}

func TestInvariantsFindBrokenBooks(t *testing.T) {
	for name, spoil := range map[string]func(sdk.Context, *Keeper, types.Device) error{
		"device lost": func(ctx sdk.Context, k *Keeper, d types.Device) error { return k.devices.Remove(ctx, d.Id) },
		"not owned": func(ctx sdk.Context, k *Keeper, d types.Device) error {
			return k.owned.Remove(ctx, collections.Join(owner, d.Id))
		},
		"owned twice": func(ctx sdk.Context, k *Keeper, d types.Device) error {
			return k.owned.Set(ctx, collections.Join(sdk.AccAddress("other_______________"), d.Id))
		},
		"not offered":          func(ctx sdk.Context, k *Keeper, d types.Device) error { return k.withdraw(ctx, d) },
		"offered at two loads": func(ctx sdk.Context, k *Keeper, d types.Device) error { d.InUse = 0; return k.offer(ctx, d) },
		"offered though taken": func(ctx sdk.Context, k *Keeper, d types.Device) error {
			d.InUse = 2
			return k.devices.Set(ctx, d.Id, d)
		},
		"supply lost": func(ctx sdk.Context, k *Keeper, _ types.Device) error {
			return k.cells.supply.Remove(ctx, collections.Join(uint32(types.DEVICE_CLASS_CPU), uint32(7)))
		},
		"supply too large": func(ctx sdk.Context, k *Keeper, _ types.Device) error {
			return k.cells.supply.Set(ctx, collections.Join(uint32(types.DEVICE_CLASS_CPU), uint32(7)), 2)
		},
		"supply of nothing": func(ctx sdk.Context, k *Keeper, _ types.Device) error {
			return k.cells.supply.Set(ctx, collections.Join(uint32(types.DEVICE_CLASS_CPU), uint32(8)), 0)
		},
		"cells lost": func(ctx sdk.Context, k *Keeper, _ types.Device) error {
			return k.cells.occupied.Remove(ctx, uint32(types.DEVICE_CLASS_CPU))
		},
		"cell without devices": func(ctx sdk.Context, k *Keeper, _ types.Device) error {
			return k.cells.set(ctx, types.DEVICE_CLASS_CPU, cells.Set{}.With(7).With(8))
		},
		"cells of another class": func(ctx sdk.Context, k *Keeper, _ types.Device) error {
			return k.cells.set(ctx, types.DEVICE_CLASS_EDGE, cells.Set{}.With(7))
		},
		"cell unlike the device's": func(ctx sdk.Context, k *Keeper, d types.Device) error {
			d.Cell = 8
			return k.devices.Set(ctx, d.Id, d)
		},
		"memory lost": func(ctx sdk.Context, k *Keeper, _ types.Device) error { return k.memories.Clear(ctx, nil) },
		"memory of nothing": func(ctx sdk.Context, k *Keeper, _ types.Device) error {
			return k.memories.Set(ctx, collections.Join(uint32(types.DEVICE_CLASS_CPU), uint32(9)), 1)
		},
		"operator lost":           func(ctx sdk.Context, k *Keeper, _ types.Device) error { return k.operators.Remove(ctx, owner) },
		"not expected to lapse":   func(ctx sdk.Context, k *Keeper, d types.Device) error { return k.unexpect(ctx, d) },
		"expected at two moments": func(ctx sdk.Context, k *Keeper, d types.Device) error { d.ProvenUntil = 8; return k.expect(ctx, d) },
		"seat lost": func(ctx sdk.Context, k *Keeper, _ types.Device) error {
			return k.places.seats.Remove(ctx, collections.Join3(owner, uint64(0), uint64(0)))
		},
		"place lost":  func(ctx sdk.Context, k *Keeper, _ types.Device) error { return k.places.places.Remove(ctx, 0) },
		"place count": func(ctx sdk.Context, k *Keeper, _ types.Device) error { return k.places.count.Set(ctx, 2) },
		"a leaver that stays": func(ctx sdk.Context, k *Keeper, d types.Device) error {
			return k.places.leavers.Set(ctx, d.Id)
		},
		"report never forgotten": func(ctx sdk.Context, k *Keeper, d types.Device) error {
			return errors.Join(k.gauges.keep(ctx, types.Telemetry{Device: d.Id, Celsius: 40, Lapses: 9}), k.gauges.due.Clear(ctx, nil))
		},
		"report forgotten twice": func(ctx sdk.Context, k *Keeper, d types.Device) error {
			return k.gauges.due.Set(ctx, collections.Join(uint64(9), d.Id))
		},
		"switch lost": func(ctx sdk.Context, k *Keeper, d types.Device) error {
			d.Hours, d.Switches = 1, 3_600
			return errors.Join(k.replace(ctx, d, d), k.devices.Set(ctx, d.Id, d), k.gauges.switches.Clear(ctx, nil))
		},
		"switch of nobody": func(ctx sdk.Context, k *Keeper, d types.Device) error {
			return k.gauges.switches.Set(ctx, collections.Join(uint64(3_600), d.Id))
		},
		"member of a pool lost": func(ctx sdk.Context, k *Keeper, _ types.Device) error {
			return k.pools.members.Remove(ctx, collections.Join(uint64(2), owner))
		},
		"member of no pool": func(ctx sdk.Context, k *Keeper, _ types.Device) error {
			return k.pools.members.Set(ctx, collections.Join(uint64(1), owner))
		},
		"pool lost":          func(ctx sdk.Context, k *Keeper, _ types.Device) error { return k.pools.pools.Remove(ctx, 2) },
		"pool of the future": func(ctx sdk.Context, k *Keeper, _ types.Device) error { return k.pools.last.Set(ctx, 1) },
		"pool of nobody":     func(ctx sdk.Context, k *Keeper, _ types.Device) error { return k.pools.owned.Clear(ctx, nil) },
		"pool of two": func(ctx sdk.Context, k *Keeper, _ types.Device) error {
			return k.pools.owned.Set(ctx, collections.Join(sdk.AccAddress("other_______________"), uint64(2)))
		},
		"pool's count": func(ctx sdk.Context, k *Keeper, _ types.Device) error {
			return k.pools.pools.Set(ctx, 2, types.Pool{Id: 2, Owner: owner.String(), Name: "p", Operators: 2})
		},
		"relay count":      func(ctx sdk.Context, k *Keeper, _ types.Device) error { return k.relays.count.Set(ctx, 3) },
		"relay count lost": func(ctx sdk.Context, k *Keeper, _ types.Device) error { return k.relays.count.Remove(ctx) },
		"empty relay place unknown": func(ctx sdk.Context, k *Keeper, _ types.Device) error {
			return k.relays.empty.Remove(ctx, 0)
		},
		"taken relay place is empty": func(ctx sdk.Context, k *Keeper, _ types.Device) error {
			return errors.Join(k.relays.empty.Remove(ctx, 0), k.relays.empty.Set(ctx, 1))
		},
		"empty relay place that is not there": func(ctx sdk.Context, k *Keeper, _ types.Device) error {
			return errors.Join(k.relays.empty.Remove(ctx, 0), k.relays.empty.Set(ctx, 2))
		},
		"relay without the way back": func(ctx sdk.Context, k *Keeper, _ types.Device) error {
			return k.relays.of.Remove(ctx, owner)
		},
		"relay whose way back leads elsewhere": func(ctx sdk.Context, k *Keeper, _ types.Device) error {
			return k.relays.of.Set(ctx, owner, 0)
		},
		"way back of no relay": func(ctx sdk.Context, k *Keeper, _ types.Device) error {
			return k.relays.of.Set(ctx, sdk.AccAddress("other_______________"), 0)
		},
		"relay place lost": func(ctx sdk.Context, k *Keeper, _ types.Device) error { return k.relays.places.Remove(ctx, 0) },
		"relay of the future": func(ctx sdk.Context, k *Keeper, _ types.Device) error {
			return k.relays.places.Set(ctx, 1, types.RelayPlace{Number: 1, Operator: owner.String(), Since: 1})
		},
		"check not due": func(ctx sdk.Context, k *Keeper, d types.Device) error {
			return errors.Join(askAnyway(ctx, k, d), k.checksDue.Clear(ctx, nil))
		},
		"check not waiting": func(ctx sdk.Context, k *Keeper, d types.Device) error {
			return errors.Join(askAnyway(ctx, k, d), k.waiting.Clear(ctx, nil))
		},
		"check lost": func(ctx sdk.Context, k *Keeper, d types.Device) error {
			return errors.Join(askAnyway(ctx, k, d), k.checks.Clear(ctx, nil))
		},
		"checked without a check": func(ctx sdk.Context, k *Keeper, d types.Device) error {
			d.Checking = true
			return k.replace(ctx, d, d)
		},
		"score": func(ctx sdk.Context, k *Keeper, d types.Device) error {
			d.Score++
			return k.devices.Set(ctx, d.Id, d)
		},
		"name of a model lost": func(ctx sdk.Context, k *Keeper, _ types.Device) error {
			return k.modelNames.Remove(ctx, "geforce rtx 5090")
		},
		"name that leads to another model": func(ctx sdk.Context, k *Keeper, _ types.Device) error {
			return k.modelNames.Set(ctx, "geforce rtx 5090", "apple-m1")
		},
		"name of no model": func(ctx sdk.Context, k *Keeper, _ types.Device) error {
			return k.modelNames.Set(ctx, "nothing", "apple-m1")
		},
		"unknown model": func(ctx sdk.Context, k *Keeper, d types.Device) error {
			d.ModelKey = "none"
			return k.devices.Set(ctx, d.Id, d)
		},
		"count": func(ctx sdk.Context, k *Keeper, _ types.Device) error {
			operator, err := k.Operator(ctx, owner)
			operator.Devices = 2
			if err != nil {
				return err
			}
			return k.operators.Set(ctx, owner, operator)
		},
	} {
		ctx, k, device := booked(t)
		require.NoError(t, spoil(ctx, k, device), name)
		require.ErrorIs(t, k.Invariants(ctx), types.ErrInvariant, name)
	}
}

func TestConstructorRefusesWhatIsMissing(t *testing.T) {
	cdc := codec.NewProtoCodec(codectypes.NewInterfaceRegistry())
	service := runtime.NewKVStoreService(storetypes.NewKVStoreKey(types.StoreKey))
	whole := types.Ports{Bond: nothing{}, Penalty: nothing{}, Beacon: nothing{}, Bank: nothing{}}
	_, err := NewKeeper(nil, service, "authority", whole)
	require.Error(t, err)
	_, err = NewKeeper(cdc, nil, "authority", whole)
	require.Error(t, err)
	_, err = NewKeeper(cdc, service, "", whole)
	require.Error(t, err)
	for _, take := range []func(*types.Ports){
		func(p *types.Ports) { p.Bond = nil }, func(p *types.Ports) { p.Penalty = nil },
		func(p *types.Ports) { p.Beacon = nil }, func(p *types.Ports) { p.Bank = nil },
	} {
		ports := whole
		take(&ports)
		_, err = NewKeeper(cdc, service, "authority", ports)
		require.Error(t, err)
	}
}
