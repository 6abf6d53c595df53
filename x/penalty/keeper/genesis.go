package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/penalty/types"
)

// InitGenesis writes the state and checks that the module's account holds what the records say. Bank and bond must have been
// initialised before.
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
	if err := k.importPeople(ctx, state); err != nil {
		return err
	}
	for _, record := range state.Records {
		if err := k.importRecord(ctx, record); err != nil {
			return err
		}
	}
	if err := k.importEvidence(ctx, state); err != nil {
		return err
	}
	return k.checkBalance(ctx, state.Records)
}

// importPeople writes jail terms and counts of repetitions.
func (k *Keeper) importPeople(ctx context.Context, state *types.GenesisState) error {
	for _, jail := range state.Jails {
		op, err := accounts.Decode(jail.Operator)
		if err != nil {
			return err
		}
		if err := k.jails.Set(ctx, op, jail); err != nil {
			return err
		}
	}
	for _, conduct := range state.Conducts {
		op, err := accounts.Decode(conduct.Operator)
		if err != nil {
			return err
		}
		if err := k.conducts.Set(ctx, collections.Join(op, uint32(conduct.Offence)), conduct); err != nil {
			return err
		}
		if err := k.reviews.Set(ctx, reviewOf(op, conduct)); err != nil {
			return err
		}
	}
	return nil
}

// importRecord writes a record and its places in index and queues.
func (k *Keeper) importRecord(ctx context.Context, record types.Record) error {
	op, err := accounts.Decode(record.Operator)
	if err != nil {
		return err
	}
	if err := k.records.Set(ctx, record.Id, record); err != nil {
		return err
	}
	if err := k.byOperator.Set(ctx, collections.Join(op, record.Id)); err != nil {
		return err
	}
	if !record.Open() {
		return k.settled.Set(ctx, collections.Join(*record.SettledAt, record.Id))
	}
	if record.Status == types.RECORD_STATUS_APPEALED {
		if err := k.appeals.Set(ctx, record.Id); err != nil {
			return err
		}
	}
	return k.holds.Set(ctx, collections.Join(record.ReleaseAt, record.Id))
}

func (k *Keeper) importEvidence(ctx context.Context, state *types.GenesisState) error {
	for _, mark := range state.Evidence {
		if err := k.evidence.Set(ctx, collections.Join(mark.Slot, mark.Statement)); err != nil {
			return err
		}
	}
	if state.EvidenceFloor == 0 {
		return nil
	}
	return k.evidenceFloor.Set(ctx, state.EvidenceFloor)
}

// ExportGenesis reads the whole state: jail terms and counts by address, records by number, evidence by slot.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	state := types.DefaultGenesis()
	var err error
	if state.Params, err = k.params.Get(ctx); err != nil {
		return nil, err
	}
	if state.NextRecordId, err = k.nextRecordID.Peek(ctx); err != nil {
		return nil, err
	}
	if state.EvidenceFloor, err = k.floor(ctx); err != nil {
		return nil, err
	}
	if state.Jails, err = values(ctx, k.jails); err != nil {
		return nil, err
	}
	if state.Records, err = values(ctx, k.records); err != nil {
		return nil, err
	}
	if state.Conducts, err = values(ctx, k.conducts); err != nil {
		return nil, err
	}
	err = k.evidence.Walk(ctx, nil, func(key evidenceKey) (bool, error) {
		state.Evidence = append(state.Evidence, types.EvidenceMark{Slot: key.K1(), Statement: key.K2()})
		return false, nil
	})
	return state, err
}

// values reads a whole map in the order of its keys.
func values[K, V any](ctx context.Context, from collections.Map[K, V]) ([]V, error) {
	list := []V{}
	err := from.Walk(ctx, nil, func(_ K, value V) (bool, error) {
		list = append(list, value)
		return false, nil
	})
	return list, err
}
