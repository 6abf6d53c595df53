package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/escrow/types"
)

// msgServer turns messages into the keeper's verbs.
type msgServer struct {
	keeper *Keeper
}

var _ types.MsgServer = msgServer{}

// NewMsgServer returns the module's message service.
func NewMsgServer(k *Keeper) types.MsgServer {
	return msgServer{keeper: k}
}

// Deposit tops up an account, out of the signer's coins or out of a grant.
func (s msgServer) Deposit(ctx context.Context, msg *types.MsgDeposit) (*types.MsgDepositResponse, error) {
	depositor, err := sender(msg, msg.Depositor)
	if err != nil {
		return nil, err
	}
	if msg.Granter != "" {
		return s.depositGranted(ctx, msg, depositor)
	}
	balance, err := s.keeper.Deposit(ctx, msg.Scope, msg.Id, depositor, msg.Amount)
	if err != nil {
		return nil, err
	}
	return &types.MsgDepositResponse{Balance: balance}, nil
}

func (s msgServer) depositGranted(ctx context.Context, msg *types.MsgDeposit, grantee sdk.AccAddress) (*types.MsgDepositResponse, error) {
	granter, err := accounts.Decode(msg.Granter)
	if err != nil {
		return nil, err
	}
	balance, err := s.keeper.DepositGranted(ctx, GrantedDeposit{
		Scope: msg.Scope, ID: msg.Id, Granter: granter, Grantee: grantee, Amount: msg.Amount,
	})
	if err != nil {
		return nil, err
	}
	return &types.MsgDepositResponse{Balance: balance}, nil
}

// Withdraw pays back what is not locked in an account of the signer.
func (s msgServer) Withdraw(ctx context.Context, msg *types.MsgWithdraw) (*types.MsgWithdrawResponse, error) {
	depositor, err := sender(msg, msg.Depositor)
	if err != nil {
		return nil, err
	}
	balance, err := s.keeper.Withdraw(ctx, msg.Scope, msg.Id, depositor, msg.Amount)
	if err != nil {
		return nil, err
	}
	return &types.MsgWithdrawResponse{Balance: balance}, nil
}

// Settle pays out what a stream earned; anybody may ask for it.
func (s msgServer) Settle(ctx context.Context, msg *types.MsgSettle) (*types.MsgSettleResponse, error) {
	if err := msg.ValidateBasic(); err != nil {
		return nil, err
	}
	payouts, err := s.keeper.SettleStream(ctx, msg.Scope, msg.Id, msg.Stream)
	if err != nil {
		return nil, err
	}
	return &types.MsgSettleResponse{Payouts: payouts}, nil
}

// Admit opens an account to everybody's deposits, or closes it to them; only its opener may.
func (s msgServer) Admit(ctx context.Context, msg *types.MsgAdmit) (*types.MsgAdmitResponse, error) {
	if err := msg.ValidateBasic(); err != nil {
		return nil, err
	}
	account, err := s.keeper.Account(ctx, msg.Scope, msg.Id)
	if err != nil {
		return nil, err
	}
	if account.Depositor != msg.Depositor {
		return nil, types.ErrNotDepositor.Wrapf("%s belongs to %s", account.Name(), account.Depositor)
	}
	return &types.MsgAdmitResponse{}, s.keeper.Admit(ctx, msg.Scope, msg.Id, msg.Anyone)
}

// UpdateParams replaces the parameters; only the authority may.
func (s msgServer) UpdateParams(ctx context.Context, msg *types.MsgUpdateParams) (*types.MsgUpdateParamsResponse, error) {
	if err := sdk.ValidateAuthority(sdk.UnwrapSDKContext(ctx), s.keeper.authority, msg.Authority); err != nil {
		return nil, err
	}
	if err := s.keeper.SetParams(ctx, msg.Params); err != nil {
		return nil, err
	}
	return &types.MsgUpdateParamsResponse{}, emit(ctx, &types.EventParamsUpdated{})
}

// sender checks a message and parses who signed it.
func sender(msg sdk.HasValidateBasic, addr string) (sdk.AccAddress, error) {
	if err := msg.ValidateBasic(); err != nil {
		return nil, err
	}
	return accounts.Decode(addr)
}
