package command

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/customer"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// jobResume follows a job that an earlier command left.
func jobResume() *cobra.Command {
	var o followOptions
	var listen string
	cmd := &cobra.Command{
		Use:   "resume ID",
		Short: "Follow a job again that an earlier command left",
		Long: `Follow a job again that an earlier command left.

The inputs are served again where they were served before, the result is fetched, verified and written, and claimed if it
does not arrive. What is needed for it lies in HOME/jobs; without --from nothing is claimed.`,
		Example:           "assayd job resume 7 --from customer\nassayd job resume 7 -o C.npy --from customer",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeJobID,
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := interruptible(cmd)
			defer stop()
			f, err := again(ctx, cmd, args[0], o)
			if err != nil {
				return err
			}
			server := f.serveAgain(listen)
			if server != nil {
				defer server.Close() // What is still being sent then is of no use any more.
			}
			return f.run(ctx)
		},
	}
	cmd.Flags().StringVar(&listen, "serve", "", "address to serve the inputs on (default where they were served before)")
	addSenderFlags(cmd)
	addResultFlags(cmd)
	addFullStringFlag(cmd)
	o.addFlags(cmd)
	return cmd
}

// again finds a job and what is kept of it.
func again(ctx context.Context, cmd *cobra.Command, text string, o followOptions) (*following, error) {
	id, err := parseJobID(text)
	if err != nil {
		return nil, err
	}
	if _, err := isJSON(cmd); err != nil {
		return nil, err
	}
	if err := o.complete(cmd); err != nil {
		return nil, err
	}
	open := openReader
	if from, _ := cmd.Flags().GetString(flags.FlagFrom); from != "" || o.beacon != "" {
		open = openSender
	}
	s, err := open(ctx, cmd)
	if err != nil {
		return nil, jobError(err)
	}
	if err := s.openJournal(); err != nil {
		return nil, err
	}
	view, err := s.market.Job(ctx, id)
	if err != nil {
		return nil, jobError(err)
	}
	record, err := s.journal.Load(id, view.Spec.DeliveryKey)
	if err != nil {
		return nil, jobError(err)
	}
	if o.result == "" {
		o.result, o.certificate = record.Result, record.Certificate
	}
	scheme, err := openScheme(cmd, view.Spec.Assurance)
	if err != nil {
		return nil, err
	}
	return &following{cmd: cmd, session: s, record: record, options: o, scheme: scheme, start: time.Now()}, nil
}

// serveAgain serves inputs that are still kept. A worker may have them already, so that a failure only is told.
func (f *following) serveAgain(listen string) *customer.InputServer {
	if listen == "" {
		listen = f.record.Listen
	}
	if listen == "" || len(f.record.Inputs) == 0 {
		return nil
	}
	server, err := customer.ServeInputs(listen, f.session.journal.Blobs())
	if err != nil {
		f.tell(fmt.Sprintf("the inputs are not served: %s", err))
		return nil
	}
	return server
}

// jobClaim claims a proven result that did not arrive.
func jobClaim() *cobra.Command {
	var o followOptions
	cmd := &cobra.Command{
		Use:   "claim ID",
		Short: "Claim a proven result that did not arrive, and receive it over the chain",
		Long: `Claim a proven result that did not arrive, and receive it over the chain.

A fee is locked for the worker's answer. The worker must put the result on the chain, sealed to a key that only this machine
has; it is opened, verified, written, and contested if it is false. A worker that does not answer is punished, and the price
comes back. A contest makes that key public: where several operators agreed the next one answers, sealed to a fresh key.

A result that is too large for a transaction is handed to relays, whom a beacon round draws among the operators. It is fetched
from them, opened, verified and written; a fault of it is shown to the chain. The fee covers what the relays get, and the job is
claimed once more if none of them serves it.`,
		Example:           "assayd job claim 7 -o C.npy --from customer",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeJobID,
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := interruptible(cmd)
			defer stop()
			if from, _ := cmd.Flags().GetString(flags.FlagFrom); from == "" {
				return usagef("--%s is missing: name the key that submitted the job", flags.FlagFrom)
			}
			f, err := again(ctx, cmd, args[0], o)
			if err != nil {
				return err
			}
			if err := f.session.wallet.Claim(ctx, f.record.JobID); err != nil {
				return jobError(fmt.Errorf("claim job %d: %w", f.record.JobID, err))
			}
			return f.run(ctx)
		},
	}
	addSenderFlags(cmd)
	addResultFlags(cmd)
	addFullStringFlag(cmd)
	o.addFlags(cmd)
	return cmd
}

// jobFetch downloads the result of a proven job.
func jobFetch() *cobra.Command {
	cmd := &cobra.Command{
		Use:               "fetch ID -o FILE",
		Short:             "Download the result of a proven job from its worker, and verify it",
		Example:           "assayd job fetch 7 -o C.npy",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeJobID,
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := interruptible(cmd)
			defer stop()
			return jobError(fetchResult(ctx, cmd, args[0]))
		},
	}
	addNodeFlags(cmd)
	addResultFlags(cmd)
	addFullStringFlag(cmd)
	return cmd
}

func fetchResult(ctx context.Context, cmd *cobra.Command, text string) error {
	s, view, err := findJob(ctx, cmd, text)
	if err != nil {
		return err
	}
	path, _ := cmd.Flags().GetString(flagResult)
	if path == "" {
		return usagef("-o is missing: name the file for the result (.npy)")
	}
	if err := checkWritable("-o", path); err != nil {
		return err
	}
	if len(view.Job.StepRoots) == 0 {
		return usagef("job %d is %s: only a proven job has a result", view.Job.Id, customer.StateText(view.Job.State))
	}
	scheme, err := openScheme(cmd, view.Spec.Assurance)
	if err != nil {
		return err
	}
	result, err := customer.FetchResult(ctx, s.market, s.fetcher(cmd).Fetch, scheme, view)
	if err != nil {
		return fmt.Errorf("fetch the result of job %d: %w", view.Job.Id, err)
	}
	if err := writeResult(path, result); err != nil {
		return err
	}
	cmd.PrintErrf("result verified against the proven root and written to %s: %d x %d\n", path, result.Rows, result.Cols)
	return nil
}

// findJob connects and reads a job.
func findJob(ctx context.Context, cmd *cobra.Command, text string) (*jobSession, chain.JobView, error) {
	id, err := parseJobID(text)
	if err != nil {
		return nil, chain.JobView{}, err
	}
	if _, err := isJSON(cmd); err != nil {
		return nil, chain.JobView{}, err
	}
	s, err := openReader(ctx, cmd)
	if err != nil {
		return nil, chain.JobView{}, err
	}
	view, err := s.market.Job(ctx, id)
	return s, view, err
}

// jobCertificate writes the certificate of a settled job.
func jobCertificate() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:               "certificate ID --certificate FILE",
		Short:             "Write the certificate of a settled job",
		Long:              "Write the certificate of a settled job: all that 'assayd job verify' needs to check it without trust in any node.",
		Example:           "assayd job certificate 7 --certificate job-7.certificate.json",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeJobID,
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := interruptible(cmd)
			defer stop()
			if path == "" {
				return usagef("--%s is missing: name the file to write", flagCertificate)
			}
			s, view, err := findJob(ctx, cmd, args[0])
			if err != nil {
				return jobError(err)
			}
			if view.Job.CloseReason != markettypes.CLOSE_REASON_SETTLED {
				return usagef("job %d is %s %s: only a settled job has a certificate", view.Job.Id,
					customer.StateText(view.Job.State), customer.CloseText(view.Job.CloseReason))
			}
			if err := checkWritable("--"+flagCertificate, path); err != nil {
				return err
			}
			return jobError(writeCertificate(ctx, s, view.Job.Id, path))
		},
	}
	cmd.Flags().StringVar(&path, flagCertificate, "", "file to write")
	addNodeFlags(cmd)
	return cmd
}
