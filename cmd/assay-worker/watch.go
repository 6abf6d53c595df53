package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/offchain-worker/journal"
	"github.com/assaychain/assay/offchain-worker/watch"
)

// watchFlags are those of the command watch.
type watchFlags struct {
	key, maxBonds string
	rate          float64
	maxGMAC       uint64
	minLeft, poll time.Duration
	dryRun, once  bool
}

func newWatch(o *options) *cobra.Command {
	f := &watchFlags{}
	cmd := &cobra.Command{
		Use:   "watch",
		Short: "Recompute other workers' results and dispute wrong ones",
		Long: `Follows proven jobs, fetches the inputs that their locators serve, recomputes the results on this machine's processor, and
compares. Where a root differs it fetches the worker's output, finds an entry that is wrong, recomputes it once more by the
reference, and disputes it with a bond: the worker must prove exactly that entry or is slashed, and the bond comes back with
a reporter's share. Each dispute is journalled before it is sent, so that a restart disputes nothing twice.

What can't be found out is not disputed: where an input isn't public, or a worker keeps its output to itself, no entry can
be named. Of a program of several steps only the first step that differs counts, whose output workers don't serve unless it
is the last. The customer of such a job claims the result and can dispute it then, with 'assayd job dispute'.

The key pays the bonds and its own fees: send it what --max-bonds says and a little more. Locked and lost bonds count
against --max-bonds, also those of earlier runs in this home. While a worker runs with this home, give another key than its own, or
the two send under the same sequence numbers and transactions are lost: make one with
'assayd keys add watcher --keyring-dir HOME --keyring-backend test'.`,
		Example: `  assay-worker watch --dry-run
  assay-worker watch --key watcher --max-bonds 5000000uassay
  assay-worker watch --key watcher --rate 0.1 --max-gmac 50 --output json`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return o.watch(cmd, f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.key, "key", "", "name of the key that posts the bonds (default chain.key_name of the configuration)")
	flags.StringVar(&f.maxBonds, "max-bonds", "1000000uassay", "the most that disputes may hold and lose, all together")
	flags.Float64Var(&f.rate, "rate", 1, "part of the jobs that is recomputed, above 0 and at most 1, drawn by a secret")
	flags.Uint64Var(&f.maxGMAC, "max-gmac", 100, "jobs of more than so many 10^9 multiply-accumulates are left out")
	flags.DurationVar(&f.minLeft, "min-left", 30*time.Second, "jobs that settle earlier than this are left out")
	flags.DurationVar(&f.poll, "poll", 5*time.Second, "time between two looks at the chain")
	flags.BoolVar(&f.dryRun, "dry-run", false, "send and journal nothing, only tell what would be disputed")
	flags.BoolVar(&f.once, "once", false, "look at everything once and end")
	return cmd
}

// settings reads the flags' values.
func (f *watchFlags) settings() (watch.Config, error) {
	bonds, err := sdk.ParseCoinNormalized(f.maxBonds)
	if err != nil {
		return watch.Config{}, fmt.Errorf("%w: --max-bonds: %w", errUsage, err)
	}
	if !(f.rate > 0 && f.rate <= 1) {
		return watch.Config{}, fmt.Errorf("%w: --rate is %g, must be above 0 and at most 1", errUsage, f.rate)
	}
	if f.maxGMAC == 0 || f.maxGMAC > 1<<32 {
		return watch.Config{}, fmt.Errorf("%w: --max-gmac is %d, must be from 1 to %d", errUsage, f.maxGMAC, uint64(1)<<32)
	}
	if f.poll <= 0 || f.minLeft < 0 {
		return watch.Config{}, fmt.Errorf("%w: --poll is %s and --min-left %s: the first must be above 0, the second not negative", errUsage, f.poll, f.minLeft)
	}
	chosen, err := watch.Draw(max(1, uint32(f.rate*1_000_000)))
	return watch.Config{
		MaxBonds: bonds, MaxWork: f.maxGMAC * 1_000_000_000, MinLeft: f.minLeft, Poll: f.poll, DryRun: f.dryRun, Chosen: chosen,
	}, err
}

func (o *options) watch(cmd *cobra.Command, f *watchFlags) (err error) {
	settings, err := f.settings()
	if err != nil {
		return err
	}
	w, err := o.open(cmd)
	if err != nil {
		return err
	}
	if settings.Log, err = logger(w.config.Log, cmd.ErrOrStderr()); err != nil {
		return err
	}
	client, err := chain.Dial(w.config.Chain.Node, w.encoding, time.Duration(w.config.Chain.RequestTimeout))
	if err != nil {
		return err
	}
	settings.Market = client
	settings.Fetch = blob.NewFetcher(blob.FetchConfig{
		AllowPrivate: w.config.Blobs.AllowPrivateLocators, Timeout: time.Duration(w.config.Blobs.FetchTimeout), Rounds: 1,
	}).Fetch
	if settings.Executor, err = compute.NewProcessor(cmd.Context(), runtime.GOMAXPROCS(0)); err != nil {
		return err
	}
	if w.config.Chain.Operator != "" {
		settings.Skip = []string{w.config.Chain.Operator}
	}
	settings.Tell = o.teller(cmd.OutOrStdout())
	var entries []journal.Entry
	var log *journal.Journal
	if !f.dryRun {
		if settings.Sender, err = watcherKey(w, f.key, client); err != nil {
			return err
		}
		if log, entries, err = journal.Open(filepath.Join(o.home, "watch.wal"), journal.Hooks{}); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, log.Close()) }()
		settings.Journal = log
	}
	return runWatcher(cmd.Context(), settings, entries, log, f.once)
}

func runWatcher(ctx context.Context, settings watch.Config, entries []journal.Entry, log *journal.Journal, once bool) error {
	watcher, err := watch.New(settings, entries)
	if err != nil {
		return err
	}
	if log != nil {
		if err := log.Compact(watcher.Unfinished); err != nil {
			return err
		}
	}
	if once {
		return watcher.Once(ctx)
	}
	if err := watcher.Run(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// watcherKey signs for the watcher; it pays its own fees.
func watcherKey(w workplace, name string, client *chain.Client) (*chain.Signer, error) {
	if name == "" {
		name = w.config.Chain.KeyName
	}
	fees, err := w.config.Chain.Fees()
	if err != nil {
		return nil, err
	}
	return chain.NewSigner(chain.SignerConfig{
		ChainID: w.config.Chain.ID, Keyring: w.keys, KeyName: name, TxConfig: w.encoding.TxConfig, Fees: fees,
		TimeoutBlocks: w.config.Chain.TimeoutBlocks,
	}, client, client)
}

// teller prints a line each, as a table or as JSON.
func (o *options) teller(out io.Writer) func(watch.Line) {
	if o.output == "json" {
		encoder := json.NewEncoder(out)
		return func(line watch.Line) { _ = encoder.Encode(line) } // A reader that is gone ends the process by its signal.
	}
	const layout = "%-9s %7s %7s  %-10s %-45s %s\n"
	fmt.Fprintf(out, layout, "TIME", "JOB", "ATTEMPT", "WHAT", "WORKER", "DETAIL")
	return func(line watch.Line) {
		fmt.Fprintf(out, layout, line.Time.Format(time.TimeOnly), fmt.Sprint(line.Job), fmt.Sprint(line.Attempt), line.What, line.Worker, detail(line))
	}
}

func detail(line watch.Line) string {
	text := line.Detail
	if e := line.Entry; e != nil {
		at := fmt.Sprintf("step %d, row %d, column %d", e.Step, e.Row, e.Col)
		if line.Theirs != nil && line.Own != nil {
			at += fmt.Sprintf(": %d, right is %d", *line.Theirs, *line.Own)
		}
		if line.Bond != "" {
			at += ", bond " + line.Bond
		}
		if text != "" {
			at += "; "
		}
		text = at + text
	}
	return text
}
