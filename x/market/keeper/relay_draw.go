package keeper

import (
	"crypto/sha256"
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/market/clock"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/relays"
	"github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/registry/lottery"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// drawRelays draws the relays of a job whose round is posted.
func (k *Keeper) drawRelays(ctx sdk.Context, job *types.Job, randomness []byte) error {
	if len(randomness) != sha256.Size {
		return types.ErrInvariant.Wrapf("job %d: randomness of %d bytes", job.Id, len(randomness))
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	record, err := k.relays.Get(ctx, job.Id)
	if err != nil {
		return err
	}
	claim := record.Last()
	drawn, err := k.chooseRelays(ctx, params, job, &record, randomness)
	if err != nil {
		return err
	}
	found := lifecycle.Relayed{Redrawn: claim.Redrawn, Found: uint32(len(drawn)), Threshold: claim.Threshold}
	event := found.Drawn()
	if event != lifecycle.DrawRelays {
		return k.relaysLacking(ctx, job, event, &record, found.Found)
	}
	claim.Relays = drawn
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	due := now + clock.Seconds(params.DeliverySeconds+relays.MiB(record.BoxBytes)*params.RelaySecondsPerMib)
	if err := k.relays.Set(ctx, job.Id, record); err != nil {
		return err
	}
	if _, err := k.move(ctx, job, event, func(job *types.Job) {
		job.RelayRound, job.RelayGeneration, job.Due = 0, 0, due
	}); err != nil {
		return err
	}
	return ctx.EventManager().EmitTypedEvent(&types.EventRelaysDrawn{
		JobId: job.Id, Worker: job.Worker, Draw: record.Draw, Relays: claim.Operators(false), HandOverBy: inWallTime(ctx, now, due),
	})
}

// relaysLacking ends a draw that found too few relays. In a claim's first draw the worker was asked nothing yet, and the job is PROVEN with
// a new dispute window, also when it was HANDED_OVER before: the box of the first claim can't be contested any more. What the claim
// locked comes back at the end. In the second the worker had its chance: the
// customer is refunded, and nobody is punished.
func (k *Keeper) relaysLacking(
	ctx sdk.Context, job *types.Job, event lifecycle.Event, record *types.RelayRecord, found uint32,
) error {
	if err := ctx.EventManager().EmitTypedEvent(&types.EventRelaysLacking{
		JobId: job.Id, Worker: job.Worker, Draw: record.Draw, Found: found, Threshold: record.Last().Threshold,
	}); err != nil {
		return err
	}
	if event == lifecycle.LoseRelays {
		return k.closeJob(ctx, job, event)
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	_, err = k.move(ctx, job, event, func(job *types.Job) {
		job.RelayRound, job.RelayGeneration, job.Due = 0, 0, now+clock.Seconds(params.DisputeSeconds)
	})
	return err
}

// chooseRelays goes through the register in a random order, at most relays.MaxTries places of it.
func (k *Keeper) chooseRelays(
	ctx sdk.Context, params types.Params, job *types.Job, record *types.RelayRecord, randomness []byte,
) ([]types.DrawnRelay, error) {
	claim := record.Last()
	draw := lottery.Draw{Randomness: relays.Seed(randomness, job.Id, record.Draw), Number: record.Draw}
	// Not the worker's payout address: it could change that once the randomness is out, and bar by it whom it doesn't like.
	barred := []string{job.Worker, job.Customer}
	choice := relays.Choice[types.DrawnRelay]{Want: int(claim.RelaysWanted)}
	for _, place := range draw.Order(claim.Places, relays.MaxTries) {
		operator, there, err := k.ports.Registry.RelayAt(ctx, place, claim.Fixed)
		if err != nil {
			return nil, err
		}
		if !there || slices.Contains(barred, operator.Address) || slices.Contains(barred, operator.PayoutAddress) {
			continue
		}
		bonded, err := k.backsRelay(ctx, params, operator)
		if err != nil {
			return nil, err
		}
		drawn := types.DrawnRelay{Operator: operator.Address, RelayUrl: operator.RelayUrl, RelayKey: operator.RelayKey}
		if bonded && choice.Offer(drawn, slices.Contains(record.Earlier, operator.Address)) {
			break
		}
	}
	return choice.Taken(), nil
}

// backsRelay tells whether an operator may relay: free, and with enough stake behind it.
func (k *Keeper) backsRelay(ctx sdk.Context, params types.Params, operator registrytypes.Operator) (bool, error) {
	address, err := accounts.Decode(operator.Address)
	if err != nil {
		return false, types.ErrAddress.Wrapf("relay: %s", err)
	}
	jailed, err := k.ports.Penalty.IsJailed(ctx, address)
	if err != nil || jailed {
		return false, err
	}
	stake, err := k.ports.Bond.Stake(ctx, address)
	if err != nil {
		return false, err
	}
	return stake.Bonded.GTE(params.RelayMinBond), nil
}

// missHandOver is the deadline of a hand-over. The first of a claim draws other relays, since it can't be told whether the worker or the
// relays were silent; the second punishes the worker.
func (k *Keeper) missHandOver(ctx sdk.Context, job *types.Job) error {
	record, err := k.relays.Get(ctx, job.Id)
	if err != nil {
		return err
	}
	event := lifecycle.Relayed{Redrawn: record.Last().Redrawn}.Missed()
	if event == lifecycle.MissDelivery {
		return k.closeJob(ctx, job, event)
	}
	record.Retire()
	record.Last().Redrawn = true
	record.Draw++
	return k.fixDraw(ctx, job, event, &record)
}
