// Package runner takes jobs from the chain through their life: it prepares, runs, commits, proves and delivers, journals
// each step before it has an effect, and after a crash goes on where the journal and the chain say that it was.
package runner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/journal"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// Market is the chain's view of jobs.
type Market interface {
	// ActiveJobs are the open jobs that the operator has.
	ActiveJobs(ctx context.Context, operator sdk.AccAddress) ([]markettypes.Job, error)
	// Job is one job; errors wrap chain.ErrNotFound once it is pruned.
	Job(ctx context.Context, id uint64) (chain.JobView, error)
	// Challenge holds the positions of a sampled job.
	Challenge(ctx context.Context, id uint64) (markettypes.QueryChallengeResponse, error)
	// Relays is who is to hold a job's sealed output.
	Relays(ctx context.Context, id uint64) (markettypes.RelayRecord, error)
}

// Sender sends transactions of the hot key.
type Sender interface {
	// Send calls record with the signed transaction before it sends it.
	Send(ctx context.Context, record func(chain.SignedTx) error, messages ...sdk.Msg) (chain.SignedTx, error)
	// Resolve tells what became of a recorded transaction, and sends it again if this process has not.
	Resolve(ctx context.Context, signed chain.SignedTx) (chain.Outcome, error)
	// OnBehalf wraps messages that the operator has granted.
	OnBehalf(messages ...sdk.Msg) sdk.Msg
}

// Log is the write-ahead journal.
type Log interface {
	Append(job uint64, attempt uint32, step journal.Step, data any) error
}

// Observer hears what happens, for metrics.
type Observer interface {
	// Stepped tells that a step is journalled, and how long its work took.
	Stepped(step journal.Step, took time.Duration)
	// Finished tells how an attempt ended.
	Finished(outcome Outcome)
}

// Outcome says how an attempt ended for the worker.
type Outcome string

// The outcomes.
const (
	// OutcomePaid is a job that closed as settled.
	OutcomePaid Outcome = "paid"
	// OutcomeClosed is a job that closed otherwise.
	OutcomeClosed Outcome = "closed"
	// OutcomeLost is a job that the worker has no longer: its attempt failed, or it reported the inputs.
	OutcomeLost Outcome = "lost"
	// OutcomeReported is an attempt that ended with a report of unavailable inputs.
	OutcomeReported Outcome = "reported"
	// OutcomeUnknown is a job that the chain has pruned.
	OutcomeUnknown Outcome = "unknown"
)

// Config is what a runner works with. Observer and Couriers may be nil; all else is required.
type Config struct {
	ChainID  string
	Operator sdk.AccAddress
	// Lanes is how many jobs may compute at a time.
	Lanes int
	// Poll is the time between two looks at the chain.
	Poll time.Duration
	// ReportBefore is how long before the deadline unavailable inputs are reported at the latest.
	ReportBefore time.Duration
	// FetchTries is how often all inputs are tried before they are reported earlier than that.
	FetchTries int
	// Rate is the machine's measured speed in multiply-accumulates a second, to tell jobs that can't be finished in time.
	Rate float64
	// Rates are those of devices that have another speed, by their ids.
	Rates    map[string]float64
	Kinds    *Kinds
	Market   Market
	Sender   Sender
	Journal  Log
	Observer Observer
	// Couriers bring outputs that are too large for transactions to relays; without them such claims are not answered.
	Couriers Couriers
	Log      *slog.Logger
	// Now is the clock; time.Now if nil.
	Now func() time.Time
}

func (c *Config) validate() error {
	switch {
	case c.ChainID == "" || c.Operator.Empty():
		return errors.New("runner: chain id and operator are required")
	case c.Lanes < 1:
		return fmt.Errorf("runner: lanes is %d, must be at least 1", c.Lanes)
	case c.Poll <= 0 || c.ReportBefore <= 0 || c.FetchTries < 1:
		return errors.New("runner: poll, report-before and fetch tries must be above 0")
	case c.Rate <= 0:
		return errors.New("runner: the machine's speed must be above 0")
	case c.Kinds == nil || c.Market == nil || c.Sender == nil || c.Journal == nil || c.Log == nil:
		return errors.New("runner: kinds, market, sender, journal and log are required")
	}
	if c.Observer == nil {
		c.Observer = silent{}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return nil
}

// rate is the speed that a device computes with.
func (c *Config) rate(device []byte) float64 {
	if rate := c.Rates[string(device)]; rate > 0 {
		return rate
	}
	return c.Rate
}

type silent struct{}

func (silent) Stepped(journal.Step, time.Duration) {}
func (silent) Finished(Outcome)                    {}
