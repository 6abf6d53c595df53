package command

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	escrowtypes "github.com/assaychain/assay/x/escrow/types"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// leaseTopUp adds money to a lease.
func leaseTopUp() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "topup ID AMOUNT",
		Short: "Add money to a lease, so that it lasts longer",
		Long: `Add money to a lease, so that it lasts longer.

The new second in which the money will be used up is shown. It asks first, unless --yes answers.`,
		Example:           "assayd lease topup 7 3600000uassay --from customer\nassayd lease topup 7 3600000uassay --from customer --yes --output json",
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			amount, err := parseCoin("AMOUNT", args[1])
			if err != nil {
				return err
			}
			return withLease(cmd, args[0], func(ctx context.Context, s *jobSession, view *markettypes.QueryLeaseResponse) error {
				return topUp(ctx, cmd, s, funding{view: view, amount: amount, yes: yes})
			})
		},
	}
	addYesFlag(cmd, &yes)
	addSenderFlags(cmd)
	return cmd
}

// withLease connects to send, and reads the lease that the command line names.
func withLease(cmd *cobra.Command, text string, act func(context.Context, *jobSession, *markettypes.QueryLeaseResponse) error) error {
	id, err := parseLeaseID(text)
	if err != nil {
		return err
	}
	if _, err := isJSON(cmd); err != nil {
		return err
	}
	ctx, stop := interruptible(cmd)
	defer stop()
	s, err := openSender(ctx, cmd)
	if err != nil {
		return leaseError(err)
	}
	view, err := s.market.Lease(ctx, id)
	if err != nil {
		return leaseError(err)
	}
	return leaseError(act(ctx, s, view))
}

// funding is money for a lease.
type funding struct {
	view   *markettypes.QueryLeaseResponse
	amount sdk.Coin
	yes    bool
}

func topUp(ctx context.Context, cmd *cobra.Command, s *jobSession, f funding) error {
	lease := f.view.Lease
	if err := inDenom("AMOUNT", f.amount, s.denom); err != nil {
		return err
	}
	if lease.State == markettypes.LEASE_STATE_CLOSED {
		return usagef("lease %d is closed: it takes no money", lease.Id)
	}
	if !f.yes {
		question := fmt.Sprintf("add %s to lease %d of device %x, which holds %s?", f.amount, lease.Id, lease.Device, f.view.Balance)
		if err := confirm(cmd, question, "answer with --yes"); err != nil {
			return err
		}
	}
	var answer escrowtypes.MsgDepositResponse
	if err := s.wallet.Ask(ctx, &escrowtypes.MsgDeposit{
		Depositor: s.wallet.Address().String(), Scope: markettypes.LeaseScope, Id: lease.Id, Amount: f.amount,
	}, &answer); err != nil {
		return fmt.Errorf("top up lease %d: %w", lease.Id, err)
	}
	view, err := s.market.Lease(ctx, lease.Id)
	if err != nil {
		return fmt.Errorf("lease %d is topped up, but can't be read: %w", lease.Id, err)
	}
	return leaseAnswer{LeaseID: lease.Id, Balance: answer.Balance.String(), DryAt: view.DryAt}.print(cmd)
}

// extendOptions are the flags of an extension.
type extendOptions struct {
	by               time.Duration
	maxRate, deposit string
	yes              bool
}

// extension is what the flags say.
type extension struct {
	seconds          uint64
	maxRate, deposit *sdk.Coin
	yes              bool
}

// leaseExtend moves the end of a lease.
func leaseExtend() *cobra.Command {
	var o extendOptions
	cmd := &cobra.Command{
		Use:   "extend ID --by 1h",
		Short: "Move the end of a lease",
		Long: `Move the end of a lease.

From then on an hour costs the higher of the agreed and the present rate, which is shown and asked for, unless --yes or
--max-rate answers. Without --deposit no money is added: the lease still ends when it is used up.`,
		Example:           "assayd lease extend 7 --by 1h --from customer\nassayd lease extend 7 --by 1h --deposit 3600000uassay --from customer --yes",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			x, err := o.complete(cmd)
			if err != nil {
				return err
			}
			return withLease(cmd, args[0], func(ctx context.Context, s *jobSession, view *markettypes.QueryLeaseResponse) error {
				return extendLease(ctx, cmd, s, view.Lease, x)
			})
		},
	}
	cmd.Flags().DurationVar(&o.by, "by", 0, "time to add, such as 1h")
	cmd.Flags().StringVar(&o.maxRate, flagMaxRate, "", "the most that an hour may cost from then on; without it what it costs now, after asking")
	cmd.Flags().StringVar(&o.deposit, flagDeposit, "", "money to add, such as 3600000uassay (default none)")
	addYesFlag(cmd, &o.yes)
	addSenderFlags(cmd)
	return cmd
}

// complete checks everything that can be checked without the chain.
func (o *extendOptions) complete(cmd *cobra.Command) (x extension, err error) {
	x.yes = o.yes || o.maxRate != ""
	if !cmd.Flags().Changed("by") {
		return x, usagef("--by is missing: name the time to add, such as 1h")
	}
	if x.seconds, err = parseSeconds("by", o.by); err != nil {
		return x, err
	}
	if x.maxRate, err = optionalCoin(flagMaxRate, o.maxRate); err != nil {
		return x, err
	}
	x.deposit, err = optionalCoin(flagDeposit, o.deposit)
	return x, err
}

// terms fills in what the customer left open: no deposit, and the higher of the agreed and the present rate.
func (x *extension) terms(lease markettypes.Lease, present sdk.Coin) error {
	rate := sdk.NewCoin(present.Denom, math.MaxInt(lease.Rate, present.Amount))
	if x.maxRate == nil {
		x.maxRate = &rate
	}
	if x.deposit == nil {
		nothing := sdk.NewCoin(present.Denom, math.ZeroInt())
		x.deposit = &nothing
	}
	if err := inDenom("--"+flagMaxRate, *x.maxRate, present.Denom); err != nil {
		return err
	}
	if err := inDenom("--"+flagDeposit, *x.deposit, present.Denom); err != nil {
		return err
	}
	if x.maxRate.IsLT(rate) {
		return usagef("--%s is %s: it must be at least %s, what an hour would cost", flagMaxRate, x.maxRate, rate)
	}
	return nil
}

// present is what an hour of the added time costs now. A window that is shorter than the chain rents out is priced as the shortest.
func (x *extension) present(ctx context.Context, s *jobSession, lease markettypes.Lease) (sdk.Coin, error) {
	params, err := s.market.MarketParams(ctx)
	if err != nil {
		return sdk.Coin{}, err
	}
	length := lease.Window().Seconds()
	if length+x.seconds > params.Lease.MaxSeconds {
		return sdk.Coin{}, usagef("--by is %s: the lease has %s, it may have %s in all", seconds(x.seconds), seconds(length), seconds(params.Lease.MaxSeconds))
	}
	quote, err := s.market.LeaseQuote(ctx, &markettypes.QueryLeaseQuoteRequest{
		Device: hex.EncodeToString(lease.Device), Seconds: max(x.seconds, params.Lease.MinSeconds), Tier: lease.Tier, Start: lease.End.Unix(),
	})
	if err != nil {
		return sdk.Coin{}, err
	}
	return quote.Rate, nil
}

func extendLease(ctx context.Context, cmd *cobra.Command, s *jobSession, lease markettypes.Lease, x extension) error {
	present, err := x.present(ctx, s, lease)
	if err != nil {
		return err
	}
	if err := x.terms(lease, present); err != nil {
		return err
	}
	cmd.PrintErrf("an hour costs %s now, %s%s is agreed; at most %s from then on, %s is added\n", present, lease.Rate, s.denom, x.maxRate, x.deposit)
	if !x.yes {
		question := fmt.Sprintf("extend lease %d by %s?", lease.Id, seconds(x.seconds))
		if err := confirm(cmd, question, "accept the price with --yes, or bound it with --"+flagMaxRate); err != nil {
			return err
		}
	}
	var answer markettypes.MsgExtendLeaseResponse
	if err := s.wallet.Ask(ctx, &markettypes.MsgExtendLease{
		Customer: s.wallet.Address().String(), LeaseId: lease.Id, Seconds: x.seconds, MaxRate: *x.maxRate, Deposit: *x.deposit,
	}, &answer); err != nil {
		return fmt.Errorf("extend lease %d: %w", lease.Id, err)
	}
	view, err := s.market.Lease(ctx, lease.Id)
	if err != nil {
		return fmt.Errorf("lease %d is extended, but can't be read: %w", lease.Id, err)
	}
	return leaseAnswer{
		LeaseID: lease.Id, Rate: answer.Rate.String(), Balance: view.Balance.String(), End: &answer.End, DryAt: view.DryAt,
	}.print(cmd)
}
