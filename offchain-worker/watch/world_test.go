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
