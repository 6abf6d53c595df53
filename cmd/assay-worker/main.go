// Command assay-worker serves an operator on an Assay chain: it fetches jobs' inputs, computes, commits, proves and
// delivers. Run "assay-worker --help" for its commands.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/assaychain/assay/offchain-worker/chain"
)

// Exit codes, as the help documents them.
const (
	exitFailure   = 1
	exitUsage     = 2
	exitUnhealthy = 3
)

// errUsage marks a command line that can't be understood.
var errUsage = errors.New("usage")

// errUnhealthy tells that the doctor found something that keeps the worker from working.
var errUnhealthy = errors.New("the worker can't work as it is: see the failed checks")

func main() {
	chain.UseAddressPrefix()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the default behaviour is back, so that a second one ends the process at once.
	context.AfterFunc(ctx, stop)
	os.Exit(execute(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// execute runs one command line and returns the exit code.
func execute(ctx context.Context, args []string, out, errOut io.Writer) int {
	root := newRoot()
	root.SetOut(out)
	root.SetErr(errOut)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintln(errOut, "assay-worker:", err)
	switch {
	case errors.Is(err, errUsage):
		return exitUsage
	case errors.Is(err, errUnhealthy):
		return exitUnhealthy
	default:
		return exitFailure
	}
}
