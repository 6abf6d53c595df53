package keeper_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/market/scheduler"
	"github.com/assaychain/assay/x/market/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// explain asks why a job's device was chosen.
func (f *fixture) explain(id uint64) *types.QueryExplainResponse {
	f.T.Helper()
	answer, err := f.queries.Explain(f.Ctx, &types.QueryExplainRequest{Id: id})
	require.NoError(f.T, err)
	return answer
}

// explains checks that the explanation of a decided job is what the scheduler's own arithmetic makes of what it shows.
func (f *fixture) explains(job types.Job) {
	f.T.Helper()
	answer := f.explain(job.Id)
	d := answer.Decision
	require.True(f.T, answer.Decided)
	require.Equal(f.T, job.Attempt, d.Attempt)
	require.Equal(f.T, job.Device, d.Candidates[0].Device, "the first is the one that has it")
	require.Equal(f.T, job.Worker, d.Candidates[0].Operator)
	require.Equal(f.T, job.Price, d.Candidates[0].Price)
	looked := d.Eligible
	for _, r := range d.Refused {
		looked += r.Devices
	}
	require.Equal(f.T, d.Visited, looked)
	asked := scheduler.Job{Home: uint16(d.Home), Tier: d.Tier.Scheduler()}
	for i, c := range d.Candidates {
		require.Equal(f.T, types.Score(scheduler.Rate(asked, scheduler.Terms{MinPrice: d.Floor}, c.Seen(), c.Price)), c.Score, "job %d, candidate %d", job.Id, i)
		require.True(f.T, c.Price.LTE(job.MaxPrice) && c.InUse < c.Lanes && c.Refusal == "")
		if i > 0 {
			before := d.Candidates[i-1]
			require.True(f.T, before.Score.Total < c.Score.Total || (before.Score.Total == c.Score.Total && bytes.Compare(before.Device, c.Device) < 0))
		}
	}
}

// What an open job is told is what is then decided and kept, to the last term; who is refused comes last and says why.
func TestExplainTellsWhatIsDecided(t *testing.T) {
	f := newFixture(t)
	f.workers(3)
	f.worker("dear", 1_000_000_000_000_000)
	poor := f.operator("poor", 10*assay)
	f.device(poor, "poor", 900_000, 1)
	msg := f.submission()
	msg.Spec.Requirements.Tier = types.JOB_TIER_FAST
	msg.MaxPrice.Amount = math.NewInt(30_000_000)
	require.NoError(t, f.submitErr(msg))
	before := f.explain(1)
	require.False(t, before.Decided)
	require.EqualValues(t, 1, before.Decision.Attempt)
	require.Len(t, before.Decision.Candidates, 5)
	require.Equal(t, types.WeightsOf(types.JOB_TIER_FAST), before.Weights)
	f.block(1)
	after := f.explain(1)
	f.explains(f.requireState(1, types.JOB_STATE_ASSIGNED))
	require.True(t, after.Decided)
	require.Len(t, after.Decision.Candidates, 4, "the winner and three others")
	require.Equal(t, before.Decision.Candidates[:4], after.Decision.Candidates)
	require.Equal(t, before.Decision.Refused, after.Decision.Refused)

	_, err := f.queries.Explain(f.Ctx, &types.QueryExplainRequest{Id: 9})
	require.ErrorIs(t, err, types.ErrNotFound)
}

func TestExplainOfRefusals(t *testing.T) {
	f := newFixture(t)
	f.workers(2)
	msg := f.submission()
	msg.Spec.Requirements.Backends = []registrytypes.Backend{registrytypes.BACKEND_METAL}
	require.NoError(t, f.submitErr(msg))
	msg = f.submission()
	msg.Spec.Requirements.Operators = []string{banktest.Address("worker 1").String()}
	require.NoError(t, f.submitErr(msg))
	msg = f.submission()
	msg.Spec.Requirements.Cell, msg.Spec.Requirements.MaxRoundTripMs = 9, 50
	require.NoError(t, f.submitErr(msg))
	for id, want := range map[uint64]string{1: "wrong backend", 3: "too far"} {
		d := f.explain(id).Decision
		last := d.Candidates[len(d.Candidates)-1]
		require.Equal(t, want, last.Refusal)
		require.Zero(t, last.Score)
		require.Equal(t, want, d.Refused[0].Refusal)
	}
	require.EqualValues(t, 1, f.explain(2).Decision.Visited)
	f.block(1)
	require.Equal(t, banktest.Address("worker 1").String(), f.requireState(2, types.JOB_STATE_ASSIGNED).Worker, "only who is named")
	f.requireState(3, types.JOB_STATE_OPEN)
	require.NoError(t, f.cancelErr(f.customer, 1))
	_, err := f.queries.Explain(f.Ctx, &types.QueryExplainRequest{Id: 1})
	require.ErrorIs(t, err, types.ErrUndecided)
}

// The customer's words about its device are checked at submission, field by field.
func TestBadPlacingIsRefused(t *testing.T) {
	f := newFixture(t)
	operator := banktest.Address("worker 1").String()
	many := make([]string, types.EligibleLimit+1)
	for i := range many {
		many[i] = banktest.Address(string(rune('a' + i))).String()
	}
	before := f.export()
	for says, spoil := range map[string]func(*types.Requirements){
		"requirements.cell is 649: it must be from 1 to 648": func(r *types.Requirements) { r.Cell = 649 },
		"max_round_trip_ms is 60001: at most 60000":          func(r *types.Requirements) { r.Cell, r.MaxRoundTripMs = 1, 60_001 },
		"max_round_trip_ms is given without cell":            func(r *types.Requirements) { r.MaxRoundTripMs = 5 },
		"requirements.tier is 4: it must be from 0 to 3":     func(r *types.Requirements) { r.Tier = 4 },
		"requirements.tier is -1":                            func(r *types.Requirements) { r.Tier = -1 },
		"operators has 65 entries: at most 64":               func(r *types.Requirements) { r.Operators = many },
		"operators has 17 entries: at most 16":               func(r *types.Requirements) { r.Operators = many[:17] },
		"operators[1] is " + operator + ": it comes twice":   func(r *types.Requirements) { r.Operators = []string{operator, operator} },
		"requirements.operators[0]:":                         func(r *types.Requirements) { r.Operators = []string{"assay1x"} },
		"it must be written " + operator:                     func(r *types.Requirements) { r.Operators = []string{string(bytes.ToUpper([]byte(operator)))} },
	} {
		msg := f.submission()
		spoil(&msg.Spec.Requirements)
		err := f.submitErr(msg)
		require.ErrorIs(t, err, types.ErrSpec, says)
		require.ErrorContains(t, err, says)
		require.Equal(t, before, f.export())
	}
}

// A job's price is its device's, times its tier and the demand for the class, and never below half.
func TestTiersAndDemandMakeThePrice(t *testing.T) {
	f := newFixture(t)
	f.worker("worker", 100_000)
	program := testProgram()
	program.Inputs[0].Rows, program.Inputs[0].Cols = 4_000, 1_000
	program.Inputs[1].Rows, program.Inputs[1].Cols = 4_000, 1_000
	f.block(1)
	for tier, want := range map[types.JobTier]int64{
		types.JOB_TIER_ECONOMY: 1_120_000, types.JOB_TIER_STANDARD: 1_600_000, types.JOB_TIER_FAST: 3_200_000, types.JOB_TIER_REALTIME: 4_800_000,
	} {
		quote, err := f.queries.Quote(f.Ctx, &types.QueryQuoteRequest{Program: program, Requirements: types.Requirements{Tier: tier}})
		require.NoError(t, err)
		require.EqualValues(t, want, quote.Choice.Amount.Int64(), tier)
		require.Equal(t, quote.Choice, quote.Price)
		require.Equal(t, f.params().JobTierBps[tier], quote.TierBps)
		require.EqualValues(t, 10_000, quote.DemandBps)
		span := f.Ctx.BlockTime().Unix() / 300
		require.Equal(t, time.Unix((span+2)*300, 0).UTC(), quote.ValidUntil)
		msg := f.submission()
		msg.Spec.Program, msg.Spec.Requirements.Tier, msg.MaxPrice = program, tier, quote.Choice
		require.NoError(t, f.submitErr(msg))
		f.block(1)
	}
	for id := uint64(1); id <= 4; id++ {
		f.explains(f.requireState(id, types.JOB_STATE_ASSIGNED))
	}
}

func (f *fixture) params() types.Params {
	params, err := f.k.Params(f.Ctx)
	require.NoError(f.T, err)
	return params
}

// The time from an assignment to its commitment is learnt, by class of work and of device, and predicts the next.
func TestRunTimesAreLearntAtTheCommitment(t *testing.T) {
	f := newFixture(t)
	f.workers(1)
	first := f.assigned()
	require.EqualValues(t, 2_000, f.explain(first.Id).Decision.Candidates[0].RunMillis, "a guess")
	f.block(7)
	require.NoError(t, f.commitErr(f.commitMsg(first)))
	f.block(1)
	second := f.assigned()
	c := f.explain(second.Id).Decision.Candidates[0]
	require.EqualValues(t, 12_000, c.RunMillis, "the block of 5 s after the assignment, and the one of 7 s")
	require.EqualValues(t, 1, c.Trials)
	state, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Len(t, state.RunTimes, 1)
	require.Equal(t, "/1", state.RunTimes[0].Hardware)

	third := f.submission()
	third.Spec.Assurance = types.ASSURANCE_REVEALED
	require.NoError(t, f.submitErr(third))
	f.block(1)
	require.Zero(t, f.explain(second.Id + 1).Decision.Candidates[0].Trials, "another kind of work")
}

// Memory that no device has is refused at submission; where there is no device at all, the job waits.
func TestImpossibleMemoryIsRefusedWhereItIsKnown(t *testing.T) {
	f := newFixture(t)
	f.workers(1)
	submit := func(mib uint32, classes ...registrytypes.DeviceClass) error {
		msg := f.submission()
		msg.Spec.Requirements.MinMemoryMib, msg.Spec.Requirements.Classes = mib, classes
		return f.do(func(ctx context.Context) error { _, err := f.msgs.SubmitJob(ctx, msg); return err })
	}
	require.ErrorIs(t, submit(98_304), types.ErrUnmeetable)
	require.ErrorContains(t, submit(98_304), "min_memory_mib 98304: no registered class of those asked for has it; the largest has 4096")
	require.NoError(t, submit(4_096))
	require.NoError(t, submit(98_304, registrytypes.DEVICE_CLASS_DATACENTRE), "none is registered yet")
	require.ErrorIs(t, submit(4_097, registrytypes.DEVICE_CLASS_DATACENTRE, registrytypes.DEVICE_CLASS_CPU), types.ErrUnmeetable)
}
