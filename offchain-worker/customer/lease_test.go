package customer_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/customer"
	markettypes "github.com/assaychain/assay/x/market/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// leaseLook is what one look at a lease finds.
type leaseLook struct {
	view *markettypes.QueryLeaseResponse
	err  error
}

// leaseScript plays a node: each look gives the next answer.
type leaseScript struct{ looks []leaseLook }

func (s *leaseScript) Lease(context.Context, uint64) (*markettypes.QueryLeaseResponse, error) {
	look := s.looks[0]
	s.looks = s.looks[1:]
	return look.view, look.err
}

// rented is a lease in a state, with a balance that lasts for some minutes; 0 when nothing flows.
func rented(state markettypes.LeaseState, balance int64, minutes int, change ...func(*markettypes.Lease)) leaseLook {
	start := time.Date(2030, 1, 31, 18, 0, 0, 0, time.UTC)
	view := &markettypes.QueryLeaseResponse{
		Lease: markettypes.Lease{
			Id: 7, State: state, Rate: math.NewInt(3600), Start: start, End: start.Add(2 * time.Hour), Paid: math.ZeroInt(), Refunded: math.ZeroInt(),
		},
		Balance: sdk.NewInt64Coin("uassay", balance),
	}
	if minutes > 0 {
		dry := start.Add(time.Duration(minutes) * time.Minute)
		view.DryAt = &dry
	}
	for _, f := range change {
		f(&view.Lease)
	}
	return leaseLook{view: view}
}

func TestLeaseIsFollowedToItsEnd(t *testing.T) {
	out := rented(markettypes.LEASE_STATE_OUTAGE, 5000, 0, func(l *markettypes.Lease) {
		since := l.Start.Add(time.Minute)
		l.OutageSince = &since
	})
	closed := rented(markettypes.LEASE_STATE_CLOSED, 0, 0, func(l *markettypes.Lease) {
		l.CloseReason, l.Paid, l.Refunded = markettypes.LEASE_CLOSE_REASON_LEFT_BY_OPERATOR, math.NewInt(5000), math.NewInt(4000)
	})
	longer := func(l *markettypes.Lease) { l.End = l.End.Add(time.Hour) }
	notice := rented(markettypes.LEASE_STATE_NOTICE, 9000, 150, func(l *markettypes.Lease) {
		l.NoticeBy, l.Motive = markettypes.LEASE_PARTY_OPERATOR, markettypes.LEASE_MOTIVE_MAINTENANCE
	})
	script := &leaseScript{looks: []leaseLook{
		rented(markettypes.LEASE_STATE_RESERVED, 5400, 0), rented(markettypes.LEASE_STATE_RESERVED, 5400, 0),
		rented(markettypes.LEASE_STATE_ACTIVE, 5400, 90), {err: errors.New("connection refused")}, {err: errors.New("connection refused")},
		rented(markettypes.LEASE_STATE_ACTIVE, 9000, 150), rented(markettypes.LEASE_STATE_ACTIVE, 9000, 150),
		rented(markettypes.LEASE_STATE_ACTIVE, 9000, 150, longer), out, notice, closed,
	}}
	synctest.Test(t, func(t *testing.T) {
		told := []string{}
		view, err := customer.NewLeaseFollower(script, func(line string) { told = append(told, line) }).Follow(context.Background(), 7)
		require.NoError(t, err)
		require.Equal(t, closed.view, view)
		require.Equal(t, []string{
			"reserved from 2030-01-31T18:00:00Z to 2030-01-31T20:00:00Z at 3600uassay an hour; balance 5400uassay",
			"active until 2030-01-31T20:00:00Z at 3600uassay an hour; balance 5400uassay, used up at 2030-01-31T19:30:00Z",
			"the node does not answer, asking again: connection refused",
			"the node answers again",
			"funds; balance 9000uassay, used up at 2030-01-31T20:30:00Z",
			"ends at 2030-01-31T21:00:00Z, 3600uassay an hour; balance 9000uassay, used up at 2030-01-31T20:30:00Z",
			"outage since 2030-01-31T18:01:00Z: its time is not paid; balance 5000uassay",
			"the operator gave notice (maintenance): ends at 2030-01-31T20:00:00Z; balance 9000uassay, used up at 2030-01-31T20:30:00Z",
			"left by operator: 5000uassay paid, 4000uassay refunded",
		}, told)
	})
}

func TestFollowingALeaseStops(t *testing.T) {
	quiet := func(string) {}
	script := &leaseScript{looks: []leaseLook{rented(markettypes.LEASE_STATE_ACTIVE, 1, 1), {err: chain.ErrNotFound}}}
	synctest.Test(t, func(t *testing.T) {
		_, err := customer.NewLeaseFollower(script, quiet).Follow(context.Background(), 7)
		require.ErrorIs(t, err, chain.ErrNotFound, "a lease that is not there is not waited for")
	})
	script.looks = []leaseLook{rented(markettypes.LEASE_STATE_ACTIVE, 1, 1)}
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := customer.NewLeaseFollower(script, quiet).Follow(stopped, 7)
	require.ErrorIs(t, err, context.Canceled)
}

func TestBeginningOfAnIDNamesOneDevice(t *testing.T) {
	devices := []registrytypes.Device{{Id: []byte{0x5f, 0x3c, 0x01}}, {Id: []byte{0x5f, 0x3c, 0x02}}, {Id: []byte{0xaa, 0xbb, 0xcc}}}
	id, err := customer.MatchDevice(devices, "aab")
	require.NoError(t, err)
	require.Equal(t, devices[2].Id, id)
	_, err = customer.MatchDevice(devices, "5f3c0")
	require.ErrorIs(t, err, customer.ErrDevice)
	require.ErrorContains(t, err, "5f3c01 and 5f3c02 both begin with 5f3c0")
	_, err = customer.MatchDevice(devices, "00")
	require.ErrorIs(t, err, customer.ErrDevice)
	require.ErrorContains(t, err, "none of 3 begins with 00")
}
