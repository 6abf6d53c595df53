package command

import (
	"fmt"
	"net"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"

	"github.com/assaychain/assay/offchain-worker/drand"
)

// beaconCommand holds what concerns the randomness beacon outside the chain.
func beaconCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "beacon",
		Short: "Run a development randomness beacon",
		RunE:  client.ValidateCmd,
	}
	cmd.AddCommand(beaconServe())
	return cmd
}

// beaconServe runs the development signer.
func beaconServe() *cobra.Command {
	var listen, key string
	var period uint32
	var genesis int64
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Sign and serve the rounds of a development beacon over drand's HTTP interface",
		Long: `Sign and serve the rounds of a development beacon over drand's HTTP interface.

One key signs every round, so whoever holds it knows every challenge in advance. It is for local networks; a public
network uses a threshold beacon such as drand's quicknet, which is the default at genesis.`,
		Example: "assayd beacon serve --listen 127.0.0.1:26700 --genesis 1790000000 --period 1",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if key == "" {
				key = filepath.Join(client.GetClientContextFromCmd(cmd).HomeDir, "config", "beacon_key")
			}
			signer, err := NewSigner(key, period, genesis)
			if err != nil {
				return WithExitCode(ExitUsage, err)
			}
			listener, err := net.Listen("tcp", listen)
			if err != nil {
				return WithExitCode(ExitUsage, fmt.Errorf("--listen: %w", err))
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			cmd.Printf("serving a development beacon on http://%s, one round every %d s\n", listener.Addr(), period)
			return signer.Serve(ctx, listener)
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:26700", "address to serve on")
	cmd.Flags().StringVar(&key, "key", "", "key file, made when it doesn't exist (default HOME/config/beacon_key)")
	cmd.Flags().Uint32Var(&period, "period", 3, "seconds between rounds")
	cmd.Flags().Int64Var(&genesis, "genesis", time.Now().Unix(), "Unix second of round 1")
	return cmd
}

// NewSigner opens or makes a development beacon's key and builds its signer.
func NewSigner(keyFile string, period uint32, genesis int64) (*drand.Signer, error) {
	key, err := drand.LoadOrCreateKey(keyFile)
	if err != nil {
		return nil, err
	}
	return drand.NewSigner(drand.SignerConfig{Key: key, Period: period, Genesis: genesis, BeaconID: "assay-development"})
}
