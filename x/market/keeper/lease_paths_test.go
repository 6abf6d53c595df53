package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/keys/ed25519"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/leases"
	"github.com/assaychain/assay/x/market/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
)

var (
	edKey  = ed25519.GenPrivKeyFromSecret([]byte("gateway"))
	secKey = secp256k1.GenPrivKeyFromSecret([]byte("gateway"))
)

// leasePath is a whole life of a lease of the device "gpu" at ten base units a second.
type leasePath struct {
	name string
	// walk takes the lease to its end and returns its number.
	walk   func(f *rentFixture, operator sdk.AccAddress) uint64
	reason types.LeaseCloseReason
	// time is the price of time that was paid; fee what the customer paid the operator besides, or the operator the customer when
	// negative; pool what went to the community pool besides its share.
	time, fee, pool int64
	// slashed tells that the operator is punished.
	slashed bool
	// closed is when it closed, in seconds after the opening; 0 not to look.
	closed int64
}

const bookingFee = hourly / 5

func leasePaths() []leasePath {
	return append(reservationPaths(), append(tenancyPaths(), gatewayPaths()...)...)
}

func reservationPaths() []leasePath {
	missed := func(spoil func(f *rentFixture, operator sdk.AccAddress)) func(*rentFixture, sdk.AccAddress) uint64 {
		return func(f *rentFixture, operator sdk.AccAddress) uint64 {
			lease := f.reserved("gpu", 5_000)
			spoil(f, operator)
			f.run(5_000 + 660)
			return lease.Id
		}
	}
	return []leasePath{
		{"booked and completed", func(f *rentFixture, _ sdk.AccAddress) uint64 {
			lease := f.reserved("gpu", 5_003)
			f.run(5_000)
			f.requireLease(lease.Id, types.LEASE_STATE_RESERVED)
			f.run(10)
			f.requireLease(lease.Id, types.LEASE_STATE_ACTIVE)
			f.run(7_200)
			return lease.Id
		}, types.LEASE_CLOSE_REASON_COMPLETED, 71_930, 0, 0, false, 12_203},
		{"cancelled", func(f *rentFixture, _ sdk.AccAddress) uint64 {
			lease := f.reserved("gpu", 3_600)
			require.NoError(f.T, f.closeErr(f.customer, lease.Id, false))
			return lease.Id
		}, types.LEASE_CLOSE_REASON_CANCELLED, 0, 0, 0, false, 0},
		{"cancelled late", func(f *rentFixture, _ sdk.AccAddress) uint64 {
			lease := f.reserved("gpu", 3_599)
			require.NoError(f.T, f.closeErr(f.customer, lease.Id, false))
			return lease.Id
		}, types.LEASE_CLOSE_REASON_CANCELLED_LATE, 0, bookingFee, 0, false, 0},
		{"cancelled after the operator's delay", func(f *rentFixture, operator sdk.AccAddress) uint64 {
			lease := f.reserved("gpu", 100)
			require.NoError(f.T, f.offer(operator, "gpu", hourly, false))
			f.run(110)
			require.NoError(f.T, f.closeErr(f.customer, lease.Id, false))
			return lease.Id
		}, types.LEASE_CLOSE_REASON_CANCELLED, 0, 0, 0, false, 0},
		{"declined", func(f *rentFixture, operator sdk.AccAddress) uint64 {
			lease := f.reserved("gpu", 3_600)
			require.NoError(f.T, f.closeErr(operator, lease.Id, false))
			return lease.Id
		}, types.LEASE_CLOSE_REASON_DECLINED, 0, 0, 0, false, 0},
		{"declined late", func(f *rentFixture, operator sdk.AccAddress) uint64 {
			lease := f.reserved("gpu", 3_599)
			require.NoError(f.T, f.closeErr(operator, lease.Id, false))
			return lease.Id
		}, types.LEASE_CLOSE_REASON_DECLINED_LATE, 0, -bookingFee, 0, false, 0},
		{"extended while reserved, device withdrawn", missed(func(f *rentFixture, operator sdk.AccAddress) {
			require.NoError(f.T, f.extendErr(1, 3_600, hourly, 0))
			require.NoError(f.T, f.offer(operator, "gpu", hourly, false))
		}), types.LEASE_CLOSE_REASON_NO_SHOW, 0, 0, 0, true, 0},
		{"device too hot", missed(func(f *rentFixture, operator sdk.AccAddress) {
			require.NoError(f.T, f.overheat(operator, "gpu"))
		}), types.LEASE_CLOSE_REASON_NO_SHOW, 0, 0, 0, true, 0},
		{"operator in jail", missed(func(f *rentFixture, operator sdk.AccAddress) {
			_, err := f.penalty.Punish(f.Ctx, penaltytypes.Punishment{Operator: operator, Offence: penaltytypes.OFFENCE_WRONG_RESULT, Subject: "x"})
			require.NoError(f.T, err)
		}), types.LEASE_CLOSE_REASON_OPERATOR_JAILED, 0, 0, 0, true, 0},
		{"device busy", missed(func(f *rentFixture, _ sdk.AccAddress) {
			require.NoError(f.T, f.registry.Reserve(f.Ctx, hashOf("gpu")))
		}), types.LEASE_CLOSE_REASON_DEVICE_BUSY, 0, 0, 0, false, 0},
		{"window passed during a halt", func(f *rentFixture, _ sdk.AccAddress) uint64 {
			lease := f.reserved("gpu", 3_600)
			f.halt(4 * time.Hour)
			return lease.Id
		}, types.LEASE_CLOSE_REASON_LAPSED, 0, 0, 0, false, 10_800},
	}
}

func tenancyPaths() []leasePath {
	return []leasePath{
		{"completed over a halt", func(f *rentFixture, _ sdk.AccAddress) uint64 {
			lease := f.active("gpu")
			f.halt(5 * time.Hour)
			return lease.Id
		}, types.LEASE_CLOSE_REASON_COMPLETED, 72_000, 0, 0, false, 7_200},
		{"dry", func(f *rentFixture, _ sdk.AccAddress) uint64 {
			msg := f.opening("gpu")
			msg.Deposit = coins(hourly)
			id, err := f.openErr(msg)
			require.NoError(f.T, err)
			f.halt(90 * time.Minute)
			f.endBlock()
			return id
		}, types.LEASE_CLOSE_REASON_DRY, hourly, 0, 0, false, 3_600},
		{"extended, left by the customer", func(f *rentFixture, _ sdk.AccAddress) uint64 {
			lease := f.active("gpu")
			require.NoError(f.T, f.extendErr(lease.Id, 3_600, hourly, hourly))
			f.run(1_000)
			require.NoError(f.T, f.closeErr(f.customer, lease.Id, false))
			f.run(605)
			return lease.Id
		}, types.LEASE_CLOSE_REASON_LEFT_BY_CUSTOMER, 16_000, 0, 0, false, 1_600},
		{"left by the operator", func(f *rentFixture, operator sdk.AccAddress) uint64 {
			lease := f.active("gpu")
			f.run(100)
			require.NoError(f.T, f.closeErr(operator, lease.Id, false))
			f.run(601)
			return lease.Id
		}, types.LEASE_CLOSE_REASON_LEFT_BY_OPERATOR, 7_000, 0, 0, false, 700},
		{"operator's notice released", func(f *rentFixture, operator sdk.AccAddress) uint64 {
			lease := f.active("gpu")
			require.NoError(f.T, f.closeErr(operator, lease.Id, false))
			f.run(50)
			require.NoError(f.T, f.closeErr(f.customer, lease.Id, false))
			return lease.Id
		}, types.LEASE_CLOSE_REASON_LEFT_BY_OPERATOR, 500, 0, 0, false, 50},
		{"dry in a notice", func(f *rentFixture, _ sdk.AccAddress) uint64 {
			msg := f.opening("gpu")
			msg.Deposit = coins(hourly)
			id, err := f.openErr(msg)
			require.NoError(f.T, err)
			f.run(3_500)
			require.NoError(f.T, f.closeErr(f.customer, id, false))
			f.run(101)
			return id
		}, types.LEASE_CLOSE_REASON_DRY, hourly, 0, 0, false, 3_600},
		{"abandoned", func(f *rentFixture, operator sdk.AccAddress) uint64 {
			lease := f.active("gpu")
			f.run(30)
			require.NoError(f.T, f.closeErr(operator, lease.Id, true))
			return lease.Id
		}, types.LEASE_CLOSE_REASON_ABANDONED, 300, 0, 0, true, 30},
		{"abandoned in a notice", func(f *rentFixture, operator sdk.AccAddress) uint64 {
			lease := f.active("gpu")
			require.NoError(f.T, f.closeErr(operator, lease.Id, false))
			f.run(30)
			require.NoError(f.T, f.closeErr(operator, lease.Id, true))
			return lease.Id
		}, types.LEASE_CLOSE_REASON_ABANDONED, 300, 0, 0, true, 30},
		{"outage, recovered, completed", func(f *rentFixture, operator sdk.AccAddress) uint64 {
			lease := f.active("gpu")
			f.run(1_000)
			require.NoError(f.T, f.complainErr(lease.Id))
			f.run(500)
			require.NoError(f.T, f.recoverErr(operator, lease.Id))
			f.run(5_701)
			require.EqualValues(f.T, 500_000, f.lease(lease.Id).MissedMs)
			return lease.Id
		}, types.LEASE_CLOSE_REASON_COMPLETED, 67_000, 0, 0, false, 7_200},
		{"outage to the end", func(f *rentFixture, _ sdk.AccAddress) uint64 {
			lease := f.active("gpu")
			f.run(7_000)
			require.NoError(f.T, f.complainErr(lease.Id))
			f.run(201)
			return lease.Id
		}, types.LEASE_CLOSE_REASON_COMPLETED, 70_000, 0, 0, false, 7_200},
		{"outage, left by the customer", func(f *rentFixture, _ sdk.AccAddress) uint64 {
			lease := f.active("gpu")
			f.run(100)
			require.NoError(f.T, f.complainErr(lease.Id))
			f.run(40)
			require.NoError(f.T, f.closeErr(f.customer, lease.Id, false))
			return lease.Id
		}, types.LEASE_CLOSE_REASON_DISPUTED, 1_000, 0, 6_000, false, 140},
		{"outage, left by the operator", func(f *rentFixture, operator sdk.AccAddress) uint64 {
			lease := f.active("gpu")
			f.run(100)
			require.NoError(f.T, f.complainErr(lease.Id))
			f.run(40)
			require.NoError(f.T, f.closeErr(operator, lease.Id, true))
			return lease.Id
		}, types.LEASE_CLOSE_REASON_RELEASED, 1_000, 0, 0, false, 140},
		{"outage unanswered", func(f *rentFixture, _ sdk.AccAddress) uint64 {
			lease := f.active("gpu")
			f.run(100)
			require.NoError(f.T, f.complainErr(lease.Id))
			f.halt(time.Hour)
			f.requireLease(lease.Id, types.LEASE_STATE_OUTAGE)
			f.run(1_750)
			return lease.Id
		}, types.LEASE_CLOSE_REASON_ABANDONED, 1_000, 0, 0, true, 0},
		{"complaints used up", func(f *rentFixture, operator sdk.AccAddress) uint64 {
			lease := f.active("gpu")
			for range 2 {
				f.run(100)
				require.NoError(f.T, f.complainErr(lease.Id))
				f.run(10)
				require.NoError(f.T, f.recoverErr(operator, lease.Id))
			}
			require.NoError(f.T, f.complainErr(lease.Id))
			return lease.Id
		}, types.LEASE_CLOSE_REASON_DISPUTED, 2_000, 0, 6_000, false, 220},
		{"outage in the customer's notice", func(f *rentFixture, _ sdk.AccAddress) uint64 {
			lease := f.active("gpu")
			require.NoError(f.T, f.closeErr(f.customer, lease.Id, false))
			f.run(200)
			require.NoError(f.T, f.complainErr(lease.Id))
			return lease.Id
		}, types.LEASE_CLOSE_REASON_DISPUTED, 2_000, 0, 4_000, false, 200},
	}
}

func gatewayPaths() []leasePath {
	open := func(f *rentFixture, key []byte, deposit int64) uint64 {
		msg := f.opening("gpu")
		msg.GatewayKey, msg.Deposit = key, coins(deposit)
		id, err := f.openErr(msg)
		require.NoError(f.T, err)
		return id
	}
	return []leasePath{
		{"attested, silent, attested, noticed, left", func(f *rentFixture, operator sdk.AccAddress) uint64 {
			id := open(f, edKey.PubKey().Bytes(), 2*hourly)
			f.run(100)
			require.NoError(f.T, f.attestErr(f.statement(edKey, operator, id, 93)))
			f.run(910)
			f.requireLease(id, types.LEASE_STATE_OUTAGE)
			require.NoError(f.T, f.attestErr(f.statement(edKey, f.customer, id, 1_001)))
			require.NoError(f.T, f.closeErr(operator, id, false))
			f.run(100)
			require.NoError(f.T, f.attestErr(f.statement(edKey, operator, id, 1_050)))
			f.run(510)
			return id
		}, types.LEASE_CLOSE_REASON_LEFT_BY_OPERATOR, 10_500, 0, 0, false, 1_610},
		{"attested until dry", func(f *rentFixture, operator sdk.AccAddress) uint64 {
			id := open(f, secKey.PubKey().Bytes(), hourly)
			f.run(890)
			require.NoError(f.T, f.attestErr(f.statement(secKey, operator, id, 890)))
			f.halt(time.Hour)
			require.NoError(f.T, f.attestErr(f.statement(secKey, operator, id, 4_000)))
			return id
		}, types.LEASE_CLOSE_REASON_DRY, hourly, 0, 0, false, 4_490},
		{"attested until dry, after a silence", func(f *rentFixture, operator sdk.AccAddress) uint64 {
			id := open(f, edKey.PubKey().Bytes(), hourly)
			f.run(1_000)
			f.halt(time.Hour)
			f.requireLease(id, types.LEASE_STATE_OUTAGE)
			require.NoError(f.T, f.attestErr(f.statement(edKey, operator, id, 3_600)))
			return id
		}, types.LEASE_CLOSE_REASON_DRY, hourly, 0, 0, false, 4_600},
		{"never attested", func(f *rentFixture, _ sdk.AccAddress) uint64 {
			id := open(f, edKey.PubKey().Bytes(), 2*hourly)
			f.run(900 + 1_800 + 20)
			return id
		}, types.LEASE_CLOSE_REASON_UNATTESTED, 0, 0, 0, false, 0},
		{"silent, left by the customer", func(f *rentFixture, _ sdk.AccAddress) uint64 {
			id := open(f, edKey.PubKey().Bytes(), 2*hourly)
			f.run(910)
			require.NoError(f.T, f.closeErr(f.customer, id, false))
			return id
		}, types.LEASE_CLOSE_REASON_DISPUTED, 0, 0, 0, false, 910},
	}
}

// TestEveryPathOfTheLeaseTable walks every line of the state table through the real keepers, and checks after each block that all
// books agree, and at the end that every purse has to the unit what it should and nothing is left of the lease.
func TestEveryPathOfTheLeaseTable(t *testing.T) {
	covered := map[string]int{}
	for _, p := range leasePaths() {
		t.Run(p.name, func(t *testing.T) {
			f := newRent(t)
			operator := f.landlord("gpu")
			opened, before := f.Ctx.BlockTime().Unix(), f.Balance(f.customer).Int64()
			purse, pool := f.Balance(operator).Int64(), f.poolAmount()
			id := p.walk(f, operator)
			f.block(1)
			lease := f.requireClosed(id, p.reason)
			require.EqualValues(t, p.time, lease.Paid.Int64(), "time")
			require.EqualValues(t, before-p.time-p.fee-p.pool, f.Balance(f.customer).Int64(), "customer")
			require.EqualValues(t, purse+min(p.fee, 0), f.Balance(operator).Int64(), "operator")
			protocol, burnt := p.time*200/10_000, p.time*100/10_000
			require.InDelta(t, p.time-protocol-burnt+max(p.fee, 0), f.Balance(payout("gpu")).Int64(), 3, "payout, but for the dust of each payment")
			require.InDelta(t, pool+protocol+p.pool, f.poolAmount(), 3, "pool, with the dust")
			require.Equal(t, p.slashed, f.slashed(operator.String()).IsPositive(), "slashed")
			require.True(t, f.ModuleBalance("escrow").IsZero(), "nothing is left in escrow")
			if p.closed > 0 {
				require.EqualValues(t, p.closed, lease.ClosedAt.Unix()-opened, "closed at")
			}
			f.run(20)
			f.halt(1_000 * time.Second)
			f.block(1)
			_, err := f.k.Lease(f.Ctx, id)
			require.ErrorIs(t, err, types.ErrLeaseNotFound)
			require.Zero(t, f.recordBytes(), "bytes left of a lease")
			for line, n := range f.watch.covered {
				covered[line] += n
			}
		})
	}
	for _, line := range leases.Table() {
		require.Positive(t, covered[leaseLine(line.From, line.Event)], "no path takes %s %s", line.From, line.Event)
	}
}
