package types

import (
	"context"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Bond takes stake from an operator; x/bond's keeper.
type Bond interface {
	// Slash takes fractionBps basis points of op's stake, sends it to recipientModule's account and returns it.
	Slash(ctx context.Context, op sdk.AccAddress, fractionBps uint32, recipientModule string) (math.Int, error)
	// Denom is the denomination of stake.
	Denom(ctx context.Context) (string, error)
}

// Vault pays victims out of the module's account and burns the rest there.
type Vault interface {
	SendCoinsFromModuleToAccount(ctx context.Context, senderModule string, recipient sdk.AccAddress, coins sdk.Coins) error
	BurnCoins(ctx context.Context, module string, coins sdk.Coins) error
}

// Balances tells what an account holds and whether it may be paid.
type Balances interface {
	GetBalance(ctx context.Context, addr sdk.AccAddress, denom string) sdk.Coin
	BlockedAddr(addr sdk.AccAddress) bool
}

// BankKeeper is the part of x/bank the module needs.
type BankKeeper interface {
	Vault
	Balances
}

// AccountKeeper knows module accounts.
type AccountKeeper interface {
	GetModuleAddress(module string) sdk.AccAddress
	// GetModuleAccount creates the account when it does not exist yet.
	GetModuleAccount(ctx context.Context, module string) sdk.ModuleAccountI
}

// Ports are what the module needs of its neighbours.
type Ports struct {
	Bond     Bond
	Bank     BankKeeper
	Accounts AccountKeeper
}
