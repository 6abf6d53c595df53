package customer

import (
	"fmt"
	"strings"
	"time"

	"github.com/assaychain/assay/offchain-worker/chain"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// agreed tells whether a job's result was accepted because several operators have the same, and nothing of it was drawn.
func agreed(job markettypes.Job) bool {
	return job.Replicas > 0 && job.Round == 0 && len(job.StepRoots) > 0
}

// agreedText says how many agreed; those that failed to answer for the result later are not counted any more.
func agreedText(view chain.JobView) string {
	if view.Job.AuditBps > 0 && view.Job.Replicas < 2 {
		return fmt.Sprintf("not audited, which had a chance of %s: %s answers for the result", chance(view.Job.AuditBps), view.Job.Worker)
	}
	return fmt.Sprintf("agreed: %d of %d operators have the same result", len(view.Replicas.Workers()), view.Job.Replicas)
}

// replicas tells how far a job is that several operators compute, and who of them is out of it.
func (p *Progress) replicas(view chain.JobView, now time.Time) []string {
	job, lines := view.Job, []string{}
	if job.Replicas == 0 || !running(job) || job.Attempt != p.attempt {
		return lines
	}
	for _, replica := range view.Replicas.Replicas {
		if !replica.Stands() && !p.lost[replica.Worker] {
			p.lost[replica.Worker] = true
			lines = append(lines, fmt.Sprintf("operator %s is out: %s", replica.Worker, FailureText(replica.Failure)))
		}
	}
	text, what := p.replicaText(view)
	if text != "" && text != p.round {
		p.round = text
		if what != "" {
			text += p.due(view, job.State, what, now)
		}
		lines = append(lines, text)
	}
	return lines
}

// replicaText says where the round stands, and what is waited for.
func (p *Progress) replicaText(view chain.JobView) (text, what string) {
	job, d := view.Job, view.Replicas.Difference
	switch {
	case job.State == markettypes.JOB_STATE_REPLICATING && job.AuditBps > 0:
		return p.auditText(view), "they must commit"
	case job.State == markettypes.JOB_STATE_AUDITABLE:
		return fmt.Sprintf("committed to; beacon round %d says whether it is audited, and by whom", job.Round), ""
	case job.State == markettypes.JOB_STATE_REPLICATING:
		return fmt.Sprintf("computed by %s for %s%s in all (attempt %d); %d results must agree",
			strings.Join(view.Replicas.Workers(), ", "), job.Price, p.Denom, job.Attempt, view.Spec.Agreement), "they must commit"
	case job.State == markettypes.JOB_STATE_REVEALING:
		return fmt.Sprintf("%d results are committed to", len(view.Replicas.Workers())), "they must be revealed"
	case job.State == markettypes.JOB_STATE_DIVERGED && d != nil:
		return fmt.Sprintf("results differ in step %d (difference %d): both sides show where", d.Step, d.Number), "they must"
	case job.State == markettypes.JOB_STATE_STANDING && d != nil && d.Entry != nil:
		return fmt.Sprintf("they differ first in entry (%d, %d) of step %d: each operator proves its own", d.Entry.Row, d.Entry.Col, d.Step), "they must"
	case job.State == markettypes.JOB_STATE_JUDGING:
		return "the proofs of that entry are in, waiting for verification", ""
	case job.State == markettypes.JOB_STATE_COMMITTED:
		return fmt.Sprintf("%d results are left, too few: %s proves it by samples", len(view.Replicas.Workers()), job.Worker), ""
	}
	return "", ""
}

// auditText says who has a job that may be audited, and who audits it.
func (p *Progress) auditText(view chain.JobView) string {
	workers := strings.Join(view.Replicas.Workers(), ", audited by ")
	return fmt.Sprintf("computed by %s for %s%s in all (attempt %d); the chance of an audit is %s",
		workers, view.Job.Price, p.Denom, view.Job.Attempt, chance(view.Job.AuditBps))
}

// chance is a probability in basis points as people read it, such as 12.50%.
func chance(bps uint32) string { return fmt.Sprintf("%d.%02d%%", bps/100, bps%100) }
