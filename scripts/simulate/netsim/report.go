package netsim

import (
	"errors"
	"fmt"
)

// Report is what a simulation found.
type Report struct {
	// What was simulated.
	Devices   int `json:"devices"`
	Operators int `json:"operators"`
	Hours     int `json:"hours"`
	Jobs      int `json:"jobs"`
	// JobsPerDevice a day.
	JobsPerDevice   float64 `json:"jobs_per_device"`
	FailuresPerHour float64 `json:"failures_per_hour"`
	Seed            uint64  `json:"seed"`
	// Policies in the order in which they ran.
	Policies []Outcome `json:"policies"`
	// Splitting tells what operators gain by several names, if that was simulated.
	Splitting *Splitting `json:"splitting,omitempty"`
	// Bounds are what must hold, as far as the policies that ran tell.
	Bounds []Bound `json:"bounds"`
}

// Outcome is what one policy achieved.
type Outcome struct {
	Policy string `json:"policy"`
	// Waiting are the latencies of all jobs that somebody waits for.
	Waiting Latency `json:"waiting"`
	// Workloads each.
	Workloads []Kind `json:"workloads"`
	// Completed in time, of those that some device of the network could do.
	Completed float64 `json:"completed"`
	// EdgeCost is what 10^15 multiply-accumulates cost, in $, of the work that needs no datacentre.
	EdgeCost float64 `json:"edge_cost"`
	// Gini of the devices' income beside what they can do and how long they were there: 0 is equal.
	Gini float64 `json:"gini"`
	// FailedAttempts as a part of all placements.
	FailedAttempts float64 `json:"failed_attempts"`
	// Busy part of all lanes that were there while jobs arrived, seen once an hour.
	Busy float64 `json:"busy"`
	// Visits of devices, and messages, for every placement.
	Visits   float64 `json:"visits"`
	Messages float64 `json:"messages"`
}

// Kind is what became of a workload.
type Kind struct {
	Name      string  `json:"name"`
	Arrived   int     `json:"arrived"`
	Feasible  int     `json:"feasible"`
	Completed int     `json:"completed"`
	Latency   Latency `json:"latency"`
	// Cost of 10^15 multiply-accumulates in $.
	Cost float64 `json:"cost"`
}

// Latency in seconds, from a job's arrival to its result at the customer's, but for the block that matches it, which all policies need.
type Latency struct {
	Median float64 `json:"median"`
	P95    float64 `json:"p95"`
	P99    float64 `json:"p99"`
	// Curve has the quantiles of 0, 2, 4 … 98%, for a plot.
	Curve []float64 `json:"curve,omitempty"`
}

// Bound is something that must hold.
type Bound struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Limit float64 `json:"limit"`
	// Most tells that the limit is an upper one.
	Most bool `json:"most"`
}

// Holds tells whether it does.
func (b Bound) Holds() bool {
	if b.Most {
		return b.Value <= b.Limit
	}
	return b.Value >= b.Limit
}

// The bounds.
const (
	// LatencyLimit is the highest median latency beside a baseline's, of jobs that somebody waits for.
	LatencyLimit = 0.50
	// CostLimit is the highest cost beside datacentres', of work that needs none.
	CostLimit = 0.30
	// CompletedLimit is the least part of feasible jobs that complete.
	CompletedLimit = 0.99
)

func newReport(w *world, runs []*run) *Report {
	c := w.config
	r := &Report{Devices: c.Devices, Operators: len(w.sizes), Hours: c.Hours, Jobs: len(w.jobs), JobsPerDevice: c.JobsPerDevice, FailuresPerHour: c.FailuresPerHour, Seed: c.Seed}
	var ours *tally
	for _, one := range runs {
		if one.identities > 1 {
			r.Splitting = w.compare(w.largest(splitters), one.identities, ours, one.tally)
			continue
		}
		if one.policy == Ours {
			ours = one.tally
		}
		r.add(one.policy, one.tally)
	}
	r.judge()
	return r
}

// judge works out the bounds from what there is.
func (r *Report) judge() {
	ours := r.outcome(Ours)
	if ours == nil {
		return
	}
	for _, name := range []string{Random, Cheapest} {
		if other := r.outcome(name); other != nil && other.Waiting.Median > 0 {
			r.bound("median latency of what is waited for / "+name, ours.Waiting.Median/other.Waiting.Median, LatencyLimit)
		}
	}
	if other := r.outcome(Datacentre); other != nil && other.EdgeCost > 0 {
		r.bound("cost of what needs no datacentre / datacentre only", ours.EdgeCost/other.EdgeCost, CostLimit)
	}
	r.Bounds = append(r.Bounds, Bound{Name: "feasible jobs that complete", Value: ours.Completed, Limit: CompletedLimit})
	if s := r.Splitting; s != nil {
		r.Bounds = append(r.Bounds, Bound{Name: fmt.Sprintf("gain of operators under %d names each", s.Identities), Value: s.Gain, Limit: SplitLimit, Most: true})
	}
}

// Validate refuses a report that can't be shown: one without a policy, or whose policies don't have the same workloads.
func (r *Report) Validate() error {
	if len(r.Policies) == 0 {
		return errors.New("the report has no policies")
	}
	for _, o := range r.Policies {
		if len(o.Workloads) != len(r.Policies[0].Workloads) {
			return fmt.Errorf("policy %s has %d workloads, %s has %d", o.Policy, len(o.Workloads), r.Policies[0].Policy, len(r.Policies[0].Workloads))
		}
	}
	return nil
}

func (r *Report) bound(name string, value, limit float64) {
	r.Bounds = append(r.Bounds, Bound{Name: name, Value: round(value), Limit: limit, Most: true})
}

// outcome of a policy, nil if it didn't run.
func (r *Report) outcome(policy string) *Outcome {
	for i := range r.Policies {
		if r.Policies[i].Policy == policy {
			return &r.Policies[i]
		}
	}
	return nil
}

// add takes in what a policy's run counted.
func (r *Report) add(policy string, t *tally) {
	o := Outcome{Policy: policy, Waiting: latency(t.sorted(func(w *workload) bool { return w.waits }))}
	feasible, completed, paid, gmacs := 0, 0, 0.0, 0.0
	for i := range workloads {
		k, w := &t.kinds[i], &workloads[i]
		feasible, completed = feasible+k.feasible, completed+k.completed
		if w.edge {
			paid, gmacs = paid+k.paid, gmacs+k.gmacs
		}
		o.Workloads = append(o.Workloads, Kind{
			Name: w.name, Arrived: k.arrived, Feasible: k.feasible, Completed: k.completed, Cost: cost(k.paid, k.gmacs),
			Latency: latency(t.sorted(func(other *workload) bool { return other.id == i })),
		})
	}
	placed := float64(max(t.placed, 1))
	o.Completed, o.EdgeCost, o.Gini = round(float64(completed)/float64(max(feasible, 1))), cost(paid, gmacs), round(t.gini())
	o.FailedAttempts, o.Visits, o.Messages = round(float64(t.failed)/placed), round(float64(t.visited)/placed), round(float64(t.messages)/placed)
	o.Busy = round(float64(t.busy) / float64(max(t.lanes, 1)))
	r.Policies = append(r.Policies, o)
}

// cost of 10^15 multiply-accumulates in $.
func cost(paid, gmacs float64) float64 {
	if gmacs == 0 {
		return 0
	}
	return round(paid / gmacs * 1e6 / pico)
}

func latency(sorted []float32) Latency {
	l := Latency{Median: round(quantile(sorted, 0.5)), P95: round(quantile(sorted, 0.95)), P99: round(quantile(sorted, 0.99))}
	for part := 0; part < 100; part += 2 {
		l.Curve = append(l.Curve, round(quantile(sorted, float64(part)/100)))
	}
	return l
}
