package keeper

import (
	"context"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/bond/types"
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
	if err := k.nextEntryID.Set(ctx, state.NextEntryId); err != nil {
		return err
	}
	for _, s := range state.Stakes {
		op, err := sdk.AccAddressFromBech32(s.Operator)
		if err != nil {
			return err
		}
		if err := k.stakes.Set(ctx, op, s); err != nil {
			return err
		}
	}
	for _, entry := range state.Entries {
		if err := k.importEntry(ctx, entry); err != nil {
			return err
		}
	}
	return k.checkBalance(ctx)
}

func (k *Keeper) importEntry(ctx context.Context, entry types.UnbondingEntry) error {
	op, err := sdk.AccAddressFromBech32(entry.Operator)
	if err != nil {
		return err
	}
	if err := k.entries.Set(ctx, collections.Join(op, entry.Id), entry); err != nil {
		return err
	}
	return k.queue.Set(ctx, collections.Join3(entry.CompletesAt, entry.Id, op))
}

// ExportGenesis reads the whole state: stakes by address, entries by address and number.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	state := types.DefaultGenesis()
	var err error
	if state.Params, err = k.params.Get(ctx); err != nil {
		return nil, err
	}
	if state.NextEntryId, err = k.nextEntryID.Peek(ctx); err != nil {
		return nil, err
	}
	err = k.stakes.Walk(ctx, nil, func(_ sdk.AccAddress, s types.Stake) (bool, error) {
		state.Stakes = append(state.Stakes, s)
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	err = k.entries.Walk(ctx, nil, func(_ entryKey, entry types.UnbondingEntry) (bool, error) {
		state.Entries = append(state.Entries, entry)
		return false, nil
	})
	return state, err
}

// checkBalance compares the module's account with the sum of all stake.
func (k *Keeper) checkBalance(ctx context.Context) error {
	sum, err := k.Total(ctx)
	if err != nil {
		return err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	held := k.ports.Bank.GetBalance(ctx, k.account, params.Denom).Amount
	if !held.Equal(sum) {
		return types.ErrBroken.Wrapf("module account holds %s%s, the books say %s: difference %s", held, params.Denom, sum, held.Sub(sum))
	}
	return nil
}
