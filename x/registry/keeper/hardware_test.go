package keeper_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	penaltytypes "github.com/assaychain/assay/x/penalty/types"
	"github.com/assaychain/assay/x/registry/spotcheck"
	"github.com/assaychain/assay/x/registry/types"
)

// honest is how many checks of honest devices are simulated; the whole number is 10,000.
var honest = flag.Int("checks", 150, "spot checks of honest devices to simulate")

// hardware is a model of a machine: how long it takes for a check, and when its answers reach a block.
type hardware struct {
	// takes is the time for the products; a card that serves several devices takes them one after another.
	takes time.Duration
	// free is when the card has made what it was given before.
	free time.Time
	// delay is the network's, for each answer.
	delay func() time.Duration
}

// device is one device on a machine.
type device struct {
	*hardware
	f *fixture
	n int
	// ready is when the answer to a state of a check reaches the chain.
	ready map[string]time.Time
	trace *spotcheck.Trace
	// seen are the checks that ended, by number.
	seen map[uint64]types.CheckState
}

func (f *fixture) on(h *hardware, n int) *device {
	return &device{hardware: h, f: f, n: n, ready: map[string]time.Time{}, seen: map[uint64]types.CheckState{}}
}

// act answers in the first block after the machine is ready, late or not.
func (d *device) act() {
	check, err := d.f.keeper.SpotCheck(d.f.ctx, deviceID(d.n))
	if err != nil {
		return
	}
	now, key := d.f.ctx.BlockTime(), fmt.Sprint(check.Id, check.State)
	ready, known := d.ready[key]
	if !known {
		ready = now
		if check.State == types.CHECK_STATE_SEEDED {
			if d.free.After(now) {
				ready = d.free
			}
			ready = ready.Add(d.takes)
			d.free = ready
		}
		ready = ready.Add(d.delay())
		d.ready[key] = ready
	}
	if ready.After(now) {
		return
	}
	switch {
	case !check.Open():
		d.seen[check.Id] = check.State
	case check.State == types.CHECK_STATE_SEEDED:
		d.trace = d.f.trace(check)
		_ = d.f.commit(check, d.trace.Commitment())
	case check.State == types.CHECK_STATE_SAMPLED:
		opening, err := d.trace.Open(engine, spotcheck.Hash(check.Challenge))
		require.NoError(d.f.t, err)
		_, _ = d.f.open(check, opening)
	}
}

func noDelay() time.Duration { return 0 }

// of is the time that a machine of a throughput, in multiply-accumulates a second, takes for a check of a class by the default rules.
func of(class types.DeviceClass, throughput uint64) time.Duration {
	params := types.DefaultParams()
	rule := params.Classes[class-1]
	work := spotcheck.Terms{Size: rule.CheckSize, Steps: rule.CheckSteps, Samples: params.Spot.Samples}.Work()
	return time.Duration(work/(throughput/1_000)) * time.Millisecond
}

// defaultWindows has small products, and the default time for them: machines are modelled.
func defaultWindows(t require.TestingT) *fixture {
	f := newFixture(t)
	params, defaults := smallChecks(), types.DefaultParams()
	for i := range params.Classes {
		params.Classes[i].CheckWindowMs = defaults.Classes[i].CheckWindowMs
	}
	params.Spot.Draws, params.Spot.DrawSeconds = 8, 60
	require.NoError(t, f.keeper.SetParams(f.ctx, params))
	return f
}

// TestAProcessorCannotClaimAGPU: at 50·10^9 multiply–accumulates a second, a good processor, a GPU's check takes many times what it is
// given. A GPU makes it.
func TestAProcessorCannotClaimAGPU(t *testing.T) {
	const processor, gpus = 50_000_000_000, 3_000_000_000_000
	f := defaultWindows(t)
	f.operator(alice, 1_000)
	f.operator(bob, 1_000)
	require.NoError(t, f.register(gpu(alice, 1, 10)))
	require.NoError(t, f.register(gpu(bob, 2, 10)))
	slow := f.on(&hardware{takes: of(types.DEVICE_CLASS_CONSUMER, processor), delay: noDelay}, 1)
	fast := f.on(&hardware{takes: of(types.DEVICE_CLASS_CONSUMER, gpus), delay: noDelay}, 2)
	t.Logf("a consumer GPU's check: %s on a processor, %s on a GPU, %d ms are given", slow.takes, fast.takes,
		types.DefaultParams().Classes[types.DEVICE_CLASS_CONSUMER-1].CheckWindowMs)
	f.seconds(120, slow.act, fast.act)
	require.Equal(t, types.CHECK_STATE_MISSED, f.check(1).State)
	require.True(t, f.device(1).Unproven)
	require.Zero(t, f.score(alice))
	require.False(t, f.device(2).Unproven)
	require.Positive(t, f.score(bob))
	require.Empty(t, f.offences(bob))
}

// TestTwoIdentitiesOnOneCard: a card that serves two devices of an operator is asked for both at once, each with a seed of its own. The
// second is late, and the operator pays.
func TestTwoIdentitiesOnOneCard(t *testing.T) {
	f := defaultWindows(t)
	f.operator(alice, 1_000)
	// Its first checks are one after the other, which one card can pass.
	card := &hardware{takes: 30 * time.Second, delay: noDelay}
	one, two := f.on(card, 1), f.on(card, 2)
	require.NoError(t, f.register(gpu(alice, 1, 10)))
	for range 50 {
		f.seconds(1, one.act)
	}
	require.NoError(t, f.register(gpu(alice, 2, 10)))
	for range 400 {
		f.seconds(1, one.act, two.act)
		if len(f.offences(alice)) > 0 {
			break
		}
	}
	require.Contains(t, f.offences(alice), fmt.Sprintf("check/%d", missed(f, 1, 2).Id))
	require.Equal(t, penaltytypes.OFFENCE_MISSED_SPOT_CHECK, f.offences(alice)[fmt.Sprintf("check/%d", missed(f, 1, 2).Id)])
	require.Zero(t, f.score(alice))
}

// missed is the check of those devices that was missed.
func missed(f *fixture, devices ...int) types.SpotCheck {
	for _, n := range devices {
		if check := f.check(n); check.State == types.CHECK_STATE_MISSED {
			return check
		}
	}
	require.Fail(f.t, "none was missed")
	return types.SpotCheck{}
}

// TestSiblingsAreCheckedTogether: one draw, one window, a seed each; processors are siblings of processors only.
func TestSiblingsAreCheckedTogether(t *testing.T) {
	f := checkFixture(t)
	f.operator(alice, 1_000)
	f.operator(bob, 1_000)
	cpu := gpu(alice, 3, 10)
	cpu.Class, cpu.Backend = types.DEVICE_CLASS_CPU, types.BACKEND_CPU
	for _, msg := range []*types.MsgRegisterDevice{gpu(alice, 1, 10), gpu(alice, 2, 10), cpu, gpu(bob, 4, 10)} {
		require.NoError(t, f.register(msg))
	}
	f.prove(1, 2, 3, 4)
	together := 0
	for range 400 {
		a, b := f.check(1), f.check(2)
		if a.State == types.CHECK_STATE_SEEDED || b.State == types.CHECK_STATE_SEEDED {
			together++
			require.Equal(t, a.State, b.State)
			require.Equal(t, a.Round, b.Round)
			require.Equal(t, a.Due, b.Due)
			require.NotEqual(t, a.Seed, b.Seed)
		}
		f.seconds(1, func() {
			for n := 1; n <= 4; n++ {
				f.answer(n)
			}
		})
	}
	require.Greater(t, together, 5)
	require.Empty(t, f.offences(alice))
}

// TestAnOutageIsOneOffence: an operator whose machine fails loses the proof of all devices that were checked, and is slashed once.
func TestAnOutageIsOneOffence(t *testing.T) {
	f := checkFixture(t)
	f.operator(alice, 1_000)
	for n := 1; n <= 4; n++ {
		require.NoError(t, f.register(gpu(alice, n, 10)))
	}
	f.prove(1, 2, 3, 4)
	for n := 1; n <= 4; n++ {
		f.until(n, types.CHECK_STATE_MISSED)
		require.True(t, f.device(n).Unproven)
	}
	require.Len(t, f.offences(alice), 1)
}

// TestNobodyEscapesADraw: once the round is fixed, nothing that an operator does changes who is drawn. A device that leaves is checked
// all the same, and missing that is an offence.
func TestNobodyEscapesADraw(t *testing.T) {
	f := checkFixture(t)
	f.operator(alice, 2_000)
	f.operator(bob, 1_000)
	for n := 1; n <= 4; n++ {
		require.NoError(t, f.register(gpu(alice, n, 10)))
	}
	require.NoError(t, f.register(gpu(bob, 5, 10)))
	f.prove(1, 2, 3, 4, 5)
	draw, err := f.keeper.Draw(f.ctx)
	require.NoError(t, err)
	for draw.Round == 0 {
		f.seconds(1)
		draw, err = f.keeper.Draw(f.ctx)
		require.NoError(t, err)
	}
	drawn := func(change func(f *fixture)) map[int]bool {
		branch := *f
		branch.ctx, _ = f.ctx.CacheContext()
		change(&branch)
		branch.seconds(4)
		found := map[int]bool{}
		for n := 1; n <= 5; n++ {
			check, err := branch.keeper.SpotCheck(branch.ctx, deviceID(n))
			found[n] = err == nil && check.Generation == draw.Generation && check.Round == draw.Round
		}
		require.NoError(t, branch.keeper.Invariants(branch.ctx))
		return found
	}
	want := drawn(func(*fixture) {})
	off := func(n int) func(f *fixture) {
		return func(f *fixture) {
			require.NoError(t, f.update(update(gpu(alice, n, 10), func(m *types.MsgUpdateDevice) { m.Available = false })))
		}
	}
	for n := 1; n <= 4; n++ {
		require.Equal(t, want, drawn(off(n)), "device %d becomes unavailable", n)
		require.Equal(t, want, drawn(func(f *fixture) { off(n)(f); f.seconds(1) }))
	}
	require.Equal(t, want, drawn(func(f *fixture) { require.NoError(t, f.register(gpu(alice, 6, 10))) }), "another comes")
	retired := drawn(func(f *fixture) { require.NoError(t, f.retire(alice, 2)) })
	want[2] = false
	require.Equal(t, want, retired, "one retires, and loses what it had proven")
}

// TestHonestDevicesAreNeverPunished: devices that need 60% of their time for the products, over a network that takes up to 20% of it for
// each answer, pass every check.
func TestHonestDevicesAreNeverPunished(t *testing.T) {
	f := checkFixture(t)
	params := smallChecks()
	params.Spot.Draws, params.Spot.MaxChecksPerBlock = 8, 100
	require.NoError(t, f.keeper.SetParams(f.ctx, params))
	r := rand.New(rand.NewPCG(7, 7))
	var fleet []*device
	var tasks []func()
	for o := range 8 {
		operator := sdk.AccAddress(fmt.Sprintf("operator%012d", o))
		f.operator(operator, 1_000)
		for i := range 1 + o%3 {
			n := 10*o + i
			require.NoError(t, f.register(gpu(operator, n, 10)))
			d := f.on(&hardware{takes: 6 * time.Second, delay: func() time.Duration { return time.Duration(r.IntN(2_000)) * time.Millisecond }}, n)
			fleet, tasks = append(fleet, d), append(tasks, d.act)
		}
	}
	total := func() (passed int) {
		for _, d := range fleet {
			for id, state := range d.seen {
				require.Equal(t, types.CHECK_STATE_PASSED, state, "check %d of device %d", id, d.n)
				passed++
			}
		}
		return passed
	}
	for total() < *honest {
		f.seconds(10, tasks...)
		require.NoError(t, f.keeper.Invariants(f.ctx))
	}
	state, err := f.penalty.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.Empty(t, state.Records)
	require.Empty(t, f.errors.lines)
	t.Logf("%d checks of %d honest devices passed, none was missed", total(), len(fleet))
}
