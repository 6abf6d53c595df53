package watch_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/journal"
	"github.com/assaychain/assay/offchain-worker/watch"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/interpreter"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

var errKilled = errors.New("killed")

// net is a chain with one job, blobs that anyone can fetch, and the watcher's key.
type net struct {
	t     *testing.T
	job   markettypes.Job
	spec  markettypes.Spec
	blobs map[blob.Root]*tensor.Tensor
	// outputs are the right ones.
	outputs []*tensor.Tensor
	bond    int64
	// disputes counts those that had an effect, refusals makes the next ones fail, pending keeps transactions out of the blocks.
	disputes, refusals int
	pending            bool
	sent               map[string]*markettypes.MsgDisputeResult
	// dies makes Send end after it has recorded, as a crash would.
	dies bool
}

// newNet has a proven job of two steps; change may spoil what the worker committed to.
func newNet(t *testing.T, change func(outputs []*tensor.Tensor)) *net {
	t.Helper()
	p := program.Program{
		Version: program.Version,
		Inputs: []program.Tensor{
			{Name: "x", Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: 3, Cols: 5},
			{Name: "a", Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: 4, Cols: 5},
			{Name: "b", Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: 2, Cols: 4},
		},
		Steps: []program.DenseStep{
			{Input: "x", Weight: "a", Output: "h", Shift: 1, Activation: program.ACTIVATION_IDENTITY, OutputType: program.DATA_TYPE_INT8},
			{Input: "h", Weight: "b", Output: "y", Activation: program.ACTIVATION_IDENTITY, OutputType: program.DATA_TYPE_INT32},
		},
	}
	n := &net{t: t, blobs: map[blob.Root]*tensor.Tensor{}, bond: 100, sent: map[string]*markettypes.MsgDisputeResult{}}
	var inputs []*tensor.Tensor
	for i, declared := range p.Inputs {
		values := make([]int8, declared.Rows*declared.Cols)
		for k := range values {
			values[k] = int8(k*7 + i*3 - 20)
		}
		made, err := tensor.NewInt8(declared.Rows, declared.Cols, values)
		if declared.Kind == program.TENSOR_KIND_WEIGHT {
			multipliers := make([]uint32, declared.Rows)
			for r := range multipliers {
				multipliers[r] = 1
			}
			made, err = tensor.NewWeight(declared.Rows, declared.Cols, tensor.Weights{Values: values, Bias: make([]int32, declared.Rows), Multiplier: multipliers})
		}
		require.NoError(t, err)
		inputs = append(inputs, made)
		root := n.put(made)
		n.spec.Inputs = append(n.spec.Inputs, markettypes.InputRef{Root: root[:], Locators: []string{"http://customer/" + root.String()}})
	}
	var err error
	n.outputs, err = interpreter.Run(p, inputs)
	require.NoError(t, err)
	theirs := make([]*tensor.Tensor, len(n.outputs))
	for i, output := range n.outputs {
		copied := *output
		copied.Int8, copied.Int32 = append([]int8(nil), output.Int8...), append([]int32(nil), output.Int32...)
		theirs[i] = &copied
	}
	if change != nil {
		change(theirs)
	}
	n.spec.Program = p
	n.job = markettypes.Job{Id: 7, Attempt: 2, Worker: "worker", State: markettypes.JOB_STATE_PROVEN, Work: p.Work(), Due: 100_000}
	for i, output := range theirs {
		root, err := blob.Commit(output)
		require.NoError(t, err)
		n.job.StepRoots = append(n.job.StepRoots, root[:])
		if i == len(theirs)-1 {
			n.put(output)
		}
	}
	return n
}

func (n *net) put(t *tensor.Tensor) blob.Root {
	root, err := blob.Commit(t)
	require.NoError(n.t, err)
	n.blobs[root] = t
	return root
}

func (n *net) Fetch(_ context.Context, r blob.Request) ([]byte, *tensor.Tensor, error) {
	found, ok := n.blobs[r.Root]
	if !ok {
		return nil, nil, blob.ErrNotFound
	}
	return tensor.EncodeBlob(found), found, nil
}

func (n *net) DisputableJobs(context.Context) ([]markettypes.Job, error) {
	if !n.job.State.Lifecycle().Disputable() {
		return nil, nil
	}
	return []markettypes.Job{n.job}, nil
}

func (n *net) Job(context.Context, uint64) (chain.JobView, error) {
	return chain.JobView{Job: n.job, Spec: n.spec, Clock: markettypes.Clock{LastBlock: time.Now()}}, nil
}

func (n *net) DisputeTerms(context.Context, uint64) (markettypes.QueryDisputeTermsResponse, error) {
	return markettypes.QueryDisputeTermsResponse{Bond: sdk.NewInt64Coin("uassay", n.bond), Left: 5}, nil
}

func (n *net) Endpoint(context.Context, string) (string, error) { return "http://worker", nil }

func (n *net) Address() sdk.AccAddress { return sdk.AccAddress("watcher-------------") }

func (n *net) Send(_ context.Context, record func(chain.SignedTx) error, messages ...sdk.Msg) (chain.SignedTx, error) {
	signed := chain.SignedTx{Hash: fmt.Sprint("tx ", len(n.sent))}
	if err := record(signed); err != nil {
		return signed, err
	}
	if n.dies {
		return signed, errKilled
	}
	if n.refusals > 0 {
		n.refusals--
		return signed, &chain.Refusal{Log: "refused"}
	}
	n.sent[signed.Hash] = messages[0].(*markettypes.MsgDisputeResult)
	return signed, nil
}

// Resolve lands what was recorded, once.
func (n *net) Resolve(_ context.Context, signed chain.SignedTx) (chain.Outcome, error) {
	if n.pending {
		return chain.Outcome{State: chain.TxPending}, nil
	}
	msg := n.sent[signed.Hash]
	if msg == nil {
		return chain.Outcome{State: chain.TxDead}, nil
	}
	if n.job.Dispute == nil {
		n.disputes++
		n.job.Disputed = append(n.job.Disputed, msg.Entry)
		n.job.State, n.job.Dispute = markettypes.JOB_STATE_DISPUTED, &markettypes.Dispute{Entry: msg.Entry, Number: 1, Resumes: markettypes.JOB_STATE_PROVEN}
	}
	return chain.Outcome{State: chain.TxLanded}, nil
}

// reference computes by the interpreter.
type reference struct{ lie bool }

func (r reference) Execute(_ context.Context, p program.Program, inputs []*tensor.Tensor) ([]*tensor.Tensor, error) {
	outputs, err := interpreter.Run(p, inputs)
	if err == nil && r.lie {
		outputs[1].Int32[0]++
	}
	return outputs, err
}

// watching is a watcher over a net with its journal on the disk.
type watching struct {
	*watch.Watcher
	lines []watch.Line
	log   *journal.Journal
}

func (n *net) watcher(home string, change func(*watch.Config)) *watching {
	n.t.Helper()
	w := &watching{}
	var entries []journal.Entry
	var err error
	w.log, entries, err = journal.Open(filepath.Join(home, "watch.wal"), journal.Hooks{})
	require.NoError(n.t, err)
	config := watch.Config{
		Market: n, Sender: n, Executor: reference{}, Fetch: n.Fetch, Journal: w.log, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Tell: func(line watch.Line) { w.lines = append(w.lines, line) }, Chosen: func(uint64, uint32) bool { return true },
		MaxWork: 1_000, MaxBonds: sdk.NewInt64Coin("uassay", 150), Poll: time.Millisecond,
	}
	if change != nil {
		change(&config)
	}
	w.Watcher, err = watch.New(config, entries)
	require.NoError(n.t, err)
	require.NoError(n.t, w.log.Compact(w.Unfinished))
	return w
}

func (w *watching) look(t *testing.T, times int) {
	t.Helper()
	for range times {
		require.NoError(t, w.Once(context.Background()))
	}
}

func (w *watching) whats() (list []string) {
	for _, line := range w.lines {
		list = append(list, line.What)
	}
	return list
}

func flipLast(outputs []*tensor.Tensor) { outputs[1].Int32[3]++ }

func TestARightResultIsLeftAlone(t *testing.T) {
	n := newNet(t, nil)
	w := n.watcher(t.TempDir(), nil)
	w.look(t, 3)
	require.Equal(t, []string{"right"}, w.whats())
	require.Empty(t, n.sent)
}

func TestAWrongEntryIsDisputedOnce(t *testing.T) {
	n := newNet(t, flipLast)
	home := t.TempDir()
	w := n.watcher(home, nil)
	w.look(t, 3)
	require.Equal(t, []string{"disputed"}, w.whats())
	require.Equal(t, markettypes.Entry{Step: 1, Row: 1, Col: 1}, *w.lines[0].Entry)
	require.Equal(t, *w.lines[0].Own+1, *w.lines[0].Theirs)
	require.Equal(t, 1, n.disputes)
	sent := n.sent["tx 0"]
	require.Equal(t, n.Address().String(), sent.Challenger)
	require.EqualValues(t, 2, sent.Attempt)
	require.EqualValues(t, 100, sent.MaxBond.Amount.Int64())

	// The worker is convicted, and another one gets the job right.
	n.job.Dispute, n.job.Disputed, n.job.State, n.job.StepRoots = nil, nil, markettypes.JOB_STATE_OPEN, nil
	w.look(t, 2)
	require.Equal(t, []string{"disputed", "won"}, w.whats())
	require.NoError(t, w.log.Close())
	again := n.watcher(home, nil)
	again.look(t, 2)
	require.Empty(t, again.lines, "nothing is left to do after a restart")
}

// A lost bond stays in the books, also after a restart, and the budget is never exceeded.
func TestTheBudgetHoldsAcrossRestarts(t *testing.T) {
	n := newNet(t, flipLast)
	home := t.TempDir()
	w := n.watcher(home, nil)
	w.look(t, 2)
	n.job.Dispute, n.job.State = nil, markettypes.JOB_STATE_PROVEN
	w.look(t, 2)
	require.Equal(t, []string{"disputed", "lost"}, w.whats())
	require.NoError(t, w.log.Close())
	n.job.Id, n.job.Disputed = 8, nil
	w = n.watcher(home, nil)
	w.look(t, 1)
	require.Equal(t, []string{"wrong"}, w.whats())
	require.Contains(t, w.lines[0].Detail, "100uassay are held or lost of at most 150uassay")
	require.NoError(t, w.log.Close())
	w = n.watcher(home, func(c *watch.Config) { c.MaxBonds.Amount = math.NewInt(200) })
	w.look(t, 1)
	require.Equal(t, []string{"disputed"}, w.whats())
}

// A watcher that is killed between its journal and the network disputes once all the same.
func TestKilledWatchersDisputeOnce(t *testing.T) {
	n := newNet(t, flipLast)
	home := t.TempDir()
	w := n.watcher(home, nil)
	n.dies = true
	require.NoError(t, w.Once(context.Background()))
	require.NoError(t, w.log.Close())
	n.dies, n.pending = false, true
	w = n.watcher(home, nil)
	w.look(t, 3)
	require.Empty(t, n.sent, "nothing is sent while the end of a transaction is unknown")
	n.pending = false
	w.look(t, 4)
	require.Len(t, n.sent, 1, "it was never sent, so it is sent again")
	require.Equal(t, 1, n.disputes)
}

func TestRefusedDisputesAreTriedAgain(t *testing.T) {
	n := newNet(t, flipLast)
	n.refusals = 2
	w := n.watcher(t.TempDir(), nil)
	w.look(t, 10)
	require.Equal(t, []string{"wrong", "wrong", "disputed"}, w.whats())
	require.Equal(t, 1, n.disputes)
}

func TestWhatCanNotBeKnownIsNotDisputed(t *testing.T) {
	for name, c := range map[string]struct {
		spoil  func([]*tensor.Tensor)
		change func(*net, *watch.Config)
		want   string
	}{
		"an input that isn't public": {nil, func(n *net, _ *watch.Config) { n.blobs = nil }, "input can't be had"},
		"a result that is kept back": {flipLast, func(n *net, _ *watch.Config) {
			last, _ := blob.ParseRoot(n.job.StepRoots[1])
			delete(n.blobs, last)
		}, "no entry can be named"},
		"an output between steps":      {func(o []*tensor.Tensor) { o[0].Int8[2]++ }, nil, "root of step 0 differs"},
		"a kernel that computes wrong": {nil, func(_ *net, c *watch.Config) { c.Executor = reference{lie: true} }, "its kernel is not to be trusted"},
	} {
		n := newNet(t, c.spoil)
		w := n.watcher(t.TempDir(), func(config *watch.Config) {
			if c.change != nil {
				c.change(n, config)
			}
		})
		w.look(t, 8)
		require.Equal(t, []string{"unknown", "unknown"}, w.whats(), "%s: told at the first and the last try", name)
		require.Contains(t, w.lines[0].Detail, c.want, name)
		require.Empty(t, n.sent, name)
	}
}

func TestJobsThatAreLeftOut(t *testing.T) {
	for name, change := range map[string]func(*net, *watch.Config){
		"too large": func(_ *net, c *watch.Config) { c.MaxWork = 1 },
		"not drawn": func(_ *net, c *watch.Config) { c.Chosen = func(uint64, uint32) bool { return false } },
		"one's own": func(_ *net, c *watch.Config) { c.Skip = []string{"worker"} },
	} {
		n := newNet(t, flipLast)
		w := n.watcher(t.TempDir(), func(c *watch.Config) { change(n, c) })
		w.look(t, 2)
		require.Equal(t, []string{"skipped"}, w.whats(), name)
	}
	n := newNet(t, flipLast)
	w := n.watcher(t.TempDir(), func(c *watch.Config) { c.MinLeft = time.Hour })
	w.look(t, 2)
	require.Empty(t, w.lines, "too late")
	dry := n.watcher(t.TempDir(), func(c *watch.Config) { c.DryRun, c.Sender, c.Journal = true, nil, nil })
	dry.look(t, 1)
	require.Equal(t, []string{"dry-run"}, dry.whats())
	require.Empty(t, n.sent)
}

func TestDraw(t *testing.T) {
	_, err := watch.Draw(0)
	require.Error(t, err)
	_, err = watch.Draw(1_000_001)
	require.Error(t, err)
	all, err := watch.Draw(1_000_000)
	require.NoError(t, err)
	some, err := watch.Draw(250_000)
	require.NoError(t, err)
	drawn := 0
	for job := range uint64(10_000) {
		require.True(t, all(job, 1))
		if some(job, 1) {
			drawn++
		}
		require.Equal(t, some(job, 1), some(job, 1))
	}
	require.InDelta(t, 2_500, drawn, 250)
}

func TestConfigsThatAreRefused(t *testing.T) {
	_, err := watch.New(watch.Config{}, nil)
	require.ErrorContains(t, err, "are required")
	n := newNet(t, nil)
	_, err = watch.New(watch.Config{
		Market: n, Executor: reference{}, Fetch: n.Fetch, Log: slog.Default(), Tell: func(watch.Line) {}, Chosen: func(uint64, uint32) bool { return true },
		MaxWork: 1, MaxBonds: sdk.NewInt64Coin("uassay", 1), Poll: 1,
	}, nil)
	require.ErrorContains(t, err, "a key and a journal")
}
