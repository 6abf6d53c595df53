package command

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/customer"
	"github.com/assaychain/assay/offchain-worker/fullproof"
)

// jobRun is the parent of the kinds of job.
func jobRun() *cobra.Command {
	cmd := &cobra.Command{Use: "run", Short: "Submit a job and follow it to its result", RunE: client.ValidateCmd}
	cmd.AddCommand(runNetwork(), runMatmul())
	return cmd
}

// runNetwork runs a quantised network.
func runNetwork() *cobra.Command {
	var o runOptions
	var input string
	cmd := &cobra.Command{
		Use:   "network MODEL.safetensors --input IMAGES.npy -o LOGITS.npy",
		Short: "Run a quantised dense network on a batch of inputs",
		Long: `Run a quantised dense network on a batch of inputs.

MODEL is a safetensors file in the format assay-dense-v1: int8 weights with an int32 bias and a multiplier for each output.
The input is an array with one row (or one image) for each inference, up to 8192: int8 as it is, or uint8 pixels, of which
the lowest bit is dropped. The result is what the last layer computes, bit for bit what every other machine gets.`,
		Example: `assayd job run network digits.safetensors --input images.npy -o logits.npy --from customer
assayd job run network digits.safetensors --input images.npy -o logits.npy --from customer --samples 16 --max-price 50000uassay --output json
assayd job run network digits.safetensors --input images.npy -o logits.npy --from customer --assurance model
assayd circuits full develop && assayd job run network digits.safetensors --input images.npy -o logits.npy --from customer --assurance full`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if input == "" {
				return usagef("--input is missing: name the array of inputs (.npy)")
			}
			return runJob(cmd, o, func(ctx context.Context, scheme blob.Scheme) (*customer.Order, error) {
				return customer.NetworkOrder(ctx, scheme, args[0], input)
			})
		},
	}
	cmd.Flags().StringVar(&input, "input", "", "array of the inputs (.npy)")
	o.addFlags(cmd)
	return cmd
}

// runMatmul runs a matrix product.
func runMatmul() *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "matmul A.npy B.npy -o C.npy",
		Short: "Multiply two int8 matrices, exactly, into int32",
		Long: `Multiply two int8 matrices, exactly, into int32.

A is [m, k] and B is [k, n], with m and n at most 8192, and k at most 4096 where the chain has a circuit for it, 8192 at the level full. At
the other levels an n above 1680 must be even, above 3360 a multiple of 4, above 6720 a multiple of 8.`,
		Example: "assayd job run matmul A.npy B.npy -o C.npy --from customer\nassayd circuits full develop && assayd job run matmul A.npy B.npy -o C.npy --from customer --assurance full\nassayd job run matmul A.npy B.npy -o C.npy --from customer --policy replica --replicas 3\nassayd job run matmul A.npy B.npy -o C.npy --from customer --policy audit --audit-bps 2500",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runJob(cmd, o, func(ctx context.Context, scheme blob.Scheme) (*customer.Order, error) {
				return customer.MatmulOrder(ctx, scheme, args[0], args[1])
			})
		},
	}
	o.addFlags(cmd)
	return cmd
}

// runJob is what all kinds of job have in common.
func runJob(cmd *cobra.Command, o runOptions, prepare func(context.Context, blob.Scheme) (*customer.Order, error)) error {
	if err := o.complete(cmd); err != nil {
		return err
	}
	ctx, stop := interruptible(cmd)
	defer stop()
	scheme, err := openScheme(cmd, o.level)
	if err != nil {
		return err
	}
	order, err := prepare(ctx, scheme)
	if err != nil {
		return jobError(err)
	}
	o.fitSamples(cmd, order)
	s, err := openSender(ctx, cmd)
	if err != nil {
		return jobError(err)
	}
	if system, isFull := scheme.(*fullproof.System); isFull {
		if err := checkFull(ctx, s, system, order, o.samples); err != nil {
			return jobError(err)
		}
	}
	if err := s.openJournal(); err != nil {
		return err
	}
	terms, err := o.agree(ctx, cmd, s, order)
	if err != nil {
		return jobError(err)
	}
	return o.submit(ctx, following{cmd: cmd, session: s, options: o.followOptions, scheme: scheme}, order, terms)
}

// submit posts the order and follows the job.
func (o *runOptions) submit(ctx context.Context, f following, order *customer.Order, terms customer.Terms) (err error) {
	s := f.session
	if f.record, err = customer.NewRecord(s.chainID, s.wallet.Address().String()); err != nil {
		return err
	}
	f.record.Result, f.record.Certificate = o.result, o.certificate
	server, err := o.serveInputs(s, f.record, &terms)
	if err != nil {
		return err
	}
	if server != nil {
		defer server.Close() // What is still being sent then is of no use any more.
	}
	f.start = time.Now()
	submission := customer.Submission{Wallet: s.wallet, Journal: s.journal, Clock: s.market}
	if err := customer.Submit(ctx, order, terms, f.record, submission); err != nil {
		return submitError(err, f.record)
	}
	f.tell(fmt.Sprintf("job %d submitted, at most %s locked", f.record.JobID, terms.MaxPrice))
	return f.run(ctx)
}

// submitError tells what to do when nobody knows whether the chain has the job.
func submitError(err error, record *customer.Record) error {
	if record.TxHash == "" || errors.Is(err, chain.ErrRefused) {
		return jobError(err)
	}
	return jobError(fmt.Errorf("%w; the job may be on the chain all the same: 'assayd job list' shows it, 'assayd job resume ID' follows it", err))
}

// serveInputs makes the blobs reachable for as long as the command runs, and tells where.
func (o *runOptions) serveInputs(s *jobSession, record *customer.Record, terms *customer.Terms) (*customer.InputServer, error) {
	terms.Locators = append(terms.Locators, o.locators...)
	if o.listen == "" {
		return nil, nil
	}
	server, err := customer.ServeInputs(o.listen, s.journal.Blobs())
	if err != nil {
		return nil, WithExitCode(ExitUsage, err)
	}
	record.Listen = server.Address()
	base := o.base(server)
	if o.advertise == "" {
		if address, err := netip.ParseAddrPort(server.Address()); err == nil && len(o.locators) == 0 && !s.local() && !reachable(address.Addr()) {
			err := usagef("workers can't reach %s: name a public URL of --serve with --advertise, or host the inputs and name --locator", base)
			return nil, errors.Join(err, server.Close())
		}
	}
	terms.Locators = append([]string{base}, terms.Locators...)
	return server, nil
}

// base is the URL at which workers reach a server.
func (o *runOptions) base(server *customer.InputServer) string {
	if o.advertise != "" {
		return o.advertise
	}
	return "http://" + server.Address()
}

// reachable tells whether an address may be on the public internet; workers open no other.
func reachable(address netip.Addr) bool {
	return address.IsGlobalUnicast() && !address.IsPrivate()
}

// absolute makes a path independent of the working folder, for a later resume.
func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}
