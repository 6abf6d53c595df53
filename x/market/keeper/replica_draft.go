package keeper

import (
	"errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/audits"
	"github.com/assaychain/assay/x/market/clock"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/replicas"
	"github.com/assaychain/assay/x/market/scheduler"
	"github.com/assaychain/assay/x/market/types"
)

// recruit gives an open job to as many operators as it wants, all at once, or has it tried again later: a few could not be compared,
// and would hold their lanes for nothing. It tells whether it gave it away.
func (k *Keeper) recruit(ctx sdk.Context, params types.Params, job *types.Job) (bool, error) {
	drafted, err := k.draft(ctx, params, job, nil, int(job.Replicas))
	if err != nil {
		return false, err
	}
	if len(drafted.seats) < int(job.Replicas) {
		return false, k.retryLater(ctx, params, job)
	}
	found, err := k.engage(ctx, job.Id, drafted.seats)
	if err != nil {
		return false, err
	}
	if err := k.beginRound(ctx, params, job, found); err != nil {
		return false, err
	}
	if err := k.decisionsOf.Remove(ctx, job.Id); err != nil {
		return false, err
	}
	return true, k.keepDecisions(ctx, job, drafted)
}

// beginRound starts an attempt of the job by several operators whose devices are reserved.
func (k *Keeper) beginRound(ctx sdk.Context, params types.Params, job *types.Job, found []types.Replica) error {
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	record := types.ReplicaRecord{Replicas: found, Audit: newAudit(job)}
	if err := k.saveRound(ctx, job, &record); err != nil {
		return err
	}
	due := min(now+commitWindow(params, job.Work), job.DeadlineActive)
	if _, err := k.move(ctx, job, lifecycle.Recruit, func(job *types.Job) {
		job.Attempt++
		job.Exposure, job.Due = math.ZeroInt(), due
		job.AssignedActive, job.Tries = now, 0
	}); err != nil {
		return err
	}
	return k.tellRound(ctx, job, &record, types.REPLICA_STEP_RECRUITED)
}

// draft is who would get a job of several operators, beside those that have a part in it; nothing is placed.
type draft struct {
	search search
	field  scheduler.Field
	seats  []scheduler.Seat
	// verdicts are of all candidates.
	verdicts []scheduler.Verdict
}

// draft chooses up to n distinct operators that have no part in the job yet, in one look, as many of them as can be in cells of their own.
func (k *Keeper) draft(ctx sdk.Context, params types.Params, job *types.Job, have []types.Replica, n int) (draft, error) {
	// A scan of its own: it sees other devices of a cell than those of jobs of one operator do.
	s, err := k.search(ctx, k.newScan(), params, job)
	if err != nil {
		return draft{}, err
	}
	var taken []uint16
	for i := range have {
		s.job.Excluded = append(s.job.Excluded, have[i].Worker)
		if have[i].Stands() {
			taken = append(taken, uint16(have[i].Cell))
		}
	}
	if len(have) > 0 {
		if s.view.over, err = k.roundOver(ctx, params, job, len(have)); err != nil {
			return draft{}, err
		}
	}
	d := draft{search: s}
	d.field, err = scheduler.Gather(s.job, s.terms, s.view, int(job.Replicas), func(v scheduler.Verdict) { d.verdicts = append(d.verdicts, v) })
	d.seats = d.field.Seats(taken, n, params.MaxRunnersUp)
	return d, err
}

// decisions are what is kept of the choices that began the job's present attempt, or its next.
func (d draft) decisions(ctx sdk.Context, job *types.Job) (list []types.Decision) {
	for _, seat := range d.seats {
		list = append(list, d.search.decision(ctx, job, seat.Survey).With(seat.Over))
	}
	return list
}

// roundOver is the Unix second at which operators that are drawn now, after so many others, have done with a job at the latest, if no block
// is late and beacon rounds and verifications come at once.
func (k *Keeper) roundOver(ctx sdk.Context, params types.Params, job *types.Job, drawn int) (int64, error) {
	spec, err := k.Spec(ctx, job.Id)
	if err != nil {
		return 0, err
	}
	now, err := k.Now(ctx)
	if err != nil {
		return 0, err
	}
	return k.longestRound(ctx, params, spec, job.DeadlineActive-min(now, job.DeadlineActive), drawn)
}

// longestRound is the same for whatever meets a specification, with so many milliseconds left until its deadline.
func (k *Keeper) longestRound(ctx sdk.Context, params types.Params, spec types.Spec, left uint64, drawn int) (int64, error) {
	proof, err := k.proofWindow(params, spec)
	windows := replicas.Windows{
		Commit: commitWindow(params, spec.Program.Work()), Left: left,
		Reveal: clock.Seconds(params.RevealSeconds), Answer: clock.Seconds(params.AnswerSeconds), Prove: proof,
	}
	longest := replicas.Longest(spec.Replicas, drawn, windows)
	if spec.Audit != nil {
		longest = audits.Longest(windows)
	}
	return ctx.BlockTime().Unix() + int64(longest/1000) + 1, err
}

// engage takes lanes and bonds of those that were chosen and lists the job under each.
func (k *Keeper) engage(ctx sdk.Context, id uint64, seats []scheduler.Seat) ([]types.Replica, error) {
	now, err := k.Now(ctx)
	if err != nil {
		return nil, err
	}
	var found []types.Replica
	for i := range seats {
		choice := seats[i].Best
		operator, err := k.occupy(ctx, *choice)
		if err != nil {
			return nil, err
		}
		if err := k.workers.Set(ctx, collections.Join(operator, id)); err != nil {
			return nil, err
		}
		found = append(found, types.Replica{
			Worker: choice.Device.Operator, Device: choice.Device.ID, Cell: uint32(choice.Device.Cell),
			Price: choice.Price, Exposure: choice.Exposure, DrawnActive: now,
		})
	}
	return found, nil
}

// keepDecisions keeps how the operators were chosen that got the job now, after those that got it before in the same round.
func (k *Keeper) keepDecisions(ctx sdk.Context, job *types.Job, d draft) error {
	kept, err := k.roundDecisions(ctx, job.Id)
	if err != nil {
		return err
	}
	kept = append(kept, d.decisions(ctx, job)...)
	return k.decisionsOf.Set(ctx, job.Id, types.ReplicaDecisions{Decisions: kept})
}

// roundDecisions are how the operators of the present or last round of a job of several were chosen; none before the first.
func (k *Keeper) roundDecisions(ctx sdk.Context, id uint64) ([]types.Decision, error) {
	kept, err := k.decisionsOf.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return nil, nil
	}
	return kept.Decisions, err
}
