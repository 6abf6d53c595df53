package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/escrow/types"
)

// InitGenesis writes the state and checks that the module's account holds exactly what the books say. The bank must have
// been initialised before.
func (k *Keeper) InitGenesis(ctx context.Context, state *types.GenesisState) error {
	if err := state.Validate(); err != nil {
		return err
	}
	k.ports.Accounts.GetModuleAccount(ctx, types.ModuleName)
	if err := k.params.Set(ctx, state.Params); err != nil {
		return err
	}
	for _, account := range state.Accounts {
		if err := k.importAccount(ctx, account); err != nil {
			return err
		}
	}
	for _, stream := range state.Streams {
		payee, err := accounts.Decode(stream.Payee)
		if err != nil {
			return err
		}
		if err := k.streams.Set(ctx, streamKeyOf(stream), stream); err != nil {
			return err
		}
		if err := k.byPayee.Set(ctx, collections.Join4(payee, stream.Scope, stream.Id, stream.Number)); err != nil {
			return err
		}
	}
	for _, account := range state.Dried {
		if err := k.note(ctx, account); err != nil {
			return err
		}
	}
	return k.checkBalances(ctx)
}

// importAccount writes an account as it is, with its places in index and queue.
func (k *Keeper) importAccount(ctx context.Context, account types.Account) error {
	if err := k.accounts.Set(ctx, collections.Join(account.Scope, account.Id), account); err != nil {
		return err
	}
	if account.Flow != nil && account.Flow.Due != 0 {
		if err := k.queue.Set(ctx, queueKey(account)); err != nil {
			return err
		}
	}
	opener, err := accounts.Decode(account.Depositor)
	if err != nil {
		return err
	}
	if err := k.byDepositor.Set(ctx, collections.Join3(opener, account.Scope, account.Id)); err != nil {
		return err
	}
	none := types.Account{Scope: account.Scope, Id: account.Id, Depositor: account.Depositor}
	return k.reindex(ctx, none, account)
}

// ExportGenesis reads the whole state: accounts and streams by scope and number, dried accounts too.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	state := types.DefaultGenesis()
	var err error
	if state.Params, err = k.params.Get(ctx); err != nil {
		return nil, err
	}
	err = k.accounts.Walk(ctx, nil, func(_ accountKey, account types.Account) (bool, error) {
		state.Accounts = append(state.Accounts, account)
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	err = k.streams.Walk(ctx, nil, func(_ streamKey, stream types.Stream) (bool, error) {
		state.Streams = append(state.Streams, stream)
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	err = k.dried.Walk(ctx, nil, func(_ accountKey, account types.DryAccount) (bool, error) {
		state.Dried = append(state.Dried, account)
		return false, nil
	})
	return state, err
}
