package keeper_test

import (
	"context"
	"fmt"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/market/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
)

// Everything that is refused changes nothing.
func TestAuditsRefuse(t *testing.T) {
	f := newFixture(t)
	f.workers(2)
	submit := func(change func(*types.MsgSubmitJob)) func(context.Context) error {
		msg := f.auditSubmission(1_000)
		change(msg)
		return func(ctx context.Context) error { _, err := f.msgs.SubmitJob(ctx, msg); return err }
	}
	f.refused(types.ErrAudit, submit(func(m *types.MsgSubmitJob) { m.Spec.Audit = nil }))
	f.refused(types.ErrAudit, submit(func(m *types.MsgSubmitJob) { m.Spec.Audit.Bps = 0 }))
	f.refused(types.ErrAudit, submit(func(m *types.MsgSubmitJob) { m.Spec.Audit.Bps = 99 }))
	f.refused(types.ErrAudit, submit(func(m *types.MsgSubmitJob) { m.Spec.Audit.Bps = 10_001 }))
	f.refused(types.ErrAudit, submit(func(m *types.MsgSubmitJob) { m.Spec.Replicas, m.Spec.Agreement = 2, 2 }))
	f.refused(types.ErrAudit, submit(func(m *types.MsgSubmitJob) { m.Spec.Policy = types.VERIFICATION_POLICY_PROOF }))
	f.refused(types.ErrAudit, submit(func(m *types.MsgSubmitJob) {
		m.Spec.Requirements.Operators = []string{banktest.Address("worker 0").String()}
	}))
	f.refused(types.ErrAudit, submit(func(m *types.MsgSubmitJob) { m.Spec.Audit.Excluded = []string{"nobody"} }))
	f.refused(types.ErrAudit, submit(func(m *types.MsgSubmitJob) {
		one := banktest.Address("worker 0").String()
		m.Spec.Audit.Excluded = []string{one, one}
	}))
	f.refused(types.ErrAudit, submit(func(m *types.MsgSubmitJob) {
		for i := range 17 {
			m.Spec.Audit.Excluded = append(m.Spec.Audit.Excluded, banktest.Address(fmt.Sprint(i)).String())
		}
	}))
	f.refused(types.ErrReplicas, submit(func(m *types.MsgSubmitJob) { m.Spec.Assurance = types.ASSURANCE_FULL }))
	f.refused(types.ErrPrice, submit(func(m *types.MsgSubmitJob) { m.MaxPrice.Amount = math.NewInt(2*price - 1) }))

	id := f.submitAudit(always)
	f.block(1)
	f.play(id, nil)
	job := f.requireState(id, types.JOB_STATE_AUDITABLE)
	lead := f.round(id).Replicas[0].Worker
	reveal := f.revealMsg(job, lead, resultBlob)
	f.refused(types.ErrState, func(ctx context.Context) error { _, err := f.msgs.RevealResult(ctx, reveal); return err })
	commit := &types.MsgCommitResult{Worker: lead, JobId: id, Attempt: 1, Commitment: hashOf("another")}
	f.refused(types.ErrState, func(ctx context.Context) error { _, err := f.msgs.CommitResult(ctx, commit); return err })
	f.refused(types.ErrState, func(ctx context.Context) error { return f.k.CancelJob(ctx.(sdk.Context), f.customer, id) })
}

// The operator that has the job locks more the less often it is audited; its auditor what anybody locks. A late commitment takes no time from
// the auditor, and the price of both is what is paid.
func TestAuditsLockAndWait(t *testing.T) {
	f := newFixture(t)
	f.workers(3)
	for bps, want := range map[uint32]int64{10_000: 2 * price, 5_000: 12 * price, 1_000: 92 * price} {
		id := f.submitAudit(bps)
		f.block(1)
		lead := f.round(id).Replicas[0]
		require.Equal(t, want, lead.Exposure.Int64(), "%d basis points", bps)
	}
	msg := f.auditSubmission(always)
	msg.Deadline = f.Ctx.BlockTime().Add(61e9)
	require.NoError(t, f.submitErr(msg))
	f.block(59)
	f.play(4, nil)
	f.block(5)
	f.play(4, nil)
	f.block(1)
	job := f.requireState(4, types.JOB_STATE_REPLICATING)
	record := f.round(4)
	require.Len(t, record.Replicas, 2)
	require.EqualValues(t, 2*price, record.Replicas[1].Exposure.Int64())
	require.EqualValues(t, 2*price, job.Price.Int64())
	now, err := f.k.Now(f.Ctx)
	require.NoError(t, err)
	require.Greater(t, job.Due, job.DeadlineActive)
	require.Greater(t, job.Due-now, uint64(55_000))
}

// Who audits is neither who has the job, nor its customer, nor one that is excluded or named no eligible one, nor came after the round was fixed.
func TestWhoMayAudit(t *testing.T) {
	f := newFixture(t)
	workers := f.workers(6)
	seen := map[string]int{}
	auditor := func(change func(*types.MsgSubmitJob), late func()) string {
		msg := f.auditSubmission(always)
		change(msg)
		require.NoError(t, f.submitErr(msg))
		state, err := f.k.ExportGenesis(f.Ctx)
		require.NoError(t, err)
		id := state.NextJobId - 1
		f.block(1)
		f.play(id, nil)
		late()
		f.block(5)
		f.play(id, nil)
		f.block(1)
		defer f.playAudit(id, nil)
		record := f.round(id)
		if len(record.Replicas) < 2 {
			return ""
		}
		require.NotEqual(t, record.Replicas[0].Worker, record.Replicas[1].Worker)
		return record.Replicas[1].Worker
	}
	for range 8 {
		seen[auditor(func(*types.MsgSubmitJob) {}, func() {})]++
	}
	require.Greater(t, len(seen), 2, "chance draws: %v", seen)
	require.Zero(t, seen[""])
	named := []string{workers[0].String(), workers[1].String()}
	for range 2 {
		require.Contains(t, named, auditor(func(m *types.MsgSubmitJob) { m.Spec.Requirements.Operators = named }, func() {}))
	}
	excluded := []string{}
	for _, worker := range workers[:5] {
		excluded = append(excluded, worker.String())
	}
	require.Contains(t, []string{"", workers[5].String()}, auditor(func(m *types.MsgSubmitJob) { m.Spec.Audit.Excluded = excluded }, func() {}))
	// An operator may be a customer: it doesn't audit its own job.
	for _, worker := range workers[1:] {
		require.NoError(t, f.registry.Suspend(f.Ctx, worker))
	}
	own := f.operator("customer's", 100*assay)
	f.device(own, "customer's", 1_000_000, 4)
	f.Mint(own, sdk.NewInt64Coin("uassay", assay))
	f.supply = f.supply.AddRaw(assay)
	require.Empty(t, auditor(func(m *types.MsgSubmitJob) {
		m.Customer, m.Spec.Audit.Excluded = own.String(), []string{}
		m.Spec.Requirements.Operators = []string{workers[0].String(), own.String()}
	}, func() {}))
	require.NoError(t, f.registry.Suspend(f.Ctx, own))
	require.Empty(t, auditor(func(*types.MsgSubmitJob) {}, func() { f.worker("late", 1_000_000) }))
}

// Whoever of the two is false, who stood against it gets a reporter's share, and nobody else.
func TestAnAuditPaysWhoFindsAFalseResult(t *testing.T) {
	for _, c := range []struct {
		name    string
		parts   []part
		finds   int
		offence int64
	}{
		{"the auditor finds the worker", []part{liar}, 1, 2_000},
		{"the auditor finds a worker that is silent", []part{liar.until(revealing)}, 1, 2_000},
		{"the worker finds the auditor", []part{honest, liar}, 0, 2_000},
		{"the worker finds an auditor that proves nothing", []part{honest, {blob: changed(5)}}, 0, 2_000},
		{"nobody finds an auditor that is late", []part{honest, honest.until(replicating)}, -1, 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			f.workers(2)
			id := f.submitAudit(always)
			f.block(1)
			f.playAudit(id, c.parts)
			record := f.round(id)
			f.finishLead(id)
			f.Advance(penaltytypes.DefaultParams().AppealWindow())
			f.block(1)
			for i, replica := range record.Replicas {
				share := int64(0)
				if i == c.finds {
					share = 100 * assay * c.offence / 10_000 * int64(penaltytypes.DefaultParams().ReporterBps) / 10_000
				}
				require.Equal(t, share, f.Balance(sdk.MustAccAddressFromBech32(replica.Worker)).Int64(), "operator %d", i)
			}
		})
	}
}

// Whatever the other one does, who computes an audited job and answers for it loses nothing and is paid, and who does anything else loses.
func TestHonestAuditsArePaidAndOthersLose(t *testing.T) {
	rounds := 10
	if *lives >= coveringLives {
		rounds = 300
	}
	strategies := []struct {
		name string
		part part
	}{
		{"copies", part{blob: resultBlob, copies: true}}, {"lies", liar}, {"lies, proves nothing", part{blob: changed(5)}},
		{"never commits", honest.until(replicating)}, {"never reveals", honest.until(revealing)}, {"lies, never reveals", liar.until(revealing)},
		{"lies, shows nothing", liar.until(diverged)}, {"lies, stands for nothing", liar.until(standing)},
	}
	for seed := range rounds {
		f := newFixture(t)
		r := rand.New(rand.NewSource(int64(seed)))
		f.workers(2)
		before := map[string]math.Int{}
		for i := range 2 {
			worker := banktest.Address(fmt.Sprintf("worker %d", i)).String()
			before[worker] = f.wealth(worker)
		}
		id := f.submitAudit(always)
		f.block(1)
		false_ := r.Intn(2)
		strategy := strategies[r.Intn(len(strategies))]
		if false_ == 0 && strategy.part.copies {
			strategy = strategies[1] // There is nothing that the first one could copy.
		}
		parts := []part{honest, honest}
		parts[false_] = strategy.part
		f.playAudit(id, parts)
		members := f.round(id).Replicas
		f.endAlone(id)
		require.Equal(t, types.CLOSE_REASON_SETTLED, f.job(id).CloseReason, "seed %d: %d %s", seed, false_, strategy.name)
		for _, member := range members {
			gain := f.wealth(member.Worker).Sub(before[member.Worker]).Int64()
			if member.Failure == types.FAILURE_REASON_UNSPECIFIED {
				require.EqualValues(t, price-price*3/100, gain, "seed %d: honest beside %s", seed, strategy.name)
			} else {
				require.Negative(t, gain, "seed %d: %s", seed, strategy.name)
			}
		}
		require.Zero(t, assay-f.job(id).Refunded.Int64()-f.job(id).Paid.Int64())
	}
}

// The price of a job that may be audited is that of two operators, and those who lack the bond behind it are no offer.
func TestQuoteOfAnAudit(t *testing.T) {
	f := newFixture(t)
	f.workers(2)
	ask := func(bps, replicas uint32) (*types.QueryQuoteResponse, error) {
		return f.queries.Quote(f.Ctx, &types.QueryQuoteRequest{Program: testProgram(), AuditBps: bps, Replicas: replicas})
	}
	quote, err := ask(2_000, 0)
	require.NoError(t, err)
	require.EqualValues(t, 2*price, quote.Price.Amount.Int64())
	require.Nil(t, quote.Promise)
	_, err = ask(10_001, 0)
	require.ErrorIs(t, err, types.ErrQuery)
	_, err = ask(2_000, 2)
	require.ErrorIs(t, err, types.ErrQuery)
}
