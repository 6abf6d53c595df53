package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/config"
)

// initialised is what init tells.
type initialised struct {
	Home    string `json:"home"`
	KeyName string `json:"key_name"`
	HotKey  string `json:"hot_key"`
	// Created is false when the key was there already.
	Created bool `json:"created"`
}

func newInit(o *options) *cobra.Command {
	var chosen []string
	var overwrite bool
	shortcuts := []struct{ flag, key, help string }{
		{"chain-id", "chain.id", "chain to serve"},
		{"node", "chain.node", "RPC address of a trusted node"},
		{"keyring-backend", "chain.keyring_backend", "where the hot key is kept: test, file or os"},
		{"beacon", "beacon.endpoints", "base URLs of beacon endpoints, separated by commas"},
		{"listen", "blobs.listen", "host:port on which results are served"},
		{"endpoint", "blobs.endpoint", "URL under which customers reach it"},
		{"keys-dir", "worker.keys_dir", "folder of the proving keys"},
	}
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Make the worker's home: configuration and hot key",
		Long: `Makes the worker's home with a commented config.toml and a new hot key. Nothing is sent. The hot key needs no backup:
if it is lost, make another and register again.`,
		Example: `  assay-worker init --chain-id assay-local-1 --node tcp://127.0.0.1:26657
  assay-worker init --home ./w1 --listen 127.0.0.1:8701 --endpoint http://127.0.0.1:8701 \
    --set blobs.allow_private_locators=true --set worker.lanes=2`,
		Args: usage(cobra.NoArgs),
	}
	for _, s := range shortcuts {
		cmd.Flags().String(s.flag, "", s.help+" ("+s.key+")")
	}
	cmd.Flags().StringArrayVar(&chosen, "set", nil, "any key of the configuration, as section.key=value; may be repeated")
	cmd.Flags().BoolVar(&overwrite, "overwrite", false, "replace an existing configuration; keys are kept")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		for _, s := range shortcuts {
			if value := cmd.Flag(s.flag).Value.String(); value != "" {
				chosen = append(chosen, s.key+"="+value)
			}
		}
		return o.initialise(cmd, chosen, overwrite)
	}
	return cmd
}

func (o *options) initialise(cmd *cobra.Command, chosen []string, overwrite bool) error {
	configured, err := configure(chosen)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.home, 0o700); err != nil {
		return fmt.Errorf("make home: %w", err)
	}
	encoding, err := chain.NewEncoding()
	if err != nil {
		return err
	}
	if err := config.Write(o.home, configured, overwrite); err != nil {
		return fmt.Errorf("%w; use --overwrite to replace it", err)
	}
	keys, err := openKeyring(configured.Chain.KeyringBackend, o.home, cmd.InOrStdin(), encoding)
	if err != nil {
		return err
	}
	address, created, err := hotKey(keys, configured.Chain.KeyName)
	if err != nil {
		return err
	}
	done := initialised{Home: o.home, KeyName: configured.Chain.KeyName, HotKey: address.String(), Created: created}
	return o.print(cmd, done, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "home     %s\nhot key  %s (%s)\n\nNext: assay-worker register --from <operator's key> --bond <amount>\n",
			done.Home, done.HotKey, done.KeyName)
		return err
	})
}

// hotKey finds or makes the worker's key.
func hotKey(keys keyring.Keyring, name string) (sdk.AccAddress, bool, error) {
	record, err := keys.Key(name)
	created := false
	if err != nil {
		created = true
		path := sdk.GetConfig().GetFullBIP44Path()
		record, _, err = keys.NewMnemonic(name, keyring.English, path, keyring.DefaultBIP39Passphrase, hd.Secp256k1)
	}
	if err != nil {
		return nil, false, fmt.Errorf("make hot key %q: %w", name, err)
	}
	address, err := record.GetAddress()
	return address, created, err
}

// configure applies section.key=value pairs to the defaults. A value is taken as TOML if it is, and as text otherwise.
func configure(chosen []string) (config.Config, error) {
	lines := make([]string, 0, len(chosen))
	for _, pair := range chosen {
		key, value, found := strings.Cut(pair, "=")
		if !found || !strings.Contains(key, ".") {
			return config.Config{}, fmt.Errorf("%w: --set %q must be section.key=value", errUsage, pair)
		}
		line, err := setting(key, value)
		if err != nil {
			return config.Config{}, fmt.Errorf("%s: %w", key, err)
		}
		lines = append(lines, line)
	}
	return config.Parse([]byte(strings.Join(lines, "\n")))
}

// setting writes one pair in whichever form the configuration takes.
func setting(key, value string) (string, error) {
	var failures []error
	list := `["` + strings.Join(strings.Split(value, ","), `","`) + `"]`
	for _, form := range []string{value, fmt.Sprintf("%q", value), list} {
		line := key + " = " + form
		err := config.CheckTypes([]byte(line))
		if err == nil {
			return line, nil
		}
		failures = append(failures, err)
	}
	return "", errors.Join(failures[0], failures[1])
}
