package chain

import (
	"context"
	"fmt"
	"time"

	"github.com/cosmos/cosmos-sdk/client"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	beacontypes "github.com/assaychain/assay/x/beacon/types"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// JobView is a job as the chain shows it, with the clock its deadlines are counted in.
type JobView struct {
	Job   markettypes.Job
	Spec  markettypes.Spec
	Clock markettypes.Clock
	// Replicas is the present round of a job that several operators compute; empty otherwise.
	Replicas markettypes.ReplicaRecord
}

// Remaining is the time until the job's next deadline if no block is late, and false if it has none.
func (v JobView) Remaining(now time.Time) (time.Duration, bool) {
	if v.Job.Due == 0 {
		return 0, false
	}
	active := time.Duration(v.Clock.ActiveMs) * time.Millisecond
	if since := now.Sub(v.Clock.LastBlock); since > 0 {
		active += since
	}
	return time.Duration(v.Job.Due)*time.Millisecond - active, true
}

// ActiveJobs are the open jobs that an operator has.
func (c *Client) ActiveJobs(ctx context.Context, operator sdk.AccAddress) (jobs []markettypes.Job, err error) {
	err = c.ask(ctx, "active jobs", func(ctx context.Context, conn client.Context) error {
		return pages(func(page *query.PageRequest) (*query.PageResponse, error) {
			request := &markettypes.QueryJobsRequest{Worker: operator.String(), Active: true, Pagination: page}
			response, err := markettypes.NewQueryClient(conn).Jobs(ctx, request)
			if err != nil {
				return nil, err
			}
			jobs = append(jobs, response.Jobs...)
			return response.Pagination, nil
		})
	})
	return jobs, err
}

// Job is one job, or ErrNotFound. The clock is read after the job, so that a deadline never looks farther than it is.
func (c *Client) Job(ctx context.Context, id uint64) (view JobView, err error) {
	err = c.ask(ctx, "job", func(ctx context.Context, conn client.Context) error {
		market := markettypes.NewQueryClient(conn)
		job, err := market.Job(ctx, &markettypes.QueryJobRequest{Id: id})
		if err != nil {
			return err
		}
		var round markettypes.QueryReplicasResponse
		if job.Job.Replicas > 0 {
			response, err := market.Replicas(ctx, &markettypes.QueryReplicasRequest{Id: id})
			if err != nil {
				return err
			}
			round = *response
		}
		clock, err := market.Clock(ctx, &markettypes.QueryClockRequest{})
		if err != nil {
			return err
		}
		view = JobView{Job: job.Job, Spec: job.Spec, Clock: clock.Clock, Replicas: round.Record}
		return nil
	})
	return view, err
}

// DisputableJobs are the jobs that a watcher may dispute now, oldest first.
func (c *Client) DisputableJobs(ctx context.Context) (jobs []markettypes.Job, err error) {
	err = c.ask(ctx, "disputable jobs", func(ctx context.Context, conn client.Context) error {
		return pages(func(page *query.PageRequest) (*query.PageResponse, error) {
			response, err := markettypes.NewQueryClient(conn).Jobs(ctx, &markettypes.QueryJobsRequest{Active: true, Pagination: page})
			if err != nil {
				return nil, err
			}
			for _, job := range response.Jobs {
				if job.State.Lifecycle().Disputable() {
					jobs = append(jobs, job)
				}
			}
			return response.Pagination, nil
		})
	})
	return jobs, err
}

// DisputeTerms are what a dispute of a job would cost now, and what stands in its way.
func (c *Client) DisputeTerms(ctx context.Context, id uint64) (terms markettypes.QueryDisputeTermsResponse, err error) {
	err = c.ask(ctx, "terms of a dispute", func(ctx context.Context, conn client.Context) error {
		response, err := markettypes.NewQueryClient(conn).DisputeTerms(ctx, &markettypes.QueryDisputeTermsRequest{Id: id})
		if err != nil {
			return err
		}
		terms = *response
		return nil
	})
	return terms, err
}

// Endpoint is the URL at which an operator serves results.
func (c *Client) Endpoint(ctx context.Context, operator string) (string, error) {
	address, err := sdk.AccAddressFromBech32(operator)
	if err != nil {
		return "", fmt.Errorf("operator %q: %w", operator, err)
	}
	record, err := c.Operator(ctx, address)
	return record.Endpoint, err
}

// Challenge is what a job must be proven at; without positions before its round is posted.
func (c *Client) Challenge(ctx context.Context, id uint64) (challenge markettypes.QueryChallengeResponse, err error) {
	err = c.ask(ctx, "challenge", func(ctx context.Context, conn client.Context) error {
		response, err := markettypes.NewQueryClient(conn).Challenge(ctx, &markettypes.QueryChallengeRequest{Id: id})
		if err != nil {
			return err
		}
		challenge = *response
		return nil
	})
	return challenge, err
}

// MarketParams are the market's parameters.
func (c *Client) MarketParams(ctx context.Context) (params markettypes.Params, err error) {
	err = c.ask(ctx, "market parameters", func(ctx context.Context, conn client.Context) error {
		response, err := markettypes.NewQueryClient(conn).Params(ctx, &markettypes.QueryParamsRequest{})
		if err != nil {
			return err
		}
		params = response.Params
		return nil
	})
	return params, err
}

// PendingRounds are the beacon rounds that the chain waits for, oldest first, at most one page.
func (c *Client) PendingRounds(ctx context.Context) (requests []beacontypes.Request, err error) {
	err = c.ask(ctx, "pending rounds", func(ctx context.Context, conn client.Context) error {
		request := &beacontypes.QueryPendingRequest{Pagination: &query.PageRequest{Limit: pageSize}}
		response, err := beacontypes.NewQueryClient(conn).Pending(ctx, request)
		if err != nil {
			return err
		}
		requests = response.Requests
		return nil
	})
	return requests, err
}

// RoundPosted tells whether the chain has a beacon round.
func (c *Client) RoundPosted(ctx context.Context, round uint64) (bool, error) {
	err := c.ask(ctx, "beacon round", func(ctx context.Context, conn client.Context) error {
		_, err := beacontypes.NewQueryClient(conn).Round(ctx, &beacontypes.QueryRoundRequest{Round: round})
		return err
	})
	if isNotFound(err) {
		return false, nil
	}
	return err == nil, err
}
