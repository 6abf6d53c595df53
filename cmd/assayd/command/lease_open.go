package command

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	sdk "github.com/cosmos/cosmos-sdk/types"

	markettypes "github.com/assaychain/assay/x/market/types"
)

// leaseQuote asks for a price.
func leaseQuote() *cobra.Command {
	var o rentOptions
	cmd := &cobra.Command{
		Use:   "quote DEVICE --for 2h",
		Short: "Ask what renting a device costs; the price holds for some minutes",
		Long: `Ask what renting a device costs.

The rate holds until the moment that is shown; the device is not held. Without --start the price is that of a lease that begins
now. Why the device can't be rented as asked, if it can't, is shown too.`,
		Example: `assayd lease quote 5f3c01aa --for 2h
assayd lease quote 5f3c01aa --for 8h --tier fast --start 2030-01-31T18:00:00Z --output json`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.complete(cmd, args[0]); err != nil {
				return err
			}
			ctx, stop := interruptible(cmd)
			defer stop()
			return leaseError(printQuote(ctx, cmd, o.wanted))
		},
	}
	o.addWindowFlags(cmd)
	cmd.Flags().StringVar(&o.start, flagStart, "", "start of the window, such as 2030-01-31T18:00:00Z (default now)")
	addNodeFlags(cmd)
	return cmd
}

// quoteAnswer is a quote for a program to read.
type quoteAnswer struct {
	Device        string     `json:"device"`
	Seconds       uint64     `json:"seconds"`
	Tier          string     `json:"tier"`
	Start         *time.Time `json:"start,omitempty"`
	Rate          string     `json:"rate"`
	Total         string     `json:"total"`
	MinDeposit    string     `json:"min_deposit"`
	BookingFee    string     `json:"booking_fee"`
	TierBps       uint32     `json:"tier_bps"`
	CapabilityBps uint32     `json:"capability_bps"`
	DemandBps     uint32     `json:"demand_bps"`
	DayBps        uint32     `json:"day_bps"`
	ValidUntil    time.Time  `json:"valid_until"`
	Obstacle      string     `json:"obstacle,omitempty"`
}

func printQuote(ctx context.Context, cmd *cobra.Command, r rental) error {
	s, err := openReader(ctx, cmd)
	if err != nil {
		return err
	}
	device, quote, err := s.price(ctx, r)
	if err != nil {
		return err
	}
	if machine, _ := isJSON(cmd); !machine {
		return showQuote(cmd.OutOrStdout(), device, r, quote)
	}
	answer := quoteAnswer{
		Device: hex.EncodeToString(device), Seconds: r.seconds, Tier: r.tier.String(), Rate: quote.Rate.String(), Total: quote.Total.String(),
		MinDeposit: quote.MinDeposit.String(), BookingFee: quote.BookingFee.String(), TierBps: quote.TierBps, CapabilityBps: quote.CapabilityBps,
		DemandBps: quote.DemandBps, DayBps: quote.DayBps, ValidUntil: quote.ValidUntil, Obstacle: quote.Obstacle,
	}
	if !r.start.IsZero() {
		answer.Start = &r.start
	}
	return json.NewEncoder(cmd.OutOrStdout()).Encode(answer)
}

// leaseOpen rents a device from now on.
func leaseOpen() *cobra.Command {
	var o rentOptions
	cmd := &cobra.Command{
		Use:   "open DEVICE --for 2h",
		Short: "Rent a device from now on",
		Long: `Rent a device from now on.

The price is shown and asked for, unless --yes or --max-rate answers. The deposit may pay for less than the window: the lease
ends in the announced second in which the money is used up, unless it is topped up before.`,
		Example: `assayd lease open 5f3c01aa --for 2h --from customer
assayd lease open 5f3c01aa --for 2h --deposit 7200000uassay --max-rate 4000000uassay --from customer --output json`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.complete(cmd, args[0]); err != nil {
				return err
			}
			return o.rent(cmd, "rent it now?")
		},
	}
	o.addWindowFlags(cmd)
	o.addMoneyFlags(cmd)
	return cmd
}

// leaseReserve rents a device for a later window.
func leaseReserve() *cobra.Command {
	var o rentOptions
	cmd := &cobra.Command{
		Use:   "reserve DEVICE --start 2030-01-31T18:00:00Z --for 2h",
		Short: "Rent a device for a later window",
		Long: `Rent a device for a later window.

Its place in the device's calendar is taken at once, and the lease begins by itself. Until shortly before the start it can be
taken back for nothing; after that the side that takes it back pays the booking fee to the other.`,
		Example:           "assayd lease reserve 5f3c01aa --start 2030-01-31T18:00:00Z --for 8h --from customer",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.start == "" {
				return usagef("--%s is missing: name the start of the window, such as 2030-01-31T18:00:00Z", flagStart)
			}
			if err := o.complete(cmd, args[0]); err != nil {
				return err
			}
			return o.rent(cmd, "reserve it?")
		},
	}
	cmd.Flags().StringVar(&o.start, flagStart, "", "start of the window, such as 2030-01-31T18:00:00Z")
	o.addWindowFlags(cmd)
	o.addMoneyFlags(cmd)
	return cmd
}

// rent agrees on the price, posts the lease and tells what the chain made of it.
func (o *rentOptions) rent(cmd *cobra.Command, question string) error {
	ctx, stop := interruptible(cmd)
	defer stop()
	s, err := openSender(ctx, cmd)
	if err != nil {
		return leaseError(err)
	}
	device, quote, err := s.price(ctx, o.wanted)
	if err != nil {
		return leaseError(err)
	}
	r := o.wanted
	if err := r.accept(quote); err != nil {
		return leaseError(err)
	}
	if err := showQuote(cmd.ErrOrStderr(), device, r, quote); err != nil {
		return err
	}
	cmd.PrintErrf("%s is locked, what is not used comes back\n", r.deposit)
	if !o.yes && o.maxRate == "" {
		if err := confirm(cmd, question, "accept the price with --yes, or bound it with --"+flagMaxRate); err != nil {
			return err
		}
	}
	id, err := r.post(ctx, s, device)
	if err != nil {
		return leaseError(fmt.Errorf("rent the device: %w", err))
	}
	view, err := s.market.Lease(ctx, id)
	if err != nil {
		return leaseError(fmt.Errorf("lease %d is made, but can't be read: %w", id, err))
	}
	return agreed(view, r.deposit.String()).print(cmd)
}

// post brings the lease onto the chain and returns its number.
func (r rental) post(ctx context.Context, s *jobSession, device []byte) (uint64, error) {
	sender := s.wallet.Address().String()
	if r.start.IsZero() {
		var answer markettypes.MsgOpenLeaseResponse
		err := s.wallet.Ask(ctx, r.opening(sender, device), &answer)
		return answer.LeaseId, err
	}
	var answer markettypes.MsgReserveLeaseResponse
	err := s.wallet.Ask(ctx, r.reservation(sender, device), &answer)
	return answer.LeaseId, err
}

func (r rental) opening(sender string, device []byte) sdk.Msg {
	return &markettypes.MsgOpenLease{
		Customer: sender, Device: device, Seconds: r.seconds, Tier: r.tier, MaxRate: *r.maxRate, Deposit: *r.deposit, GatewayKey: r.gatewayKey,
	}
}

func (r rental) reservation(sender string, device []byte) sdk.Msg {
	return &markettypes.MsgReserveLease{
		Customer: sender, Device: device, Seconds: r.seconds, Tier: r.tier, MaxRate: *r.maxRate, Deposit: *r.deposit, GatewayKey: r.gatewayKey,
		Start: r.start,
	}
}
