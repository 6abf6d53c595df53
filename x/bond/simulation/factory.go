// Package simulation makes random stake, backing and commissions for the SDK's simulator.
package simulation

import (
	"context"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/testutil/simsx"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/x/bond/keeper"
	"github.com/assaychain/assay/x/bond/types"
)

// page bounds the pools, and the entries of an account, among which one is chosen.
const page = 200

// RandomizedGenState has no stake, and limits so small that the simulated accounts reach them.
func RandomizedGenState(state *module.SimulationState) {
	genesis := types.DefaultGenesis()
	genesis.Params = randomParams(genesis.Params, state.Rand.Intn)
	state.GenState[types.ModuleName] = state.Cdc.MustMarshalJSON(genesis)
}

func randomParams(params types.Params, intn func(int) int) types.Params {
	params.UnbondingSeconds = uint64(1 + intn(2*24*3600))
	params.MaxEntries, params.MaxBackings = uint32(1+intn(10)), uint32(1+intn(8))
	params.MaxPayoutsPerBlock = uint32(1 + intn(20))
	params.MinAmount = math.NewInt(int64(1 + intn(1_000)))
	params.MaxBackingMultiple = uint32(intn(20))
	params.MaxCommissionBps = uint32(intn(10_001))
	params.InitialCommissionBps = uint32(intn(int(params.MaxCommissionBps) + 1))
	params.MaxCommissionChangeBps = uint32(1 + intn(10_000))
	params.BoostSlopeBps, params.BoostCapBps = uint32(intn(10_000)), uint32(intn(20_000))
	return params
}

// MsgBondFactory adds to an account's own stake.
func MsgBondFactory(k *keeper.Keeper) simsx.SimMsgFactoryFn[*types.MsgBond] {
	return func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgBond) {
		account, amount, ok := funded(ctx, k, data, reporter)
		if !ok {
			return nil, nil
		}
		msg := &types.MsgBond{Operator: account.AddressBech32, Amount: amount}
		return checked(ctx, reporter, account, msg, keeper.NewMsgServer(k).Bond)
	}
}

// MsgBackFactory adds stake behind an operator.
func MsgBackFactory(k *keeper.Keeper) simsx.SimMsgFactoryFn[*types.MsgBack] {
	return func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgBack) {
		operator, ok := anyOperator(ctx, k, data, reporter)
		if !ok {
			return nil, nil
		}
		account, amount, ok := funded(ctx, k, data, reporter)
		if !ok {
			return nil, nil
		}
		msg := &types.MsgBack{Backer: account.AddressBech32, Operator: operator, Amount: amount}
		return checked(ctx, reporter, account, msg, keeper.NewMsgServer(k).Back)
	}
}

// MsgUnbondFactory takes an operator's own stake out.
func MsgUnbondFactory(k *keeper.Keeper) simsx.SimMsgFactoryFn[*types.MsgUnbond] {
	return func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgUnbond) {
		account, backing, ok := anyBacking(ctx, k, data, reporter, true)
		if !ok {
			return nil, nil
		}
		msg := &types.MsgUnbond{Operator: account.AddressBech32, Amount: part(data, backing.Amount)}
		return checked(ctx, reporter, account, msg, keeper.NewMsgServer(k).Unbond)
	}
}

// MsgUnbackFactory takes stake out from behind an operator.
func MsgUnbackFactory(k *keeper.Keeper) simsx.SimMsgFactoryFn[*types.MsgUnback] {
	return func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgUnback) {
		account, backing, ok := anyBacking(ctx, k, data, reporter, false)
		if !ok {
			return nil, nil
		}
		msg := &types.MsgUnback{Backer: account.AddressBech32, Operator: backing.Operator, Amount: part(data, backing.Amount)}
		return checked(ctx, reporter, account, msg, keeper.NewMsgServer(k).Unback)
	}
}

// MsgMoveBackingFactory moves stake from behind one operator to behind another.
func MsgMoveBackingFactory(k *keeper.Keeper) simsx.SimMsgFactoryFn[*types.MsgMoveBacking] {
	return func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgMoveBacking) {
		account, backing, ok := anyBacking(ctx, k, data, reporter, false)
		if !ok {
			return nil, nil
		}
		destination, ok := anyOperator(ctx, k, data, reporter)
		if !ok {
			return nil, nil
		}
		msg := &types.MsgMoveBacking{Backer: account.AddressBech32, Source: backing.Operator, Destination: destination, Amount: part(data, backing.Amount)}
		return checked(ctx, reporter, account, msg, keeper.NewMsgServer(k).MoveBacking)
	}
}

// MsgCancelUnbondingFactory bonds an operator's entry again.
func MsgCancelUnbondingFactory(k *keeper.Keeper) simsx.SimMsgFactoryFn[*types.MsgCancelUnbonding] {
	return func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgCancelUnbonding) {
		account, entry, ok := anyEntry(ctx, k, data, reporter, true)
		if !ok {
			return nil, nil
		}
		msg := &types.MsgCancelUnbonding{Operator: account.AddressBech32, EntryId: entry}
		return checked(ctx, reporter, account, msg, keeper.NewMsgServer(k).CancelUnbonding)
	}
}

// MsgCancelUnbackingFactory bonds a backer's entry again.
func MsgCancelUnbackingFactory(k *keeper.Keeper) simsx.SimMsgFactoryFn[*types.MsgCancelUnbacking] {
	return func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgCancelUnbacking) {
		account, entry, ok := anyEntry(ctx, k, data, reporter, false)
		if !ok {
			return nil, nil
		}
		msg := &types.MsgCancelUnbacking{Backer: account.AddressBech32, EntryId: entry}
		return checked(ctx, reporter, account, msg, keeper.NewMsgServer(k).CancelUnbacking)
	}
}

// MsgWithdrawRewardsFactory takes what a backing earned.
func MsgWithdrawRewardsFactory(k *keeper.Keeper) simsx.SimMsgFactoryFn[*types.MsgWithdrawRewards] {
	return func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgWithdrawRewards) {
		account, backing, ok := anyBacking(ctx, k, data, reporter, data.Rand().Bool())
		if !ok {
			return nil, nil
		}
		msg := &types.MsgWithdrawRewards{Backer: account.AddressBech32, Operator: backing.Operator}
		return checked(ctx, reporter, account, msg, keeper.NewMsgServer(k).WithdrawRewards)
	}
}

// MsgSetCommissionFactory changes an operator's commission.
func MsgSetCommissionFactory(k *keeper.Keeper) simsx.SimMsgFactoryFn[*types.MsgSetCommission] {
	return func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgSetCommission) {
		account, _, ok := anyBacking(ctx, k, data, reporter, true)
		if !ok {
			return nil, nil
		}
		msg := &types.MsgSetCommission{Operator: account.AddressBech32, CommissionBps: data.Rand().Uint32InRange(0, 10_000)}
		return checked(ctx, reporter, account, msg, keeper.NewMsgServer(k).SetCommission)
	}
}

// MsgUpdateParamsFactory puts new parameters to the vote.
func MsgUpdateParamsFactory() simsx.SimMsgFactoryFn[*types.MsgUpdateParams] {
	return func(_ context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgUpdateParams) {
		return nil, &types.MsgUpdateParams{
			Authority: data.ModuleAccountAddress(reporter, "gov"), Params: randomParams(types.DefaultParams(), data.Rand().Intn),
		}
	}
}

// checked tries a message on a copy of the state and skips one that would be refused.
func checked[M sdk.Msg, R any](
	ctx context.Context, reporter simsx.SimulationReporter, account simsx.SimAccount, msg M, deliver func(context.Context, M) (R, error),
) ([]simsx.SimAccount, M) {
	cached, _ := sdk.UnwrapSDKContext(ctx).CacheContext()
	if _, err := deliver(cached, msg); err != nil {
		reporter.Skip(err.Error())
		var none M
		return nil, none
	}
	return []simsx.SimAccount{account}, msg
}

// funded chooses an account and an amount that it has.
func funded(ctx context.Context, k *keeper.Keeper, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) (simsx.SimAccount, math.Int, bool) {
	denom, err := k.Denom(ctx)
	if err != nil {
		reporter.Skip(err.Error())
		return simsx.SimAccount{}, math.Int{}, false
	}
	account := data.AnyAccount(reporter, simsx.WithDenomBalance(denom))
	if reporter.IsSkipped() {
		return simsx.SimAccount{}, math.Int{}, false
	}
	coin := account.LiquidBalance().RandSubsetCoin(reporter, denom)
	return account, coin.Amount, !reporter.IsSkipped()
}

// anyOperator chooses an operator with a pool.
func anyOperator(ctx context.Context, k *keeper.Keeper, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) (string, bool) {
	list, err := keeper.NewQueryServer(k).Stakes(ctx, &types.QueryStakesRequest{Pagination: &query.PageRequest{Limit: page}})
	if err != nil || len(list.Stakes) == 0 {
		reporter.Skip("nobody has stake")
		return "", false
	}
	return list.Stakes[data.Rand().Intn(len(list.Stakes))].Operator, true
}

// anyBacking chooses somebody's backing: an operator's own stake, or somebody else's behind it.
func anyBacking(
	ctx context.Context, k *keeper.Keeper, data *simsx.ChainDataSource, reporter simsx.SimulationReporter, own bool,
) (simsx.SimAccount, types.Backing, bool) {
	operator, ok := anyOperator(ctx, k, data, reporter)
	if !ok {
		return simsx.SimAccount{}, types.Backing{}, false
	}
	list, err := keeper.NewQueryServer(k).Backers(ctx, &types.QueryBackersRequest{Operator: operator, Pagination: &query.PageRequest{Limit: page}})
	if err != nil {
		reporter.Skip(err.Error())
		return simsx.SimAccount{}, types.Backing{}, false
	}
	var found []types.Backing
	for _, backing := range list.Backings {
		if (backing.Backer == operator) == own && data.HasAccount(backing.Backer) {
			found = append(found, backing)
		}
	}
	if len(found) == 0 {
		reporter.Skip("there is no such backing")
		return simsx.SimAccount{}, types.Backing{}, false
	}
	chosen := found[data.Rand().Intn(len(found))]
	return data.GetAccount(reporter, chosen.Backer), chosen, !reporter.IsSkipped()
}

// anyEntry chooses an account's unbonding entry, of its own stake or of its backing.
func anyEntry(
	ctx context.Context, k *keeper.Keeper, data *simsx.ChainDataSource, reporter simsx.SimulationReporter, own bool,
) (simsx.SimAccount, uint64, bool) {
	account := data.AnyAccount(reporter)
	if reporter.IsSkipped() {
		return simsx.SimAccount{}, 0, false
	}
	list, err := keeper.NewQueryServer(k).Unbonding(ctx, &types.QueryUnbondingRequest{Operator: account.AddressBech32, Pagination: &query.PageRequest{Limit: page}})
	if err != nil {
		reporter.Skip(err.Error())
		return simsx.SimAccount{}, 0, false
	}
	for _, entry := range list.Entries {
		if (entry.Operator == entry.Backer) == own {
			return account, entry.Id, true
		}
	}
	reporter.Skip("nothing is unbonding")
	return simsx.SimAccount{}, 0, false
}

// part is a random part of an amount, and all of it one time in four.
func part(data *simsx.ChainDataSource, amount math.Int) math.Int {
	if data.Rand().Intn(4) == 0 {
		return amount
	}
	return data.Rand().Amount(amount)
}
