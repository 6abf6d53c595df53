package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	penaltytypes "github.com/assaychain/assay/x/penalty/types"
	"github.com/assaychain/assay/x/registry/spotcheck"
	"github.com/assaychain/assay/x/registry/types"
)

// recheckMs is how long a check waits for its round before the chain looks whether the beacon was replaced: an hour.
const recheckMs = 3_600_000

// lastCheck returns a device's last check; false when it had none.
func (k *Keeper) lastCheck(ctx context.Context, device []byte) (types.SpotCheck, bool, error) {
	check, err := k.checks.Get(ctx, device)
	if errors.Is(err, collections.ErrNotFound) {
		return types.SpotCheck{}, false, nil
	}
	return check, err == nil, err
}

// SpotCheck returns a device's last check, or ErrCheckNotFound.
func (k *Keeper) SpotCheck(ctx context.Context, device []byte) (types.SpotCheck, error) {
	check, found, err := k.lastCheck(ctx, device)
	if err == nil && !found {
		err = types.ErrCheckNotFound.Wrapf("device %x was never checked", device)
	}
	return check, err
}

// newCheck makes a check by the present rules. What it was excused for before is carried on.
func (k *Keeper) newCheck(ctx context.Context, params types.Params, device types.Device) (types.SpotCheck, error) {
	rule, err := params.Rule(device.Class)
	if err != nil {
		return types.SpotCheck{}, err
	}
	last, _, err := k.lastCheck(ctx, device.Id)
	if err != nil {
		return types.SpotCheck{}, err
	}
	id, err := k.nextCheck.Next(ctx)
	if err != nil {
		return types.SpotCheck{}, err
	}
	now, err := k.Now(ctx)
	return types.SpotCheck{
		Id: id + 1, Device: device.Id, Operator: device.Operator, Class: device.Class, State: types.CHECK_STATE_PENDING,
		Size_: rule.CheckSize, Steps: rule.CheckSteps, Samples: params.Spot.Samples, WindowMs: rule.CheckWindowMs, Since: now,
		Excusable: device.Busy(), Excuses: last.Excuses,
	}, err
}

// began marks the device and tells of a new check.
func (k *Keeper) began(ctx context.Context, check *types.SpotCheck, device types.Device) error {
	changed := device
	changed.Checking = true
	if err := k.replace(ctx, device, changed); err != nil {
		return err
	}
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(&types.EventSpotCheckBegan{
		Check: check.Id, Operator: check.Operator, Device: check.Device, Class: check.Class, Round: check.Round, Excusable: check.Excusable,
	})
}

// ask begins the check of an available device that is not proven, neither its class nor lately: its first one, or one after it failed
// or lay idle. A round that does not exist yet makes the seed.
func (k *Keeper) ask(ctx context.Context, params types.Params, id []byte) error {
	device, err := k.Device(ctx, id)
	if err != nil || !params.Spot.On() || !device.Available {
		return err
	}
	now, err := k.Now(ctx)
	if err != nil || !device.Unproven && device.ProvenUntil > now {
		return err
	}
	last, found, err := k.lastCheck(ctx, id)
	if err != nil || found && last.Open() {
		return err
	}
	check, err := k.newCheck(ctx, params, device)
	if err != nil {
		return err
	}
	if err := k.await(ctx, &check); err != nil {
		return err
	}
	return k.began(ctx, &check, device)
}

// await makes a check wait for a round that does not exist yet. It has no deadline meanwhile: a beacon outage costs nobody anything.
func (k *Keeper) await(ctx context.Context, check *types.SpotCheck) error {
	generation, round, err := k.beacon.Fix(ctx, types.ModuleName)
	if err != nil {
		return err
	}
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	if err := k.unqueue(ctx, *check); err != nil {
		return err
	}
	check.Generation, check.Round, check.Due, check.DueBlock, check.Deferred = generation, round, now+recheckMs, 0, false
	return k.queue(ctx, *check)
}

// seed makes the matrices known: from now on the device's time counts.
func (k *Keeper) seed(ctx sdk.Context, params types.Params, check *types.SpotCheck, randomness []byte) error {
	operator, err := parseAddress("operator", check.Operator)
	if err != nil {
		return err
	}
	seed := spotcheck.Subject{ChainID: ctx.ChainID(), Operator: operator, Device: check.Device, Check: check.Id}.Seed(randomness)
	check.Seed = seed[:]
	if err := k.expectAnswer(ctx, params, check, types.CHECK_STATE_SEEDED); err != nil {
		return err
	}
	return ctx.EventManager().EmitTypedEvent(&types.EventSpotCheckSeeded{
		Check: check.Id, Operator: check.Operator, Device: check.Device, Seed: check.Seed, Due: check.Due,
	})
}

// challenge draws the entries to open.
func (k *Keeper) challenge(ctx sdk.Context, params types.Params, check *types.SpotCheck, randomness []byte) error {
	seed, commitment, err := hashes(check.Seed, check.Commitment)
	if err != nil {
		return err
	}
	drawn := spotcheck.Challenge(seed, commitment, randomness)
	check.Challenge = drawn[:]
	if err := k.expectAnswer(ctx, params, check, types.CHECK_STATE_SAMPLED); err != nil {
		return err
	}
	return ctx.EventManager().EmitTypedEvent(&types.EventSpotCheckSampled{
		Check: check.Id, Operator: check.Operator, Device: check.Device, Challenge: check.Challenge, Due: check.Due,
	})
}

// expectAnswer moves a check into a state in which the device must answer in time: a commitment within the check's own window, the
// openings within that of the present rules.
func (k *Keeper) expectAnswer(ctx sdk.Context, params types.Params, check *types.SpotCheck, state types.CheckState) error {
	window := check.WindowMs
	if state == types.CHECK_STATE_SAMPLED {
		window = params.Spot.OpenWindowMs
	}
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	if err := k.unqueue(ctx, *check); err != nil {
		return err
	}
	check.State, check.Since, check.Due, check.Deferred = state, now, now+window, false
	check.DueBlock = ctx.BlockHeight() + int64(params.Spot.MinBlocks)
	return k.queue(ctx, *check)
}

// hashes reads two hashes of a check's record.
func hashes(a, b []byte) (x, y spotcheck.Hash, err error) {
	if len(a) != spotcheck.HashSize || len(b) != spotcheck.HashSize {
		return x, y, types.ErrInvariant.Wrapf("hashes of %d and %d bytes", len(a), len(b))
	}
	return spotcheck.Hash(a), spotcheck.Hash(b), nil
}

// conclude ends a check and changes the device by its outcome.
func (k *Keeper) conclude(ctx sdk.Context, params types.Params, check types.SpotCheck, state types.CheckState) error {
	device, err := k.Device(ctx, check.Device)
	if err != nil {
		return err
	}
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	if err := k.unqueue(ctx, check); err != nil {
		return err
	}
	check.State, check.Due, check.DueBlock, check.Since, check.Deferred = state, 0, 0, now, false
	changed := device
	if err := judge(params, &check, &changed, now); err != nil {
		return err
	}
	if err := k.checks.Set(ctx, check.Device, check); err != nil {
		return err
	}
	if err := k.amend(ctx, params, device, &changed); err != nil {
		return err
	}
	if err := k.punish(ctx, check, device); err != nil {
		return err
	}
	return ctx.EventManager().EmitTypedEvent(&types.EventSpotCheckEnded{
		Check: check.Id, Operator: check.Operator, Device: check.Device, State: state, TookMs: check.TookMs,
	})
}

// judge changes the device by the check's outcome.
func judge(params types.Params, check *types.SpotCheck, device *types.Device, now uint64) error {
	device.Checking = false
	switch check.State {
	case types.CHECK_STATE_PASSED:
		check.Excuses, device.Unproven = 0, false
		return learn(params, device, types.Observation{Outcome: types.OUTCOME_PROVEN, TookMs: check.TookMs, WindowMs: check.WindowMs}, now)
	case types.CHECK_STATE_MISSED:
		device.Unproven, device.Available, device.Asleep = true, false, false
		return learn(params, device, types.Observation{Outcome: types.OUTCOME_MISSED}, now)
	case types.CHECK_STATE_FALSE:
		device.Unproven, device.Available, device.Asleep = true, false, false
		return learn(params, device, types.Observation{Outcome: types.OUTCOME_FALSE}, now)
	case types.CHECK_STATE_EXCUSED:
		if check.Excuses++; check.Excuses > params.Spot.MaxExcuses {
			device.Unproven = true
		}
		// Without spot checks nobody could ever become proven again.
		device.Unproven = device.Unproven && params.Spot.On()
		return nil
	default:
		return types.ErrInvariant.Wrapf("check %d ends as %s", check.Id, check.State)
	}
}

// punish hands the operator over to the table of offences, and takes its devices off when that jails it. Missing a check is no offence
// for a device that was not proven: it had nothing yet, and its operator may not have started the worker. It is one offence for all
// devices that an outage took along: who is in jail is not punished for another.
func (k *Keeper) punish(ctx sdk.Context, check types.SpotCheck, was types.Device) error {
	operator, err := parseAddress("operator", check.Operator)
	if err != nil {
		return err
	}
	jailed, err := k.penalty.IsJailed(ctx, operator)
	if err != nil {
		return err
	}
	offence := penaltytypes.OFFENCE_FALSE_HARDWARE
	switch {
	case check.State == types.CHECK_STATE_MISSED && !was.Unproven && !jailed:
		offence = penaltytypes.OFFENCE_MISSED_SPOT_CHECK
	case check.State != types.CHECK_STATE_FALSE:
		return nil
	}
	if _, err := k.penalty.Punish(ctx, penaltytypes.Punishment{
		Operator: operator, Offence: offence, Subject: fmt.Sprintf("check/%d", check.Id),
	}); err != nil {
		return err
	}
	if jailed, err = k.penalty.IsJailed(ctx, operator); err != nil || !jailed {
		return err
	}
	return k.Suspend(ctx, operator)
}

// queue writes an open check with its places in the queues.
func (k *Keeper) queue(ctx context.Context, check types.SpotCheck) error {
	if check.Waiting() && !check.Deferred {
		if err := k.waiting.Set(ctx, collections.Join3(check.Generation, check.Round, check.Device)); err != nil {
			return err
		}
	}
	if err := k.checksDue.Set(ctx, collections.Join(check.Due, check.Device)); err != nil {
		return err
	}
	return k.checks.Set(ctx, check.Device, check)
}

// unqueue takes a check out of the queues, if it is in them.
func (k *Keeper) unqueue(ctx context.Context, check types.SpotCheck) error {
	if check.Waiting() {
		if err := k.waiting.Remove(ctx, collections.Join3(check.Generation, check.Round, check.Device)); err != nil {
			return err
		}
	}
	if check.Due == 0 {
		return nil
	}
	return k.checksDue.Remove(ctx, collections.Join(check.Due, check.Device))
}

// cancel removes a device's check because the device retires. One that waits for its seed is no reason to stay; a later one is.
func (k *Keeper) cancel(ctx context.Context, device []byte) error {
	check, found, err := k.lastCheck(ctx, device)
	if err != nil || !found {
		return err
	}
	if check.Open() && check.State != types.CHECK_STATE_PENDING {
		return types.ErrInUse.Wrapf("device %x is in spot check %d (%s): answer it first", device, check.Id, check.State)
	}
	if err := k.unqueue(ctx, check); err != nil {
		return err
	}
	return k.checks.Remove(ctx, device)
}
