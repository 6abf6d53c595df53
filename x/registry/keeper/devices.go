package keeper

import (
	"context"
	"errors"
	"time"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/registry/qos"
	"github.com/assaychain/assay/x/registry/reputation"
	"github.com/assaychain/assay/x/registry/types"
)

// Device returns a device, or ErrDeviceNotFound.
func (k *Keeper) Device(ctx context.Context, id []byte) (types.Device, error) {
	device, err := k.devices.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Device{}, types.ErrDeviceNotFound.Wrapf("%x", id)
	}
	return device, err
}

// RegisterDevice adds a device to an operator. Its id must be new to the network, the device no more than its model is, and the
// operator's bond must cover the class of this device beside those it has.
func (k *Keeper) RegisterDevice(ctx context.Context, address sdk.AccAddress, device types.Device) error {
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	device.Operator, device.InUse, device.RegisteredAt = address.String(), 0, sdkCtx.BlockTime()
	device.SetRecord(reputation.New())
	device.Unproven, device.QosBps = params.Spot.On(), qos.Prior
	if err := checkDevice(params, device); err != nil {
		return err
	}
	device = device.WithHourlyPrice(device.HourlyPrice, sdkCtx.BlockTime().Unix())
	operator, err := k.admit(ctx, params, address, device)
	if err != nil {
		return err
	}
	if err := k.identify(ctx, &device); err != nil {
		return err
	}
	if err := k.power(ctx, operator, &device); err != nil {
		return err
	}
	if err := k.cover(ctx, params, address, &device); err != nil {
		return err
	}
	if err := k.insert(ctx, address, device); err != nil {
		return err
	}
	if err := k.seat(ctx, types.Device{}, device); err != nil {
		return err
	}
	operator.Devices++
	if err := k.enlist(ctx, address, operator); err != nil {
		return err
	}
	if err := k.operators.Set(ctx, address, operator); err != nil {
		return err
	}
	if err := k.ask(ctx, params, device.Id); err != nil {
		return err
	}
	return sdkCtx.EventManager().EmitTypedEvent(&types.EventDeviceRegistered{
		Operator: device.Operator, Device: device.Id, Model: device.Model, Class: device.Class,
	})
}

func checkDevice(params types.Params, device types.Device) error {
	if err := (types.Offer{Lanes: device.Lanes, Price: device.Price, HourlyPrice: device.HourlyPrice, Levels: device.Levels, Cell: device.Cell}).ValidateAgainst(params, device.Class); err != nil {
		return err
	}
	return device.Validate()
}

// admit checks that an operator may have one device more, and that the device is new.
func (k *Keeper) admit(ctx context.Context, params types.Params, address sdk.AccAddress, device types.Device) (types.Operator, error) {
	operator, err := k.Operator(ctx, address)
	if err != nil {
		return operator, err
	}
	if operator.Devices >= params.MaxDevicesPerOperator {
		return operator, types.ErrTooManyDevices.Wrapf("%s has %d of at most %d: retire one first", address, operator.Devices, params.MaxDevicesPerOperator)
	}
	known, err := k.devices.Has(ctx, device.Id)
	if err != nil {
		return operator, err
	}
	if known {
		return operator, types.ErrDeviceExists.Wrapf("%x", device.Id)
	}
	return operator, k.refuseJailed(ctx, address)
}

// UpdateDevice changes a device's offer. Jobs in flight keep their terms: lanes below what is in use only stop new jobs.
// Taking a device off is always possible; making it available needs freedom and a bond that covers all devices.
func (k *Keeper) UpdateDevice(ctx context.Context, address sdk.AccAddress, id []byte, offer types.Offer) error {
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	device, err := k.own(ctx, address, id)
	if err != nil {
		return err
	}
	if err := offer.ValidateAgainst(params, device.Class); err != nil {
		return err
	}
	if err := k.reconsider(ctx, params, address, offer.Available); err != nil {
		return err
	}
	changed := device.WithHourlyPrice(offer.HourlyPrice, sdk.UnwrapSDKContext(ctx).BlockTime().Unix())
	changed = changed.Moved(offer.Cell)
	changed.Lanes, changed.Price, changed.Levels = offer.Lanes, offer.Price, offer.Levels
	changed = changed.Offered(offer.Available, sdk.UnwrapSDKContext(ctx).BlockTime())
	// Without spot checks nobody could become proven.
	changed.Unproven = device.Unproven && params.Spot.On()
	if err := k.rescore(ctx, params, &changed); err != nil {
		return err
	}
	if err := k.replace(ctx, device, changed); err != nil {
		return err
	}
	if err := k.tally(ctx, address, device.Score, changed.Score); err != nil {
		return err
	}
	if err := k.ask(ctx, params, id); err != nil {
		return err
	}
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(&types.EventDeviceUpdated{
		Operator: changed.Operator, Device: changed.Id, Available: changed.Available, Price: changed.Price,
	})
}

// RetireDevice removes a device without jobs; its id may then be registered anew, by anybody. It frees the bond, so a
// jailed operator may not.
func (k *Keeper) RetireDevice(ctx context.Context, address sdk.AccAddress, id []byte) error {
	device, err := k.own(ctx, address, id)
	if err != nil {
		return err
	}
	if device.InUse > 0 {
		return types.ErrInUse.Wrapf("device %x has %d jobs: make it unavailable and wait for them", id, device.InUse)
	}
	if device.Rented {
		return types.ErrInUse.Wrapf("device %x is rented: end the lease first", id)
	}
	if device.BookedFrom > 0 {
		return types.ErrInUse.Wrapf("device %x is booked from %s on: decline its leases first, or take it off the market and wait for their ends",
			id, time.Unix(device.BookedFrom, 0).UTC().Format(time.RFC3339))
	}
	if err := k.refuseJailed(ctx, address); err != nil {
		return err
	}
	if err := k.cancel(ctx, id); err != nil {
		return err
	}
	if err := k.tally(ctx, address, device.Score, 0); err != nil {
		return err
	}
	if err := k.remove(ctx, address, device); err != nil {
		return err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	if err := k.relax(ctx, params, address); err != nil {
		return err
	}
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(&types.EventDeviceRetired{Operator: device.Operator, Device: id})
}

// own returns a device that belongs to the operator.
func (k *Keeper) own(ctx context.Context, address sdk.AccAddress, id []byte) (types.Device, error) {
	if err := types.ValidateDeviceID(id); err != nil {
		return types.Device{}, err
	}
	device, err := k.Device(ctx, id)
	if err != nil {
		return device, err
	}
	if device.Operator != address.String() {
		return device, types.ErrNotOwner.Wrapf("device %x belongs to %s", id, device.Operator)
	}
	return device, nil
}

func (k *Keeper) refuseJailed(ctx context.Context, address sdk.AccAddress) error {
	jailed, err := k.penalty.IsJailed(ctx, address)
	if err == nil && jailed {
		err = types.ErrJailed.Wrapf("%s: unjail it first", address)
	}
	return err
}
