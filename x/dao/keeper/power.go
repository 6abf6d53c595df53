package keeper

import (
	"context"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/dao/tally"
	"github.com/assaychain/assay/x/dao/types"
)

// VotingPower tells what an address votes with: its own tokens, and as a validator or an operator those of others who don't
// vote themselves.
func (k *Keeper) VotingPower(ctx context.Context, owner sdk.AccAddress) (*types.QueryVotingPowerResponse, error) {
	e, err := k.electorate(ctx)
	if err != nil {
		return nil, err
	}
	staked, err := k.staked(ctx, e, owner)
	if err != nil {
		return nil, err
	}
	bonded, err := k.bonded(ctx, e, owner)
	if err != nil {
		return nil, err
	}
	pool, err := k.pool(ctx, e, owner)
	if err != nil {
		return nil, err
	}
	inherited := math.LegacyNewDecFromInt(pool).Sub(with(bonded, owner.String()))
	name := sdk.ValAddress(owner).String()
	if v := e.validators[name]; v != nil {
		inherited = inherited.Add(math.LegacyNewDecFromInt(v.GetValidatorPower())).Sub(with(staked, name))
	}
	return &types.QueryVotingPowerResponse{
		Staked: shares(staked), Bonded: shares(bonded), Own: sum(staked).Add(sum(bonded)), Inherited: inherited, Total: e.total,
	}, nil
}

func shares(holdings []tally.Holding) []types.Share {
	list := make([]types.Share, 0, len(holdings))
	for _, h := range holdings {
		list = append(list, types.Share{Holder: h.Holder, Amount: h.Power})
	}
	return list
}

func sum(holdings []tally.Holding) math.LegacyDec {
	total := math.LegacyZeroDec()
	for _, h := range holdings {
		total = total.Add(h.Power)
	}
	return total
}

// with is what stands with one holder.
func with(holdings []tally.Holding, holder string) math.LegacyDec {
	total := math.LegacyZeroDec()
	for _, h := range holdings {
		if h.Holder == holder {
			total = total.Add(h.Power)
		}
	}
	return total
}
