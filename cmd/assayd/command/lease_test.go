package command_test

import (
	"bytes"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/cmd/assayd/command"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// TestLease runs the scripts of the commands of leases. They need no chain.
func TestLease(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "lease"),
		RequireExplicitExec: true,
		Setup:               func(env *testscript.Env) error { env.Setenv("HOME", env.WorkDir); return nil },
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exitcode": exitCode},
	})
}

func TestLeaseCommandsExplainThemselves(t *testing.T) {
	requireExplained(t, "lease", 6)
}

// What people are shown of leases.
func TestLeaseText(t *testing.T) {
	at := time.Date(2027, 1, 31, 18, 0, 0, 0, time.UTC)
	closed := at.Add(time.Hour)
	lease := markettypes.Lease{
		Id: 7, Customer: "assay1customer", Operator: "assay1operator", Device: bytes.Repeat([]byte{0xab}, 32), Rate: math.NewInt(36_000),
		Tier: markettypes.LEASE_TIER_FAST, Start: at, End: at.Add(2 * time.Hour), State: markettypes.LEASE_STATE_OUTAGE, OutageSince: &closed,
		Complaints: 1, MissedMs: 1_500, Paid: math.ZeroInt(), Refunded: math.NewInt(5), NoticeBy: markettypes.LEASE_PARTY_OPERATOR,
		Motive: markettypes.LEASE_MOTIVE_MAINTENANCE, GatewayKey: []byte{1, 2},
	}
	var out bytes.Buffer
	require.NoError(t, command.ShowLease(&out, &markettypes.QueryLeaseResponse{Lease: lease, Balance: sdk.NewInt64Coin("uassay", 9), DryAt: &closed}, "uassay"))
	for _, want := range []string{
		"state              outage\n", "rate               36000uassay an hour, fast\n", "start              2027-01-31T18:00:00Z\n",
		"notice             by the operator: maintenance\n", "out since          2027-01-31T19:00:00Z\n", "missed             1.5s, 1 complaints\n",
		"attested           0 s by 0102\n", "balance            9uassay\n", "money lasts until  2027-01-31T19:00:00Z\n",
	} {
		require.Contains(t, out.String(), want)
	}
	lease.State, lease.CloseReason, lease.ClosedAt = markettypes.LEASE_STATE_CLOSED, markettypes.LEASE_CLOSE_REASON_LEFT_BY_CUSTOMER, &closed
	out.Reset()
	require.NoError(t, command.LeaseTable(&out, []markettypes.Lease{lease}))
	require.Equal(t, "LEASE  STATE             DEVICE        RATE   TIER  START                END                  PAID\n"+
		"7      left by customer  abababababab  36000  fast  2027-01-31 18:00:00  2027-01-31 20:00:00  0\n", out.String())
}
