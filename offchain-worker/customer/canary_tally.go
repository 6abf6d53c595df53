package customer

import (
	"fmt"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/offchain-worker/canary"
	"github.com/assaychain/assay/offchain-worker/chain"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// Tally gathers what became of each operator that had a part in a job, from looks at the job in their order. It is pure. Of attempts that began
// and ended between two looks it knows nothing.
type Tally struct {
	// attempt is the one that was seen last, standing who had a part in it and had not failed.
	attempt  uint32
	standing []string
	// out are the operators that were told to be out within the attempt.
	out   map[string]bool
	parts []canary.Part
}

// See takes a look at the job in.
func (t *Tally) See(view chain.JobView) {
	job := view.Job
	if job.Attempt != t.attempt || !running(job) {
		for _, operator := range t.standing {
			t.fail(operator, job.LastFailure)
		}
		t.attempt, t.standing, t.out = job.Attempt, nil, map[string]bool{}
	}
	switch {
	case !running(job):
	case job.Replicas == 0:
		t.standing = []string{job.Worker}
	default:
		t.seeReplicas(view.Replicas)
	}
}

// seeReplicas takes in who of several operators stands.
func (t *Tally) seeReplicas(record markettypes.ReplicaRecord) {
	t.standing = nil
	for _, replica := range record.Replicas {
		switch {
		case replica.Stands():
			t.standing = append(t.standing, replica.Worker)
		case !t.out[replica.Worker]:
			t.out[replica.Worker] = true
			t.fail(replica.Worker, replica.Failure)
		}
	}
}

// fail notes the end of an operator's part.
func (t *Tally) fail(operator string, reason markettypes.FailureReason) {
	t.add(operator, markOf(reason), FailureText(reason))
}

func (t *Tally) add(operator string, mark canary.Mark, detail string) {
	t.parts = append(t.parts, canary.Part{Operator: operator, Mark: mark, Detail: detail, Spent: math.ZeroInt(), Won: math.ZeroInt()})
}

// markOf says what a failure is. A proof that does not verify and a false delivery are of a wrong result, as a lost dispute is.
func markOf(reason markettypes.FailureReason) canary.Mark {
	switch reason {
	case markettypes.FAILURE_REASON_PROOF_INVALID, markettypes.FAILURE_REASON_DISPUTE_UNANSWERED,
		markettypes.FAILURE_REASON_DISPUTE_LOST, markettypes.FAILURE_REASON_FALSE_DELIVERY:
		return canary.Convicted
	case markettypes.FAILURE_REASON_COMMIT_LATE, markettypes.FAILURE_REASON_PROOF_LATE,
		markettypes.FAILURE_REASON_REVEAL_LATE, markettypes.FAILURE_REASON_UNDELIVERED:
		return canary.TimedOut
	default:
		return canary.Excused
	}
}

// End says what became of all once the job is closed. mark and detail are of the result that stands then, if one does; lost is what was lost to
// who answers for it.
func (t *Tally) End(view chain.JobView, mark canary.Mark, detail string, lost math.Int) []canary.Part {
	t.See(view)
	job := view.Job
	switch job.CloseReason {
	case markettypes.CLOSE_REASON_UNDELIVERED:
		mark, detail = canary.TimedOut, CloseText(job.CloseReason)
	case markettypes.CLOSE_REASON_FALSE_DELIVERY:
		mark, detail = canary.Convicted, CloseText(job.CloseReason)
	}
	for _, operator := range t.standing {
		t.add(operator, mark, detail)
		if job.CloseReason == markettypes.CLOSE_REASON_SETTLED {
			t.parts[len(t.parts)-1].Spent = paidTo(view, operator)
		}
	}
	for i := range t.parts {
		if lost.IsPositive() && t.parts[i].Operator == job.Worker {
			t.parts[i].Spent = t.parts[i].Spent.Add(lost)
			t.parts[i].Detail = fmt.Sprintf("%s; bonds of %s were lost", t.parts[i].Detail, lost)
			break
		}
	}
	t.standing = nil
	return t.parts
}

// paidTo is what an operator got at the settlement. Of several each has its own price; who delivered also has the fee of a claim.
func paidTo(view chain.JobView, operator string) math.Int {
	job := view.Job
	if job.Replicas == 0 {
		return job.Paid
	}
	paid, _ := view.Replicas.Settle(job.Promise)
	rest, own := job.Paid, math.ZeroInt()
	for n, i := range view.Replicas.Standing() {
		rest = rest.Sub(paid[n])
		if view.Replicas.Replicas[i].Worker == operator {
			own = paid[n]
		}
	}
	if operator == job.Worker {
		own = own.Add(rest)
	}
	return own
}
