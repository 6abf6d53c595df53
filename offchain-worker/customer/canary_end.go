package customer

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/canary"
	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/watch"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
	"github.com/assaychain/assay/x/proofs/program"
)

// number finds the job of a canary that was submitted by an earlier process which did not learn its number; false when the chain has no such
// job.
func (f *flight) number(ctx context.Context) (bool, error) {
	for f.record.JobID == 0 {
		var height uint64
		var outcome chain.Outcome
		var found bool
		if err := f.persist(ctx, func() (err error) {
			if height, err = f.config.Market.Height(ctx); err == nil {
				outcome, found, err = f.config.Market.Find(ctx, f.record.TxHash)
			}
			return err
		}); err != nil {
			return false, err
		}
		switch {
		case found && outcome.OK():
			if err := f.persist(ctx, func() error { return f.config.Wallet.number(ctx, f.record) }); err != nil {
				return false, err
			}
			return true, f.config.Run.journal.Save(f.record)
		case found || height > f.record.TxHeight+indexedBlocks:
			f.config.Run.Budget.Settle(keyOf(f.record), math.ZeroInt())
			return false, f.config.Run.journal.Drop(f.record)
		}
		if err := pause(ctx, f.config.Poll); err != nil {
			return false, err
		}
	}
	return true, nil
}

// persist asks until the node answers.
func (f *flight) persist(ctx context.Context, ask func() error) error {
	for told := false; ; told = true {
		err := ask()
		if err == nil || ctx.Err() != nil || errors.Is(err, chain.ErrNotFound) {
			return errors.Join(err, ctx.Err())
		}
		if !told {
			f.tell(fmt.Sprintf("the node does not answer, asking again: %s", err))
		}
		if err := pause(ctx, time.Second); err != nil {
			return err
		}
	}
}

// indexedBlocks is how many blocks after a transaction's last one its node may still be indexing it.
const indexedBlocks = 3

// recall computes the answer again, from the inputs that the journal keeps, and checks it against what was journalled.
func (f *flight) recall(ctx context.Context, p program.Program) error {
	if f.answer != nil {
		return nil
	}
	order := &Order{Program: p}
	for i, text := range f.record.Inputs {
		root, err := blob.ParseRootHex(text)
		if err != nil {
			return err
		}
		raw, err := f.config.Run.journal.Blobs().Get(root)
		if err != nil {
			return err
		}
		order.Inputs = append(order.Inputs, Input{Name: p.Inputs[i].Name, Root: root, Blob: raw})
	}
	answer, err := f.Canaries.answer(ctx, order)
	if err != nil {
		return err
	}
	for i, root := range answer.Roots {
		if i >= len(f.record.Canary.Answer) || hex.EncodeToString(root) != f.record.Canary.Answer[i] {
			return fmt.Errorf("the answer of step %d is another one than was journalled: this machine does not compute the same twice", i)
		}
	}
	f.answer = answer
	return nil
}

func (f *flight) tellWatch(line watch.Line) {
	text := line.What
	if line.What == string(canary.Right) {
		text = "the result is the known answer"
	}
	if at := line.Entry; at != nil {
		text += fmt.Sprintf(": step %d (%d, %d)", at.Step, at.Row, at.Col)
	}
	if line.Theirs != nil && line.Own != nil {
		text += fmt.Sprintf(" is %d, the answer is %d", *line.Theirs, *line.Own)
	}
	f.tell(strings.TrimSuffix(text+"; "+line.Detail, "; "))
}

// finish says what became of the canary, and settles it.
func (f *flight) finish(ctx context.Context, view chain.JobView) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	mark, detail := f.answer.Compare(view.Job.StepRoots, f.results[f.root])
	lost := f.watcher.Lost()
	outcome := canary.Outcome{
		Job: view.Job.Id, End: CloseText(view.Job.CloseReason), Cost: view.Job.Paid.Add(lost),
		Parts: f.tally.End(view, mark, detail, lost),
	}
	for i := range outcome.Parts {
		if err := f.persist(ctx, func() error { return f.won(ctx, &outcome.Parts[i]) }); err != nil {
			return err
		}
	}
	return f.settle(&outcome)
}

// forgotten settles a canary that the chain has pruned while nobody looked: nothing is known of it but what it can have cost.
func (f *flight) forgotten() error {
	return f.settle(&canary.Outcome{Job: f.record.JobID, End: "forgotten by the chain", Cost: f.record.Canary.Hold})
}

// settle journals an outcome, books its cost, and lets go of the inputs.
func (f *flight) settle(outcome *canary.Outcome) error {
	f.record.Canary.Outcome = outcome
	f.posting.Lock()
	defer f.posting.Unlock()
	if err := f.config.Run.journal.Save(f.record); err != nil {
		return err
	}
	f.config.Run.Budget.Settle(keyOf(f.record), outcome.Cost)
	for _, part := range outcome.Parts {
		f.tell(strings.TrimSuffix(fmt.Sprintf("%s: %s; %s", part.Operator, part.Mark, part.Detail), "; "))
	}
	return f.config.Run.journal.Forget(f.record)
}

// won adds what the runner has of an operator's slash.
func (f *flight) won(ctx context.Context, part *canary.Part) error {
	if part.Mark == canary.Right || part.Mark == canary.Wrong {
		return nil
	}
	records, params, err := f.config.Market.JobPunishments(ctx, part.Operator, f.record.JobID)
	if err != nil {
		return err
	}
	part.Won = math.ZeroInt()
	for _, record := range records {
		part.Won = part.Won.Add(shareOf(record, params, f.config.Wallet.Address().String()))
	}
	return nil
}

// whole is all of something in basis points.
const whole = 10_000

// shareOf is what somebody has of a punishment as its victim and its reporter, or will have when nobody may appeal any more.
func shareOf(record penaltytypes.Record, params penaltytypes.Params, who string) math.Int {
	toVictim, toReporter := record.ToVictim, record.ToReporter
	switch record.Status {
	case penaltytypes.RECORD_STATUS_HELD, penaltytypes.RECORD_STATUS_APPEALED:
		toVictim = record.Own.MulRaw(int64(params.VictimBps)).QuoRaw(whole)
		toReporter = record.Own.MulRaw(int64(params.ReporterBps)).QuoRaw(whole)
	case penaltytypes.RECORD_STATUS_RESTORED:
		return math.ZeroInt()
	}
	share := math.ZeroInt()
	if record.Victim == who {
		share = share.Add(toVictim)
	}
	if record.Reporter == who {
		share = share.Add(toReporter)
	}
	return share
}
