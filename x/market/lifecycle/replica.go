package lifecycle

// The states of a job that several operators compute by themselves, numbered as JobState in the schema.
const (
	// Replicating waits for commitments, Revealing for what they hide.
	Replicating State = iota + 17
	Revealing
	// Diverged waits for the two sides of a difference to show where it is, Standing for everybody's proof of the entry that was
	// found, Judging for the verdict.
	Diverged
	Standing
	Judging
)

// The events of such a job, numbered apart from the others.
const (
	// Recruit gives an open job to as many operators as it wants.
	Recruit Event = iota + 80
	// Reinforce finds others for the places of those that failed to commit.
	Reinforce
	// CloseCommits begins the time to reveal.
	CloseCommits
	// Diverge finds that two of the results that stand differ.
	Diverge
	// Narrow finds the difference below the place where it was looked for.
	Narrow
	// Pinpoint finds the entry.
	Pinpoint
	// Judge queues the proofs of that entry.
	Judge
	// Agree finds that all results that stand are equal, and enough.
	Agree
	// StandAlone finds that they are equal and too few: they must be proven like any other.
	StandAlone
	// PassOn has another operator with the same result answer for it, after one that failed at that.
	PassOn
	// Disband finds nobody left.
	Disband
)

var replicaEventNames = [...]string{
	"recruit", "reinforce", "close commits", "diverge", "narrow", "pinpoint", "judge", "agree", "stand alone", "pass on", "disband",
}

func replicaEvents() (events []Event) {
	for i := range replicaEventNames {
		events = append(events, Recruit+Event(i))
	}
	return events
}

// replicaEventName is empty for other events.
func replicaEventName(e Event) string {
	if e < Recruit || int(e-Recruit) >= len(replicaEventNames) {
		return ""
	}
	return replicaEventNames[e-Recruit]
}

// IsReplicated tells whether several operators have a job in this state, none of whom answers for it alone.
func (s State) IsReplicated() bool { return s >= Replicating && s <= Auditable }

// replicaTable is the part of the state machine that only jobs of several operators walk. Offences before PassOn are those of single
// operators, who are out of the job without a change of its state.
var replicaTable = []Transition{
	{From: Open, Event: Recruit, By: ByChain, To: Replicating},
	{From: Replicating, Event: Reinforce, By: ByChain, To: Replicating},
	{From: Replicating, Event: CloseCommits, By: ByChain, To: Revealing},
	{From: Replicating, Event: Disband, By: ByChain, To: Open, Failure: ReplicasLost},
	{From: Revealing, Event: Agree, By: ByChain, To: Proven},
	{From: Revealing, Event: StandAlone, By: ByChain, To: Committed},
	{From: Revealing, Event: Diverge, By: ByChain, To: Diverged},
	{From: Revealing, Event: Disband, By: ByChain, To: Open, Failure: ReplicasLost},
	{From: Diverged, Event: Narrow, By: ByChain, To: Diverged},
	{From: Diverged, Event: Pinpoint, By: ByChain, To: Standing},
	{From: Diverged, Event: Diverge, By: ByChain, To: Diverged},
	{From: Diverged, Event: Agree, By: ByChain, To: Proven},
	{From: Diverged, Event: StandAlone, By: ByChain, To: Committed},
	{From: Diverged, Event: Disband, By: ByChain, To: Open, Failure: ReplicasLost},
	{From: Standing, Event: Judge, By: ByChain, To: Judging},
	{From: Standing, Event: Disband, By: ByChain, To: Open, Failure: ReplicasLost},
	{From: Judging, Event: Diverge, By: ByChain, To: Diverged},
	{From: Judging, Event: Agree, By: ByChain, To: Proven},
	{From: Judging, Event: StandAlone, By: ByChain, To: Committed},
	{From: Judging, Event: Disband, By: ByChain, To: Open, Failure: ReplicasLost},
	{From: Judging, Event: Abandon, By: ByChain, To: Open, Failure: Unverifiable},
	{From: Sampled, Event: PassOn, By: ByChain, To: Committed, Offence: MissingProof, Failure: ProofLate},
	{From: Verifying, Event: PassOn, By: ByChain, To: Committed, Offence: WrongResult, Failure: ProofInvalid},
	{From: Disputed, Event: PassOn, By: ByChain, To: Disputed, Offence: LostDispute, Failure: DisputeUnanswered},
	{From: Answered, Event: PassOn, By: ByChain, To: Disputed, Offence: LostDispute, Failure: DisputeLost},
	{From: Claimed, Event: PassOn, By: ByChain, To: Claimed, Offence: UndeliveredResult, Failure: NotDelivered},
	{From: Delivered, Event: PassOn, By: ByCustomer, To: Claimed, Offence: FalseDelivered, Failure: FalselyDelivered},
}
