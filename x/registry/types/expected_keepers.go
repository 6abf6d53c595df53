package types

import (
	"context"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	beacontypes "github.com/assaychain/assay/x/beacon/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
)

// Bond is what the registry needs of the operators' stake.
type Bond interface {
	// Bonded returns the stake that is bonded and not unbonding, in the base denomination; zero when there is none.
	Bonded(ctx context.Context, operator sdk.AccAddress) (math.Int, error)
	// SetRequirement forbids the operator to unbond below an amount. It refuses an amount above what is bonded.
	SetRequirement(ctx context.Context, operator sdk.AccAddress, amount math.Int) error
	// SetScore tells what the operator's devices count for from now on when rewards are shared.
	SetScore(ctx context.Context, operator sdk.AccAddress, score uint64) error
}

// Jail tells who may not take work.
type Jail interface {
	// IsJailed is true from the offence until the operator asks to be unjailed.
	IsJailed(ctx context.Context, operator sdk.AccAddress) (bool, error)
}

// Penalty punishes who misses a spot check or fails it.
type Penalty interface {
	Jail
	// Punish slashes and jails by the table of offences.
	Punish(ctx context.Context, p penaltytypes.Punishment) (penaltytypes.Record, error)
}

// Beacon draws devices, and makes the seeds and challenges of spot checks.
type Beacon interface {
	// Fix chooses the earliest round that nobody can know yet.
	Fix(ctx context.Context, consumer string) (generation, round uint64, err error)
	// Ready lists rounds that were posted and not drained, at most limit.
	Ready(ctx context.Context, consumer string, limit uint32) ([]beacontypes.Request, error)
	// Done drains a round.
	Done(ctx context.Context, consumer string, generation, round uint64) error
	// Randomness is a round's; false when it isn't posted, or no longer kept.
	Randomness(ctx context.Context, generation, round uint64) ([]byte, bool, error)
	// Generation counts how often the beacon was replaced.
	Generation(ctx context.Context) (uint64, error)
}

// Recipients tells which accounts cannot receive coins.
type Recipients interface {
	// BlockedAddr is true for module accounts.
	BlockedAddr(addr sdk.AccAddress) bool
}

// Ports are the modules the registry stands on. All are required.
type Ports struct {
	Bond    Bond
	Penalty Penalty
	Beacon  Beacon
	Bank    Recipients
}
