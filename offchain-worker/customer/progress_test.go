package customer_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/customer"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// at is a job in a state, holding what it holds there.
func at(state markettypes.JobState, change ...func(*markettypes.Job)) chain.JobView {
	job := markettypes.Job{
		Id: 7, State: state, Price: math.NewInt(10), MaxPrice: math.NewInt(20), Paid: math.ZeroInt(), Refunded: math.ZeroInt(), ClaimFee: math.ZeroInt(),
	}
	if state >= markettypes.JOB_STATE_ASSIGNED {
		job.Attempt, job.Worker, job.Device = 1, "worker-a", bytes.Repeat([]byte{0xab}, 32)
	}
	if state >= markettypes.JOB_STATE_COMMITTED {
		job.Commitment, job.Round = bytes.Repeat([]byte{0xcd}, 32), 41
	}
	if state >= markettypes.JOB_STATE_SAMPLED {
		job.Seed = bytes.Repeat([]byte{1}, 32)
	}
	if state >= markettypes.JOB_STATE_PROVEN {
		job.StepRoots = [][]byte{make([]byte, 32)}
	}
	for _, f := range change {
		f(&job)
	}
	return chain.JobView{Job: job, Spec: markettypes.Spec{Samples: 2}}
}

func closedAs(reason markettypes.CloseReason) func(*markettypes.Job) {
	return func(j *markettypes.Job) {
		j.CloseReason, j.Paid, j.Refunded = reason, math.NewInt(10), math.NewInt(10)
	}
}

// disputed is a proven job of which an entry is disputed.
func disputed() chain.JobView {
	return at(markettypes.JOB_STATE_DISPUTED, func(j *markettypes.Job) {
		entry := markettypes.Entry{Row: 3, Col: 5}
		j.Disputed = []markettypes.Entry{entry}
		j.Dispute = &markettypes.Dispute{Number: 1, Entry: entry, Resumes: markettypes.JOB_STATE_PROVEN}
	})
}

func TestProgressTellsEachThingOnce(t *testing.T) {
	p := customer.Progress{Denom: "uassay"}
	told := []string{}
	for _, view := range []chain.JobView{
		at(markettypes.JOB_STATE_OPEN), at(markettypes.JOB_STATE_OPEN), at(markettypes.JOB_STATE_ASSIGNED), at(markettypes.JOB_STATE_ASSIGNED),
		at(markettypes.JOB_STATE_COMMITTED), at(markettypes.JOB_STATE_SAMPLED), at(markettypes.JOB_STATE_VERIFYING), at(markettypes.JOB_STATE_PROVEN),
		at(markettypes.JOB_STATE_CLOSED, closedAs(markettypes.CLOSE_REASON_SETTLED)), at(markettypes.JOB_STATE_CLOSED, closedAs(markettypes.CLOSE_REASON_SETTLED)),
	} {
		told = append(told, p.Lines(view, time.Now())...)
	}
	require.Equal(t, []string{
		"waits for a device",
		"assigned to worker-a on device abababababababab for 10uassay (attempt 1)",
		"committed to result cdcdcdcdcdcdcdcd; beacon round 41 draws the positions",
		"round 41 is out: positions are drawn",
		"2 proofs handed in, waiting for verification",
		"proven: 2 of 2 proofs verified on chain",
		"settled: 10uassay paid, 10uassay refunded",
	}, told)
}

func TestProgressCatchesUp(t *testing.T) {
	for name, tt := range map[string]struct {
		views []chain.JobView
		want  []string
	}{
		"from nothing to settled": {
			[]chain.JobView{at(markettypes.JOB_STATE_CLOSED, closedAs(markettypes.CLOSE_REASON_SETTLED))},
			[]string{"assigned to", "committed to", "round 41", "proven", "settled"},
		},
		"a failure between two looks": {
			[]chain.JobView{at(markettypes.JOB_STATE_SAMPLED), at(markettypes.JOB_STATE_ASSIGNED, func(j *markettypes.Job) {
				j.Attempt, j.Worker, j.LastFailure = 2, "worker-b", markettypes.FAILURE_REASON_PROOF_INVALID
			})},
			[]string{"assigned to worker-a", "committed", "round 41", "attempt 1 of worker-a failed: proof invalid; another worker gets the job", "assigned to worker-b"},
		},
		"two failures, one seen": {
			[]chain.JobView{at(markettypes.JOB_STATE_OPEN, func(j *markettypes.Job) {
				j.Attempt, j.Worker, j.LastFailure = 2, "worker-b", markettypes.FAILURE_REASON_COMMIT_LATE
			})},
			[]string{"attempt 1 failed; another", "attempt 2 of worker-b failed: commit late"},
		},
		"no attempt left": {
			[]chain.JobView{at(markettypes.JOB_STATE_ASSIGNED), at(markettypes.JOB_STATE_CLOSED, closedAs(markettypes.CLOSE_REASON_ATTEMPTS_EXHAUSTED), func(j *markettypes.Job) {
				j.StepRoots, j.Seed, j.Commitment, j.LastFailure = nil, nil, nil, markettypes.FAILURE_REASON_PROOF_LATE
			})},
			[]string{"assigned to worker-a", "attempt 1 of worker-a failed: proof late", "attempts exhausted: 10uassay paid, 10uassay refunded"},
		},
		"contested and settled": {
			[]chain.JobView{
				at(markettypes.JOB_STATE_DELIVERED, func(j *markettypes.Job) { j.ClaimFee = math.NewInt(5) }), at(markettypes.JOB_STATE_CONTESTED),
				at(markettypes.JOB_STATE_CLOSED, closedAs(markettypes.CLOSE_REASON_SETTLED)),
			},
			[]string{"assigned to", "committed to", "round 41", "proven", "claimed", "sealed result on the chain", "is contested", "settled"},
		},
		"cancelled": {
			[]chain.JobView{at(markettypes.JOB_STATE_OPEN), at(markettypes.JOB_STATE_CLOSED, closedAs(markettypes.CLOSE_REASON_CANCELLED), func(j *markettypes.Job) {
				j.Attempt, j.StepRoots, j.Seed, j.Commitment = 0, nil, nil, nil
			})},
			[]string{"waits for a device", "cancelled"},
		},
		"claimed": {
			[]chain.JobView{at(markettypes.JOB_STATE_PROVEN), at(markettypes.JOB_STATE_DELIVERED, func(j *markettypes.Job) { j.ClaimFee = math.NewInt(5) })},
			[]string{"assigned", "committed", "round 41", "proven", "claimed as undelivered, 5uassay locked", "the worker put the sealed result"},
		},
		"disputed and proven": {
			[]chain.JobView{at(markettypes.JOB_STATE_PROVEN), disputed(), at(markettypes.JOB_STATE_ANSWERED, func(j *markettypes.Job) { *j = disputed().Job }),
				at(markettypes.JOB_STATE_PROVEN, func(j *markettypes.Job) { j.Disputed = disputed().Job.Disputed })},
			[]string{"assigned", "committed", "round 41", "proven", "disputed: somebody says that step 0 (3, 5) is wrong", "the disputed entry of step 0 (3, 5) was proven"},
		},
		"disputed and convicted": {
			[]chain.JobView{disputed(), at(markettypes.JOB_STATE_OPEN, func(j *markettypes.Job) {
				j.Attempt, j.Worker, j.LastFailure = 1, "worker-a", markettypes.FAILURE_REASON_DISPUTE_LOST
			})},
			[]string{"assigned", "committed", "round 41", "proven", "disputed: somebody", "attempt 1 of worker-a failed: dispute lost; another worker gets the job"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := customer.Progress{Denom: "uassay"}
			told := []string{}
			for _, view := range tt.views {
				told = append(told, p.Lines(view, time.Now())...)
			}
			require.Len(t, told, len(tt.want), told)
			for i, want := range tt.want {
				require.Contains(t, told[i], want)
			}
		})
	}
}

// A job that several operators compute: each stands for itself, one is false, and two agree in the end.
func TestProgressTellsOfSeveralOperators(t *testing.T) {
	p := customer.Progress{Denom: "uassay"}
	told := []string{}
	record := markettypes.ReplicaRecord{Replicas: []markettypes.Replica{{Worker: "one"}, {Worker: "two"}, {Worker: "three"}}}
	view := func(state markettypes.JobState, change ...func(*markettypes.Job)) chain.JobView {
		v := at(state, append(change, func(j *markettypes.Job) { j.Replicas, j.Round = 3, 0 })...)
		if v.Job.State.Lifecycle().IsReplicated() {
			v.Job.Worker, v.Job.Commitment, v.Job.Seed, v.Job.StepRoots = "", nil, nil, nil
		}
		v.Spec.Replicas, v.Spec.Agreement = 3, 2
		v.Replicas = record
		v.Replicas.Replicas = append([]markettypes.Replica(nil), record.Replicas...)
		return v
	}
	look := func(v chain.JobView) {
		for range 2 { // Each thing is told once.
			told = append(told, p.Lines(v, time.Now())...)
		}
	}
	look(at(markettypes.JOB_STATE_OPEN))
	look(view(markettypes.JOB_STATE_REPLICATING))
	look(view(markettypes.JOB_STATE_REVEALING))
	record.Difference = &markettypes.Difference{Number: 1, Step: 1, Level: 3}
	look(view(markettypes.JOB_STATE_DIVERGED))
	record.Difference.Entry = &markettypes.Entry{Step: 1, Row: 2, Col: 7}
	look(view(markettypes.JOB_STATE_STANDING))
	look(view(markettypes.JOB_STATE_JUDGING))
	record.Difference, record.Replicas[2].Failure = nil, markettypes.FAILURE_REASON_DISPUTE_LOST
	look(view(markettypes.JOB_STATE_PROVEN))
	look(view(markettypes.JOB_STATE_CLOSED, closedAs(markettypes.CLOSE_REASON_SETTLED)))
	require.Equal(t, []string{
		"waits for a device",
		"computed by one, two, three for 10uassay in all (attempt 1); 2 results must agree",
		"3 results are committed to",
		"results differ in step 1 (difference 1): both sides show where",
		"they differ first in entry (2, 7) of step 1: each operator proves its own",
		"the proofs of that entry are in, waiting for verification",
		"operator three is out: dispute lost",
		"agreed: 2 of 3 operators have the same result",
		"settled: 10uassay paid, 10uassay refunded",
	}, told)
	alone := view(markettypes.JOB_STATE_COMMITTED)
	alone.Job.Round = 41
	again := customer.Progress{Denom: "uassay"}
	require.Contains(t, again.Lines(alone, time.Now()), "2 results are left, too few: worker-a proves it by samples")
}
