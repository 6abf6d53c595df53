package keeper

import (
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/hooks"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// failureOutcome says what a failed attempt shows of the device. A failure that is not the worker's shows nothing.
func failureOutcome(failure lifecycle.Failure) registrytypes.Outcome {
	switch failure {
	case lifecycle.CommitLate, lifecycle.ProofLate, lifecycle.RevealLate:
		return registrytypes.OUTCOME_MISSED
	case lifecycle.ProofInvalid, lifecycle.DisputeLost, lifecycle.DisputeUnanswered, lifecycle.FalselyDelivered:
		return registrytypes.OUTCOME_FALSE
	case lifecycle.NotDelivered:
		return registrytypes.OUTCOME_UNDELIVERED
	default:
		return registrytypes.OUTCOME_UNSPECIFIED
	}
}

// closingOutcome says what the end of a job shows of the device that has it. An end without an offence, for want of relays, shows nothing.
func closingOutcome(t lifecycle.Transition) registrytypes.Outcome {
	switch {
	case t.Reason == lifecycle.Settled:
		return registrytypes.OUTCOME_DELIVERED
	case t.Reason == lifecycle.Undelivered && t.Offence != lifecycle.NoOffence:
		return registrytypes.OUTCOME_UNDELIVERED
	case t.Reason == lifecycle.FalseDelivery:
		return registrytypes.OUTCOME_FALSE
	default:
		return registrytypes.OUTCOME_UNSPECIFIED
	}
}

// observe teaches the registry what was seen of a job's device, unless the device has left or changed hands since. It never
// keeps a job from going on: an observation that fails is dropped, and counted.
func (k *Keeper) observe(ctx sdk.Context, job *types.Job, outcome registrytypes.Outcome) {
	if outcome == registrytypes.OUTCOME_UNSPECIFIED {
		return
	}
	hooks.Isolate(ctx, types.ModuleName, fmt.Sprintf("observe job %d", job.Id), func(ctx sdk.Context) error {
		device, err := k.ports.Registry.Device(ctx, job.Device)
		if registrytypes.ErrDeviceNotFound.Is(err) || (err == nil && device.Operator != job.Worker) {
			return nil
		}
		if err != nil {
			return err
		}
		seen, err := k.observation(ctx, job, outcome)
		if err != nil {
			return err
		}
		return k.ports.Registry.Observe(ctx, job.Device, seen)
	})
}

// observation adds to an outcome how fast it came, where that counts: when the result is proven.
func (k *Keeper) observation(ctx sdk.Context, job *types.Job, outcome registrytypes.Outcome) (registrytypes.Observation, error) {
	seen := registrytypes.Observation{Outcome: outcome}
	// Of one of several operators it is not kept how long it took.
	if outcome != registrytypes.OUTCOME_PROVEN || job.Replicas > 0 {
		return seen, nil
	}
	params, err := k.params.Get(ctx)
	seen.TookMs, seen.WindowMs, seen.Price = job.TookMs, commitWindow(params, job.Work), job.AskedPrice
	return seen, err
}

// took is how long an attempt of a job has run, in active milliseconds, whatever became of the windows meanwhile.
func (k *Keeper) took(ctx sdk.Context, job *types.Job) (uint64, error) {
	now, err := k.Now(ctx)
	return now - min(job.AssignedActive, now), err
}
