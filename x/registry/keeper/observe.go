package keeper

import (
	"context"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/registry/reputation"
	"github.com/assaychain/assay/x/registry/types"
)

// Observe teaches the registry what the chain saw of a device's work. A proven result lets the device score for
// proven_seconds; a false one ends that at once; everything else changes its record and its quality only.
func (k *Keeper) Observe(ctx context.Context, id []byte, seen types.Observation) error {
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	device, err := k.Device(ctx, id)
	if err != nil {
		return err
	}
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	changed := device
	if err := learn(params, &changed, seen, now); err != nil {
		return err
	}
	if seen.Outcome == types.OUTCOME_PROVEN && seen.Price > 0 {
		if err := k.seePrice(ctx, newLens(params, now), &changed, seen.Price); err != nil {
			return err
		}
	}
	if err := k.amend(ctx, params, device, &changed); err != nil {
		return err
	}
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(&types.EventDeviceObserved{
		Operator: device.Operator, Device: id, Outcome: seen.Outcome,
		UptimeBps: changed.UptimeBps, DeliveryBps: changed.DeliveryBps, Score: changed.Score, QosBps: changed.QosBps, Tier: changed.Tier,
	})
}

func learn(params types.Params, device *types.Device, seen types.Observation, now uint64) error {
	record, rate := device.Record(), params.LearningBps
	switch seen.Outcome {
	case types.OUTCOME_PROVEN:
		record, device.ProvenUntil = record.Proven(rate), now+params.ProvenSeconds*1_000
	case types.OUTCOME_MISSED:
		record = record.Missed(rate)
	case types.OUTCOME_FALSE:
		record, device.ProvenUntil = record.False(rate), 0
	case types.OUTCOME_UNDELIVERED:
		record = record.Undelivered(rate)
	case types.OUTCOME_DELIVERED:
		record = record.Delivered(rate)
	default:
		return types.ErrField.Wrapf("outcome %d: it must be from %d to %d", seen.Outcome, types.OUTCOME_PROVEN, types.OUTCOME_DELIVERED)
	}
	device.SetRecord(record)
	return newLens(params, now).see(device, seen)
}

// amend scores a changed device anew, writes it and brings its operator's score up to it.
func (k *Keeper) amend(ctx context.Context, params types.Params, old types.Device, changed *types.Device) error {
	if err := k.rescore(ctx, params, changed); err != nil {
		return err
	}
	if err := k.replace(ctx, old, *changed); err != nil {
		return err
	}
	address, err := parseAddress("operator", old.Operator)
	if err != nil {
		return err
	}
	return k.tally(ctx, address, old.Score, changed.Score)
}

// rescore sets what a device counts for by the present rules: nothing unless it is available, and proven to be of its class and lately.
func (k *Keeper) rescore(ctx context.Context, params types.Params, device *types.Device) error {
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	if !device.Available || device.Unproven || device.ProvenUntil <= now {
		device.Score = 0
		return nil
	}
	rule, err := params.Rule(device.Class)
	if err != nil {
		return err
	}
	device.Score = reputation.Score(rule.Score, device.Record())
	return nil
}

// tally replaces a part of an operator's score and tells the bond module, where rewards are counted. Its cost does not depend
// on the number of devices.
func (k *Keeper) tally(ctx context.Context, address sdk.AccAddress, old, changed uint64) error {
	if old == changed {
		return nil
	}
	operator, err := k.Operator(ctx, address)
	if err != nil {
		return err
	}
	if operator.Score < old {
		return types.ErrInvariant.Wrapf("operator %s scores %d, of which one device has %d", address, operator.Score, old)
	}
	operator.Score = operator.Score - old + changed
	if err := k.operators.Set(ctx, address, operator); err != nil {
		return err
	}
	return k.bond.SetScore(ctx, address, operator.Score)
}

// expect puts a proven device into the queue of those that will lapse.
func (k *Keeper) expect(ctx context.Context, device types.Device) error {
	if device.ProvenUntil == 0 {
		return nil
	}
	return k.lapses.Set(ctx, collections.Join(device.ProvenUntil, device.Id))
}

// unexpect takes it out.
func (k *Keeper) unexpect(ctx context.Context, device types.Device) error {
	if device.ProvenUntil == 0 {
		return nil
	}
	return k.lapses.Remove(ctx, collections.Join(device.ProvenUntil, device.Id))
}
