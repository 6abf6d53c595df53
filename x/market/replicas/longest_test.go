package replicas_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/market/replicas"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// slowest plays a round step by step, each operator being as late as it may be, and takes the slowest way on at each step. It knows the
// rules of the round, and nothing of the sum.
type slowest struct {
	n int
	w replicas.Windows
}

// commit is a round with so many operators that have committed, so many that were drawn, and so much time gone.
func (s slowest) commit(drawn int, gone uint64) uint64 {
	gone = min(gone+s.w.Commit, s.w.Left)
	longest := s.reveal(gone)
	// One is late, and others take its place while they are there and a whole window is left.
	if drawn < replicas.MaxDrawn(uint32(s.n)) && gone+s.w.Commit <= s.w.Left {
		longest = max(longest, s.commit(drawn+1, gone))
	}
	return longest
}

// reveal has any of them be silent.
func (s slowest) reveal(gone uint64) uint64 {
	longest := uint64(0)
	for standing := 1; standing <= s.n; standing++ {
		longest = max(longest, s.compare(standing, standing == s.n))
	}
	return gone + s.w.Reveal + longest
}

// compare is the slowest way from results that stand: they differ, or agree and are too few. All of them are enough.
func (s slowest) compare(standing int, all bool) uint64 {
	longest := uint64(0)
	if !all {
		longest = uint64(standing) * s.w.Prove
	}
	if standing < 2 {
		return longest
	}
	difference := uint64(0)
	for level := tensor.Depth; level >= 0; level-- { // Both sides show what they have there.
		difference += s.w.Answer
	}
	difference += s.w.Answer // All prove the entry.
	for out := 1; out < standing; out++ {
		longest = max(longest, difference+s.compare(standing-out, false))
	}
	return longest
}

// No round is longer than the longest, and one is as long where the time to commit is the limit.
func TestNoRoundIsLongerThanTheLongest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) uint64 { return rapid.Uint64Range(1, 1_000).Draw(t, name) }
		n := rapid.Uint32Range(replicas.Min, replicas.Max).Draw(t, "replicas")
		w := replicas.Windows{Commit: draw("commit"), Reveal: draw("reveal"), Answer: draw("answer"), Prove: draw("prove")}
		w.Left = w.Commit + rapid.Uint64Range(0, 10_000).Draw(t, "left")
		s := slowest{n: int(n), w: w}
		for drawn := range replicas.MaxDrawn(n) {
			// Of a round that goes on, one is drawn now at least.
			played, longest := s.commit(max(drawn+1, int(n)), 0), replicas.Longest(n, drawn, w)
			if played > longest {
				t.Fatalf("%d of %d drawn before: %d, longest %d", drawn, n, played, longest)
			}
			if w.Left >= uint64(n+1)*w.Commit && played != longest {
				t.Fatalf("%d of %d drawn before: %d, and never as long as %d", drawn, n, played, longest)
			}
		}
	})
}

func TestLongest(t *testing.T) {
	w := replicas.Windows{Commit: 60, Left: 900, Reveal: 40, Answer: 20, Prove: 75}
	// Three, replaced three times: four windows to commit; two differences of six answers, one proof of samples.
	require.EqualValues(t, 4*60+40+2*6*20+75, replicas.Longest(3, 0, w))
	// Five of six are drawn: the last one has one window.
	require.EqualValues(t, 60+40+2*6*20+75, replicas.Longest(3, 5, w))
	w.Left = 100
	require.EqualValues(t, 100+40+2*6*20+75, replicas.Longest(3, 0, w), "nobody commits after the job's deadline")
	w.Prove = 1_000
	require.EqualValues(t, 100+40+6*20+2*1_000, replicas.Longest(3, 0, w), "two are left after one difference, and prove in turn")
	require.Zero(t, replicas.Longest(0, 0, w), "of one operator")
}
