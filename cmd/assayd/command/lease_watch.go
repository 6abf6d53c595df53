package command

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/assaychain/assay/offchain-worker/customer"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// leaseWatch follows a lease.
func leaseWatch() *cobra.Command {
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "watch ID",
		Short: "Follow a lease until it is closed",
		Long: `Follow a lease until it is closed: its state, what its account holds, and when that will be used up.

It ends with exit code 0 when the lease was completed, ran dry, was left by its customer or was taken back by it, with 4 when it
ended in any other way, and with 5 when the wait was ended before that.`,
		Example:           "assayd lease watch 7\nassayd lease watch 7 --timeout 3h --output json",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseLeaseID(args[0])
			if err != nil {
				return err
			}
			if timeout < 0 {
				return usagef("--timeout is %s: it must not be negative", timeout)
			}
			return readChain(cmd, func(ctx context.Context, s *jobSession) error { return watchLease(ctx, cmd, s, watched{id, timeout}) })
		},
	}
	cmd.Flags().DurationVar(&timeout, "timeout", 0, "stop waiting after this time; the lease goes on (default never)")
	addNodeFlags(cmd)
	return cmd
}

// watched is what to follow and for how long at most; 0 is for ever.
type watched struct {
	id      uint64
	timeout time.Duration
}

func watchLease(ctx context.Context, cmd *cobra.Command, s *jobSession, w watched) error {
	if w.timeout > 0 {
		limited, cancel := context.WithTimeout(ctx, w.timeout)
		defer cancel()
		ctx = limited
	}
	start := time.Now()
	tell := func(line string) { cmd.PrintErrf("%7.1fs  %s\n", time.Since(start).Seconds(), line) }
	view, err := customer.NewLeaseFollower(s.market, tell).Follow(ctx, w.id)
	if ctx.Err() != nil && err != nil {
		why := "interrupted"
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			why = fmt.Sprintf("not closed after %s", w.timeout)
		}
		return WithExitCode(ExitTimeout, fmt.Errorf("%s; lease %d goes on: follow it with 'assayd lease watch %d'", why, w.id, w.id))
	}
	if err != nil {
		return err
	}
	if err := ended(view).print(cmd); err != nil {
		return err
	}
	return verdict(view.Lease)
}

// verdict is an error when a lease ended otherwise than its customer agreed to.
func verdict(lease markettypes.Lease) error {
	if customer.KeptToTheEnd(lease.CloseReason) {
		return nil
	}
	return WithExitCode(ExitLeaseBroken, fmt.Errorf("lease %d ended otherwise than agreed: %s", lease.Id, customer.LeaseCloseText(lease.CloseReason)))
}
