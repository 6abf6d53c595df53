package customer

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/canary"
	"github.com/assaychain/assay/offchain-worker/journal"
)

// Canary is what the record of a canary keeps beside a job's. Nothing of it leaves this machine.
type Canary struct {
	// Run is the run of canaries that it belongs to.
	Run string `json:"run"`
	// Summary describes the computation.
	Summary string `json:"summary"`
	// Answer are the roots of the outputs of all steps, in hexadecimal.
	Answer []string `json:"answer"`
	// Base is the most that it may cost in base units, fees and disputes left out, and Hold with bonds.
	Base math.Int `json:"base"`
	Hold math.Int `json:"hold"`
	// Outcome is what became of it; nil while it is open.
	Outcome *canary.Outcome `json:"outcome,omitempty"`
}

// The steps of a run, in the log that its disputes are written to as well.
const (
	stepRun  journal.Step = "canary_run"
	stepFee  journal.Step = "canary_fee"
	stepOver journal.Step = "canary_run_over"
)

// runStep begins a run, or gives it another budget.
type runStep struct {
	ID     string   `json:"id"`
	Budget sdk.Coin `json:"budget"`
}

// feeStep is a fee that is about to be paid.
type feeStep struct {
	Amount math.Int `json:"amount"`
}

// ErrNoRun is returned when no run of canaries is unfinished.
var ErrNoRun = errors.New("no run of canaries is unfinished in this home")

// CanaryRun is a run of canaries: its budget, what was posted of it, and the log of its fees and disputes, so that it goes on after a crash.
type CanaryRun struct {
	// ID names the run: the time of its beginning.
	ID string
	// Denom is that of the budget.
	Denom  string
	Budget *canary.Budget
	// Began is false of a run that goes on with what an earlier command left.
	Began   bool
	journal *Journal
	log     *journal.Journal
	entries []journal.Entry
}

// OpenCanaries goes on with the unfinished run of a journal, with another budget if one is given, or begins one. Without a budget it fails with
// ErrNoRun when there is none. One process has a run at a time.
func OpenCanaries(j *Journal, budget *sdk.Coin) (*CanaryRun, error) {
	log, entries, err := journal.Open(filepath.Join(j.dir, "canaries.wal"), journal.Hooks{})
	if err != nil {
		return nil, fmt.Errorf("canaries: %w", err)
	}
	r := &CanaryRun{journal: j, log: log}
	if err := r.open(entries, budget); err != nil {
		return nil, errors.Join(err, log.Close())
	}
	return r, nil
}

func (r *CanaryRun) open(entries []journal.Entry, budget *sdk.Coin) error {
	last, fees, err := unfinished(entries)
	switch {
	case err != nil:
		return err
	case last == nil && budget == nil:
		return ErrNoRun
	case last == nil:
		// What is over is told and settled: nothing of it is needed any more.
		if err := r.log.Compact(func(journal.Entry) bool { return false }); err != nil {
			return err
		}
		r.Began, last, entries = true, &runStep{ID: time.Now().UTC().Format("2006-01-02T15:04:05.000000Z")}, nil
	case budget != nil && budget.Denom != last.Budget.Denom:
		return fmt.Errorf("%w: the unfinished run of canaries has a budget in %s, this one is in %s", ErrOrder, last.Budget.Denom, budget.Denom)
	}
	if budget != nil {
		last.Budget = *budget
		if err := r.log.Append(0, 0, stepRun, last); err != nil {
			return err
		}
	}
	r.ID, r.Denom, r.Budget, r.entries = last.ID, last.Budget.Denom, canary.NewBudget(last.Budget.Amount), entries
	return r.carry(fees)
}

// unfinished reads the last run that did not end, and the fees of it; nil when there is none.
func unfinished(entries []journal.Entry) (last *runStep, fees math.Int, err error) {
	fees = math.ZeroInt()
	for _, e := range entries {
		switch e.Step {
		case stepRun:
			last = &runStep{}
			err = json.Unmarshal(e.Data, last)
		case stepFee:
			var fee feeStep
			if err = json.Unmarshal(e.Data, &fee); err == nil {
				fees = fees.Add(fee.Amount)
			}
		case stepOver:
			last, fees = nil, math.ZeroInt()
		}
		if err != nil {
			return nil, fees, fmt.Errorf("canaries, entry %d: %w", e.Seq, err)
		}
	}
	return last, fees, nil
}

// carry books what the run has used.
func (r *CanaryRun) carry(fees math.Int) error {
	records, err := r.Records()
	if err != nil {
		return err
	}
	open := map[string]math.Int{}
	for _, record := range records {
		if record.Canary.Outcome == nil {
			open[keyOf(record)] = record.Canary.Hold
		} else {
			r.Budget.Settle(keyOf(record), record.Canary.Outcome.Cost)
		}
	}
	r.Budget.Carry(fees, open)
	return nil
}

// keyOf names a canary in the budget, also before it has a number.
func keyOf(record *Record) string { return hex.EncodeToString(record.DeliveryKey) }

// Records are the run's, in the order in which they were posted.
func (r *CanaryRun) Records() ([]*Record, error) {
	all, err := r.journal.records()
	if err != nil {
		return nil, err
	}
	numbered := map[string]bool{}
	for _, record := range all {
		if record.JobID > 0 {
			numbered[keyOf(record)] = true
		}
	}
	all = slices.DeleteFunc(all, func(record *Record) bool {
		// A crash can leave a record under both of its names.
		twice := record.JobID == 0 && numbered[keyOf(record)]
		return record.Canary == nil || record.Canary.Run != r.ID || twice
	})
	slices.SortStableFunc(all, func(a, b *Record) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return all, nil
}

// Outcomes are those of the run's canaries that are over, and open how many are not.
func (r *CanaryRun) Outcomes() (outcomes []canary.Outcome, open int, err error) {
	records, err := r.Records()
	for _, record := range records {
		if record.Canary.Outcome == nil {
			open++
		} else {
			outcomes = append(outcomes, *record.Canary.Outcome)
		}
	}
	return outcomes, open, err
}

// Fee books a fee, durably, before its transaction is sent; it refuses what the budget does not allow.
func (r *CanaryRun) Fee(fee sdk.Coins) error {
	amount := fee.AmountOf(r.Denom)
	if err := r.Budget.Fee(amount); err != nil {
		return err
	}
	return r.log.Append(0, 0, stepFee, feeStep{amount})
}

// disputes are the entries of a job's disputes.
func (r *CanaryRun) disputes(job uint64) []journal.Entry {
	return slices.DeleteFunc(slices.Clone(r.entries), func(e journal.Entry) bool { return e.Job == 0 || e.Job != job })
}

// Finish ends the run: the next command begins another one.
func (r *CanaryRun) Finish() error { return r.log.Append(0, 0, stepOver, nil) }

// Close lets go of the run, which goes on with the next command unless it was finished.
func (r *CanaryRun) Close() error { return r.log.Close() }
