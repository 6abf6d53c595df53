// Package cli has the commands of the market module that are more than a form: why a job's device was chosen, as a table.
package cli

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/assaychain/assay/x/market/scheduler"
	"github.com/assaychain/assay/x/market/types"
)

// Query is the parent of the module's queries.
func Query() *cobra.Command {
	cmd := &cobra.Command{
		Use: types.ModuleName, Short: "Query jobs, leases, prices and the market's clock",
		DisableFlagParsing: true, SuggestionsMinimumDistance: 2, RunE: client.ValidateCmd,
	}
	cmd.AddCommand(explainCommand())
	return cmd
}

func explainCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "explain JOB", Args: cobra.ExactArgs(1),
		Short: "Show why a job's device was chosen",
		Long: "Show the choice of a job's device, filter by filter and term by term: of a job that had a device the winner and the runners-up as they " +
			"were then, of an open one all candidates as they are now. The lower a score, the better. Each term is a number of doublings, such as " +
			"of the price beyond the job's least price, times its weight in hundredths. Of a job of several operators there is a choice for each, after " +
			"which come those that score better and were passed over: in a cell that is taken, in one that they don't tell, or in one without which " +
			"fewer operators would be in cells of their own.",
		Example: "assayd query market explain 7\nassayd query market explain 7 --output json",
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseUint(args[0], 10, 64)
			if err != nil {
				return fmt.Errorf("job is %q: it must be a number", args[0])
			}
			clientCtx, err := client.GetClientQueryContext(cmd)
			if err != nil {
				return err
			}
			answer, err := types.NewQueryClient(clientCtx).Explain(cmd.Context(), &types.QueryExplainRequest{Id: id})
			if err != nil {
				return err
			}
			if clientCtx.OutputFormat == flags.OutputFormatJSON {
				return clientCtx.WithOutput(cmd.OutOrStdout()).PrintProto(answer)
			}
			return Table(cmd.OutOrStdout(), answer)
		},
	}
	flags.AddQueryFlagsToCmd(cmd)
	return cmd
}

// Table writes a decision for people; of a job of several operators one for each.
func Table(out io.Writer, answer *types.QueryExplainResponse) error {
	d := answer.Decision
	if answer.Decided {
		fmt.Fprintf(out, "job %d, attempt %d: decided at height %d\n", answer.Id, d.Attempt, d.Height)
	} else {
		fmt.Fprintf(out, "job %d, attempt %d: open, as it would be decided now\n", answer.Id, d.Attempt)
	}
	fmt.Fprintf(out, "tier %s, home %s, at most %s, at least %s%s\n", d.Tier.Word(), home(d.Home), answer.MaxPrice, d.Floor, answer.MaxPrice.Denom)
	wins := "would win"
	if answer.Decided {
		wins = "won"
	}
	if len(answer.Replicas) == 0 {
		return writeDecision(out, d, answer.Weights, wins)
	}
	if !answer.Decided {
		if err := writeDecision(out, d, answer.Weights, "fits"); err != nil {
			return err
		}
	}
	for i, d := range answer.Replicas {
		if i > 0 || !answer.Decided {
			fmt.Fprintln(out)
		}
		fmt.Fprintf(out, "operator %d: %s in %s", i+1, d.Candidates[0].Operator, home(d.Candidates[0].Cell))
		if answer.Decided {
			fmt.Fprintf(out, ", at height %d", d.Height)
		}
		fmt.Fprintln(out)
		if err := writeDecision(out, d, answer.Weights, wins); err != nil {
			return err
		}
	}
	return nil
}

// writeDecision writes what was looked at, each candidate's terms, and what they were made from; wins is the first one's verdict.
func writeDecision(out io.Writer, d types.Decision, w types.Weights, wins string) error {
	fmt.Fprintf(out, "%d devices looked at, %d fit%s\n\n", d.Visited, d.Eligible, refused(d.Refused))
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "DEVICE\tVERDICT\tSCORE\tLATENCY\tLOAD\tTRUST\tPRICE\tPOWER\tHEAT\tUNTRIED\t")
	fmt.Fprintf(table, "weight\t\t\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t\n", w.Latency, w.Load, w.Trust, w.Price, w.Power, w.Heat, w.Latency)
	for i, c := range d.Candidates {
		fmt.Fprintf(table, "%.8x\t%s\t", c.Device, verdict(i, c, wins))
		s := c.Score
		for _, term := range []int64{s.Total, s.Latency, s.Load, s.Trust, s.Price, s.Power, s.Heat, s.Untried} {
			fmt.Fprintf(table, "%s\t", points(c, term))
		}
		fmt.Fprintln(table)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out)
	table = tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "DEVICE\tOPERATOR\tCELL\tROUND TRIP\tRUN\tTRIALS\tLANES\tTRUST\tPRICE\tWATTS\tHEAT\t")
	for _, c := range d.Candidates {
		fmt.Fprintf(table, "%.8x\t%s\t%s\t%s\t%d ms\t%d\t%d of %d\t%d.%02d%%\t%s\t%s\t%s\t\n", c.Device, c.Operator, home(c.Cell),
			unknown(uint64(c.RoundTripMicros), " µs"), c.RunMillis, c.Trials, c.InUse, c.Lanes, c.TrustBps/100, c.TrustBps%100, c.Price,
			unknown(uint64(c.Watts), ""), []string{"normal", "warm", "hot", "withdrawn"}[min(c.Heat, 3)])
	}
	return table.Flush()
}

// verdict says what became of a candidate, the one in place i.
func verdict(i int, c types.Candidate, wins string) string {
	switch {
	case c.Refusal != "":
		return c.Refusal
	case i > 0:
		return "fits"
	default:
		return wins
	}
}

// points shows a term in points with two decimals; nothing of a device that was refused, unless that was for the sake of distinct cells.
func points(c types.Candidate, term int64) string {
	if c.Refusal != "" && !scheduler.RefusalOf(c.Refusal).Apart() {
		return "-"
	}
	sign, hundredths := "", term*100/scheduler.Point
	if hundredths < 0 {
		sign, hundredths = "-", -hundredths
	}
	return fmt.Sprintf("%s%d.%02d", sign, hundredths/100, hundredths%100)
}

func refused(counts []types.RefusedCount) string {
	var b strings.Builder
	for _, c := range counts {
		fmt.Fprintf(&b, ", %d %s", c.Devices, c.Refusal)
	}
	return b.String()
}

func home(cell uint32) string {
	if cell == 0 {
		return "-"
	}
	return fmt.Sprintf("cell %d", cell)
}

func unknown(value uint64, unit string) string {
	if value == 0 {
		return "-"
	}
	return fmt.Sprintf("%d%s", value, unit)
}
