package netsim_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/assaychain/assay/testutil/netsim"
)

func TestX(t *testing.T) {
	c := netsim.Default()
	c.Devices, _ = strconv.Atoi(os.Getenv("D"))
	c.Hours, _ = strconv.Atoi(os.Getenv("H"))
	if j := os.Getenv("J"); j != "" {
		c.JobsPerDevice, _ = strconv.ParseFloat(j, 64)
	}
	c.Market = os.Getenv("M") != ""
	began := time.Now()
	p := netsim.Policies()
	if os.Getenv("P") != "" {
		p = strings.Split(os.Getenv("P"), ",")
	}
	var ks []int
	if os.Getenv("S") != "" {
		ks = []int{2, 16}
	}
	r, err := netsim.Simulate(c, netsim.Plan{Policies: p, Identities: ks}, func(s string, f float64) {
		if f > 0.99 {
			fmt.Println(s, f, time.Since(began))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.Policies {
		o := &r.Policies[i]
		fmt.Printf("%-11s wait %.3f %.3f %.3f  compl %.4f cost %.3g gini %.3f busy %.3f failed %.3f visits %.1f msg %.0f\n", o.Policy, o.Waiting.Median, o.Waiting.P95, o.Waiting.P99, o.Completed, o.EdgeCost, o.Gini, o.Busy, o.FailedAttempts, o.Visits, o.Messages)
		for _, k := range o.Workloads {
			fmt.Printf("    %-10s %8d %8d %8d   %.3f %.3f %.3f  %.3g\n", k.Name, k.Arrived, k.Feasible, k.Completed, k.Latency.Median, k.Latency.P95, k.Latency.P99, k.Cost)
		}
	}
	b, _ := json.Marshal(r.Bounds)
	fmt.Println(string(b))
}
