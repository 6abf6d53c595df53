package keeper_test

import (
	"errors"
	"flag"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/types"
)

var bothWays = flag.Bool("both-ways", false, "ports fail by errors and by panics, each; by one of the two otherwise")

// failingPorts are the calls that fail.
var failingPorts = []string{
	"bond.Expose", "bond.Release", "bond.Headroom", "escrow.Pay", "escrow.PayDirect", "escrow.Close", "registry.WalkAvailable",
	"registry.Reserve", "registry.Unreserve", "registry.Suspend", "registry.Observe", "registry.Operator", "penalty.Punish", "penalty.IsJailed",
	"proofs.Units", "proofs.Verify", "proofs.Spend", "proofs.Ask", "proofs.Answer", "beacon.Fix", "beacon.Randomness", "beacon.Ready", "beacon.Done",
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
	f.workers(4)
	a := f.newAgent()
	f.faults.panics, f.faults.name = panics, name
	a.run(20)
	require.Positive(t, f.faults.hit, "the fault was met")
	f.faults.name, f.errors.lines = "", nil
	a.runToTheEnd()
}

// The same with a single call that fails, for every tenth call of a clean run.
func TestACallThatFailsOnceStopsNothing(t *testing.T) {
	clean := newFixture(t)
	clean.workers(4)
	clean.newAgent().runToTheEnd()
	require.Greater(t, clean.faults.calls, 200)
	for number := 10; number < clean.faults.calls; number += 10 {
		f := newFixture(t)
		f.workers(4)
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
}

func (f *fixture) newAgent() *agent {
	a := &agent{f: f, jobs: map[uint64]string{}}
	for _, role := range []string{"honest", "late commit", "late proof", "invalid", "report", "claim", "deliver", "false", "asked"} {
		f.level = levelOf(role)
		a.jobs[f.submit()] = role
	}
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
	switch job.State {
	case types.JOB_STATE_ASSIGNED:
		if role == "report" {
			try(func() error { return a.f.reportErr(job, 0) })
		} else if role != "late commit" || !first {
			try(func() error { return a.f.commitErr(a.f.commitMsg(job)) })
		}
	case types.JOB_STATE_COMMITTED:
		a.relay(job)
	case types.JOB_STATE_SAMPLED:
		if role == "late proof" && first {
			return
		}
		msg := a.f.proveMsg(job, 0)
		if role == "invalid" && first {
			msg.Proofs[0] = make([]byte, proofSize)
		}
		try(func() error { return a.f.proveErr(msg) })
	case types.JOB_STATE_PROVEN:
		if role == "claim" || role == "deliver" || role == "false" || levelOf(role) == types.ASSURANCE_FULL {
			try(func() error { return a.f.claimErr(a.f.customer, job.Id) })
		}
	case types.JOB_STATE_CLAIMED:
		if role != "claim" {
			try(func() error { return a.f.deliverErr(job.Worker, job.Id, a.f.seal(resultBlob)) })
		}
	case types.JOB_STATE_DELIVERED:
		if role == "false" || levelOf(role) == types.ASSURANCE_FULL {
			try(func() error { _, err := a.f.contest(job.Id, deliverySecret[:]); return err })
		}
	case types.JOB_STATE_CONTESTED:
		if role != "silent" {
			try(func() error { _, err := a.f.answer(job.Worker, job.Id, openingOf(resultBlob)); return err })
		}
	}
}

// relay posts a job's round once its time has come and it isn't there.
func (a *agent) relay(job types.Job) {
	_, posted, err := a.f.beacon.Randomness(a.f.Ctx, job.Generation, job.Round)
	generation, err2 := a.f.beacon.Generation(a.f.Ctx)
	params, err3 := a.f.beacon.Params(a.f.Ctx)
	if err := errors.Join(err, err2, err3); err != nil || generation != job.Generation {
		require.NoError(a.f.T, err)
		return
	}
	due, err := params.Chain.Drand().TimeOf(job.Round)
	require.NoError(a.f.T, err)
	if !posted && due <= a.f.Ctx.BlockTime().Unix() {
		a.f.post(job.Round)
	}
}
