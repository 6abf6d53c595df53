package types

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Vault moves coins in and out of the module's account, and destroys them there.
type Vault interface {
	SendCoinsFromAccountToModule(ctx context.Context, sender sdk.AccAddress, recipientModule string, coins sdk.Coins) error
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

// CommunityPool takes the protocol's share; x/distribution's keeper.
type CommunityPool interface {
	FundCommunityPool(ctx context.Context, coins sdk.Coins, sender sdk.AccAddress) error
}

// Ports are what the module needs of its neighbours.
type Ports struct {
	Bank     BankKeeper
	Accounts AccountKeeper
	Pool     CommunityPool
}
