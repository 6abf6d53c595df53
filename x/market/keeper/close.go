package keeper

import (
	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/types"
)

// closeJob ends a job: whoever is owed is paid, the rest goes back to the customer, the record stays for its history.
func (k *Keeper) closeJob(ctx sdk.Context, job *types.Job, event lifecycle.Event) error {
	t, err := transition(job, event)
	if err != nil {
		return err
	}
	if passed, err := k.blame(ctx, job, t); passed || err != nil {
		return err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	paid, refunded, err := k.distribute(ctx, params, job, t.Reason)
	if err != nil {
		return err
	}
	// A claim that a conviction ended was paid and given back before.
	paid, refunded = job.Paid.Add(paid), job.Refunded.Add(refunded)
	if _, err := k.move(ctx, job, event, func(job *types.Job) {
		job.Due, job.Paid, job.Refunded = 0, paid, refunded
		job.RelayRound, job.RelayGeneration = 0, 0
		job.PruneAt = ctx.BlockTime().Unix() + int64(params.HistorySeconds)
	}); err != nil {
		return err
	}
	if err := k.forgetParties(ctx, job.Id); err != nil {
		return err
	}
	if err := k.observeClosing(ctx, job, t); err != nil {
		return err
	}
	rebate := math.ZeroInt()
	if t.Reason == lifecycle.Settled {
		if rebate, err = k.late(ctx, job); err != nil {
			return err
		}
	}
	return ctx.EventManager().EmitTypedEvent(&types.EventJobClosed{
		JobId: job.Id, Reason: job.CloseReason, Rebate: sdk.NewCoin(params.Denom, rebate),
		Paid: sdk.NewCoin(params.Denom, paid), Refunded: sdk.NewCoin(params.Denom, refunded),
	})
}

// blame punishes for what closes a job. Of several operators with the same result the next one answers instead, if there is one: true.
func (k *Keeper) blame(ctx sdk.Context, job *types.Job, t lifecycle.Transition) (passed bool, err error) {
	if job.Replicas == 0 || t.Offence == lifecycle.NoOffence {
		return false, k.punish(ctx, job, t.Offence)
	}
	record, err := k.round(ctx, job)
	if err != nil {
		return false, err
	}
	if passed, err := k.passOn(ctx, job, &record); passed || err != nil {
		return passed, err
	}
	i := record.Of(job.Worker)
	if i < 0 {
		return false, types.ErrInvariant.Wrapf("job %d: %s has no part in it", job.Id, job.Worker)
	}
	failure := lifecycle.NotDelivered
	if t.Offence == lifecycle.FalseDelivered {
		failure = lifecycle.FalselyDelivered
	}
	return false, k.dropReplica(ctx, job, &record, i, blameFor{failure: failure, offence: t.Offence})
}

// observeClosing teaches the registry what the end of a job shows of who has it, or of all that stand for its result.
func (k *Keeper) observeClosing(ctx sdk.Context, job *types.Job, t lifecycle.Transition) error {
	if job.Replicas == 0 {
		k.observe(ctx, job, closingOutcome(t))
		return nil
	}
	record, err := k.round(ctx, job)
	if err != nil {
		return err
	}
	k.observeStanding(ctx, job, &record, closingOutcome(t))
	return nil
}

// forgetParties removes what only an open job needs.
func (k *Keeper) forgetParties(ctx sdk.Context, id uint64) error {
	for _, set := range []collections.KeySet[partyKey]{k.excluded, k.reporters} {
		parties, err := k.parties(ctx, set, id)
		if err != nil {
			return err
		}
		for _, party := range parties {
			if err := set.Remove(ctx, collections.Join(id, party)); err != nil {
				return err
			}
		}
	}
	if err := k.relays.Remove(ctx, id); err != nil {
		return err
	}
	return k.sealed.Remove(ctx, id)
}
