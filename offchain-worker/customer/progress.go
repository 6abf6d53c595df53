package customer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/x/market/lifecycle"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/program"
)

// shownPositions is how many drawn positions a line names.
const shownPositions = 4

// Progress turns what the chain shows of a job, now and then, into one line for each thing that has happened since the last
// look. It is pure: it asks nobody and keeps only what it has told.
type Progress struct {
	// Denom is the unit of prices.
	Denom string
	// attempt is the attempt being told, told the last state told of it.
	attempt uint32
	told    markettypes.JobState
	// failed counts the attempts whose failure is told; worker is that of the attempt being told.
	failed uint32
	worker string
	// disputed counts the attempt's disputes that are told, refuted those whose end is.
	disputed, refuted int
	// round is the last line told of where a round of several operators stands, lost those whose failure is told.
	round string
	lost  map[string]bool
}

// Lines are what has happened since the last call, in order.
func (p *Progress) Lines(view chain.JobView, now time.Time) []string {
	job := view.Job
	lines := p.failures(job)
	if job.State == markettypes.JOB_STATE_OPEN && p.told == markettypes.JOB_STATE_UNSPECIFIED && job.Attempt == 0 {
		lines = append(lines, "waits for a device")
		p.told = markettypes.JOB_STATE_OPEN
	}
	if job.Attempt > p.attempt && running(job) {
		p.attempt, p.told, p.worker = job.Attempt, markettypes.JOB_STATE_OPEN, job.Worker
		p.disputed, p.refuted = 0, 0
		p.round, p.lost = "", map[string]bool{}
	}
	lines = append(lines, p.replicas(view, now)...)
	if relayed(job.State) && after(p.told, job.State) {
		p.told = markettypes.JOB_STATE_DELIVERED // Another draw of relays.
	}
	for _, state := range between(p.told, standing(job)) {
		if line := p.line(state, view, now); line != "" {
			lines = append(lines, line)
		}
		p.told = state
	}
	return append(lines, p.disputes(view, now)...)
}

// standing is a job's state; where it stood, of one that is disputed.
func standing(job markettypes.Job) markettypes.JobState {
	if job.Dispute != nil {
		return job.Dispute.Resumes
	}
	return job.State
}

// disputes tells of entries that watchers named, and of those that were proven since.
func (p *Progress) disputes(view chain.JobView, now time.Time) []string {
	job, lines := view.Job, []string{}
	if !running(job) || job.Attempt != p.attempt {
		return lines
	}
	for i, entry := range job.Disputed {
		open := job.Dispute != nil && i == len(job.Disputed)-1
		if i >= p.disputed {
			p.disputed++
			line := fmt.Sprintf("disputed: somebody says that step %d (%d, %d) is wrong", entry.Step, entry.Row, entry.Col)
			if open {
				line += p.due(view, markettypes.JOB_STATE_DISPUTED, "the worker must prove it", now)
			}
			lines = append(lines, line)
		}
		if !open && i >= p.refuted {
			p.refuted++
			lines = append(lines, fmt.Sprintf("the disputed entry of step %d (%d, %d) was proven, or could not be checked", entry.Step, entry.Row, entry.Col))
		}
	}
	return lines
}

// after tells whether a state comes after another one in a job's life.
func after(told, state markettypes.JobState) bool {
	order := lifecycle.States()
	return slices.Index(order, told.Lifecycle()) > slices.Index(order, state.Lifecycle())
}

// relayed tells whether relays carry the result.
func relayed(state markettypes.JobState) bool {
	switch state {
	case markettypes.JOB_STATE_DRAWING, markettypes.JOB_STATE_RELAYING, markettypes.JOB_STATE_HANDED_OVER:
		return true
	default:
		return false
	}
}

// between are the states after one and up to another, in the order of a job's life, which is not that of their numbers.
func between(told, reached markettypes.JobState) []markettypes.JobState {
	order := lifecycle.States()
	first, last := slices.Index(order, told.Lifecycle())+1, slices.Index(order, reached.Lifecycle())
	states := []markettypes.JobState{}
	for i := first; i <= last; i++ {
		states = append(states, markettypes.JobState(order[i]))
	}
	return states
}

// running tells whether the job's last attempt has not failed.
func running(job markettypes.Job) bool {
	switch job.State {
	case markettypes.JOB_STATE_OPEN:
		return false
	case markettypes.JOB_STATE_CLOSED:
		return len(job.StepRoots) > 0
	default:
		return true
	}
}

// failures tells the attempts that ended without a proof. Only the last one's reason is on the chain.
func (p *Progress) failures(job markettypes.Job) []string {
	ended := job.Attempt
	if running(job) {
		ended--
	}
	lines := []string{}
	for p.failed < ended && job.Attempt > 0 {
		p.failed++
		line, who := fmt.Sprintf("attempt %d", p.failed), ""
		switch {
		case p.failed == p.attempt:
			who = p.worker
		case p.failed == job.Attempt:
			who = job.Worker
		}
		if who != "" {
			line += " of " + who
		}
		line += " failed"
		if p.failed == ended {
			line += ": " + FailureText(job.LastFailure)
		}
		if job.State != markettypes.JOB_STATE_CLOSED {
			line += "; another worker gets the job"
		}
		lines = append(lines, line)
	}
	return lines
}

// line says that a state was reached, if what the job holds shows that it was; a look may come after several states.
func (p *Progress) line(state markettypes.JobState, view chain.JobView, now time.Time) string {
	job := view.Job
	reached := running(job)
	switch state {
	case markettypes.JOB_STATE_ASSIGNED:
		if reached && job.Replicas == 0 {
			return fmt.Sprintf("assigned to %s on device %.8x for %s%s (attempt %d)", job.Worker, job.Device, job.Price, p.Denom, job.Attempt)
		}
	case markettypes.JOB_STATE_COMMITTED:
		if reached && len(job.Commitment) > 0 && !agreed(job) {
			return fmt.Sprintf("committed to result %.8x; beacon round %d %s", job.Commitment, job.Round, roundText(view))
		}
	case markettypes.JOB_STATE_SAMPLED:
		if reached && len(job.Seed) > 0 && !agreed(job) {
			return fmt.Sprintf("round %d is out: %s", job.Round, positionsText(view))
		}
	case markettypes.JOB_STATE_VERIFYING:
		if job.State == state {
			return fmt.Sprintf("%d proofs handed in, waiting for verification", view.Spec.Samples)
		}
	case markettypes.JOB_STATE_PROVEN:
		if reached && agreed(job) {
			return agreedText(view) + p.due(view, state, "settles", now)
		}
		if reached && len(job.StepRoots) > 0 {
			return fmt.Sprintf("proven: %d of %d proofs verified on chain%s", view.Spec.Samples, view.Spec.Samples, p.due(view, state, "settles", now))
		}
	case markettypes.JOB_STATE_CLAIMED:
		if !job.ClaimFee.IsNil() && job.ClaimFee.IsPositive() && job.RelayClaims == 0 {
			return fmt.Sprintf("claimed as undelivered, %s%s locked for the answer%s", job.ClaimFee, p.Denom, p.due(view, state, "the worker must answer", now))
		}
	case markettypes.JOB_STATE_DELIVERED:
		if job.State == state {
			return "the worker put the sealed result on the chain" + p.due(view, state, "settles", now)
		}
	case markettypes.JOB_STATE_DRAWING:
		if job.State == state {
			return fmt.Sprintf("claimed as undelivered through relays, %s%s locked in all; beacon round %d draws them", job.ClaimFee, p.Denom, job.RelayRound)
		}
	case markettypes.JOB_STATE_RELAYING:
		if job.State == state {
			return "relays are drawn" + p.due(view, state, "the worker must hand the sealed result over", now)
		}
	case markettypes.JOB_STATE_HANDED_OVER:
		if job.State == state {
			return "relays hold the sealed result" + p.due(view, state, "settles", now)
		}
	case markettypes.JOB_STATE_CONTESTED:
		if job.State == state {
			return "the sealed result is contested: the worker must open its commitment at a point drawn now" + p.due(view, state, "it must answer", now)
		}
	case markettypes.JOB_STATE_CLOSED:
		return fmt.Sprintf("%s: %s%s paid, %s%s refunded", CloseText(job.CloseReason), job.Paid, p.Denom, job.Refunded, p.Denom)
	}
	return ""
}

// due says when the present state ends.
func (p *Progress) due(view chain.JobView, state markettypes.JobState, what string, now time.Time) string {
	left, ok := view.Remaining(now)
	if view.Job.State != state || !ok || left <= 0 {
		return ""
	}
	return fmt.Sprintf("; %s within %s", what, left.Round(time.Second))
}

// roundText says what the round of a committed job is for.
func roundText(view chain.JobView) string {
	if view.Spec.Assurance == markettypes.ASSURANCE_FULL {
		return "seeds the proof of every entry"
	}
	return "draws the positions"
}

func positionsText(view chain.JobView) string {
	if view.Spec.Assurance == markettypes.ASSURANCE_FULL {
		return fmt.Sprintf("every entry of %d steps to prove", len(view.Spec.Program.Steps))
	}
	if len(view.Job.Seed) != 32 {
		return "positions are drawn"
	}
	if view.Spec.Assurance == markettypes.ASSURANCE_MODEL {
		return rowsText(view)
	}
	positions, err := program.Positions([32]byte(view.Job.Seed), view.Spec.Program, view.Spec.Samples)
	if err != nil {
		return "positions are drawn"
	}
	shown := []string{}
	for _, at := range positions[:min(len(positions), shownPositions)] {
		shown = append(shown, fmt.Sprintf("step %d (%d, %d)", at.Step, at.Row, at.Col))
	}
	if len(positions) > shownPositions {
		shown = append(shown, "...")
	}
	return fmt.Sprintf("%d positions to prove: %s", len(positions), strings.Join(shown, ", "))
}

// rowsText names the rows that a job of a model is proven at.
func rowsText(view chain.JobView) string {
	positions, err := program.RowPositions([32]byte(view.Job.Seed), view.Spec.Program, view.Spec.Samples)
	if err != nil {
		return "rows are drawn"
	}
	shown := []string{}
	for _, at := range positions[:min(len(positions), shownPositions)] {
		shown = append(shown, strconv.FormatUint(uint64(at.Row), 10))
	}
	if len(positions) > shownPositions {
		shown = append(shown, "...")
	}
	return fmt.Sprintf("%d rows to prove through the whole model: %s", len(positions), strings.Join(shown, ", "))
}

// StateText names a state as people read it.
func StateText(state markettypes.JobState) string {
	return strings.ToLower(strings.TrimPrefix(state.String(), "JOB_STATE_"))
}

// CloseText names a close reason as people read it; empty for a job that is not closed.
func CloseText(reason markettypes.CloseReason) string {
	if reason == markettypes.CLOSE_REASON_UNSPECIFIED {
		return ""
	}
	return lowerWords(reason.String(), "CLOSE_REASON_")
}

// FailureText names a failure as people read it.
func FailureText(reason markettypes.FailureReason) string {
	return lowerWords(reason.String(), "FAILURE_REASON_")
}

func lowerWords(name, prefix string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(name, prefix)), "_", " ")
}
