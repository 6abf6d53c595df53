// Package simulation makes random deposits, withdrawals and settlements for the SDK's simulator, in accounts that other modules opened.
package simulation

import (
	"context"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/testutil/simsx"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/x/escrow/keeper"
	"github.com/assaychain/assay/x/escrow/types"
)

// page bounds the accounts among which one is chosen.
const page = 200

// RandomizedGenState has no accounts, and bounds small enough to be reached.
func RandomizedGenState(state *module.SimulationState) {
	genesis := types.DefaultGenesis()
	genesis.Params = randomParams(state.Rand.Intn)
	state.GenState[types.ModuleName] = state.Cdc.MustMarshalJSON(genesis)
}

func randomParams(intn func(int) int) types.Params {
	params := types.DefaultParams()
	params.ProtocolFeeBps, params.BurnBps = uint32(intn(1_000)), uint32(intn(1_000))
	params.MinDeposit = math.NewInt(int64(1 + intn(100)))
	params.MaxStreams, params.MaxDepositors = uint32(2+intn(20)), uint32(1+intn(6))
	params.MaxPayoutsPerBlock = uint32(1 + intn(20))
	return params
}

// anyAccount chooses an account that did not run dry.
func anyAccount(ctx context.Context, k *keeper.Keeper, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) (*types.QueryAccountResponse, bool) {
	server := keeper.NewQueryServer(k)
	list, err := server.Accounts(ctx, &types.QueryAccountsRequest{Pagination: &query.PageRequest{Limit: page}})
	if err != nil || len(list.Accounts) == 0 {
		reporter.Skip("there is no account")
		return nil, false
	}
	chosen := list.Accounts[data.Rand().Intn(len(list.Accounts))]
	account, err := server.Account(ctx, &types.QueryAccountRequest{Scope: chosen.Scope, Id: chosen.Id})
	if err != nil || account.Account.IsDry() {
		reporter.Skip("the account ran dry")
		return nil, false
	}
	return account, true
}

// MsgDepositFactory tops an account up, as its opener or, where anybody may, as somebody else.
func MsgDepositFactory(k *keeper.Keeper) simsx.SimMsgFactoryFn[*types.MsgDeposit] {
	return func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgDeposit) {
		found, ok := anyAccount(ctx, k, data, reporter)
		if !ok {
			return nil, nil
		}
		account := found.Account
		from := data.GetAccount(reporter, account.Depositor)
		if account.Anyone && data.Rand().Bool() {
			from = data.AnyAccount(reporter, simsx.WithSpendableBalance())
		}
		params, err := k.Params(ctx)
		if err != nil || reporter.IsSkipped() {
			return nil, nil
		}
		amount := from.LiquidBalance().RandSubsetCoin(reporter, account.Denom)
		if reporter.IsSkipped() {
			return nil, nil
		}
		lot := types.Lot{Depositor: from.AddressBech32, Amount: amount.Amount}
		if _, err := account.Joined(lot, params.MaxDepositors); err != nil || params.CheckDeposit(amount) != nil {
			reporter.Skip("the deposit is too small or the list is full")
			return nil, nil
		}
		return []simsx.SimAccount{from}, &types.MsgDeposit{Depositor: from.AddressBech32, Scope: account.Scope, Id: account.Id, Amount: amount}
	}
}

// MsgWithdrawFactory takes back some of what an account's opener has in it and may take.
func MsgWithdrawFactory(k *keeper.Keeper) simsx.SimMsgFactoryFn[*types.MsgWithdraw] {
	return func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgWithdraw) {
		found, ok := anyAccount(ctx, k, data, reporter)
		if !ok {
			return nil, nil
		}
		account := found.Account
		from := data.GetAccount(reporter, account.Depositor)
		if reporter.IsSkipped() {
			return nil, nil
		}
		if !found.Free.IsPositive() {
			reporter.Skip("nothing is free")
			return nil, nil
		}
		amount, err := data.Rand().PositiveSDKIntn(found.Free.Amount.AddRaw(1))
		if err != nil {
			reporter.Skip(err.Error())
			return nil, nil
		}
		if _, _, err := account.Withdrawn(account.Depositor, amount, account.Books().Claims()); err != nil {
			reporter.Skip("it is not the opener's")
			return nil, nil
		}
		return []simsx.SimAccount{from}, &types.MsgWithdraw{
			Depositor: account.Depositor, Scope: account.Scope, Id: account.Id, Amount: sdk.NewCoin(account.Denom, amount),
		}
	}
}

// streaming lists accounts with a stream that did not run dry.
func streaming(ctx context.Context, k *keeper.Keeper) (list []*types.QueryAccountResponse) {
	server := keeper.NewQueryServer(k)
	all, err := server.Accounts(ctx, &types.QueryAccountsRequest{Pagination: &query.PageRequest{Limit: page}})
	if err != nil {
		return nil
	}
	for _, one := range all.Accounts {
		account, err := server.Account(ctx, &types.QueryAccountRequest{Scope: one.Scope, Id: one.Id})
		if err == nil && !account.Account.IsDry() && len(account.Streams) > 0 {
			list = append(list, account)
		}
	}
	return list
}

// MsgSettleFactory settles one of an account's streams.
func MsgSettleFactory(k *keeper.Keeper) simsx.SimMsgFactoryFn[*types.MsgSettle] {
	return func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgSettle) {
		accounts := streaming(ctx, k)
		if len(accounts) == 0 {
			reporter.Skip("no account has a stream")
			return nil, nil
		}
		found := accounts[data.Rand().Intn(len(accounts))]
		sender := data.AnyAccount(reporter, simsx.WithSpendableBalance())
		if reporter.IsSkipped() {
			return nil, nil
		}
		stream := found.Streams[data.Rand().Intn(len(found.Streams))].Stream
		return []simsx.SimAccount{sender}, &types.MsgSettle{
			Sender: sender.AddressBech32, Scope: stream.Scope, Id: stream.Id, Stream: stream.Number,
		}
	}
}

// MsgAdmitFactory opens an account to everybody's deposits, or closes it to them.
func MsgAdmitFactory(k *keeper.Keeper) simsx.SimMsgFactoryFn[*types.MsgAdmit] {
	return func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgAdmit) {
		found, ok := anyAccount(ctx, k, data, reporter)
		if !ok {
			return nil, nil
		}
		account := found.Account
		opener := data.GetAccount(reporter, account.Depositor)
		if reporter.IsSkipped() {
			return nil, nil
		}
		return []simsx.SimAccount{opener}, &types.MsgAdmit{
			Depositor: account.Depositor, Scope: account.Scope, Id: account.Id, Anyone: data.Rand().Intn(4) > 0,
		}
	}
}

// MsgUpdateParamsFactory changes fee, burn and bounds.
func MsgUpdateParamsFactory() simsx.SimMsgFactoryFn[*types.MsgUpdateParams] {
	return func(_ context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgUpdateParams) {
		return nil, &types.MsgUpdateParams{Authority: data.ModuleAccountAddress(reporter, "gov"), Params: randomParams(data.Rand().Intn)}
	}
}
