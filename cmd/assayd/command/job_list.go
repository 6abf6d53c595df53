package command

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/customer"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// listOptions are the flags of a list.
type listOptions struct {
	owner       string
	active      bool
	page, limit uint64
}

// jobList lists jobs.
func jobList() *cobra.Command {
	var o listOptions
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List jobs, oldest first",
		Example: `assayd job list --from customer
assayd job list --active --limit 20 --page 2 --output json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, stop := interruptible(cmd)
			defer stop()
			return jobError(listJobs(ctx, cmd, o))
		},
	}
	cmd.Flags().StringVar(&o.owner, "customer", "", "only this address's jobs (default the key of --from, all without it)")
	cmd.Flags().BoolVar(&o.active, "active", false, "only jobs that are not closed")
	cmd.Flags().Uint64Var(&o.limit, flags.FlagLimit, 50, "jobs on a page, at most 500")
	cmd.Flags().Uint64Var(&o.page, flags.FlagPage, 1, "page to show")
	addReaderFlags(cmd)
	return cmd
}

func listJobs(ctx context.Context, cmd *cobra.Command, o listOptions) error {
	if o.page == 0 || o.limit == 0 || o.page > math.MaxInt64/o.limit {
		return usagef("--page and --limit count from 1")
	}
	machine, err := isJSON(cmd)
	if err != nil {
		return err
	}
	s, err := openReader(ctx, cmd)
	if err != nil {
		return err
	}
	if o.owner == "" && !s.client.FromAddress.Empty() {
		o.owner = s.client.FromAddress.String()
	}
	answer, err := s.market.Jobs(ctx, o.owner, o.active, &query.PageRequest{Offset: (o.page - 1) * o.limit, Limit: o.limit})
	if err != nil {
		return err
	}
	if machine {
		return s.client.WithOutputFormat(flags.OutputFormatJSON).WithOutput(cmd.OutOrStdout()).PrintProto(answer)
	}
	return jobTable(cmd.OutOrStdout(), answer.Jobs)
}

// addReaderFlags lets a key name stand for its address.
func addReaderFlags(cmd *cobra.Command) {
	addNodeFlags(cmd)
	cmd.Flags().String(flags.FlagFrom, "", "key whose jobs are meant")
	flags.AddKeyringFlags(cmd.Flags())
}

func jobTable(out io.Writer, jobs []markettypes.Job) error {
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "JOB\tSTATE\tASSURANCE\tATTEMPT\tWORKER\tMAX PRICE\tPAID\tSUBMITTED")
	for _, job := range jobs {
		state := customer.StateText(job.State)
		if job.State == markettypes.JOB_STATE_CLOSED {
			state = customer.CloseText(job.CloseReason)
		}
		fmt.Fprintf(table, "%d\t%s\t%s\t%d\t%s\t%s\t%s\t%s\n", job.Id, state, job.Assurance.Word(), job.Attempt, job.Worker, job.MaxPrice, job.Paid,
			job.SubmittedAt.UTC().Format(time.DateTime))
	}
	return table.Flush()
}

// jobShow shows one job.
func jobShow() *cobra.Command {
	cmd := &cobra.Command{
		Use:               "show ID",
		Short:             "Show everything the chain knows of a job",
		Example:           "assayd job show 7\nassayd job show 7 --output json",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeJobID,
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := interruptible(cmd)
			defer stop()
			s, view, err := findJob(ctx, cmd, args[0])
			if err != nil {
				return jobError(err)
			}
			if machine, _ := isJSON(cmd); machine {
				answer := &markettypes.QueryJobResponse{Job: view.Job, Spec: view.Spec}
				return s.client.WithOutputFormat(flags.OutputFormatJSON).WithOutput(cmd.OutOrStdout()).PrintProto(answer)
			}
			return showJob(cmd.OutOrStdout(), view, s.denom)
		},
	}
	addNodeFlags(cmd)
	return cmd
}

// showJob prints what a job holds, a line each; what it doesn't hold yet is left out.
func showJob(out io.Writer, view chain.JobView, denom string) error {
	job := view.Job
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	line := func(name, format string, args ...any) {
		if text := fmt.Sprintf(format, args...); strings.TrimSpace(text) != "" {
			fmt.Fprintf(table, "%s\t%s\n", name, text)
		}
	}
	line("job", "%d", job.Id)
	line("state", "%s", customer.StateText(job.State))
	line("closed as", "%s", customer.CloseText(job.CloseReason))
	line("customer", "%s", job.Customer)
	line("work", "%d multiply-accumulates in %d steps, %d samples", job.Work, len(view.Spec.Program.Steps), view.Spec.Samples)
	line("assurance", "%s", view.Spec.Assurance.Word())
	if job.AuditBps > 0 {
		line("policy", "audit, with a chance of %d.%02d%%", job.AuditBps/100, job.AuditBps%100)
	} else if job.Replicas > 0 {
		line("policy", "replica, %d operators, %d must agree", view.Spec.Replicas, view.Spec.Agreement)
	}
	showSelection(line, view.Spec.Requirements)
	line("max price", "%s%s", job.MaxPrice, denom)
	line("submitted", "%s", job.SubmittedAt.UTC().Format(time.RFC3339))
	line("deadline", "%s", job.Deadline.UTC().Format(time.RFC3339))
	line("promise", "%s", promiseText(job.Promise, job.Replicas))
	if left, ok := view.Remaining(time.Now()); ok {
		line("next step due in", "%s", left.Round(time.Second))
	}
	showAttempt(line, view, denom)
	if job.State == markettypes.JOB_STATE_CLOSED {
		line("paid", "%s%s", job.Paid, denom)
		line("refunded", "%s%s", job.Refunded, denom)
	}
	return table.Flush()
}

// showSelection prints whom the job is for, where it isn't for all.
func showSelection(line func(name, format string, args ...any), r markettypes.Requirements) {
	line("operators", "%s", strings.Join(r.Operators, ", "))
	if r.Pool > 0 {
		line("pool", "%d", r.Pool)
	}
	if r.AttestedOnly {
		line("devices", "attested only")
	}
}

// showAttempt prints what the present or last attempt has brought.
func showAttempt(line func(name, format string, args ...any), view chain.JobView, denom string) {
	job := view.Job
	if job.Attempt == 0 {
		return
	}
	line("attempt", "%d", job.Attempt)
	line("worker", "%s", job.Worker)
	line("device", "%x", job.Device)
	line("price", "%s%s", job.Price, denom)
	showTime(line, job, denom)
	if job.LastFailure != markettypes.FAILURE_REASON_UNSPECIFIED {
		line("last failure", "%s", customer.FailureText(job.LastFailure))
	}
	for i, entry := range job.Disputed {
		line(fmt.Sprintf("disputed entry %d", i+1), "step %d, row %d, column %d", entry.Step, entry.Row, entry.Col)
	}
	if d := job.Dispute; d != nil {
		line("open dispute", "%d, by %s with a bond of %s%s", d.Number, d.Challenger, d.Bond, denom)
	}
	showReplicas(line, view, denom)
	line("commitment", "%x", job.Commitment)
	if job.Round != 0 {
		line("beacon round", "%d", job.Round)
	}
	line("seed", "%x", job.Seed)
	for i, root := range job.StepRoots {
		line(fmt.Sprintf("root of %s", view.Spec.Program.Steps[i].Output), "%x", root)
	}
}

// showTime prints how long the commitment took, and what its lateness takes off the price.
func showTime(line func(name, format string, args ...any), job markettypes.Job, denom string) {
	if len(job.Commitment) == 0 || job.Replicas > 0 {
		return
	}
	line("committed after", "%s", (time.Duration(job.TookMs) * time.Millisecond).Round(time.Millisecond))
	switch rebate := job.Rebate(); {
	case !rebate.IsPositive():
	case job.State != markettypes.JOB_STATE_CLOSED:
		line("late", "%s%s of the price come back when it settles", rebate, denom)
	case job.CloseReason == markettypes.CLOSE_REASON_SETTLED:
		line("late", "%s%s of the price came back", rebate, denom)
	}
}

// promiseText says what a job's tier promises; of several operators each promises it.
func promiseText(promise *markettypes.Promise, operators uint32) string {
	if promise != nil && operators > 0 {
		return "each operator: " + promise.Words()
	}
	return promise.Words()
}

// cellText says where a device is.
func cellText(cell uint32) string {
	if cell == 0 {
		return "an untold cell"
	}
	return fmt.Sprintf("cell %d", cell)
}

// jobCancel takes a job back.
func jobCancel() *cobra.Command {
	cmd := &cobra.Command{
		Use:               "cancel ID",
		Short:             "Take back a job that no worker has; everything locked comes back",
		Example:           "assayd job cancel 7 --from customer",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeJobID,
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := interruptible(cmd)
			defer stop()
			id, err := parseJobID(args[0])
			if err != nil {
				return err
			}
			s, err := openSender(ctx, cmd)
			if err != nil {
				return jobError(err)
			}
			if err := s.wallet.Cancel(ctx, id); err != nil {
				return jobError(fmt.Errorf("cancel job %d: %w", id, err))
			}
			cmd.PrintErrf("job %d cancelled\n", id)
			return nil
		},
	}
	addSenderFlags(cmd)
	return cmd
}

// showReplicas prints who computes a job of several operators, how far each is, and where two results differ.
func showReplicas(line func(name, format string, args ...any), view chain.JobView, denom string) {
	for i, replica := range view.Replicas.Replicas {
		how := "computes"
		switch {
		case !replica.Stands():
			how = "out: " + customer.FailureText(replica.Failure)
		case replica.Answered:
			how = "has proven its entry"
		case replica.Revealed():
			how = fmt.Sprintf("has revealed %.8x", replica.StepRoots[len(replica.StepRoots)-1])
		case replica.Committed():
			how = "has committed"
		}
		if rebate := replica.Rebate(view.Job.Promise); replica.Stands() && rebate.IsPositive() {
			took := (time.Duration(replica.TookMs) * time.Millisecond).Round(time.Millisecond)
			how += fmt.Sprintf(", late: it committed after %s and gets %s%s less", took, rebate, denom)
		}
		line(fmt.Sprintf("operator %d", i+1), "%s in %s for %s%s, %s", replica.Worker, cellText(replica.Cell), replica.Price, denom, how)
	}
	if d := view.Replicas.Difference; d != nil {
		line("difference", "%d, in step %d, level %d, index %d", d.Number, d.Step, d.Level, d.Index)
		if d.Entry != nil {
			line("differing entry", "step %d, row %d, column %d", d.Entry.Step, d.Entry.Row, d.Entry.Col)
		}
	}
}
