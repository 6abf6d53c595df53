package keeper_test

import (
	"errors"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/market/keeper"
	"github.com/assaychain/assay/x/market/types"
)

// played is a path of n operators, of whom m must agree: they do their parts, and what follows is done once none of their states is left.
func played(n, m uint32, list []part, then func(f *fixture, id uint64)) func(f *fixture) uint64 {
	return func(f *fixture) uint64 {
		id := f.replicating(n, m).Id
		f.playOut(id, f.parts(id, list...))
		then(f, id)
		return id
	}
}

// lone is a path of the only operators that are left.
func lone(n, m uint32, list []part, then func(f *fixture, id uint64)) func(f *fixture) uint64 {
	return func(f *fixture) uint64 {
		id := f.replicating(n, m).Id
		for i := range 4 {
			if operator := banktest.Address("worker " + string(rune('0'+i))); f.roundOf(f.job(id), operator.String()) < 0 {
				require.NoError(f.T, f.registry.Suspend(f.Ctx, operator))
			}
		}
		f.playOut(id, f.parts(id, list...))
		then(f, id)
		return id
	}
}

func settle(f *fixture, id uint64) {
	f.requireState(id, types.JOB_STATE_PROVEN)
	f.wait(101)
}

// expire lets a job's time pass.
func expire(f *fixture, id uint64) {
	f.requireState(id, types.JOB_STATE_OPEN)
	f.wait(900)
}

const (
	replicating = types.JOB_STATE_REPLICATING
	revealing   = types.JOB_STATE_REVEALING
	diverged    = types.JOB_STATE_DIVERGED
	standing    = types.JOB_STATE_STANDING
)

// replicaPaths are whole lives of jobs that several operators compute. Four operators are there, and an offence is of all that commit
// one: 1% for no commitment, 20% for no reveal or a difference that is lost; of several offences it is what divides them.
func replicaPaths() []path {
	settled, expired := types.CLOSE_REASON_SETTLED, types.CLOSE_REASON_EXPIRED
	return []path{
		{"replicas agree", played(3, 2, nil, settle), settled, 3 * price, 0, 0, false, 0},
		{"a replica is replaced", played(3, 3, []part{honest.until(replicating)}, settle), settled, 3 * price, 100, 0, false, 0},
		{"no replica commits", func(f *fixture) uint64 {
			id := f.replicating(2, 2).Id
			for range 2 {
				f.wait(61)
			}
			expire(f, id)
			return id
		}, expired, 0, 100, 0, false, 0},
		{"no replica reveals", func(f *fixture) uint64 {
			id := f.replicating(3, 2).Id
			f.play(id, nil)
			f.wait(41)
			expire(f, id)
			return id
		}, expired, 0, 2_000, 0, false, 0},
		{"too few reveal, proven alone", played(3, 3, []part{honest, honest.until(revealing)}, (*fixture).finishLead),
			settled, 2 * price, 2_000, 0, false, 0},
		{"a false replica is convicted by its proof", played(3, 2, []part{honest, liar}, settle), settled, 2 * price, 2_000, 0, false, 0},
		{"two false replicas against one", played(3, 2, []part{liar, honest, liar}, (*fixture).finishLead),
			settled, price, 2_000, 0, false, 0},
		{"a false replica shows nothing", played(3, 2, []part{honest, liar.until(diverged)}, settle), settled, 2 * price, 2_000, 0, false, 0},
		{"one false of two shows nothing", played(2, 2, []part{liar.until(diverged)}, (*fixture).finishLead),
			settled, price, 2_000, 0, false, 0},
		{"neither side shows anything", lone(2, 2, []part{liar.until(diverged), honest.until(diverged)}, expire),
			expired, 0, 2_000, 0, false, 0},
		{"nobody proves its entry", lone(2, 2, []part{liar.until(standing), honest.until(standing)}, expire),
			expired, 0, 2_000, 0, false, 0},
		{"one proof comes, of two", played(2, 2, []part{honest, liar.until(standing)}, (*fixture).finishLead),
			settled, price, 2_000, 0, false, 0},
		{"both are wrong", lone(2, 2, []part{liar, {blob: changed(5 - 3), forges: true}}, func(f *fixture, id uint64) {
			// The first difference is in the row that the first one has right: the second one is out, the first one stands alone and can
			// prove what is drawn of it or not.
			f.sampleLead(id)
			f.wait(76)
			expire(f, id)
		}), expired, 0, 500, 0, false, 0},
		{"both are wrong in one entry", lone(2, 2, []part{liar, {blob: twice(5), forges: true}}, expire), expired, 0, 2_000, 0, false, 0},
		{"three results, two differences", played(3, 2, []part{honest, {blob: changed(0), forges: true}, liar}, (*fixture).finishLead),
			settled, price, 2_000, 0, false, 0},
		{"three results, one silent", played(3, 2, []part{honest, {blob: changed(0), silent: diverged}, liar}, (*fixture).finishLead),
			settled, price, 2_000, 0, false, 0},
		{"the chain can't judge", func(f *fixture) uint64 {
			job := f.replicating(2, 2)
			parts := f.parts(job.Id, honest, liar)
			for f.job(job.Id).State != types.JOB_STATE_JUDGING {
				f.play(job.Id, parts)
				if f.job(job.Id).State != types.JOB_STATE_JUDGING {
					f.block(1)
				}
			}
			f.proofs.broken, f.faults.name = errors.New("verifier broken"), "silence is not asked for"
			for range keeper.MaxDeferrals + 1 {
				f.block(31)
			}
			require.Equal(f.T, types.FAILURE_REASON_UNVERIFIABLE, f.job(job.Id).LastFailure)
			f.proofs.broken, f.faults.name, f.errors.lines = nil, "", nil
			f.requireState(job.Id, replicating)
			f.playOut(job.Id, nil)
			settle(f, job.Id)
			return job.Id
		}, settled, 2 * price, 0, 0, false, 0},
	}
}

// passedPaths are those on which the operator that answers for a result fails, and another one with the same result answers.
func passedPaths() []path {
	settled := types.CLOSE_REASON_SETTLED
	alone := []part{honest, honest, honest.until(revealing)}
	return []path{
		{"alone, proof late, passed on", played(3, 3, alone, func(f *fixture, id uint64) {
			f.sampleLead(id)
			f.wait(76)
			f.finishLead(id)
		}), settled, price, 500, 0, false, 0},
		{"alone, proof invalid, passed on", played(3, 3, alone, func(f *fixture, id uint64) {
			f.sampleLead(id)
			msg := f.proveMsg(f.job(id), 0)
			msg.Proofs[0] = make([]byte, proofSize)
			require.NoError(f.T, f.proveErr(msg))
			f.block(1)
			f.finishLead(id)
		}), settled, price, 500, 0, false, 0},
		{"disputed, not answered, passed on", played(2, 2, nil, func(f *fixture, id uint64) {
			require.NoError(f.T, f.disputeErr(f.disputeMsg(f.job(id))))
			f.wait(21)
			require.NoError(f.T, f.answerErr(f.answerMsg(f.requireState(id, types.JOB_STATE_DISPUTED), 0)))
			f.block(1)
			settle(f, id)
		}), settled, price, 2_000, bond, true, 0},
		{"disputed, answer invalid, passed on", played(2, 2, nil, func(f *fixture, id uint64) {
			require.NoError(f.T, f.disputeErr(f.disputeMsg(f.job(id))))
			f.convict(f.job(id))
			require.NoError(f.T, f.answerErr(f.answerMsg(f.requireState(id, types.JOB_STATE_DISPUTED), 0)))
			f.block(1)
			settle(f, id)
		}), settled, price, 2_000, bond, true, 0},
		{"not delivered, passed on", played(2, 2, nil, func(f *fixture, id uint64) {
			require.NoError(f.T, f.claimErr(f.customer, id))
			f.block(51)
			f.block(1)
			job := f.requireState(id, types.JOB_STATE_CLAIMED)
			require.NoError(f.T, f.deliverErr(job.Worker, id, f.seal(resultBlob)))
			f.block(51)
		}), settled, price + claimFee, 500, 0, false, 0},
		{"delivered falsely, passed on", played(2, 2, nil, func(f *fixture, id uint64) {
			require.NoError(f.T, f.claimErr(f.customer, id))
			require.NoError(f.T, f.deliverErr(f.job(id).Worker, id, f.seal(otherBlob)))
			genuine, err := f.contest(id, deliverySecret[:])
			require.NoError(f.T, err)
			require.False(f.T, genuine)
			job := f.requireState(id, types.JOB_STATE_CLAIMED)
			require.NoError(f.T, f.deliverErr(job.Worker, id, f.sealTo(nextKey[:], resultBlob)))
			genuine, err = f.contest(id, nextSecret[:])
			require.NoError(f.T, err)
			require.True(f.T, genuine)
		}), settled, price + claimFee, 1_000, 0, false, 0},
		{"nobody of them delivers", played(2, 2, nil, func(f *fixture, id uint64) {
			require.NoError(f.T, f.claimErr(f.customer, id))
			f.wait(51)
			f.wait(51)
		}), types.CLOSE_REASON_UNDELIVERED, 0, 500, 0, false, 0},
		{"delivered, disputed, passed on, settled", played(2, 2, nil, func(f *fixture, id uint64) {
			require.NoError(f.T, f.claimErr(f.customer, id))
			require.NoError(f.T, f.deliverErr(f.job(id).Worker, id, f.seal(otherBlob)))
			require.NoError(f.T, f.disputeErr(f.disputeMsg(f.job(id))))
			f.wait(21)
			job := f.requireState(id, types.JOB_STATE_DISPUTED)
			require.Equal(f.T, types.JOB_STATE_PROVEN, job.Dispute.Resumes, "what its predecessor delivered is not its own")
			require.NoError(f.T, f.answerErr(f.answerMsg(job, 0)))
			f.block(1)
			settle(f, id)
		}), settled, price, 2_000, bond, true, 0},
	}
}

// twice is the right result but for one entry, wrong by two.
func twice(at int) []byte {
	blob := changed(at)
	blob[at]++
	return blob
}
