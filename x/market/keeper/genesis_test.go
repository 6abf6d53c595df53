package keeper_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/types"
)

// everyState is a market with a job in every state, one of them deferred, one with an excluded worker and a reporter.
func everyState(t testing.TB) *fixture {
	params := testParams()
	params.HistorySeconds = 100_000
	params.DisputeSeconds, params.DeliverySeconds = 5_000, 5_000
	params.ProofBaseSeconds, params.CommitBaseSeconds = 3_000, 3_000
	params.AnswerSeconds, params.RelayWindowSeconds, params.RevealSeconds = 5_000, 10_000, 5_000
	f := newFixtureWith(t, params)
	f.workers(4)
	cancelled := f.submit()
	require.NoError(t, f.cancelErr(f.customer, cancelled))
	f.relays(4)
	f.handedOver(otherBlob, otherBlob)
	f.relaying()
	f.drawing()
	f.contested(otherBlob)
	f.delivered(otherBlob)
	f.claimed()
	f.proven()
	f.disputed()
	answered := f.disputed()
	f.sampled()
	f.committed()
	job := f.assigned()
	require.NoError(t, f.reportErr(job, 1))
	f.block(1)
	verifying := f.sampled()
	require.NoError(t, f.proveErr(f.proveMsg(verifying, 0)))
	require.NoError(t, f.answerErr(f.answerMsg(f.job(answered.Id), 0)))
	f.faults.name = "proofs.Verify"
	f.block(1)
	f.faults.name, f.errors.lines = "", nil
	require.Positive(t, f.requireState(verifying.Id, types.JOB_STATE_VERIFYING).Deferrals)
	f.replicasInEveryState()
	f.retireAll()
	f.submit()
	f.block(1)
	for _, state := range lifecycle.States() {
		require.Positive(t, f.count(types.JobState(state)), state.String())
	}
	return f
}

// moved is a fresh chain with the exported state of all modules.
func (f *fixture) moved(t testing.TB, state *types.GenesisState) (*fixture, error) {
	t.Helper()
	g := bareFixture(t)
	g.Ctx = g.Ctx.WithBlockTime(f.Ctx.BlockTime()).WithBlockHeight(f.Ctx.BlockHeight())
	for _, module := range []string{"bond", "escrow", "penalty"} {
		if coins := f.Bank.GetAllBalances(f.Ctx, f.Auth.GetModuleAddress(module)); !coins.IsZero() {
			g.Mint(g.Auth.GetModuleAddress(module), coins...)
		}
	}
	bond, err := f.bond.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.NoError(t, g.bond.InitGenesis(g.Ctx, bond))
	escrow, err := f.escrow.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.NoError(t, g.escrow.InitGenesis(g.Ctx, escrow))
	beacon, err := f.beacon.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.NoError(t, g.beacon.InitGenesis(g.Ctx, beacon))
	penalty, err := f.penalty.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.NoError(t, g.penalty.InitGenesis(g.Ctx, penalty))
	registry, err := f.registry.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.NoError(t, g.registry.InitGenesis(g.Ctx, registry))
	g.customer, g.supply = f.customer, g.Supply()
	g.Fund("customer", 1_000*assay)
	g.supply = g.Supply()
	for id, s := range f.seen.states {
		g.seen.states[id] = s
	}
	return g, g.k.InitGenesis(g.Ctx, state)
}

func TestGenesisRoundTripInEveryState(t *testing.T) {
	f := everyState(t)
	before := f.export()
	state, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	var decoded types.GenesisState
	require.NoError(t, f.Cdc.UnmarshalJSON([]byte(before), &decoded))
	g, err := f.moved(t, &decoded)
	require.NoError(t, err)
	require.Equal(t, before, g.export(), "byte for byte")
	require.Len(t, state.Jobs, len(decoded.Jobs))

	// The moved chain goes on: every job ends.
	g.wait(3 * 3_600)
	g.wait(3 * 3_600)
	for _, entry := range state.Jobs {
		end := types.JOB_STATE_CLOSED
		switch entry.Job.State { // Or it waits for the beacon.
		case types.JOB_STATE_COMMITTED, types.JOB_STATE_REVEALING, types.JOB_STATE_DIVERGED, types.JOB_STATE_STANDING, types.JOB_STATE_JUDGING:
			end = types.JOB_STATE_COMMITTED
		case types.JOB_STATE_DRAWING, types.JOB_STATE_RELAYING:
			end = types.JOB_STATE_DRAWING
		case types.JOB_STATE_AUDITABLE:
			end = types.JOB_STATE_AUDITABLE
		}
		if entry.Job.AuditBps > 0 && entry.Job.Replicas > 1 {
			end = types.JOB_STATE_AUDITABLE // Its auditor was silent, and another one is to be drawn.
		}
		g.requireState(entry.Job.Id, end)
	}
}

func TestGenesisThatContradictsItselfIsRefused(t *testing.T) {
	f := everyState(t)
	at := func(state types.JobState, s *types.GenesisState) *types.JobEntry {
		for i := range s.Jobs {
			if s.Jobs[i].Job.State == state {
				return &s.Jobs[i]
			}
		}
		t.Fatal("no such job")
		return nil
	}
	for name, c := range map[string]struct {
		spoil func(*types.GenesisState)
		want  error
	}{
		"params":        {func(s *types.GenesisState) { s.Params.MaxAttempts = 0 }, types.ErrParams},
		"next id":       {func(s *types.GenesisState) { s.NextJobId = 0 }, types.ErrGenesis},
		"next id taken": {func(s *types.GenesisState) { s.NextJobId = 3 }, types.ErrGenesis},
		"order":         {func(s *types.GenesisState) { s.Jobs[0], s.Jobs[1] = s.Jobs[1], s.Jobs[0] }, types.ErrGenesis},
		"twice":         {func(s *types.GenesisState) { s.Jobs[1] = s.Jobs[0] }, types.ErrGenesis},
		"state":         {func(s *types.GenesisState) { s.Jobs[2].Job.State = 77 }, types.ErrGenesis},
		"customer":      {func(s *types.GenesisState) { s.Jobs[2].Job.Customer = "x" }, types.ErrGenesis},
		"amount":        {func(s *types.GenesisState) { s.Jobs[2].Job.Price = math.NewInt(-1) }, types.ErrGenesis},
		"reason":        {func(s *types.GenesisState) { s.Jobs[0].Job.CloseReason = 0 }, types.ErrGenesis},
		"spec":          {func(s *types.GenesisState) { s.Jobs[2].Spec.Samples = 0 }, types.ErrGenesis},
		"work":          {func(s *types.GenesisState) { s.Jobs[2].Job.Work++ }, types.ErrGenesis},
		"circuits":      {func(s *types.GenesisState) { s.Jobs[2].Job.Circuits = []string{"opening-256", "opening-256"} }, types.ErrGenesis},
		"assurance":     {func(s *types.GenesisState) { s.Jobs[2].Job.Assurance = types.ASSURANCE_REVEALED }, types.ErrGenesis},
		"no such level": {func(s *types.GenesisState) { s.Jobs[2].Spec.Assurance, s.Jobs[2].Job.Assurance = 77, 77 }, types.ErrGenesis},
		"level not here": {func(s *types.GenesisState) {
			s.Jobs[2].Spec.Assurance, s.Jobs[2].Job.Assurance = types.ASSURANCE_MODEL, types.ASSURANCE_MODEL
		}, types.ErrGenesis},
		"root of an input": {func(s *types.GenesisState) { s.Jobs[2].Spec.Inputs[0].Root = bytes.Repeat([]byte{255}, 32) }, types.ErrGenesis},
		"worker":           {func(s *types.GenesisState) { at(types.JOB_STATE_ASSIGNED, s).Job.Worker = "" }, types.ErrGenesis},
		"device":           {func(s *types.GenesisState) { at(types.JOB_STATE_ASSIGNED, s).Job.Device = nil }, types.ErrGenesis},
		"commitment":       {func(s *types.GenesisState) { at(types.JOB_STATE_COMMITTED, s).Job.Commitment = nil }, types.ErrGenesis},
		"seed":             {func(s *types.GenesisState) { at(types.JOB_STATE_SAMPLED, s).Job.Seed = nil }, types.ErrGenesis},
		"root":             {func(s *types.GenesisState) { at(types.JOB_STATE_PROVEN, s).Job.StepRoots[0] = []byte{1} }, types.ErrGenesis},
		"roots":            {func(s *types.GenesisState) { at(types.JOB_STATE_PROVEN, s).Job.StepRoots = nil }, types.ErrGenesis},
		"proofs":           {func(s *types.GenesisState) { at(types.JOB_STATE_VERIFYING, s).Proofs.Proofs = nil }, types.ErrGenesis},
		"contest":          {func(s *types.GenesisState) { at(types.JOB_STATE_CONTESTED, s).Job.ContestPoint = nil }, types.ErrGenesis},
		"early contest":    {func(s *types.GenesisState) { at(types.JOB_STATE_DELIVERED, s).Job.ContestValue = make([]byte, 32) }, types.ErrGenesis},
		"sealed":           {func(s *types.GenesisState) { at(types.JOB_STATE_DELIVERED, s).Sealed = nil }, types.ErrGenesis},
		"reporters":        {func(s *types.GenesisState) { at(types.JOB_STATE_ASSIGNED, s).Reporters = nil }, types.ErrGenesis},
		"excluded":         {func(s *types.GenesisState) { at(types.JOB_STATE_ASSIGNED, s).Excluded = []string{"x"} }, types.ErrGenesis},
		"no dispute":       {func(s *types.GenesisState) { at(types.JOB_STATE_DISPUTED, s).Job.Dispute = nil }, types.ErrGenesis},
		"dispute too much": {func(s *types.GenesisState) {
			at(types.JOB_STATE_PROVEN, s).Job.Dispute = at(types.JOB_STATE_DISPUTED, s).Job.Dispute
		}, types.ErrGenesis},
		"challenger": {func(s *types.GenesisState) { at(types.JOB_STATE_DISPUTED, s).Job.Dispute.Challenger = "x" }, types.ErrGenesis},
		"bond":       {func(s *types.GenesisState) { at(types.JOB_STATE_DISPUTED, s).Job.Dispute.Bond = math.OneInt() }, types.ErrInvariant},
		"no bond":    {func(s *types.GenesisState) { at(types.JOB_STATE_DISPUTED, s).Job.Dispute.Bond = math.ZeroInt() }, types.ErrGenesis},
		"number":     {func(s *types.GenesisState) { at(types.JOB_STATE_DISPUTED, s).Job.Dispute.Number = 2 }, types.ErrGenesis},
		"resumes": {func(s *types.GenesisState) {
			at(types.JOB_STATE_DISPUTED, s).Job.Dispute.Resumes = types.JOB_STATE_OPEN
		}, types.ErrGenesis},
		"disputed":         {func(s *types.GenesisState) { at(types.JOB_STATE_DISPUTED, s).Job.Disputed[0].Row = 7 }, types.ErrGenesis},
		"too early":        {func(s *types.GenesisState) { at(types.JOB_STATE_ASSIGNED, s).Job.Disputed = make([]types.Entry, 1) }, types.ErrGenesis},
		"too many":         {func(s *types.GenesisState) { at(types.JOB_STATE_PROVEN, s).Job.Disputed = make([]types.Entry, 17) }, types.ErrGenesis},
		"answer":           {func(s *types.GenesisState) { at(types.JOB_STATE_ANSWERED, s).Answer = nil }, types.ErrGenesis},
		"no question":      {func(s *types.GenesisState) { at(types.JOB_STATE_PROVEN, s).Answer = []byte{1} }, types.ErrGenesis},
		"escrow too small": {func(s *types.GenesisState) { s.Jobs[2].Job.MaxPrice = s.Jobs[2].Job.MaxPrice.AddRaw(1) }, types.ErrInvariant},
		"exposure":         {func(s *types.GenesisState) { at(types.JOB_STATE_PROVEN, s).Job.Exposure = math.OneInt() }, types.ErrInvariant},
		"lane": {func(s *types.GenesisState) {
			at(types.JOB_STATE_SAMPLED, s).Job.Device = at(types.JOB_STATE_DELIVERED, s).Job.Device[:31]
		}, nil},
		"no decision":       {func(s *types.GenesisState) { at(types.JOB_STATE_ASSIGNED, s).Decision = nil }, types.ErrGenesis},
		"decision early":    {func(s *types.GenesisState) { s.Jobs[2].Job.Attempt = 0 }, types.ErrGenesis},
		"decision of other": {func(s *types.GenesisState) { at(types.JOB_STATE_PROVEN, s).Decision.Candidates[0].Device = []byte{1} }, types.ErrGenesis},
		"decision's order": {func(s *types.GenesisState) {
			d := at(types.JOB_STATE_PROVEN, s).Decision
			worse := d.Candidates[0]
			d.Candidates[0].Score.Total++
			d.Candidates, d.Eligible = append(d.Candidates[:1], worse), 2
		}, types.ErrGenesis},
		"decision's count": {func(s *types.GenesisState) { at(types.JOB_STATE_PROVEN, s).Decision.Eligible = 1_000 }, types.ErrGenesis},
		"no seat":          {func(s *types.GenesisState) { at(types.JOB_STATE_REPLICATING, s).ReplicaDecisions = nil }, types.ErrGenesis},
		"a seat too few": {func(s *types.GenesisState) {
			e := at(types.JOB_STATE_REPLICATING, s)
			e.ReplicaDecisions = e.ReplicaDecisions[1:]
		}, types.ErrGenesis},
		"seat of other": {func(s *types.GenesisState) {
			at(types.JOB_STATE_REPLICATING, s).ReplicaDecisions[0].Candidates[0].Device = []byte{1}
		}, types.ErrGenesis},
		"seat of before": {func(s *types.GenesisState) { at(types.JOB_STATE_REPLICATING, s).ReplicaDecisions[1].Attempt++ }, types.ErrGenesis},
		"seat refused": {func(s *types.GenesisState) {
			at(types.JOB_STATE_REPLICATING, s).ReplicaDecisions[0].Candidates[0].Refusal = "busy"
		}, types.ErrGenesis},
		"replica's cell": {func(s *types.GenesisState) { at(types.JOB_STATE_REPLICATING, s).Replicas.Replicas[0].Cell = 649 }, types.ErrGenesis},
		"replica too soon": {func(s *types.GenesisState) {
			replica := &at(types.JOB_STATE_REPLICATING, s).Replicas.Replicas[0]
			replica.Commitment, replica.TookMs = nil, 1
		}, types.ErrGenesis},
		"seat passed over": {func(s *types.GenesisState) {
			d := &at(types.JOB_STATE_REPLICATING, s).ReplicaDecisions[0]
			over := d.Candidates[0]
			over.Refusal = "jailed"
			d.Candidates = append(d.Candidates, over)
		}, types.ErrGenesis},
		"run time twice":    {func(s *types.GenesisState) { s.RunTimes = append(s.RunTimes, s.RunTimes[0]) }, types.ErrGenesis},
		"run time unseen":   {func(s *types.GenesisState) { s.RunTimes[0].Samples = 0 }, types.ErrGenesis},
		"run time to come":  {func(s *types.GenesisState) { s.RunTimes[0].Seen = s.Clock.ActiveMs + 1 }, types.ErrGenesis},
		"run time of none":  {func(s *types.GenesisState) { s.RunTimes[0].Hardware = "" }, types.ErrGenesis},
		"workload":          {func(s *types.GenesisState) { s.RunTimes[0].Workload = 168 }, types.ErrGenesis},
		"patience":          {func(s *types.GenesisState) { at(types.JOB_STATE_ASSIGNED, s).Job.Tries = 3 }, types.ErrGenesis},
		"backlog of nobody": {func(s *types.GenesisState) { s.Backlogs[0].Waiting++ }, types.ErrGenesis},
		"backlog missing":   {func(s *types.GenesisState) { s.Backlogs = s.Backlogs[1:] }, types.ErrGenesis},
		"backlog twice":     {func(s *types.GenesisState) { s.Backlogs = append(s.Backlogs, s.Backlogs[0]) }, types.ErrGenesis},
		"backlog too long":  {func(s *types.GenesisState) { s.Backlogs[0].PresentBps = 10_001 }, types.ErrGenesis},
		"backlog nowhere":   {func(s *types.GenesisState) { s.Backlogs[4].Cell = 649 }, types.ErrGenesis},
		"queued with lane":  {func(s *types.GenesisState) { at(types.JOB_STATE_ASSIGNED, s).Job.Queued = true }, types.ErrGenesis},
		"promise of no one": {func(s *types.GenesisState) {
			at(types.JOB_STATE_ASSIGNED, s).Job.Promise = &types.Promise{PromisedMs: 5, WindowMs: 5, LateBps: 1}
		}, types.ErrGenesis},
		"chance of an audit": {func(s *types.GenesisState) { at(types.JOB_STATE_AUDITABLE, s).Job.AuditBps++ }, types.ErrGenesis},
		"draw of no auditor": {func(s *types.GenesisState) { at(types.JOB_STATE_AUDITABLE, s).Replicas.Audit = nil }, types.ErrGenesis},
		"too many auditors": {func(s *types.GenesisState) {
			entry := at(types.JOB_STATE_AUDITABLE, s)
			entry.Job.Replicas, entry.Replicas.Audit.Draws = 2, 4
		}, types.ErrGenesis},
		"draws before an audit": {func(s *types.GenesisState) {
			entry := at(types.JOB_STATE_AUDITABLE, s)
			entry.Job.Replicas, entry.Replicas.Audit.Draws = 1, 1
		}, types.ErrGenesis},
		"audit of many":     {func(s *types.GenesisState) { at(types.JOB_STATE_AUDITABLE, s).Job.Replicas = 3 }, types.ErrGenesis},
		"a job that is not": {func(s *types.GenesisState) { s.Jobs, s.Backlogs = s.Jobs[:1], nil }, nil},
	} {
		state, err := f.k.ExportGenesis(f.Ctx)
		require.NoError(t, err)
		c.spoil(state)
		_, err = f.moved(t, state)
		if name == "a job that is not" {
			// Exposures and accounts of unknown jobs can't be seen from the jobs: bond and escrow keep them.
			require.NoError(t, err)
			continue
		}
		require.Error(t, err, name)
		if c.want != nil {
			require.ErrorIs(t, err, c.want, name)
		}
	}
}

func TestDefaultGenesisIsValid(t *testing.T) {
	require.NoError(t, types.DefaultGenesis().Validate())
	f := bareFixture(t)
	require.NotPanics(t, func() { f.Cdc.MustMarshalJSON(types.DefaultGenesis()) })
}

// Invariants see every kind of record that is out of place.
func TestInvariantsSeeWhatIsWrong(t *testing.T) {
	for _, prefix := range []byte{3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 25, 29, 30, 36, 46} {
		f := everyState(t)
		require.NoError(t, f.k.Invariants(f.Ctx))
		store := f.Raw(f.Ctx, types.StoreKey)
		iterator := store.Iterator([]byte{prefix}, []byte{prefix + 1})
		require.True(t, iterator.Valid(), "prefix %d", prefix)
		key := iterator.Key()
		require.NoError(t, iterator.Close())
		store.Delete(key)
		require.Error(t, f.k.Invariants(f.Ctx), "record of prefix %d removed", prefix)
	}
}

// Whatever the parameters become, open jobs keep their terms, and the denomination stays.
func TestParamsUnderGovernance(t *testing.T) {
	f := newFixture(t)
	f.workers(1)
	job := f.assigned()
	params := testParams()
	params.CommitBaseSeconds, params.MinPrice, params.UnavailableFee = 1, math.NewInt(500_000), math.NewInt(250_000)
	update := &types.MsgUpdateParams{Authority: f.Authority, Params: params}
	_, err := f.msgs.UpdateParams(f.Ctx, &types.MsgUpdateParams{Authority: banktest.Address("thief").String(), Params: params})
	require.Error(t, err)
	_, err = f.msgs.UpdateParams(f.Ctx, update)
	require.NoError(t, err)
	f.block(1)
	require.Equal(t, job.Due, f.job(job.Id).Due)
	require.Equal(t, job.Price, f.job(job.Id).Price)
	update.Params.Denom = "uatom"
	_, err = f.msgs.UpdateParams(f.Ctx, update)
	require.ErrorIs(t, err, types.ErrParams)
	update.Params.Denom, update.Params.RetrySeconds = "uassay", 0
	_, err = f.msgs.UpdateParams(f.Ctx, update)
	require.ErrorIs(t, err, types.ErrParams)
	response, err := f.queries.Params(f.Ctx, &types.QueryParamsRequest{})
	require.NoError(t, err)
	require.Equal(t, params, response.Params)
}

// A fee that was raised meanwhile can't make a job cost more than its deposit.
func TestRaisedFeesAreCutToTheDeposit(t *testing.T) {
	f := newFixture(t)
	f.workers(2)
	msg := f.submission()
	msg.MaxPrice.Amount = math.NewInt(10_001)
	require.NoError(t, f.submitErr(msg))
	f.block(1)
	params := testParams()
	params.MinPrice, params.UnavailableFee = math.NewInt(1_000_000), math.NewInt(400_000)
	require.NoError(t, f.k.SetParams(f.Ctx, params))
	require.NoError(t, f.reportErr(f.requireState(1, types.JOB_STATE_ASSIGNED), 0))
	f.block(1)
	job := f.requireState(1, types.JOB_STATE_OPEN)
	require.True(t, job.Deferrals == 0, "no device takes it at the new floor, and that is no failure")
	params.MinPrice, params.UnavailableFee = math.NewInt(10_000), math.NewInt(5_000)
	require.NoError(t, f.k.SetParams(f.Ctx, params))
	f.Advance(30 * time.Second)
	f.block(1)
	assigned := f.requireState(1, types.JOB_STATE_ASSIGNED)
	params.MinPrice, params.UnavailableFee = math.NewInt(1_000_000), math.NewInt(400_000)
	require.NoError(t, f.k.SetParams(f.Ctx, params))
	require.NoError(t, f.reportErr(assigned, 0))
	f.block(1)
	closed := f.requireState(1, types.JOB_STATE_CLOSED)
	require.EqualValues(t, 10_000, closed.Paid.Int64(), "half of the deposit each")
	require.EqualValues(t, 1, closed.Refunded.Int64())
}
