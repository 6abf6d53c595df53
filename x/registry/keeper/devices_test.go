package keeper_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/registry/types"
)

func TestDevicesNeedABondThatCoversThemAll(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 150)
	require.NoError(t, f.register(gpu(alice, 1, 100)))
	require.EqualValues(t, 100, f.requirement(alice))
	before := f.export()
	require.ErrorIs(t, f.register(gpu(alice, 2, 100)), types.ErrBond)
	require.Equal(t, before, f.export())
	require.EqualValues(t, 100, f.requirement(alice))

	f.stake(alice, 50)
	require.NoError(t, f.register(gpu(alice, 2, 100)))
	require.EqualValues(t, 200, f.requirement(alice))
	_, err := f.bond.Unbond(f.ctx, alice, math.NewInt(1_000_000))
	require.Error(t, err, "the devices hold the bond")

	require.NoError(t, f.retire(alice, 1))
	require.EqualValues(t, 100, f.requirement(alice))
	_, err = f.bond.Unbond(f.ctx, alice, math.NewInt(100_000_000))
	require.NoError(t, err)
	require.NoError(t, f.keeper.Invariants(f.ctx))
	require.NoError(t, f.bond.Invariants(f.ctx))
}

func TestDevicesAreUniqueOnTheNetwork(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 300)
	f.operator(bob, 300)
	require.NoError(t, f.register(gpu(alice, 1, 100)))
	require.ErrorIs(t, f.register(gpu(alice, 1, 100)), types.ErrDeviceExists)
	require.ErrorIs(t, f.register(gpu(bob, 1, 100)), types.ErrDeviceExists)
	require.NoError(t, f.retire(alice, 1))
	require.NoError(t, f.register(gpu(bob, 1, 100)), "a retired id is free")
}

func TestBadDevicesAreRefused(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 5_000)
	before := f.export()
	for name, c := range map[string]struct {
		spoil func(*types.MsgRegisterDevice)
		want  error
	}{
		"stranger":         {func(m *types.MsgRegisterDevice) { m.Operator = bob.String() }, types.ErrOperatorNotFound},
		"address":          {func(m *types.MsgRegisterDevice) { m.Operator = "x" }, types.ErrAddress},
		"no id":            {func(m *types.MsgRegisterDevice) { m.Id = nil }, types.ErrField},
		"short id":         {func(m *types.MsgRegisterDevice) { m.Id = m.Id[1:] }, types.ErrField},
		"long id":          {func(m *types.MsgRegisterDevice) { m.Id = append(m.Id, 0) }, types.ErrField},
		"no model":         {func(m *types.MsgRegisterDevice) { m.Model = "" }, types.ErrField},
		"model":            {func(m *types.MsgRegisterDevice) { m.Model = strings.Repeat("m", 65) }, types.ErrField},
		"no class":         {func(m *types.MsgRegisterDevice) { m.Class = 0 }, types.ErrField},
		"negative class":   {func(m *types.MsgRegisterDevice) { m.Class = -1 }, types.ErrField},
		"class":            {func(m *types.MsgRegisterDevice) { m.Class = 6 }, types.ErrField},
		"no backend":       {func(m *types.MsgRegisterDevice) { m.Backend = 0 }, types.ErrField},
		"backend":          {func(m *types.MsgRegisterDevice) { m.Backend = 7 }, types.ErrField},
		"gpu as processor": {func(m *types.MsgRegisterDevice) { m.Backend = types.BACKEND_CPU }, types.ErrField},
		"processor as gpu": {func(m *types.MsgRegisterDevice) { m.Class = types.DEVICE_CLASS_CPU }, types.ErrField},
		"no memory":        {func(m *types.MsgRegisterDevice) { m.MemoryMib = 0 }, types.ErrField},
		"memory":           {func(m *types.MsgRegisterDevice) { m.MemoryMib = types.MaxMemory + 1 }, types.ErrField},
		"no lanes":         {func(m *types.MsgRegisterDevice) { m.Lanes = 0 }, types.ErrField},
		"lanes":            {func(m *types.MsgRegisterDevice) { m.Lanes = 5 }, types.ErrField},
		"no price":         {func(m *types.MsgRegisterDevice) { m.Price = math.Int{} }, types.ErrField},
		"price below":      {func(m *types.MsgRegisterDevice) { m.Price = math.ZeroInt() }, types.ErrField},
		"negative price":   {func(m *types.MsgRegisterDevice) { m.Price = math.NewInt(-5) }, types.ErrField},
		"price above":      {func(m *types.MsgRegisterDevice) { m.Price = types.MaxPrice().AddRaw(1) }, types.ErrField},
	} {
		msg := gpu(alice, 1, 100)
		c.spoil(msg)
		require.ErrorIs(t, f.register(msg), c.want, name)
		require.Equal(t, before, f.export(), name)
	}
	dear := gpu(alice, 1, 100)
	dear.Price = types.MaxPrice()
	require.NoError(t, f.register(dear))
	require.NoError(t, f.keeper.Invariants(f.ctx))
}

func TestOperatorsHaveBoundedDevices(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 5_000)
	params := unchecked()
	params.MaxDevicesPerOperator = 2
	require.NoError(t, f.keeper.SetParams(f.ctx, params))
	require.NoError(t, f.register(gpu(alice, 1, 100)))
	require.NoError(t, f.register(gpu(alice, 2, 100)))
	require.ErrorIs(t, f.register(gpu(alice, 3, 100)), types.ErrTooManyDevices)
	require.NoError(t, f.retire(alice, 2))
	require.NoError(t, f.register(gpu(alice, 3, 100)))
}

func TestOnlyTheOwnerTouchesADevice(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 300)
	f.operator(bob, 300)
	msg := gpu(alice, 1, 100)
	require.NoError(t, f.register(msg))
	before := f.export()
	foreign := update(msg, func(m *types.MsgUpdateDevice) { m.Operator = bob.String() })
	require.ErrorIs(t, f.update(foreign), types.ErrNotOwner)
	require.ErrorIs(t, f.retire(bob, 1), types.ErrNotOwner)
	require.ErrorIs(t, f.retire(alice, 9), types.ErrDeviceNotFound)
	require.ErrorIs(t, f.update(update(msg, func(m *types.MsgUpdateDevice) { m.Id = []byte{1} })), types.ErrField)
	require.ErrorIs(t, f.update(update(msg, func(m *types.MsgUpdateDevice) { m.Operator = "x" })), types.ErrAddress)
	err := f.do(func(ctx sdk.Context) error {
		_, err := f.msgs.RetireDevice(ctx, &types.MsgRetireDevice{Operator: "x", Id: msg.Id})
		return err
	})
	require.ErrorIs(t, err, types.ErrAddress)
	require.Equal(t, before, f.export())
}

func TestUpdatesChangeTheOffer(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 300)
	msg := gpu(alice, 1, 100)
	require.NoError(t, f.register(msg))
	require.NoError(t, f.update(update(msg, func(m *types.MsgUpdateDevice) { m.Lanes, m.Price = 1, math.NewInt(90) })))
	device, err := f.keeper.Device(f.ctx, msg.Id)
	require.NoError(t, err)
	require.EqualValues(t, 1, device.Lanes)
	require.EqualValues(t, 90, device.Price.Int64())
	for name, spoil := range map[string]func(*types.MsgUpdateDevice){
		"lanes":    func(m *types.MsgUpdateDevice) { m.Lanes = 5 },
		"no lanes": func(m *types.MsgUpdateDevice) { m.Lanes = 0 },
		"price":    func(m *types.MsgUpdateDevice) { m.Price = math.ZeroInt() },
		"no price": func(m *types.MsgUpdateDevice) { m.Price = math.Int{} },
	} {
		require.ErrorIs(t, f.update(update(msg, spoil)), types.ErrField, name)
	}
	require.NoError(t, f.update(update(msg, func(m *types.MsgUpdateDevice) { m.Available = false })))
	require.Empty(t, f.offered(types.DEVICE_CLASS_CONSUMER, 10))
	require.NoError(t, f.keeper.Invariants(f.ctx))
}

func TestRulesReachADeviceWhenItIsTouched(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 150)
	msg := gpu(alice, 1, 100)
	require.NoError(t, f.register(msg))
	params := unchecked()
	params.Classes[3].MinBond = math.NewInt(120_000_000)
	require.NoError(t, f.keeper.SetParams(f.ctx, params))
	require.EqualValues(t, 100, f.requirement(alice), "nothing changes by itself")
	require.NoError(t, f.update(update(msg, func(*types.MsgUpdateDevice) {})))
	require.EqualValues(t, 120, f.requirement(alice))

	params.Classes[3].MinBond = math.NewInt(200_000_000)
	require.NoError(t, f.keeper.SetParams(f.ctx, params))
	require.ErrorIs(t, f.update(update(msg, func(*types.MsgUpdateDevice) {})), types.ErrBond)
	require.NoError(t, f.update(update(msg, func(m *types.MsgUpdateDevice) { m.Available = false })), "leaving is always possible")
	require.EqualValues(t, 150, f.requirement(alice))
	require.NoError(t, f.retire(alice, 1))
	require.Zero(t, f.requirement(alice))
}

func TestJailedOperatorsAreSuspended(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 300)
	one, two := gpu(alice, 1, 100), gpu(alice, 2, 100)
	require.NoError(t, f.register(one))
	require.NoError(t, f.register(two))
	f.jail(alice)
	require.Empty(t, f.offered(types.DEVICE_CLASS_CONSUMER, 10))
	require.EqualValues(t, 200, f.requirement(alice), "the requirement stays")
	require.ErrorIs(t, f.register(gpu(alice, 3, 100)), types.ErrJailed)
	require.ErrorIs(t, f.update(update(one, func(*types.MsgUpdateDevice) {})), types.ErrJailed)
	require.ErrorIs(t, f.retire(alice, 1), types.ErrJailed)
	require.NoError(t, f.update(update(one, func(m *types.MsgUpdateDevice) { m.Available, m.Price = false, math.NewInt(80) })))

	f.unjail(alice)
	require.Empty(t, f.offered(types.DEVICE_CLASS_CONSUMER, 10), "devices come back one by one")
	require.NoError(t, f.update(update(one, func(*types.MsgUpdateDevice) {})))
	require.Len(t, f.offered(types.DEVICE_CLASS_CONSUMER, 10), 1)
	require.NoError(t, f.keeper.Invariants(f.ctx))
}

func TestSlashedOperatorsMayLeave(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 200)
	require.NoError(t, f.register(gpu(alice, 1, 100)))
	require.NoError(t, f.register(gpu(alice, 2, 100)))
	f.jail(alice) // Takes 10%: 180 is left where 200 are needed.
	f.unjail(alice)
	require.ErrorIs(t, f.update(update(gpu(alice, 1, 100), func(*types.MsgUpdateDevice) {})), types.ErrBond)
	require.NoError(t, f.retire(alice, 1))
	require.EqualValues(t, 100, f.requirement(alice))
	require.NoError(t, f.update(update(gpu(alice, 2, 100), func(*types.MsgUpdateDevice) {})))
}
