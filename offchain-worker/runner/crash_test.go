package runner_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/journal"
	"github.com/assaychain/assay/offchain-worker/runner"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/interpreter"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// interpret executes by the reference interpreter.
type interpret struct{}

func (interpret) Execute(_ context.Context, _ []byte, p program.Program, inputs []*tensor.Tensor) ([]*tensor.Tensor, error) {
	return interpreter.Run(p, inputs)
}

// attest makes bytes in place of proofs, after it checked that the opening is true.
type attest struct {
	blob.Merkle
	t *testing.T
}

func (attest) Check(runner.Assignment) error { return nil }

func (a attest) Prove(_ context.Context, evidence runner.Evidence) ([][]byte, error) {
	openings, err := evidence.Openings()
	require.NoError(a.t, err)
	proofs := make([][]byte, len(openings))
	for i, o := range openings {
		require.NoError(a.t, o.Statement.Validate())
		for _, pair := range []struct {
			root   [32]byte
			tensor *tensor.Tensor
		}{{o.Statement.RootX, o.X}, {o.Statement.RootW, o.W}, {o.Statement.RootY, o.Y}} {
			root, err := blob.Commit(pair.tensor)
			require.NoError(a.t, err)
			require.EqualValues(a.t, pair.root, root)
		}
		digest, err := o.Statement.Digest()
		require.NoError(a.t, err)
		proofs[i] = digest[:]
	}
	return proofs, nil
}

var errKilled = errors.New("killed")

// process is one life of a worker. It dies at its kill-th event, if that is above 0: from then on nothing that it does has
// any effect, as after SIGKILL.
type process struct {
	*fakeChain
	world  *world
	mu     sync.Mutex
	events int
	kill   int
	dead   bool
	cancel context.CancelFunc
}

// event counts and tells whether the process is dead.
func (p *process) event() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events++
	if p.events == p.kill {
		p.dead = true
		p.cancel()
	}
	if p.dead {
		return errKilled
	}
	return nil
}

// Broadcast can die before the node hears of the transaction, and before the worker hears of the node.
func (p *process) Broadcast(ctx context.Context, raw []byte) error {
	if err := p.event(); err != nil {
		return err
	}
	answer := p.fakeChain.Broadcast(ctx, raw)
	if err := p.event(); err != nil {
		return err
	}
	return answer
}

// hooks die before a journal entry is written, in the middle of it, and after it.
func (p *process) hooks() journal.Hooks {
	return journal.Hooks{
		Before: func(journal.Entry) error {
			if err := p.event(); err != nil {
				return err
			}
			if err := p.event(); err != nil {
				p.tear()
				return err
			}
			return nil
		},
		After: func(journal.Entry) error { return p.event() },
	}
}

// tear leaves the beginning of an entry at the end of the journal.
func (p *process) tear() {
	file, err := os.OpenFile(filepath.Join(p.world.home, "journal.wal"), os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(p.world.t, err)
	_, err = file.Write([]byte("AWJ1\x00\x00\x01\x00half of an entry"))
	require.NoError(p.world.t, errors.Join(err, file.Close()))
}

// live runs a worker on the world until it dies or every job is closed and the worker knows. It returns the number of
// events it lived through.
func (w *world) live(kill int) int { return w.liveUntil(kill, w.chain.closed) }

// liveUntil is live with another end.
func (w *world) liveUntil(kill int, ended func() bool) int {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	p := &process{fakeChain: w.chain, world: w, kill: kill, cancel: cancel}
	log, entries, err := journal.Open(filepath.Join(w.home, "journal.wal"), p.hooks())
	require.NoError(w.t, err)
	defer func() { require.NoError(w.t, log.Close()) }()
	r := w.runnerOf(w.dense(), p, log, entries)
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	for ctx.Err() == nil && !(ended() && r.Active() == 0) {
		time.Sleep(time.Millisecond)
	}
	cancel()
	err = <-done
	require.True(w.t, errors.Is(err, context.Canceled) || errors.Is(err, errKilled) || errors.Is(err, journal.ErrClosed), "%v", err)
	return p.events
}

func (w *world) runnerOf(kind runner.Kind, p *process, log *journal.Journal, entries []journal.Entry) *runner.Runner {
	price, err := sdk.ParseDecCoin("0.01uassay")
	require.NoError(w.t, err)
	signer, err := chain.NewSigner(chain.SignerConfig{
		ChainID: chainID, Keyring: w.keys, KeyName: "worker", TxConfig: w.chain.encoding.TxConfig, TimeoutBlocks: 20,
		Fees: chain.FeePolicy{GasPrice: price, GasAdjustment: 1.5, MaxFee: sdk.NewInt64Coin("uassay", 1_000_000)},
		Poll: time.Millisecond,
	}, w.chain, p)
	require.NoError(w.t, err)
	kinds := &runner.Kinds{}
	require.NoError(w.t, kinds.Register(kind))
	require.NoError(w.t, kinds.Register(runner.Replicated(kind)))
	kinds.Seal()
	r, err := runner.New(runner.Config{
		ChainID: chainID, Operator: w.operator, Lanes: 2, Poll: w.poll, ReportBefore: time.Second, FetchTries: 3,
		Rate: 1e9, Kinds: kinds, Market: w.chain, Sender: signer, Journal: log, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}, entries)
	require.NoError(w.t, err)
	return r
}

func (w *world) dense() *runner.Dense {
	provers := &runner.Provers{}
	require.NoError(w.t, provers.Register(markettypes.ASSURANCE_SAMPLED, attest{t: w.t}))
	provers.Seal()
	return w.denseWith(provers)
}

func (w *world) denseWith(provers *runner.Provers) *runner.Dense {
	work, err := blob.NewStore(filepath.Join(w.home, "blobs"), 0)
	require.NoError(w.t, err)
	results, err := blob.NewStore(filepath.Join(w.home, "results"), 0)
	require.NoError(w.t, err)
	index, err := blob.NewResultIndex(filepath.Join(w.home, "index"))
	require.NoError(w.t, err)
	dense, err := runner.NewDense(runner.DenseConfig{
		Work: work, Results: results, Index: index, Executor: interpret{}, Provers: provers,
		Fetcher: blob.NewFetcher(blob.FetchConfig{AllowPrivate: true, Pause: time.Millisecond}),
	})
	require.NoError(w.t, err)
	return dense
}

// check asserts that every job was settled and no transaction landed twice.
func (w *world) check(kinds int) {
	w.chain.mu.Lock()
	defer w.chain.mu.Unlock()
	for id, job := range w.chain.jobs {
		require.Equal(w.t, markettypes.CLOSE_REASON_SETTLED, job.Job.CloseReason, "job %d lost", id)
	}
	require.Len(w.t, w.chain.landed, kinds*len(w.chain.jobs))
	for what, times := range w.chain.landed {
		require.Equal(w.t, 1, times, "%s submitted %d times", what, times)
	}
}

var everyKill = flag.Bool("every-kill", false, "workers of jobs that several operators compute are killed at each of their events; at every third otherwise")

// TestKilledAtEveryPoint kills a worker at each of its events in turn, under each fault between it and the chain. After
// one restart, every job must be settled, with one transaction of each kind in the blocks.
func TestKilledAtEveryPoint(t *testing.T) {
	total := 0
	for name, f := range map[string]faults{
		"plain": {}, "claim": {claim: true}, "drop": {dropFirst: true}, "lost answers": {loseAnswers: true, claim: true},
		"slow blocks": {slowBlocks: true}, "disputes": {disputes: 2}, "disputed delivery": {claim: true, disputes: 1, loseAnswers: true},
		"replicas": {replicas: true, claim: true}, "replicas, lost answers": {replicas: true, loseAnswers: true, disputes: 1},
		"replicas, slow blocks, passed on": {replicas: true, slowBlocks: true, passed: true, claim: true},
	} {
		kinds := 2 + f.disputes
		if f.replicas {
			kinds += 6 // A reveal, five levels of a difference and its entry, and no proofs.
		}
		if f.claim {
			kinds++
		}
		step := 1
		if f.replicas && !*everyKill {
			step = 3
		}
		t.Run(name, func(t *testing.T) {
			for point := 1; ; point += step {
				w := newWorld(t, f)
				w.submit(7)
				events := w.live(point)
				if events < point {
					w.check(kinds)
					break
				}
				total++
				w.live(0)
				w.check(kinds)
			}
		})
	}
	t.Logf("%d kill points, 0 double submissions, 0 lost jobs", total)
	require.GreaterOrEqual(t, total, 100)
}

// TestKilledAgainAndAgain kills a worker with several jobs at random events until it gets them all done.
func TestKilledAgainAndAgain(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			random := mathrand.New(mathrand.NewPCG(seed, 1))
			w := newWorld(t, faults{claim: seed%2 == 0, disputes: int(seed % 2), dropFirst: seed%3 == 0, loseAnswers: seed%3 == 1})
			for id := range uint64(3) {
				w.submit(id + 1)
			}
			lives := 1
			for ; !w.chain.closed(); lives++ {
				w.live(1 + random.IntN(25))
			}
			w.live(0)
			w.check(3) // Commitment, proofs, and a delivery or an answer.
			t.Logf("%d lives", lives)
		})
	}
}
