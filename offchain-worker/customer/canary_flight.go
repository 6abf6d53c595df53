package customer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	stdmath "math"
	"sync"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/canary"
	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/watch"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// flight is a canary on its way: a customer's follower and a watcher of this job alone, which see the chain through it.
type flight struct {
	*Canaries
	record  *Record
	answer  *canary.Answer
	watcher *watch.Watcher

	mu    sync.Mutex
	tally Tally
	// root is that of the result that stands, results what was received, by root.
	root    string
	results map[string]*tensor.Tensor
}

var (
	_ Watched        = (*flight)(nil)
	_ watch.Market   = (*flight)(nil)
	_ watch.Executor = (*flight)(nil)
)

// start follows a canary to its end beside others. answer is nil of one that an earlier process posted.
func (c *Canaries) start(ctx context.Context, record *Record, answer *canary.Answer) {
	f := &flight{Canaries: c, record: record, answer: answer, results: map[string]*tensor.Tensor{}}
	c.flights.Go(func() {
		err := f.fly(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			// It stays open in the journal, and the next run goes on with it.
			f.tell(fmt.Sprintf("failed: %s", err))
			c.failed(fmt.Errorf("canary %d: %w", record.JobID, err))
		case err == nil:
			select {
			case c.ended <- struct{}{}:
			default:
			}
		}
	})
}

func (f *flight) tell(line string) {
	f.config.Tell(fmt.Sprintf("job %d: %s", f.record.JobID, line))
}

// fly takes a canary from wherever it stands to its end.
func (f *flight) fly(ctx context.Context) error {
	if there, err := f.number(ctx); !there || err != nil {
		return err
	}
	var view chain.JobView
	err := f.persist(ctx, func() (err error) { view, err = f.Job(ctx, f.record.JobID); return err })
	if errors.Is(err, chain.ErrNotFound) {
		return f.forgotten()
	}
	if err != nil {
		return err
	}
	if err := f.recall(ctx, view.Spec.Program); err != nil {
		return err
	}
	if f.watcher, err = watch.New(f.watching(), f.config.Run.disputes(f.record.JobID)); err != nil {
		return err
	}
	f.tell(fmt.Sprintf("%s, at most %s%s locked", f.record.Canary.Summary, view.Job.MaxPrice, f.config.Run.Denom))
	over, watched := make(chan struct{}), make(chan error, 1)
	go func() { watched <- f.watch(ctx, over) }()
	view, _, err = NewFollower(f.following()).Follow(ctx, f.record.JobID)
	close(over)
	if failed := <-watched; failed != nil {
		return failed
	}
	if view.Job.State != markettypes.JOB_STATE_CLOSED {
		return err
	}
	return f.finish(ctx, view)
}

// following is a customer's.
func (f *flight) following() FollowConfig {
	return FollowConfig{
		Watched: f, Fetch: f.config.Fetch, FetchBox: f.config.FetchBox, ChainID: f.config.ChainID, Claimant: f.config.Wallet,
		Keys: keysOf{f, f.config.Run.journal.Keys(f.record)}, Tell: f.tell, Store: f.keep, Poll: f.config.Poll, Denom: f.config.Run.Denom,
	}
}

// keysOf are a canary's delivery keys. The watcher changes its record too.
type keysOf struct {
	f *flight
	Keyring
}

// Next is the key after a key.
func (k keysOf) Next(key []byte) ([]byte, error) {
	k.f.mu.Lock()
	defer k.f.mu.Unlock()
	return k.Keyring.Next(key)
}

// watching is a watcher's who looks at all attempts of one job.
func (f *flight) watching() watch.Config {
	return watch.Config{
		Market: f, Sender: f.config.Wallet.Signer(), Executor: f, Fetch: f.fetch, Journal: f.config.Run.log, Log: f.config.Log,
		Tell: f.tellWatch, Chosen: func(uint64, uint32) bool { return true }, MaxWork: stdmath.MaxUint64,
		MaxBonds: f.coin(f.config.Run.Budget.Limit()), Poll: f.config.Poll,
	}
}

// watch runs the watcher until the job is over and no dispute is left.
func (f *flight) watch(ctx context.Context, over <-chan struct{}) error {
	for {
		closed := false
		select {
		case <-over:
			closed = true
		default:
		}
		if err := f.watcher.Once(ctx); err != nil {
			return err
		}
		if closed && !f.watcher.Pending() {
			return nil
		}
		if err := pause(ctx, f.config.Poll); err != nil {
			return err
		}
	}
}

// keep holds a result that was received, under the root that it was verified against.
func (f *flight) keep(result *tensor.Tensor) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.results[f.root] = result
	return nil
}

// fetch gives what is here already, for the watcher: the inputs, and results that were received.
func (f *flight) fetch(ctx context.Context, request blob.Request) ([]byte, *tensor.Tensor, error) {
	f.mu.Lock()
	result := f.results[string(request.Root[:])]
	f.mu.Unlock()
	if result != nil {
		return nil, result, nil
	}
	if raw, err := f.config.Run.journal.Blobs().Get(request.Root); err == nil {
		decoded, err := blob.Verify(request.Shape, request.Root, raw)
		return raw, decoded, err
	}
	return f.config.Fetch(ctx, request)
}

// Execute gives the answer, which was computed before.
func (f *flight) Execute(context.Context, program.Program, []*tensor.Tensor) ([]*tensor.Tensor, error) {
	return f.answer.Outputs, nil
}

// Job looks at the job, and takes the look in.
func (f *flight) Job(ctx context.Context, id uint64) (chain.JobView, error) {
	view, err := f.config.Market.Job(ctx, id)
	if err != nil {
		return view, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tally.See(view)
	f.root = ""
	if n := len(view.Job.StepRoots); n > 0 {
		f.root = string(view.Job.StepRoots[n-1])
	}
	return view, nil
}

// DisputableJobs is the canary alone, once there is something to compare its result with: the same root, or the result.
func (f *flight) DisputableJobs(ctx context.Context) ([]markettypes.Job, error) {
	view, err := f.Job(ctx, f.record.JobID)
	if err != nil || !view.Job.State.Lifecycle().Disputable() {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	last := f.answer.Roots[len(f.answer.Roots)-1]
	if bytes.Equal([]byte(f.root), last) || f.results[f.root] != nil {
		return []markettypes.Job{view.Job}, nil
	}
	return nil, nil
}

// DisputeTerms are the chain's, with the budget as an obstacle.
func (f *flight) DisputeTerms(ctx context.Context, id uint64) (markettypes.QueryDisputeTermsResponse, error) {
	terms, err := f.config.Market.DisputeTerms(ctx, id)
	if err != nil || terms.Obstacle != "" {
		return terms, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	// What it may cost without disputes, what they have lost already, and this bond.
	most := f.record.Canary.Base.Add(f.watcher.Lost()).Add(terms.Bond.Amount)
	if most.LTE(f.record.Canary.Hold) {
		return terms, nil
	}
	if err := f.config.Run.Budget.Hold(keyOf(f.record), most, math.ZeroInt()); err != nil {
		terms.Obstacle = err.Error()
		return terms, nil
	}
	f.record.Canary.Hold = most
	return terms, f.config.Run.journal.Save(f.record)
}

// Delivery is the sealed result of a claimed job.
func (f *flight) Delivery(ctx context.Context, id uint64) ([]byte, error) {
	return f.config.Market.Delivery(ctx, id)
}

// Relays is who holds the sealed result.
func (f *flight) Relays(ctx context.Context, id uint64) (markettypes.RelayRecord, error) {
	return f.config.Market.Relays(ctx, id)
}

// Endpoint is the URL of a worker.
func (f *flight) Endpoint(ctx context.Context, worker string) (string, error) {
	return f.config.Market.Endpoint(ctx, worker)
}
