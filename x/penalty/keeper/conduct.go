package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/penalty/sentence"
	"github.com/assaychain/assay/x/penalty/types"
)

// countOffence adds an offence to op's conduct and returns the count, this one included.
func (k *Keeper) countOffence(ctx context.Context, op sdk.AccAddress, rule types.OffenceRule) (uint32, error) {
	window := rule.RepetitionWindow()
	if window == 0 {
		return 1, nil
	}
	key := collections.Join(op, uint32(rule.Offence))
	conduct, err := k.conducts.Get(ctx, key)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return 0, err
	}
	tally := tallyOf(conduct).Added(now(ctx), window)
	if conduct.Count == 0 {
		conduct = types.Conduct{Operator: op.String(), Offence: rule.Offence, ReviewAt: tally.Lapses(window)}
		if err := k.reviews.Set(ctx, reviewOf(op, conduct)); err != nil {
			return 0, err
		}
	}
	conduct.Count, conduct.Since = tally.Count, tally.Since
	return tally.Count, k.conducts.Set(ctx, key, conduct)
}

// undoOffence takes one off op's count, because an appeal was granted.
func (k *Keeper) undoOffence(ctx context.Context, op sdk.AccAddress, offence types.Offence) error {
	key := collections.Join(op, uint32(offence))
	conduct, err := k.conducts.Get(ctx, key)
	if errors.Is(err, collections.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	tally := tallyOf(conduct).Undone()
	if tally.Count == 0 {
		return k.dropConduct(ctx, op, conduct)
	}
	conduct.Count = tally.Count
	return k.conducts.Set(ctx, key, conduct)
}

func (k *Keeper) dropConduct(ctx context.Context, op sdk.AccAddress, conduct types.Conduct) error {
	if err := k.reviews.Remove(ctx, reviewOf(op, conduct)); err != nil {
		return err
	}
	return k.conducts.Remove(ctx, collections.Join(op, uint32(conduct.Offence)))
}

// review forgets a conduct of which nothing counts any more, or sets the time of its next review. So a repetition needn't
// move the conduct's place in the queue.
func (k *Keeper) review(ctx sdk.Context, place reviewKey) error {
	op := place.K2()
	conduct, err := read(ctx, k.conducts, collections.Join(op, place.K3()))
	if err != nil {
		return err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	rule, err := params.Rule(conduct.Offence)
	if err != nil {
		return err
	}
	window := rule.RepetitionWindow()
	tally := tallyOf(conduct).Decayed(now(ctx), window)
	if tally.Count == 0 {
		return k.dropConduct(ctx, op, conduct)
	}
	if err := k.reviews.Remove(ctx, place); err != nil {
		return err
	}
	conduct.Count, conduct.Since, conduct.ReviewAt = tally.Count, tally.Since, tally.Lapses(window)
	if err := k.reviews.Set(ctx, reviewOf(op, conduct)); err != nil {
		return err
	}
	return k.conducts.Set(ctx, collections.Join(op, place.K3()), conduct)
}

// conductOf lists op's counts as they are now, at most one for each offence.
func (k *Keeper) conductOf(ctx context.Context, op sdk.AccAddress) ([]types.Conduct, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return nil, err
	}
	conducts := []types.Conduct{}
	for _, rule := range params.Rules {
		conduct, err := k.conducts.Get(ctx, collections.Join(op, uint32(rule.Offence)))
		if errors.Is(err, collections.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		tally := tallyOf(conduct).Decayed(now(ctx), rule.RepetitionWindow())
		if conduct.Count, conduct.Since = tally.Count, tally.Since; conduct.Count > 0 {
			conducts = append(conducts, conduct)
		}
	}
	return conducts, nil
}

func tallyOf(c types.Conduct) sentence.Tally {
	return sentence.Tally{Count: c.Count, Since: c.Since}
}

func reviewOf(op sdk.AccAddress, c types.Conduct) reviewKey {
	return collections.Join3(c.ReviewAt, op, uint32(c.Offence))
}
