package types

import (
	"context"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
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

// CommunityPool takes the protocol's share.
type CommunityPool interface {
	FundCommunityPool(ctx context.Context, coins sdk.Coins, sender sdk.AccAddress) error
}

// Grants are the authorizations that accounts gave each other; x/authz's keeper.
type Grants interface {
	// GetAuthorization returns nil when there is none or it is expired.
	GetAuthorization(ctx context.Context, grantee, granter sdk.AccAddress, msgType string) (authz.Authorization, *time.Time)
	SaveGrant(ctx context.Context, grantee, granter sdk.AccAddress, authorization authz.Authorization, expiration *time.Time) error
}

// Ports are what the module needs of its neighbours.
type Ports struct {
	Bank     BankKeeper
	Accounts AccountKeeper
	Pool     CommunityPool
	Grants   Grants
}
