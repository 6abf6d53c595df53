package keeper_test

import (
	"context"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/market/audits"
	"github.com/assaychain/assay/x/market/keeper"
	"github.com/assaychain/assay/x/market/types"
)

// auditSubmission is a job that is audited with a probability in basis points.
func (f *fixture) auditSubmission(bps uint32) *types.MsgSubmitJob {
	msg := f.replicaSubmission(0, 0)
	msg.Spec.Policy, msg.Spec.Audit = types.VERIFICATION_POLICY_AUDIT, &types.AuditTerms{Bps: bps}
	return msg
}

func (f *fixture) submitAudit(bps uint32) uint64 {
	f.T.Helper()
	var id uint64
	require.NoError(f.T, f.do(func(ctx context.Context) error {
		response, err := f.msgs.SubmitJob(ctx, f.auditSubmission(bps))
		if err == nil {
			id = response.JobId
		}
		return err
	}))
	return id
}

// audited is a path of a job that is audited with a probability: who has it and its auditors do their parts in the order in which they come.
func audited(bps uint32, list []part, then func(f *fixture, id uint64)) func(f *fixture) uint64 {
	return func(f *fixture) uint64 {
		id := f.submitAudit(bps)
		f.block(1)
		f.requireState(id, types.JOB_STATE_REPLICATING)
		f.playAudit(id, list)
		then(f, id)
		return id
	}
}

// playAudit is playOut for operators of whom not all are known at the beginning.
func (f *fixture) playAudit(id uint64, list []part) {
	f.T.Helper()
	for range 60 {
		if !f.job(id).State.Lifecycle().IsReplicated() {
			return
		}
		f.play(id, f.parts(id, list...))
		f.block(10)
	}
	require.Fail(f.T, "still playing", "%+v", f.round(id))
}

// onlyLead suspends all that don't have a job.
func (f *fixture) onlyLead(id uint64) {
	f.T.Helper()
	for i := range 4 {
		if operator := banktest.Address("worker " + string(rune('0'+i))); f.roundOf(f.job(id), operator.String()) < 0 {
			require.NoError(f.T, f.registry.Suspend(f.Ctx, operator))
		}
	}
}

const always, hardly = audits.Bps, 100

// auditPaths are whole lives of jobs that are audited, or not. Four operators are there.
func auditPaths() []path {
	settled, expired := types.CLOSE_REASON_SETTLED, types.CLOSE_REASON_EXPIRED
	silent := honest.until(replicating)
	return []path{
		{"not audited", audited(hardly, nil, settle), settled, price, 0, 0, false, 0},
		{"audited, equal", audited(always, nil, settle), settled, 2 * price, 0, 0, false, 0},
		{"audited, the worker is false", audited(always, []part{liar}, (*fixture).finishLead), settled, price, 2_000, 0, false, 0},
		{"audited, the worker shows nothing", audited(always, []part{liar.until(diverged)}, (*fixture).finishLead), settled, price, 2_000, 0, false, 0},
		{"audited, the worker reveals nothing", audited(always, []part{liar.until(revealing)}, (*fixture).finishLead), settled, price, 2_000, 0, false, 0},
		{"audited, the auditor is false", audited(always, []part{honest, liar}, (*fixture).finishLead), settled, price, 2_000, 0, false, 0},
		{"audited, the auditor reveals nothing", audited(always, []part{honest, honest.until(revealing)}, (*fixture).finishLead), settled, price, 2_000, 0, false, 0},
		{"the first auditor says nothing", audited(always, []part{honest, silent}, settle), settled, 2 * price, 100, 0, false, 0},
		{"no auditor says anything", audited(always, []part{honest, silent, silent, silent}, (*fixture).finishLead), settled, price, 100, 0, false, 0},
		{"nobody can audit", func(f *fixture) uint64 {
			id := f.submitAudit(always)
			f.block(1)
			f.onlyLead(id)
			f.playAudit(id, nil)
			f.finishLead(id)
			return id
		}, settled, price, 0, 0, false, 0},
		{"nobody can audit, and the worker proves nothing", func(f *fixture) uint64 {
			id := f.submitAudit(always)
			f.block(1)
			f.onlyLead(id)
			f.playAudit(id, []part{liar})
			f.sampleLead(id)
			f.wait(76)
			expire(f, id)
			return id
		}, expired, 0, 2_000, 0, false, 0},
		{"nobody can audit, and the worker proves something else", func(f *fixture) uint64 {
			id := f.submitAudit(always)
			f.block(1)
			f.onlyLead(id)
			f.playAudit(id, nil)
			f.sampleLead(id)
			msg := f.proveMsg(f.job(id), 0)
			msg.Proofs[0] = make([]byte, proofSize)
			require.NoError(f.T, f.proveErr(msg))
			f.block(1)
			expire(f, id)
			return id
		}, expired, 0, 2_000, 0, false, 0},
		{"the worker commits nothing, another one has it", audited(hardly, []part{silent}, settle), settled, price, 100, 0, false, 0},
		{"nobody commits", func(f *fixture) uint64 {
			id := f.submitAudit(always)
			f.block(1)
			for range 14 {
				f.wait(60)
			}
			return id
		}, expired, 0, 100, 0, false, 0},
		{"not audited, disputed, convicted", audited(hardly, []part{liar}, func(f *fixture, id uint64) {
			job := f.requireState(id, types.JOB_STATE_PROVEN)
			require.NoError(f.T, f.disputeErr(f.disputeMsg(job)))
			f.convict(f.job(id))
			f.requireState(id, replicating)
			f.playAudit(id, nil)
			settle(f, id)
		}), settled, price, 2_000, 0, true, 0},
		{"the beacon is replaced before the draw", func(f *fixture) uint64 {
			id := f.submitAudit(always)
			f.block(1)
			f.play(id, nil)
			f.requireState(id, types.JOB_STATE_AUDITABLE)
			f.block(5)
			f.replaceBeacon()
			f.wait(keeper.RecheckSeconds)
			require.EqualValues(f.T, 1, f.requireState(id, types.JOB_STATE_AUDITABLE).Generation)
			f.block(5)
			f.playAudit(id, nil)
			settle(f, id)
			return id
		}, settled, 2 * price, 0, 0, false, 0},
	}
}

// auditsInEveryState has jobs before, in and after the draw, one of which has an auditor. The lanes of others may be taken.
func (f *fixture) auditsInEveryState() {
	f.T.Helper()
	for _, name := range []string{"auditor 0", "auditor 1", "auditor 2"} {
		operator := f.worker(name, 1_000_000)
		defer func() { require.NoError(f.T, f.registry.Suspend(f.Ctx, operator)) }()
	}
	f.block(1)
	audited := f.submitAudit(always)
	f.submitAudit(hardly)
	f.block(1)
	f.play(audited, nil)
	f.block(5)
	f.play(audited, nil)
	f.block(1)
	require.EqualValues(f.T, 1, f.round(audited).Audit.Draws)
	waiting := f.submitAudit(always)
	f.block(1)
	f.play(waiting, nil)
	f.requireState(waiting, types.JOB_STATE_AUDITABLE)
}
