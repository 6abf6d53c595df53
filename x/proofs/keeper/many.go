package keeper

import (
	"context"
	"errors"
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/internal/groth16"
	"github.com/assaychain/assay/x/proofs/types"
)

// MoreUnits is what a job adds to the cost of verifying others, whose proofs use the given circuits: its own proofs, and a batch
// for each circuit that none of the others needs.
func (s *Sampled) MoreUnits(trace challenge.Trace, circuits []string) (uint64, error) {
	units := s.keeper.Units(int(trace.Samples)) - s.keeper.Units(0)
	for i, id := range trace.Circuits {
		if !slices.Contains(circuits, id) && !slices.Contains(trace.Circuits[:i], id) {
			units += s.keeper.Units(0)
		}
	}
	return units, nil
}

// VerifyMany answers many questions as Verify would each, with one batch for every circuit. A batch that fails is searched by
// halves, job by job in their order, which takes from what the block may still spend: units for each check and for each proof that is
// prepared once more. When nothing is left the search ends, though never before one job is decided. An error means that
// nothing was answered.
func (s *Sampled) VerifyMany(ctx context.Context, questions []challenge.Question) ([]challenge.Verdict, error) {
	verdicts := make([]challenge.Verdict, len(questions))
	batches := make([]joint, 0, 1)
	for i := range questions {
		parts, err := batchesOf(questions[i].Trace, questions[i].Proofs)
		for j := 0; err == nil && j < len(parts); j++ {
			err = join(&batches, i, parts[j])
		}
		verdicts[i] = challenge.Verdict{Decided: err == nil, Valid: err == nil, Err: err}
	}
	for i := range batches {
		if err := s.judge(sdk.UnwrapSDKContext(ctx), &batches[i], verdicts); err != nil {
			return nil, err
		}
	}
	return verdicts, nil
}

// joint is what one circuit has to check of many jobs.
type joint struct {
	circuit string
	// places are the jobs' numbers, groups their claims.
	places []int
	groups [][]groth16.Claim
}

// join adds a job's part to the batch of its circuit, of which there are as many as classes.
func join(batches *[]joint, place int, part batch) error {
	claims, err := claimsOf(part.digests, part.proofs)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(*batches, func(b joint) bool { return b.circuit == part.circuit })
	if at < 0 {
		at = len(*batches)
		*batches = append(*batches, joint{circuit: part.circuit})
	}
	b := &(*batches)[at]
	b.places, b.groups = append(b.places, place), append(b.groups, claims)
	return nil
}

// judge verifies a batch and takes back the verdicts of the jobs that it doesn't find valid. Jobs that have lost theirs to another
// circuit's batch are left out.
func (s *Sampled) judge(ctx sdk.Context, b *joint, verdicts []challenge.Verdict) error {
	places, groups := make([]int, 0, len(b.places)), make([][]groth16.Claim, 0, len(b.places))
	for i, place := range b.places {
		if verdicts[place].Valid {
			places, groups = append(places, place), append(groups, b.groups[i])
		}
	}
	key, err := s.keeper.keyOf(ctx, b.circuit)
	if err != nil {
		for _, place := range places {
			verdicts[place] = challenge.Verdict{Err: err}
		}
		return nil
	}
	purse := purse{keeper: s.keeper, ctx: ctx}
	for i, answer := range key.Judge(groups, purse.spend) {
		verdicts[places[i]] = verdictOf(answer)
	}
	return purse.err
}

func verdictOf(answer error) challenge.Verdict {
	switch {
	case answer == nil:
		return challenge.Verdict{Decided: true, Valid: true}
	case errors.Is(answer, groth16.ErrUndecided):
		return challenge.Verdict{}
	case errors.Is(answer, groth16.ErrDigest):
		return challenge.Verdict{Err: types.ErrStatement.Wrap(answer.Error())}
	default:
		return challenge.Verdict{Decided: true}
	}
}

// purse pays for a search from the block's budget.
type purse struct {
	keeper *Keeper
	ctx    sdk.Context
	err    error
}

// spend implements groth16.Spend.
func (p *purse) spend(claims int, must bool) bool {
	if p.err != nil {
		return false
	}
	units := p.keeper.Units(claims)
	left, err := p.keeper.Left(p.ctx)
	if err == nil && units > left && !must {
		return false
	}
	if err == nil {
		err = p.keeper.overspend(p.ctx, units)
	}
	p.err = err
	return err == nil
}
