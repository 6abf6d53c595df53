package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/config"
	"github.com/assaychain/assay/offchain-worker/daemon"
	"github.com/assaychain/assay/offchain-worker/device"
	"github.com/assaychain/assay/x/registry/cells"
)

// registerFlags are those of the command register.
type registerFlags struct {
	from, coldHome, coldBackend string
	moniker, payout             string
	bond, feeLimit, class       string
	location                    string
	expires                     time.Duration
}

func newRegister(o *options) *cobra.Command {
	f := &registerFlags{}
	cmd := &cobra.Command{
		Use:   "register",
		Short: "Register the operator and its devices, bond, and grant the hot key its work",
		Long: `Sends one transaction of the operator's cold key, taken from assayd's keyring: it bonds if asked to, registers the
operator and this machine's devices, grants the hot key the messages of its work and nothing else, and pays its fees up
to a limit. It may be repeated: what is there already is left as it is or renewed.

Only devices that something here computes on are registered: the processor, and GPUs whose kernel passes its test. A GPU is
registered as the class that the catalogue has its model as, or as that of --class, which is kept in the configuration.

With --location jobs that want to be near find the devices, also those that are registered already. The place is kept in the configuration on this
machine; the chain is told which cell of 10 by 10 degrees it lies in. A running worker also reports round trips to some others: they are public, as are
the coordinates that the chain makes of them, and can narrow the place down. devices.measure_interval = "0s" in the configuration ends them.

The power budget, devices.power_budget_watts, is the operator's, for all machines: 0 leaves what the chain has, and "assayd tx registry
set-power-budget 0" ends it.`,
		Example: `  assay-worker register --from operator --bond 1000000000uassay
  assay-worker register --from operator --operator-home ~/.assayd --fee-limit 50000000uassay --grant-expires 720h
  assay-worker register --from operator --location 51.5,-0.1`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return o.register(cmd, f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.from, "from", "", "name of the cold key (required)")
	flags.StringVar(&f.coldHome, "operator-home", assaydHome(), "assayd home that holds the cold key's keyring")
	flags.StringVar(&f.coldBackend, "operator-keyring-backend", "test", "backend of that keyring: test, file or os")
	flags.StringVar(&f.moniker, "moniker", "", "name for people; the host's name if empty")
	flags.StringVar(&f.payout, "payout", "", "address that payments go to; the operator itself if empty")
	flags.StringVar(&f.bond, "bond", "", "amount to add to the bond, such as 1000000000uassay; nothing if empty")
	flags.StringVar(&f.feeLimit, "fee-limit", "100000000uassay", "the most that the hot key may spend on fees")
	flags.StringVar(&f.class, "class", "", "class to register GPUs as: edge, mobile, consumer or datacentre; as configured if empty")
	flags.StringVar(&f.location, "location", "", "where this machine stands, as latitude,longitude in degrees, such as 51.5,-0.1; as configured if empty")
	flags.DurationVar(&f.expires, "grant-expires", 0, "time after which the grants end; never if 0")
	return cmd
}

func assaydHome() string {
	home, err := os.UserHomeDir()
	if err != nil {
		return ".assayd"
	}
	return filepath.Join(home, ".assayd")
}

func (o *options) register(cmd *cobra.Command, f *registerFlags) error {
	if f.from == "" {
		return fmt.Errorf("%w: --from is required: name the operator's cold key", errUsage)
	}
	w, err := o.open(cmd)
	if err != nil {
		return err
	}
	if err := f.configure(&w.config); err != nil {
		return err
	}
	coldKeys, err := openKeyring(f.coldBackend, f.coldHome, cmd.InOrStdin(), w.encoding)
	if err != nil {
		return err
	}
	options, err := f.options()
	if err != nil {
		return err
	}
	deps := daemon.Deps{Home: o.home, Encoding: w.encoding, Keyring: w.keys, Backends: backends()}
	if options.Devices, err = devices(cmd, w.config, deps); err != nil {
		return err
	}
	done, err := daemon.Register(cmd.Context(), w.config, deps, daemon.Cold{Keyring: coldKeys, Name: f.from}, options)
	if err != nil {
		return err
	}
	w.config.Chain.Operator = done.Operator
	if err := config.Write(o.home, w.config, true); err != nil {
		return err
	}
	return o.print(cmd, done, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "operator  %s\nhot key   %s\ndevices   %d\nlocation  %s\ntx        %s at height %d\n",
			done.Operator, done.HotKey, len(done.Devices), where(done.Cell), done.Tx, done.Height)
		return err
	})
}

// where writes the cell that was registered.
func where(cell uint32) string {
	if cell == 0 {
		return "not told"
	}
	return cells.Cell(cell).String()
}

// configure puts what the flags say of the devices into the configuration, which keeps it.
func (f *registerFlags) configure(c *config.Config) error {
	if f.class != "" {
		c.Devices.Class = f.class
		if err := c.Validate(); err != nil {
			return fmt.Errorf("%w: --class: %w", errUsage, err)
		}
	}
	if f.location != "" {
		c.Devices.Location = f.location
		if err := c.Validate(); err != nil {
			return fmt.Errorf("%w: --location: %w", errUsage, err)
		}
	}
	return nil
}

// devices are those to register: all that compute here and pass their test. It tells of all others why they are not.
func devices(cmd *cobra.Command, c config.Config, deps daemon.Deps) ([]device.Device, error) {
	here, err := daemon.OpenMachine(cmd.Context(), c, deps, nil)
	if err != nil {
		return nil, err
	}
	for _, note := range here.Notes() {
		fmt.Fprintln(cmd.ErrOrStderr(), "note:", note)
	}
	for _, report := range here.Backends() {
		if report.Reason != "" {
			fmt.Fprintf(cmd.ErrOrStderr(), "note: back end %s: %s\n", report.Name, report.Reason)
		}
		for _, one := range report.Accelerators {
			if !one.Serves {
				fmt.Fprintf(cmd.ErrOrStderr(), "note: %s is not registered through %s: %s\n", one.Name, report.Name, one.Reason)
			}
		}
	}
	for _, one := range here.Unable() {
		fmt.Fprintf(cmd.ErrOrStderr(), "note: %s is not registered: nothing here computes on it\n", one.Model)
	}
	able := here.Able()
	if len(able) == 0 {
		err = errors.New("nothing on this machine that this worker can compute on")
	}
	return able, errors.Join(err, here.Close())
}

// options reads the flags' values.
func (f *registerFlags) options() (options daemon.RegisterOptions, err error) {
	if options.Moniker = f.moniker; options.Moniker == "" {
		if options.Moniker, err = os.Hostname(); err != nil {
			return options, fmt.Errorf("host name: %w: give --moniker", err)
		}
	}
	if f.payout != "" {
		if options.Payout, err = sdk.AccAddressFromBech32(f.payout); err != nil {
			return options, fmt.Errorf("%w: --payout: %w", errUsage, err)
		}
	}
	if f.bond != "" {
		if options.Bond, err = sdk.ParseCoinNormalized(f.bond); err != nil {
			return options, fmt.Errorf("%w: --bond: %w", errUsage, err)
		}
	}
	if options.FeeLimit, err = sdk.ParseCoinsNormalized(f.feeLimit); err != nil || options.FeeLimit.Empty() {
		return options, fmt.Errorf("%w: --fee-limit %q must be an amount such as 100000000uassay", errUsage, f.feeLimit)
	}
	if f.expires < 0 {
		return options, fmt.Errorf("%w: --grant-expires is %s, must not be negative", errUsage, f.expires)
	}
	if f.expires > 0 {
		end := time.Now().Add(f.expires)
		options.Expires = &end
	}
	return options, nil
}
