package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/certificate"
	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/customer"
	"github.com/assaychain/assay/offchain-worker/formats/npy"
	"github.com/assaychain/assay/offchain-worker/model"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// followOptions are the flags of everything that follows a job.
type followOptions struct {
	result, certificate string
	claim, beacon       string
	noWait              bool
	timeout             time.Duration
}

func (o *followOptions) addFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.certificate, flagCertificate, "", "file to write the certificate to (default RESULT.certificate.json)")
	f.StringVar(&o.claim, "claim", "auto", "claim a proven result that does not arrive: auto or never")
	f.StringVar(&o.beacon, "beacon", "", "drand endpoint to relay rounds from, if no worker does")
	f.BoolVar(&o.noWait, "no-wait", false, "end as soon as the result is here; no certificate is written")
	f.DurationVar(&o.timeout, "timeout", 0, "stop waiting after this time; the job goes on (default never)")
}

func (o *followOptions) complete(cmd *cobra.Command) error {
	if o.claim != "auto" && o.claim != "never" {
		return usagef("--claim is %q: it must be auto or never", o.claim)
	}
	if o.timeout < 0 {
		return usagef("--timeout is %s: it must not be negative", o.timeout)
	}
	if o.result, _ = cmd.Flags().GetString(flagResult); o.result == "" {
		return nil
	}
	o.result = absolute(o.result)
	if o.certificate == "" {
		o.certificate = o.result + ".certificate.json"
	}
	o.certificate = absolute(o.certificate)
	if err := checkWritable("-o", o.result); err != nil {
		return err
	}
	return checkWritable("--"+flagCertificate, o.certificate)
}

// following is a job being followed by a command.
type following struct {
	cmd     *cobra.Command
	session *jobSession
	record  *customer.Record
	options followOptions
	// scheme is how the job's tensors are committed to.
	scheme blob.Scheme
	start  time.Time
	// stored is set once the result is in its file.
	stored bool
}

// tell prints one thing that happened, with the time since the start.
func (f *following) tell(line string) {
	f.cmd.PrintErrf("%7.1fs  %s\n", time.Since(f.start).Seconds(), line)
}

// run follows the job to its end and reports.
func (f *following) run(ctx context.Context) error {
	ctx, cancel := f.limit(ctx)
	defer cancel()
	if err := f.relay(ctx); err != nil {
		return err
	}
	config := customer.FollowConfig{
		Watched: f.session.market, Fetch: f.session.fetcher(f.cmd).Fetch, Scheme: f.scheme, Keys: f.session.journal.Keys(f.record),
		SkipSettlement: f.options.noWait, Tell: f.tell, Denom: f.session.denom, Store: f.store,
		FetchBox: f.session.relays(f.cmd).Fetch, ChainID: f.session.chainID,
	}
	if f.options.claim == "auto" && f.session.wallet != nil {
		config.Claimant = f.session.wallet
	}
	view, _, err := customer.NewFollower(config).Follow(ctx, f.record.JobID)
	if err != nil && ctx.Err() != nil {
		return f.interrupted(ctx)
	}
	settled := view.Job.CloseReason == markettypes.CLOSE_REASON_SETTLED
	if view.Job.State == markettypes.JOB_STATE_CLOSED {
		err = errors.Join(err, f.session.journal.Forget(f.record))
	}
	if settled && f.options.certificate != "" && !f.options.noWait && view.Job.Replicas > 0 {
		f.tell("no certificate: what is compared, or audited now and then, is not proven")
	} else if settled && f.options.certificate != "" && !f.options.noWait {
		err = errors.Join(err, f.certify(ctx))
	}
	return errors.Join(jobError(err), f.report(view, err))
}

func (f *following) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if f.options.timeout == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, f.options.timeout)
}

// relay brings beacon rounds to the chain beside the following.
func (f *following) relay(ctx context.Context) error {
	if f.options.beacon == "" {
		return nil
	}
	log := slog.New(slog.NewTextHandler(f.cmd.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	relay, err := customer.NewRelay(ctx, f.session.market, f.session.wallet, f.options.beacon, log)
	if err != nil {
		return usagef("--beacon: %w", err)
	}
	go func() {
		// It runs until the command ends; failures are logged and tried again.
		_ = relay.Run(ctx)
	}()
	return nil
}

// interrupted tells how to go on.
func (f *following) interrupted(ctx context.Context) error {
	again := fmt.Sprintf("assayd job resume %d", f.record.JobID)
	if f.options.result != "" {
		again += " -o " + f.options.result
	}
	why := "interrupted"
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		why = fmt.Sprintf("not done after %s", f.options.timeout)
	}
	return WithExitCode(ExitTimeout, fmt.Errorf("%s; job %d goes on: follow it with '%s'", why, f.record.JobID, again))
}

// store writes the result whole or not at all.
func (f *following) store(result *tensor.Tensor) error {
	if f.options.result == "" {
		return nil
	}
	if err := writeResult(f.options.result, result); err != nil {
		return err
	}
	f.stored = true
	f.tell("result written to " + f.options.result)
	return nil
}

// writeResult writes a tensor as an array.
func writeResult(path string, result *tensor.Tensor) error {
	array, err := model.Array(result)
	if err != nil {
		return err
	}
	return npy.WriteFile(path, array)
}

func (f *following) certify(ctx context.Context) error {
	if err := writeCertificate(ctx, f.session, f.record.JobID, f.options.certificate); err != nil {
		return err
	}
	f.tell("certificate written to " + f.options.certificate)
	return nil
}

// certificateTries is how often a certificate is asked for while the block after the settlement is being made.
const certificateTries = 60

// writeCertificate collects a certificate, checks that it holds together, and writes it.
func writeCertificate(ctx context.Context, s *jobSession, id uint64, path string) error {
	node, err := s.client.GetNode()
	if err != nil {
		return err
	}
	var collected *certificate.Certificate
	for range certificateTries {
		if collected, err = certificate.Collect(ctx, node, id); !errors.Is(err, certificate.ErrNotSettled) {
			break
		}
		if err := sleep(ctx, 500*time.Millisecond); err != nil {
			return err
		}
	}
	if err != nil {
		return fmt.Errorf("collect the certificate: %w", err)
	}
	return collected.WriteFile(path)
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// jobReport is the machine-readable end of a job.
type jobReport struct {
	JobID       uint64  `json:"job_id"`
	ChainID     string  `json:"chain_id"`
	State       string  `json:"state"`
	CloseReason string  `json:"close_reason,omitempty"`
	Attempts    uint32  `json:"attempts"`
	LastFailure string  `json:"last_failure,omitempty"`
	Worker      string  `json:"worker,omitempty"`
	Device      string  `json:"device,omitempty"`
	Denom       string  `json:"denom"`
	Price       string  `json:"price"`
	Paid        string  `json:"paid"`
	Refunded    string  `json:"refunded"`
	Round       uint64  `json:"round,omitempty"`
	ResultRoot  string  `json:"result_root,omitempty"`
	Result      string  `json:"result,omitempty"`
	Certificate string  `json:"certificate,omitempty"`
	Seconds     float64 `json:"seconds"`
	Error       string  `json:"error,omitempty"`
}

// report prints the end for a program to read, if asked to.
func (f *following) report(view chain.JobView, failure error) error {
	if machine, err := isJSON(f.cmd); err != nil || !machine {
		return err
	}
	job := view.Job
	r := jobReport{
		JobID: f.record.JobID, ChainID: f.session.chainID, State: customer.StateText(job.State), CloseReason: customer.CloseText(job.CloseReason),
		Attempts: job.Attempt, Worker: job.Worker, Device: fmt.Sprintf("%x", job.Device), Denom: f.session.denom, Round: job.Round,
		Price: job.Price.String(), Paid: job.Paid.String(), Refunded: job.Refunded.String(), Seconds: time.Since(f.start).Seconds(),
	}
	if job.LastFailure != markettypes.FAILURE_REASON_UNSPECIFIED {
		r.LastFailure = customer.FailureText(job.LastFailure)
	}
	if n := len(job.StepRoots); n > 0 {
		r.ResultRoot = fmt.Sprintf("%x", job.StepRoots[n-1])
	}
	if f.stored {
		r.Result = f.options.result
	}
	if failure != nil {
		r.Error = failure.Error()
	} else if !f.options.noWait {
		r.Certificate = f.options.certificate
	}
	return json.NewEncoder(f.cmd.OutOrStdout()).Encode(r)
}
