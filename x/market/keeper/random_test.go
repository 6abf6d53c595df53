package keeper_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/types"
	registrykeeper "github.com/assaychain/assay/x/registry/keeper"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// crowd plays everybody at random.
type crowd struct {
	*agent
	r *rand.Rand
	// told are the attempts whose explanations were checked, by job.
	told map[uint64]uint32
}

var lives = flag.Int("lives", 3, "crowds of jobs that live at random")

// coveringLives is how many crowds take every line of the table.
const coveringLives = 40

// TestRandomLives lets many jobs live at random — steps left out, late, wrong or out of turn, operators unbonding, unjailing and
// changing their offers, halts, a replaced beacon, changed parameters — and checks after every block that all books agree, that
// no unit is lost and that no hook complains. In the end everybody is silent, and every job must close by itself.
func TestRandomLives(t *testing.T) {
	covered := map[string]int{}
	for seed := int64(1); seed <= int64(*lives); seed++ {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			f := newFixture(t)
			f.workers(5)
			f.relays(3)
			c := crowd{agent: &agent{f: f, jobs: map[uint64]string{}}, r: rand.New(rand.NewSource(seed)), told: map[uint64]uint32{}}
			for range 120 {
				c.block()
			}
			c.silence()
			for line, n := range f.seen.covered {
				covered[line] += n
			}
		})
	}
	if *lives < coveringLives {
		return
	}
	missed := []string{}
	for _, transition := range lifecycle.Table() {
		if name := line(transition.From, transition.Event); covered[name] == 0 && !brokenInside(transition.Event) && !ofSeveral(transition) {
			missed = append(missed, name)
		}
	}
	require.Empty(t, missed, "lines of the table that no random life took")
}

// ofSeveral tells of the lines that take two operators of one job who differ, or one that fails after they agreed: rare among random lives.
// TestEveryPathOfTheTable walks each, and TestHonestReplicasArePaidAndOthersLose plays such jobs alone.
func ofSeveral(t lifecycle.Transition) bool {
	return t.From.IsReplicated() || t.Event == lifecycle.PassOn
}

// brokenInside tells of events that need a verifier that fails.
func brokenInside(event lifecycle.Event) bool {
	return event == lifecycle.Abandon || event == lifecycle.Drop || event == lifecycle.DropDelivery
}

func (c crowd) chance(n int) bool { return c.r.Intn(n) == 0 }

func (c crowd) block() {
	for c.r.Intn(3) == 0 {
		c.submit()
	}
	c.operators()
	for id := uint64(1); id <= uint64(len(c.jobs)); id++ {
		job, err := c.f.k.Job(c.f.Ctx, id)
		if err == nil && !c.chance(3) {
			c.step(job)
		}
	}
	if c.chance(60) {
		c.f.replaceBeacon()
	}
	if c.chance(40) {
		params := testParams()
		params.MaxAttempts = uint32(1 + c.r.Intn(4))
		params.MaxCandidates = uint32(1 + c.r.Intn(10))
		params.MaxDuePerBlock, params.MaxSampledPerBlock = uint32(1+c.r.Intn(3)), uint32(1+c.r.Intn(3))
		require.NoError(c.f.T, c.f.k.SetParams(c.f.Ctx, params))
	}
	if c.chance(30) {
		c.f.Advance(time.Duration(c.r.Intn(100)) * time.Hour)
	}
	c.f.block(1 + c.r.Intn(25))
	c.explained()
}

// explained checks the explanation of every choice that was made, once.
func (c crowd) explained() {
	for id := uint64(1); id <= uint64(len(c.jobs)); id++ {
		job, err := c.f.k.Job(c.f.Ctx, id)
		switch {
		case err != nil || job.Attempt == 0 || job.State == types.JOB_STATE_OPEN:
		case job.Replicas > 0:
			c.f.explainsRound(job) // Others may have joined it.
		case job.Attempt > c.told[id]:
			c.f.explains(job)
			c.told[id] = job.Attempt
		}
	}
}

func (c crowd) submit() {
	msg := c.f.submission()
	msg.MaxPrice.Amount = math.NewInt(10_000 + c.r.Int63n(assay))
	msg.Deadline = c.f.Ctx.BlockTime().Add(time.Duration(62+c.r.Intn(600)) * time.Second)
	msg.Spec.Samples = uint32(1 + c.r.Intn(4))
	role := []string{
		"honest", "honest", "honest", "report", "claim", "deliver", "false", "asked", "silent", "relayed", "relay silence", "relay false",
	}[c.r.Intn(12)]
	msg.Spec.Assurance = levelOf(role)
	c.places(&msg.Spec.Requirements)
	if msg.Spec.Assurance == types.ASSURANCE_SAMPLED && c.chance(3) {
		msg.Spec.Policy, msg.Spec.Replicas = types.VERIFICATION_POLICY_REPLICA, uint32(2+c.r.Intn(3))
		msg.Spec.Agreement = 2 + uint32(c.r.Intn(int(msg.Spec.Replicas)-1))
		msg.MaxPrice.Amount = msg.MaxPrice.Amount.MulRaw(int64(msg.Spec.Replicas))
	}
	if msg.Spec.Replicas == 0 && msg.Spec.Assurance == types.ASSURANCE_SAMPLED && c.chance(4) {
		msg.Spec.Policy = types.VERIFICATION_POLICY_AUDIT
		msg.Spec.Audit = &types.AuditTerms{Bps: uint32(100 + c.r.Intn(9_901))}
		msg.MaxPrice.Amount = msg.MaxPrice.Amount.MulRaw(2)
	}
	if c.f.submitErr(msg) == nil {
		c.jobs[uint64(len(c.jobs)+1)] = role
	}
}

// places asks for a tier, and now and then for operators or for a device near to a place that none tells.
func (c crowd) places(r *types.Requirements) {
	r.Tier = types.JobTier(c.r.Intn(4))
	for i := range 5 {
		if c.chance(12) {
			r.Operators = append(r.Operators, banktest.Address(fmt.Sprintf("worker %d", i)).String())
		}
	}
	if c.chance(5) {
		r.Cell = uint32(1 + c.r.Intn(648))
	}
	if r.Cell > 0 && c.chance(5) {
		r.MaxRoundTripMs = 100
	}
}

// operators lets operators change what they offer, get out of jail and take back their bond.
func (c crowd) operators() {
	for i := range 5 {
		name := fmt.Sprintf("worker %d", i)
		operator := banktest.Address(name)
		try(func() error { return c.f.penalty.Unjail(c.f.Ctx, operator) })
		if c.chance(8) {
			try(func() error {
				return c.f.do(func(ctx context.Context) error {
					_, err := registrykeeper.NewMsgServer(c.f.registry).UpdateDevice(ctx, &registrytypes.MsgUpdateDevice{
						Operator: operator.String(), Id: hashOf(name), Lanes: uint32(1 + c.r.Intn(4)), Price: math.NewInt(1 + c.r.Int63n(1e15)), Available: true, Levels: testLevels(),
						Cell: uint32(hashOf(name)[0] % 4),
					})
					return err
				})
			})
		}
		if c.chance(30) {
			c.f.declareRelay(relayName(i%3), []string{"", "https://relay.example"}[c.r.Intn(2)])
		}
		if c.chance(20) {
			try(func() error {
				return c.f.do(func(ctx context.Context) error {
					_, err := c.f.bond.Unbond(ctx, operator, math.NewInt(1+c.r.Int63n(20*assay)))
					return err
				})
			})
		}
	}
}

// step does what the job's turn asks for, or something wrong.
func (c crowd) step(job types.Job) {
	switch {
	case job.State.Lifecycle().IsReplicated():
		c.replicas(job)
	case c.chance(40):
		try(func() error { return c.f.cancelErr(c.f.customer, job.Id) })
	case c.chance(25):
		job.Attempt += uint32(c.r.Intn(2))
		c.agent.act(job, []string{"report", "invalid", "late commit", "false"}[c.r.Intn(4)])
	case job.State == types.JOB_STATE_DRAWING && c.chance(12):
		c.f.replaceBeacon()
	case job.State == types.JOB_STATE_SAMPLED && c.chance(5):
		msg := c.f.proveMsg(job, 0)
		msg.Proofs[c.r.Intn(len(msg.Proofs))] = make([]byte, proofSize)
		try(func() error { return c.f.proveErr(msg) })
	case job.State.Lifecycle().Disputable() && c.chance(4):
		try(func() error { return c.f.disputeErr(c.f.disputeMsg(job)) })
	case job.State == types.JOB_STATE_DISPUTED && c.chance(4):
		msg := c.f.answerMsg(job, 0)
		msg.Proof = make([]byte, proofSize)
		try(func() error { return c.f.answerErr(msg) })
	case job.State == types.JOB_STATE_CLAIMED && c.chance(2):
		try(func() error { return c.f.deliverErr(job.Worker, job.Id, c.f.seal(otherBlob)) })
	default:
		c.agent.act(job, c.jobs[job.Id])
	}
}

// silence lets time pass with nobody but the beacon's relayer.
func (c crowd) silence() {
	f := c.f
	require.NoError(f.T, f.k.SetParams(f.Ctx, testParams()))
	for range 300 {
		for id := range f.seen.states {
			job, err := f.k.Job(f.Ctx, id)
			switch {
			case err != nil:
			case job.State == types.JOB_STATE_COMMITTED, job.State == types.JOB_STATE_AUDITABLE:
				c.relay(job.Generation, job.Round)
			case job.State == types.JOB_STATE_DRAWING:
				c.relay(job.RelayGeneration, job.RelayRound)
			}
		}
		f.block(60)
	}
	for id, state := range f.seen.states {
		require.Equal(f.T, lifecycle.Closed, state, "job %d", id)
	}
	require.True(f.T, f.ModuleBalance("escrow").IsZero())
	for i := range 5 {
		stake, err := f.bond.Stake(f.Ctx, banktest.Address(fmt.Sprintf("worker %d", i)))
		require.NoError(f.T, err)
		require.True(f.T, stake.Exposure.IsZero())
	}
}
