package watch

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/chain"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// dispute sends a dispute within the budget.
func (w *Watcher) dispute(ctx context.Context, view chain.JobView, f Finding) error {
	job := view.Job
	line := Line{Entry: &f.Entry, Theirs: &f.Theirs, Own: &f.Own}
	terms, err := w.config.Market.DisputeTerms(ctx, job.Id)
	if err != nil {
		w.config.Log.Warn("can't ask for the terms of a dispute, trying again", "job", job.Id, "error", err)
		return nil
	}
	line.Bond = terms.Bond.String()
	held := w.book.committed()
	switch {
	case terms.Obstacle != "":
		line.What, line.Detail = string(Wrong), "can't be disputed now: "+terms.Obstacle
	case terms.Bond.Denom != w.config.MaxBonds.Denom || held.Add(terms.Bond.Amount).GT(w.config.MaxBonds.Amount):
		line.What = string(Wrong)
		line.Detail = fmt.Sprintf("not disputed: %s%s are held or lost of at most %s", held, w.config.MaxBonds.Denom, w.config.MaxBonds)
	case w.config.DryRun:
		w.tries[attempt{job.Id, job.Attempt}] = maxTries
		line.What, line.Detail = "dry-run", "would be disputed"
	default:
		return w.send(ctx, view, f, terms.Bond, line)
	}
	w.tell(job, line)
	return nil
}

// send journals the signed dispute and sends it.
func (w *Watcher) send(ctx context.Context, view chain.JobView, f Finding, bond sdk.Coin, line Line) error {
	key := attempt{view.Job.Id, view.Job.Attempt}
	record := func(signed chain.SignedTx) error {
		return w.record(key, StepIntent, Intent{Tx: signed, Entry: f.Entry, Bond: bond.Amount})
	}
	_, err := w.config.Sender.Send(ctx, record, &markettypes.MsgDisputeResult{
		Challenger: w.config.Sender.Address().String(), JobId: key.job, Attempt: key.number, Entry: f.Entry, MaxBond: bond,
	})
	switch {
	case errors.Is(err, errJournal):
		return err
	case errors.Is(err, chain.ErrRefused) && w.book[key] != nil && w.book[key].intent != nil:
		if failed := w.record(key, StepFailed, nil); failed != nil {
			return failed
		}
		fallthrough
	case err != nil && !errors.Is(err, chain.ErrUnknown):
		line.What, line.Detail = string(Wrong), fmt.Sprintf("the dispute was not taken: %s", err)
		w.tell(view.Job, line)
		return nil
	}
	line.What = "disputed"
	w.tell(view.Job, line)
	return nil
}

// follow finds out what became of a dispute that was sent.
func (w *Watcher) follow(ctx context.Context, key attempt) error {
	if w.config.DryRun {
		return nil
	}
	at := w.book[key]
	if !at.open {
		outcome, err := w.config.Sender.Resolve(ctx, at.intent.Tx)
		switch {
		case err != nil || outcome.State == chain.TxPending:
			return ctx.Err()
		case !outcome.OK():
			w.config.Log.Warn("a dispute had no effect", "job", key.job, "code", outcome.Code, "log", outcome.Log)
			return w.record(key, StepFailed, nil)
		}
		if err := w.record(key, StepOpen, nil); err != nil {
			return err
		}
	}
	view, err := w.config.Market.Job(ctx, key.job)
	if errors.Is(err, chain.ErrNotFound) {
		return w.over(key, markettypes.Job{Id: key.job, Attempt: key.number}, End{Lost: math.ZeroInt()}, "the chain has forgotten the job")
	}
	if err != nil {
		return ctx.Err()
	}
	end, over := endOf(view.Job, key, at.intent)
	if !over {
		return nil
	}
	return w.over(key, view.Job, end, "")
}

// endOf tells how a dispute of an attempt ended, from what the job shows now; false while it is open.
func endOf(job markettypes.Job, key attempt, intent *Intent) (End, bool) {
	ours := job.Dispute != nil && job.Attempt == key.number && job.Dispute.Entry == intent.Entry
	if ours {
		return End{}, false
	}
	if job.Attempt == key.number && len(job.StepRoots) > 0 {
		// The attempt stands: the entry was proven. A bond that came back because the chain could not check is counted as lost too, which
		// only makes the budget smaller.
		return End{Lost: intent.Bond}, true
	}
	return End{Won: true, Lost: math.ZeroInt()}, true
}

func (w *Watcher) over(key attempt, job markettypes.Job, end End, detail string) error {
	what := "lost"
	if end.Won {
		what = "won"
	}
	entry := w.book[key].intent.Entry
	job.Attempt = key.number
	w.tell(job, Line{What: what, Entry: &entry, Detail: detail})
	return w.record(key, StepOver, end)
}
