package simulation

import (
	"flag"
	"fmt"
	"runtime/debug"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/testutil/chain"
	"github.com/assaychain/assay/x/market/lifecycle"
)

var (
	seeds  = flag.Int("seeds", 2, "simulations to run")
	first  = flag.Uint64("seed", 1, "seed of the first simulation")
	blocks = flag.Int("blocks", 60, "blocks of each")
	paired = flag.Int("paired", 150, "blocks that the siblings are fed")
)

// TestSimulation runs random operations. After every block the auditor holds supply, balances and indexes against the
// books of every module; at the end the state goes out, in and out again without a byte's difference, and the chain that
// came of it does in the next blocks what the first one does.
func TestSimulation(t *testing.T) {
	done, seen := map[string]int{}, map[lifecycle.Event]int{}
	for i := range *seeds {
		seed := *first + uint64(i)
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			defer func() {
				if t.Failed() {
					t.Logf("to see it again: go test ./testutil/simulation -run TestSimulation -seed %d -seeds 1 -blocks %d", seed, *blocks)
				}
			}()
			w := New(t, Config{Seed: seed, JobsPerBlock: 12, Jumps: true})
			w.Run(*blocks)
			roundTrip(t, w)
			t.Logf("%d jobs closed, %d punishments, transitions %v%s", len(w.Audit.Reasons), len(w.Audit.Punishments), w.Audit.Seen, w.Summary())
			add(done, w.Done)
			add(seen, w.Audit.Seen)
		})
	}
	for _, kind := range []string{"submit", "commit", "prove", "post round", "bond", "unbond", "propose", "vote"} {
		require.Positive(t, done[kind], "no simulation did %q", kind)
	}
	if *seeds < many {
		return
	}
	for _, line := range lifecycle.Table() {
		if line.Event != lifecycle.Refix && line.Event != lifecycle.Abandon && line.Event != lifecycle.PassOn && !isElsewhere(line.From) && !isElsewhere(line.To) {
			require.Positive(t, seen[line.Event], "no simulation went from %s by %q", line.From, line.Event)
		}
	}
}

// many simulations walk the whole state table, but for what takes another beacon or a broken verifier, and for the states below.
const many = 10

// isElsewhere tells whether no operation here leads to a state.
func isElsewhere(state lifecycle.State) bool { return elsewhere[state] || state.IsReplicated() }

// elsewhere are the states that no operation here leads to, beside those of several operators: disputes, relays and contests of the level full. The random lives and the
// paths of x/market/keeper take their lines, and testutil/adversary those of disputes and contests with real proofs.
var elsewhere = map[lifecycle.State]bool{
	lifecycle.Disputed: true, lifecycle.Answered: true, lifecycle.Contested: true,
	lifecycle.Drawing: true, lifecycle.Relaying: true, lifecycle.HandedOver: true,
}

func add[K comparable](sum, more map[K]int) {
	for kind, n := range more {
		sum[kind] += n
	}
}

// roundTrip exports, imports and exports again, and lets both chains run on.
func roundTrip(t *testing.T, w *World) {
	t.Helper()
	exported := w.Export()
	imported := w.Over(w.Import(t, exported, nil))
	chain.RequireSameState(t, exported.AppState, imported.ExportUncommitted())
	for range 3 {
		w.BlockAfter(10 * time.Second)
		imported.BlockAfter(10 * time.Second)
	}
	chain.RequireSameState(t, w.Export().AppState, imported.Export().AppState)
	imported.Run(5)
}

// TestSiblings feeds the same blocks of mixed traffic to four instances: a plain one, one that is restarted before each
// block, one that sees no transaction before its block and one that executes transactions in parallel. Their hashes are equal after every block.
func TestSiblings(t *testing.T) {
	// Five hundred applications come and go: without this, most of the time is spent on looking for what is left of them.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	w := New(t, Config{Seed: 42, JobsPerBlock: 4, Siblings: []chain.Kind{chain.Restarted, chain.Blind, chain.Parallel}})
	w.Run(*paired)
	require.GreaterOrEqual(t, w.Height(), int64(*paired))
	require.Positive(t, w.Done["prove"])
	t.Logf("%d blocks, %d jobs closed%s", w.Height(), len(w.Audit.Reasons), w.Summary())
}
