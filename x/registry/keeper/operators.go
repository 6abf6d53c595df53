package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/registry/types"
)

// Profile is what an operator says of itself.
type Profile struct {
	Moniker  string
	Endpoint string
	// Payout is where payments go.
	Payout sdk.AccAddress
	// RelayURL and RelayKey are its relay's; empty without one.
	RelayURL string
	RelayKey []byte
}

// Operator returns an operator, or ErrOperatorNotFound.
func (k *Keeper) Operator(ctx context.Context, address sdk.AccAddress) (types.Operator, error) {
	operator, err := k.operators.Get(ctx, address)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Operator{}, types.ErrOperatorNotFound.Wrapf("%s: register it first", address)
	}
	return operator, err
}

// RegisterOperator makes an account an operator. It needs no bond before it has a device.
func (k *Keeper) RegisterOperator(ctx context.Context, address sdk.AccAddress, profile Profile) error {
	known, err := k.operators.Has(ctx, address)
	if err != nil {
		return err
	}
	if known {
		return types.ErrOperatorExists.Wrapf("%s: update it instead", address)
	}
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	operator := types.Operator{Address: address.String(), RegisteredAt: sdkCtx.BlockTime()}
	if err := k.setProfile(ctx, address, operator, profile); err != nil {
		return err
	}
	return sdkCtx.EventManager().EmitTypedEvent(&types.EventOperatorRegistered{Operator: operator.Address, Endpoint: profile.Endpoint})
}

// UpdateOperator replaces what an operator says of itself. Payments of jobs in flight go to the new payout address.
func (k *Keeper) UpdateOperator(ctx context.Context, address sdk.AccAddress, profile Profile) error {
	operator, err := k.Operator(ctx, address)
	if err != nil {
		return err
	}
	if err := k.setProfile(ctx, address, operator, profile); err != nil {
		return err
	}
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(&types.EventOperatorUpdated{Operator: operator.Address})
}

func (k *Keeper) setProfile(ctx context.Context, address sdk.AccAddress, operator types.Operator, profile Profile) error {
	if k.bank.BlockedAddr(profile.Payout) {
		return types.ErrBlockedAddress.Wrapf("payout_address %s: give an ordinary account", profile.Payout)
	}
	operator.Moniker, operator.Endpoint, operator.PayoutAddress = profile.Moniker, profile.Endpoint, profile.Payout.String()
	operator.RelayUrl, operator.RelayKey = profile.RelayURL, profile.RelayKey
	if err := operator.Validate(); err != nil {
		return err
	}
	if err := k.enlist(ctx, address, operator); err != nil {
		return err
	}
	return k.operators.Set(ctx, address, operator)
}

// Suspend makes all of an operator's devices unavailable, because it was jailed. What its bond must cover stays. Devices
// come back one by one when the operator, free again, makes them available. The work is bounded by the devices an
// operator may have.
func (k *Keeper) Suspend(ctx context.Context, address sdk.AccAddress) error {
	devices, err := k.devicesOf(ctx, address)
	if err != nil {
		return err
	}
	var suspended uint32
	var lost uint64
	for _, device := range devices {
		if !device.Available && !device.Asleep {
			continue
		}
		changed := device
		changed.Available, changed.Asleep, changed.Score = false, false, 0
		lost += device.Score
		if err := k.replace(ctx, device, changed); err != nil {
			return err
		}
		suspended++
	}
	if err := k.tally(ctx, address, lost, 0); err != nil {
		return err
	}
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(&types.EventDevicesSuspended{
		Operator: address.String(), Devices: suspended,
	})
}

// WalkOwned shows an operator's devices whatever their state, at most limit: by id from the from-th on, counted from 0, and after the last one the
// first, so that a caller who counts on gets to see all. It stops when visit says so. The keys are read before the first visit, so visit may write.
func (k *Keeper) WalkOwned(
	ctx context.Context, operator sdk.AccAddress, from uint64, limit uint32, visit func(types.Device) (stop bool, err error),
) error {
	ids, err := k.ownedIDs(ctx, operator)
	if err != nil || len(ids) == 0 {
		return err
	}
	if visit, err = k.seen(ctx, visit); err != nil {
		return err
	}
	count := uint64(len(ids))
	for i := range min(uint64(limit), count) {
		device, err := k.Device(ctx, ids[(from%count+i)%count])
		if err != nil {
			return err
		}
		if stop, err := visit(device); err != nil || stop {
			return err
		}
	}
	return nil
}

// ownedIDs are the ids of an operator's devices, at most types.DevicesLimit, ascending.
func (k *Keeper) ownedIDs(ctx context.Context, address sdk.AccAddress) (ids [][]byte, err error) {
	err = k.owned.Walk(ctx, collections.NewPrefixedPairRange[sdk.AccAddress, []byte](address), func(key ownedKey) (bool, error) {
		ids = append(ids, key.K2())
		return len(ids) >= types.DevicesLimit, nil
	})
	return ids, err
}

// devicesOf reads an operator's devices, at most types.DevicesLimit, before anything is written to them.
func (k *Keeper) devicesOf(ctx context.Context, address sdk.AccAddress) ([]types.Device, error) {
	ids, err := k.ownedIDs(ctx, address)
	if err != nil {
		return nil, err
	}
	devices := make([]types.Device, len(ids))
	for i, id := range ids {
		if devices[i], err = k.Device(ctx, id); err != nil {
			return nil, err
		}
	}
	return devices, nil
}
