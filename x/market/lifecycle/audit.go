package lifecycle

// Auditable is the state of a job under the policy AUDIT whose result is committed to, and which waits for the beacon round that says whether,
// and by whom, it is computed again. Numbered as JobState in the schema, after the other states of several operators.
const Auditable State = Judging + 1

// The events of such a job, numbered apart from the others.
const (
	// SubmitToAudit is the commitment of the operator that has the job, or the failure of its auditor: a round is fixed.
	SubmitToAudit Event = iota + 110
	// Spare is a draw that leaves the job unaudited.
	Spare
	// Audit is a draw that found an auditor.
	Audit
	// LackAuditor is a draw that found none: the result must be proven by samples.
	LackAuditor
)

var auditEventNames = [...]string{"submit to audit", "spare", "audit", "lack auditor"}

func auditEvents() (events []Event) {
	for i := range auditEventNames {
		events = append(events, SubmitToAudit+Event(i))
	}
	return events
}

// auditEventName is empty for other events.
func auditEventName(e Event) string {
	if e < SubmitToAudit || int(e-SubmitToAudit) >= len(auditEventNames) {
		return ""
	}
	return auditEventNames[e-SubmitToAudit]
}

// auditTable is the part of the state machine that only jobs under the policy AUDIT walk; for the rest they are jobs of several operators.
var auditTable = []Transition{
	{From: Replicating, Event: SubmitToAudit, By: ByChain, To: Auditable},
	{From: Auditable, Event: Refix, By: ByChain, To: Auditable},
	{From: Auditable, Event: Spare, By: ByBeacon, To: Revealing},
	{From: Auditable, Event: Audit, By: ByBeacon, To: Replicating},
	{From: Auditable, Event: LackAuditor, By: ByBeacon, To: Revealing},
}
