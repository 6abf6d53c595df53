package main

import (
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/assaychain/assay/offchain-worker/daemon"
	"github.com/assaychain/assay/offchain-worker/journal"
	"github.com/assaychain/assay/offchain-worker/runner"
)

// crashVariable names the journal step after which the process kills itself, for tests on development chains.
const crashVariable = "ASSAY_WORKER_CRASH_AT"

func newRun(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "run",
		Short: "Serve jobs until told to stop",
		Long: `Serves jobs until it is interrupted. The first SIGINT or SIGTERM takes the devices out of the offer and lets jobs in work
end within worker.shutdown_grace; a second one stops at once. Whatever way it stops, the next start goes on from the
journal, without sending anything twice.`,
		Example: `  assay-worker run
  assay-worker run --home ./w1`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			w, err := o.open(cmd)
			if err != nil {
				return err
			}
			log, err := logger(w.config.Log, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			crash, err := crashStep(w.config.Chain.ID)
			if err != nil {
				return err
			}
			d, err := daemon.New(w.config, daemon.Deps{Home: o.home, Encoding: w.encoding, Keyring: w.keys, Log: log, Backends: backends(), CrashAt: crash})
			if err != nil {
				return err
			}
			return d.Run(cmd.Context())
		},
	}
}

func crashStep(chainID string) (journal.Step, error) {
	step := journal.Step(os.Getenv(crashVariable))
	switch {
	case step == "":
		return "", nil
	case !runner.DevelopmentChain(chainID):
		return "", fmt.Errorf("%s is refused on chain %q: its id must start with assay-local- or assay-test-", crashVariable, chainID)
	case !slices.Contains(journal.Steps(), step):
		return "", fmt.Errorf("%s is %q, must be one of %v", crashVariable, step, journal.Steps())
	}
	return step, nil
}
