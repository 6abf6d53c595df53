package main

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/assaychain/assay/offchain-worker/daemon"
)

func newDoctor(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Tell what this machine can do and earn, and what keeps it from it",
		Long: `Looks at the devices and their models in the GPU catalogue, measures the kernels, compares the proving keys with the chain's, and checks node, clock, bond,
fees, grants, temperatures and disk. It changes nothing. Exit code 3 if a check fails.

SCORE tells how much a device can do at the edge of the network, from 0 to 100; STORE AT is the precision at which models
should be stored for it.`,
		Example: `  assay-worker doctor
  assay-worker doctor --output json`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			w, err := o.open(cmd)
			if err != nil {
				return err
			}
			deps := daemon.Deps{Home: o.home, Encoding: w.encoding, Keyring: w.keys, Log: slog.Default(), Backends: backends()}
			report, err := daemon.Doctor(cmd.Context(), w.config, deps)
			if err != nil {
				return err
			}
			if err := o.print(cmd, report, func(w io.Writer) error { return writeReport(w, report) }); err != nil {
				return err
			}
			if !report.Healthy() {
				return errUnhealthy
			}
			return nil
		},
	}
}

func writeReport(to io.Writer, report *daemon.Report) error {
	w := tabwriter.NewWriter(to, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "DEVICE\tCLASS\tSCORE\tSTORE AT\tBACKEND\tMEMORY\tTEMPERATURE\tPOWER\tHEAT\tKERNEL\tREGISTERED")
	for _, one := range report.Devices {
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%d MiB\t%s\t%s\t%s\t%s\t%s\n", one.Model, one.Class, one.EdgeScore, one.Quantisation, one.Backend, one.MemoryMiB,
			figure(one.Telemetry.TemperatureC, "°C"), figure(one.Telemetry.PowerW, "W"), one.Heat, cmp.Or(one.Kernel, "none"), yes(one.Registered))
	}
	fmt.Fprintln(w, "\nKERNEL\tDEVICE\tGMAC/S\tUASSAY/HOUR AT FULL USE")
	for _, kernel := range report.Kernels {
		fmt.Fprintf(w, "%s\t%s\t%.2f\t%s\n", kernel.Kernel, kernel.Device, kernel.GMACs, kernel.PerHour)
	}
	fmt.Fprintln(w, "\nCHECK\tVERDICT\tDETAIL")
	for _, check := range report.Checks {
		fmt.Fprintf(w, "%s\t%s\t%s\n", check.Name, check.Verdict, check.Detail)
	}
	return w.Flush()
}

// figure writes what a driver gives, and a dash for what it does not.
func figure(value float64, unit string) string {
	if value < 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f %s", value, unit)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
