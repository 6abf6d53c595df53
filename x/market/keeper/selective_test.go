package keeper_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/types"
	registrykeeper "github.com/assaychain/assay/x/registry/keeper"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// pool makes a pool of operators that the customer keeps, and returns its id.
func (f *fixture) pool(operators ...sdk.AccAddress) uint64 {
	f.T.Helper()
	var list []string
	for _, operator := range operators {
		list = append(list, operator.String())
	}
	slices.Sort(list)
	made, err := registrykeeper.NewMsgServer(f.registry).CreatePool(f.Ctx, &registrytypes.MsgCreatePool{
		Owner: f.customer.String(), Name: "pool", Operators: list,
	})
	require.NoError(f.T, err)
	return made.Pool
}

// checked turns spot checks on. Devices that are there count as of proven class, and as attested once they prove something.
func (f *fixture) checked() {
	f.T.Helper()
	params, err := f.registry.Params(f.Ctx)
	require.NoError(f.T, err)
	params.Spot.Draws = 1
	require.NoError(f.T, f.registry.SetParams(f.Ctx, params))
}

// prove lets a device have proven a result.
func (f *fixture) prove(name string) {
	f.T.Helper()
	require.NoError(f.T, f.registry.Observe(f.Ctx, hashOf(name), registrytypes.Observation{Outcome: registrytypes.OUTCOME_PROVEN}))
}

func inPool(pool uint64) func(*types.MsgSubmitJob) {
	return func(msg *types.MsgSubmitJob) { msg.Spec.Requirements.Pool = pool }
}

func attestedOnly(msg *types.MsgSubmitJob) { msg.Spec.Requirements.AttestedOnly = true }

func TestSelectionsThatNobodyMeetsAreRefused(t *testing.T) {
	f := newFixture(t)
	workers := f.workers(3)
	two, empty := f.pool(workers[:2]...), f.pool()
	before := f.export()
	for name, c := range map[string]struct {
		msg   *types.MsgSubmitJob
		spoil func(*types.MsgSubmitJob)
		want  error
		says  string
	}{
		"no such pool":  {f.submission(), inPool(9), types.ErrUnmeetable, "pool 9"},
		"empty pool":    {f.submission(), inPool(empty), types.ErrUnmeetable, "has 0 operators: the job needs 1"},
		"too small":     {f.replicaSubmission(3, 2), inPool(two), types.ErrUnmeetable, "has 2 operators: the job needs 3"},
		"not attesting": {f.submission(), attestedOnly, types.ErrUnmeetable, "spot checks are off"},
		"both": {f.submission(), func(m *types.MsgSubmitJob) {
			m.Spec.Requirements.Pool, m.Spec.Requirements.Operators = two, []string{workers[2].String()}
		}, types.ErrSpec, "give one of them"},
	} {
		c.spoil(c.msg)
		err := f.submitErr(c.msg)
		require.ErrorIs(t, err, c.want, name)
		require.ErrorContains(t, err, c.says, name)
		_, err = f.queries.Quote(f.Ctx, &types.QueryQuoteRequest{
			Program: c.msg.Spec.Program, Requirements: c.msg.Spec.Requirements, Replicas: c.msg.Spec.Replicas,
		})
		require.ErrorIs(t, err, c.want, name)
	}
	require.Equal(t, before, f.export())
	msg := f.replicaSubmission(2, 2)
	inPool(two)(msg)
	require.NoError(t, f.submitErr(msg))
	f.block(1)
	round := f.round(1)
	require.ElementsMatch(t, []string{workers[0].String(), workers[1].String()}, round.Workers())
}

// A job of a pool goes to those in it, behind any number of others, as the pool is when it is tried; of a pool that is gone it waits for
// nobody, and expires with a full refund.
func TestJobsOfAPool(t *testing.T) {
	f := newFixture(t)
	params := testParams()
	params.MaxCandidates, params.RetrySeconds = 4, 1
	require.NoError(t, f.k.SetParams(f.Ctx, params))
	f.workers(10)
	member, later := f.worker("member", 2_000_000), f.worker("later", 3_000_000)
	pool := f.pool(member)
	registry := registrykeeper.NewMsgServer(f.registry)
	quote, err := f.queries.Quote(f.Ctx, &types.QueryQuoteRequest{Program: testProgram(), Requirements: types.Requirements{Pool: pool}})
	require.NoError(t, err)
	require.EqualValues(t, 1, quote.Devices)
	id := f.submitWith(inPool(pool))
	f.block(1)
	require.Equal(t, member.String(), f.requireState(id, types.JOB_STATE_ASSIGNED).Worker)

	_, err = registry.UpdatePool(f.Ctx, &registrytypes.MsgUpdatePool{
		Owner: f.customer.String(), Pool: pool, Add: []string{later.String()}, Remove: []string{member.String()},
	})
	require.NoError(t, err)
	f.requireState(id, types.JOB_STATE_ASSIGNED)
	id = f.submitWith(inPool(pool))
	require.Equal(t, later.String(), f.explain(id).Decision.Candidates[0].Operator)
	f.block(1)
	require.Equal(t, later.String(), f.requireState(id, types.JOB_STATE_ASSIGNED).Worker)

	id = f.submitWith(inPool(pool))
	_, err = registry.DeletePool(f.Ctx, &registrytypes.MsgDeletePool{Owner: f.customer.String(), Pool: pool})
	require.NoError(t, err)
	require.Zero(t, f.explain(id).Decision.Eligible)
	require.Empty(t, f.explain(id).Decision.Candidates)
	f.block(1)
	require.False(t, f.requireState(id, types.JOB_STATE_OPEN).Queued, "it waits for nobody, and is no demand for the class")
	for i := 0; f.job(id).State == types.JOB_STATE_OPEN; i++ {
		require.Less(t, i, 1_000)
		f.block(30)
	}
	over := f.requireState(id, types.JOB_STATE_CLOSED)
	require.Equal(t, types.CLOSE_REASON_EXPIRED, over.CloseReason)
	require.EqualValues(t, assay, over.Refunded.Int64())
}

// Only attested devices get a job that asks for them: those that proved something while spot checks are on, until it lapses.
func TestAttestedOnly(t *testing.T) {
	f := newFixture(t)
	f.worker("cheap", 1_000_000)
	shown := f.worker("shown", 2_000_000)
	f.checked()
	f.prove("shown")
	id := f.submitWith(attestedOnly)
	d := f.explain(id).Decision
	require.EqualValues(t, 1, d.Eligible)
	require.Equal(t, "not attested", d.Candidates[1].Refusal)
	f.block(1)
	require.Equal(t, shown.String(), f.requireState(id, types.JOB_STATE_ASSIGNED).Worker)

	params, err := f.registry.Params(f.Ctx)
	require.NoError(t, err)
	device, err := f.registry.Device(f.Ctx, hashOf("shown"))
	require.NoError(t, err)
	require.True(t, device.Attested(device.ProvenUntil-1))
	require.False(t, device.Attested(device.ProvenUntil))
	require.NoError(t, f.registry.Observe(f.Ctx, device.Id, registrytypes.Observation{Outcome: registrytypes.OUTCOME_FALSE}))
	id = f.submitWith(attestedOnly)
	f.block(1)
	f.requireState(id, types.JOB_STATE_OPEN)

	// A job that waits while governance turns spot checks off finds nobody.
	params.Spot.Draws = 0
	require.NoError(t, f.registry.SetParams(f.Ctx, params))
	f.prove("shown")
	require.Zero(t, f.explain(id).Decision.Eligible)
}

// A pool that can't be read costs its jobs a try, and no others anything.
func TestAPoolThatCannotBeRead(t *testing.T) {
	f := newFixture(t)
	workers := f.workers(2)
	pooled, other := f.submitWith(inPool(f.pool(workers...))), f.submit()
	f.faults.name = "registry.PoolOperators"
	require.NoError(t, f.k.EndBlock(f.Ctx))
	require.Positive(t, f.faults.hit)
	f.faults.name, f.errors.lines = "", nil
	f.requireState(pooled, types.JOB_STATE_OPEN)
	f.requireState(other, types.JOB_STATE_ASSIGNED)
	f.wait(3_700)
	require.NotEqual(t, types.JOB_STATE_OPEN, f.job(pooled).State)
}

// A job of a pool pays for reading it before it is read.
func TestAJobOfAPoolPaysForIt(t *testing.T) {
	f := newFixture(t)
	gas := func(change func(*types.MsgSubmitJob)) uint64 {
		before := f.Ctx.GasMeter().GasConsumed()
		msg := f.submission()
		change(msg)
		_ = f.do(func(ctx context.Context) error { _, err := f.msgs.SubmitJob(ctx, msg); return err })
		return f.Ctx.GasMeter().GasConsumed() - before
	}
	f.workers(1)
	without := gas(func(m *types.MsgSubmitJob) { m.Spec.Requirements.Operators = []string{f.customer.String()} })
	require.GreaterOrEqual(t, gas(inPool(f.pool(f.worker("member", 1_000_000)))), without+types.GasPerPool-5_000)
	require.GreaterOrEqual(t, gas(inPool(99)), uint64(types.GasPerPool+types.GasPerJob), "also for one that is not there")
}

// What may be computed by the operators of one pool only is refused with another one, or with none.
func TestRestrictedWorkNamesItsPool(t *testing.T) {
	f := newFixture(t)
	f.level = types.ASSURANCE_FULL
	member := f.worker("member", 2_000_000)
	pool, another := f.pool(member), f.pool(f.workers(1)...)
	f.proofs.restricted = pool
	for _, given := range []uint64{0, another} {
		msg := f.submission()
		inPool(given)(msg)
		err := f.submitErr(msg)
		require.ErrorIs(t, err, types.ErrUnmeetable)
		require.ErrorContains(t, err, "name that one")
	}
	f.level = types.ASSURANCE_SAMPLED
	f.submit()
	f.level = types.ASSURANCE_FULL
	id := f.submitWith(inPool(pool))
	f.faults.name = "proofs.Pool"
	require.ErrorIs(t, f.submitErr(f.submission()), types.ErrSpec)
	f.faults.name = ""
	f.block(1)
	require.Equal(t, member.String(), f.requireState(id, types.JOB_STATE_ASSIGNED).Worker)
}
