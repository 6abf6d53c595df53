package daemon

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/drand"
	"github.com/assaychain/assay/offchain-worker/metrics"
	"github.com/assaychain/assay/offchain-worker/prover"
	"github.com/assaychain/assay/offchain-worker/runner"
	beacon "github.com/assaychain/assay/x/beacon/drand"
	"github.com/assaychain/assay/x/proofs/circuits/model/modeltest"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/setup/setuptest"
	"github.com/assaychain/assay/x/proofs/statement"

	beacontypes "github.com/assaychain/assay/x/beacon/types"
	proofstypes "github.com/assaychain/assay/x/proofs/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// fakeBeacon is the chain as the relay sees it.
type fakeBeacon struct {
	requests []beacontypes.Request
	own      map[uint64]bool
	posted   map[uint64]bool
	sends    int
	send     error
	outcome  chain.Outcome
}

func (f *fakeBeacon) PendingRounds(context.Context) ([]beacontypes.Request, error) {
	return f.requests, nil
}
func (f *fakeBeacon) AwaitsRound(round uint64) bool { return f.own[round] }
func (f *fakeBeacon) RoundPosted(_ context.Context, round uint64) (bool, error) {
	return f.posted[round], nil
}
func (f *fakeBeacon) Address() sdk.AccAddress { return sdk.AccAddress("hot") }
func (f *fakeBeacon) Send(context.Context, func(chain.SignedTx) error, ...sdk.Msg) (chain.SignedTx, error) {
	f.sends++
	return chain.SignedTx{Hash: "AB"}, f.send
}
func (f *fakeBeacon) Await(context.Context, chain.SignedTx) (chain.Outcome, error) {
	return f.outcome, nil
}

func TestOwnRoundsGoFirst(t *testing.T) {
	now := time.Now().Unix()
	followed := beacon.Chain{Period: 1, Genesis: now - 1000, Scheme: beacon.Scheme}
	due := followed.RoundAt(now)
	f := &fakeBeacon{own: map[uint64]bool{due - 1: true, due + 100: true}}
	for _, round := range []uint64{due - 500, due - 2, due - 1, due - 1, due + 100, 0} {
		f.requests = append(f.requests, beacontypes.Request{Round: round})
	}
	rounds, err := waiting{f, f, followed, time.Minute}.WaitingRounds(context.Background())
	require.NoError(t, err)
	require.Equal(t, []uint64{due - 500, due - 1}, rounds, "an old round of others, and the own one that is due, once")
	rounds, err = waiting{f, f, followed, 0}.WaitingRounds(context.Background())
	require.NoError(t, err)
	require.Equal(t, []uint64{due - 500, due - 2, due - 1}, rounds)
}

func TestPostedBySomebodyElseIsPosted(t *testing.T) {
	ctx := context.Background()
	refused := &chain.Refusal{Codespace: "beacon", Code: 3, Log: "already posted"}
	for name, c := range map[string]struct {
		f    fakeBeacon
		want bool
	}{
		"first":               {fakeBeacon{outcome: chain.Outcome{State: chain.TxLanded}}, true},
		"refused, not posted": {fakeBeacon{send: refused}, false},
		"refused, posted":     {fakeBeacon{send: refused, posted: map[uint64]bool{7: true}}, true},
		"lost the race":       {fakeBeacon{outcome: chain.Outcome{State: chain.TxLanded, Code: 3}, posted: map[uint64]bool{7: true}}, true},
		"failed":              {fakeBeacon{outcome: chain.Outcome{State: chain.TxLanded, Code: 3}}, false},
		"unknown, landed":     {fakeBeacon{send: chain.ErrUnknown, outcome: chain.Outcome{State: chain.TxLanded}}, true},
	} {
		err := poster{&c.f, &c.f, metrics.New()}.PostRound(ctx, drand.Beacon{Round: 7})
		require.Equal(t, c.want, err == nil, "%s: %v", name, err)
		require.Equal(t, 1, c.f.sends)
	}
}

func TestOfferTouchesOnlyWhatDiffersAndIsHere(t *testing.T) {
	one := func(id string, available bool) registrytypes.Device {
		return registrytypes.Device{Id: []byte(id), Operator: "o", Lanes: 3, Price: math.NewInt(5), Available: available}
	}
	registered := []registrytypes.Device{one("here", true), one("idle", false), one("elsewhere", true)}
	messages := offerMessages(registered, map[string]bool{"here": true, "idle": true}, false)
	require.Equal(t, []sdk.Msg{&registrytypes.MsgUpdateDevice{Operator: "o", Id: []byte("here"), Lanes: 3, Price: math.NewInt(5)}}, messages)
}

func TestCircuitOfTheChainIsTheProvers(t *testing.T) {
	o := &runner.Opening{Circuit: "opening-256", Statement: statement.Statement{K: 200}}
	require.NoError(t, checkCircuit(o))
	o.Circuit = "opening-1024"
	require.ErrorContains(t, checkCircuit(o), "upgrade")
	o.Statement.K = 5000
	require.Error(t, checkCircuit(o))
}

func TestReplacedCircuitIsNoticed(t *testing.T) {
	ours, other := [32]byte{1}, [32]byte{2}
	circuit := func(id string, class uint32, hash [32]byte, status proofstypes.CircuitStatus) proofstypes.Circuit {
		return proofstypes.Circuit{Id: id, Class: class, KeyHash: hash[:], Status: status}
	}
	retired := circuit("opening-256", 256, ours, proofstypes.CIRCUIT_STATUS_RETIRED)
	successor := circuit("opening-256-v2", 256, other, proofstypes.CIRCUIT_STATUS_ACTIVE)
	foreign := circuit("opening-1024", 1024, other, proofstypes.CIRCUIT_STATUS_ACTIVE)
	require.Equal(t, "opening-256-v2", replaced([]proofstypes.Circuit{retired, successor, foreign}, 256, ours).Id)
	require.Nil(t, replaced([]proofstypes.Circuit{retired, foreign}, 256, ours), "a retired circuit draws no jobs, another class is not ours")
	current := circuit("opening-256", 256, ours, proofstypes.CIRCUIT_STATUS_ACTIVE)
	require.Nil(t, replaced([]proofstypes.Circuit{current}, 256, ours))
}

// Records that say other levels or another cell are changed; without a location the cell stays.
func TestDeclareMessages(t *testing.T) {
	one := func(id string, cell uint32) registrytypes.Device {
		return registrytypes.Device{Id: []byte(id), Operator: "o", Lanes: 3, Price: math.NewInt(5), Cell: cell}
	}
	registered := []registrytypes.Device{one("right", 522), one("moved", 7), one("untold", 0), one("elsewhere", 9)}
	local := map[string]bool{"right": true, "moved": true, "untold": true}
	update := func(id string, cell uint32) sdk.Msg {
		return &registrytypes.MsgUpdateDevice{Operator: "o", Id: []byte(id), Lanes: 3, Price: math.NewInt(5), Cell: cell}
	}
	levels := registrytypes.DefaultLevels()
	require.Equal(t, []sdk.Msg{update("moved", 522), update("untold", 522)}, declareMessages(registered, local, levels, 522))
	require.Empty(t, declareMessages(registered, local, levels, 0))
	more := declareMessages(registered, local, levels[:1], 0)
	require.Len(t, more, 3)
	require.EqualValues(t, 7, more[1].(*registrytypes.MsgUpdateDevice).Cell)
	require.EqualValues(t, 7, chain.UpdateOf(registered[1], true).Cell)
}

// One device of each other operator is measured, and what the chain would refuse is not reported.
func TestRoundTripsThatAreReported(t *testing.T) {
	one := func(id, operator string, cell uint32) registrytypes.Device {
		return registrytypes.Device{Id: []byte(id), Operator: operator, Cell: cell}
	}
	sample := []registrytypes.Device{one("a", "me", 1), one("b", "x", 0), one("c", "x", 353), one("d", "x", 353), one("e", "y", 522), one("f", "z", 522)}
	require.Equal(t, []registrytypes.Device{sample[2], sample[4]}, peers(sample, "me", 2))
	rules := registrytypes.DefaultLocationRules()
	for took, want := range map[time.Duration]bool{
		time.Millisecond: false, 200 * time.Millisecond: true, 5 * time.Second: true, 5*time.Second + time.Microsecond: false,
	} {
		trip, ok := reportable(rules, 522, sample[2], took)
		require.Equal(t, want, ok, "%s", took)
		require.Equal(t, []byte("c"), trip.Device)
	}
	trip, ok := reportable(rules, 522, sample[4], 0)
	require.True(t, ok && trip.Micros == 1_000, "next door")
	for took, want := range map[time.Duration]uint32{
		200*time.Millisecond + time.Nanosecond: 201_000, 200_999 * time.Microsecond: 201_000, 201 * time.Millisecond: 201_000,
	} {
		trip, ok := reportable(rules, 522, sample[2], took)
		require.True(t, ok)
		require.Equal(t, want, trip.Micros, "%s, in whole milliseconds", took)
	}
}

// TestToldOfThePlace: doctor says what can narrow a place down, and how to end it; and nothing of it where nothing is measured.
func TestToldOfThePlace(t *testing.T) {
	require.Contains(t, told(522, time.Hour), `every 1h0m0s round trips to others, which are public like the coordinates made of them and can narrow the place down`)
	require.Contains(t, told(522, time.Hour), `devices.measure_interval = "0s" ends them`)
	require.Contains(t, told(522, 0), "is all that the chain is told")
	require.NotContains(t, told(522, time.Hour), "all that the chain is told")
}

// TestWithdrawable: without the grant for it the hot key can't take devices out of the offer.
func TestWithdrawable(t *testing.T) {
	require.True(t, withdrawable([]string{sdk.MsgTypeURL(&registrytypes.MsgReportTelemetry{})}))
	require.False(t, withdrawable(chain.GrantedMessages()))
}

func TestReofferMessages(t *testing.T) {
	device := func(id string, unproven, checking bool) registrytypes.Device {
		return registrytypes.Device{Id: []byte(id), Operator: "o", Lanes: 3, Price: math.NewInt(5), Unproven: unproven, Checking: checking}
	}
	registered := []registrytypes.Device{device("failed", true, false), device("checked", true, true), device("proven", false, false), device("elsewhere", true, false)}
	messages := reofferMessages(registered, map[string]bool{"failed": true, "checked": true, "proven": true})
	require.Equal(t, []sdk.Msg{&registrytypes.MsgUpdateDevice{Operator: "o", Id: []byte("failed"), Lanes: 3, Price: math.NewInt(5), Available: true}}, messages)
}

// TestModelsOfTheChainMustBeProvable: a worker without a model's key, or with another one, does not serve.
func TestModelsOfTheChainMustBeProvable(t *testing.T) {
	run, err := modeltest.Draw(modeltest.Tiny(1))
	require.NoError(t, err)
	keys, err := prover.New(setuptest.Model(t, run.Network))
	require.NoError(t, err)
	hash, err := keys.ModelKeyHash(run.Network.Hash())
	require.NoError(t, err)
	known, unknown := run.Network.Model(), run.Network.Model()
	unknown.Layers = slices.Clone(unknown.Layers)
	unknown.Layers[0].Shift++
	d := &Daemon{prover: keys}
	for name, c := range map[string]struct {
		circuit proofstypes.Circuit
		says    string
	}{
		"known":    {proofstypes.Circuit{Model: &known, KeyHash: hash[:]}, ""},
		"a class":  {proofstypes.Circuit{Class: 256}, ""},
		"other":    {proofstypes.Circuit{Model: &known, KeyHash: make([]byte, 32)}, "get the chain's"},
		"unknown":  {proofstypes.Circuit{Model: &unknown, KeyHash: hash[:]}, "models add"},
		"no model": {proofstypes.Circuit{Model: &program.Model{}}, "invalid program"},
	} {
		c.circuit.Id, c.circuit.Status = "model-x", proofstypes.CIRCUIT_STATUS_ACTIVE
		err := d.checkModels([]proofstypes.Circuit{c.circuit})
		if c.says == "" {
			require.NoError(t, err, name)
		} else {
			require.ErrorContains(t, err, c.says, name)
		}
		c.circuit.Status = proofstypes.CIRCUIT_STATUS_RETIRED
		require.NoError(t, d.checkModels([]proofstypes.Circuit{c.circuit}), name)
	}
	require.Nil(t, replaced([]proofstypes.Circuit{{Model: &known, Status: proofstypes.CIRCUIT_STATUS_ACTIVE}}, 0, hash), "a model is of no class")
}
