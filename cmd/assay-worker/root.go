package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/config"
)

// options are the flags that every command has.
type options struct {
	home   string
	output string
}

func newRoot() *cobra.Command {
	o := &options{}
	root := &cobra.Command{
		Use:   "assay-worker",
		Short: "Serve jobs of an Assay chain with this machine",
		Long: `assay-worker serves an operator on an Assay chain: it fetches the inputs of jobs, verifies them, computes, commits to
the result, proves what the chain samples, and delivers. It signs with a hot key of its own, which the operator's cold
key grants only what the work needs: it can't move the bond.

Exit codes: 0 success, 1 failure, 2 wrong usage, 3 the doctor found a check that fails.`,
		Example: `  assay-worker init --chain-id assay-local-1 --node tcp://127.0.0.1:26657
  assay-worker register --from operator --bond 1000000000uassay
  assay-worker doctor
  assay-worker run
  assay-worker watch --key watcher`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          usage(cobra.NoArgs),
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(*cobra.Command, []string) error {
			if o.output != "text" && o.output != "json" {
				return fmt.Errorf("%w: --output is %q, must be text or json", errUsage, o.output)
			}
			return nil
		},
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return fmt.Errorf("%w: %w", errUsage, err) })
	root.PersistentFlags().StringVar(&o.home, "home", defaultHome(), "folder of configuration, keys, journal and blobs")
	root.PersistentFlags().StringVarP(&o.output, "output", "o", "text", "output format: text or json")
	root.AddCommand(newInit(o), newRegister(o), newRun(o), newDoctor(o), newWatch(o), newModels(o), newVersion(o))
	return root
}

// usage turns what is wrong with the arguments into a usage error.
func usage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return fmt.Errorf("%w: %w", errUsage, err)
		}
		return nil
	}
}

func defaultHome() string {
	home, err := os.UserHomeDir()
	if err != nil {
		return ".assay-worker"
	}
	return filepath.Join(home, ".assay-worker")
}

// openKeyring opens the keys of a folder. The backend file asks for its password on in.
func openKeyring(backend, dir string, in io.Reader, encoding chain.Encoding) (keyring.Keyring, error) {
	keys, err := keyring.New(sdk.KeyringServiceName(), backend, dir, in, encoding.Codec)
	if err != nil {
		return nil, fmt.Errorf("keyring %s in %s: %w", backend, dir, err)
	}
	return keys, nil
}

// workplace is what most commands work with.
type workplace struct {
	config   config.Config
	encoding chain.Encoding
	keys     keyring.Keyring
}

func (o *options) open(cmd *cobra.Command) (workplace, error) {
	loaded, err := config.Load(o.home)
	if err != nil {
		return workplace{}, err
	}
	encoding, err := chain.NewEncoding()
	if err != nil {
		return workplace{}, err
	}
	keys, err := openKeyring(loaded.Chain.KeyringBackend, o.home, cmd.InOrStdin(), encoding)
	return workplace{loaded, encoding, keys}, err
}

// logger writes to standard error, so that standard output stays for results.
func logger(c config.Log, to io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		return nil, fmt.Errorf("log.level: %w", err)
	}
	settings := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(to, settings)), nil
	}
	return slog.New(slog.NewTextHandler(to, settings)), nil
}

// print writes a value as JSON, or lets text write it for people.
func (o *options) print(cmd *cobra.Command, value any, text func(io.Writer) error) error {
	if o.output == "text" {
		return text(cmd.OutOrStdout())
	}
	encoder := json.NewEncoder(cmd.OutOrStdout())
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
