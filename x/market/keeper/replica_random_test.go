package keeper_test

import (
	"context"
	"fmt"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/market/types"
)

// replicas has every operator of a job do its part, or something else.
func (c crowd) replicas(job types.Job) {
	parts := map[string]part{}
	for _, replica := range c.f.round(job.Id).Replicas {
		if c.chance(20) && job.State == types.JOB_STATE_REPLICATING {
			try(func() error {
				as := job
				as.Worker = replica.Worker
				return c.f.reportErr(as, 0)
			})
		}
		parts[replica.Worker] = c.part(replica.Worker, job.Id)
		if c.chance(6) {
			parts[replica.Worker] = parts[replica.Worker].until(job.State)
		}
	}
	c.f.play(job.Id, parts)
}

// part is what an operator computes of a job: the same whenever it is asked.
func (c crowd) part(worker string, id uint64) part {
	switch hashOf(fmt.Sprint(worker, id))[0] % 8 {
	case 0:
		return liar
	case 1:
		return part{blob: changed(int(id % 6)), forges: id%2 == 0}
	case 2:
		return part{blob: resultBlob, copies: true}
	}
	return honest
}

// Whatever the others do, who computes a job and answers for it loses nothing and is paid, and who does anything else loses.
func TestHonestReplicasArePaidAndOthersLose(t *testing.T) {
	rounds := 12
	if *lives >= coveringLives {
		rounds = 500
	}
	strategies := map[string]part{
		"honest": honest, "copies": {blob: resultBlob, copies: true}, "lies": liar, "lies otherwise": {blob: changed(1), forges: true},
		"lies twice": {blob: twice(5), forges: true}, "lies, proves nothing": {blob: changed(5)},
		"never commits": honest.until(types.JOB_STATE_REPLICATING), "never reveals": honest.until(types.JOB_STATE_REVEALING),
		"shows nothing": honest.until(types.JOB_STATE_DIVERGED), "lies, shows nothing": liar.until(types.JOB_STATE_DIVERGED),
	}
	names := []string{
		"copies", "lies", "lies otherwise", "lies twice", "lies, proves nothing", "never commits", "never reveals", "shows nothing", "lies, shows nothing",
	}
	for seed := range rounds {
		f := newFixture(t)
		r := rand.New(rand.NewSource(int64(seed)))
		n := uint32(2 + r.Intn(4))
		f.workers(int(n))
		before := map[string]math.Int{}
		for i := range int(n) {
			worker := banktest.Address(fmt.Sprintf("worker %d", i)).String()
			before[worker] = f.wealth(worker)
		}
		id := f.replicating(n, 2+uint32(r.Intn(int(n)-1))).Id
		list, told := []part{honest}, []string{"honest"}
		for range n - 1 {
			name := append(names, "honest")[r.Intn(len(names)+1)]
			list, told = append(list, strategies[name]), append(told, name)
		}
		r.Shuffle(len(list), func(i, j int) { list[i], list[j], told[i], told[j] = list[j], list[i], told[j], told[i] })
		members := f.round(id).Replicas
		f.playOut(id, f.parts(id, list...))
		f.endAlone(id)
		require.Equal(t, types.CLOSE_REASON_SETTLED, f.job(id).CloseReason, "seed %d: %v", seed, told)
		differs := f.seen.covered["REVEALING diverge"]+f.seen.covered["DIVERGED diverge"] > 0
		for i, member := range members {
			gain := f.wealth(member.Worker).Sub(before[member.Worker]).Int64()
			switch told[i] {
			case "honest":
				require.EqualValues(t, price-price*3/100, gain, "seed %d: honest %d of %v", seed, i, told)
			case "shows nothing":
				// It is honest where nothing has to be shown, or another with its result shows it. It proves nothing then.
				require.True(t, gain < 0 || !differs || gain == price-price*3/100, "seed %d: %d of %v gains %d", seed, i, told, gain)
			default:
				require.Negative(t, gain, "seed %d: %s, %d of %v", seed, told[i], i, told)
			}
		}
		require.Zero(t, assay-f.job(id).Refunded.Int64()-f.job(id).Paid.Int64())
	}
}

// endAlone takes a job that several operators have computed to its end, with a truthful lead.
func (f *fixture) endAlone(id uint64) {
	f.T.Helper()
	for range 40 {
		job := f.job(id)
		switch job.State {
		case types.JOB_STATE_CLOSED:
			return
		case types.JOB_STATE_COMMITTED:
			try(func() error { f.post(job.Round); return nil })
		case types.JOB_STATE_SAMPLED:
			try(func() error { return f.proveErr(f.proveMsg(job, 0)) })
		}
		f.block(20)
	}
}

// Everything that is refused changes nothing.
func TestReplicasRefuse(t *testing.T) {
	f := newFixture(t)
	f.workers(4)
	submit := func(change func(*types.MsgSubmitJob)) func(context.Context) error {
		msg := f.replicaSubmission(3, 2)
		change(msg)
		return func(ctx context.Context) error { _, err := f.msgs.SubmitJob(ctx, msg); return err }
	}
	f.refused(types.ErrReplicas, submit(func(m *types.MsgSubmitJob) { m.Spec.Replicas = 1 }))
	f.refused(types.ErrReplicas, submit(func(m *types.MsgSubmitJob) { m.Spec.Replicas = 6 }))
	f.refused(types.ErrReplicas, submit(func(m *types.MsgSubmitJob) { m.Spec.Agreement = 1 }))
	f.refused(types.ErrReplicas, submit(func(m *types.MsgSubmitJob) { m.Spec.Agreement = 4 }))
	f.refused(types.ErrReplicas, submit(func(m *types.MsgSubmitJob) { m.Spec.Assurance = types.ASSURANCE_FULL }))
	named := func(n int) func(context.Context) error {
		return submit(func(m *types.MsgSubmitJob) {
			for i := range n {
				m.Spec.Requirements.Operators = append(m.Spec.Requirements.Operators, banktest.Address(fmt.Sprintf("worker %d", i)).String())
			}
		})
	}
	for n := 1; n < 3; n++ {
		f.refused(types.ErrReplicas, named(n))
	}
	cached, _ := f.Ctx.CacheContext()
	require.NoError(t, named(3)(cached), "as many as compute it")
	f.refused(types.ErrReplicas, submit(func(m *types.MsgSubmitJob) { m.Spec.Policy = types.VERIFICATION_POLICY_PROOF }))
	f.refused(types.ErrSpec, submit(func(m *types.MsgSubmitJob) { m.Spec.Policy = 7 }))
	f.refused(types.ErrPrice, submit(func(m *types.MsgSubmitJob) { m.MaxPrice.Amount = math.NewInt(3*price - 1) }))

	job := f.replicating(3, 2)
	parts := f.parts(job.Id, honest, honest, liar)
	record := f.round(job.Id)
	workers := record.Workers()
	commit := func(change func(*types.MsgCommitResult)) func(context.Context) error {
		msg := &types.MsgCommitResult{Worker: workers[0], JobId: job.Id, Attempt: job.Attempt, Commitment: hashOf("any")}
		change(msg)
		return func(ctx context.Context) error { _, err := f.msgs.CommitResult(ctx, msg); return err }
	}
	f.refused(types.ErrNotWorker, commit(func(m *types.MsgCommitResult) { m.Worker = f.customer.String() }))
	f.refused(types.ErrAttempt, commit(func(m *types.MsgCommitResult) { m.Attempt++ }))
	reveal := func(change func(*types.MsgRevealResult)) func(context.Context) error {
		msg := f.revealMsg(job, workers[0], resultBlob)
		change(msg)
		return func(ctx context.Context) error { _, err := f.msgs.RevealResult(ctx, msg); return err }
	}
	f.refused(types.ErrState, reveal(func(*types.MsgRevealResult) {}))
	f.playOne(job.Id, parts)
	f.refused(types.ErrAnswered, commit(func(*types.MsgCommitResult) {}))
	f.refused(types.ErrAnswered, func(ctx context.Context) error {
		_, err := f.msgs.ReportUnavailable(ctx, &types.MsgReportUnavailable{Worker: workers[0], JobId: job.Id, Attempt: job.Attempt})
		return err
	})
	f.play(job.Id, parts)
	f.requireState(job.Id, types.JOB_STATE_REVEALING)
	f.refused(types.ErrState, commit(func(*types.MsgCommitResult) {}))
	f.refused(types.ErrReveal, reveal(func(m *types.MsgRevealResult) { m.Salt = hashOf("another") }))
	f.refused(types.ErrReveal, reveal(func(m *types.MsgRevealResult) { m.StepRoots = [][]byte{root(9)} }))
	f.refused(types.ErrReveal, reveal(func(m *types.MsgRevealResult) { m.Worker = workers[1] }))
	f.refused(types.ErrRoots, reveal(func(m *types.MsgRevealResult) { m.StepRoots = [][]byte{root(1), root(2)} }))
	f.refused(types.ErrRoots, reveal(func(m *types.MsgRevealResult) { m.StepRoots = [][]byte{bytesOf(0xff)} }))
	f.playOne(job.Id, parts)
	f.refused(types.ErrAnswered, reveal(func(*types.MsgRevealResult) {}))
	f.play(job.Id, parts)
	f.requireState(job.Id, types.JOB_STATE_DIVERGED)
	f.differenceRefuses(job, workers, parts)
}

// differenceRefuses goes on with a job whose third operator differs.
func (f *fixture) differenceRefuses(job types.Job, workers []string, parts map[string]part) {
	f.T.Helper()
	show := func(change func(*types.MsgShowDifference)) func(context.Context) error {
		msg := f.showMsg(job, workers[0], resultBlob)
		change(msg)
		return func(ctx context.Context) error { _, err := f.msgs.ShowDifference(ctx, msg); return err }
	}
	f.refused(types.ErrDifference, show(func(m *types.MsgShowDifference) { m.Number++ }))
	f.refused(types.ErrDifference, show(func(m *types.MsgShowDifference) { m.Level-- }))
	f.refused(types.ErrDifference, show(func(m *types.MsgShowDifference) { m.Parts = [][]byte{root(1)} }))
	f.refused(types.ErrDifference, show(func(m *types.MsgShowDifference) { m.Parts = append(m.Parts, m.Parts[0]) }))
	f.refused(types.ErrDifference, show(func(m *types.MsgShowDifference) { m.Worker = workers[2] }))
	f.refused(types.ErrNotWorker, show(func(m *types.MsgShowDifference) { m.Worker = f.customer.String() }))
	f.playOne(job.Id, parts)
	f.refused(types.ErrAnswered, show(func(m *types.MsgShowDifference) { m.Worker = workers[1] }))
	for f.job(job.Id).State == types.JOB_STATE_DIVERGED && f.round(job.Id).Difference.Level > 0 {
		f.play(job.Id, parts)
	}
	f.refused(types.ErrDifference, show(func(m *types.MsgShowDifference) { m.Parts = [][]byte{{1, 2}} }))
	f.refused(types.ErrDifference, show(func(m *types.MsgShowDifference) { m.Parts = [][]byte{{9, 9, 9}} }))
	f.play(job.Id, parts)
	f.requireState(job.Id, types.JOB_STATE_STANDING)
	entry := f.round(job.Id).Difference.Entry
	require.Equal(f.T, types.Entry{Row: 1, Col: 2}, *entry, "the entry that the liar changed")
	answer := func(change func(*types.MsgAnswerDispute)) func(context.Context) error {
		msg := f.entryMsg(job, workers[0], resultBlob)
		change(msg)
		return func(ctx context.Context) error { _, err := f.msgs.AnswerDispute(ctx, msg); return err }
	}
	f.refused(types.ErrAnswer, answer(func(m *types.MsgAnswerDispute) { m.Number++ }))
	f.refused(types.ErrAnswer, answer(func(m *types.MsgAnswerDispute) { m.Proof = []byte{1} }))
	f.refused(types.ErrAttempt, answer(func(m *types.MsgAnswerDispute) { m.Attempt++ }))
	f.playOne(job.Id, parts)
	f.refused(types.ErrAnswered, answer(func(*types.MsgAnswerDispute) {}))
	require.NoError(f.T, f.do(answer(func(m *types.MsgAnswerDispute) { m.Worker = workers[2] })), "another's proof is well formed")
	require.NoError(f.T, f.do(func(ctx context.Context) error {
		_, err := f.msgs.AnswerDispute(ctx, f.entryMsg(job, workers[1], resultBlob))
		return err
	}))
	f.block(1)
	f.requireState(job.Id, types.JOB_STATE_PROVEN)
	record := f.round(job.Id)
	require.Equal(f.T, workers[:2], record.Workers(), "who handed in another's proof is out")
	msg := f.disputeMsg(f.job(job.Id))
	for _, own := range []string{workers[1], payout(f.nameOf(types.Job{Worker: workers[1]})).String()} {
		msg.Challenger = own
		require.ErrorIs(f.T, f.disputeErr(msg), types.ErrOwnResult)
	}
}

func bytesOf(b byte) []byte {
	list := make([]byte, 32)
	for i := range list {
		list[i] = b
	}
	return list
}

// The price of several operators is what all of them ask at most, and a job of that price is placed.
func TestQuoteOfSeveralOperators(t *testing.T) {
	f := newFixture(t)
	const expensive = 1_000_000_000_000_000
	for i, asked := range []int64{1, expensive, 2 * expensive} {
		f.worker(fmt.Sprintf("worker %d", i), asked)
	}
	quote := func(replicas uint32) (int64, error) {
		response, err := f.queries.Quote(f.Ctx, &types.QueryQuoteRequest{Program: testProgram(), Replicas: replicas})
		if err != nil {
			return 0, err
		}
		return response.Price.Amount.Int64(), nil
	}
	one, err := quote(1)
	require.NoError(t, err)
	require.EqualValues(t, price, one)
	dear := int64(24 * expensive / 1_000_000_000)
	two, err := quote(2)
	require.NoError(t, err)
	require.Equal(t, 2*max(dear, price), two)
	three, err := quote(3)
	require.NoError(t, err)
	require.Equal(t, 3*2*dear, three)
	_, err = quote(4)
	require.ErrorIs(t, err, types.ErrUnplaceable)
	_, err = quote(6)
	require.ErrorIs(t, err, types.ErrQuery)

	msg := f.replicaSubmission(3, 2)
	msg.MaxPrice.Amount = math.NewInt(three - 3)
	require.NoError(t, f.submitErr(msg))
	f.block(1)
	f.requireState(1, types.JOB_STATE_OPEN)
	msg.MaxPrice.Amount = math.NewInt(three)
	require.NoError(t, f.submitErr(msg))
	f.block(1)
	job := f.requireState(2, types.JOB_STATE_REPLICATING)
	require.Equal(t, price+max(dear, price)+2*dear, job.Price.Int64(), "each gets what it asks")
}
