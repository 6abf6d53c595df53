package keeper_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	abci "github.com/cometbft/cometbft/abci/types"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/types"
)

// observer follows every job by its events alone, along the table of the state machine.
type observer struct {
	states  map[uint64]lifecycle.State
	contest map[uint64]bool
	genuine map[uint64]bool
	burnt   math.Int
	// redrawn are jobs whose claim had a draw without a hand-over.
	redrawn map[uint64]bool
	// covered counts the lines of the table that were walked.
	covered map[string]int
}

func newObserver() *observer {
	return &observer{
		states: map[uint64]lifecycle.State{}, contest: map[uint64]bool{}, genuine: map[uint64]bool{}, redrawn: map[uint64]bool{},
		burnt: math.ZeroInt(), covered: map[string]int{},
	}
}

func line(from lifecycle.State, event lifecycle.Event) string {
	return fmt.Sprintf("%s %s", from, event)
}

func (o *observer) read(t testing.TB, events sdk.Events) {
	t.Helper()
	for _, event := range events {
		if event.Type == banktypes.EventTypeCoinBurn {
			attribute, ok := event.GetAttribute(sdk.AttributeKeyAmount)
			require.True(t, ok)
			coins, err := sdk.ParseCoinsNormalized(attribute.Value)
			require.NoError(t, err)
			o.burnt = o.burnt.Add(coins.AmountOf("uassay"))
			continue
		}
		msg, err := sdk.ParseTypedEvent(abci.Event(event))
		if err == nil {
			o.note(t, msg)
		}
	}
}

func (o *observer) note(t testing.TB, event any) {
	t.Helper()
	switch e := event.(type) {
	case *types.EventJobSubmitted:
		require.NotContains(t, o.states, e.JobId)
		o.states[e.JobId] = lifecycle.Open
	case *types.EventJobAssigned:
		o.step(t, e.JobId, lifecycle.Assign)
	case *types.EventResultCommitted:
		o.step(t, e.JobId, lifecycle.Commit)
	case *types.EventRoundReplaced:
		o.step(t, e.JobId, lifecycle.Refix)
	case *types.EventJobSampled:
		o.step(t, e.JobId, lifecycle.Sample)
	case *types.EventProofSubmitted:
		o.step(t, e.JobId, lifecycle.Prove)
	case *types.EventJobProven:
		o.step(t, e.JobId, lifecycle.Accept)
	case *types.EventAttemptFailed:
		o.step(t, e.JobId, map[types.FailureReason]lifecycle.Event{
			types.FAILURE_REASON_COMMIT_LATE: lifecycle.MissCommit, types.FAILURE_REASON_PROOF_LATE: lifecycle.MissProof,
			types.FAILURE_REASON_PROOF_INVALID: lifecycle.Reject, types.FAILURE_REASON_INPUT_UNAVAILABLE: lifecycle.ReportInputs,
			types.FAILURE_REASON_UNVERIFIABLE: lifecycle.Abandon, types.FAILURE_REASON_DISPUTE_UNANSWERED: lifecycle.MissAnswer,
			types.FAILURE_REASON_DISPUTE_LOST: lifecycle.Convict, types.FAILURE_REASON_REPLICAS_LOST: lifecycle.Disband,
		}[e.Reason])
	case *types.EventDeliveryClaimed:
		o.step(t, e.JobId, lifecycle.Claim)
	case *types.EventDelivered:
		o.step(t, e.JobId, lifecycle.Deliver)
	case *types.EventDeliveryQuestioned:
		o.step(t, e.JobId, lifecycle.Question)
	case *types.EventDeliveryContested:
		o.contest[e.JobId], o.genuine[e.JobId] = true, e.Genuine
	case *types.EventResultDisputed:
		o.step(t, e.JobId, lifecycle.Dispute)
	case *types.EventDisputeAnswered:
		o.step(t, e.JobId, lifecycle.Answer)
	case *types.EventDisputeClosed:
		o.verdict(t, e)
	case *types.EventRelaysClaimed:
		o.step(t, e.JobId, o.claiming(e))
	case *types.EventRelaysDrawn:
		o.step(t, e.JobId, lifecycle.DrawRelays)
	case *types.EventRelaysLacking:
		if !o.redrawn[e.JobId] {
			o.step(t, e.JobId, lifecycle.LackRelays)
		}
	case *types.EventHandedOver:
		o.step(t, e.JobId, lifecycle.HandOver)
	case *types.EventReplicas:
		if e.Step == types.REPLICA_STEP_PASSED_ON {
			o.contest[e.JobId] = false
		}
		o.step(t, e.JobId, lifecycle.Recruit+lifecycle.Event(e.Step-types.REPLICA_STEP_RECRUITED))
	case *types.EventAudit:
		o.step(t, e.JobId, map[types.AuditStep]lifecycle.Event{
			types.AUDIT_STEP_FIXED: lifecycle.SubmitToAudit, types.AUDIT_STEP_REFIXED: lifecycle.Refix,
			types.AUDIT_STEP_SPARED: lifecycle.Spare, types.AUDIT_STEP_DRAWN: lifecycle.Audit, types.AUDIT_STEP_LACKING: lifecycle.LackAuditor,
		}[e.Step])
	case *types.EventJobClosed:
		o.step(t, e.JobId, o.closing(e))
	}
}

// verdict follows a dispute back to where it began; one that ended the attempt is told by EventAttemptFailed.
func (o *observer) verdict(t testing.TB, e *types.EventDisputeClosed) {
	t.Helper()
	back := e.Resumes == types.JOB_STATE_DELIVERED
	switch {
	case e.Verdict == types.DISPUTE_VERDICT_REFUTED && back:
		o.step(t, e.JobId, lifecycle.RefuteDelivery)
	case e.Verdict == types.DISPUTE_VERDICT_REFUTED:
		o.step(t, e.JobId, lifecycle.Refute)
	case e.Verdict == types.DISPUTE_VERDICT_DROPPED && back:
		o.step(t, e.JobId, lifecycle.DropDelivery)
	case e.Verdict == types.DISPUTE_VERDICT_DROPPED:
		o.step(t, e.JobId, lifecycle.Drop)
	}
}

// claiming finds the event that made a job wait for relays.
func (o *observer) claiming(e *types.EventRelaysClaimed) lifecycle.Event {
	switch o.states[e.JobId] {
	case lifecycle.Drawing:
		return lifecycle.Refix
	case lifecycle.Relaying:
		o.redrawn[e.JobId] = true
		return lifecycle.Redraw
	default:
		o.redrawn[e.JobId] = false
		return lifecycle.ClaimRelayed
	}
}

// closing finds the event that closed a job.
func (o *observer) closing(e *types.EventJobClosed) lifecycle.Event {
	switch e.Reason {
	case types.CLOSE_REASON_CANCELLED:
		return lifecycle.Cancel
	case types.CLOSE_REASON_EXPIRED:
		return lifecycle.Expire
	case types.CLOSE_REASON_ATTEMPTS_EXHAUSTED:
		return lifecycle.Exhaust
	case types.CLOSE_REASON_INPUT_UNAVAILABLE:
		return lifecycle.GiveUp
	case types.CLOSE_REASON_UNDELIVERED:
		if o.states[e.JobId] == lifecycle.Drawing {
			return lifecycle.LoseRelays
		}
		return lifecycle.MissDelivery
	case types.CLOSE_REASON_FALSE_DELIVERY:
		switch {
		case o.states[e.JobId] != lifecycle.Contested:
			return lifecycle.Falsified
		case o.contest[e.JobId]:
			return lifecycle.AnswerFalse
		default:
			return lifecycle.MissOpening
		}
	}
	switch {
	case o.states[e.JobId] == lifecycle.Contested:
		return lifecycle.AnswerGenuine
	case o.states[e.JobId] == lifecycle.Proven:
		return lifecycle.Settle
	case o.contest[e.JobId]:
		return lifecycle.Genuine
	default:
		return lifecycle.Uncontested
	}
}

func (o *observer) step(t testing.TB, id uint64, event lifecycle.Event) {
	t.Helper()
	transition, err := lifecycle.Next(o.states[id], event)
	require.NoError(t, err, "job %d", id)
	o.covered[line(transition.From, event)]++
	o.states[id] = transition.To
}

// compare checks that the store agrees with what the events told; a job that is gone was closed.
func (o *observer) compare(t testing.TB, get func(uint64) (types.Job, error)) {
	t.Helper()
	for id, state := range o.states {
		job, err := get(id)
		if err != nil {
			require.ErrorIs(t, err, types.ErrNotFound)
			require.Equal(t, lifecycle.Closed, state, "job %d", id)
			continue
		}
		require.Equal(t, state.String(), job.State.Lifecycle().String(), "job %d", id)
	}
}
