package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

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

// Deposit tops up an account of the signer.
func (s msgServer) Deposit(ctx context.Context, msg *types.MsgDeposit) (*types.MsgDepositResponse, error) {
	depositor, err := sender(msg, msg.Depositor)
	if err != nil {
		return nil, err
	}
	balance, err := s.keeper.Deposit(ctx, msg.Scope, msg.Id, depositor, msg.Amount)
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
	return sdk.AccAddressFromBech32(addr)
}
