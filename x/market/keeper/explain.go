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
	case response.Decided && job.Attempt == 0:
		err = types.ErrUndecided.Wrapf("job %d: it closed before any device had it", job.Id)
	case job.Replicas > 0:
		err = s.keeper.explainRound(ctx, params, &job, response)
	case !response.Decided:
		response.Decision, err = s.keeper.weigh(ctx, params, &job)
	default:
		response.Decision, err = s.keeper.decisions.Get(ctx, job.Id)
	}
	if err != nil {
		return nil, err
	}
	response.Weights = types.WeightsOf(response.Decision.Tier)
	return response, nil
}

// explainRound explains the choice of several operators, one after the other; while the job is open all candidates too.
func (k *Keeper) explainRound(ctx sdk.Context, params types.Params, job *types.Job, response *types.QueryExplainResponse) (err error) {
	if response.Decided {
		if response.Replicas, err = k.roundDecisions(ctx, job.Id); err == nil && len(response.Replicas) == 0 {
			err = types.ErrUndecided.Wrapf("job %d: it got its operators before their choice was kept", job.Id)
		}
		if err == nil {
			response.Decision = response.Replicas[0]
		}
		return err
	}
	d, err := k.draft(ctx, params, job, nil, int(job.Replicas))
	if err != nil {
		return err
	}
	next := *job
	next.Attempt++
	response.Decision = d.search.decision(ctx, &next, d.field.Survey)
	response.Decision.Candidates = shown(d.verdicts)
	response.Replicas = d.decisions(ctx, &next)
	return nil
}

// weigh makes the choice of an open job's device as it would be made now, and shows all candidates.
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
	next := *job
	next.Attempt++
	decision := s.decision(ctx, &next, survey)
	decision.Candidates = shown(verdicts)
	return decision, nil
}

// shown are candidates as they are shown: those that fit, best first, then the others in the order of the filters.
func shown(verdicts []scheduler.Verdict) (list []types.Candidate) {
	slices.SortFunc(verdicts, func(a, b scheduler.Verdict) int {
		return cmp.Or(cmp.Compare(a.Refusal, b.Refusal), cmp.Compare(a.Score.Total, b.Score.Total), bytes.Compare(a.Device.ID, b.Device.ID))
	})
	for _, v := range verdicts {
		list = append(list, types.ShowVerdict(v))
	}
	return list
}

// countDecisions walks all decisions: for tests, simulation and genesis only.
func (k *Keeper) countDecisions(ctx sdk.Context) (n int, err error) {
	err = k.decisions.Walk(ctx, nil, func(uint64, types.Decision) (bool, error) {
		n++
		return false, nil
	})
	if err != nil {
		return n, err
	}
	err = k.decisionsOf.Walk(ctx, nil, func(uint64, types.ReplicaDecisions) (bool, error) {
		n++
		return false, nil
	})
	return n, err
}
