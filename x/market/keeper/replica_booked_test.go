package keeper_test

import (
	"fmt"
	"testing"

	"github.com/assaychain/assay/x/market/types"
)

// A booked device gets a part of a job of several operators only if the longest round is over before its lease begins, and not just the
// time to commit, reveal and prove.
func TestBookedDevicesAreFreeForTheLongestRound(t *testing.T) {
	params := rentParams()
	params.CommitBaseSeconds, params.CommitSecondsPerGmac, params.RevealSeconds, params.AnswerSeconds = 60, 1, 40, 20
	params.ProofBaseSeconds, params.ProofSecondsPerSample = 60, 5
	// 4 times 61 s to commit, 40 s to reveal, two differences of six answers, and 75 s to prove; or one difference and twice 75 s.
	const longest = 4*61 + 40 + 2*6*20 + 75
	for in, want := range map[int64]types.JobState{
		61 + 75 + 40 + 20: types.JOB_STATE_OPEN, longest - 20: types.JOB_STATE_OPEN, longest + 20: types.JOB_STATE_REPLICATING,
	} {
		t.Run(fmt.Sprintf("begins in %d s", in), func(t *testing.T) {
			f := newRentWith(t, params)
			f.workers(2)
			f.landlord("gpu")
			f.reserved("gpu", in)
			id := f.submitReplicas(3, 2)
			f.block(1)
			f.requireState(id, want)
		})
	}
}
