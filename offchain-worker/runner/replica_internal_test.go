package runner

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/offchain-worker/journal"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// drawReplica has a job be computed by several operators.
func drawReplica(t *rapid.T, p *Progress, s *Situation) {
	root := []byte{1}
	s.Replica = &markettypes.Replica{Answered: rapid.Bool().Draw(t, "has answered")}
	if rapid.Bool().Draw(t, "has committed") {
		s.Replica.Commitment = root
	}
	if rapid.Bool().Draw(t, "has revealed") {
		s.Replica.StepRoots = [][]byte{root}
	}
	s.Leads, p.Revealed = rapid.Bool().Draw(t, "leads"), rapid.Bool().Draw(t, "revealed")
	s.Difference = &markettypes.Difference{
		Number: rapid.Uint32Range(1, 2).Draw(t, "difference"), Level: rapid.Uint32Range(0, 3).Draw(t, "level"),
		One: markettypes.DifferenceSide{Root: root}, Other: markettypes.DifferenceSide{Root: []byte{2}},
	}
	if rapid.Bool().Draw(t, "shown") {
		s.Difference.One.Shown = [][]byte{root}
	}
	if p.Intent != nil && rapid.Bool().Draw(t, "placed") {
		p.Intent.Place = &Place{Number: rapid.Uint32Range(1, 2).Draw(t, "of difference"), Level: rapid.Uint32Range(0, 3).Draw(t, "at level")}
	}
}

func TestNextOfReplicasIsTheTable(t *testing.T) {
	const (
		replicating = markettypes.JOB_STATE_REPLICATING
		revealing   = markettypes.JOB_STATE_REVEALING
		diverged    = markettypes.JOB_STATE_DIVERGED
		standing    = markettypes.JOB_STATE_STANDING
		judging     = markettypes.JOB_STATE_JUDGING
	)
	own, other := []byte{1}, []byte{2}
	fresh := markettypes.Replica{}
	committed := markettypes.Replica{Commitment: own}
	revealed := markettypes.Replica{Commitment: own, StepRoots: [][]byte{own}}
	answered := markettypes.Replica{Commitment: own, StepRoots: [][]byte{own}, Answered: true}
	asked := &markettypes.Difference{Number: 1, Level: 2, One: markettypes.DifferenceSide{Root: own}, Other: markettypes.DifferenceSide{Root: other}}
	shown := &markettypes.Difference{
		Number: 1, Level: 2, One: markettypes.DifferenceSide{Root: own, Shown: [][]byte{own}}, Other: markettypes.DifferenceSide{Root: other},
	}
	foreign := &markettypes.Difference{Number: 1, Level: 2, One: markettypes.DifferenceSide{Root: other}, Other: markettypes.DifferenceSide{Root: []byte{3}}}
	next := &markettypes.Difference{Number: 2, One: markettypes.DifferenceSide{Root: own}, Other: markettypes.DifferenceSide{Root: other}}
	ready := Progress{Fetched: true, Executed: true}
	noted := Progress{Fetched: true, Executed: true, Committed: true, Revealed: true}
	with := func(p Progress, change func(*Progress)) Progress { change(&p); return p }
	showing := func(level uint32) func(*Progress) {
		return func(p *Progress) {
			p.Intent = &Intent{Purpose: journal.StepShowIntent, Place: &Place{Number: 1, Level: level}}
		}
	}
	sent := func(step journal.Step) func(*Progress) {
		return func(p *Progress) { p.Intent = &Intent{Purpose: step} }
	}
	proved := func(p *Progress) { p.Answer = Answer{Number: 1 | ofDifference, Proof: own} }
	for _, row := range []struct {
		name       string
		progress   Progress
		state      markettypes.JobState
		replica    markettypes.Replica
		difference *markettypes.Difference
		want       Action
	}{
		{"new", Progress{}, replicating, fresh, nil, ActFetch},
		{"executed", ready, replicating, fresh, nil, ActCommit},
		{"commitment on its way", with(ready, sent(journal.StepCommitIntent)), replicating, fresh, nil, ActResolve},
		{"committed, not noted", with(ready, sent(journal.StepCommitIntent)), replicating, committed, nil, ActNoteCommitted},
		{"committed", with(ready, func(p *Progress) { p.Committed = true }), replicating, committed, nil, ActWait},
		{"to reveal, commitment not noted", ready, revealing, committed, nil, ActNoteCommitted},
		{"to reveal", with(ready, func(p *Progress) { p.Committed = true }), revealing, committed, nil, ActReveal},
		{"to reveal, journal lost", Progress{Committed: true}, revealing, committed, nil, ActFetch},
		{"reveal on its way", with(with(ready, sent(journal.StepRevealIntent)), func(p *Progress) { p.Committed = true }), revealing, committed, nil, ActResolve},
		{"revealed, not noted", with(ready, func(p *Progress) { p.Committed = true }), revealing, revealed, nil, ActNoteRevealed},
		{"revealed", noted, revealing, revealed, nil, ActWait},
		{"asked to show", noted, diverged, revealed, asked, ActShow},
		{"on neither side", noted, diverged, revealed, foreign, ActWait},
		{"shown by another", noted, diverged, revealed, shown, ActWait},
		{"showing", with(noted, showing(2)), diverged, revealed, asked, ActResolve},
		{"shown, not noted", with(noted, showing(2)), diverged, revealed, shown, ActNoteShown},
		{"shown higher up, not noted", with(noted, showing(3)), diverged, revealed, asked, ActNoteShown},
		{"shown, over", with(noted, showing(0)), standing, revealed, asked, ActNoteShown},
		{"to prove", noted, standing, revealed, asked, ActAnswerDifference},
		{"proved", with(noted, proved), standing, revealed, asked, ActSubmitDifference},
		{"proof on its way", with(with(noted, proved), sent(journal.StepAnswerIntent)), standing, revealed, asked, ActResolve},
		{"answered, not noted", with(with(noted, proved), sent(journal.StepAnswerIntent)), standing, answered, asked, ActNoteAnswered},
		{"answered", with(noted, proved), standing, answered, asked, ActWait},
		{"answered, not noted, the next difference stands", with(with(noted, proved), sent(journal.StepAnswerIntent)), standing, revealed, next, ActNoteAnswered},
		{"answered, not noted, no difference", with(with(noted, proved), sent(journal.StepAnswerIntent)), standing, revealed, nil, ActNoteAnswered},
		{"to prove the next difference", with(noted, proved), standing, revealed, next, ActAnswerDifference},
		{"judging, answer not noted", with(with(noted, proved), sent(journal.StepAnswerIntent)), judging, answered, asked, ActNoteAnswered},
		{"judging", noted, judging, answered, asked, ActWait},
		{"agreed, served by another", noted, markettypes.JOB_STATE_PROVEN, revealed, nil, ActNoteProven},
		{"disputed, answered by another", with(noted, func(p *Progress) { p.Proven = true }), markettypes.JOB_STATE_DISPUTED, revealed, nil, ActWait},
		{"alone, proven by another", noted, markettypes.JOB_STATE_SAMPLED, revealed, nil, ActWait},
		{"closed", noted, markettypes.JOB_STATE_CLOSED, revealed, nil, ActFinish},
	} {
		replica := row.replica
		s := Situation{State: row.state, Mine: true, Replica: &replica, Difference: row.difference}
		require.Equal(t, row.want, Next(row.progress, s), row.name)
	}
	lead := Situation{State: markettypes.JOB_STATE_SAMPLED, Mine: true, Replica: &revealed, Leads: true}
	require.Equal(t, ActNoteSampled, Next(noted, lead), "alone, this one proves")
	lead.State, lead.Dispute = markettypes.JOB_STATE_DISPUTED, &markettypes.Dispute{Number: 1}
	require.Equal(t, ActAnswer, Next(with(with(noted, proved), func(p *Progress) { p.Proven = true }), lead), "a proof of a difference is no answer to a watcher")
}
