package customer

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cosmos/gogoproto/proto"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/chain"
	markettypes "github.com/assaychain/assay/x/market/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

var (
	// ErrNotRentable is wrapped when a device can't be rented as asked.
	ErrNotRentable = errors.New("the device can't be rented as asked")
	// ErrOutcome is wrapped when a transaction has left this machine and nobody knows what became of it.
	ErrOutcome = errors.New("what became of the transaction is not known")
	// ErrDevice is wrapped when the beginning of a device's id does not name one device.
	ErrDevice = errors.New("no such device")
)

// Lease is one lease with its funds, or chain.ErrNotFound.
func (m *Market) Lease(ctx context.Context, id uint64) (*markettypes.QueryLeaseResponse, error) {
	what := fmt.Sprintf("lease %d", id)
	answer, err := ask(ctx, m, what, func(ctx context.Context, q markettypes.QueryClient) (*markettypes.QueryLeaseResponse, error) {
		return q.Lease(ctx, &markettypes.QueryLeaseRequest{Id: id})
	})
	return answer, known(err, markettypes.ErrLeaseNotFound, chain.ErrNotFound)
}

// Leases is a page of leases.
func (m *Market) Leases(ctx context.Context, request *markettypes.QueryLeasesRequest) (*markettypes.QueryLeasesResponse, error) {
	return ask(ctx, m, "list leases", func(ctx context.Context, q markettypes.QueryClient) (*markettypes.QueryLeasesResponse, error) {
		return q.Leases(ctx, request)
	})
}

// Calendar is when a device is taken.
func (m *Market) Calendar(ctx context.Context, device []byte) (*markettypes.QueryCalendarResponse, error) {
	return ask(ctx, m, "calendar", func(ctx context.Context, q markettypes.QueryClient) (*markettypes.QueryCalendarResponse, error) {
		return q.Calendar(ctx, &markettypes.QueryCalendarRequest{Device: hex.EncodeToString(device)})
	})
}

// LeaseQuote is what renting a device costs, or ErrNotRentable. An answer may still name an obstacle.
func (m *Market) LeaseQuote(ctx context.Context, request *markettypes.QueryLeaseQuoteRequest) (*markettypes.QueryLeaseQuoteResponse, error) {
	answer, err := ask(ctx, m, "ask for a price", func(ctx context.Context, q markettypes.QueryClient) (*markettypes.QueryLeaseQuoteResponse, error) {
		return q.LeaseQuote(ctx, request)
	})
	for _, refusal := range []error{markettypes.ErrNotForRent, markettypes.ErrLease, registrytypes.ErrDeviceNotFound} {
		err = known(err, refusal, ErrNotRentable)
	}
	return answer, err
}

// MatchDevice is the only device whose id, in lower-case hexadecimal, has a beginning; or ErrDevice.
func MatchDevice(devices []registrytypes.Device, beginning string) ([]byte, error) {
	var found []byte
	for _, device := range devices {
		switch {
		case !strings.HasPrefix(hex.EncodeToString(device.Id), beginning):
		case found != nil:
			return nil, fmt.Errorf("%w: %x and %x both begin with %s", ErrDevice, found, device.Id, beginning)
		default:
			found = device.Id
		}
	}
	if found == nil {
		return nil, fmt.Errorf("%w: none of %d begins with %s", ErrDevice, len(devices), beginning)
	}
	return found, nil
}

// Ask brings a message into a block and reads the chain's answer to it. The error wraps chain.ErrRefused when the chain does not
// take the message, and ErrOutcome when it may have.
func (w *Wallet) Ask(ctx context.Context, message sdk.Msg, into proto.Message) error {
	_, hash, err := w.Send(ctx, nil, message)
	if err == nil {
		err = w.Answer(ctx, hash, into)
	}
	if err != nil && hash != "" && !errors.Is(err, chain.ErrRefused) {
		return fmt.Errorf("%w: %w", ErrOutcome, err)
	}
	return err
}

// LeaseStateText names a state as people read it.
func LeaseStateText(state markettypes.LeaseState) string {
	return lowerWords(state.String(), "LEASE_STATE_")
}

// LeaseCloseText names a close reason as people read it; empty for a lease that is not closed.
func LeaseCloseText(reason markettypes.LeaseCloseReason) string {
	if reason == markettypes.LEASE_CLOSE_REASON_UNSPECIFIED {
		return ""
	}
	return lowerWords(reason.String(), "LEASE_CLOSE_REASON_")
}

// LeaseTierText names a tier as people read it.
func LeaseTierText(tier markettypes.LeaseTier) string {
	return lowerWords(tier.String(), "LEASE_TIER_")
}

// LeaseMotiveText names a motive as people read it; empty when none was given.
func LeaseMotiveText(motive markettypes.LeaseMotive) string {
	if motive == markettypes.LEASE_MOTIVE_UNSPECIFIED {
		return ""
	}
	return lowerWords(motive.String(), "LEASE_MOTIVE_")
}

// LeasePartyText names a side as people read it; empty for neither.
func LeasePartyText(party markettypes.LeaseParty) string {
	if party == markettypes.LEASE_PARTY_UNSPECIFIED {
		return ""
	}
	return lowerWords(party.String(), "LEASE_PARTY_")
}

// DriedAt is the moment in which a lease's money was used up, nil when it was not: a lease that ran dry closes as of that moment.
func DriedAt(lease markettypes.Lease) *time.Time {
	if lease.DriedAt == nil && lease.CloseReason == markettypes.LEASE_CLOSE_REASON_DRY {
		return lease.ClosedAt
	}
	return lease.DriedAt
}

// KeptToTheEnd tells whether a lease ended as its customer agreed to or wished: its window or its money was over, or the customer left
// or took its reservation back. Otherwise the other side or the network ended it.
func KeptToTheEnd(reason markettypes.LeaseCloseReason) bool {
	switch reason {
	case markettypes.LEASE_CLOSE_REASON_COMPLETED, markettypes.LEASE_CLOSE_REASON_DRY, markettypes.LEASE_CLOSE_REASON_LEFT_BY_CUSTOMER,
		markettypes.LEASE_CLOSE_REASON_CANCELLED, markettypes.LEASE_CLOSE_REASON_CANCELLED_LATE:
		return true
	default:
		return false
	}
}
