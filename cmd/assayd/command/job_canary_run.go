package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/canary"
	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/offchain-worker/customer"
)

// canaries is a run of canaries by a command.
type canaries struct {
	cmd     *cobra.Command
	session *jobSession
	run     *customer.CanaryRun
	runner  *customer.Canaries
	servers []*customer.InputServer
	start   time.Time
}

// openCanaries connects, and opens the run that it goes on with or begins.
func openCanaries(ctx context.Context, cmd *cobra.Command, budget *sdk.Coin) (c *canaries, err error) {
	c = &canaries{cmd: cmd, start: time.Now()}
	// Nothing is sent before the run is open.
	if c.session, err = openPayer(ctx, cmd, func(fee sdk.Coins) error { return c.run.Fee(fee) }); err != nil {
		return nil, err
	}
	fees, err := feePolicy(cmd)
	if err != nil {
		return nil, err
	}
	if budget != nil && budget.Denom != c.session.denom || fees.MaxFee.Denom != c.session.denom {
		return nil, usagef("--budget and --%s must be in %s, as prices are", flagMaxFee, c.session.denom)
	}
	if err := c.session.openJournal(); err != nil {
		return nil, err
	}
	executor, err := compute.NewProcessor(ctx, runtime.GOMAXPROCS(0))
	if err != nil {
		return nil, err
	}
	if c.run, err = customer.OpenCanaries(c.session.journal, budget); err != nil {
		return nil, err
	}
	log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	c.runner = customer.NewCanaries(customer.CanaryConfig{
		Run: c.run, Market: c.session.market, Wallet: c.session.wallet, MaxFee: fees.MaxFee.Amount, Executor: executor,
		Fetch: c.session.fetcher(cmd).Fetch, FetchBox: c.session.relays(cmd).Fetch, ChainID: c.session.chainID, Log: log, Tell: c.tell,
	})
	return c, nil
}

// tell prints one thing that happened, with the time since the start.
func (c *canaries) tell(line string) {
	c.cmd.PrintErrf("%7.1fs  %s\n", time.Since(c.start).Seconds(), line)
}

func (c *canaries) close() {
	for _, server := range c.servers {
		_ = server.Close() // What is still being sent then is of no use any more.
	}
	_ = c.run.Close() // All that was written is on the disk.
}

// served is where the inputs of new canaries lie.
type served struct {
	listen   string
	locators []string
}

// serve serves open canaries' inputs where they were served, and new ones' where the flags say: without one, where the last were.
func (c *canaries) serve(o *canaryOptions) (served, error) {
	again, err := c.serveAgain()
	if err != nil {
		return served{}, err
	}
	if len(c.servers) > 0 && !c.cmd.Flags().Changed("serve") {
		o.listen = again
	}
	var record customer.Record
	var terms customer.Terms
	for _, server := range c.servers {
		if o.listen == server.Address() {
			return served{o.listen, append([]string{o.base(server)}, o.locators...)}, nil
		}
	}
	server, err := o.serveInputs(c.session, &record, &terms)
	if server != nil {
		c.servers = append(c.servers, server)
	}
	return served{record.Listen, terms.Locators}, err
}

// serveAgain serves open canaries' inputs, and tells where the last were. A worker may have them already, so that a failure only is told.
func (c *canaries) serveAgain() (last string, err error) {
	records, err := c.run.Records()
	if err != nil {
		return "", err
	}
	if !c.run.Began {
		outcomes, open, err := c.run.Outcomes()
		if err != nil {
			return "", err
		}
		c.tell(fmt.Sprintf("goes on with the run of %s: %d canaries are over, %d open", c.run.ID, len(outcomes), open))
	}
	serving := map[string]bool{"": true}
	for _, record := range records {
		if record.Canary.Outcome != nil || serving[record.Listen] {
			continue
		}
		serving[record.Listen] = true
		server, err := customer.ServeInputs(record.Listen, c.session.journal.Blobs())
		if err != nil {
			c.tell(fmt.Sprintf("the inputs are not served: %s", err))
			continue
		}
		c.servers, last = append(c.servers, server), server.Address()
	}
	return last, nil
}

// execute runs a plan and reports.
func (c *canaries) execute(ctx context.Context, plan customer.CanaryPlan) error {
	err := c.runner.Execute(ctx, plan)
	outcomes, open, failed := c.run.Outcomes()
	if failed != nil {
		return errors.Join(jobError(err), failed)
	}
	rows := canary.Count(outcomes)
	switch {
	case ctx.Err() != nil:
		err = WithExitCode(ExitTimeout, fmt.Errorf("interrupted; %d canaries are open: go on by the same command, or end them with 'assayd job canary resume'", open))
	case errors.Is(err, canary.ErrBudget) && len(outcomes) > 0:
		c.tell(fmt.Sprintf("ends: %s", err))
		err = nil // A budget is there to be used up.
	}
	if open == 0 && (err == nil || len(outcomes) == 0) {
		err = errors.Join(err, c.run.Finish())
	}
	if wrong := canary.Unpunished(rows); wrong > 0 {
		err = WithExitCode(ExitInvalid, errors.Join(fmt.Errorf("%d wrong results for which nobody was convicted", wrong), err))
	}
	return errors.Join(jobError(err), c.report(rows, outcomes, err))
}

// canaryReport is the machine-readable end of a run, or how far it is. Amounts are in base units.
type canaryReport struct {
	ChainID string `json:"chain_id"`
	Run     string `json:"run"`
	Denom   string `json:"denom"`
	// Budget is made up of fees, what closed canaries cost, what open ones hold, and what is left.
	Budget    math.Int         `json:"budget"`
	Fees      math.Int         `json:"fees"`
	Spent     math.Int         `json:"spent"`
	Held      math.Int         `json:"held"`
	Left      math.Int         `json:"left"`
	Open      int              `json:"open"`
	Operators []canary.Row     `json:"operators"`
	Canaries  []canary.Outcome `json:"canaries"`
	Error     string           `json:"error,omitempty"`
}

func (c *canaries) report(rows []canary.Row, outcomes []canary.Outcome, failure error) error {
	machine, err := isJSON(c.cmd)
	if err != nil {
		return err
	}
	r := canaryReport{
		ChainID: c.session.chainID, Run: c.run.ID, Denom: c.run.Denom, Budget: c.run.Budget.Limit(), Open: c.run.Budget.Open(),
		Operators: rows, Canaries: append([]canary.Outcome{}, outcomes...),
	}
	r.Fees, r.Spent, r.Held, r.Left = c.run.Budget.Use()
	if failure != nil {
		r.Error = failure.Error()
	}
	if machine {
		return json.NewEncoder(c.cmd.OutOrStdout()).Encode(r)
	}
	return r.table(c.cmd)
}

// table prints a line for each operator.
func (r canaryReport) table(cmd *cobra.Command) error {
	table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "OPERATOR\tCANARIES\tRIGHT\tWRONG\tCONVICTED\tTIMED OUT\tSPENT\tWON")
	for _, row := range r.Operators {
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%d\t%s\t%s\n",
			row.Operator, row.Canaries, row.Right, row.Wrong, row.Convicted, row.TimedOut, row.Spent, row.Won)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	cmd.PrintErrf("%d canaries are over, %d open; of %s%s %s are spent, %s went for fees, %s are held and %s left\n",
		len(r.Canaries), r.Open, r.Budget, r.Denom, r.Spent, r.Fees, r.Held, r.Left)
	return nil
}
