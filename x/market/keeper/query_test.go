package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/x/market/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

func TestJobsAreListedByOwnerAndState(t *testing.T) {
	f := newFixture(t)
	f.workers(2)
	job := f.proven()
	f.wait(101)
	open := f.assigned()
	list := func(req *types.QueryJobsRequest) []uint64 {
		response, err := f.queries.Jobs(f.Ctx, req)
		require.NoError(t, err)
		ids := []uint64{}
		for _, j := range response.Jobs {
			ids = append(ids, j.Id)
		}
		return ids
	}
	all := []uint64{job.Id, open.Id}
	require.Equal(t, all, list(&types.QueryJobsRequest{}))
	require.Equal(t, all[1:], list(&types.QueryJobsRequest{Active: true}))
	require.Equal(t, all, list(&types.QueryJobsRequest{Customer: f.customer.String()}))
	require.Equal(t, all[1:], list(&types.QueryJobsRequest{Customer: f.customer.String(), Active: true}))
	require.Equal(t, all[1:], list(&types.QueryJobsRequest{Worker: open.Worker, Active: true}))
	require.Empty(t, list(&types.QueryJobsRequest{Worker: f.customer.String()}))
	require.Equal(t, all[:1], list(&types.QueryJobsRequest{Pagination: &query.PageRequest{Limit: 1}}))
	require.Equal(t, all[1:], list(&types.QueryJobsRequest{Pagination: &query.PageRequest{Limit: 1, Reverse: true}}))

	_, err := f.queries.Jobs(f.Ctx, &types.QueryJobsRequest{Customer: f.customer.String(), Worker: open.Worker})
	require.ErrorIs(t, err, types.ErrQuery)
	_, err = f.queries.Jobs(f.Ctx, &types.QueryJobsRequest{Pagination: &query.PageRequest{Limit: 501}})
	require.ErrorIs(t, err, types.ErrQuery)
	_, err = f.queries.Jobs(f.Ctx, &types.QueryJobsRequest{Customer: "x"})
	require.ErrorIs(t, err, types.ErrAddress)
}

// Pages through the by-worker index give every job once.
func TestPagesAreComplete(t *testing.T) {
	f := newFixture(t)
	f.workers(2)
	for range 7 {
		f.submit()
	}
	f.block(1)
	worker := f.job(1).Worker
	seen := map[uint64]bool{}
	for page := (&query.PageRequest{Limit: 2}); ; {
		response, err := f.queries.Jobs(f.Ctx, &types.QueryJobsRequest{Worker: worker, Pagination: page})
		require.NoError(t, err)
		for _, job := range response.Jobs {
			require.Equal(t, worker, job.Worker)
			require.False(t, seen[job.Id])
			seen[job.Id] = true
		}
		if len(response.Pagination.NextKey) == 0 {
			break
		}
		page = &query.PageRequest{Limit: 2, Key: response.Pagination.NextKey}
	}
	require.Len(t, seen, 4)
}

func TestOneJobFromAllSides(t *testing.T) {
	f := newFixture(t)
	f.workers(1)
	job := f.committed()
	response, err := f.queries.Job(f.Ctx, &types.QueryJobRequest{Id: job.Id})
	require.NoError(t, err)
	require.Equal(t, job, response.Job)
	require.Equal(t, testSpec(), response.Spec)
	challenge, err := f.queries.Challenge(f.Ctx, &types.QueryChallengeRequest{Id: job.Id})
	require.NoError(t, err)
	require.Equal(t, job.Round, challenge.Round)
	require.Empty(t, challenge.Positions, "nobody knows them yet")
	proofs, err := f.queries.Proofs(f.Ctx, &types.QueryProofsRequest{Id: job.Id})
	require.NoError(t, err)
	require.Empty(t, proofs.Proofs.Proofs)
	delivery, err := f.queries.Delivery(f.Ctx, &types.QueryDeliveryRequest{Id: job.Id})
	require.NoError(t, err)
	require.Empty(t, delivery.Sealed)

	f.block(5)
	f.post(job.Round)
	f.block(5)
	job = f.job(job.Id)
	challenge, err = f.queries.Challenge(f.Ctx, &types.QueryChallengeRequest{Id: job.Id})
	require.NoError(t, err)
	require.Equal(t, job.Seed, challenge.Seed)
	require.Len(t, challenge.Positions, 3)
	for _, p := range challenge.Positions {
		require.Equal(t, "opening-256", p.Circuit)
		require.Less(t, p.Row, uint32(2))
		require.Less(t, p.Col, uint32(3))
	}
	msg := f.proveMsg(job, 0)
	require.NoError(t, f.proveErr(msg))
	proofs, err = f.queries.Proofs(f.Ctx, &types.QueryProofsRequest{Id: job.Id})
	require.NoError(t, err)
	require.Equal(t, msg.Proofs, proofs.Proofs.Proofs)
	clock, err := f.queries.Clock(f.Ctx, &types.QueryClockRequest{})
	require.NoError(t, err)
	require.EqualValues(t, 10_000, clock.Clock.ActiveMs)
	for _, err := range f.missing(99) {
		require.ErrorIs(t, err, types.ErrNotFound)
	}
}

func (f *fixture) missing(id uint64) []error {
	_, err1 := f.queries.Job(f.Ctx, &types.QueryJobRequest{Id: id})
	_, err2 := f.queries.Challenge(f.Ctx, &types.QueryChallengeRequest{Id: id})
	_, err3 := f.queries.Proofs(f.Ctx, &types.QueryProofsRequest{Id: id})
	_, err4 := f.queries.Delivery(f.Ctx, &types.QueryDeliveryRequest{Id: id})
	return []error{err1, err2, err3, err4}
}

// The quote is what an assignment then costs.
func TestQuoteIsThePrice(t *testing.T) {
	f := newFixture(t)
	program := testProgram()
	program.Inputs[0].Rows, program.Inputs[0].Cols = 4_000, 1_000
	program.Inputs[1].Rows, program.Inputs[1].Cols = 4_000, 1_000
	ask := &types.QueryQuoteRequest{Program: program}
	_, err := f.queries.Quote(f.Ctx, ask)
	require.ErrorIs(t, err, types.ErrUnplaceable)
	require.ErrorContains(t, err, "0 devices looked at")
	f.worker("dear", 40_000)
	f.worker("cheap", 25_001)
	quote, err := f.queries.Quote(f.Ctx, ask)
	require.NoError(t, err)
	require.EqualValues(t, 16_000_000_000, quote.Work)
	require.EqualValues(t, 16*25_001, quote.Price.Amount.Int64())
	require.EqualValues(t, 2, quote.Devices)

	msg := f.submission()
	msg.Spec.Program = program
	require.NoError(t, f.submitErr(msg))
	f.block(1)
	require.Equal(t, quote.Price.Amount, f.requireState(1, types.JOB_STATE_ASSIGNED).Price)

	ask.Requirements.Classes = []registrytypes.DeviceClass{registrytypes.DEVICE_CLASS_DATACENTRE}
	_, err = f.queries.Quote(f.Ctx, ask)
	require.ErrorIs(t, err, types.ErrUnplaceable)
	ask.Requirements = types.Requirements{MinMemoryMib: 4_097}
	_, err = f.queries.Quote(f.Ctx, ask)
	require.ErrorContains(t, err, "2 devices looked at, 2 short of memory")
	ask.Requirements = types.Requirements{Backends: []registrytypes.Backend{9}}
	_, err = f.queries.Quote(f.Ctx, ask)
	require.ErrorIs(t, err, types.ErrSpec)
	ask.Program.Version = 2
	_, err = f.queries.Quote(f.Ctx, ask)
	require.ErrorIs(t, err, types.ErrSpec)
}
