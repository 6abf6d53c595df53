// Package cli has the commands of the emission module that are more than a form: the schedule as a curve or a table.
package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/grpc"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/codec"
	epochstypes "github.com/cosmos/cosmos-sdk/x/epochs/types"

	"github.com/assaychain/assay/x/emission/keeper"
	"github.com/assaychain/assay/x/emission/schedule"
	"github.com/assaychain/assay/x/emission/types"
)

// year is a year's length with its part of a leap day.
const year = 365*24*time.Hour + 6*time.Hour

// maxYears bounds the years to show.
const maxYears = 100

// Query is the parent of the module's queries.
func Query() *cobra.Command {
	cmd := &cobra.Command{
		Use: types.ModuleName, Short: "Query the emission of new coins and its rewards",
		DisableFlagParsing: true, SuggestionsMinimumDistance: 2, RunE: client.ValidateCmd,
	}
	cmd.AddCommand(scheduleCommand())
	return cmd
}

func scheduleCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "schedule", Args: cobra.NoArgs,
		Short: "Show what each epoch emits, as a curve or a table",
		Long: "Show what the present schedule emits: a line a year by default, every epoch with --csv, a curve with --plot. " +
			"Amounts are in the base denomination; the curve's are in units of it that its labels name.",
		Example: "assayd query emission schedule --plot\nassayd query emission schedule --csv --years 20 > schedule.csv\n" +
			"assayd query emission schedule --plot --cumulative --width 100 --lines 20",
		RunE: func(cmd *cobra.Command, _ []string) error {
			clientCtx, err := client.GetClientQueryContext(cmd)
			if err != nil {
				return err
			}
			options, err := readOptions(cmd)
			if err != nil {
				return err
			}
			options.json = clientCtx.OutputFormat == flags.OutputFormatJSON
			return show(cmd.Context(), cmd.OutOrStdout(), clientCtx, options)
		},
	}
	cmd.Flags().Uint64("years", 20, "how many years to show, from the first epoch")
	cmd.Flags().Bool("plot", false, "draw the curve in the terminal")
	cmd.Flags().Bool("csv", false, "write comma-separated values: epoch, amount, cumulative")
	cmd.Flags().Bool("cumulative", false, "with --plot: draw the sum of all epochs instead of each epoch's amount")
	cmd.Flags().Bool("ascii", false, "with --plot: draw with asterisks instead of braille dots")
	cmd.Flags().Int("width", 72, "with --plot: width of the curve in characters")
	cmd.Flags().Int("lines", 16, "with --plot: height of the curve in lines; --height is the chain's, as in every query")
	cmd.Flags().Uint64("step", 0, "show every so manieth epoch; by default every one in CSV, one a year in a table")
	cmd.MarkFlagsMutuallyExclusive("plot", "csv")
	flags.AddQueryFlagsToCmd(cmd)
	return cmd
}

// options are the command's flags.
type options struct {
	years, step                        uint64
	plot, csv, cumulative, ascii, json bool
	width, lines                       int
}

func readOptions(cmd *cobra.Command) (o options, err error) {
	read := cmd.Flags()
	if o.years, err = read.GetUint64("years"); err != nil {
		return o, err
	}
	if o.step, err = read.GetUint64("step"); err != nil {
		return o, err
	}
	if o.plot, err = read.GetBool("plot"); err != nil {
		return o, err
	}
	if o.csv, err = read.GetBool("csv"); err != nil {
		return o, err
	}
	if o.cumulative, err = read.GetBool("cumulative"); err != nil {
		return o, err
	}
	if o.ascii, err = read.GetBool("ascii"); err != nil {
		return o, err
	}
	if o.width, err = read.GetInt("width"); err != nil {
		return o, err
	}
	o.lines, err = read.GetInt("lines")
	return o, err
}

// show asks the node and writes what it says.
func show(ctx context.Context, out io.Writer, node grpc.ClientConnInterface, o options) error {
	epoch, err := duration(ctx, node)
	if err != nil {
		return err
	}
	if o.years < 1 || o.years > maxYears {
		return fmt.Errorf("years is %d: it must be from 1 to %d", o.years, maxYears)
	}
	last := uint64(time.Duration(o.years) * year / epoch)
	if last > keeper.MaxQueryEpoch {
		return fmt.Errorf("years is %d, which has %d epochs: the node tells at most %d", o.years, last, keeper.MaxQueryEpoch)
	}
	perYear := max(uint64(year/epoch), 1)
	canvas := schedule.Canvas{Width: o.width, Height: o.lines, ASCII: o.ascii}
	step := o.step
	switch {
	case step > 0:
	case o.plot && o.width > 0:
		step = max(last/uint64(canvas.Columns()), 1)
	case o.csv:
		step = 1
	default:
		step = perYear
	}
	answer, err := fetch(ctx, types.NewQueryClient(node), last, step)
	if err != nil {
		return err
	}
	switch {
	case o.plot:
		return plot(out, answer, canvas, o)
	case o.csv:
		_, err = io.WriteString(out, schedule.CSV(points(answer)))
	case o.json:
		err = printJSON(out, answer)
	default:
		err = table(out, answer, perYear)
	}
	return err
}

// duration asks x/epochs how long the epoch is that drives the emission.
func duration(ctx context.Context, node grpc.ClientConnInterface) (time.Duration, error) {
	params, err := types.NewQueryClient(node).Params(ctx, &types.QueryParamsRequest{})
	if err != nil {
		return 0, err
	}
	infos, err := epochstypes.NewQueryClient(node).EpochInfos(ctx, &epochstypes.QueryEpochInfosRequest{})
	if err != nil {
		return 0, err
	}
	for _, info := range infos.Epochs {
		if info.Identifier == params.Params.EpochIdentifier && info.Duration > 0 {
			return info.Duration, nil
		}
	}
	return 0, fmt.Errorf("the chain has no epoch %q, which drives its emission", params.Params.EpochIdentifier)
}

// fetch reads the epochs up to one, every step-th, in as many requests as it takes.
func fetch(ctx context.Context, node types.QueryClient, last, step uint64) (*types.QueryScheduleResponse, error) {
	whole := &types.QueryScheduleResponse{}
	for from := uint64(1); from <= last; {
		to := min(last, from+(keeper.MaxQueryPoints-1)*step)
		part, err := node.Schedule(ctx, &types.QueryScheduleRequest{From: from, To: to, Step: step})
		if err != nil {
			return nil, err
		}
		part.Points = append(whole.Points, part.Points...)
		whole = part
		from += uint64(keeper.MaxQueryPoints) * step
	}
	return whole, nil
}

func points(answer *types.QueryScheduleResponse) []schedule.Point {
	var points []schedule.Point
	for _, p := range answer.Points {
		points = append(points, schedule.Point{Epoch: p.Epoch, Amount: p.Amount, Cumulative: p.Cumulative})
	}
	return points
}

func plot(out io.Writer, answer *types.QueryScheduleResponse, canvas schedule.Canvas, o options) error {
	title, values := "each epoch", make([]math.Int, 0, len(answer.Points))
	for _, p := range answer.Points {
		value := p.Amount
		if o.cumulative {
			title, value = "all epochs up to it", p.Cumulative
		}
		values = append(values, value)
	}
	unit, label := scale(answer.Denom)
	canvas.Label = label
	canvas.Left, canvas.Middle, canvas.Right = "year 0", fmt.Sprintf("%d epochs minted", answer.MintedEpochs), fmt.Sprintf("year %d", o.years)
	curve, err := schedule.Plot(values, canvas)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "Emission of %s, in %s\n\n%s", title, unit, curve)
	return err
}

// scale is the unit that a curve's amounts are shown in: millions of a denomination of millionths, which are those that begin
// with u, are shown whole.
func scale(denom string) (unit string, label func(math.Int) string) {
	if display, micro := strings.CutPrefix(denom, "u"); micro {
		return strings.ToUpper(display), func(amount math.Int) string { return grouped(amount.QuoRaw(1_000_000)) }
	}
	return denom, grouped
}

// grouped writes a number with commas between thousands.
func grouped(n math.Int) string {
	digits := n.String()
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

func table(out io.Writer, answer *types.QueryScheduleResponse, perYear uint64) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%6s %8s %24s %28s\n", "year", "epoch", "amount ("+answer.Denom+")", "cumulative ("+answer.Denom+")")
	for _, p := range answer.Points {
		fmt.Fprintf(&b, "%6d %8d %24s %28s\n", (p.Epoch-1)/perYear, p.Epoch, grouped(p.Amount), grouped(p.Cumulative))
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func printJSON(out io.Writer, answer *types.QueryScheduleResponse) error {
	raw, err := codec.ProtoMarshalJSON(answer, nil)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, string(raw))
	return err
}
