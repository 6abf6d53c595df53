package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/canary"
	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/customer"
	"github.com/assaychain/assay/offchain-worker/relay"
)

// txTimeoutBlocks is how many blocks a customer's transaction may wait for.
const txTimeoutBlocks = 60

// jobSession is a customer's connection to a chain.
type jobSession struct {
	client  client.Context
	market  *customer.Market
	chainID string
	denom   string
	// wallet is nil for commands that only read.
	wallet *customer.Wallet
	// journal is nil until openJournal.
	journal *customer.Journal
}

// usagef says what can't be used as given.
func usagef(format string, args ...any) error {
	return WithExitCode(ExitUsage, fmt.Errorf(format, args...))
}

// jobError gives an error of the customer's packages its exit code, and says it in plain words.
func jobError(err error) error {
	var exit coded
	if err == nil || errors.As(err, &exit) {
		return err
	}
	err = plain{err}
	switch {
	case errors.Is(err, customer.ErrJobFailed):
		return WithExitCode(ExitJobFailed, err)
	case errors.Is(err, chain.ErrRefused):
		return WithExitCode(ExitRejected, err)
	case errors.Is(err, customer.ErrOrder), errors.Is(err, chain.ErrNotFound), errors.Is(err, customer.ErrNoRecord),
		errors.Is(err, customer.ErrNoRun), errors.Is(err, canary.ErrBudget), errors.Is(err, chain.ErrFeeCap):
		return WithExitCode(ExitUsage, err)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return WithExitCode(ExitTimeout, err)
	default:
		return err
	}
}

// plain is an error without what the layers between the chain and the customer wrote around it.
type plain struct{ error }

// Unwrap returns the error with all of it.
func (p plain) Unwrap() error { return p.error }

// noise is what carries nothing for a customer: names of protocols, places in source files, gas of a refused simulation.
var noise = regexp.MustCompile(`simulate: |simulation/\d+: |rpc error: code = \w+ desc = |failed to execute message; message index: \d+: | ?\[[^\]\s]+\.go:\d+\]| with gas used: '\d+'|: unknown request\b`)

// Error is the message in plain words.
func (p plain) Error() string { return noise.ReplaceAllString(p.error.Error(), "") }

// interruptible ends with the command or with Ctrl-C.
func interruptible(cmd *cobra.Command) (context.Context, context.CancelFunc) {
	return signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
}

// openReader connects to read.
func openReader(ctx context.Context, cmd *cobra.Command) (*jobSession, error) {
	conn, err := client.GetClientTxContext(cmd)
	if err != nil {
		return nil, WithExitCode(ExitUsage, fmt.Errorf("%w; 'assayd keys list' shows the keys", plain{err}))
	}
	market, err := customer.NewMarket(conn)
	if err != nil {
		return nil, WithExitCode(ExitUsage, err)
	}
	status, err := market.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s does not answer: %w", conn.NodeURI, err)
	}
	if conn.ChainID != "" && conn.ChainID != status.ChainID {
		return nil, usagef("the node is of chain %q, --%s says %q", status.ChainID, flags.FlagChainID, conn.ChainID)
	}
	params, err := market.MarketParams(ctx)
	if err != nil {
		return nil, err
	}
	return &jobSession{client: conn, market: market, chainID: status.ChainID, denom: params.Denom}, nil
}

// openJournal opens what this home keeps of its jobs.
func (s *jobSession) openJournal() (err error) {
	s.journal, err = customer.OpenJournal(s.client.HomeDir, s.chainID)
	return err
}

// openSender connects to read and to send.
func openSender(ctx context.Context, cmd *cobra.Command) (*jobSession, error) {
	return openPayer(ctx, cmd, nil)
}

// openPayer connects to read and to send what allow, if given, allows the fee of.
func openPayer(ctx context.Context, cmd *cobra.Command, allow func(sdk.Coins) error) (*jobSession, error) {
	fees, err := feePolicy(cmd)
	if err != nil {
		return nil, err
	}
	if from, _ := cmd.Flags().GetString(flags.FlagFrom); from == "" {
		return nil, usagef("--%s is missing: name the key that pays; 'assayd keys list' shows them", flags.FlagFrom)
	}
	s, err := openReader(ctx, cmd)
	if err != nil {
		return nil, err
	}
	signer, err := chain.NewSigner(chain.SignerConfig{
		ChainID: s.chainID, Keyring: s.client.Keyring, KeyName: s.client.FromName, TxConfig: s.client.TxConfig, Fees: fees,
		FeeGranter: s.client.FeeGranter, TimeoutBlocks: txTimeoutBlocks, Allow: allow,
	}, s.market, s.market)
	if err != nil {
		return nil, WithExitCode(ExitUsage, err)
	}
	node, err := s.client.GetNode()
	if err != nil {
		return nil, err
	}
	s.wallet = customer.NewWallet(signer, node)
	return s, nil
}

// feePolicy reads the flags of fees.
func feePolicy(cmd *cobra.Command) (policy chain.FeePolicy, err error) {
	text, _ := cmd.Flags().GetString(flags.FlagGasPrices)
	if policy.GasPrice, err = sdk.ParseDecCoin(text); err != nil {
		return policy, usagef("--%s: %w", flags.FlagGasPrices, err)
	}
	text, _ = cmd.Flags().GetString(flagMaxFee)
	if policy.MaxFee, err = sdk.ParseCoinNormalized(text); err != nil {
		return policy, usagef("--%s: %w", flagMaxFee, err)
	}
	policy.GasAdjustment, _ = cmd.Flags().GetFloat64(flags.FlagGasAdjustment)
	return policy, WithExitCode(ExitUsage, policy.Validate())
}

// fetcher downloads results. On a network of one machine the workers have private addresses.
func (s *jobSession) fetcher(cmd *cobra.Command) *blob.Fetcher {
	private, _ := cmd.Flags().GetBool(flagPrivate)
	return blob.NewFetcher(blob.FetchConfig{AllowPrivate: private || s.local(), Rounds: 1})
}

// boxTimeout bounds one transfer from a relay.
const boxTimeout = 10 * time.Minute

// relays gets sealed results from relays.
func (s *jobSession) relays(cmd *cobra.Command) *relay.Client {
	private, _ := cmd.Flags().GetBool(flagPrivate)
	return relay.NewClient(s.chainID, private || s.local(), boxTimeout)
}

// local tells whether the whole network may be on one machine.
func (s *jobSession) local() bool { return strings.HasPrefix(s.chainID, "assay-local-") }

// isJSON tells whether the answer is for a program.
func isJSON(cmd *cobra.Command) (bool, error) {
	switch format, _ := cmd.Flags().GetString(flags.FlagOutput); format {
	case flags.OutputFormatJSON:
		return true, nil
	case flags.OutputFormatText:
		return false, nil
	default:
		return false, usagef("--%s is %q: it must be text or json", flags.FlagOutput, format)
	}
}
