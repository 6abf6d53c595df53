package daemon_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/chain/chaintest"
	"github.com/assaychain/assay/offchain-worker/config"
	"github.com/assaychain/assay/offchain-worker/journal"
	"github.com/assaychain/assay/offchain-worker/watch"
	"github.com/assaychain/assay/testutil/actors"
	testchain "github.com/assaychain/assay/testutil/chain"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/interpreter"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// TestDisputesAreAnswered disputes an entry of an honest worker's result: the daemon proves it by itself and is paid for it.
func TestDisputesAreAnswered(t *testing.T) {
	s := newStageWith(t, 30)
	s.register()
	stop, end := s.start()
	work := actors.Product(t, 1, 64, 40, 64)
	id := s.submit(work)
	s.eventually("proven", func() bool { return s.job(id).State == markettypes.JOB_STATE_PROVEN })
	s.node.Do(func(*testchain.Chain) {
		n, watcher := s.network, s.network.Relayer
		n.MustDeliver(watcher, n.DisputeMsg(watcher, id, n.Undrawn(id, work.Run(t))))
	})
	s.eventually("proven again", func() bool {
		job := s.job(id)
		return job.State == markettypes.JOB_STATE_PROVEN && len(job.Disputed) == 1
	})
	stop()
	require.NoError(t, <-end)
}

// TestAWatcherConvictsAFlip has a watcher follow a worker that changed a single entry: nothing but its own recomputation tells it.
func TestAWatcherConvictsAFlip(t *testing.T) {
	s := newStageWith(t, 120)
	s.config.Faults = &config.Faults{FlipEntry: true}
	s.register()
	stop, end := s.start()
	id := s.submitAt(actors.Product(t, 2, 64, 40, 64), markettypes.ASSURANCE_REVEALED)
	lines := s.watch(context.Background())
	s.eventually("convicted", func() bool { return s.job(id).LastFailure == markettypes.FAILURE_REASON_DISPUTE_LOST })
	s.eventually("told", func() bool { whats := lines(); return len(whats) > 1 && whats[len(whats)-1] == "won" })
	require.Equal(t, "disputed", lines()[len(lines())-2])
	stop()
	require.NoError(t, <-end)
}

// watch runs a watcher with the relayer's key until the context ends, and returns what it has told.
func (s *stage) watch(ctx context.Context) func() []string {
	client, err := chain.NewClient(s.node, s.deps.Encoding, 10*time.Second)
	require.NoError(s.t, err)
	fees, err := s.config.Chain.Fees()
	require.NoError(s.t, err)
	signer, err := chain.NewSigner(chain.SignerConfig{
		ChainID: s.config.Chain.ID, Keyring: chaintest.Keyring(s.t, s.deps.Encoding.Codec, "watcher", "account 1"), KeyName: "watcher",
		TxConfig: s.deps.Encoding.TxConfig, Fees: fees, TimeoutBlocks: 50,
	}, client, client)
	require.NoError(s.t, err)
	log, entries, err := journal.Open(filepath.Join(s.t.TempDir(), "watch.wal"), journal.Hooks{})
	require.NoError(s.t, err)
	chosen, err := watch.Draw(1_000_000)
	require.NoError(s.t, err)
	var mu sync.Mutex
	var whats []string
	w, err := watch.New(watch.Config{
		Market: client, Sender: signer, Executor: reference{}, Journal: log, Log: s.deps.Log, Chosen: chosen,
		Fetch:   blob.NewFetcher(blob.FetchConfig{AllowPrivate: true, Rounds: 1}).Fetch,
		MaxWork: 1_000_000_000, MaxBonds: sdk.NewInt64Coin("uassay", 1_000_000), Poll: 100 * time.Millisecond,
		Tell: func(line watch.Line) {
			mu.Lock()
			defer mu.Unlock()
			whats = append(whats, line.What)
		},
	}, entries)
	require.NoError(s.t, err)
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = w.Run(ctx)
	}()
	s.t.Cleanup(func() { cancel(); <-ended; require.NoError(s.t, log.Close()) })
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string(nil), whats...)
	}
}

// reference computes by the interpreter.
type reference struct{}

func (reference) Execute(_ context.Context, p program.Program, inputs []*tensor.Tensor) ([]*tensor.Tensor, error) {
	return interpreter.Run(p, inputs)
}
