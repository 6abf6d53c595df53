package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/registry/lottery"
	"github.com/assaychain/assay/x/registry/types"
)

// MaxDrawFailures is in how many blocks a draw may fail before it is given up.
const MaxDrawFailures = 10

// Draw returns the draw that is prepared; zero before the first.
func (k *Keeper) Draw(ctx context.Context) (types.Draw, error) {
	draw, err := k.draw.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Draw{}, nil
	}
	return draw, err
}

// fixDraw fixes the round that draws next, once it is time and there is somebody to draw. From then on the places stand.
func (k *Keeper) fixDraw(ctx sdk.Context, params types.Params, now uint64) error {
	draw, err := k.Draw(ctx)
	if err != nil {
		return err
	}
	if due, err := k.drawIsDue(ctx, params, draw, now); err != nil || !due {
		return err
	}
	draw.Places, err = k.places.size(ctx)
	if err != nil || draw.Places == 0 {
		return err
	}
	if draw.Generation, draw.Round, err = k.beacon.Fix(ctx, types.ModuleName); err != nil {
		return err
	}
	draw.Fixed, draw.Failures, draw.Next = now, 0, now+params.Spot.DrawSeconds*1_000
	return k.draw.Set(ctx, draw)
}

// drawIsDue tells whether a round is to be fixed: none is, or its beacon was replaced.
func (k *Keeper) drawIsDue(ctx sdk.Context, params types.Params, draw types.Draw, now uint64) (bool, error) {
	if draw.Round == 0 {
		return params.Spot.On() && now >= draw.Next, nil
	}
	generation, err := k.beacon.Generation(ctx)
	return generation != draw.Generation, err
}

// drawDevices draws by the posted round: each draw hits a place, and the devices of its operator are checked together.
func (k *Keeper) drawDevices(ctx sdk.Context, params types.Params, draw types.Draw) error {
	randomness, posted, err := k.beacon.Randomness(ctx, draw.Generation, draw.Round)
	if err != nil {
		return err
	}
	if !posted {
		return types.ErrInvariant.Wrapf("round %d of generation %d draws and is not posted", draw.Round, draw.Generation)
	}
	for number := range params.Spot.Draws {
		one := lottery.Draw{Randomness: randomness, Number: number}
		chosen, err := k.together(ctx, one, draw, params.Spot.MaxSiblings)
		if err != nil {
			return err
		}
		for _, place := range chosen {
			if err := k.checkDrawn(ctx, params, draw, place, randomness); err != nil {
				return err
			}
		}
	}
	draw.Round = 0
	return k.draw.Set(ctx, draw)
}

// together lists the places that one draw checks.
func (k *Keeper) together(ctx sdk.Context, one lottery.Draw, draw types.Draw, limit uint32) ([]uint64, error) {
	hit, err := k.places.places.Get(ctx, one.Place(draw.Places))
	if err != nil {
		return nil, err
	}
	seat, err := seatOf(hit)
	if err != nil {
		return nil, err
	}
	// Places that were given since the round was fixed must not change what it draws. An operator has a bounded number of them: a
	// retired device's place goes with the next draw.
	var seats []uint64
	own := collections.NewSuperPrefixedTripleRange[sdk.AccAddress, uint64, uint64](seat.K1(), seat.K2())
	err = k.places.seats.Walk(ctx, own, func(key seatKey) (bool, error) {
		if key.K3() < draw.Places {
			seats = append(seats, key.K3())
		}
		return len(seats) >= types.DevicesLimit, nil
	})
	return one.Together(hit.Number, seats, limit), err
}

// checkDrawn begins the check of the device in a place, unless it is checked already, left before the round was fixed, or is gone.
func (k *Keeper) checkDrawn(ctx sdk.Context, params types.Params, draw types.Draw, number uint64, randomness []byte) error {
	place, err := k.places.places.Get(ctx, number)
	if err != nil {
		return err
	}
	if place.Left > 0 && place.Left < draw.Fixed {
		return nil
	}
	device, err := k.Device(ctx, place.Device)
	if types.ErrDeviceNotFound.Is(err) {
		return nil
	}
	if err != nil || device.Operator != place.Operator {
		return err
	}
	last, found, err := k.lastCheck(ctx, device.Id)
	if err != nil || found && last.Open() {
		return err
	}
	check, err := k.newCheck(ctx, params, device)
	if err != nil {
		return err
	}
	check.Generation, check.Round = draw.Generation, draw.Round
	if err := k.began(ctx, &check, device); err != nil {
		return err
	}
	return k.seed(ctx, params, &check, randomness)
}

// failDraw counts a failure of a draw, and gives it up after too many, so that it is not tried for ever.
func (k *Keeper) failDraw(ctx sdk.Context) error {
	draw, err := k.Draw(ctx)
	if err != nil {
		return err
	}
	if draw.Failures++; draw.Failures >= MaxDrawFailures {
		draw.Round = 0
	}
	return k.draw.Set(ctx, draw)
}
