package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/emission/types"
)

type msgServer struct{ keeper *Keeper }

var _ types.MsgServer = msgServer{}

// NewMsgServer returns the module's message service.
func NewMsgServer(k *Keeper) types.MsgServer { return msgServer{keeper: k} }

// ClaimRewards pays the signer's share of closed periods into its pool.
func (s msgServer) ClaimRewards(ctx context.Context, msg *types.MsgClaimRewards) (*types.MsgClaimRewardsResponse, error) {
	operator, err := parseAddress("operator", msg.Operator)
	if err != nil {
		return nil, err
	}
	claimed, err := s.keeper.Claim(ctx, operator, msg.MaxPeriods)
	if err != nil {
		return nil, err
	}
	return &types.MsgClaimRewardsResponse{Amount: claimed.Amount, Periods: claimed.Periods(), Through: claimed.Through}, nil
}

// UpdateParams replaces the parameters under governance.
func (s msgServer) UpdateParams(ctx context.Context, msg *types.MsgUpdateParams) (*types.MsgUpdateParamsResponse, error) {
	if err := sdk.ValidateAuthority(sdk.UnwrapSDKContext(ctx), s.keeper.authority, msg.Authority); err != nil {
		return nil, err
	}
	return &types.MsgUpdateParamsResponse{}, s.keeper.SetParams(ctx, msg.Params)
}

func parseAddress(field, text string) (sdk.AccAddress, error) {
	address, err := accounts.Decode(text)
	if err != nil {
		return nil, types.ErrAddress.Wrapf("%s: %s", field, err)
	}
	return address, nil
}
