package sdksim

import (
	"flag"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/testutil/chain"
	"github.com/assaychain/assay/testutil/messages"
)

var (
	seeds  = flag.Int("seeds", 1, "simulations to run")
	first  = flag.Int64("seed", 1, "seed of the first simulation")
	blocks = flag.Int("blocks", 30, "blocks of each")
	size   = flag.Int("messages", 20, "messages of a block on the average")
)

// many simulations are enough for every message to be sent.
const many = 10

// TestSimulation runs random messages of all modules. After every block the books are checked; at the end the state goes out, in
// and out again without a byte's difference, and a chain that begins with it runs on.
func TestSimulation(t *testing.T) {
	sent := map[string]Tally{}
	for i := range *seeds {
		seed := *first + int64(i)
		for tries := 0; !whole(t, seed, sent); tries++ {
			require.Less(t, tries, mostSkipped, "seed %d was skipped: the set of validators became empty", seed)
			seed += elsewhere
		}
	}
	if *seeds < many {
		return
	}
	for url, tally := range sent {
		if messages.IsOwn(url) {
			require.Positive(t, tally.Done+tally.Refused, "no simulation sent %s", url)
		}
	}
}

// A life in which the SDK's own modules jail or undelegate the last validator ends there, and says nothing: another seed stands in for it.
const (
	// elsewhere is how far away that is.
	elsewhere = 1_000_000
	// mostSkipped in a row are chance; more mean that validators don't live.
	mostSkipped = 3
)

// whole simulates one seed and tells whether it came to its end, well or not.
func whole(t *testing.T, seed int64, sent map[string]Tally) bool {
	t.Helper()
	var inner *testing.T
	t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
		inner = t
		simulate(t, seed, sent)
	})
	return !inner.Skipped()
}

func simulate(t *testing.T, seed int64, sent map[string]Tally) {
	t.Helper()
	defer func() {
		if t.Failed() {
			t.Logf("to see it again: go test ./testutil/simulation/sdksim -run TestSimulation -seed %d -seeds 1 -blocks %d -messages %d",
				seed, *blocks, *size)
		}
	}()
	s := New(t, Config{Seed: seed, Blocks: *blocks, Messages: *size})
	s.Run(t)
	exported := s.Export()
	imported := Import(t, s, exported)
	chain.RequireSameState(t, exported.AppState, imported.ExportUncommitted())
	imported.Continue(1 + *blocks/4)
	t.Logf("app hash %X%s", s.LastCommitID().Hash, s.Summary())
	for url, tally := range s.Sent {
		sum := sent[url]
		sent[url] = Tally{sum.Done + tally.Done, sum.Refused + tally.Refused, sum.Skipped + tally.Skipped}
	}
}

// TestEveryMessageIsSimulated: every message of this project's modules is sent, or put to the vote, by some module's simulation.
func TestEveryMessageIsSimulated(t *testing.T) {
	s := New(t, Config{})
	for _, url := range messages.Own(s.Encoding().InterfaceRegistry) {
		if s.Sent[url] == nil && s.Proposed[url] == nil {
			t.Errorf("%s has no operation: register a factory in its module's WeightedOperationsX, or in ProposalMsgsX with a weight of %d or more",
				url, leastProposal)
		}
	}
}
