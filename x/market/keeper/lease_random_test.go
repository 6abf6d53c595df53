package keeper_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	escrowkeeper "github.com/assaychain/assay/x/escrow/keeper"
	escrowtypes "github.com/assaychain/assay/x/escrow/types"
	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/market/leases"
	"github.com/assaychain/assay/x/market/types"
)

// tenancies is how many random lives TestRandomTenancies plays.
var tenancies = flag.Int("tenancies", 2, "random lives of leases")

// tenants plays customers, gateways and operators at random.
type tenants struct {
	*rentFixture
	// n is a number below a bound: chance, or a fuzzer's choice.
	n         func(bound int) int
	operators []sdk.AccAddress
}

var gatewayKeys = []cryptotypes.PrivKey{nil, nil, edKey, secKey}

func newTenants(t testing.TB, n func(int) int) *tenants {
	params := rentParams()
	params.Lease.MinSeconds, params.Lease.CancelSeconds, params.Lease.NoticeSeconds = 60, 300, 60
	params.Lease.OutageSeconds, params.Lease.SilenceSeconds, params.Lease.StartGraceSeconds = 120, 120, 60
	params.Lease.MaxBookings = 6
	w := &tenants{rentFixture: newRentWith(t, params), n: n}
	for i := range 4 {
		w.operators = append(w.operators, w.landlord(fmt.Sprintf("gpu %d", i)))
	}
	return w
}

// act does one thing, in turn or out of it.
func (w *tenants) act() {
	open := w.open()
	device := fmt.Sprintf("gpu %d", w.n(4))
	switch w.n(16) {
	case 0, 1:
		msg := w.opening(device)
		msg.Seconds, msg.Tier, msg.GatewayKey = uint64(60+w.n(1_500)), types.LeaseTier(1+w.n(4)), keyBytes(gatewayKeys[w.n(4)])
		msg.MaxRate, msg.Deposit = coins(10*hourly), coins(int64(1_000*(1+w.n(60))))
		_, _ = w.openErr(msg)
	case 2, 3:
		msg := w.booking(device, int64(1+w.n(2_000)))
		msg.Seconds, msg.Tier, msg.GatewayKey = uint64(60+w.n(1_500)), types.LeaseTier(1+w.n(4)), keyBytes(gatewayKeys[w.n(4)])
		msg.MaxRate, msg.Deposit = coins(10*hourly), coins(int64(1_000*(1+w.n(60))))
		_, _ = w.reserveErr(msg)
	case 4:
		operator := w.operators[w.n(4)]
		_ = w.offer(operator, device, int64(hourly*w.n(3)), w.n(4) > 0)
	case 5, 6:
		for i, operator := range w.operators {
			_ = w.do(func(ctx context.Context) error { return w.penalty.Unjail(ctx, operator) })
			_ = w.offer(operator, fmt.Sprintf("gpu %d", i), hourly, true)
		}
	case 7:
		if w.n(12) == 0 {
			w.submit()
		}
	default:
		if len(open) > 0 {
			w.step(open[w.n(len(open))])
		}
	}
}

func keyBytes(key cryptotypes.PrivKey) []byte {
	if key == nil {
		return nil
	}
	return key.PubKey().Bytes()
}

// open lists the leases that are not closed.
func (w *tenants) open() []types.Lease {
	response, err := w.queries.Leases(w.Ctx, &types.QueryLeasesRequest{Active: true})
	require.NoError(w.T, err)
	return response.Leases
}

// step does something about a lease.
func (w *tenants) step(lease types.Lease) {
	operator := sdk.MustAccAddressFromBech32(lease.Operator)
	switch w.n(9) {
	case 0:
		_ = w.closeErr(w.customer, lease.Id, false)
	case 1:
		_ = w.closeErr(operator, lease.Id, w.n(12) == 0)
	case 2, 3:
		_ = w.complainErr(lease.Id)
	case 4:
		_ = w.recoverErr(operator, lease.Id)
	case 5, 6:
		for _, key := range gatewayKeys[2:] {
			_ = w.attestErr(w.statement(key, operator, lease.Id, lease.AttestedSeconds+uint64(w.n(300))))
		}
	case 7:
		_ = w.extendErr(lease.Id, uint64(1+w.n(4_000)), int64(hourly*(1+w.n(5))), int64(w.n(3)*1_000))
	default:
		_ = w.do(func(ctx context.Context) error {
			_, err := escrowkeeper.NewMsgServer(w.escrow).Deposit(ctx, &escrowtypes.MsgDeposit{
				Depositor: w.customer.String(), Scope: types.LeaseScope, Id: lease.Id, Amount: coins(int64(1_000 + w.n(10_000))),
			})
			return err
		})
	}
}

// pass ends the block and lets time pass, now and then much of it.
func (w *tenants) pass() {
	if w.n(25) == 0 {
		w.halt(time.Duration(w.n(3_000)) * time.Second)
		return
	}
	w.block(1 + w.n(60))
}

// silence lets time alone end everything.
func (w *tenants) silence() {
	for range 200 {
		w.block(60)
		if len(w.open()) == 0 {
			break
		}
	}
	require.Empty(w.T, w.open(), "leases that nobody's silence ends")
	for _, operator := range w.operators {
		response, err := w.queries.Jobs(w.Ctx, &types.QueryJobsRequest{Worker: operator.String(), Active: true})
		require.NoError(w.T, err)
		if len(response.Jobs) > 0 {
			continue
		}
		stake, err := w.bond.Stake(w.Ctx, operator)
		require.NoError(w.T, err)
		require.True(w.T, stake.Exposure.IsZero())
	}
	for i := range w.operators {
		require.False(w.T, deviceOf(w.rentFixture, fmt.Sprintf("gpu %d", i)).Rented)
	}
}

// TestRandomTenancies lets many leases live at random beside jobs, and checks after every block that all books agree, that no unit is
// lost and that no hook complains. In the end everybody is silent, and every lease must close by itself.
func TestRandomTenancies(t *testing.T) {
	covered := map[string]int{}
	for seed := 1; seed <= *tenancies; seed++ {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			w := newTenants(t, rand.New(rand.NewSource(int64(seed))).Intn)
			for range 120 {
				for w.n(6) > 0 {
					w.act()
				}
				w.pass()
			}
			w.silence()
			for line, n := range w.watch.covered {
				covered[line] += n
			}
		})
	}
	missed := []string{}
	for _, line := range leases.Table() {
		if name := leaseLine(line.From, line.Event); covered[name] == 0 {
			missed = append(missed, name)
		}
	}
	t.Logf("%d lives took %d of %d lines of the table; not %v", *tenancies, len(leases.Table())-len(missed), len(leases.Table()), missed)
	require.LessOrEqual(t, len(missed), max(2, 15-*tenancies), "lines of the table that no random life took: %v", missed)
}

// FuzzLeaseHooks takes what customers and operators do, and how time passes, from the fuzzer. Whatever it is, no hook may fail, and all
// books must agree after every block.
func FuzzLeaseHooks(f *testing.F) {
	f.Add([]byte("a lease of many words, some of them out of turn"))
	f.Add([]byte{0, 0, 59, 1, 2, 60, 7, 0, 2, 200, 7, 0, 4, 24, 0, 255, 1, 1, 0, 9})
	banktest.SetPrefixes()
	f.Fuzz(func(t *testing.T, data []byte) {
		data = data[:min(len(data), 400)]
		w := newTenants(t, func(bound int) int {
			if len(data) == 0 {
				return 0
			}
			n := int(data[0])
			data = data[1:]
			if bound > 256 && len(data) > 0 {
				n = n<<8 | int(data[0])
				data = data[1:]
			}
			return n % bound
		})
		for len(data) > 0 {
			w.act()
			if w.n(3) == 0 {
				w.pass()
			}
		}
		w.silence()
	})
}
