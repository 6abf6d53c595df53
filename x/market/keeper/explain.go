package keeper

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/scheduler"
	"github.com/assaychain/assay/x/market/types"
)

// Explain returns how the device of a job was chosen; of an open job, how it would be chosen now.
func (s queryServer) Explain(goCtx context.Context, req *types.QueryExplainRequest) (*types.QueryExplainResponse, error) {
	ctx := sdk.UnwrapSDKContext(goCtx)
	job, err := s.keeper.Job(ctx, req.Id)
	if err != nil {
		return nil, err
	}
	params, err := s.keeper.params.Get(ctx)
	if err != nil {
		return nil, err
	}
	response := &types.QueryExplainResponse{
		Id: job.Id, State: job.State, Decided: job.State != types.JOB_STATE_OPEN, MaxPrice: sdk.NewCoin(params.Denom, job.MaxPrice),
		Promise: job.Promise,
	}
	switch {
	case !response.Decided:
		response.Decision, err = s.keeper.weigh(ctx, params, &job)
	case job.Attempt == 0:
		err = types.ErrUndecided.Wrapf("job %d: it closed before any device had it", job.Id)
	case job.Replicas > 0:
		err = types.ErrUndecided.Wrapf("job %d: it is computed by several operators, see the query replicas", job.Id)
	default:
		response.Decision, err = s.keeper.decisions.Get(ctx, job.Id)
	}
	if err != nil {
		return nil, err
	}
	response.Weights = types.WeightsOf(response.Decision.Tier)
	return response, nil
}

// weigh makes the choice of an open job's device as it would be made now, and shows all candidates: those that fit, best first,
// then the others in the order of the filters.
func (k *Keeper) weigh(ctx sdk.Context, params types.Params, job *types.Job) (types.Decision, error) {
	s, err := k.search(ctx, k.newScan(), params, job)
	if err != nil {
		return types.Decision{}, err
	}
	var verdicts []scheduler.Verdict
	survey, err := scheduler.Watch(s.job, s.terms, s.view, func(v scheduler.Verdict) { verdicts = append(verdicts, v) })
	if err != nil {
		return types.Decision{}, err
	}
	slices.SortFunc(verdicts, func(a, b scheduler.Verdict) int {
		return cmp.Or(cmp.Compare(a.Refusal, b.Refusal), cmp.Compare(a.Score.Total, b.Score.Total), bytes.Compare(a.Device.ID, b.Device.ID))
	})
	next := *job
	next.Attempt++
	decision := s.decision(ctx, &next, survey)
	decision.Candidates = nil
	for _, v := range verdicts {
		decision.Candidates = append(decision.Candidates, types.ShowVerdict(v))
	}
	return decision, nil
}

// countDecisions walks all decisions: for tests, simulation and genesis only.
func (k *Keeper) countDecisions(ctx sdk.Context) (n int, err error) {
	err = k.decisions.Walk(ctx, nil, func(uint64, types.Decision) (bool, error) {
		n++
		return false, nil
	})
	return n, err
}
