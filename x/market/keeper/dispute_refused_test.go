package keeper_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/market/types"
)

// name of the worker that has a job.
func (f *fixture) nameOf(job types.Job) string {
	for _, name := range []string{"worker 0", "worker 1", "worker 2", "worker 3"} {
		if banktest.Address(name).String() == job.Worker {
			return name
		}
	}
	f.T.Fatalf("nobody has job %d", job.Id)
	return ""
}

func TestDisputesThatAreRefused(t *testing.T) {
	f := newFixture(t)
	f.workers(2)
	job := f.proven()
	drawn, err := f.traceOf(job).Positions()
	require.NoError(t, err)
	poor := banktest.Address("poor")
	for name, c := range map[string]struct {
		spoil func(*types.MsgDisputeResult)
		want  error
	}{
		"no address":           {func(m *types.MsgDisputeResult) { m.Challenger = "" }, types.ErrAddress},
		"no such job":          {func(m *types.MsgDisputeResult) { m.JobId = 99 }, types.ErrNotFound},
		"earlier attempt":      {func(m *types.MsgDisputeResult) { m.Attempt = 0 }, types.ErrAttempt},
		"later attempt":        {func(m *types.MsgDisputeResult) { m.Attempt = 2 }, types.ErrAttempt},
		"no such step":         {func(m *types.MsgDisputeResult) { m.Entry.Step = 1 }, types.ErrEntry},
		"no such row":          {func(m *types.MsgDisputeResult) { m.Entry.Row = 2 }, types.ErrEntry},
		"no such column":       {func(m *types.MsgDisputeResult) { m.Entry.Col = 1 << 31 }, types.ErrEntry},
		"a drawn entry":        {func(m *types.MsgDisputeResult) { m.Entry = types.EntryAt(drawn[1]) }, types.ErrEntry},
		"the worker itself":    {func(m *types.MsgDisputeResult) { m.Challenger = job.Worker }, types.ErrOwnResult},
		"who is paid for it":   {func(m *types.MsgDisputeResult) { m.Challenger = payout(f.nameOf(job)).String() }, types.ErrOwnResult},
		"too little":           {func(m *types.MsgDisputeResult) { m.MaxBond.Amount = math.NewInt(bond - 1) }, types.ErrBond},
		"another denomination": {func(m *types.MsgDisputeResult) { m.MaxBond.Denom = "uatom" }, types.ErrBond},
		"a negative bond":      {func(m *types.MsgDisputeResult) { m.MaxBond.Amount = math.NewInt(-1) }, types.ErrBond},
	} {
		msg := f.disputeMsg(job)
		c.spoil(msg)
		f.refused(c.want, func(ctx context.Context) error { _, err := f.msgs.DisputeResult(ctx, msg); return err })
		require.True(t, f.ModuleBalance("escrow").Equal(math.NewInt(assay)), name)
	}
	msg := f.disputeMsg(job)
	msg.Challenger = poor.String()
	require.Error(t, f.disputeErr(msg), "without the money")
	require.NoError(t, f.disputeErr(f.disputeMsg(job)))
	f.refused(types.ErrState, func(ctx context.Context) error {
		second := f.disputeMsg(f.job(job.Id))
		_, err := f.msgs.DisputeResult(ctx, second)
		return err
	})
	f.refused(types.ErrState, func(ctx context.Context) error {
		_, err := f.msgs.ClaimUndelivered(ctx, &types.MsgClaimUndelivered{Customer: f.customer.String(), JobId: job.Id})
		return err
	})
	f.block(1)
}

// Only proven and delivered results can be disputed, and not after their time.
func TestOnlyWhatIsProvenCanBeDisputed(t *testing.T) {
	for name, walk := range map[string]func(*fixture) types.Job{
		"assigned": (*fixture).assigned, "committed": (*fixture).committed, "sampled": (*fixture).sampled, "claimed": (*fixture).claimed,
	} {
		f := newFixture(t)
		f.workers(2)
		job := walk(f)
		msg := &types.MsgDisputeResult{Challenger: f.watcher().String(), JobId: job.Id, Attempt: job.Attempt, MaxBond: sdk.NewInt64Coin("uassay", assay)}
		require.ErrorIs(t, f.disputeErr(msg), types.ErrState, name)
	}
	f := newFixture(t)
	f.workers(2)
	job := f.proven()
	msg := f.disputeMsg(job)
	f.block(60)
	f.block(30)
	f.Advance(10 * time.Second)
	require.ErrorIs(t, f.disputeErr(msg), types.ErrLate)
}

func TestLevelsThatProveEverythingAreNotDisputed(t *testing.T) {
	f := newFixture(t)
	f.workers(2)
	f.level = types.ASSURANCE_FULL
	job := f.proven()
	require.ErrorIs(t, f.disputeErr(f.disputeMsg(job)), types.ErrUndisputable)
	terms, err := f.queries.DisputeTerms(f.Ctx, &types.QueryDisputeTermsRequest{Id: job.Id})
	require.NoError(t, err)
	require.Contains(t, terms.Obstacle, "entries at the level full are not proven one by one")
	f.level = types.ASSURANCE_SAMPLED
	job = f.proven()
	terms, err = f.queries.DisputeTerms(f.Ctx, &types.QueryDisputeTermsRequest{Id: job.Id})
	require.NoError(t, err)
	require.Equal(t, &types.QueryDisputeTermsResponse{Bond: sdk.NewInt64Coin("uassay", bond), Left: 5}, terms)
}

func TestAnswersToDisputesThatAreRefused(t *testing.T) {
	f := newFixture(t)
	f.workers(2)
	job := f.disputed()
	for name, c := range map[string]struct {
		spoil func(*types.MsgAnswerDispute)
		want  error
	}{
		"a stranger":      {func(m *types.MsgAnswerDispute) { m.Worker = f.customer.String() }, types.ErrNotWorker},
		"no such job":     {func(m *types.MsgAnswerDispute) { m.JobId = 99 }, types.ErrNotFound},
		"another attempt": {func(m *types.MsgAnswerDispute) { m.Attempt = 2 }, types.ErrAttempt},
		"another dispute": {func(m *types.MsgAnswerDispute) { m.Number = 2 }, types.ErrAnswer},
		"no proof":        {func(m *types.MsgAnswerDispute) { m.Proof = nil }, types.ErrAnswer},
		"a short proof":   {func(m *types.MsgAnswerDispute) { m.Proof = m.Proof[1:] }, types.ErrAnswer},
		"a long proof":    {func(m *types.MsgAnswerDispute) { m.Proof = append(m.Proof, 0) }, types.ErrAnswer},
		"a huge proof":    {func(m *types.MsgAnswerDispute) { m.Proof = make([]byte, types.AnswerBytesLimit+1) }, types.ErrAnswer},
	} {
		msg := f.answerMsg(job, 0)
		c.spoil(msg)
		f.refused(c.want, func(ctx context.Context) error { _, err := f.msgs.AnswerDispute(ctx, msg); return err })
		require.Equal(t, types.JOB_STATE_DISPUTED, f.job(job.Id).State, name)
	}
	late := f.answerMsg(job, 0)
	f.Advance(21 * time.Second)
	require.ErrorIs(t, f.answerErr(late), types.ErrLate)
	f.Advance(-21 * time.Second)
	require.NoError(t, f.answerErr(f.answerMsg(job, 0)), "the honest worker is unharmed")
	require.ErrorIs(t, f.answerErr(f.answerMsg(job, 1)), types.ErrState, "once")
	f.block(1)
	require.ErrorIs(t, f.answerErr(late), types.ErrState)
	require.True(t, f.slashed(job.Worker).IsZero())
}
