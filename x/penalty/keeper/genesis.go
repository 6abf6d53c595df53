package keeper

import (
	"context"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/penalty/types"
)

// InitGenesis writes the state and checks that the module's account is empty. Bank and bond must have been initialised before.
func (k *Keeper) InitGenesis(ctx context.Context, state *types.GenesisState) error {
	if err := state.Validate(); err != nil {
		return err
	}
	k.ports.Accounts.GetModuleAccount(ctx, types.ModuleName)
	if err := k.params.Set(ctx, state.Params); err != nil {
		return err
	}
	if err := k.nextRecordID.Set(ctx, state.NextRecordId); err != nil {
		return err
	}
	for _, jail := range state.Jails {
		op, err := sdk.AccAddressFromBech32(jail.Operator)
		if err != nil {
			return err
		}
		if err := k.jails.Set(ctx, op, jail); err != nil {
			return err
		}
	}
	for _, record := range state.Records {
		if err := k.importRecord(ctx, record); err != nil {
			return err
		}
	}
	return k.checkBalance(ctx)
}

func (k *Keeper) importRecord(ctx context.Context, record types.Record) error {
	op, err := sdk.AccAddressFromBech32(record.Operator)
	if err != nil {
		return err
	}
	if err := k.records.Set(ctx, record.Id, record); err != nil {
		return err
	}
	return k.byOperator.Set(ctx, collections.Join(op, record.Id))
}

// ExportGenesis reads the whole state: jail terms by address, records by number.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	state := types.DefaultGenesis()
	var err error
	if state.Params, err = k.params.Get(ctx); err != nil {
		return nil, err
	}
	if state.NextRecordId, err = k.nextRecordID.Peek(ctx); err != nil {
		return nil, err
	}
	err = k.jails.Walk(ctx, nil, func(_ sdk.AccAddress, jail types.Jail) (bool, error) {
		state.Jails = append(state.Jails, jail)
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	err = k.records.Walk(ctx, nil, func(_ uint64, record types.Record) (bool, error) {
		state.Records = append(state.Records, record)
		return false, nil
	})
	return state, err
}
