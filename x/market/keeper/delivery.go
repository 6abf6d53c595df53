package keeper

import (
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/clock"
	"github.com/assaychain/assay/x/market/delivery"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/program"
)

// ClaimUndelivered tells that a proven result did not arrive: the customer locks the fee of the answer, and the worker must
// put the sealed result on the chain in time. A job can be claimed once. An output that is too large for that is claimed through relays;
// that of several operators fitted when they got the job, and is put on the chain even if the limit was lowered since.
func (k *Keeper) ClaimUndelivered(ctx sdk.Context, customer sdk.AccAddress, id uint64) error {
	job, err := k.Job(ctx, id)
	if err != nil {
		return err
	}
	if err := checkCustomer(&job, customer); err != nil {
		return err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	output, err := k.output(ctx, id)
	if err != nil {
		return err
	}
	if job.RelayClaims > 0 || (job.Replicas == 0 && delivery.SealedSize(output) > uint64(params.MaxSealedBytes)) {
		return k.claimRelayed(ctx, params, customer, &job, output)
	}
	if _, err := transition(&job, lifecycle.Claim); err != nil {
		return err
	}
	if err := k.checkInTime(ctx, &job, "claim"); err != nil {
		return err
	}
	fee := sdk.NewCoin(params.Denom, params.ClaimFee)
	if err := k.ports.Escrow.Add(ctx, types.ModuleName, id, customer, fee); err != nil {
		return err
	}
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	due := now + clock.Seconds(params.DeliverySeconds)
	if _, err := k.move(ctx, &job, lifecycle.Claim, func(job *types.Job) { job.ClaimFee, job.Due = fee.Amount, due }); err != nil {
		return err
	}
	return ctx.EventManager().EmitTypedEvent(&types.EventDeliveryClaimed{
		JobId: id, Worker: job.Worker, DeliverBy: inWallTime(ctx, now, due),
	})
}

// output declares a job's result.
func (k *Keeper) output(ctx sdk.Context, id uint64) (program.Tensor, error) {
	spec, err := k.Spec(ctx, id)
	if err != nil {
		return program.Tensor{}, err
	}
	return spec.Program.Result()
}

// DeliverResult answers a claim with the sealed output.
func (k *Keeper) DeliverResult(ctx sdk.Context, worker sdk.AccAddress, id uint64, sealed []byte) error {
	job, err := k.Job(ctx, id)
	if err != nil {
		return err
	}
	if err := checkTurn(&job, worker, job.Attempt); err != nil {
		return err
	}
	if _, err := transition(&job, lifecycle.Deliver); err != nil {
		return err
	}
	if err := k.checkInTime(ctx, &job, "delivery"); err != nil {
		return err
	}
	output, err := k.output(ctx, id)
	if err != nil {
		return err
	}
	if want := delivery.SealedSize(output); uint64(len(sealed)) != want {
		return types.ErrSealed.Wrapf("job %d: sealed has %d bytes: it must have %d", id, len(sealed), want)
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	if err := k.sealed.Set(ctx, id, sealed); err != nil {
		return err
	}
	due := now + clock.Seconds(params.DeliverySeconds)
	if _, err := k.move(ctx, &job, lifecycle.Deliver, func(job *types.Job) { job.Due = due }); err != nil {
		return err
	}
	return ctx.EventManager().EmitTypedEvent(&types.EventDelivered{
		JobId: id, Worker: job.Worker, SealedBytes: uint32(len(sealed)),
	})
}
