package customer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/assaychain/assay/offchain-worker/chain"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// leasePoll is the time between two looks at a lease.
const leasePoll = 500 * time.Millisecond

// LeaseWatched is what a follower of leases looks at.
type LeaseWatched interface {
	// Lease is the lease as the chain shows it.
	Lease(ctx context.Context, id uint64) (*markettypes.QueryLeaseResponse, error)
}

// LeaseFollower looks at a lease until it is closed.
type LeaseFollower struct {
	watched LeaseWatched
	tell    func(line string)
	poll    time.Duration
	// told is what was told last; silent is set while the node does not answer.
	told   *markettypes.QueryLeaseResponse
	silent bool
}

// NewLeaseFollower makes a follower; tell hears of each thing that happens.
func NewLeaseFollower(watched LeaseWatched, tell func(line string)) *LeaseFollower {
	return &LeaseFollower{watched: watched, tell: tell, poll: leasePoll}
}

// Follow returns the lease when it is closed. The error is chain.ErrNotFound or the context's: a node that does not answer is
// asked again.
func (f *LeaseFollower) Follow(ctx context.Context, id uint64) (*markettypes.QueryLeaseResponse, error) {
	for {
		view, err := f.watched.Lease(ctx, id)
		switch {
		case err == nil:
			f.seen(view)
			if view.Lease.State == markettypes.LEASE_STATE_CLOSED {
				return view, nil
			}
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, chain.ErrNotFound):
			return nil, err
		case !f.silent:
			f.silent = true
			f.tell(fmt.Sprintf("the node does not answer, asking again: %s", err))
		}
		if err := pause(ctx, f.poll); err != nil {
			return nil, err
		}
	}
}

// seen tells what is new.
func (f *LeaseFollower) seen(view *markettypes.QueryLeaseResponse) {
	if f.silent {
		f.tell("the node answers again")
	}
	f.silent = false
	if line := LeaseNews(f.told, view); line != "" {
		f.tell(line)
	}
	f.told = view
}

// LeaseNews is one line on what has happened to a lease since an earlier look, nil for the first one; empty for nothing.
func LeaseNews(before, now *markettypes.QueryLeaseResponse) string {
	if before == nil || before.Lease.State != now.Lease.State {
		return leaseStage(now)
	}
	switch {
	case !before.Lease.End.Equal(now.Lease.End) || !before.Lease.Rate.Equal(now.Lease.Rate):
		return fmt.Sprintf("ends at %s, %s%s an hour%s", Moment(now.Lease.End), now.Lease.Rate, now.Balance.Denom, funds(now))
	case !before.Balance.Equal(now.Balance) || !sameMoment(before.DryAt, now.DryAt):
		return "funds" + funds(now)
	default:
		return ""
	}
}

// leaseStage says that a lease is in its state.
func leaseStage(view *markettypes.QueryLeaseResponse) string {
	lease, denom := view.Lease, view.Balance.Denom
	switch lease.State {
	case markettypes.LEASE_STATE_RESERVED:
		return fmt.Sprintf("reserved from %s to %s at %s%s an hour%s", Moment(lease.Start), Moment(lease.End), lease.Rate, denom, funds(view))
	case markettypes.LEASE_STATE_ACTIVE:
		return fmt.Sprintf("active until %s at %s%s an hour%s", Moment(lease.End), lease.Rate, denom, funds(view))
	case markettypes.LEASE_STATE_OUTAGE:
		since := ""
		if lease.OutageSince != nil {
			since = " since " + Moment(*lease.OutageSince)
		}
		return fmt.Sprintf("outage%s: its time is not paid", since) + funds(view)
	case markettypes.LEASE_STATE_NOTICE:
		return fmt.Sprintf("the %s gave notice (%s): ends at %s%s", LeasePartyText(lease.NoticeBy), LeaseMotiveText(lease.Motive), Moment(lease.End), funds(view))
	default:
		return fmt.Sprintf("%s: %s%s paid, %s%s refunded", LeaseCloseText(lease.CloseReason), lease.Paid, denom, lease.Refunded, denom)
	}
}

// funds says what the lease's account holds and how long it lasts.
func funds(view *markettypes.QueryLeaseResponse) string {
	text := fmt.Sprintf("; balance %s", view.Balance)
	if view.DryAt != nil {
		text += ", used up at " + Moment(*view.DryAt)
	}
	return text
}

func sameMoment(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}

// Moment writes a moment as people and programs read it, in UTC, with its fraction of a second if it has one.
func Moment(at time.Time) string { return at.UTC().Format(time.RFC3339Nano) }
