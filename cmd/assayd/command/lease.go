package command

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/app"
	markettypes "github.com/assaychain/assay/x/market/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// leaseLong explains renting and what the exit codes mean.
const leaseLong = `Rent a whole device by the hour, now or for a later window.

The deposit is locked and pays for the time as it passes; what is not used comes back. Either side may end a lease early with a
notice; a customer that can't reach its device reports an outage, and time that is missed isn't paid. With --gateway-key only time
that the holder of that key attests is paid at all.

Devices for rent have an hourly price: 'assayd query registry devices'. A price holds for five minutes after it was asked for.

Exit codes: 0 done; 1 failure; 2 the command line can't be used as given, nothing was sent; 3 the chain refused a transaction;
5 the wait was ended.`

// leaseCommand holds what tenants and landlords do.
func leaseCommand(_ *app.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "lease",
		Short: "Rent devices by the hour, extend, end and list leases",
		Long:  leaseLong,
		Example: `assayd lease open 4f2a...c7 --for 2h --from customer
assayd lease reserve 4f2a...c7 --start 2027-01-31T18:00:00Z --for 8h --tier realtime --from customer
assayd lease list --from customer
assayd lease close 7 --from customer`,
		RunE: client.ValidateCmd,
	}
	cmd.AddCommand(leaseOpen(), leaseReserve(), leaseExtend(), leaseClose(), leaseList(), leaseShow())
	return cmd
}

// rentOptions are the flags of a new lease.
type rentOptions struct {
	length           time.Duration
	tier             string
	start            string
	maxRate, deposit string
	gateway          string
	yes              bool

	device     []byte
	tierValue  markettypes.LeaseTier
	startAt    time.Time
	gatewayKey []byte
}

func (o *rentOptions) addFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.DurationVar(&o.length, "for", time.Hour, "length of the lease, in whole seconds")
	f.StringVar(&o.tier, "tier", "standard", "how firm the lease is: economy, standard, fast, realtime")
	f.StringVar(&o.maxRate, "max-rate", "", "the most an hour may cost, such as 50000uassay; without it the present price, after asking")
	f.StringVar(&o.deposit, "deposit", "", "what is locked; without it the price of the whole lease")
	f.StringVar(&o.gateway, "gateway-key", "", "public key in hexadecimal, ed25519 or secp256k1, whose holder attests the time that is paid")
	f.BoolVarP(&o.yes, flags.FlagSkipConfirmation, "y", false, "accept the present price without asking")
	addSenderFlags(cmd)
}

// complete checks the flags before anything else is done.
func (o *rentOptions) complete(cmd *cobra.Command, device string) (err error) {
	if _, err := isJSON(cmd); err != nil {
		return err
	}
	if o.device, err = registrytypes.ParseDeviceID(strings.ToLower(device)); err != nil {
		return usagef("device %q: %w", device, err)
	}
	if _, err := wholeSeconds("--for", o.length); err != nil {
		return err
	}
	tier := markettypes.LeaseTier_value["LEASE_TIER_"+strings.ToUpper(o.tier)]
	if tier == 0 {
		return usagef("--tier: there is no %q; there are economy, standard, fast and realtime", o.tier)
	}
	o.tierValue = markettypes.LeaseTier(tier)
	if o.gatewayKey, err = hex.DecodeString(o.gateway); err != nil {
		return usagef("--gateway-key: %w", err)
	}
	if err := markettypes.ValidateGatewayKey(o.gatewayKey); err != nil {
		return usagef("--gateway-key: %w", err)
	}
	if o.start == "" {
		return nil
	}
	if o.startAt, err = time.Parse(time.RFC3339, o.start); err != nil {
		return usagef("--start: %w", err)
	}
	return nil
}

// wholeSeconds is a length in seconds.
func wholeSeconds(flag string, length time.Duration) (uint64, error) {
	if length < time.Second || length%time.Second != 0 {
		return 0, usagef("%s is %s: it must be whole seconds, at least one", flag, length)
	}
	return uint64(length / time.Second), nil
}

func (o *rentOptions) seconds() uint64 { return uint64(o.length / time.Second) }

// leaseOpen rents a device from now on.
func leaseOpen() *cobra.Command {
	var o rentOptions
	cmd := &cobra.Command{
		Use:   "open DEVICE",
		Short: "Rent an idle device from now on",
		Long: `Rent an idle device from now on. DEVICE is its id in hexadecimal. A device that has jobs is not idle: reserve it for a later
time, then it takes no new ones.`,
		Example: `assayd lease open 4f2a...c7 --for 2h --from customer
assayd lease open 4f2a...c7 --for 30m --tier economy --max-rate 40000uassay --deposit 20000uassay --from customer --output json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return rent(cmd, &o, args[0]) },
	}
	o.addFlags(cmd)
	return cmd
}

// leaseReserve rents a device for a later window.
func leaseReserve() *cobra.Command {
	var o rentOptions
	cmd := &cobra.Command{
		Use:   "reserve DEVICE --start TIME",
		Short: "Rent a device for a later window",
		Long: `Rent a device for a later window. DEVICE is its id in hexadecimal. The lease begins by itself; whoever takes a reservation back
late pays the other side the booking fee.`,
		Example: `assayd lease reserve 4f2a...c7 --start 2027-01-31T18:00:00Z --for 8h --from customer
assayd lease reserve 4f2a...c7 --start 2027-01-31T18:00:00Z --for 8h --tier realtime --from customer --yes`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.start == "" {
				return usagef("--start is missing: name the time at which the lease is to begin, such as 2027-01-31T18:00:00Z")
			}
			return rent(cmd, &o, args[0])
		},
	}
	cmd.Flags().StringVar(&o.start, "start", "", "when the lease begins, such as 2027-01-31T18:00:00Z")
	o.addFlags(cmd)
	return cmd
}

// rent agrees on a price, sends the transaction and shows the lease.
func rent(cmd *cobra.Command, o *rentOptions, device string) error {
	if err := o.complete(cmd, device); err != nil {
		return err
	}
	ctx, stop := interruptible(cmd)
	defer stop()
	s, err := openSender(ctx, cmd)
	if err != nil {
		return jobError(err)
	}
	message, err := o.agree(ctx, cmd, s)
	if err != nil {
		return jobError(err)
	}
	var answer markettypes.MsgOpenLeaseResponse
	if err := send(ctx, s, message, &answer); err != nil {
		return jobError(err)
	}
	cmd.PrintErrf("lease %d at %s an hour\n", answer.LeaseId, answer.Rate)
	return jobError(printLease(ctx, cmd, s, answer.LeaseId))
}

// agree tells the price before it is paid, and asks unless the flags answer.
func (o *rentOptions) agree(ctx context.Context, cmd *cobra.Command, s *jobSession) (sdk.Msg, error) {
	request := &markettypes.QueryLeaseQuoteRequest{Device: hex.EncodeToString(o.device), Seconds: o.seconds(), Tier: o.tierValue}
	if !o.startAt.IsZero() {
		request.Start = o.startAt.Unix()
	}
	quote, err := s.leases(ctx).LeaseQuote(ctx, request)
	if err != nil {
		return nil, WithExitCode(ExitUsage, plain{err})
	}
	if quote.Obstacle != "" {
		return nil, usagef("it can't be rented so: %w", plain{fmt.Errorf("%s", quote.Obstacle)})
	}
	maxRate, err := coinOr("--max-rate", o.maxRate, quote.Rate)
	if err != nil {
		return nil, err
	}
	deposit, err := coinOr("--deposit", o.deposit, quote.Total)
	if err != nil {
		return nil, err
	}
	cmd.PrintErrf("price now %s an hour, %s for %s; it holds until %s\n", quote.Rate, quote.Total, o.length, quote.ValidUntil.Format(time.RFC3339))
	cmd.PrintErrf("%s is locked, what is not used comes back\n", deposit)
	if !o.yes && o.maxRate == "" {
		if err := confirm(cmd, "rent the device?", "--max-rate"); err != nil {
			return nil, err
		}
	}
	customer := s.wallet.Address().String()
	if o.startAt.IsZero() {
		return &markettypes.MsgOpenLease{
			Customer: customer, Device: o.device, Seconds: o.seconds(), Tier: o.tierValue, MaxRate: maxRate, Deposit: deposit, GatewayKey: o.gatewayKey,
		}, nil
	}
	return &markettypes.MsgReserveLease{
		Customer: customer, Device: o.device, Seconds: o.seconds(), Tier: o.tierValue, MaxRate: maxRate, Deposit: deposit, GatewayKey: o.gatewayKey,
		Start: o.startAt.UTC(),
	}, nil
}

// coinOr reads an amount, or takes the other one when none is given.
func coinOr(flag, text string, other sdk.Coin) (sdk.Coin, error) {
	if text == "" {
		return other, nil
	}
	coin, err := sdk.ParseCoinNormalized(text)
	if err != nil {
		return coin, usagef("%s: %w", flag, err)
	}
	return coin, nil
}

// parseLeaseID reads the number of a lease.
func parseLeaseID(text string) (uint64, error) {
	id, err := strconv.ParseUint(text, 10, 64)
	if err != nil || id == 0 {
		return 0, usagef("lease id %q: it must be a number from 1", text)
	}
	return id, nil
}

// zeroCoin is nothing of a denomination.
func zeroCoin(denom string) sdk.Coin { return sdk.NewCoin(denom, math.ZeroInt()) }
