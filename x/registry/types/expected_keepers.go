package types

import (
	"context"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
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

// Recipients tells which accounts cannot receive coins.
type Recipients interface {
	// BlockedAddr is true for module accounts.
	BlockedAddr(addr sdk.AccAddress) bool
}

// Ports are the modules the registry stands on. All are required.
type Ports struct {
	Bond Bond
	Jail Jail
	Bank Recipients
}
