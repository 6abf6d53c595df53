package types

import (
	"context"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	bondtypes "github.com/assaychain/assay/x/bond/types"
)

// Ledger counts what operators deserve.
type Ledger interface {
	// ClosePeriod ends the running period and begins the next; numbers follow each other.
	ClosePeriod(ctx context.Context) (bondtypes.Period, error)
	// Points are the operator's in the closed periods from one to another, both included.
	Points(ctx context.Context, operator sdk.AccAddress, from, to uint64) ([]math.Int, error)
}

// Archive forgets what is settled.
type Archive interface {
	// ForgetPoints drops the operator's points of the periods before one.
	ForgetPoints(ctx context.Context, operator sdk.AccAddress, before uint64) error
	// ForgetPeriod drops the oldest period.
	ForgetPeriod(ctx context.Context, number uint64) error
}

// Rewards pays operators and their backers.
type Rewards interface {
	// AddRewards takes coins from a module's account and divides them in the operator's pool.
	AddRewards(ctx context.Context, operator sdk.AccAddress, amount sdk.Coin, fromModule string) error
	// Denom is the denomination of all stake and of its rewards.
	Denom(ctx context.Context) (string, error)
}

// Bond is what the module needs of x/bond.
type Bond interface {
	Ledger
	Archive
	Rewards
}

// Mint makes coins and tells how many there are.
type Mint interface {
	MintCoins(ctx context.Context, module string, amounts sdk.Coins) error
	GetSupply(ctx context.Context, denom string) sdk.Coin
}

// Vault holds the module's coins.
type Vault interface {
	SendCoinsFromModuleToModule(ctx context.Context, sender, recipient string, amounts sdk.Coins) error
	GetBalance(ctx context.Context, address sdk.AccAddress, denom string) sdk.Coin
}

// Bank is what the module needs of x/bank.
type Bank interface {
	Mint
	Vault
}

// Accounts knows module accounts.
type Accounts interface {
	GetModuleAddress(module string) sdk.AccAddress
	// GetModuleAccount creates the account when it does not exist yet.
	GetModuleAccount(ctx context.Context, module string) sdk.ModuleAccountI
}

// Treasury takes the community's share.
type Treasury interface {
	FundCommunityPool(ctx context.Context, amount sdk.Coins, sender sdk.AccAddress) error
}

// Ports are what the module needs of its neighbours. All are required.
type Ports struct {
	Bond     Bond
	Bank     Bank
	Accounts Accounts
	Treasury Treasury
	// FeeCollector names the account from which x/distribution pays validators and delegators.
	FeeCollector string
}

// Validate refuses a missing port.
func (p Ports) Validate() error {
	if p.Bond == nil || p.Bank == nil || p.Accounts == nil || p.Treasury == nil || p.FeeCollector == "" {
		return ErrWiring.Wrap("every port must be given: bond, bank, accounts, treasury, fee collector")
	}
	for _, name := range []string{ModuleName, p.FeeCollector} {
		if p.Accounts.GetModuleAddress(name) == nil {
			return ErrWiring.Wrapf("module account %s is not declared", name)
		}
	}
	return nil
}
