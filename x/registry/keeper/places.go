package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/collvalue"
	"github.com/assaychain/assay/x/registry/types"
)

// places are the devices that draws choose from, in a dense index: places 0 to count − 1, a device in each. A device gets the next
// place when it becomes available. It leaves, and the last place's device moves into its place, only between a draw and the fixing of
// the next round: so from then on nobody can change who will be drawn.
type places struct {
	// places: number → Place; written as devices become available and leave.
	places collections.Map[uint64, types.Place]
	// of: device → number of its place.
	of collections.Map[[]byte, uint64]
	// seats holds (operator, kind, number) of every place: those that are checked together.
	seats collections.KeySet[seatKey]
	// leavers holds the devices whose place has left > 0.
	leavers collections.KeySet[[]byte]
	// count → number of places.
	count collections.Item[uint64]
}

// seatKey is (operator, kind, place); the kind is 1 for devices with an accelerator and 0 for others.
type seatKey = collections.Triple[sdk.AccAddress, uint64, uint64]

func newPlaces(sb *collections.SchemaBuilder, cdc codec.BinaryCodec) places {
	return places{
		places: collections.NewMap(sb, types.PlacesPrefix, "places", collections.Uint64Key, collvalue.Of[types.Place](cdc)),
		of:     collections.NewMap(sb, types.PlaceOfPrefix, "place_of", collections.BytesKey, collections.Uint64Value),
		seats: collections.NewKeySet(sb, types.SeatsPrefix, "seats",
			collections.TripleKeyCodec(sdk.AccAddressKey, collections.Uint64Key, collections.Uint64Key)),
		leavers: collections.NewKeySet(sb, types.LeaversPrefix, "leavers", collections.BytesKey),
		count:   collections.NewItem(sb, types.PlaceCountKey, "place_count", collections.Uint64Value),
	}
}

// size is the number of places.
func (p places) size(ctx context.Context) (uint64, error) {
	n, err := p.count.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return 0, nil
	}
	return n, err
}

// DevicePlaces is the number of places, numbered from 0, in which devices are that draws choose from.
func (k *Keeper) DevicePlaces(ctx context.Context) (uint64, error) { return k.places.size(ctx) }

// DeviceAt is the device in a place; false when the place is not there any more, and when its device is gone or another operator's by now.
func (k *Keeper) DeviceAt(ctx context.Context, number uint64) (types.Device, bool, error) {
	place, err := k.places.places.Get(ctx, number)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Device{}, false, nil
	}
	if err != nil {
		return types.Device{}, false, err
	}
	device, err := k.Device(ctx, place.Device)
	if types.ErrDeviceNotFound.Is(err) {
		return types.Device{}, false, nil
	}
	return device, err == nil && device.Operator == place.Operator, err
}

// find returns a device's place; false when it has none.
func (p places) find(ctx context.Context, device []byte) (types.Place, bool, error) {
	number, err := p.of.Get(ctx, device)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Place{}, false, nil
	}
	if err != nil {
		return types.Place{}, false, err
	}
	place, err := p.places.Get(ctx, number)
	return place, err == nil, err
}

func seatOf(place types.Place) (seatKey, error) {
	operator, err := parseAddress("operator", place.Operator)
	if err != nil {
		return seatKey{}, err
	}
	var kind uint64
	if place.Accelerated {
		kind = 1
	}
	return collections.Join3(operator, kind, place.Number), nil
}

// put writes a place with its indexes.
func (p places) put(ctx context.Context, place types.Place) error {
	seat, err := seatOf(place)
	if err != nil {
		return err
	}
	if err := p.places.Set(ctx, place.Number, place); err != nil {
		return err
	}
	if err := p.of.Set(ctx, place.Device, place.Number); err != nil {
		return err
	}
	if place.Left > 0 {
		if err := p.leavers.Set(ctx, place.Device); err != nil {
			return err
		}
	}
	return p.seats.Set(ctx, seat)
}

// take removes a place with its indexes; its number is free then.
func (p places) take(ctx context.Context, place types.Place) error {
	seat, err := seatOf(place)
	if err != nil {
		return err
	}
	if err := p.places.Remove(ctx, place.Number); err != nil {
		return err
	}
	if err := p.of.Remove(ctx, place.Device); err != nil {
		return err
	}
	if place.Left > 0 {
		if err := p.leavers.Remove(ctx, place.Device); err != nil {
			return err
		}
	}
	return p.seats.Remove(ctx, seat)
}

// append gives a device the next place.
func (p places) append(ctx context.Context, device types.Device) error {
	n, err := p.size(ctx)
	if err != nil {
		return err
	}
	place := types.Place{Number: n, Device: device.Id, Operator: device.Operator, Accelerated: device.Accelerated()}
	if err := p.put(ctx, place); err != nil {
		return err
	}
	return p.count.Set(ctx, n+1)
}

// remove gives a place up: the last one's device moves into it.
func (p places) remove(ctx context.Context, place types.Place) error {
	n, err := p.size(ctx)
	if err != nil {
		return err
	}
	if n == 0 || place.Number >= n {
		return types.ErrInvariant.Wrapf("place %d of %d is given up", place.Number, n)
	}
	last, err := p.places.Get(ctx, n-1)
	if err != nil {
		return err
	}
	if err := p.take(ctx, place); err != nil {
		return err
	}
	if last.Number != place.Number {
		if err := p.take(ctx, last); err != nil {
			return err
		}
		last.Number = place.Number
		if err := p.put(ctx, last); err != nil {
			return err
		}
	}
	return p.count.Set(ctx, n-1)
}

// seat keeps a device's place when its availability changes: it gets one, takes its own back, or is to leave after the next draw.
// changed is the zero device when the device is removed.
func (k *Keeper) seat(ctx context.Context, old, changed types.Device) error {
	if old.Available == changed.Available {
		return nil
	}
	id := changed.Id
	if len(id) == 0 {
		id = old.Id
	}
	place, found, err := k.places.find(ctx, id)
	if err != nil {
		return err
	}
	switch {
	case changed.Available && !found:
		return k.places.append(ctx, changed)
	case changed.Available && place.Operator == changed.Operator && place.Accelerated == changed.Accelerated():
		return k.stay(ctx, place)
	case changed.Available || !found || place.Left > 0:
		// Another operator's device has the place until the next draw; then it is decided again.
		return nil
	default:
		return k.leave(ctx, place)
	}
}

func (k *Keeper) stay(ctx context.Context, place types.Place) error {
	if place.Left == 0 {
		return nil
	}
	place.Left = 0
	if err := k.places.leavers.Remove(ctx, place.Device); err != nil {
		return err
	}
	return k.places.places.Set(ctx, place.Number, place)
}

func (k *Keeper) leave(ctx context.Context, place types.Place) error {
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	// A clock at 0 has no moment that differs from staying.
	place.Left = max(now, 1)
	if err := k.places.leavers.Set(ctx, place.Device); err != nil {
		return err
	}
	return k.places.places.Set(ctx, place.Number, place)
}

// depart gives the place of a device up that became unavailable. Where the id belongs to another device by now, that one gets a place.
func (k *Keeper) depart(ctx context.Context, id []byte) error {
	place, found, err := k.places.find(ctx, id)
	if err != nil {
		return err
	}
	if !found {
		return k.places.leavers.Remove(ctx, id)
	}
	if err := k.places.remove(ctx, place); err != nil {
		return err
	}
	device, err := k.Device(ctx, id)
	if types.ErrDeviceNotFound.Is(err) {
		return nil
	}
	if err == nil && device.Available {
		err = k.places.append(ctx, device)
	}
	return err
}
