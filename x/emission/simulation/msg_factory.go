// Package simulation makes the emission module's messages for simulations.
package simulation

import (
	"context"
	"errors"

	"github.com/cosmos/cosmos-sdk/testutil/simsx"

	"github.com/assaychain/assay/x/emission/types"
)

// MsgClaimRewardsFactory claims for any account, an operator or not: whoever has no points is paid nothing. That no period was
// closed since the last claim is no failure.
func MsgClaimRewardsFactory() simsx.SimMsgFactoryX {
	return simsx.NewSimMsgFactoryWithDeliveryResultHandler[*types.MsgClaimRewards](func(
		_ context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter,
	) ([]simsx.SimAccount, *types.MsgClaimRewards, simsx.SimDeliveryResultHandler) {
		operator := data.AnyAccount(reporter, simsx.WithSpendableBalance())
		msg := &types.MsgClaimRewards{Operator: operator.AddressBech32, MaxPeriods: data.Rand().Uint32InRange(0, 2)}
		return []simsx.SimAccount{operator}, msg, orNothing
	})
}

// orNothing accepts that there is nothing to claim.
func orNothing(err error) error {
	if errors.Is(err, types.ErrNothing) {
		return nil
	}
	return err
}

// MsgUpdateParamsFactory proposes to divide epochs otherwise.
func MsgUpdateParamsFactory() simsx.SimMsgFactoryFn[*types.MsgUpdateParams] {
	return func(_ context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgUpdateParams) {
		params := types.DefaultParams()
		params.OperatorsBps = data.Rand().Uint32InRange(0, 8_001)
		params.MaxPeriodsPerClaim = data.Rand().Uint32InRange(1, types.MaxPeriods+1)
		return nil, &types.MsgUpdateParams{Authority: data.ModuleAccountAddress(reporter, "gov"), Params: params}
	}
}
