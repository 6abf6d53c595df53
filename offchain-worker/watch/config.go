package watch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/journal"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// Market is the chain's view of jobs and disputes.
type Market interface {
	// DisputableJobs are the jobs that may be disputed now, oldest first.
	DisputableJobs(ctx context.Context) ([]markettypes.Job, error)
	// Job is one job; errors wrap chain.ErrNotFound once it is pruned.
	Job(ctx context.Context, id uint64) (chain.JobView, error)
	// DisputeTerms are what a dispute would cost now, and what stands in its way.
	DisputeTerms(ctx context.Context, id uint64) (markettypes.QueryDisputeTermsResponse, error)
	// Endpoint is the URL of a worker.
	Endpoint(ctx context.Context, worker string) (string, error)
}

// Sender sends transactions of the watcher's key.
type Sender interface {
	Address() sdk.AccAddress
	// Send calls record with the signed transaction before it sends it.
	Send(ctx context.Context, record func(chain.SignedTx) error, messages ...sdk.Msg) (chain.SignedTx, error)
	// Resolve tells what became of a recorded transaction, and sends it again if this process has not.
	Resolve(ctx context.Context, signed chain.SignedTx) (chain.Outcome, error)
}

// Executor computes programs; the outputs of all steps equal the reference interpreter's.
type Executor interface {
	Execute(ctx context.Context, p program.Program, inputs []*tensor.Tensor) ([]*tensor.Tensor, error)
}

// Fetch downloads a blob and verifies it; blob.Fetcher.Fetch does.
type Fetch func(ctx context.Context, request blob.Request) ([]byte, *tensor.Tensor, error)

// Log is the write-ahead journal.
type Log interface {
	Append(job uint64, attempt uint32, step journal.Step, data any) error
}

// Config is what a watcher works with; Sender may be nil in a dry run, all else is required.
type Config struct {
	Market   Market
	Sender   Sender
	Executor Executor
	Fetch    Fetch
	Journal  Log
	Log      *slog.Logger
	// Tell hears of every attempt that was looked at and of every dispute.
	Tell func(Line)
	// Chosen draws the attempts to be looked at; see Draw.
	Chosen func(job uint64, attempt uint32) bool
	// MaxWork is the most multiply-accumulates of a job that is recomputed.
	MaxWork uint64
	// MaxBonds bounds what disputes may hold and lose, all together.
	MaxBonds sdk.Coin
	// MinLeft is the time that must be left to look at a job at all.
	MinLeft time.Duration
	// Skip are workers that are not watched: one's own.
	Skip []string
	// Poll is the time between two looks at the chain.
	Poll time.Duration
	// DryRun sends and journals nothing.
	DryRun bool
	// Now is the clock; time.Now if nil.
	Now func() time.Time
}

func (c *Config) validate() error {
	switch {
	case c.Market == nil || c.Executor == nil || c.Fetch == nil || c.Log == nil || c.Tell == nil || c.Chosen == nil:
		return errors.New("watch: market, executor, fetch, log, tell and chosen are required")
	case !c.DryRun && (c.Sender == nil || c.Journal == nil):
		return errors.New("watch: a key and a journal are required, unless nothing is sent")
	case c.Poll <= 0 || c.MaxWork == 0 || c.MinLeft < 0:
		return errors.New("watch: the poll interval and the most work must be above 0")
	case c.MaxBonds.Validate() != nil:
		return fmt.Errorf("watch: most of bonds: %w", c.MaxBonds.Validate())
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return nil
}

// Line tells one thing that happened.
type Line struct {
	Time    time.Time `json:"time"`
	Job     uint64    `json:"job"`
	Attempt uint32    `json:"attempt"`
	Worker  string    `json:"worker"`
	// What is the verdict of an examination, or "disputed", "won", "lost", "skipped", "dry-run".
	What   string             `json:"what"`
	Entry  *markettypes.Entry `json:"entry,omitempty"`
	Theirs *int32             `json:"theirs,omitempty"`
	Own    *int32             `json:"own,omitempty"`
	Bond   string             `json:"bond,omitempty"`
	Detail string             `json:"detail,omitempty"`
}
