package main

import (
	"os"
	"path/filepath"

	"github.com/assaychain/assay/scripts/simulate/netsim"
	"github.com/assaychain/assay/scripts/simulate/plot"
)

// draw writes the plots of a report into a folder.
func draw(r *netsim.Report, folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	bars := func(title, unit string, value func(netsim.Outcome) float64) string {
		var all []plot.Bar
		for _, o := range r.Policies {
			all = append(all, plot.Bar{Name: o.Policy, Value: value(o)})
		}
		return plot.Bars(title, unit, all)
	}
	plots := map[string]string{
		"latency.svg": plot.Lines("Latency of jobs that somebody waits for", "seconds", "part of the jobs", curves(r, -1)),
		"cost.svg":    bars("Cost of work that needs no datacentre", "$ for 10^15 multiply-accumulates", func(o netsim.Outcome) float64 { return o.EdgeCost }),
		"gini.svg":    bars("Inequality of income for what a device can do", "Gini", func(o netsim.Outcome) float64 { return o.Gini }),
		"failed.svg":  bars("Feasible jobs that did not complete", "per cent", func(o netsim.Outcome) float64 { return 100 * (1 - o.Completed) }),
		"effort.svg":  bars("What a placement takes", "visits and messages", func(o netsim.Outcome) float64 { return o.Visits + o.Messages }),
	}
	if len(r.Policies) > 0 {
		for i, k := range r.Policies[0].Workloads {
			plots["latency-"+k.Name+".svg"] = plot.Lines("Latency of "+k.Name, "seconds", "part of the jobs", curves(r, i))
		}
	}
	for name, svg := range plots {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(svg), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// curves are the policies' latencies of one workload, or of all that is waited for if it is -1.
func curves(r *netsim.Report, workload int) []plot.Curve {
	var all []plot.Curve
	for _, o := range r.Policies {
		l := o.Waiting
		if workload >= 0 {
			l = o.Workloads[workload].Latency
		}
		c := plot.Curve{Name: o.Policy, X: l.Curve}
		for i := range l.Curve {
			c.Y = append(c.Y, float64(i)/float64(len(l.Curve)))
		}
		all = append(all, c)
	}
	return all
}
