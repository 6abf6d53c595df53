package command

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/customer"
	markettypes "github.com/assaychain/assay/x/market/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// rentOptions are the flags that describe a lease.
type rentOptions struct {
	length      time.Duration
	start, tier string
	// What the customer gives; the quote does not need it.
	maxRate, deposit, gatewayKey string
	yes                          bool
	// wanted is what the flags say, once they are complete.
	wanted rental
}

// rental is what a customer wants.
type rental struct {
	device     string
	seconds    uint64
	start      time.Time
	tier       markettypes.LeaseTier
	gatewayKey []byte
	// maxRate and deposit are nil where the quote is to say them.
	maxRate, deposit *sdk.Coin
}

func (o *rentOptions) addWindowFlags(cmd *cobra.Command) {
	cmd.Flags().DurationVar(&o.length, flagFor, 0, "length of the window, such as 2h")
	addTierFlag(cmd, &o.tier)
}

func (o *rentOptions) addMoneyFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.maxRate, flagMaxRate, "", "the most that an hour may cost, such as 3600000uassay; without it the present rate, after asking")
	f.StringVar(&o.deposit, flagDeposit, "", "money to lock, such as 7200000uassay (default the least deposit); what is not used comes back")
	f.StringVar(&o.gatewayKey, flagGatewayKey, "", "key of your gateway, in hexadecimal: then only the time is paid that it attests")
	addYesFlag(cmd, &o.yes)
	addSenderFlags(cmd)
}

// complete checks everything that can be checked without the chain.
func (o *rentOptions) complete(cmd *cobra.Command, device string) (err error) {
	if _, err := isJSON(cmd); err != nil {
		return err
	}
	if o.wanted.device, err = parseDevice(device); err != nil {
		return err
	}
	if !cmd.Flags().Changed(flagFor) {
		return usagef("--%s is missing: name the length of the window, such as 2h", flagFor)
	}
	if o.wanted.seconds, err = parseSeconds(flagFor, o.length); err != nil {
		return err
	}
	if o.start != "" {
		if o.wanted.start, err = parseStart(o.start); err != nil {
			return err
		}
	}
	if o.wanted.tier, err = parseName[markettypes.LeaseTier](flagTier, o.tier, tierNames); err != nil {
		return err
	}
	if o.wanted.gatewayKey, err = parseGatewayKey(o.gatewayKey); err != nil {
		return err
	}
	if o.wanted.maxRate, err = optionalCoin(flagMaxRate, o.maxRate); err != nil {
		return err
	}
	o.wanted.deposit, err = optionalCoin(flagDeposit, o.deposit)
	return err
}

// optionalCoin reads an amount that need not be given.
func optionalCoin(flag, text string) (*sdk.Coin, error) {
	if text == "" {
		return nil, nil
	}
	coin, err := parseCoin("--"+flag, text)
	return &coin, err
}

// checkBounds compares a window with what the chain allows. now is the time of the last block.
func (r rental) checkBounds(now time.Time, params markettypes.LeaseParams) error {
	if r.seconds < params.MinSeconds || r.seconds > params.MaxSeconds {
		return usagef("--%s is %s: it must be from %s to %s", flagFor, seconds(r.seconds), seconds(params.MinSeconds), seconds(params.MaxSeconds))
	}
	if r.start.IsZero() {
		return nil
	}
	if !r.start.After(now) {
		return usagef("--%s is %s: it must be after the last block's time, %s", flagStart, customer.Moment(r.start), customer.Moment(now))
	}
	if latest := now.Truncate(time.Second).Add(seconds(params.MaxAdvanceSeconds)); r.start.After(latest) {
		return usagef("--%s is %s: it must be within %s, by %s", flagStart, customer.Moment(r.start), seconds(params.MaxAdvanceSeconds), customer.Moment(latest))
	}
	return nil
}

func seconds(n uint64) time.Duration { return time.Duration(n) * time.Second }

// accept compares a quote with what the customer gives, and fills in what the customer left to the quote.
func (r *rental) accept(quote *markettypes.QueryLeaseQuoteResponse) error {
	if quote.Obstacle != "" {
		return fmt.Errorf("%w: %s", customer.ErrNotRentable, quote.Obstacle)
	}
	if r.maxRate == nil {
		r.maxRate = &quote.Rate
	}
	if r.deposit == nil {
		r.deposit = &quote.MinDeposit
	}
	if err := inDenom("--"+flagMaxRate, *r.maxRate, quote.Rate.Denom); err != nil {
		return err
	}
	if err := inDenom("--"+flagDeposit, *r.deposit, quote.Rate.Denom); err != nil {
		return err
	}
	if r.maxRate.IsLT(quote.Rate) {
		return usagef("--%s is %s: it must be at least %s, what an hour costs now", flagMaxRate, r.maxRate, quote.Rate)
	}
	if r.deposit.IsLT(quote.MinDeposit) {
		return usagef("--%s is %s: it must be at least %s", flagDeposit, r.deposit, quote.MinDeposit)
	}
	return nil
}

// price finds the device and asks what the lease costs.
func (s *jobSession) price(ctx context.Context, r rental) (device []byte, quote *markettypes.QueryLeaseQuoteResponse, err error) {
	params, err := s.market.MarketParams(ctx)
	if err != nil {
		return nil, nil, err
	}
	status, err := s.market.Status(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := r.checkBounds(status.BlockTime, params.Lease); err != nil {
		return nil, nil, err
	}
	if device, err = s.findDevice(ctx, r.device); err != nil {
		return nil, nil, err
	}
	request := &markettypes.QueryLeaseQuoteRequest{Device: hex.EncodeToString(device), Seconds: r.seconds, Tier: r.tier}
	if !r.start.IsZero() {
		request.Start = r.start.Unix()
	}
	quote, err = s.market.LeaseQuote(ctx, request)
	return device, quote, err
}

// findDevice completes a device's id.
func (s *jobSession) findDevice(ctx context.Context, digits string) ([]byte, error) {
	if len(digits) == 2*registrytypes.DeviceIDSize {
		return hex.DecodeString(digits)
	}
	devices, err := s.market.Devices(ctx, nil)
	if err != nil {
		return nil, err
	}
	return customer.MatchDevice(devices, digits)
}

// showQuote prints a quote for people.
func showQuote(out io.Writer, device []byte, r rental, quote *markettypes.QueryLeaseQuoteResponse) error {
	table := lineTable(out)
	table.line("device", hex.EncodeToString(device))
	table.line("tier", customer.LeaseTierText(r.tier))
	table.line("an hour", fmt.Sprintf("%s (tier %s x capability %s x demand %s x time of day %s)", quote.Rate,
		factor(quote.TierBps), factor(quote.CapabilityBps), factor(quote.DemandBps), factor(quote.DayBps)))
	table.line(seconds(r.seconds).String(), quote.Total.String())
	table.line("least deposit", quote.MinDeposit.String())
	if !r.start.IsZero() {
		table.moment("start", &r.start)
		table.line("cancelled late", quote.BookingFee.String())
	}
	table.moment("good until", &quote.ValidUntil)
	table.line("but now", quote.Obstacle)
	return table.Flush()
}

// factor writes basis points as a factor.
func factor(bps uint32) string { return strconv.FormatFloat(float64(bps)/10_000, 'f', -1, 64) }
