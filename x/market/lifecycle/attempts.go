package lifecycle

// ReportsToClose is the number of distinct workers whose reports close a job: one may lie, two at a cost to the customer
// that is bounded by two fees.
const ReportsToClose = 2

// Progress is what decides whether an open job can go on.
type Progress struct {
	// Attempts begun, and how many of them ended with a report that the inputs can't be fetched.
	Attempts, Reports uint32
	// MaxAttempts bounds the attempts that count; those that ended with a report don't.
	MaxAttempts uint32
	// Remaining is the time until the job's deadline and Window the time an attempt may take to commit, in milliseconds.
	Remaining, Window uint64
}

// Resume tells how an open job goes on: 0 when it waits for a device, otherwise the event that closes it. An attempt is only
// begun when the whole time to commit is left, so that no worker is punished for a deadline that it could not meet.
func Resume(p Progress) Event {
	switch {
	case p.Reports >= ReportsToClose:
		return GiveUp
	case p.Attempts-min(p.Reports, p.Attempts) >= p.MaxAttempts:
		return Exhaust
	case p.Remaining < p.Window:
		return Expire
	default:
		return 0
	}
}
