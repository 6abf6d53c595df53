package types

import (
	"context"
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
)

// MaxGrantScopes bounds the scopes of a grant.
const MaxGrantScopes = 16

var _ authz.Authorization = (*DepositAuthorization)(nil)

// MsgTypeURL is the message that the grant is about.
func (*DepositAuthorization) MsgTypeURL() string {
	return sdk.MsgTypeURL(&MsgDeposit{})
}

// Accept refuses: a deposit that x/authz carries out in the granter's name doesn't say whose grant it used, so the grant could
// not get back what comes back. The grantee signs MsgDeposit itself and names the granter; also inside MsgExec.
func (*DepositAuthorization) Accept(context.Context, sdk.Msg) (authz.AcceptResponse, error) {
	return authz.AcceptResponse{}, ErrGrant.Wrap("sign the deposit as its depositor and name the granter in its field granter")
}

// ValidateBasic checks a new grant.
func (a *DepositAuthorization) ValidateBasic() error {
	if len(a.SpendLimit) == 0 || a.SpendLimit.Validate() != nil {
		return ErrGrant.Wrapf("spend_limit must be positive, sorted by denomination, each once, got %q", a.SpendLimit)
	}
	if len(a.SpendLimit) > MaxAllowedDenoms {
		return ErrGrant.Wrapf("spend_limit names at most %d denominations, got %d", MaxAllowedDenoms, len(a.SpendLimit))
	}
	if len(a.Deposited) != 0 {
		return ErrGrant.Wrap("deposited must be empty in a new grant")
	}
	if len(a.Scopes) > MaxGrantScopes {
		return ErrGrant.Wrapf("scopes: at most %d, got %d", MaxGrantScopes, len(a.Scopes))
	}
	for i, scope := range a.Scopes {
		if err := ValidateScope(scope); err != nil {
			return err
		}
		if slices.Contains(a.Scopes[:i], scope) {
			return ErrGrant.Wrapf("scopes: %s is named twice", scope)
		}
	}
	return nil
}

// Spend takes a deposit off the limit. The grant stays when nothing is left of it, so that refunds can fill it again.
func (a *DepositAuthorization) Spend(scope string, amount sdk.Coin) (*DepositAuthorization, error) {
	if len(a.Scopes) > 0 && !slices.Contains(a.Scopes, scope) {
		return nil, ErrGrant.Wrapf("the grant is for %v, not %s", a.Scopes, scope)
	}
	left, short := a.SpendLimit.SafeSub(amount)
	if short {
		return nil, ErrGrant.Wrapf("the grant's limit is %s, the deposit %s", a.SpendLimit, amount)
	}
	return &DepositAuthorization{SpendLimit: left, Scopes: a.Scopes, Deposited: a.Deposited.Add(amount)}, nil
}

// Restore puts back what came back of deposits, at most what was deposited under this grant: a grant that replaced another gains
// nothing by the other's deposits. It returns how much that was.
func (a *DepositAuthorization) Restore(amount sdk.Coin) (*DepositAuthorization, sdk.Coin) {
	restored := sdk.NewCoin(amount.Denom, amount.Amount)
	if deposited := a.Deposited.AmountOf(amount.Denom); deposited.LT(amount.Amount) {
		restored.Amount = deposited
	}
	return &DepositAuthorization{
		SpendLimit: a.SpendLimit.Add(restored),
		Scopes:     a.Scopes,
		Deposited:  a.Deposited.Sub(restored),
	}, restored
}
