package keeper

import (
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/box"
	"github.com/assaychain/assay/x/market/clock"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/relays"
	"github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/program"
)

// claimRelayed is a claim of an output that is too large for a transaction, or that relays don't serve: the customer locks the
// relays' fees, and a beacon round that nobody can know yet draws who the relays are.
func (k *Keeper) claimRelayed(
	ctx sdk.Context, params types.Params, customer sdk.AccAddress, job *types.Job, output program.Tensor,
) error {
	if _, err := transition(job, lifecycle.ClaimRelayed); err != nil {
		return err
	}
	if err := k.checkInTime(ctx, job, "claim"); err != nil {
		return err
	}
	if job.RelayClaims >= relays.MaxClaims {
		return types.ErrClaims.Wrapf("job %d: %d claims: at most %d", job.Id, job.RelayClaims, relays.MaxClaims)
	}
	ctx.GasMeter().ConsumeGas(types.GasPerRelayClaim+uint64(params.RelaysPerClaim)*types.GasPerRelayPayment, "market: claim through relays")
	if _, err := k.localFaults(job); err != nil {
		return err
	}
	layout, err := box.LayoutOf(output)
	if err != nil {
		return types.ErrTooLarge.Wrapf("job %d: %s", job.Id, err)
	}
	places, _, err := k.ports.Registry.RelayRegister(ctx)
	if err != nil {
		return err
	}
	if places < uint64(params.RelayThreshold) {
		return types.ErrFewRelays.Wrapf("job %d: %d relays are registered: %d receipts are needed", job.Id, places, params.RelayThreshold)
	}
	record, err := k.relayRecord(ctx, job)
	if err != nil {
		return err
	}
	fee := relays.FeeOf(params.ClaimFee, params.RelayMibFee, layout.Bytes())
	locked := fee.MulRaw(int64(params.RelaysPerClaim))
	if err := k.ports.Escrow.Add(ctx, types.ModuleName, job.Id, customer, sdk.NewCoin(params.Denom, locked)); err != nil {
		return err
	}
	if len(record.Claims) > 0 {
		record.Retire()
	}
	record.BoxBytes = layout.Bytes()
	record.Claims = append(record.Claims, types.RelayClaim{
		RelayFee: fee, Locked: locked, RelaysWanted: params.RelaysPerClaim, Threshold: params.RelayThreshold,
	})
	record.Draw++
	job.ClaimFee = job.ClaimFee.Add(locked)
	job.RelayClaims++
	return k.fixDraw(ctx, job, lifecycle.ClaimRelayed, &record)
}

// localFaults is the proof system of a job, if a false box can be shown to it by one local fault.
func (k *Keeper) localFaults(job *types.Job) (types.LocalFaults, error) {
	system, err := k.ports.Systems.For(job.Assurance)
	if err != nil {
		return nil, err
	}
	faults, able := system.(types.LocalFaults)
	if !able {
		return nil, types.ErrTooLarge.Wrapf("job %d: results of the level %s can't be handed to relays", job.Id, job.Assurance.Word())
	}
	return faults, nil
}

// relayRecord is the job's record of relays; an empty one before its first claim.
func (k *Keeper) relayRecord(ctx sdk.Context, job *types.Job) (types.RelayRecord, error) {
	if job.RelayClaims == 0 {
		return types.RelayRecord{}, nil
	}
	return k.relays.Get(ctx, job.Id)
}

// fixDraw makes the job wait for the round that draws its relays. It has no deadline meanwhile, as with a commitment. What the register
// of relays is now is what the round draws from.
func (k *Keeper) fixDraw(ctx sdk.Context, job *types.Job, event lifecycle.Event, record *types.RelayRecord) error {
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	claim := record.Last()
	if claim.Places, claim.Fixed, err = k.ports.Registry.RelayRegister(ctx); err != nil {
		return err
	}
	generation, round, err := k.ports.Beacon.Fix(ctx, types.ModuleName)
	if err != nil {
		return err
	}
	if err := k.relays.Set(ctx, job.Id, *record); err != nil {
		return err
	}
	if _, err := k.move(ctx, job, event, func(job *types.Job) {
		job.RelayGeneration, job.RelayRound = generation, round
		job.Due = now + clock.Seconds(RecheckSeconds)
	}); err != nil {
		return err
	}
	return ctx.EventManager().EmitTypedEvent(&types.EventRelaysClaimed{
		JobId: job.Id, Worker: job.Worker, Claim: job.RelayClaims, Draw: record.Draw, Round: round, Generation: generation,
	})
}
