package types

import (
	"slices"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/market/audits"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/replicas"
)

// validateAudit refuses terms of an audit that say nothing, and those of other policies.
func (s Spec) validateAudit() error {
	if s.Policy != VERIFICATION_POLICY_AUDIT {
		if s.Audit != nil {
			return ErrAudit.Wrapf("audit is given: only %s has it", VERIFICATION_POLICY_AUDIT)
		}
		return nil
	}
	if s.Replicas != 0 || s.Agreement != 0 {
		return ErrAudit.Wrapf("replicas is %d and agreement %d: only %s has them", s.Replicas, s.Agreement, VERIFICATION_POLICY_REPLICA)
	}
	if s.Audit == nil || s.Audit.Bps < 1 || s.Audit.Bps > audits.Bps {
		return ErrAudit.Wrapf("audit.bps is %d: it must be from 1 to %d", s.AuditBps(), audits.Bps)
	}
	if n := len(s.Requirements.Operators); n > 0 && n < audits.Operators {
		return ErrAudit.Wrapf("requirements.operators has %d entries: an auditor must be another one of them; name %d, or none", n, audits.Operators)
	}
	return s.Audit.validateExcluded()
}

func (t AuditTerms) validateExcluded() error {
	if n := len(t.Excluded); n > EligibleLimit {
		return ErrAudit.Wrapf("audit.excluded has %d entries: at most %d", n, EligibleLimit)
	}
	for i, operator := range t.Excluded {
		addr, err := accounts.Decode(operator)
		if err != nil {
			return ErrAudit.Wrapf("audit.excluded[%d]: %s", i, err)
		}
		if addr.String() != operator {
			return ErrAudit.Wrapf("audit.excluded[%d] is %q: it must be written %s", i, operator, addr)
		}
		if slices.Contains(t.Excluded[:i], operator) {
			return ErrAudit.Wrapf("audit.excluded[%d] is %s: it comes twice", i, operator)
		}
	}
	return nil
}

// validateAuditAgainst checks what the parameters limit.
func (s Spec) validateAuditAgainst(p Params) error {
	if s.Audit == nil {
		return nil
	}
	if s.Audit.Bps < p.AuditMinBps {
		return ErrAudit.Wrapf("audit.bps is %d: it must be from %d to %d", s.Audit.Bps, p.AuditMinBps, audits.Bps)
	}
	if n := len(s.Audit.Excluded); n > int(p.MaxEligible) {
		return ErrAudit.Wrapf("audit.excluded has %d entries: at most %d", n, p.MaxEligible)
	}
	return nil
}

// AuditBps is the probability of an audit in basis points; 0 where there is none.
func (s Spec) AuditBps() uint32 {
	if s.Audit == nil {
		return 0
	}
	return s.Audit.Bps
}

// Recruits is how many operators get the job at once under the policies of several operators; 0 under PROOF.
func (s Spec) Recruits() uint32 {
	if s.Audit != nil {
		return 1
	}
	return s.Replicas
}

// LeadExposureBps is what is locked of the bond of who gets the job first, in basis points of its price.
func (s Spec) LeadExposureBps(p Params) uint32 {
	return audits.LeadExposure(p.ExposureBps, s.AuditBps(), p.AuditExposureBps)
}

// Audited tells whether the job is one of those that are audited now and then.
func (j Job) Audited() bool { return j.AuditBps > 0 }

// Agreement is how many equal results are accepted without samples: all that compute a job that may be audited.
func (j Job) Agreement(spec Spec) uint32 {
	if j.Audited() {
		return j.Replicas
	}
	return spec.Agreement
}

// auditRanges are the ranges of the parameters of audits.
func (p Params) auditRanges() []paramRange {
	return []paramRange{
		{"audit_min_bps", uint64(p.AuditMinBps), audits.MinBpsLimit, audits.Bps},
		{"audit_exposure_bps", uint64(p.AuditExposureBps), 0, audits.FactorLimit},
	}
}

// validateAuditing refuses a draw where there can be none.
func (e JobEntry) validateAuditing(state lifecycle.State) error {
	if e.Job.AuditBps != e.Spec.AuditBps() {
		return ErrGenesis.Wrapf("audit_bps is %d: the specification says %d", e.Job.AuditBps, e.Spec.AuditBps())
	}
	switch {
	case !e.Job.Audited():
		if e.Job.Replicas != e.Spec.Replicas {
			return ErrGenesis.Wrapf("replicas is %d: the specification says %d", e.Job.Replicas, e.Spec.Replicas)
		}
		if state == lifecycle.Auditable {
			return ErrGenesis.Wrapf("%s without audit_bps", state)
		}
	case e.Job.Replicas < 1 || e.Job.Replicas > audits.Operators || (state == lifecycle.Open && e.Job.Replicas != 1):
		return ErrGenesis.Wrapf("replicas is %d while %s: under %s it is 1, and %d once an audit is drawn",
			e.Job.Replicas, state, VERIFICATION_POLICY_AUDIT, audits.Operators)
	}
	if e.Replicas == nil {
		return nil
	}
	draw := e.Replicas.Audit
	if (draw != nil) != e.Job.Audited() {
		return ErrGenesis.Wrapf("draw of an auditor given: %t, audit_bps is %d", draw != nil, e.Job.AuditBps)
	}
	if draw != nil && (draw.Draws > audits.MaxDraws || (draw.Draws > 0 && e.Job.Replicas != audits.Operators)) {
		return ErrGenesis.Wrapf("%d draws of auditors, replicas is %d: at most %d draws, with %d replicas",
			draw.Draws, e.Job.Replicas, audits.MaxDraws, audits.Operators)
	}
	return nil
}

// maxDrawn is how many operators a round of the job has at most.
func (j Job) maxDrawn() int {
	if j.Audited() {
		return replicas.MaxDrawn(1) + audits.MaxDraws
	}
	return replicas.MaxDrawn(j.Replicas)
}
