package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/bond/points"
	"github.com/assaychain/assay/x/bond/types"
)

const (
	// MaxPointsPeriods is the most periods that Points answers for at once.
	MaxPointsPeriods = 400
	// maxForgotten is the most segments that ForgetPoints drops at once; the rest goes with the next calls.
	maxForgotten = 400
	// maxTidied is the most segments of forgotten periods that a new segment drops. More than one a segment, so that an
	// operator that never claims keeps no more segments than there are periods.
	maxTidied = 2
)

// SetScore replaces the score of op's devices: points count from this block on.
func (k *Keeper) SetScore(ctx context.Context, op sdk.AccAddress, score uint64) error {
	b, err := k.load(ctx, op)
	if err != nil {
		return err
	}
	b.Score = score
	return k.save(ctx, b)
}

// reweigh works out an operator's weight from its pool. When it changed, points are counted up to now with the old one,
// for all operators and for this one: whatever changes a pool is saved through here, so none is missed.
func (k *Keeper) reweigh(ctx context.Context, b *book) error {
	weight := math.ZeroInt()
	if b.Score > 0 {
		params, err := k.params.Get(ctx)
		if err != nil {
			return err
		}
		weight = points.Weigh(b.Score, points.Boost(b.Tokens, b.Requirement, params.BoostSlopeBps, params.BoostCapBps))
	}
	if weight.Equal(b.Weight) {
		return nil
	}
	ledger, err := k.ledger.Get(ctx)
	if err != nil {
		return err
	}
	total := ledger.Total().Change(now(ctx).UnixMilli(), b.Weight, weight)
	ledger.SetTotal(total)
	if err := k.ledger.Set(ctx, ledger); err != nil {
		return err
	}
	b.Weight = weight
	return k.addSegment(ctx, b, total, ledger.Oldest)
}

// addSegment records an operator's new weight, and drops a few segments that no period needs any more.
func (k *Keeper) addSegment(ctx context.Context, b *book, total points.Total, oldest uint64) error {
	last, found, err := k.lastSegment(ctx, b.op, total.Period)
	if err != nil {
		return err
	}
	segment := points.Segment{Period: total.Period, Points: math.ZeroInt(), Since: total.Until, Weight: b.Weight}
	if found {
		segment = last.Segment().Change(total, b.Weight)
	}
	if err := k.segments.Set(ctx, collections.Join(b.op, segment.Period), types.NewSegment(b.Operator, segment)); err != nil {
		return err
	}
	return k.dropSegments(ctx, b.op, oldest, maxTidied)
}

// lastSegment returns op's last segment at or before a period.
func (k *Keeper) lastSegment(ctx context.Context, op sdk.AccAddress, period uint64) (types.Segment, bool, error) {
	var last types.Segment
	found := false
	before := collections.NewPrefixedPairRange[sdk.AccAddress, uint64](op).EndInclusive(period).Descending()
	err := k.segments.Walk(ctx, before, func(_ entryKey, segment types.Segment) (bool, error) {
		last, found = segment, true
		return true, nil
	})
	return last, found, err
}

// dropSegments drops up to limit of op's oldest segments that say nothing about the periods from before on.
func (k *Keeper) dropSegments(ctx context.Context, op sdk.AccAddress, before uint64, limit int) error {
	var old []types.Segment
	upTo := collections.NewPrefixedPairRange[sdk.AccAddress, uint64](op).EndInclusive(before)
	err := k.segments.Walk(ctx, upTo, func(_ entryKey, segment types.Segment) (bool, error) {
		old = append(old, segment)
		return len(old) > limit, nil
	})
	if err != nil {
		return err
	}
	for i, segment := range old {
		last := i == len(old)-1
		if last && (segment.Period == before || segment.Weight.IsPositive() || len(old) > limit) {
			break
		}
		if err := k.segments.Remove(ctx, collections.Join(op, segment.Period)); err != nil {
			return err
		}
	}
	return nil
}

// ClosePeriod ends the running period now, begins the next and returns the one that ended. It reads and writes the same
// whatever the number of operators.
func (k *Keeper) ClosePeriod(ctx context.Context) (types.Period, error) {
	ledger, err := k.ledger.Get(ctx)
	if err != nil {
		return types.Period{}, err
	}
	total, closed := ledger.Total().Close(now(ctx).UnixMilli())
	ledger.SetTotal(total)
	if err := k.ledger.Set(ctx, ledger); err != nil {
		return types.Period{}, err
	}
	period := types.NewPeriod(closed)
	if err := k.periods.Set(ctx, period.Number, period); err != nil {
		return types.Period{}, err
	}
	return period, emit(ctx, &types.EventPeriodClosed{Number: period.Number, TotalPoints: period.TotalPoints})
}

// Points returns op's points in the closed periods from..to, both included: at most MaxPointsPeriods. Over all operators
// they add up to each period's TotalPoints.
func (k *Keeper) Points(ctx context.Context, op sdk.AccAddress, from, to uint64) ([]math.Int, error) {
	if from == 0 || from > to || to-from >= MaxPointsPeriods {
		return nil, types.ErrPeriod.Wrapf("from %d to %d: must be 1 to %d periods, the first is 1", from, to, MaxPointsPeriods)
	}
	ledger, err := k.ledger.Get(ctx)
	if err != nil {
		return nil, err
	}
	if from < ledger.Oldest {
		return nil, types.ErrPeriod.Wrapf("period %d is forgotten, the oldest is %d", from, ledger.Oldest)
	}
	segments, err := k.segmentsOf(ctx, op, from, to)
	if err != nil {
		return nil, err
	}
	earned := make([]math.Int, 0, to-from+1)
	current := points.Segment{Points: math.ZeroInt(), Weight: math.ZeroInt()}
	for number := from; number <= to; number++ {
		period, err := k.periods.Get(ctx, number)
		if errors.Is(err, collections.ErrNotFound) {
			return nil, types.ErrPeriod.Wrapf("period %d is not closed", number)
		}
		if err != nil {
			return nil, err
		}
		for len(segments) > 0 && segments[0].Period <= number {
			current, segments = segments[0].Segment(), segments[1:]
		}
		in, err := current.In(period.Period())
		if err != nil {
			return nil, types.ErrPeriod.Wrapf("period %d of operator %s: %v", number, op, err)
		}
		earned = append(earned, in)
	}
	return earned, nil
}

// segmentsOf returns what says op's points from..to: the last segment at or before from, and those after it.
func (k *Keeper) segmentsOf(ctx context.Context, op sdk.AccAddress, from, to uint64) ([]types.Segment, error) {
	var segments []types.Segment
	first, found, err := k.lastSegment(ctx, op, from)
	if err != nil {
		return nil, err
	}
	if found {
		segments = append(segments, first)
	}
	rest := collections.NewPrefixedPairRange[sdk.AccAddress, uint64](op).StartExclusive(from).EndInclusive(to)
	err = k.segments.Walk(ctx, rest, func(_ entryKey, segment types.Segment) (bool, error) {
		segments = append(segments, segment)
		return false, nil
	})
	return segments, err
}

// ForgetPoints drops op's records of the periods before one, after they were claimed: at most maxForgotten at once.
func (k *Keeper) ForgetPoints(ctx context.Context, op sdk.AccAddress, before uint64) error {
	ledger, err := k.ledger.Get(ctx)
	if err != nil {
		return err
	}
	if before > ledger.Period {
		return types.ErrPeriod.Wrapf("period %d has not begun", before)
	}
	return k.dropSegments(ctx, op, before, maxForgotten)
}

// ForgetPeriod drops a closed period once nobody can claim for it any more. Points answers no more for it and for all
// before it, and operators' records of those go with their next ones.
func (k *Keeper) ForgetPeriod(ctx context.Context, number uint64) error {
	ledger, err := k.ledger.Get(ctx)
	if err != nil {
		return err
	}
	if number >= ledger.Period {
		return types.ErrPeriod.Wrapf("period %d is not closed", number)
	}
	if number >= ledger.Oldest {
		ledger.Oldest = number + 1
		if err := k.ledger.Set(ctx, ledger); err != nil {
			return err
		}
	}
	return k.periods.Remove(ctx, number)
}
