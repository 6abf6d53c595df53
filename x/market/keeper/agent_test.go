package keeper_test

import (
	"errors"
	"flag"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/market/box"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/types"
)

var bothWays = flag.Bool("both-ways", false, "ports fail by errors and by panics, each; by one of the two otherwise")

// failingPorts are the calls that fail.
var failingPorts = []string{
	"bond.Expose", "bond.Release", "bond.Headroom", "escrow.Pay", "escrow.PayDirect", "escrow.Close", "registry.WalkNear", "registry.WalkApart", "registry.WalkOwned", "registry.AttestsAfter",
	"registry.Reserve", "registry.Unreserve", "registry.Suspend", "registry.Observe", "registry.Operator", "penalty.Punish", "penalty.IsJailed", "penalty.Jailed",
	"registry.RelayRegister", "registry.RelayAt", "registry.DevicePlaces", "registry.DeviceAt", "proofs.Units", "proofs.MoreUnits", "proofs.Verify", "proofs.VerifyMany", "proofs.Dispute", "proofs.Left", "proofs.Ask", "proofs.Answer", "proofs.Spend", "beacon.Fix", "beacon.Randomness", "beacon.Ready", "beacon.Done",
}

// Every port fails at every call for a while, with an error or with a panic: the blocks go on, the books stay right, and once
// it works again every job closes and nothing is left of any.
func TestAPortThatFailsStopsNothing(t *testing.T) {
	for i, name := range failingPorts {
		for _, panics := range []bool{i%2 == 0, i%2 != 0} {
			t.Run(fmt.Sprintf("%s panics %t", name, panics), func(t *testing.T) { portFails(t, name, panics) })
			if !*bothWays {
				break
			}
		}
	}
}

func portFails(t *testing.T, name string, panics bool) {
	f := newFixture(t)
	f.workers(5)
	f.relays(3)
	a := f.newAgent()
	f.faults.panics, f.faults.name = panics, name
	a.run(20)
	require.Positive(t, f.faults.hit, "the fault was met")
	f.faults.name, f.errors.lines = "", nil
	a.runToTheEnd()
}

// The same with a single call that fails, for every thirtieth call of a clean run, or every tenth.
func TestACallThatFailsOnceStopsNothing(t *testing.T) {
	clean := newFixture(t)
	clean.workers(5)
	clean.relays(3)
	clean.newAgent().runToTheEnd()
	require.Greater(t, clean.faults.calls, 200)
	step := 30
	if *bothWays {
		step = 10
	}
	t.Logf("%d calls, every %dth fails", clean.faults.calls, step)
	for number := step; number < clean.faults.calls; number += step {
		f := newFixture(t)
		f.workers(5)
		f.relays(3)
		a := f.newAgent()
		f.faults.number = f.faults.calls + number
		for i := 0; i < 200 && f.faults.hit == 0; i++ {
			a.run(1)
		}
		f.faults.number, f.errors.lines = 0, nil
		a.runToTheEnd()
	}
}

// runToTheEnd plays on until every job is closed, lets their history pass and checks that nothing is left.
func (a *agent) runToTheEnd() {
	f := a.f
	for i := 0; ; i++ {
		a.run(1)
		open := 0
		for _, state := range f.seen.states {
			if state != lifecycle.Closed {
				open++
			}
		}
		if open == 0 && len(f.seen.states) == len(a.jobs) {
			break
		}
		require.Less(f.T, i, 250, "%d jobs do not close: %s", open, f.export())
	}
	for id := range a.jobs {
		f.checkForgotten(id)
	}
}

// agent plays all parts of a few jobs at once, one of them failing at every step, and takes refusals as they come.
type agent struct {
	f    *fixture
	jobs map[uint64]string
	// boxes by job and draw.
	boxes map[string]*box.Sealed
}

func (f *fixture) newAgent() *agent {
	a := &agent{f: f, jobs: map[uint64]string{}}
	for i, role := range []string{
		"honest", "late commit", "late proof", "invalid", "report", "claim", "deliver", "false", "disputed", "relayed", "relay silence", "relay false", "asked",
	} {
		// Every second job is verified by itself, the others together.
		level := []types.Assurance{types.ASSURANCE_SAMPLED, types.ASSURANCE_REVEALED}[i%2]
		if levelOf(role) == types.ASSURANCE_FULL {
			level = types.ASSURANCE_FULL
		}
		a.jobs[f.submitWith(func(msg *types.MsgSubmitJob) {
			if msg.Spec.Assurance = level; role == "honest" {
				msg.Spec.Requirements.Operators = []string{banktest.Address("worker 1").String(), banktest.Address("worker 2").String()}
			}
		})] = role
	}
	for _, role := range []string{"replicas false", "replicas alone"} {
		a.jobs[f.submitReplicas(2, 2)] = role
	}
	a.jobs[f.submitAudit(always)] = "audit false"
	f.level = types.ASSURANCE_SAMPLED
	return a
}

// levelOf is the level of a role's job: those that are asked in a contest are of full.
func levelOf(role string) types.Assurance {
	if role == "asked" || role == "silent" {
		return types.ASSURANCE_FULL
	}
	return types.ASSURANCE_SAMPLED
}

func (a *agent) run(blocks int) {
	for range blocks {
		for id := uint64(1); id <= uint64(len(a.jobs)); id++ {
			if job, err := a.f.k.Job(a.f.Ctx, id); err == nil {
				a.act(job, a.jobs[id])
			}
		}
		a.f.block(20)
	}
}

// try runs a step that a planted fault may refuse, or end with a panic, as a transaction would.
func try(step func() error) {
	defer func() { _ = recover() }()
	_ = step()
}

func (a *agent) act(job types.Job, role string) {
	first := job.Attempt == 1
	if job.State.Lifecycle().IsReplicated() {
		a.f.play(job.Id, a.f.roleParts(job, role))
		return
	}
	switch job.State {
	case types.JOB_STATE_ASSIGNED:
		if role == "report" {
			try(func() error { return a.f.reportErr(job, 0) })
		} else if role != "late commit" || !first {
			try(func() error { return a.f.commitErr(a.f.commitMsg(job)) })
		}
	case types.JOB_STATE_COMMITTED:
		a.relay(job.Generation, job.Round)
	case types.JOB_STATE_DRAWING:
		a.relay(job.RelayGeneration, job.RelayRound)
	case types.JOB_STATE_RELAYING:
		a.handOver(job, role)
	case types.JOB_STATE_HANDED_OVER:
		a.open(job, role)
	case types.JOB_STATE_SAMPLED:
		if role == "late proof" && first {
			return
		}
		msg := a.f.proveMsg(job, 0)
		if role == "invalid" && first {
			msg.Proofs[0] = make([]byte, proofSize)
		}
		try(func() error { return a.f.proveErr(msg) })
	case types.JOB_STATE_DISPUTED:
		msg := a.f.answerMsg(job, 0)
		if role == "disputed" {
			msg.Proof = make([]byte, proofSize)
		}
		try(func() error { return a.f.answerErr(msg) })
	case types.JOB_STATE_PROVEN:
		if len(job.Disputed) == 0 && (role == "honest" || (role == "disputed" && first)) {
			try(func() error { return a.f.disputeErr(a.f.disputeMsg(job)) })
		}
		if role == "claim" || role == "deliver" || role == "false" || levelOf(role) == types.ASSURANCE_FULL {
			try(func() error { return a.f.claimErr(a.f.customer, job.Id) })
		}
		if strings.HasPrefix(role, "relay") && job.RelayClaims == 0 {
			try(func() error { return a.f.claimRelayedErr(a.f.customer, job.Id) })
		}
	case types.JOB_STATE_CLAIMED:
		if role != "claim" {
			try(func() error { return a.f.deliverErr(job.Worker, job.Id, a.f.seal(resultBlob)) })
		}
	case types.JOB_STATE_DELIVERED:
		if role == "deliver" && len(job.Disputed) == 0 {
			try(func() error { return a.f.disputeErr(a.f.disputeMsg(job)) })
		}
		if role == "false" || levelOf(role) == types.ASSURANCE_FULL {
			try(func() error { _, err := a.f.contest(job.Id, deliverySecret[:]); return err })
		}
	case types.JOB_STATE_CONTESTED:
		if role != "silent" {
			try(func() error { _, err := a.f.answer(job.Worker, job.Id, openingOf(resultBlob)); return err })
		}
	}
}

// handOver answers a claim through relays, in the first draw or the second.
func (a *agent) handOver(job types.Job, role string) {
	if role == "relay silence" || (role == "relay false" && a.f.record(job.Id).Draw == 1) {
		return
	}
	blob := resultBlob
	if role == "relay false" {
		blob = otherBlob
	}
	try(func() error { return a.f.handOverErr(a.f.handOverMsg(job, a.boxOf(job, blob), 2)) })
}

// boxOf keeps the box of a draw, so that the customer can open what the relays hold.
func (a *agent) boxOf(job types.Job, blob []byte) *box.Sealed {
	key := fmt.Sprint(job.Id, a.f.record(job.Id).Draw)
	if a.boxes == nil {
		a.boxes = map[string]*box.Sealed{}
	}
	if a.boxes[key] == nil {
		a.boxes[key] = a.f.boxOf(job, blob, blob)
	}
	return a.boxes[key]
}

// open claims once more if the relays are said not to serve, and contests what is false.
func (a *agent) open(job types.Job, role string) {
	if role == "relayed" && job.RelayClaims == 1 {
		try(func() error { return a.f.claimRelayedErr(a.f.customer, job.Id) })
		return
	}
	sealed := a.boxOf(job, resultBlob)
	if fault := a.f.find(job, sealed); fault != nil {
		try(func() error { return a.f.accuseErr(a.f.accuse(job, sealed, *fault)) })
	}
}

// relay posts a job's round once its time has come and it isn't there.
func (a *agent) relay(fixed, round uint64) {
	_, posted, err := a.f.beacon.Randomness(a.f.Ctx, fixed, round)
	generation, err2 := a.f.beacon.Generation(a.f.Ctx)
	params, err3 := a.f.beacon.Params(a.f.Ctx)
	if err := errors.Join(err, err2, err3); err != nil || generation != fixed {
		require.NoError(a.f.T, err)
		return
	}
	due, err := params.Chain.Drand().TimeOf(round)
	require.NoError(a.f.T, err)
	if !posted && due <= a.f.Ctx.BlockTime().Unix() {
		a.f.post(round)
	}
}
