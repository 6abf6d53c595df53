package runner_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	markettypes "github.com/assaychain/assay/x/market/types"
)

// together runs jobs that one round samples at the same moment.
func together(t *testing.T, f faults, jobs int) *world {
	t.Helper()
	f.oneRound = true
	w := newWorld(t, f)
	w.poll = 60 * time.Millisecond // A quarter of it is enough for others to join on a busy machine.
	for id := range uint64(jobs) {
		w.submit(id + 1)
	}
	w.until(w.dense(), w.chain.closed)
	for id := range uint64(jobs) {
		require.Equal(t, markettypes.CLOSE_REASON_SETTLED, w.chain.job(id+1).CloseReason)
		require.Equal(t, 1, w.chain.landed[fmt.Sprintf("%d/prove", id+1)], "an answer has its effect once")
	}
	return w
}

// TestAnswersThatAreReadyTogetherGoTogether proves several jobs in one transaction.
func TestAnswersThatAreReadyTogetherGoTogether(t *testing.T) {
	w := together(t, faults{}, 6)
	require.Greater(t, w.chain.largest, 1, "no transaction carried several answers")
	require.LessOrEqual(t, w.chain.largest, 16)
}

// TestAnswersThatFailTogetherGoAlone has the chain refuse them, in a block.
func TestAnswersThatFailTogetherGoAlone(t *testing.T) {
	w := together(t, faults{refuseShared: true}, 4)
	require.Greater(t, w.chain.largest, 1)
}

// TestLostAnswersOfSeveralJobsCountOnce loses transactions with several answers, and the node's words about them.
func TestLostAnswersOfSeveralJobsCountOnce(t *testing.T) {
	together(t, faults{dropFirst: true}, 4)
	together(t, faults{loseAnswers: true}, 4)
}

// TestKilledBetweenTheEntriesOfOneTransaction kills a worker at each of its events while answers of several jobs go into one
// transaction: the entry of one of them counts for all, so that none goes out again alone.
func TestKilledBetweenTheEntriesOfOneTransaction(t *testing.T) {
	for point := 1; ; point++ {
		w := newWorld(t, faults{oneRound: true})
		w.poll = 10 * time.Millisecond
		w.submit(1)
		w.submit(2)
		events := w.live(point)
		if events >= point {
			w.live(0)
		}
		w.check(2)
		if events < point {
			return
		}
	}
}
