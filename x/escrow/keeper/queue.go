package keeper

import (
	"context"
	"time"

	"cosmossdk.io/collections"

	"github.com/assaychain/assay/x/escrow/types"
)

// Warnings before an account runs dry, in milliseconds.
const (
	dayLeft  = int64(24 * time.Hour / time.Millisecond)
	hourLeft = int64(time.Hour / time.Millisecond)
)

// queued moves an account to its place in the queue and returns it with that place. An account without streams has none.
func (k *Keeper) queued(ctx context.Context, account types.Account) (types.Account, error) {
	if account.Flow == nil {
		return account, nil
	}
	flow := *account.Flow
	account.Flow = &flow
	dry, flowing := account.Books().DryAt()
	if !flowing {
		flow.Warned = types.WARNING_NONE
		return k.place(ctx, account, 0)
	}
	flow.Warned = rearmed(flow.Warned, dry-now(ctx))
	switch {
	case flow.Dry || flow.Warned == types.WARNING_HOUR:
	case flow.Warned == types.WARNING_DAY:
		dry -= hourLeft
	default:
		dry -= dayLeft
	}
	return k.place(ctx, account, max(1, dry))
}

// rearmed takes warnings back that a top-up made premature.
func rearmed(given types.Warning, left int64) types.Warning {
	return min(given, warningFor(left))
}

// warningFor is the warning that an account with so many milliseconds left has deserved.
func warningFor(left int64) types.Warning {
	switch {
	case left <= hourLeft:
		return types.WARNING_HOUR
	case left <= dayLeft:
		return types.WARNING_DAY
	default:
		return types.WARNING_NONE
	}
}

// place puts an account into the queue at a moment, or takes it out at 0.
func (k *Keeper) place(ctx context.Context, account types.Account, due int64) (types.Account, error) {
	if account.Flow.Due == due {
		return account, nil
	}
	if account.Flow.Due != 0 {
		if err := k.queue.Remove(ctx, queueKey(account)); err != nil {
			return account, err
		}
	}
	flow := *account.Flow
	flow.Due = due
	account.Flow = &flow
	if due == 0 {
		return account, nil
	}
	return account, k.queue.Set(ctx, queueKey(account))
}

func queueKey(account types.Account) momentKey {
	return collections.Join3(account.Flow.Due, account.Scope, account.Id)
}
