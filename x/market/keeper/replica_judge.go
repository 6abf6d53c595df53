package keeper

import (
	"bytes"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/types"
)

// answerReplica takes one operator's proof of the entry in which results differ; the last one queues them for verification. Each proves
// its own: nobody's proof, and nobody's silence, counts for another with the same result.
func (k *Keeper) answerReplica(metered sdk.Context, job *types.Job, worker sdk.AccAddress, answer *types.MsgAnswerDispute) error {
	ctx, err := k.flat(metered, job, len(answer.Proof))
	if err != nil {
		return err
	}
	record, i, err := k.turnOf(ctx, job, worker, answer.Attempt, lifecycle.Judge)
	if err != nil {
		return err
	}
	if record.Difference == nil || answer.Number != record.Difference.Number {
		return types.ErrAnswer.Wrapf("job %d: number is %d, the difference is %d", job.Id, answer.Number, record.Differences)
	}
	if record.Replicas[i].Answered {
		return types.ErrAnswered.Wrapf("job %d: %s has proven its entry", job.Id, worker)
	}
	if err := k.checkInTime(ctx, job, "answer"); err != nil {
		return err
	}
	system, trace, err := k.questionOf(ctx, job, &record, i)
	if err != nil {
		return err
	}
	if err := system.Admit(metered, trace, [][]byte{answer.Proof}); err != nil {
		return types.ErrAnswer.Wrapf("job %d: %s", job.Id, err)
	}
	if err := k.replicaProofs.Set(ctx, collections.Join(job.Id, worker), answer.Proof); err != nil {
		return err
	}
	record.Replicas[i].Answered = true
	if err := k.noteReplica(ctx, job, &record, worker); err != nil {
		return err
	}
	if !record.All(types.Replica.Proved) {
		return nil
	}
	return k.queueReplicas(ctx, job, &record)
}

// queueReplicas has the proofs verified in turn with others.
func (k *Keeper) queueReplicas(ctx sdk.Context, job *types.Job, record *types.ReplicaRecord) error {
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	if _, err := k.move(ctx, job, lifecycle.Judge, func(job *types.Job) { job.Due = now }); err != nil {
		return err
	}
	return k.tellRound(ctx, job, record, types.REPLICA_STEP_JUDGING)
}

// takeReplicas pays for the verification of all the proofs from the block's budget.
func (k *Keeper) takeReplicas(ctx sdk.Context, job *types.Job) (taken, error) {
	record, err := k.round(ctx, job)
	if err != nil {
		return refused, err
	}
	total := uint64(0)
	for _, i := range record.Standing() {
		system, trace, err := k.questionOf(ctx, job, &record, i)
		if err != nil {
			return refused, err
		}
		units, err := system.Units(trace)
		if err != nil {
			return refused, err
		}
		total += units
	}
	fits, err := k.ports.Proofs.Spend(ctx, total)
	if err != nil || !fits {
		return refused, err
	}
	return alone, nil
}

// judgeReplicas checks everybody's proof of the entry. Of two values that differ one at most can be proven, so that somebody
// is out of the job after every difference, and the rest is compared again.
func (k *Keeper) judgeReplicas(ctx sdk.Context, job *types.Job) error {
	record, err := k.round(ctx, job)
	if err != nil {
		return err
	}
	valid, err := k.provedBy(ctx, job, &record)
	if err != nil {
		return err
	}
	if err := contradiction(job, &record, valid); err != nil {
		return err
	}
	why := blameFor{failure: lifecycle.DisputeLost, offence: lifecycle.LostDispute}
	why.reporter = opponent(job, &record, why.offence, func(i int) bool { return valid[i] })
	for _, i := range record.Standing() {
		if valid[i] {
			continue
		}
		if err := k.dropReplica(ctx, job, &record, i, why); err != nil {
			return err
		}
	}
	if err := k.forgetProofs(ctx, job.Id, &record); err != nil {
		return err
	}
	return k.decide(ctx, job, &record)
}

// provedBy tells of every replica whether its proof is valid.
func (k *Keeper) provedBy(ctx sdk.Context, job *types.Job, record *types.ReplicaRecord) ([]bool, error) {
	valid := make([]bool, len(record.Replicas))
	for _, i := range record.Standing() {
		worker, err := accounts.Decode(record.Replicas[i].Worker)
		if err != nil {
			return nil, types.ErrAddress.Wrapf("job %d: replica: %s", job.Id, err)
		}
		proof, err := k.replicaProofs.Get(ctx, collections.Join(job.Id, worker))
		if err != nil {
			return nil, err
		}
		system, trace, err := k.questionOf(ctx, job, record, i)
		if err != nil {
			return nil, err
		}
		if valid[i], err = system.Verify(ctx, trace, [][]byte{proof}); err != nil {
			return nil, err
		}
	}
	return valid, nil
}

// contradiction is the verifier's fault of finding both sides of a difference right: nobody may be judged by it.
func contradiction(job *types.Job, record *types.ReplicaRecord, valid []bool) error {
	d, proven := record.Difference, [2]bool{}
	for _, i := range record.Standing() {
		root := record.Replicas[i].StepRoots[d.Step]
		proven[0] = proven[0] || (valid[i] && bytes.Equal(root, d.One.Root))
		proven[1] = proven[1] || (valid[i] && bytes.Equal(root, d.Other.Root))
	}
	if proven[0] && proven[1] {
		return types.ErrInvariant.Wrapf("job %d: two values of one entry are proven", job.Id)
	}
	return nil
}

// forgetProofs removes the proofs of a difference that is decided.
func (k *Keeper) forgetProofs(ctx sdk.Context, id uint64, record *types.ReplicaRecord) error {
	for i := range record.Replicas {
		worker, err := accounts.Decode(record.Replicas[i].Worker)
		if err != nil {
			return types.ErrAddress.Wrapf("job %d: replica: %s", id, err)
		}
		if err := k.replicaProofs.Remove(ctx, collections.Join(id, worker)); err != nil {
			return err
		}
		record.Replicas[i].Answered = false
	}
	return nil
}

// meetReplicas does what a deadline that has passed demands of several operators: who was silent is out.
func (k *Keeper) meetReplicas(ctx sdk.Context, job *types.Job) error {
	record, err := k.round(ctx, job)
	if err != nil {
		return err
	}
	switch job.State {
	case types.JOB_STATE_REPLICATING:
		return k.closeCommits(ctx, job, &record)
	case types.JOB_STATE_REVEALING:
		// Who reveals last sees whether it differs. Silence costs what a difference does that is lost, so that nobody saves anything by it.
		err = k.dropUnless(ctx, job, &record, types.Replica.Revealed, blameFor{failure: lifecycle.RevealLate, offence: lifecycle.LostDispute})
	case types.JOB_STATE_DIVERGED:
		shown := func(r types.Replica) bool {
			side := record.Difference.Side(r.StepRoots)
			return side == nil || len(side.Shown) > 0
		}
		err = k.dropUnless(ctx, job, &record, shown, blameFor{failure: lifecycle.DisputeUnanswered, offence: lifecycle.LostDispute})
	case types.JOB_STATE_STANDING:
		err = k.dropUnless(ctx, job, &record, types.Replica.Proved, blameFor{failure: lifecycle.DisputeUnanswered, offence: lifecycle.LostDispute})
		if err == nil && len(record.Standing()) > 0 {
			return k.queueReplicas(ctx, job, &record)
		}
	default:
		return types.ErrInvariant.Wrapf("job %d: %s has no deadline", job.Id, job.State.Lifecycle())
	}
	if err != nil {
		return err
	}
	return k.decide(ctx, job, &record)
}
