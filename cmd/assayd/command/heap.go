package command

import (
	"fmt"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/assaychain/assay/app"
)

const (
	// flagGCPercent says how much the heap grows before it is collected.
	flagGCPercent = "gc-percent"
	// leastGCPercent and mostGCPercent bound it: below, a node does little else than collect; above, it is as if it never did.
	leastGCPercent, mostGCPercent = 20, 1_000
)

// startFlags adds to the command that runs a node how its memory is collected: as the flag says if it is given, else as GOGC says if it
// is set.
func startFlags(start *cobra.Command) {
	percent := start.Flags().Int(flagGCPercent, app.GCPercent, fmt.Sprintf(
		"How much the heap grows beyond what is alive before it is collected, in percent, %d to %d; less takes less memory and more time. "+
			"Without this flag the variable GOGC decides, if it is set", leastGCPercent, mostGCPercent))
	start.PreRunE = func(cmd *cobra.Command, _ []string) error {
		if *percent < leastGCPercent || *percent > mostGCPercent {
			return fmt.Errorf("--%s is %d: it must be %d to %d", flagGCPercent, *percent, leastGCPercent, mostGCPercent)
		}
		if cmd.Flags().Changed(flagGCPercent) || os.Getenv("GOGC") == "" {
			debug.SetGCPercent(*percent)
		}
		return nil
	}
}
