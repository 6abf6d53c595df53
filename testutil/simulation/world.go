// Package simulation drives a network of testutil/actors with random operations from a seed: jobs good and bad, workers
// honest, late, lying or idle, stakes and devices that come and go, parameters that governance changes, and time that jumps.
// The same seed gives the same blocks, but for the randomness inside proofs and sealed boxes.
package simulation

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/testutil/actors"
	"github.com/assaychain/assay/testutil/chain"
	marketkeeper "github.com/assaychain/assay/x/market/keeper"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// Config says how busy a simulated network is.
type Config struct {
	Seed uint64
	// JobsPerBlock is how many jobs are posted in a block on the average, in percent: proofs are what costs time.
	JobsPerBlock int
	// Jumps are longer gaps between blocks, up to days.
	Jumps bool
	// Siblings run beside the plain instance.
	Siblings []chain.Kind
}

// World is a simulated network.
type World struct {
	*actors.Network
	config Config
	t      testing.TB
	r      *rand.Rand
	works  []*actors.Work
	// characters say how the worker of an attempt behaves and how a job's customer does, by job and attempt.
	characters map[[2]uint64]character
	claims     map[uint64]claim
	// firstClaim is the kind of the first of claims.
	firstClaim int
	// kinds of the transactions that wait for the next block, in their order.
	kinds []string
	// Done and Failed count transactions by kind.
	Done, Failed map[string]int
}

// operators and customers of a simulated network.
const (
	operators = 5
	customers = 3
)

// New starts a network for a simulation.
func New(t testing.TB, config Config) *World {
	t.Helper()
	w := &World{
		Network: actors.New(t, actors.Config{
			Operators: operators, Customers: customers, Bond: 10 * actors.DefaultBond,
			Chain: chain.Config{Siblings: config.Siblings, Edit: shortMemory},
		}),
		config: config, t: t, r: rand.New(rand.NewPCG(config.Seed, 0)),
		characters: map[[2]uint64]character{}, claims: map[uint64]claim{}, Done: map[string]int{}, Failed: map[string]int{},
	}
	for i := range 4 {
		w.works = append(w.works, actors.Small(t, config.Seed*100+uint64(i)))
	}
	return w
}

// Run commits blocks of random operations.
func (w *World) Run(blocks int) {
	w.t.Helper()
	for range blocks {
		w.draw()
		w.work()
		w.relay()
		w.commit(w.interval())
	}
}

// commit commits what is queued and counts how it went.
func (w *World) commit(interval time.Duration) {
	w.t.Helper()
	kinds := w.kinds
	w.kinds = nil
	results := w.BlockAfter(interval)
	require.Len(w.t, results, len(kinds))
	for i, result := range results {
		w.count(kinds[i], result)
	}
}

func (w *World) count(kind string, result *abci.ExecTxResult) {
	if result.Code == 0 {
		w.Done[kind]++
		return
	}
	w.Failed[kind]++
	require.NotContains(w.t, result.Log, "panic", kind)
}

// do queues a transaction for the next block.
func (w *World) do(kind string, from *chain.Account, messages ...sdk.Msg) {
	w.t.Helper()
	w.Queue(from, messages...)
	w.kinds = append(w.kinds, kind)
}

// interval is a few seconds, and now and then much longer.
func (w *World) interval() time.Duration {
	short := time.Duration(1+w.r.IntN(5)) * time.Second
	if !w.config.Jumps {
		return short
	}
	switch n := w.r.IntN(100); {
	case n < 85:
		return short
	case n < 95:
		return time.Minute
	case n < 99:
		return 20 * time.Minute
	default:
		return 30 * time.Hour
	}
}

// relay posts the rounds that are due, mostly.
func (w *World) relay() {
	w.t.Helper()
	if w.chance(15) {
		return
	}
	for range w.PostRounds() {
		w.kinds = append(w.kinds, "post round")
	}
}

// chance is true so many times out of a hundred.
func (w *World) chance(percent int) bool { return w.r.IntN(100) < percent }

func pick[T any](w *World, from []T) T { return from[w.r.IntN(len(from))] }

// active lists the jobs that aren't closed, by number.
func (w *World) active() []markettypes.Job {
	w.t.Helper()
	response, err := marketkeeper.NewQueryServer(w.App().Market).Jobs(w.Context(), &markettypes.QueryJobsRequest{
		Active: true, Pagination: &query.PageRequest{Limit: marketkeeper.MaxPage},
	})
	require.NoError(w.t, err)
	return response.Jobs
}

func (w *World) operator(address string) *actors.Operator {
	i := slices.IndexFunc(w.Operators, func(o *actors.Operator) bool { return o.String() == address })
	return w.Operators[i]
}

func (w *World) customer(address string) *actors.Customer {
	i := slices.IndexFunc(w.Customers, func(c *actors.Customer) bool { return c.String() == address })
	return w.Customers[i]
}

// Over moves the simulation to a chain imported from its state.
func (w *World) Over(imported *chain.Chain) *World {
	moved := *w
	moved.Network = w.Network.Over(imported)
	return &moved
}

// Summary tells how many transactions of each kind went through and how many were refused.
func (w *World) Summary() string {
	kinds := map[string]bool{}
	for kind := range w.Done {
		kinds[kind] = true
	}
	for kind := range w.Failed {
		kinds[kind] = true
	}
	var lines string
	for _, kind := range sorted(kinds) {
		lines += fmt.Sprintf("\n%-20s %4d done %4d refused", kind, w.Done[kind], w.Failed[kind])
	}
	return lines
}

func sorted(set map[string]bool) []string {
	var list []string
	for item := range set {
		list = append(list, item)
	}
	slices.Sort(list)
	return list
}
