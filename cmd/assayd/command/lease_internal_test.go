package command

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/client/flags"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/customer"
	markettypes "github.com/assaychain/assay/x/market/types"
)

func TestDeviceIsReadInEveryFormItIsShownIn(t *testing.T) {
	id := bytes.Repeat([]byte{0x5f, 0x3c}, 16)
	whole := strings.Repeat("5f3c", 16)
	for text, want := range map[string]string{
		whole: whole, strings.ToUpper(whole): whole, base64.StdEncoding.EncodeToString(id): whole, "5f3c5f3c": "5f3c5f3c", "5F3C5F3C5": "5f3c5f3c5",
	} {
		got, err := parseDevice(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got)
	}
	for _, text := range []string{"", "5f3c5f3", whole + "0", "5f3c5f3g", base64.StdEncoding.EncodeToString(id[:31])} {
		_, err := parseDevice(text)
		require.Equal(t, ExitUsage, ExitCode(err), text)
	}
}

func TestNamesCountLikeTheirEnumerations(t *testing.T) {
	require.Len(t, tierNames, len(markettypes.LeaseTier_value)-1)
	for _, name := range tierNames {
		tier, err := parseName[markettypes.LeaseTier](flagTier, name, tierNames)
		require.NoError(t, err)
		require.Equal(t, name, customer.LeaseTierText(tier))
	}
	require.Len(t, motiveNames, len(markettypes.LeaseMotive_value)-1)
	for _, name := range motiveNames {
		motive, err := parseName[markettypes.LeaseMotive](flagMotive, name, motiveNames)
		require.NoError(t, err)
		require.Equal(t, strings.ReplaceAll(name, "-", " "), customer.LeaseMotiveText(motive))
	}
}

func TestWindowIsHeldAgainstTheChainsBounds(t *testing.T) {
	params := markettypes.DefaultLeaseParams()
	now := time.Date(2030, 1, 31, 18, 0, 0, 500, time.UTC)
	advance := seconds(params.MaxAdvanceSeconds)
	for name, c := range map[string]struct {
		rental
		says string
	}{
		"now":             {rental{seconds: 7200}, ""},
		"shortest":        {rental{seconds: params.MinSeconds}, ""},
		"longest":         {rental{seconds: params.MaxSeconds}, ""},
		"too short":       {rental{seconds: params.MinSeconds - 1}, "--for is 9m59s: it must be from 10m0s to 720h0m0s"},
		"too long":        {rental{seconds: params.MaxSeconds + 1}, "--for is 720h0m1s: it must be from 10m0s to 720h0m0s"},
		"over":            {rental{seconds: 7200, start: now.Truncate(time.Second)}, "--start is 2030-01-31T18:00:00Z: it must be after the last block's time, 2030-01-31T18:00:00.0000005Z"},
		"soon":            {rental{seconds: 7200, start: now.Truncate(time.Second).Add(time.Second)}, ""},
		"last moment":     {rental{seconds: 7200, start: now.Truncate(time.Second).Add(advance)}, ""},
		"too far ahead":   {rental{seconds: 7200, start: now.Truncate(time.Second).Add(advance + time.Second)}, "--start is 2030-03-02T18:00:01Z: it must be within 720h0m0s, by 2030-03-02T18:00:00Z"},
		"nothing for now": {rental{}, "--for is 0s: it must be from 10m0s"},
	} {
		err := c.checkBounds(now, params)
		if c.says == "" {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorContains(t, err, c.says, name)
		require.Equal(t, ExitUsage, ExitCode(err), name)
	}
}

func coin(amount int64) sdk.Coin { return sdk.NewInt64Coin("uassay", amount) }

func TestQuoteIsHeldAgainstWhatTheCustomerGives(t *testing.T) {
	give := func(amount int64) *sdk.Coin { c := coin(amount); return &c }
	foreign := sdk.NewInt64Coin("stake", 5000)
	for name, c := range map[string]struct {
		maxRate, deposit *sdk.Coin
		obstacle, says   string
	}{
		"all left to the quote":    {},
		"just enough":              {maxRate: give(3600), deposit: give(7200)},
		"more than enough":         {maxRate: give(9999), deposit: give(9999)},
		"rate too low":             {maxRate: give(3599), says: "--max-rate is 3599uassay: it must be at least 3600uassay"},
		"deposit too small":        {deposit: give(7199), says: "--deposit is 7199uassay: it must be at least 7200uassay"},
		"rate in another coin":     {maxRate: &foreign, says: "--max-rate is 5000stake: leases are paid in uassay"},
		"deposit in another coin":  {deposit: &foreign, says: "--deposit is 5000stake: leases are paid in uassay"},
		"device that can't be had": {obstacle: "device is booked", says: "the device can't be rented as asked: device is booked"},
	} {
		r := rental{maxRate: c.maxRate, deposit: c.deposit}
		err := r.accept(&markettypes.QueryLeaseQuoteResponse{Rate: coin(3600), MinDeposit: coin(7200), Obstacle: c.obstacle})
		if c.says != "" {
			require.ErrorContains(t, err, c.says, name)
			require.Equal(t, ExitUsage, ExitCode(leaseError(err)), name)
			continue
		}
		require.NoError(t, err, name)
		wantRate, wantDeposit := coin(3600), coin(7200)
		if c.maxRate != nil {
			wantRate, wantDeposit = *c.maxRate, *c.deposit
		}
		require.Equal(t, wantRate, *r.maxRate, name)
		require.Equal(t, wantDeposit, *r.deposit, name)
	}
}

func TestExtensionCostsTheHigherRate(t *testing.T) {
	lease := markettypes.Lease{Rate: math.NewInt(3600)}
	for present, want := range map[int64]int64{3000: 3600, 3600: 3600, 4000: 4000} {
		x := extension{}
		require.NoError(t, x.terms(lease, coin(present)))
		require.Equal(t, coin(want), *x.maxRate)
		require.Equal(t, coin(0), *x.deposit)
	}
	low, foreign := coin(3999), sdk.NewInt64Coin("stake", 1)
	require.ErrorContains(t, (&extension{maxRate: &low}).terms(lease, coin(4000)), "--max-rate is 3999uassay: it must be at least 4000uassay")
	require.ErrorContains(t, (&extension{deposit: &foreign}).terms(lease, coin(4000)), "--deposit is 1stake: leases are paid in uassay")
}

// printed is what an answer looks like in a format.
func printed(t *testing.T, format string, answer leaseAnswer) string {
	t.Helper()
	var out bytes.Buffer
	cmd := &cobra.Command{}
	cmd.SetOut(&out)
	cmd.Flags().String(flags.FlagOutput, format, "")
	require.NoError(t, answer.print(cmd))
	return out.String()
}

// view is a lease as the chain shows it.
func view() *markettypes.QueryLeaseResponse {
	start := time.Date(2030, 1, 31, 18, 0, 0, 0, time.UTC)
	dry := start.Add(90*time.Minute + 250*time.Millisecond)
	return &markettypes.QueryLeaseResponse{
		Lease: markettypes.Lease{
			Id: 7, Device: []byte{0x5f, 0x3c}, Operator: "assay1operator", State: markettypes.LEASE_STATE_ACTIVE, Rate: math.NewInt(3600),
			Start: start, End: start.Add(2 * time.Hour), Paid: math.NewInt(5400), Refunded: math.NewInt(0),
		},
		Balance: coin(5400), DryAt: &dry,
	}
}

func TestAnswersHaveTheShapesThatScriptsRead(t *testing.T) {
	v := view()
	require.JSONEq(t, `{"lease_id":7,"device":"5f3c","operator":"assay1operator","rate":"3600uassay","deposit":"5400uassay",
		"start":"2030-01-31T18:00:00Z","end":"2030-01-31T20:00:00Z","dry_at":"2030-01-31T19:30:00.25Z"}`, printed(t, "json", agreed(v, "5400uassay")))

	v.DryAt = nil
	var reserved map[string]any
	require.NoError(t, json.Unmarshal([]byte(printed(t, "json", agreed(v, "5400uassay"))), &reserved))
	require.NotContains(t, reserved, "dry_at")

	dried := v.Lease.Start.Add(90*time.Minute + 250*time.Millisecond)
	v.Lease.State, v.Lease.CloseReason, v.Lease.ClosedAt = markettypes.LEASE_STATE_CLOSED, markettypes.LEASE_CLOSE_REASON_DRY, &dried
	require.JSONEq(t, `{"lease_id":7,"state":"LEASE_STATE_CLOSED","close_reason":"LEASE_CLOSE_REASON_DRY","paid":"5400uassay",
		"refunded":"0uassay","dried_at":"2030-01-31T19:30:00.25Z"}`, printed(t, "json", ended(v)))
	require.Equal(t, `lease                 7
state                 closed
closed as             dry
paid                  5400uassay
refunded              0uassay
money was used up at  2030-01-31T19:30:00.25Z
`, printed(t, "text", ended(v)))
}

func TestOnlyDryLeasesHaveDried(t *testing.T) {
	closed, noted := view().Lease.End, view().Lease.Start
	require.Nil(t, customer.DriedAt(markettypes.Lease{CloseReason: markettypes.LEASE_CLOSE_REASON_COMPLETED, ClosedAt: &closed}))
	require.Equal(t, &closed, customer.DriedAt(markettypes.Lease{CloseReason: markettypes.LEASE_CLOSE_REASON_DRY, ClosedAt: &closed}))
	require.Equal(t, &noted, customer.DriedAt(markettypes.Lease{DriedAt: &noted}), "its closing was put off")
}

func TestEndsThatNobodyAgreedToAreFailures(t *testing.T) {
	fine := map[markettypes.LeaseCloseReason]bool{
		markettypes.LEASE_CLOSE_REASON_COMPLETED: true, markettypes.LEASE_CLOSE_REASON_DRY: true, markettypes.LEASE_CLOSE_REASON_LEFT_BY_CUSTOMER: true,
		markettypes.LEASE_CLOSE_REASON_CANCELLED: true, markettypes.LEASE_CLOSE_REASON_CANCELLED_LATE: true,
	}
	for value := range markettypes.LeaseCloseReason_name {
		reason := markettypes.LeaseCloseReason(value)
		want := ExitLeaseBroken
		if fine[reason] {
			want = ExitOK
		}
		require.Equal(t, want, ExitCode(verdict(markettypes.Lease{Id: 7, CloseReason: reason})), reason.String())
	}
}

func TestLeaseTablesShowWhatTheyHold(t *testing.T) {
	var out bytes.Buffer
	r := rental{seconds: 7200, tier: markettypes.LEASE_TIER_FAST}
	quote := &markettypes.QueryLeaseQuoteResponse{
		Rate: coin(3600), Total: coin(7200), MinDeposit: coin(3600), BookingFee: coin(720), ValidUntil: view().Lease.Start,
		TierBps: 20_000, CapabilityBps: 10_000, DemandBps: 9_500, DayBps: 11_000, Obstacle: "device is booked",
	}
	require.NoError(t, showQuote(&out, []byte{0x5f, 0x3c}, r, quote))
	require.Contains(t, out.String(), "3600uassay (tier 2 x capability 1 x demand 0.95 x time of day 1.1)")
	require.Contains(t, out.String(), "device is booked")
	require.NotContains(t, out.String(), "720uassay", "nothing is cancelled that begins at once")

	out.Reset()
	require.NoError(t, leaseTable(&out, []markettypes.Lease{view().Lease}, "uassay"))
	require.Contains(t, out.String(), "7      active  5f3c    ")
	require.Contains(t, out.String(), "3600uassay  2030-01-31 18:00:00  2030-01-31 20:00:00  assay1operator")

	out.Reset()
	require.NoError(t, calendarTable(&out, []markettypes.Booking{{Start: view().Lease.Start.Unix(), End: view().Lease.End.Unix(), Lease: 7}}))
	require.Contains(t, out.String(), "2030-01-31 18:00:00  2030-01-31 20:00:00  7")

	out.Reset()
	v := view()
	v.Lease.BookingFee, v.Lease.Exposure = math.NewInt(720), math.NewInt(7200)
	require.NoError(t, showLease(&out, v))
	require.Contains(t, out.String(), "money used up at  2030-01-31T19:30:00.25Z")
	require.NotContains(t, out.String(), "refunded")
}
