package command

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/types/query"

	markettypes "github.com/assaychain/assay/x/market/types"
)

// leases asks a node about leases.
func (s *jobSession) leases(ctx context.Context) markettypes.QueryClient {
	return markettypes.NewQueryClient(s.client.WithCmdContext(ctx))
}

// leaseListOptions are the flags of a list.
type leaseListOptions struct {
	customer, operator string
	active             bool
	page, limit        uint64
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
			ctx, stop := interruptible(cmd)
			defer stop()
			return jobError(listLeases(ctx, cmd, o))
		},
	}
	cmd.Flags().StringVar(&o.customer, "customer", "", "only this address's leases (default the key of --from, all without it)")
	cmd.Flags().StringVar(&o.operator, "operator", "", "only leases of this operator's devices")
	cmd.Flags().BoolVar(&o.active, "active", false, "only leases that are not closed")
	cmd.Flags().Uint64Var(&o.limit, flags.FlagLimit, 50, "leases on a page, at most 500")
	cmd.Flags().Uint64Var(&o.page, flags.FlagPage, 1, "page to show")
	addReaderFlags(cmd)
	return cmd
}

func listLeases(ctx context.Context, cmd *cobra.Command, o leaseListOptions) error {
	if o.page == 0 || o.limit == 0 || o.page > math.MaxInt64/o.limit {
		return usagef("--page and --limit count from 1")
	}
	if o.customer != "" && o.operator != "" {
		return usagef("--customer and --operator exclude each other")
	}
	machine, err := isJSON(cmd)
	if err != nil {
		return err
	}
	s, err := openReader(ctx, cmd)
	if err != nil {
		return err
	}
	if o.customer == "" && o.operator == "" && !s.client.FromAddress.Empty() {
		o.customer = s.client.FromAddress.String()
	}
	answer, err := s.leases(ctx).Leases(ctx, &markettypes.QueryLeasesRequest{
		Customer: o.customer, Operator: o.operator, Active: o.active,
		Pagination: &query.PageRequest{Offset: (o.page - 1) * o.limit, Limit: o.limit},
	})
	if err != nil {
		return err
	}
	if machine {
		return s.client.WithOutputFormat(flags.OutputFormatJSON).WithOutput(cmd.OutOrStdout()).PrintProto(answer)
	}
	return leaseTable(cmd.OutOrStdout(), answer.Leases)
}

func leaseTable(out io.Writer, leases []markettypes.Lease) error {
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "LEASE\tSTATE\tDEVICE\tRATE\tTIER\tSTART\tEND\tPAID")
	for _, lease := range leases {
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", lease.Id, leaseStateText(lease), hex.EncodeToString(lease.Device)[:12], lease.Rate,
			enumText(lease.Tier.String(), "LEASE_TIER_"), lease.Start.UTC().Format(time.DateTime), lease.End.UTC().Format(time.DateTime), lease.Paid)
	}
	return table.Flush()
}

// leaseStateText says where a lease stands, or how it ended.
func leaseStateText(lease markettypes.Lease) string {
	if lease.State == markettypes.LEASE_STATE_CLOSED {
		return enumText(lease.CloseReason.String(), "LEASE_CLOSE_REASON_")
	}
	return enumText(lease.State.String(), "LEASE_STATE_")
}

// enumText writes a value of an enumeration as people read it.
func enumText(name, prefix string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(name, prefix)), "_", " ")
}

// leaseShow shows one lease.
func leaseShow() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "show ID",
		Short:   "Show everything the chain knows of a lease",
		Example: "assayd lease show 7\nassayd lease show 7 --output json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseLeaseID(args[0])
			if err != nil {
				return err
			}
			if _, err := isJSON(cmd); err != nil {
				return err
			}
			ctx, stop := interruptible(cmd)
			defer stop()
			s, err := openReader(ctx, cmd)
			if err != nil {
				return jobError(err)
			}
			return jobError(printLease(ctx, cmd, s, id))
		},
	}
	addNodeFlags(cmd)
	return cmd
}

// printLease shows a lease in the format asked for.
func printLease(ctx context.Context, cmd *cobra.Command, s *jobSession, id uint64) error {
	answer, err := s.leases(ctx).Lease(ctx, &markettypes.QueryLeaseRequest{Id: id})
	if err != nil {
		return err
	}
	if machine, _ := isJSON(cmd); machine {
		return s.client.WithOutputFormat(flags.OutputFormatJSON).WithOutput(cmd.OutOrStdout()).PrintProto(answer)
	}
	return showLease(cmd.OutOrStdout(), answer, s.denom)
}

// showLease prints what a lease holds, a line each; what it doesn't hold is left out.
func showLease(out io.Writer, answer *markettypes.QueryLeaseResponse, denom string) error {
	lease := answer.Lease
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	line := func(name, format string, args ...any) {
		fmt.Fprintf(table, "%s\t"+format+"\n", append([]any{name}, args...)...)
	}
	line("lease", "%d", lease.Id)
	line("state", "%s", leaseStateText(lease))
	line("device", "%x", lease.Device)
	line("customer", "%s", lease.Customer)
	line("operator", "%s", lease.Operator)
	line("rate", "%s%s an hour, %s", lease.Rate, denom, enumText(lease.Tier.String(), "LEASE_TIER_"))
	line("start", "%s", lease.Start.UTC().Format(time.RFC3339))
	line("end", "%s", lease.End.UTC().Format(time.RFC3339))
	if lease.HasGateway() {
		line("attested", "%d s by %x", lease.AttestedSeconds, lease.GatewayKey)
	}
	if lease.NoticeBy != markettypes.LEASE_PARTY_UNSPECIFIED {
		line("notice", "by the %s: %s", enumText(lease.NoticeBy.String(), "LEASE_PARTY_"), enumText(lease.Motive.String(), "LEASE_MOTIVE_"))
	}
	if lease.OutageSince != nil {
		line("out since", "%s", lease.OutageSince.UTC().Format(time.RFC3339))
	}
	if lease.MissedMs > 0 || lease.Complaints > 0 {
		line("missed", "%s, %d complaints", time.Duration(lease.MissedMs)*time.Millisecond, lease.Complaints)
	}
	if lease.State == markettypes.LEASE_STATE_CLOSED {
		line("closed", "%s", lease.ClosedAt.UTC().Format(time.RFC3339))
		line("paid", "%s%s", lease.Paid, denom)
		line("refunded", "%s%s", lease.Refunded, denom)
		return table.Flush()
	}
	line("balance", "%s", answer.Balance)
	if answer.DryAt != nil {
		line("money lasts until", "%s", answer.DryAt.UTC().Format(time.RFC3339))
	}
	return table.Flush()
}
