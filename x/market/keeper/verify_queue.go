package keeper

import (
	"fmt"
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/hooks"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/challenge"
)

// MaxVerifiedPerBlock bounds the jobs that a block looks at for verification; the budget of proofs is usually used up first.
const MaxVerifiedPerBlock = 1_000

// batchShare is the part of what a block may still spend that goes into one batch, unless its first job alone takes more. If the
// batch fails, its proofs are prepared once more at the same cost at most, and at least half of the budget is left for the search.
const batchShare = 4

// verifyQueued verifies jobs in the order in which their proofs came, as far as the block's budget goes: batch after batch, each of
// jobs of one proof system that can verify them together, and the jobs of other systems one by one.
func (k *Keeper) verifyQueued(ctx sdk.Context, now uint64) {
	queue := k.head(ctx, k.verify, now, MaxVerifiedPerBlock)
	for more := true; more && len(queue) > 0; {
		var batches []*jointly
		batches, queue, more = k.collect(ctx, queue)
		for _, b := range batches {
			more = k.verifyTogether(ctx, b) && more
		}
	}
}

// jointly are jobs that are verified together.
type jointly struct {
	level     types.Assurance
	system    types.BatchVerification
	ids       []uint64
	questions []challenge.Question
	// circuits are those of all the jobs' steps, each once; units is the cost.
	circuits []string
	units    uint64
}

// collect takes jobs from the queue for one batch of each system, and pays for them. It returns what is left of the queue; false
// when the budget is used up. Jobs that can't be verified together are verified on the way.
func (k *Keeper) collect(ctx sdk.Context, queue []uint64) (batches []*jointly, rest []uint64, more bool) {
	var left uint64
	if !hooks.Isolate(ctx, types.ModuleName, "read budget", func(ctx sdk.Context) (err error) {
		left, err = k.ports.Proofs.Left(ctx)
		return err
	}) {
		return nil, nil, false
	}
	for i, id := range queue {
		took, failed := refused, true
		k.each(ctx, "budget", []uint64{id}, func(ctx sdk.Context, id uint64) (err error) {
			took, err = k.take(ctx, &batches, id, left/batchShare)
			failed = err != nil
			return err
		})
		switch {
		case failed:
		case took == refused:
			return batches, nil, false
		case took == full:
			return batches, queue[i:], true
		case took == alone:
			k.each(ctx, "verify", []uint64{id}, k.verifyJob)
		}
	}
	return batches, nil, true
}

// What becomes of a job that is next in the queue.
type taken int

const (
	// refused means that the block's budget doesn't allow it.
	refused taken = iota
	// full means that its batch has enough.
	full
	// alone means that it is paid for and has to be verified by itself.
	alone
	// joined means that it is paid for and part of a batch.
	joined
)

// take pays for a job's verification from the block's budget and adds it to its batch, if it has one. It is paid for outside of the
// verification, so that work that ends in an error counts too. Answers to disputes, of one entry each, are verified by themselves.
func (k *Keeper) take(ctx sdk.Context, batches *[]*jointly, id, share uint64) (taken, error) {
	job, err := k.Job(ctx, id)
	if err != nil {
		return refused, err
	}
	if job.State == types.JOB_STATE_JUDGING {
		return k.takeReplicas(ctx, &job)
	}
	system, trace, err := k.asked(ctx, &job)
	if err != nil {
		return refused, err
	}
	together, can := system.(types.BatchVerification)
	if !can || job.State == types.JOB_STATE_ANSWERED {
		return k.takeAlone(ctx, system, trace)
	}
	b := batchOf(batches, job.Assurance, together)
	units, err := together.MoreUnits(trace, b.circuits)
	if err != nil {
		return refused, err
	}
	if len(b.ids) > 0 && (units > share || b.units > share-units) {
		return full, nil
	}
	set, err := k.proofs.Get(ctx, id)
	if err != nil {
		return refused, err
	}
	if fits, err := k.ports.Proofs.Spend(ctx, units); err != nil || !fits {
		return refused, err
	}
	b.add(id, units, challenge.Question{Trace: trace, Proofs: set.Proofs})
	return joined, nil
}

func (k *Keeper) takeAlone(ctx sdk.Context, system types.ProofSystem, trace challenge.Trace) (taken, error) {
	units, err := system.Units(trace)
	if err != nil {
		return refused, err
	}
	if fits, err := k.ports.Proofs.Spend(ctx, units); err != nil || !fits {
		return refused, err
	}
	return alone, nil
}

// batchOf finds the batch of a system, of which there are as many as levels of assurance, or adds one.
func batchOf(batches *[]*jointly, level types.Assurance, system types.BatchVerification) *jointly {
	for _, b := range *batches {
		if b.level == level {
			return b
		}
	}
	b := &jointly{level: level, system: system}
	*batches = append(*batches, b)
	return b
}

func (b *jointly) add(id, units uint64, question challenge.Question) {
	b.ids, b.questions, b.units = append(b.ids, id), append(b.questions, question), b.units+units
	for _, circuit := range question.Circuits {
		if !slices.Contains(b.circuits, circuit) {
			b.circuits = append(b.circuits, circuit)
		}
	}
}

// verifyTogether verifies a batch and acts on each verdict by itself. What is undecided keeps its place in the queue. When the batch
// fails as such, its jobs are verified one by one, so that no job can take others down with it. False when the budget is used up.
func (k *Keeper) verifyTogether(ctx sdk.Context, b *jointly) bool {
	if len(b.ids) == 0 {
		return true
	}
	var verdicts []challenge.Verdict
	answered := hooks.Isolate(ctx, types.ModuleName, fmt.Sprintf("verify %d jobs from %d", len(b.ids), b.ids[0]), func(ctx sdk.Context) (err error) {
		verdicts, err = b.system.VerifyMany(ctx, b.questions)
		if err == nil && len(verdicts) != len(b.ids) {
			err = types.ErrInvariant.Wrapf("%d verdicts on %d jobs", len(verdicts), len(b.ids))
		}
		return err
	})
	if !answered {
		return k.verifySingly(ctx, b.ids)
	}
	more := true
	for i, id := range b.ids {
		verdict := verdicts[i]
		if !verdict.Decided && verdict.Err == nil {
			more = false
			continue
		}
		k.each(ctx, "verify", []uint64{id}, func(ctx sdk.Context, id uint64) error { return k.settle(ctx, id, verdict) })
	}
	return more
}

// settle acts on a verdict.
func (k *Keeper) settle(ctx sdk.Context, id uint64, verdict challenge.Verdict) error {
	if verdict.Err != nil {
		return verdict.Err
	}
	job, err := k.Job(ctx, id)
	if err != nil {
		return err
	}
	if !verdict.Valid {
		return k.failAttempt(ctx, &job, lifecycle.Reject)
	}
	return k.accept(ctx, &job)
}

// verifySingly verifies jobs one by one, as far as the budget goes; false when it is used up.
func (k *Keeper) verifySingly(ctx sdk.Context, ids []uint64) bool {
	for _, id := range ids {
		took, failed := refused, true
		k.each(ctx, "budget", []uint64{id}, func(ctx sdk.Context, id uint64) error {
			job, err := k.Job(ctx, id)
			if err != nil {
				return err
			}
			system, trace, err := k.question(ctx, &job)
			if err != nil {
				return err
			}
			took, err = k.takeAlone(ctx, system, trace)
			failed = err != nil
			return err
		})
		if failed {
			continue
		}
		if took == refused {
			return false
		}
		k.each(ctx, "verify", []uint64{id}, k.verifyJob)
	}
	return true
}
