package scheduler

import "slices"

// walk shows some of a job's candidates, at most limit.
type walk func(limit uint32, visit func(Device) (stop bool, err error)) error

// walks lead to all candidates: to the devices of the operators that a job names, else to those of its classes, the lowest first. Named
// ones could be anywhere in the order of a class.
func walks(job Job, state State, share uint32) (list []walk) {
	for _, operator := range slices.Sorted(slices.Values(job.Eligible)) {
		list = append(list, func(limit uint32, visit func(Device) (bool, error)) error {
			return state.WalkOwned(operator, job.Home, uint64(job.Tries)*uint64(share), limit, visit)
		})
	}
	if len(list) > 0 {
		return list
	}
	for _, class := range slices.Sorted(slices.Values(job.Classes)) {
		list = append(list, func(limit uint32, visit func(Device) (bool, error)) error {
			return state.Walk(class, job.Home, limit, visit)
		})
	}
	return list
}

// share of the candidates that each operator gets which the job names, or each of its classes.
func (t Terms) share(job Job) uint32 {
	groups := len(job.Eligible)
	if groups == 0 {
		groups = len(job.Classes)
	}
	return max(t.MaxCandidates/uint32(groups), 1)
}

// Widen is the bound of the candidates of a job that was tried so many times in vain: it grows with each try up to four times max,
// so that a job is not kept waiting by a few devices in front that won't do. It stays below MaxWindow.
func Widen(most, tries uint32) uint32 {
	return max(most, min(most*min(1+tries, 4), MaxWindow))
}

// MaxWindow bounds the candidates of one try, whatever the parameters say.
const MaxWindow = 1_000
