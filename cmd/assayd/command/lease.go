package command

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/app"
	"github.com/assaychain/assay/offchain-worker/customer"
	markettypes "github.com/assaychain/assay/x/market/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// ExitLeaseBroken is a lease that ended otherwise than its customer agreed to; it shares its number with a failed job.
const ExitLeaseBroken = ExitJobFailed

// leaseLong explains the commands of both sides and what their exit codes mean.
const leaseLong = `Rent other people's GPUs by the hour, paid by the millisecond.

A lease gives its customer a whole device for a window of time. A deposit is locked, which may be less than the window costs:
it flows to the operator while the device is the customer's, can be topped up at any time, and the chain announces the second
in which it will be used up. What is left comes back. With --gateway-key only the time is paid that the customer's own
gateway attests.

DEVICE is a device's id: 64 hexadecimal digits, the first 8 or more of them, or what 'assayd query registry devices' prints.
The device's operator uses close, outage, recovered and attest of the same lease from its side.

Exit codes: 0 done; 1 failure; 2 the command line or a file can't be used as given, nothing was sent; 3 the chain refused
a transaction; 4 the watched lease ended otherwise than completed, dry, left by its customer or taken back by it; 5 the wait
was ended, the lease goes on.`

// leaseCommand holds what the two sides of a lease do.
func leaseCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "lease",
		Short: "Rent devices by the hour, follow the leases and end them",
		Long:  leaseLong,
		Example: `assayd lease quote 5f3c01aa --for 2h
assayd lease open 5f3c01aa --for 2h --deposit 7200000uassay --from customer
assayd lease topup 7 3600000uassay --from customer
assayd lease watch 7`,
		RunE: client.ValidateCmd,
	}
	cmd.AddCommand(
		leaseQuote(), leaseOpen(), leaseReserve(), leaseTopUp(), leaseExtend(), leaseClose(),
		leaseOutage(), leaseRecovered(), leaseAttest(), leaseList(), leaseShow(), leaseWatch(), leaseCalendar(),
	)
	return cmd
}

// Flags that several of the lease commands have.
const (
	flagFor        = "for"
	flagStart      = "start"
	flagTier       = "tier"
	flagMaxRate    = "max-rate"
	flagDeposit    = "deposit"
	flagGatewayKey = "gateway-key"
	flagMotive     = "motive"
)

// leastDigits is how many digits of a device's id are enough to look for it.
const leastDigits = 8

// leaseError gives an error its exit code, and says how to find out what the chain has when a transaction's fate is not known.
func leaseError(err error) error {
	switch {
	case errors.Is(err, customer.ErrOutcome):
		return jobError(errors.Join(err, errors.New("'assayd lease list' shows what the chain has")))
	case errors.Is(err, customer.ErrNotRentable), errors.Is(err, customer.ErrDevice):
		return WithExitCode(ExitUsage, plain{err})
	default:
		return jobError(err)
	}
}

// addYesFlag lets the command line answer what confirm asks.
func addYesFlag(cmd *cobra.Command, yes *bool) {
	cmd.Flags().BoolVarP(yes, flags.FlagSkipConfirmation, "y", false, "do it without asking")
}

// parseLeaseID reads the number of a lease.
func parseLeaseID(text string) (uint64, error) {
	id, err := strconv.ParseUint(text, 10, 64)
	if err != nil || id == 0 {
		return 0, usagef("lease id %q: it must be a number from 1", text)
	}
	return id, nil
}

// parseDevice reads a device's id, or the beginning of one, into lower-case hexadecimal digits.
func parseDevice(text string) (string, error) {
	if id, err := base64.StdEncoding.DecodeString(text); err == nil && strings.HasSuffix(text, "=") && len(id) == registrytypes.DeviceIDSize {
		return hex.EncodeToString(id), nil
	}
	digits := strings.ToLower(text)
	if len(digits) < leastDigits || len(digits) > 2*registrytypes.DeviceIDSize || strings.Trim(digits, "0123456789abcdef") != "" {
		return "", usagef("device %q: it must be the %d hexadecimal digits of its id, or the first %d or more of them",
			text, 2*registrytypes.DeviceIDSize, leastDigits)
	}
	return digits, nil
}

// parseSeconds reads a length of time that the chain counts in whole seconds.
func parseSeconds(flag string, length time.Duration) (uint64, error) {
	const longest = markettypes.SecondsLimit * time.Second
	if length < time.Second || length > longest || length%time.Second != 0 {
		return 0, usagef("--%s is %s: it must be whole seconds from 1s to %s", flag, length, longest)
	}
	return uint64(length / time.Second), nil
}

// parseStart reads the start of a window.
func parseStart(text string) (time.Time, error) {
	start, err := time.Parse(time.RFC3339, text)
	if err != nil || start.Nanosecond() != 0 || start.Unix() <= 0 {
		return start, usagef("--%s is %q: it must be a moment in whole seconds such as 2030-01-31T18:00:00Z", flagStart, text)
	}
	return start.UTC(), nil
}

// parseCoin reads an amount of money above 0.
func parseCoin(what, text string) (sdk.Coin, error) {
	coin, err := sdk.ParseCoinNormalized(text)
	if err != nil || !coin.IsPositive() {
		return coin, usagef("%s is %q: it must be an amount above 0 such as 7200000%s", what, text, app.BaseDenom)
	}
	return coin, nil
}

// inDenom refuses an amount in another denomination than the chain's.
func inDenom(what string, coin sdk.Coin, denom string) error {
	if coin.Denom != denom {
		return usagef("%s is %s: leases are paid in %s", what, coin, denom)
	}
	return nil
}

// parseGatewayKey reads the key of a customer's gateway; none is fine.
func parseGatewayKey(text string) ([]byte, error) {
	key, err := hex.DecodeString(text)
	if err == nil {
		err = markettypes.ValidateGatewayKey(key)
	}
	if err != nil {
		return nil, usagef("--%s: it must be 64 hexadecimal digits of an ed25519 key, or 66 of a compressed secp256k1 key: %w", flagGatewayKey, err)
	}
	return key, nil
}

// tierNames and motiveNames are what the flags of tiers and motives may say, in the order of their enumerations.
var (
	tierNames   = []string{"economy", "standard", "fast", "realtime"}
	motiveNames = []string{"not-needed", "maintenance", "quality", "misuse", "other"}
)

// parseName reads one of the names of an enumeration that counts from 1.
func parseName[E ~int32](flag, text string, names []string) (E, error) {
	for i, name := range names {
		if text == name {
			return E(i + 1), nil
		}
	}
	return 0, usagef("--%s is %q: it must be one of %s", flag, text, strings.Join(names, ", "))
}

// addTierFlag and addMotiveFlag add a flag that takes one of a few names, which the shell completes.
func addTierFlag(cmd *cobra.Command, tier *string) {
	cmd.Flags().StringVar(tier, flagTier, "standard", "how firm the lease is, which makes it cheaper or dearer: "+strings.Join(tierNames, ", "))
	completeNames(cmd, flagTier, tierNames)
}

func addMotiveFlag(cmd *cobra.Command, motive *string) {
	cmd.Flags().StringVar(motive, flagMotive, "not-needed", "why: "+strings.Join(motiveNames, ", "))
	completeNames(cmd, flagMotive, motiveNames)
}

// completeNames offers a flag's names to the shell.
func completeNames(cmd *cobra.Command, flag string, names []string) {
	// It fails only for a flag that the command does not have.
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp))
}
