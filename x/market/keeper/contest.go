package keeper

import (
	"crypto/sha256"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/clock"
	"github.com/assaychain/assay/x/market/delivery"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/types"
)

// ContestDelivery opens the sealed output with the job's delivery secret, which is public from then on. What is in it closes the
// job: the proven result is paid with the claim fee, anything else is punished and refunded. Where the chain can't commit to
// what it found, the worker is asked to open its commitment, and the job is CONTESTED until it does. Of several operators the next one
// delivers after a false delivery, sealed to the key that the customer gives for that.
func (k *Keeper) ContestDelivery(
	ctx sdk.Context, customer sdk.AccAddress, msg *types.MsgContestDelivery,
) (lifecycle.Event, error) {
	job, err := k.Job(ctx, msg.JobId)
	if err != nil {
		return 0, err
	}
	if err := checkCustomer(&job, customer); err != nil {
		return 0, err
	}
	if _, err := transition(&job, lifecycle.Genuine); err != nil {
		return 0, err
	}
	if err := k.checkInTime(ctx, &job, "contest"); err != nil {
		return 0, err
	}
	event, err := k.verdict(ctx, &job, msg)
	if err != nil {
		return 0, err
	}
	job.DeliveryKey = msg.NextDeliveryKey
	if event == lifecycle.Question {
		return event, k.askWorker(ctx, &job)
	}
	return event, k.endContest(ctx, &job, event, event == lifecycle.Genuine)
}

// verdict charges for the work, opens the box and compares what is in it with what was proven. It returns Genuine, Falsified, or
// Question with the job's point and value set.
func (k *Keeper) verdict(ctx sdk.Context, job *types.Job, msg *types.MsgContestDelivery) (lifecycle.Event, error) {
	spec, err := k.Spec(ctx, job.Id)
	if err != nil {
		return 0, err
	}
	output, err := spec.Program.Result()
	if err != nil {
		return 0, err
	}
	sealed, err := k.sealed.Get(ctx, job.Id)
	if err != nil {
		return 0, err
	}
	gas := uint64(3*types.GasPerKeyExchange) + uint64(len(sealed))*types.GasPerSealedByte
	if len(msg.NextDeliveryKey) > 0 {
		gas += types.GasPerKeyExchange
	}
	ctx.GasMeter().ConsumeGas(gas, "market: contest delivery")
	secret := msg.DeliverySecret
	if err := delivery.CheckSecret(secret, job.ResultKey(spec)); err != nil {
		return 0, types.ErrSecret.Wrapf("job %d: %s", job.Id, err)
	}
	if err := msg.CheckNextKey(*job, spec); err != nil {
		return 0, err
	}
	system, trace, err := k.question(ctx, job)
	if err != nil {
		return 0, err
	}
	result, ok, err := delivery.Open(sealed, secret, output)
	if err != nil || !ok {
		return lifecycle.Falsified, err
	}
	if contests, asks := system.(types.Contests); asks {
		job.ContestPoint, job.ContestValue, err = contests.Ask(ctx, trace, secret, sha256.Sum256(sealed), result)
		return lifecycle.Question, err
	}
	same, err := system.Commits(ctx, result, job.StepRoots[len(job.StepRoots)-1])
	if err != nil || !same {
		return lifecycle.Falsified, err
	}
	return lifecycle.Genuine, nil
}

// askWorker gives the worker its time to open the commitment.
func (k *Keeper) askWorker(ctx sdk.Context, job *types.Job) error {
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	due := now + clock.Seconds(params.DeliverySeconds)
	if _, err := k.move(ctx, job, lifecycle.Question, func(job *types.Job) { job.Due = due }); err != nil {
		return err
	}
	return ctx.EventManager().EmitTypedEvent(&types.EventDeliveryQuestioned{
		JobId: job.Id, Worker: job.Worker, Point: job.ContestPoint, AnswerBy: inWallTime(ctx, now, due),
	})
}

// AnswerContest takes the opening of a contested job's commitment, and closes the job by the value that it shows: what was
// delivered is paid with the claim fee, anything else is punished and refunded. An opening that does not hold changes nothing.
func (k *Keeper) AnswerContest(ctx sdk.Context, worker sdk.AccAddress, id uint64, opening []byte) (bool, error) {
	job, err := k.Job(ctx, id)
	if err != nil {
		return false, err
	}
	if err := checkTurn(&job, worker, job.Attempt); err != nil {
		return false, err
	}
	if _, err := transition(&job, lifecycle.AnswerGenuine); err != nil {
		return false, err
	}
	if err := k.checkInTime(ctx, &job, "answer"); err != nil {
		return false, err
	}
	system, trace, err := k.question(ctx, &job)
	if err != nil {
		return false, err
	}
	contests, asks := system.(types.Contests)
	if !asks {
		return false, types.ErrInvariant.Wrapf("job %d: assurance %s has no contests", id, job.Assurance.Word())
	}
	genuine, err := contests.Answer(ctx, trace, job.ContestPoint, job.ContestValue, opening)
	if err != nil {
		return false, types.ErrOpening.Wrapf("job %d: %s", id, err)
	}
	event := lifecycle.AnswerFalse
	if genuine {
		event = lifecycle.AnswerGenuine
	}
	return genuine, k.endContest(ctx, &job, event, genuine)
}

// endContest tells the verdict and closes the job by it.
func (k *Keeper) endContest(ctx sdk.Context, job *types.Job, event lifecycle.Event, genuine bool) error {
	if err := ctx.EventManager().EmitTypedEvent(&types.EventDeliveryContested{
		JobId: job.Id, Worker: job.Worker, Genuine: genuine,
	}); err != nil {
		return err
	}
	return k.closeJob(ctx, job, event)
}
