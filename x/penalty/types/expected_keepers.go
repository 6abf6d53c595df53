package types

import (
	"context"

	"cosmossdk.io/math"

	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	bondtypes "github.com/assaychain/assay/x/bond/types"
)

// Slasher takes stake from an operator and gives it back; x/bond's keeper.
type Slasher interface {
	// Slash takes fractionBps basis points of op's stake, sends it to recipientModule's account and returns it.
	Slash(ctx context.Context, op sdk.AccAddress, fractionBps uint32, recipientModule string) (math.Int, error)
	// Restore moves what was slashed from fromModule's account back into op's stake.
	Restore(ctx context.Context, op sdk.AccAddress, amount math.Int, fromModule string) error
	// Denom is the denomination of stake.
	Denom(ctx context.Context) (string, error)
}

// Owner tells what an account has behind operators; x/bond's keeper.
type Owner interface {
	// BackingsOf lists backer's backings with what they are worth, its own stake as a backing of itself among them.
	BackingsOf(ctx context.Context, backer sdk.AccAddress) ([]bondtypes.Backing, error)
}

// Bond is what the module needs of x/bond.
type Bond interface {
	Slasher
	Owner
}

// Vault takes appeals' bonds into the module's account, pays out of it and burns the rest there.
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

// AccountKeeper knows module accounts, and the keys of all accounts that ever signed.
type AccountKeeper interface {
	GetModuleAddress(module string) sdk.AccAddress
	// GetModuleAccount creates the account when it does not exist yet.
	GetModuleAccount(ctx context.Context, module string) sdk.ModuleAccountI
	// GetPubKey is nil for an account that never signed.
	GetPubKey(ctx context.Context, addr sdk.AccAddress) (cryptotypes.PubKey, error)
}

// Ports are what the module needs of its neighbours.
type Ports struct {
	Bond     Bond
	Bank     BankKeeper
	Accounts AccountKeeper
}
