package types

import (
	"context"

	"google.golang.org/protobuf/runtime/protoiface"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/baseapp"
	sdk "github.com/cosmos/cosmos-sdk/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	bondtypes "github.com/assaychain/assay/x/bond/types"
)

// Validators knows who has staked how much with whom; x/staking's keeper.
type Validators interface {
	BondDenom(ctx context.Context) (string, error)
	// IterateBondedValidatorsByPower visits the validators whose tokens vote.
	IterateBondedValidatorsByPower(ctx context.Context, visit func(index int64, validator stakingtypes.ValidatorI) (stop bool)) error
	IterateDelegations(ctx context.Context, delegator sdk.AccAddress, visit func(index int64, delegation stakingtypes.DelegationI) (stop bool)) error
}

// Bond knows who has bonded how much with whom; x/bond's keeper.
type Bond interface {
	Denom(ctx context.Context) (string, error)
	// TotalBonded is the sum over all operators.
	TotalBonded(ctx context.Context) (math.Int, error)
	// Bonded is what stands with an operator: its own stake and its backers'.
	Bonded(ctx context.Context, op sdk.AccAddress) (math.Int, error)
	// BackingsOf lists what somebody has with operators; an operator's own stake is a backing of itself.
	BackingsOf(ctx context.Context, backer sdk.AccAddress) ([]bondtypes.Backing, error)
}

// Vault moves coins in and out of the treasury.
type Vault interface {
	SendCoinsFromAccountToModule(ctx context.Context, sender sdk.AccAddress, recipientModule string, coins sdk.Coins) error
	SendCoinsFromModuleToAccount(ctx context.Context, senderModule string, recipient sdk.AccAddress, coins sdk.Coins) error
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

// Messages finds who carries out a message; baseapp's router.
type Messages interface {
	Handler(msg sdk.Msg) baseapp.MsgServiceHandler
	HandlerByTypeURL(typeURL string) baseapp.MsgServiceHandler
}

// Queries finds who answers a query, by the full name of its request; baseapp's router.
type Queries interface {
	HybridHandlerByRequestName(name string) []func(ctx context.Context, req, resp protoiface.MessageV1) error
}

// Ports are what the module needs of its neighbours.
type Ports struct {
	Staking  Validators
	Bond     Bond
	Bank     BankKeeper
	Accounts AccountKeeper
	Messages Messages
	Queries  Queries
}
