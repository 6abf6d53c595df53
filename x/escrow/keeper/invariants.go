package keeper

import (
	"context"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/escrow/types"
)

// Invariants checks that the module's account holds the sum of all accounts in every denomination, that no account is locked or
// drawn beyond its balance, that deposits and streams add up to their account, and that indexes, queue and outbox match the
// records one to one. It reads everything and belongs in tests and simulations, not in a block.
func (k *Keeper) Invariants(ctx context.Context) error {
	if err := k.checkBalances(ctx); err != nil {
		return err
	}
	state, err := k.ExportGenesis(ctx)
	if err != nil {
		return err
	}
	if err := state.Validate(); err != nil {
		return types.ErrBroken.Wrapf("books: %v", err)
	}
	if err := k.checkDepositors(ctx, state.Accounts); err != nil {
		return err
	}
	if err := k.checkQueue(ctx, state.Accounts); err != nil {
		return err
	}
	if err := k.checkPayees(ctx, state.Streams); err != nil {
		return err
	}
	return k.checkOutbox(ctx, state.Dried)
}

// Total returns the sum of all accounts, by denomination. It reads every account: for tests, simulations and reports.
func (k *Keeper) Total(ctx context.Context) (sdk.Coins, error) {
	sum := sdk.NewCoins()
	err := k.accounts.Walk(ctx, nil, func(_ accountKey, account types.Account) (bool, error) {
		sum = sum.Add(sdk.NewCoin(account.Denom, account.Balance))
		return false, nil
	})
	return sum, err
}

// checkBalances compares the module's account with the books, in every denomination of the books and every allowed one.
func (k *Keeper) checkBalances(ctx context.Context) error {
	sum, err := k.Total(ctx)
	if err != nil {
		return err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	denoms := append(sum.Denoms(), params.AllowedDenoms...)
	for _, denom := range denoms {
		held, booked := k.ports.Bank.GetBalance(ctx, k.account, denom).Amount, sum.AmountOf(denom)
		if !held.Equal(booked) {
			return types.ErrBroken.Wrapf("module account holds %s%s, the books say %s: difference %s", held, denom, booked, held.Sub(booked))
		}
	}
	return nil
}

// checkDepositors compares the depositors' index with the accounts.
func (k *Keeper) checkDepositors(ctx context.Context, all []types.Account) error {
	var want []depositorKey
	for _, account := range all {
		for _, lot := range append(account.Lots, types.Lot{Depositor: account.Depositor}) {
			addr, err := accounts.Decode(lot.Depositor)
			if err != nil {
				return err
			}
			want = append(want, collections.Join3(addr, account.Scope, account.Id))
		}
	}
	return match(ctx, "depositors' index", k.byDepositor, want)
}

// checkQueue compares the queue with the accounts.
func (k *Keeper) checkQueue(ctx context.Context, accounts []types.Account) error {
	var want []momentKey
	for _, account := range accounts {
		if account.Flow != nil && account.Flow.Due != 0 {
			want = append(want, queueKey(account))
		}
	}
	return match(ctx, "queue", k.queue, want)
}

// checkPayees compares the payees' index with the streams.
func (k *Keeper) checkPayees(ctx context.Context, streams []types.Stream) error {
	var want []payeeKey
	for _, stream := range streams {
		addr, err := accounts.Decode(stream.Payee)
		if err != nil {
			return err
		}
		want = append(want, collections.Join4(addr, stream.Scope, stream.Id, stream.Number))
	}
	return match(ctx, "payees' index", k.byPayee, want)
}

// checkOutbox compares the order of the outbox with its accounts.
func (k *Keeper) checkOutbox(ctx context.Context, dried []types.DryAccount) error {
	var want []outboxKey
	for _, account := range dried {
		want = append(want, outboxKeyOf(account))
	}
	return match(ctx, "outbox", k.outbox, want)
}

// match checks that a set holds the wanted keys, no more and no fewer.
func match[K any](ctx context.Context, name string, set collections.KeySet[K], keys []K) error {
	want := map[string]bool{}
	for _, key := range keys {
		want[set.KeyCodec().Stringify(key)] = true
	}
	places := 0
	err := set.Walk(ctx, nil, func(key K) (bool, error) {
		places++
		if text := set.KeyCodec().Stringify(key); !want[text] {
			return true, types.ErrBroken.Wrapf("%s: %s belongs to no record", name, text)
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	if places != len(want) {
		return types.ErrBroken.Wrapf("%s has %d places for %d records", name, places, len(want))
	}
	return nil
}
