// Crash kills a worker with SIGKILL right after it journalled a step, on a real network, and starts it again, once for
// every run, step after step. It counts the transactions that landed: a job must be committed and proven exactly once,
// and none may be lost.
//
//	go run ./scripts/crash [-bin build] [-runs 100] [-base-port 27650]
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/assaychain/assay/offchain-worker/formats/npy"
	"github.com/assaychain/assay/offchain-worker/journal"
)

// path lists the steps of a job that nothing goes wrong with; the others need a claim or an input that is missing, and are
// killed at in the journal's own tests.
var path = []journal.Step{
	journal.StepAssigned, journal.StepFetched, journal.StepExecuted, journal.StepCommitIntent, journal.StepCommitted,
	journal.StepSampled, journal.StepProved, journal.StepProveIntent, journal.StepProven, journal.StepDone,
}

func main() {
	var n network
	runs := flag.Int("runs", 100, "number of jobs, one kill each")
	flag.StringVar(&n.bin, "bin", "build", "folder of assayd and assay-worker")
	flag.IntVar(&n.port, "base-port", 27650, "first of the ports to listen on")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, &n, *runs); err != nil {
		fmt.Fprintln(os.Stderr, "crash:", err)
		os.Exit(1)
	}
}

// run makes the network, kills the worker once a run, and takes stock.
func run(ctx context.Context, n *network, runs int) (err error) {
	if err := n.start(ctx); err != nil {
		return err
	}
	defer n.stop()
	if err := writeFactors(n.dir); err != nil {
		return err
	}
	began := time.Now()
	for i := range runs {
		step := path[i%len(path)]
		job, err := n.killOnce(ctx, step)
		if err != nil {
			return fmt.Errorf("run %d, killed at %s: %w", i+1, step, err)
		}
		fmt.Fprintf(os.Stderr, "  run %3d: killed at %-13s job %d settled\n", i+1, step, job)
	}
	tally, err := n.landed(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("%d runs, %d double submissions, %d lost jobs, %d s\n", runs, tally.double(), runs-tally.whole(), int(time.Since(began).Seconds()))
	if tally.double() > 0 || tally.whole() != runs {
		return fmt.Errorf("transactions by job: %v", tally)
	}
	return nil
}

// Shape of the products: small, because the kills are what takes time.
const rows, inner, cols = 8, 16, 8

// writeFactors writes two small matrices.
func writeFactors(dir string) error {
	for name, shape := range map[string][]int{"A.npy": {rows, inner}, "B.npy": {inner, cols}} {
		values := make([]int8, shape[0]*shape[1])
		for i := range values {
			values[i] = int8(37*i + len(name))
		}
		array, err := npy.New(shape, values)
		if err != nil {
			return err
		}
		if err := npy.WriteFile(filepath.Join(dir, name), array); err != nil {
			return err
		}
	}
	return nil
}
