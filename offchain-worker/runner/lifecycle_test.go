package runner

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/journal"
	markettypes "github.com/assaychain/assay/x/market/types"
)

func TestNextIsTheTable(t *testing.T) {
	const (
		open      = markettypes.JOB_STATE_OPEN
		assigned  = markettypes.JOB_STATE_ASSIGNED
		committed = markettypes.JOB_STATE_COMMITTED
		sampled   = markettypes.JOB_STATE_SAMPLED
		verifying = markettypes.JOB_STATE_VERIFYING
		proven    = markettypes.JOB_STATE_PROVEN
		claimed   = markettypes.JOB_STATE_CLAIMED
		delivered = markettypes.JOB_STATE_DELIVERED
		closed    = markettypes.JOB_STATE_CLOSED
		disputed  = markettypes.JOB_STATE_DISPUTED
		answered  = markettypes.JOB_STATE_ANSWERED
		contested = markettypes.JOB_STATE_CONTESTED
	)
	intent := &Intent{Purpose: journal.StepCommitIntent}
	ready := Progress{Fetched: true, Executed: true}
	seen := Progress{Fetched: true, Executed: true, Committed: true, Sampled: true}
	second := &markettypes.Dispute{Number: 2, Resumes: proven}
	fromDelivery := &markettypes.Dispute{Number: 2, Resumes: delivered}
	answering := func(p *Progress) {
		p.Proven, p.Answer, p.Intent = true, Answer{Number: 2, Proof: []byte{1}}, &Intent{Purpose: journal.StepAnswerIntent}
	}
	earlier := func(p *Progress) { answering(p); p.Answer.Number = 1 }
	with := func(p Progress, change func(*Progress)) Progress { change(&p); return p }
	for _, row := range []struct {
		name     string
		progress Progress
		state    markettypes.JobState
		want     Action
	}{
		{"new", Progress{}, assigned, ActFetch},
		{"fetched", Progress{Fetched: true}, assigned, ActExecute},
		{"executed", ready, assigned, ActCommit},
		{"commitment on its way", with(ready, func(p *Progress) { p.Intent = intent }), assigned, ActResolve},
		{"report on its way", Progress{Intent: intent}, assigned, ActResolve},
		{"committed, not noted", ready, committed, ActNoteCommitted},
		{"committed", with(ready, func(p *Progress) { p.Committed = true }), committed, ActWait},
		{"committed, journal lost", Progress{Committed: true}, committed, ActFetch},
		{"sampled, commitment not noted", ready, sampled, ActNoteCommitted},
		{"sampled, not noted", with(ready, func(p *Progress) { p.Committed = true }), sampled, ActNoteSampled},
		{"sampled", seen, sampled, ActProve},
		{"sampled, journal lost", Progress{Committed: true, Sampled: true}, sampled, ActFetch},
		{"proved", with(seen, func(p *Progress) { p.Proofs = [][]byte{{1}} }), sampled, ActSubmitProof},
		{"proof on its way", with(seen, func(p *Progress) { p.Proofs = [][]byte{{1}}; p.Intent = intent }), sampled, ActResolve},
		{"verifying", seen, verifying, ActWait},
		{"proven, not noted", seen, proven, ActNoteProven},
		{"proven", with(seen, func(p *Progress) { p.Proven = true }), proven, ActWait},
		{"claimed, not noted", seen, claimed, ActNoteProven},
		{"claimed", with(seen, func(p *Progress) { p.Proven = true }), claimed, ActDeliver},
		{"delivery on its way", with(seen, func(p *Progress) { p.Proven = true; p.Intent = intent }), claimed, ActResolve},
		{"delivered, not noted", seen, delivered, ActNoteDelivered},
		{"delivered", with(seen, func(p *Progress) { p.Delivered = true }), delivered, ActWait},
		{"disputed, proof not noted", with(seen, func(p *Progress) { p.Intent = intent }), disputed, ActNoteProven},
		{"disputed", with(seen, func(p *Progress) { p.Proven = true }), disputed, ActAnswer},
		{"disputed, journal lost", Progress{Proven: true}, disputed, ActFetch},
		{"disputed, answer proved", with(seen, func(p *Progress) { p.Proven, p.Answer = true, Answer{Number: 2} }), disputed, ActSubmitAnswer},
		{"disputed again", with(seen, func(p *Progress) { p.Proven, p.Answer = true, Answer{Number: 1} }), disputed, ActAnswer},
		{"answer on its way", with(seen, answering), disputed, ActResolve},
		{"disputed again, answer not noted", with(seen, earlier), disputed, ActNoteAnswered},
		{"answered, not noted", with(seen, answering), answered, ActNoteAnswered},
		{"answered", with(seen, func(p *Progress) { p.Proven = true }), answered, ActWait},
		{"answer not noted", with(seen, answering), proven, ActNoteAnswered},
		{"answer not noted, claimed", with(seen, answering), claimed, ActNoteAnswered},
		{"contested, delivery not noted", with(seen, func(p *Progress) { p.Intent = intent }), contested, ActNoteDelivered},
		{"contested", with(seen, func(p *Progress) { p.Delivered = true }), contested, ActOpen},
		{"contested, journal lost", Progress{Delivered: true}, contested, ActFetch},
		{"opening on its way", with(seen, func(p *Progress) { p.Delivered = true; p.Intent = intent }), contested, ActResolve},
		{"closed", seen, closed, ActFinish},
		{"open", seen, open, ActWait},
	} {
		require.Equal(t, row.want, Next(row.progress, Situation{State: row.state, Mine: true, Dispute: second}), row.name)
		require.Equal(t, ActFinish, Next(row.progress, Situation{State: row.state}), "%s, of another worker", row.name)
	}
	delivering := with(seen, func(p *Progress) { p.Proven, p.Intent = true, &Intent{Purpose: journal.StepDeliverIntent} })
	require.Equal(t, ActNoteDelivered, Next(delivering, Situation{State: disputed, Mine: true, Dispute: fromDelivery}))
	delivering.Delivered, delivering.Intent = true, nil
	require.Equal(t, ActAnswer, Next(delivering, Situation{State: disputed, Mine: true, Dispute: fromDelivery}))
	require.Equal(t, ActWait, Next(seen, Situation{State: disputed, Mine: true}), "a node that shows no dispute")
}

// TestNothingIsSentOverAnIntent: whatever the journal and the chain say, no new transaction is made while the end of one is
// unknown.
func TestNothingIsSentOverAnIntent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Progress{
			Fetched: rapid.Bool().Draw(t, "fetched"), Executed: rapid.Bool().Draw(t, "executed"),
			Committed: rapid.Bool().Draw(t, "committed"), Sampled: rapid.Bool().Draw(t, "sampled"),
			Proven: rapid.Bool().Draw(t, "proven"), Delivered: rapid.Bool().Draw(t, "delivered"), Intent: &Intent{},
		}
		if rapid.Bool().Draw(t, "proved") {
			p.Proofs = [][]byte{{1}}
		}
		state := markettypes.JobState(rapid.SampledFrom(slices.Sorted(maps.Keys(markettypes.JobState_name))).Draw(t, "state"))
		p.Intent.Purpose = rapid.SampledFrom(journal.Steps()).Draw(t, "purpose")
		p.Answer.Number = rapid.Uint32Range(0, 2).Draw(t, "answered")
		dispute := &markettypes.Dispute{
			Number:  rapid.Uint32Range(1, 2).Draw(t, "dispute"),
			Resumes: rapid.SampledFrom([]markettypes.JobState{markettypes.JOB_STATE_PROVEN, markettypes.JOB_STATE_DELIVERED}).Draw(t, "resumes"),
		}
		s := Situation{State: state, Mine: true, Dispute: dispute}
		if rapid.Bool().Draw(t, "replica") {
			drawReplica(t, &p, &s)
		}
		action := Next(p, s)
		for _, sending := range []Action{ActCommit, ActSubmitProof, ActDeliver, ActSubmitAnswer, ActHandOver, ActOpen, ActReveal, ActShow, ActSubmitDifference} {
			if action == sending {
				t.Fatalf("sends %d in state %s over an intent", action, state)
			}
		}
		if action == ActFetch && assigned(state) {
			t.Fatalf("may report in state %s over an intent", state)
		}
	})
}

func TestProgressReadsTheJournal(t *testing.T) {
	entry := func(step journal.Step, data any) journal.Entry {
		raw, err := json.Marshal(data)
		require.NoError(t, err)
		return journal.Entry{Job: 7, Attempt: 2, Step: step, Data: raw}
	}
	tx := chain.SignedTx{Hash: "AB", Bytes: []byte{1, 2}, Sequence: 3, TimeoutHeight: 4}
	var p Progress
	for _, step := range []struct {
		entry journal.Entry
		check func() bool
	}{
		{entry(journal.StepAssigned, nil), func() bool { return p.Assigned && p.Job == 7 && p.Attempt == 2 }},
		{entry(journal.StepFetched, nil), func() bool { return p.Fetched }},
		{entry(journal.StepExecuted, Trace{StepRoots: [][]byte{{9}}}), func() bool { return p.Executed && p.Trace.StepRoots[0][0] == 9 }},
		{entry(journal.StepCommitIntent, Intent{Tx: tx}), func() bool { return p.Intent.Tx.Hash == "AB" && p.Intent.Purpose == journal.StepCommitIntent }},
		{entry(journal.StepTxFailed, nil), func() bool { return p.Intent == nil }},
		{entry(journal.StepCommitIntent, Intent{Tx: tx}), func() bool { return p.Intent.Tx.TimeoutHeight == 4 }},
		{entry(journal.StepCommitted, nil), func() bool { return p.Committed && p.Intent == nil }},
		{entry(journal.StepSampled, nil), func() bool { return p.Sampled }},
		{entry(journal.StepProved, proofsData{Proofs: [][]byte{{5}}}), func() bool { return p.Proofs[0][0] == 5 }},
		{entry(journal.StepProveIntent, Intent{Tx: tx}), func() bool { return p.Intent != nil }},
		{entry(journal.StepProven, nil), func() bool { return p.Proven && p.Intent == nil }},
		{entry(journal.StepDeliverIntent, Intent{Tx: tx}), func() bool { return p.Intent != nil && !p.Reported }},
		{entry(journal.StepDelivered, nil), func() bool { return p.Delivered && p.Intent == nil }},
		{entry(journal.StepAnswerProved, Answer{Number: 2, Proof: []byte{7}}), func() bool { return p.Answer.Number == 2 && p.Answer.Proof[0] == 7 }},
		{entry(journal.StepAnswerIntent, Intent{Tx: tx}), func() bool { return p.answering() }},
		{entry(journal.StepAnswered, Answer{Number: 2}), func() bool { return p.Intent == nil && p.Answer.Number == 2 }},
		{entry(journal.StepHandOverIntent, Intent{Tx: tx}), func() bool { return p.Intent != nil && !p.answering() }},
		{entry(journal.StepHandedOver, nil), func() bool { return p.HandedOver && p.Intent == nil }},
		{entry(journal.StepOpenIntent, Intent{Tx: tx}), func() bool { return p.Intent.Purpose == journal.StepOpenIntent && !p.answering() }},
		{entry(journal.StepReportIntent, Intent{Tx: tx}), func() bool { return p.Reported }},
		{entry(journal.StepDone, nil), func() bool { return p.Done && p.Intent == nil }},
	} {
		require.NoError(t, p.Apply(step.entry))
		require.True(t, step.check(), step.entry.Step)
	}
	require.Error(t, p.Apply(journal.Entry{Step: journal.StepExecuted, Data: []byte("{")}))
}

func TestKindsAreSealed(t *testing.T) {
	kinds := &Kinds{}
	_, err := kinds.Kind(markettypes.VERIFICATION_POLICY_PROOF)
	require.ErrorContains(t, err, "before they are sealed")
	require.NoError(t, kinds.Register(&Dense{}))
	require.ErrorContains(t, kinds.Register(&Dense{}), "twice")
	kinds.Seal()
	require.ErrorContains(t, kinds.Register(&Dense{}), "sealed")
	_, err = kinds.Kind(markettypes.VERIFICATION_POLICY_PROOF)
	require.NoError(t, err)
	_, err = kinds.Kind(markettypes.VERIFICATION_POLICY_UNSPECIFIED)
	require.ErrorContains(t, err, "upgrade")
}
