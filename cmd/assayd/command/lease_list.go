package command

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"text/tabwriter"
	"time"

	"github.com/cosmos/gogoproto/proto"
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/app"
	"github.com/assaychain/assay/offchain-worker/customer"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// maxListed is how many leases the chain lists at once.
const maxListed = 500

// leaseListOptions are the flags of a list of leases.
type leaseListOptions struct {
	listOptions
	operator string
}

// leaseList lists leases.
func leaseList() *cobra.Command {
	var o leaseListOptions
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List leases, oldest first",
		Example: `assayd lease list --from customer
assayd lease list --operator assay1... --active --output json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.complete(cmd); err != nil {
				return err
			}
			ctx, stop := interruptible(cmd)
			defer stop()
			return leaseError(listLeases(ctx, cmd, o))
		},
	}
	cmd.Flags().StringVar(&o.owner, "customer", "", "only the leases of this customer (default the key of --from, all without it)")
	cmd.Flags().StringVar(&o.operator, "operator", "", "only the leases of this operator's devices")
	cmd.Flags().BoolVar(&o.active, "active", false, "only leases that are not closed")
	cmd.Flags().Uint64Var(&o.limit, flags.FlagLimit, 50, fmt.Sprintf("leases on a page, at most %d", maxListed))
	cmd.Flags().Uint64Var(&o.page, flags.FlagPage, 1, "page to show")
	addNodeFlags(cmd)
	cmd.Flags().String(flags.FlagFrom, "", "key whose leases are meant")
	flags.AddKeyringFlags(cmd.Flags())
	return cmd
}

// complete checks everything that can be checked without the chain.
func (o *leaseListOptions) complete(cmd *cobra.Command) error {
	if _, err := isJSON(cmd); err != nil {
		return err
	}
	if o.limit == 0 || o.limit > maxListed {
		return usagef("--%s is %d: it must be from 1 to %d", flags.FlagLimit, o.limit, maxListed)
	}
	if o.page == 0 || o.page > math.MaxInt64/o.limit {
		return usagef("--%s is %d: it must be from 1 to %d", flags.FlagPage, o.page, math.MaxInt64/o.limit)
	}
	if o.owner != "" && o.operator != "" {
		return usagef("--customer and --operator exclude each other")
	}
	for flag, address := range map[string]string{"customer": o.owner, "operator": o.operator} {
		if _, err := sdk.AccAddressFromBech32(address); err != nil && address != "" {
			return usagef("--%s is %q: it must be an address that begins with %s1: %w", flag, address, app.Bech32Prefix, err)
		}
	}
	return nil
}

func listLeases(ctx context.Context, cmd *cobra.Command, o leaseListOptions) error {
	s, err := openReader(ctx, cmd)
	if err != nil {
		return err
	}
	if o.owner == "" && o.operator == "" && !s.client.FromAddress.Empty() {
		o.owner = s.client.FromAddress.String()
	}
	answer, err := s.market.Leases(ctx, &markettypes.QueryLeasesRequest{
		Customer: o.owner, Operator: o.operator, Active: o.active,
		Pagination: &query.PageRequest{Offset: (o.page - 1) * o.limit, Limit: o.limit},
	})
	if err != nil {
		return err
	}
	return s.show(cmd, answer, func(out io.Writer) error { return leaseTable(out, answer.Leases, s.denom) })
}

// show prints the chain's own answer for a program, or what text makes of it for people.
func (s *jobSession) show(cmd *cobra.Command, answer proto.Message, text func(io.Writer) error) error {
	if machine, err := isJSON(cmd); err != nil || !machine {
		return text(cmd.OutOrStdout())
	}
	return s.client.WithOutputFormat(flags.OutputFormatJSON).WithOutput(cmd.OutOrStdout()).PrintProto(answer)
}

func leaseTable(out io.Writer, leases []markettypes.Lease, denom string) error {
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "LEASE\tSTATE\tDEVICE\tTIER\tAN HOUR\tSTART\tEND\tOPERATOR")
	for _, lease := range leases {
		state := customer.LeaseStateText(lease.State)
		if lease.State == markettypes.LEASE_STATE_CLOSED {
			state = customer.LeaseCloseText(lease.CloseReason)
		}
		fmt.Fprintf(table, "%d\t%s\t%.8x\t%s\t%s%s\t%s\t%s\t%s\n", lease.Id, state, lease.Device, customer.LeaseTierText(lease.Tier),
			lease.Rate, denom, lease.Start.UTC().Format(time.DateTime), lease.End.UTC().Format(time.DateTime), lease.Operator)
	}
	return table.Flush()
}

// leaseShow shows one lease.
func leaseShow() *cobra.Command {
	cmd := &cobra.Command{
		Use:               "show ID",
		Short:             "Show everything the chain knows of a lease",
		Example:           "assayd lease show 7\nassayd lease show 7 --output json",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseLeaseID(args[0])
			if err != nil {
				return err
			}
			return readChain(cmd, func(ctx context.Context, s *jobSession) error {
				view, err := s.market.Lease(ctx, id)
				if err != nil {
					return err
				}
				return s.show(cmd, view, func(out io.Writer) error { return showLease(out, view) })
			})
		},
	}
	addNodeFlags(cmd)
	return cmd
}

// readChain connects to read.
func readChain(cmd *cobra.Command, act func(context.Context, *jobSession) error) error {
	if _, err := isJSON(cmd); err != nil {
		return err
	}
	ctx, stop := interruptible(cmd)
	defer stop()
	s, err := openReader(ctx, cmd)
	if err != nil {
		return leaseError(err)
	}
	return leaseError(act(ctx, s))
}

// showLease prints what a lease holds, a line each; what it doesn't hold is left out.
func showLease(out io.Writer, view *markettypes.QueryLeaseResponse) error {
	lease, denom := view.Lease, view.Balance.Denom
	table := lineTable(out)
	table.line("lease", fmt.Sprint(lease.Id))
	table.line("state", customer.LeaseStateText(lease.State))
	table.line("closed as", customer.LeaseCloseText(lease.CloseReason))
	table.line("device", hex.EncodeToString(lease.Device))
	table.line("customer", lease.Customer)
	table.line("operator", lease.Operator)
	table.line("tier", customer.LeaseTierText(lease.Tier))
	table.line("an hour", lease.Rate.String()+denom)
	table.moment("start", &lease.Start)
	table.moment("end", &lease.End)
	table.line("gateway key", hex.EncodeToString(lease.GatewayKey))
	if lease.HasGateway() {
		table.line("attested", fmt.Sprintf("%d s", lease.AttestedSeconds))
	}
	table.line("cancelled late", lease.BookingFee.String()+denom)
	table.line("notice", fmt.Sprintf("customer %s, operator %s", seconds(lease.CustomerNoticeSeconds), seconds(lease.OperatorNoticeSeconds)))
	table.line("longest outage", seconds(lease.OutageSeconds).String())
	table.line("bond locked", lease.Exposure.String()+denom)
	if lease.Complaints > 0 {
		table.line("complaints", fmt.Sprint(lease.Complaints))
	}
	table.moment("outage since", lease.OutageSince)
	table.line("ended by", customer.LeasePartyText(lease.NoticeBy))
	table.line("motive", customer.LeaseMotiveText(lease.Motive))
	if lease.State == markettypes.LEASE_STATE_CLOSED {
		table.moment("closed", lease.ClosedAt)
		table.line("paid", lease.Paid.String()+denom)
		table.line("refunded", lease.Refunded.String()+denom)
	} else {
		table.line("balance", view.Balance.String())
	}
	table.moment("money used up at", view.DryAt)
	table.moment("money was used up at", customer.DriedAt(lease))
	return table.Flush()
}

// leaseCalendar shows when a device is taken.
func leaseCalendar() *cobra.Command {
	cmd := &cobra.Command{
		Use:               "calendar DEVICE",
		Short:             "Show when a device is taken",
		Example:           "assayd lease calendar 5f3c01aa\nassayd lease calendar 5f3c01aa --output json",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			digits, err := parseDevice(args[0])
			if err != nil {
				return err
			}
			return readChain(cmd, func(ctx context.Context, s *jobSession) error {
				device, err := s.findDevice(ctx, digits)
				if err != nil {
					return err
				}
				answer, err := s.market.Calendar(ctx, device)
				if err != nil {
					return err
				}
				return s.show(cmd, answer, func(out io.Writer) error { return calendarTable(out, answer.Bookings) })
			})
		},
	}
	addNodeFlags(cmd)
	return cmd
}

func calendarTable(out io.Writer, bookings []markettypes.Booking) error {
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "START\tEND\tLEASE")
	for _, b := range bookings {
		fmt.Fprintf(table, "%s\t%s\t%d\n", time.Unix(b.Start, 0).UTC().Format(time.DateTime), time.Unix(b.End, 0).UTC().Format(time.DateTime), b.Lease)
	}
	return table.Flush()
}
