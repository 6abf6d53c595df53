package scheduler

import "slices"

// walk shows some of a job's candidates, at most limit.
type walk func(limit uint32, visit func(Device) (stop bool, err error)) error

// MaxNamed bounds the operators whose devices one try looks at; LeastNamed of them it looks at whatever the candidates are, so that several
// can be found at once.
const MaxNamed, LeastNamed = 64, 16

// named tells whether only some operators may have the job.
func (j Job) named() bool { return j.Named || len(j.Eligible) > 0 }

// walks lead to all candidates, each to so many at most: to the devices of the operators that a job names, else to those of its classes, the
// lowest first. Named ones could be anywhere in the order of a class.
func (t Terms) walks(job Job, state State) (list []walk, share uint32) {
	if job.named() {
		return t.ownWalks(job, state)
	}
	for _, class := range slices.Sorted(slices.Values(job.Classes)) {
		list = append(list, func(limit uint32, visit func(Device) (bool, error)) error {
			return state.Walk(class, job.Home, limit, visit)
		})
	}
	return list, t.share(len(list))
}

// ownWalks lead to the devices of the operators whose turn it is.
func (t Terms) ownWalks(job Job, state State) (list []walk, share uint32) {
	operators, round := t.turn(job)
	share = t.share(len(operators))
	for _, operator := range operators {
		list = append(list, func(limit uint32, visit func(Device) (bool, error)) error {
			return state.WalkOwned(operator, job.Home, round*uint64(share), limit, visit)
		})
	}
	return list, share
}

// turn are the operators that a try looks at: all that the job names, or as many as there are candidates for, at least LeastNamed,
// and at the next try the next ones.
// The round counts how often all were looked at.
func (t Terms) turn(job Job) (operators []string, round uint64) {
	all, most := slices.Sorted(slices.Values(job.Eligible)), uint64(min(max(t.MaxCandidates, LeastNamed), MaxNamed))
	n, tries := uint64(len(all)), uint64(job.Tries)
	if n <= most {
		return all, tries
	}
	turns := (n + most - 1) / most
	first := (job.Turn%turns + tries) % turns * most
	for i := range most {
		operators = append(operators, all[(first+i)%n])
	}
	return operators, tries / turns
}

// share of the candidates that each of so many gets.
func (t Terms) share(groups int) uint32 { return max(t.MaxCandidates/max(uint32(groups), 1), 1) }

// Widen is the bound of the candidates of a job that was tried so many times in vain: it grows with each try up to four times max,
// so that a job is not kept waiting by a few devices in front that won't do. It stays below MaxWindow.
func Widen(most, tries uint32) uint32 {
	return max(most, min(most*min(1+tries, 4), MaxWindow))
}

// MaxWindow bounds the candidates of one try, whatever the parameters say.
const MaxWindow = 1_000
