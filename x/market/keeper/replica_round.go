package keeper

import (
	"errors"

	"cosmossdk.io/collections"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/market/clock"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/program"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// round is the present round of a job of several operators; empty while it has none.
func (k *Keeper) round(ctx sdk.Context, job *types.Job) (types.ReplicaRecord, error) {
	record, err := k.replicas.Get(ctx, job.Id)
	if errors.Is(err, collections.ErrNotFound) {
		return types.ReplicaRecord{}, nil
	}
	return record, err
}

// flat takes the gas of a step of one of several operators, of which it shows so many bytes, and returns a context in which the rest is
// free. What a step does hangs on what others have done just before, and nobody could tell when it estimates its gas whether it will be
// the last one, whose message moves the job on.
func (k *Keeper) flat(ctx sdk.Context, job *types.Job, shown int) (sdk.Context, error) {
	spec, err := k.Spec(ctx, job.Id)
	if err != nil {
		return ctx, err
	}
	part := uint64(types.BytesPerReplica + program.RootSize*len(spec.Program.Steps))
	gas := types.GasPerReplicaStep + types.GasPerRoundByte*(part*uint64(spec.Operators())+2*uint64(shown))
	ctx.GasMeter().ConsumeGas(gas, "market: step of several operators")
	return ctx.WithGasMeter(storetypes.NewInfiniteGasMeter()), nil
}

// saveRound stores a round, and has the job's price be what all get that stand.
func (k *Keeper) saveRound(ctx sdk.Context, job *types.Job, record *types.ReplicaRecord) error {
	job.Price = record.Price()
	return k.replicas.Set(ctx, job.Id, *record)
}

// noteReplica stores what an operator has answered, and tells it.
func (k *Keeper) noteReplica(ctx sdk.Context, job *types.Job, record *types.ReplicaRecord, worker sdk.AccAddress) error {
	if err := k.saveRound(ctx, job, record); err != nil {
		return err
	}
	return ctx.EventManager().EmitTypedEvent(&types.EventReplicaAnswered{
		JobId: job.Id, Attempt: job.Attempt, Worker: worker.String(), State: job.State,
	})
}

// wait takes a job of several operators to a state in which they must answer, with a deadline.
func (k *Keeper) wait(
	ctx sdk.Context, job *types.Job, record *types.ReplicaRecord, event lifecycle.Event, step types.ReplicaStep,
) error {
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	seconds := params.AnswerSeconds
	if event == lifecycle.CloseCommits {
		seconds = params.RevealSeconds
	}
	if err := k.saveRound(ctx, job, record); err != nil {
		return err
	}
	if _, err := k.move(ctx, job, event, func(job *types.Job) { job.Due = now + clock.Seconds(seconds) }); err != nil {
		return err
	}
	return k.tellRound(ctx, job, record, step)
}

// blameFor is why an operator is out of a job, and what it is punished for.
type blameFor struct {
	failure lifecycle.Failure
	offence lifecycle.Offence
	// reporter is the operator whose result stood against it; none but in an audit.
	reporter string
}

// dropReplica takes an operator out of the job: it is punished, gets nothing and never gets the job again.
func (k *Keeper) dropReplica(ctx sdk.Context, job *types.Job, record *types.ReplicaRecord, i int, why blameFor) error {
	replica := &record.Replicas[i]
	as := asReplica(job, *replica)
	worker, err := workerOf(&as)
	if err != nil {
		return err
	}
	if why.reporter != "" {
		as.Dispute = &types.Dispute{Challenger: why.reporter}
	}
	if err := k.punish(ctx, &as, why.offence); err != nil {
		return err
	}
	if err := k.excludeWorker(ctx, &as); err != nil {
		return err
	}
	if err := k.workers.Remove(ctx, collections.Join(worker, job.Id)); err != nil {
		return err
	}
	if err := k.replicaProofs.Remove(ctx, collections.Join(job.Id, worker)); err != nil {
		return err
	}
	if err := k.releaseReplica(ctx, *replica, job.State.Lifecycle().HoldsLane(), true); err != nil {
		return err
	}
	replica.Failure, replica.Answered = types.FailureReason(why.failure), false
	k.observe(ctx, &as, failureOutcome(why.failure))
	if err := k.saveRound(ctx, job, record); err != nil {
		return err
	}
	return ctx.EventManager().EmitTypedEvent(&types.EventReplicaFailed{
		JobId: job.Id, Attempt: job.Attempt, Worker: replica.Worker, Reason: replica.Failure,
	})
}

// asReplica is the job as that of one of its operators.
func asReplica(job *types.Job, replica types.Replica) types.Job {
	as := *job
	as.Worker, as.Device = replica.Worker, replica.Device
	return as
}

// dropUnless drops all that stand and have not done something.
func (k *Keeper) dropUnless(
	ctx sdk.Context, job *types.Job, record *types.ReplicaRecord, done func(types.Replica) bool, why blameFor,
) error {
	why.reporter = opponent(job, record, why.offence, func(i int) bool { return done(record.Replicas[i]) })
	for _, i := range record.Standing() {
		if done(record.Replicas[i]) {
			continue
		}
		if err := k.dropReplica(ctx, job, record, i, why); err != nil {
			return err
		}
	}
	return nil
}

// releaseReplica gives back the lane, and the bond, of one operator.
func (k *Keeper) releaseReplica(ctx sdk.Context, replica types.Replica, lane, exposure bool) error {
	if lane {
		if err := k.ports.Registry.Unreserve(ctx, replica.Device); err != nil {
			return err
		}
	}
	if !exposure || !replica.Exposure.IsPositive() {
		return nil
	}
	worker, err := accounts.Decode(replica.Worker)
	if err != nil {
		return types.ErrAddress.Wrapf("replica: %s", err)
	}
	return k.ports.Bond.Release(ctx, worker, replica.Exposure)
}

// freeReplicas gives back what the new state of a job of several operators does not hold, of all that stand.
func (k *Keeper) freeReplicas(ctx sdk.Context, job *types.Job, t lifecycle.Transition) error {
	if !t.FreesLane() && !t.FreesExposure() {
		return nil
	}
	record, err := k.round(ctx, job)
	if err != nil {
		return err
	}
	for _, i := range record.Standing() {
		if err := k.releaseReplica(ctx, record.Replicas[i], t.FreesLane(), t.FreesExposure()); err != nil {
			return err
		}
	}
	return nil
}

// lead has the first operator that stands answer for the result from now on: what is bound to a worker is bound to it.
func (k *Keeper) lead(ctx sdk.Context, job *types.Job, record *types.ReplicaRecord) error {
	standing := record.Standing()
	if len(standing) == 0 {
		return types.ErrInvariant.Wrapf("job %d: nobody is left to answer for it", job.Id)
	}
	replica := record.Replicas[standing[0]]
	as := asReplica(job, replica)
	claim, err := claimOf(ctx, &as)
	if err != nil {
		return err
	}
	commitment, err := program.CommitmentHash(claim, replica.StepRoots)
	if err != nil {
		return types.ErrRoots.Wrapf("job %d: %s", job.Id, err)
	}
	seed := program.ReplicaSeed(claim, commitment)
	job.Worker, job.Device, job.StepRoots = replica.Worker, replica.Device, replica.StepRoots
	job.Commitment, job.Seed = commitment[:], seed[:]
	return nil
}

// observeStanding teaches the registry what was seen of all that stand.
func (k *Keeper) observeStanding(ctx sdk.Context, job *types.Job, record *types.ReplicaRecord, outcome registrytypes.Outcome) {
	for _, i := range record.Standing() {
		as := asReplica(job, record.Replicas[i])
		k.observe(ctx, &as, outcome)
	}
}
