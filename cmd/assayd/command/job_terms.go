package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/customer"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// offer is what the flags ask for, at the flag's price or the present one; without a quote no device would take it now.
func (o *runOptions) offer(ctx context.Context, s *jobSession, order *customer.Order) (customer.Terms, *markettypes.QueryQuoteResponse, error) {
	terms := customer.Terms{Requirements: o.requirements, Samples: o.samples, Assurance: o.level, Deadline: o.deadline}
	terms.Replicas, terms.Agreement, terms.Audit = o.replicas, o.agreement, o.audit
	params, err := s.market.MarketParams(ctx)
	if err != nil {
		return terms, nil, err
	}
	quote, err := s.market.Quote(ctx, order.Program, terms)
	if errors.Is(err, customer.ErrNoDevice) {
		if o.maxPrice == "" {
			return terms, nil, WithExitCode(ExitUsage, fmt.Errorf("%w; give --max-price to wait for one", plain{err}))
		}
		quote, err = nil, nil
	}
	if err != nil {
		return terms, nil, err
	}
	terms.MaxPrice, err = o.price(params, quote)
	return terms, quote, err
}

// agree tells the price before it is paid, and asks unless the flags answer.
func (o *runOptions) agree(ctx context.Context, cmd *cobra.Command, s *jobSession, order *customer.Order) (customer.Terms, error) {
	terms, quote, err := o.offer(ctx, s, order)
	if err != nil {
		return terms, err
	}
	cmd.PrintErrf("%s: %d multiply-accumulates, %d samples, %s\n", order.Summary, order.Program.Work(), o.samples, o.level.Word())
	if o.replicas > 0 {
		cmd.PrintErrf("%d operators compute it by themselves, %d equal results are accepted; operators whose results differ prove an entry or are slashed\n", o.replicas, o.agreement)
	}
	if o.audit != nil {
		cmd.PrintErrf("with a chance of %d.%02d%% another operator computes it again, and is paid out of what is locked; if the results differ, each proves its own or is slashed\n", o.auditBps/100, o.auditBps%100)
	}
	switch o.level {
	case markettypes.ASSURANCE_REVEALED:
		cmd.PrintErrln("the rows that the samples open become public: choose sampled for private inputs")
	case markettypes.ASSURANCE_FULL:
		cmd.PrintErrln("every entry is proven; the proofs hide nothing: who can guess a tensor can check the guess")
	}
	if quote == nil {
		cmd.PrintErrln("no device would take it now; the job waits for one")
	} else {
		cmd.PrintErrf("price now %s on the device that would be chosen, %s on the cheapest (devices that would take it: %d)\n", quote.Choice, quote.Price, quote.Devices)
		cmd.PrintErrf("its factors: tier %s x capability %s x demand %s x time of day %s\n",
			factor(quote.TierBps), factor(quote.CapabilityBps), factor(quote.DemandBps), factor(quote.DayBps))
	}
	if quote != nil && quote.Promise != nil {
		cmd.PrintErrf("%s\n", promiseText(quote.Promise, o.replicas))
	}
	cmd.PrintErrf("at most %s is locked, what is not used comes back\n", terms.MaxPrice)
	if o.yes || o.maxPrice != "" {
		return terms, nil
	}
	return terms, confirm(cmd, "submit the job?", "accept the price with --yes, or bound it with --max-price")
}

// paid is how many operators are paid for at most.
func (o *runOptions) paid() int64 {
	return int64(customer.Terms{Replicas: o.replicas, Audit: o.audit}.Operators())
}

// price is the flag's, or the present one.
func (o *runOptions) price(params markettypes.Params, quote *markettypes.QueryQuoteResponse) (sdk.Coin, error) {
	if o.maxPrice == "" {
		return sdk.NewCoin(params.Denom, math.MaxInt(quote.Choice.Amount, params.MinPrice.MulRaw(o.paid()))), nil
	}
	price, err := sdk.ParseCoinNormalized(o.maxPrice)
	if err != nil {
		return price, usagef("--max-price: %w", err)
	}
	floor := params.Floor(0, 0)
	floor.Amount = floor.Amount.MulRaw(o.paid())
	return price, WithExitCode(ExitUsage, markettypes.ValidatePrice(price, floor))
}

// confirm asks on the terminal; without one the flags must answer, and hint says how.
func confirm(cmd *cobra.Command, question, hint string) error {
	if file, ok := cmd.InOrStdin().(*os.File); ok {
		if info, err := file.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
			return usagef("there is no terminal to ask: %s", hint)
		}
	}
	cmd.PrintErrf("%s [y/N] ", question)
	answer, _ := bufio.NewReader(cmd.InOrStdin()).ReadString('\n')
	if answer = strings.ToLower(strings.TrimSpace(answer)); answer != "y" && answer != "yes" {
		return usagef("not confirmed; nothing was sent")
	}
	return nil
}
