package keeper_test

import (
	"fmt"
	"maps"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/market/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
	registrykeeper "github.com/assaychain/assay/x/registry/keeper"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// What a block keeps in mind of the network changes no choice: many jobs placed in one block get the devices, prices and terms that
// they get when each has a block of its own, which reads everything anew; and as much of each bond is locked.
func TestOneBlockChoosesAsManyDo(t *testing.T) {
	for seed := int64(1); seed <= 6; seed++ {
		r := rand.New(rand.NewSource(seed))
		f := newFixture(t)
		classes := []registrytypes.DeviceClass{registrytypes.DEVICE_CLASS_CPU, registrytypes.DEVICE_CLASS_EDGE}
		for i := range 4 {
			operator := f.operator(fmt.Sprintf("operator %d", i), []int64{20, 20, 160, 300}[i]*assay)
			for j := range []int{2, 2, 14, 24}[i] {
				class := r.Intn(2)
				f.deviceOf(classes[class], operator, fmt.Sprintf("device %d of %d", j, i), 1_000_000+r.Int63n(4)*100_000, uint32(1+r.Intn(4)*(1-class)))
			}
		}
		f.scatter(r, seed%3 == 0)
		f.attestSome(r)
		for _, pool := range [][]int{{0, 1}, {0, 1, 2, 3}, {2}} {
			var operators []sdk.AccAddress
			for _, i := range pool {
				operators = append(operators, banktest.Address(fmt.Sprintf("operator %d", i)))
			}
			f.pool(operators...)
		}
		params := testParams()
		params.MaxCandidates = uint32(4 + r.Intn(25))
		require.NoError(t, f.k.SetParams(f.Ctx, params))
		const jobs = 100
		for range jobs {
			msg := f.submission()
			msg.MaxPrice.Amount = math.NewInt(10_000 + r.Int63n(assay))
			crowd{agent: &agent{f: f}, r: r}.places(&msg.Spec.Requirements)
			near(r, &msg.Spec.Requirements)
			f.selects(r, &msg.Spec.Requirements)
			require.NoError(t, f.submitErr(msg))
		}
		decide := func(perBlock uint32) (decisions []string) {
			ctx, _ := f.Ctx.CacheContext()
			params.MaxAssignmentsPerBlock = perBlock
			require.NoError(t, f.k.SetParams(ctx, params))
			for range (jobs + perBlock - 1) / perBlock {
				require.NoError(t, f.k.EndBlock(ctx))
			}
			require.NoError(t, f.k.Invariants(ctx))
			bonds, err := f.bond.ExportGenesis(ctx)
			require.NoError(t, err)
			return append(f.decisions(ctx, jobs), bonds.String())
		}
		alone := decide(1)
		require.Equal(t, alone, decide(jobs), "seed %d", seed)
		require.Equal(t, alone, decide(7), "seed %d", seed)
		require.Contains(t, alone, "open", "some find no device, so that lists run out")
	}
}

// attestSome lets some devices prove a result, and turns spot checks on.
func (f *fixture) attestSome(r *rand.Rand) {
	f.T.Helper()
	state, err := f.registry.ExportGenesis(f.Ctx)
	require.NoError(f.T, err)
	for _, d := range state.Devices {
		if r.Intn(3) > 0 {
			require.NoError(f.T, f.registry.Observe(f.Ctx, d.Id, registrytypes.Observation{Outcome: registrytypes.OUTCOME_PROVEN}))
		}
	}
	f.checked()
}

// selects asks now and then for attested devices, or for one of three pools.
func (f *fixture) selects(r *rand.Rand, want *types.Requirements) {
	want.AttestedOnly = r.Intn(4) == 0
	if len(want.Operators) == 0 && r.Intn(3) == 0 {
		want.Pool = uint64(1 + r.Intn(3))
	}
}

// near asks for one class or two, any or none, and half the time for a cell that has devices.
func near(r *rand.Rand, want *types.Requirements) {
	want.Classes = [][]registrytypes.DeviceClass{
		nil, {registrytypes.DEVICE_CLASS_CPU}, {registrytypes.DEVICE_CLASS_EDGE}, {registrytypes.DEVICE_CLASS_CPU, registrytypes.DEVICE_CLASS_EDGE},
	}[r.Intn(4)]
	if r.Intn(2) == 0 {
		want.Cell = 9
	}
}

// scatter moves devices to a few cells, of which a search visits one, most to none, heats some, and may give the largest operator a budget
// of power for a third of its devices.
func (f *fixture) scatter(r *rand.Rand, metered bool) {
	f.T.Helper()
	state, err := f.registry.ExportGenesis(f.Ctx)
	require.NoError(f.T, err)
	registry := registrykeeper.NewMsgServer(f.registry)
	for _, d := range state.Devices {
		_, err := registry.UpdateDevice(f.Ctx, &registrytypes.MsgUpdateDevice{
			Operator: d.Operator, Id: d.Id, Lanes: d.Lanes, Price: d.Price, HourlyPrice: d.HourlyPrice, Available: true, Levels: d.Levels,
			Cell: []uint32{0, 0, 0, 9, 10, 300}[r.Intn(6)],
		})
		require.NoError(f.T, err)
		if celsius := []int32{40, 40, 80, 90, 99}[r.Intn(5)]; celsius > 40 {
			_, err := registry.ReportTelemetry(f.Ctx, &registrytypes.MsgReportTelemetry{Operator: d.Operator, Device: d.Id, Celsius: celsius, Watts: 50})
			require.NoError(f.T, err)
		}
	}
	for _, operator := range state.Operators {
		if metered && operator.Devices == 24 {
			_, err := registry.SetPowerBudget(f.Ctx, &registrytypes.MsgSetPowerBudget{Operator: operator.Address, Budget: 8 * 65})
			require.NoError(f.T, err)
		}
	}
	params, err := f.registry.Params(f.Ctx)
	require.NoError(f.T, err)
	params.Location.MaxCells = 1
	require.NoError(f.T, f.registry.SetParams(f.Ctx, params))
	require.NoError(f.T, f.registry.Invariants(f.Ctx))
}

// decisions are those of the first jobs, in text.
func (f *fixture) decisions(ctx sdk.Context, jobs uint64) (list []string) {
	f.T.Helper()
	for id := uint64(1); id <= jobs; id++ {
		job, err := f.k.Job(ctx, id)
		require.NoError(f.T, err)
		if job.State == types.JOB_STATE_OPEN {
			list = append(list, "open")
			continue
		}
		answer, err := f.queries.Explain(ctx, &types.QueryExplainRequest{Id: id})
		require.NoError(f.T, err)
		list = append(list, answer.Decision.String())
	}
	return list
}

// A block reads its lists of devices a few times, however many jobs it places, since each reading sorts all that was written before it; and
// hardly more devices than its jobs take, however many classes will do for them.
func TestListsAreReadFewTimes(t *testing.T) {
	const operators, each, jobs, limit = 5, 60, 120, 4
	cpu, edge, lanes := registrytypes.DEVICE_CLASS_CPU, registrytypes.DEVICE_CLASS_EDGE, []uint32{4, 1}
	for _, classes := range [][]registrytypes.DeviceClass{{cpu}, {cpu, edge}} {
		f := newFixture(t)
		for i := range operators {
			operator := f.operator(fmt.Sprintf("operator %d", i), 5_000*assay)
			for j := range each {
				f.deviceOf(classes[j%len(classes)], operator, fmt.Sprintf("device %d of %d", j, i), 1_000_000+int64(j), lanes[j%len(classes)])
			}
		}
		params := testParams()
		params.MaxCandidates, params.MaxAssignmentsPerBlock = limit, jobs
		require.NoError(t, f.k.SetParams(f.Ctx, params))
		for range jobs {
			msg := f.submission()
			msg.Spec.Requirements.Classes = classes
			require.NoError(t, f.submitErr(msg))
		}
		before, shown := f.faults.of["registry.WalkNear"], f.faults.shown
		require.NoError(t, f.k.EndBlock(f.Ctx))
		for id := uint64(1); id <= jobs; id++ {
			job, err := f.k.Job(f.Ctx, id)
			require.NoError(t, err)
			require.Equal(t, types.JOB_STATE_ASSIGNED, job.State, "job %d", id)
		}
		readings, devices := f.faults.of["registry.WalkNear"]-before, f.faults.shown-shown
		t.Logf("%d jobs, %d classes: %d readings of %d devices", jobs, len(classes), readings, devices)
		require.Positive(t, readings)
		require.LessOrEqual(t, readings, 5*len(classes))
		require.LessOrEqual(t, devices, 3*jobs/2)
	}
}

// Who is in jail gets no job, whether those in jail are few and read at once, or many and asked about one by one.
func TestJailedOperatorsAreKnown(t *testing.T) {
	f := newFixture(t)
	operators := map[string]sdk.AccAddress{}
	for _, name := range []string{"a", "b"} {
		operator := f.operator(name, 5_000*assay)
		f.deviceOf(registrytypes.DEVICE_CLASS_CPU, operator, name, 1_000_000, 4)
		operators[operator.String()] = operator
	}
	punish := func(operator sdk.AccAddress) {
		_, err := f.penalty.Punish(f.Ctx, penaltytypes.Punishment{Operator: operator, Offence: penaltytypes.OFFENCE_WRONG_RESULT, Subject: "x"})
		require.NoError(t, err)
	}
	place := func(id uint64) (worker string, lists, questions int) {
		require.NoError(t, f.submitErr(f.submission()))
		before := maps.Clone(f.faults.of)
		require.NoError(t, f.k.EndBlock(f.Ctx))
		job, err := f.k.Job(f.Ctx, id)
		require.NoError(t, err)
		return job.Worker, f.faults.of["penalty.Jailed"] - before["penalty.Jailed"], f.faults.of["penalty.IsJailed"] - before["penalty.IsJailed"]
	}
	busy, _, _ := place(1)
	for name, operator := range operators {
		if name != busy {
			punish(operator)
		}
	}
	worker, lists, questions := place(2)
	require.Equal(t, busy, worker, "the other one has less to do, and is in jail")
	require.Equal(t, []int{1, 0}, []int{lists, questions})
	for i := range 300 {
		punish(sdk.AccAddress(fmt.Sprintf("another culprit %4d", i)))
	}
	worker, lists, questions = place(3)
	require.Equal(t, busy, worker)
	require.Equal(t, 1, lists)
	require.Positive(t, questions)
}
