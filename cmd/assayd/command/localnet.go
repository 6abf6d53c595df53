package command

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"

	"github.com/assaychain/assay/app"
	"github.com/assaychain/assay/cmd/assayd/localnet"
	"github.com/assaychain/assay/x/proofs/circuits"
	"github.com/assaychain/assay/x/proofs/setup"
)

// flagLocalnet names the folder of a local network. It is not --home, which is the node's.
const flagLocalnet = "dir"

// localnetCommand runs a whole network on this machine.
func localnetCommand(chain *app.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "localnet",
		Short: "Run a whole network on this machine: a validator, a beacon and workers",
		RunE:  client.ValidateCmd,
	}
	cmd.PersistentFlags().String(flagLocalnet, filepath.Join(app.DefaultNodeHome, "localnet"), "folder of the network")
	cmd.AddCommand(localnetStart(chain), localnetStatus(), localnetStop(), localnetCheat(chain))
	return cmd
}

// localnetStart makes or resumes a network.
func localnetStart(chain *app.App) *cobra.Command {
	var o localnet.Options
	var classes []uint
	cmd := &cobra.Command{
		Use:   "start",
		Short: "Start a network, or resume the one in the folder",
		Long: `Start a network, or resume the one in the folder.

It returns when blocks are made and the workers are registered; the processes go on until 'assayd localnet stop'. The
first start makes development keys for the circuits, which takes some ten seconds.`,
		Example: "assayd localnet start\nassayd localnet start --dir /tmp/net --workers 3 --base-port 30000",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Home = localnetFolder(cmd)
			if err := findPrograms(&o); err != nil {
				return WithExitCode(ExitUsage, err)
			}
			chosen, err := circuitsOf(classes)
			if err != nil {
				return err
			}
			return startLocalnet(cmd, chain, o, chosen)
		},
	}
	cmd.Flags().IntVar(&o.Workers, "workers", localnet.DefaultWorkers, "number of workers")
	cmd.Flags().IntVar(&o.BasePort, "base-port", localnet.DefaultBasePort, "first of the ports to listen on")
	cmd.Flags().IntVar(&o.Cheater, "cheater", 0, "worker, counted from 1, that corrupts its results; 0 for none")
	cmd.Flags().StringVar(&o.Circuits, flagCircuits, DefaultCircuits(), "folder of the circuits' keys")
	addClasses(cmd, &classes)
	cmd.Flags().StringVar(&o.Worker, "worker-binary", "", "the assay-worker program (default beside assayd, or on the PATH)")
	return cmd
}

// startLocalnet checks the machine, prepares the keys and starts the processes.
func startLocalnet(cmd *cobra.Command, chain *app.App, o localnet.Options, chosen []circuits.Circuit) error {
	if err := o.Validate(); err != nil {
		return WithExitCode(ExitUsage, err)
	}
	m, err := localnet.ReadManifest(o.Home)
	if errors.Is(err, os.ErrNotExist) {
		m, err = localnet.Manifest{
			ChainID: app.DefaultChainID, BasePort: o.BasePort, Workers: o.Workers, Cheater: o.Cheater,
			BeaconGenesis: time.Now().Unix(), Circuits: o.Circuits,
		}, nil
	}
	if err != nil {
		return err
	}
	o.BasePort, o.Workers, o.Cheater = m.BasePort, m.Workers, m.Cheater
	if err := localnet.Preflight(o); err != nil {
		return WithExitCode(ExitUsage, err)
	}
	say := func(format string, args ...any) { cmd.PrintErrf("  "+format+"\n", args...) }
	if _, err := setup.MakeOf(m.Circuits, chosen, func(line string) { say("%s", line) }); err != nil {
		return err
	}
	fullString, full, err := developFull(cmd, m.Circuits)
	if err != nil {
		return err
	}
	o.FullString = fullString
	network, err := describeChain(chain, o.Home, m)
	if err != nil {
		return err
	}
	network.Circuits = append(network.Circuits, full)
	if err := localnet.Start(cmd.Context(), o, m, network, say); err != nil {
		return err
	}
	return printLocalnet(cmd, o.Home)
}

// describeChain gathers what the network's genesis names.
func describeChain(chain *app.App, home string, m localnet.Manifest) (localnet.Chain, error) {
	registered, err := LoadCircuits(m.Circuits)
	if err != nil {
		return localnet.Chain{}, err
	}
	signer, err := NewSigner(localnet.BeaconKeyFile(home), localnet.BeaconPeriod, m.BeaconGenesis)
	if err != nil {
		return localnet.Chain{}, err
	}
	return localnet.Chain{
		Encoding: chain.Encoding(), Basics: chain.BasicManager(), Circuits: registered, Beacon: BeaconChain(signer.Info()),
		Comet: cometConfig(), App: appConfig(),
	}, nil
}

// localnetStatus shows a network's processes.
func localnetStatus() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "status",
		Short:   "Show the processes of the network and its height",
		Example: "assayd localnet status --output json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return printLocalnet(cmd, localnetFolder(cmd)) },
	}
	cmd.Flags().StringP("output", "o", "text", "text or json")
	return cmd
}

// localnetStop ends a network's processes.
func localnetStop() *cobra.Command {
	var remove bool
	cmd := &cobra.Command{
		Use:     "stop",
		Short:   "Stop the network; its files stay unless --remove",
		Example: "assayd localnet stop --remove",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			home := localnetFolder(cmd)
			if err := localnet.Stop(home); err != nil {
				return err
			}
			if remove {
				return os.RemoveAll(home)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&remove, "remove", false, "remove the network's folder too")
	return cmd
}

// localnetCheat turns a worker dishonest, for demonstrations and tests.
func localnetCheat(chain *app.App) *cobra.Command {
	return &cobra.Command{
		Use:   "cheat WORKER",
		Short: "Make a worker of the running network ask a low price and corrupt its results",
		Long: `Make a worker of the running network ask a low price and corrupt its results, so that you can watch it being caught.
The price decides where a job costs more than the market's least, such as a product of 1024 x 1024 by 1024 x 1024. Workers are counted from 1. The faults are refused on any chain whose id does not begin with assay-local- or assay-test-.`,
		Example: "assayd localnet cheat 2",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			number, err := strconv.Atoi(args[0])
			if err != nil {
				return WithExitCode(ExitUsage, fmt.Errorf("worker %q is not a number", args[0]))
			}
			o := localnet.Options{Home: localnetFolder(cmd)}
			if err := findPrograms(&o); err != nil {
				return WithExitCode(ExitUsage, err)
			}
			m, err := localnet.ReadManifest(o.Home)
			if err != nil {
				return WithExitCode(ExitUsage, err)
			}
			return localnet.Cheat(cmd.Context(), o, m, chain.Encoding(), number)
		},
	}
}

// localnetFolder is the network's folder as an absolute path: its processes are told from others by it.
func localnetFolder(cmd *cobra.Command) string {
	folder, _ := cmd.Flags().GetString(flagLocalnet)
	if absolute, err := filepath.Abs(folder); err == nil {
		return absolute
	}
	return folder
}

// findPrograms looks for this program and the worker.
func findPrograms(o *localnet.Options) (err error) {
	if o.Assayd, err = os.Executable(); err != nil {
		return fmt.Errorf("find this program's own path: %w", err)
	}
	if o.Worker != "" {
		return nil
	}
	beside := filepath.Join(filepath.Dir(o.Assayd), "assay-worker")
	if _, err := os.Stat(beside); err == nil {
		o.Worker = beside
		return nil
	}
	if o.Worker, err = exec.LookPath("assay-worker"); err != nil {
		return errors.New("assay-worker is neither beside assayd nor on the PATH: run 'make build', or name it with --worker-binary")
	}
	return nil
}

// printLocalnet shows a network, as a table or as JSON.
func printLocalnet(cmd *cobra.Command, home string) error {
	status, err := localnet.Inspect(cmd.Context(), home)
	if err != nil {
		return WithExitCode(ExitUsage, err)
	}
	if format, _ := cmd.Flags().GetString("output"); format == "json" {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(status)
	}
	table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
	fmt.Fprintf(table, "network %s at height %d in %s\n\nPROCESS\tPID\tADDRESS\tLOG\n", status.ChainID, status.Height, status.Home)
	for _, p := range status.Processes {
		state := fmt.Sprint(p.PID)
		if p.PID == 0 {
			state = "stopped"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", p.Name, state, p.Address, p.Log)
	}
	return table.Flush()
}
