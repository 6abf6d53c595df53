package customer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/relay"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/tensor"
)

var (
	// ErrJobFailed is wrapped when a job closed without a result; what was not earned came back.
	ErrJobFailed = errors.New("job failed")
	// ErrNoResult is wrapped when a job is settled and its result can't be had, nor claimed any more.
	ErrNoResult = errors.New("result not received")
)

// Watched is what a follower looks at.
type Watched interface {
	// Job is the job as the chain shows it.
	Job(ctx context.Context, id uint64) (chain.JobView, error)
	// Delivery is the sealed result of a claimed job.
	Delivery(ctx context.Context, id uint64) ([]byte, error)
	// Relays is who holds the sealed result of a job that is too large for a transaction.
	Relays(ctx context.Context, id uint64) (markettypes.RelayRecord, error)
	// Endpoint is the URL of a worker.
	Endpoint(ctx context.Context, worker string) (string, error)
}

// Claimant acts for the customer when a proven result does not arrive.
type Claimant interface {
	Claim(ctx context.Context, id uint64) error
	// Contest gives a secret away; of a job of several operators with the key for the next delivery, and of others without.
	Contest(ctx context.Context, id uint64, secret, next []byte) error
	// ContestHandOver fills in who accuses.
	ContestHandOver(ctx context.Context, accusation *markettypes.MsgContestHandOver) error
}

// FollowConfig says how to follow a job; Watched and Fetch are required.
type FollowConfig struct {
	Watched Watched
	Fetch   Fetch
	// FetchBox gets sealed results from relays, bound to ChainID; results that are too large for transactions can't be had so without.
	FetchBox FetchBox
	ChainID  string
	// Scheme is how the job's tensors are committed to; blob.Merkle if nil.
	Scheme blob.Scheme
	// Claimant claims and contests; nobody does when it is nil.
	Claimant Claimant
	// Keys are the job's delivery keys; what is sealed can't be opened without.
	Keys Keyring
	// SkipSettlement ends the following as soon as the result is here.
	SkipSettlement bool
	// Tell hears of each thing that happens.
	Tell func(line string)
	// Store keeps a verified result. The job is followed to its end even if that fails; Follow returns the failure then.
	Store func(result *tensor.Tensor) error
	// Poll is the time between two looks.
	Poll time.Duration
	// Denom is the unit of prices.
	Denom string
}

// Follower takes one job from wherever it stands to its end.
type Follower struct {
	config   FollowConfig
	progress Progress
	result   *tensor.Tensor
	// attempt and worker are those that all below is of: a job that several operators computed is passed on within its attempt.
	attempt uint32
	worker  string
	// claimed and contested are set once the transaction is in a block, drawing while a claim waits for relays.
	claimed, contested, drawing bool
	// reclaimed is set once the second claim is in a block; parts are what relays gave of the box that partsOf names.
	reclaimed bool
	parts     map[string][]byte
	partsOf   relay.Parcel
	// key is the one that results are sealed to, as the chain said last.
	key []byte
	// storeFailure is why the result could not be kept.
	storeFailure error
	// fetchFailure is why the result is not here yet, silent whether the node has stopped answering.
	fetchFailure error
	silent       bool
	tries        int
}

// defaultPoll is the time between two looks at a job.
const defaultPoll = 300 * time.Millisecond

// NewFollower fills in the defaults.
func NewFollower(config FollowConfig) *Follower {
	if config.Poll <= 0 {
		config.Poll = defaultPoll
	}
	if config.Scheme == nil {
		config.Scheme = blob.Merkle{}
	}
	if config.Tell == nil {
		config.Tell = func(string) {}
	}
	return &Follower{config: config, progress: Progress{Denom: config.Denom}}
}

// Follow returns when the job is closed, or when its result is here and nothing else is waited for. The error wraps
// ErrJobFailed or ErrNoResult, or is the context's.
func (f *Follower) Follow(ctx context.Context, id uint64) (chain.JobView, *tensor.Tensor, error) {
	for {
		view, err := f.look(ctx, id)
		if err != nil {
			return view, f.result, err
		}
		for _, line := range f.progress.Lines(view, time.Now()) {
			f.config.Tell(line)
		}
		done, err := f.act(ctx, view)
		if done || err != nil {
			return view, f.result, errors.Join(err, f.storeFailure)
		}
		if err := pause(ctx, f.config.Poll); err != nil {
			return view, f.result, err
		}
	}
}

// look asks until the node answers; it gives up only on a job that the chain does not know.
func (f *Follower) look(ctx context.Context, id uint64) (chain.JobView, error) {
	for {
		view, err := f.config.Watched.Job(ctx, id)
		switch {
		case err == nil:
			if f.silent {
				f.config.Tell("the node answers again")
			}
			f.silent = false
			return view, nil
		case ctx.Err() != nil:
			return view, ctx.Err()
		case errors.Is(err, chain.ErrNotFound):
			return view, err
		case !f.silent:
			f.silent = true
			f.config.Tell(fmt.Sprintf("the node does not answer, asking again: %s", err))
		}
		if err := pause(ctx, time.Second); err != nil {
			return view, err
		}
	}
}

// act does what the customer can do in the job's state, and tells whether the following is over.
func (f *Follower) act(ctx context.Context, view chain.JobView) (bool, error) {
	f.discard(view)
	switch view.Job.State {
	case markettypes.JOB_STATE_PROVEN:
		f.lackRelays(view)
		f.fetch(ctx, view)
		if f.result == nil && f.shouldClaim(view) {
			f.claim(ctx, view)
		}
	case markettypes.JOB_STATE_CLAIMED, markettypes.JOB_STATE_DRAWING, markettypes.JOB_STATE_RELAYING,
		markettypes.JOB_STATE_DISPUTED, markettypes.JOB_STATE_ANSWERED:
		f.drawing = f.drawing || view.Job.State == markettypes.JOB_STATE_DRAWING
		f.fetch(ctx, view)
	case markettypes.JOB_STATE_HANDED_OVER:
		f.receiveBox(ctx, view)
	case markettypes.JOB_STATE_DELIVERED:
		f.receive(ctx, view)
	case markettypes.JOB_STATE_CLOSED:
		return f.closed(ctx, view)
	}
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	return f.result != nil && f.config.SkipSettlement, nil
}

// discard drops what belongs to an attempt that is over, also a result whose worker was convicted since: another worker's is waited for.
// Where another one takes over within the attempt, the result stays, since it has the same root, and what was asked of the last one is asked
// of it anew.
func (f *Follower) discard(view chain.JobView) {
	if key := view.Job.ResultKey(view.Spec); !bytes.Equal(key, f.key) {
		// The next one of several operators delivers, after a contest: that can be contested too.
		f.key, f.contested = key, false
	}
	over := view.Job.State == markettypes.JOB_STATE_OPEN || view.Job.Attempt != f.attempt || len(view.Job.StepRoots) == 0
	passedOn := view.Job.Worker != f.worker
	f.attempt, f.worker = view.Job.Attempt, view.Job.Worker
	if over || passedOn {
		f.claimed, f.reclaimed, f.contested, f.drawing, f.tries = false, false, false, false, 0
	}
	if !over {
		return
	}
	if f.result != nil {
		f.config.Tell("the result that was received is wrong: its worker could not prove a disputed entry")
	}
	f.result = nil
}

// lastTries is how often a settled job's result is asked for, one poll apart at first and doubling.
const lastTries = 6

// closed ends the following. A worker still serves the result of a job that was settled meanwhile.
func (f *Follower) closed(ctx context.Context, view chain.JobView) (bool, error) {
	if reason := view.Job.CloseReason; reason != markettypes.CLOSE_REASON_SETTLED {
		text := fmt.Sprintf("job %d: %s", view.Job.Id, CloseText(reason))
		if view.Job.LastFailure != markettypes.FAILURE_REASON_UNSPECIFIED {
			text += "; the last attempt failed: " + FailureText(view.Job.LastFailure)
		}
		return true, fmt.Errorf("%w: %s", ErrJobFailed, text)
	}
	wait := f.config.Poll
	for try := 0; f.result == nil && try < lastTries; try++ {
		if try > 0 {
			if err := pause(ctx, wait); err != nil {
				return true, err
			}
			wait *= 2
		}
		f.fetch(ctx, view)
	}
	if f.result == nil {
		return true, fmt.Errorf("%w: job %d is settled: %w", ErrNoResult, view.Job.Id, f.fetchFailure)
	}
	return true, nil
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
