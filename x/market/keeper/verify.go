package keeper

import (
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/challenge"
	"github.com/assaychain/assay/x/market/clock"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// batch is what one circuit has to check of a job.
type batch struct {
	circuit         string
	digests, proofs [][]byte
}

// verifyJob checks a job's proofs and acts on the verdict. A proof that came in time is in time, however long it queued.
func (k *Keeper) verifyJob(ctx sdk.Context, id uint64) error {
	job, err := k.Job(ctx, id)
	if err != nil {
		return err
	}
	batches, err := k.batches(ctx, &job)
	if err != nil {
		return err
	}
	for _, b := range batches {
		valid, _, err := k.ports.Proofs.VerifyBatch(ctx, b.circuit, b.digests, b.proofs)
		if err != nil {
			return err
		}
		if !valid {
			return k.failAttempt(ctx, &job, lifecycle.Reject)
		}
	}
	return k.accept(ctx, &job)
}

// batches rebuilds every statement from the chain's own state and groups the digests by circuit, in the order of the positions.
func (k *Keeper) batches(ctx sdk.Context, job *types.Job) ([]batch, error) {
	trace, err := k.trace(ctx, job)
	if err != nil {
		return nil, err
	}
	set, err := k.proofs.Get(ctx, job.Id)
	if err != nil {
		return nil, err
	}
	positions, statements, err := challenge.Statements(trace)
	if err != nil {
		return nil, err
	}
	if len(set.Proofs) != len(statements) || len(job.Circuits) != len(trace.Program.Steps) {
		return nil, types.ErrInvariant.Wrapf("job %d: %d proofs of %d statements", job.Id, len(set.Proofs), len(statements))
	}
	var batches []batch
	for i := range statements {
		digest, err := statements[i].Digest()
		if err != nil {
			return nil, err
		}
		b := batchOf(&batches, job.Circuits[positions[i].Step])
		b.digests, b.proofs = append(b.digests, digest[:]), append(b.proofs, set.Proofs[i])
	}
	return batches, nil
}

// batchOf finds the batch of a circuit, of which there are as many as classes, or adds one.
func batchOf(batches *[]batch, circuit string) *batch {
	for i := range *batches {
		if (*batches)[i].circuit == circuit {
			return &(*batches)[i]
		}
	}
	*batches = append(*batches, batch{circuit: circuit})
	return &(*batches)[len(*batches)-1]
}

// distinct is the number of circuits a job may need, each of which is a batch with a cost of its own. There are at most as many
// as steps.
func distinct(circuits []string) int {
	n := 0
	for i, id := range circuits {
		if !slices.Contains(circuits[:i], id) {
			n++
		}
	}
	return n
}

func (k *Keeper) trace(ctx sdk.Context, job *types.Job) (challenge.Trace, error) {
	spec, err := k.Spec(ctx, job.Id)
	if err != nil {
		return challenge.Trace{}, err
	}
	claim, err := claimOf(ctx, job)
	if err != nil {
		return challenge.Trace{}, err
	}
	trace := challenge.Trace{Claim: claim, Program: spec.Program, Samples: spec.Samples, Steps: job.StepRoots}
	copy(trace.Seed[:], job.Seed)
	for _, input := range spec.Inputs {
		trace.Inputs = append(trace.Inputs, input.Root)
	}
	return trace, nil
}

// accept opens the dispute window.
func (k *Keeper) accept(ctx sdk.Context, job *types.Job) error {
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	due := now + clock.Seconds(params.DisputeSeconds)
	if _, err := k.move(ctx, job, lifecycle.Accept, func(job *types.Job) { job.Due = due }); err != nil {
		return err
	}
	k.observe(ctx, job, registrytypes.OUTCOME_PROVEN)
	return ctx.EventManager().EmitTypedEvent(&types.EventJobProven{
		JobId: job.Id, Attempt: job.Attempt, Worker: job.Worker, SettlesAt: inWallTime(ctx, now, due),
	})
}
