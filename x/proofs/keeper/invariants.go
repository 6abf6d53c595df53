package keeper

import (
	"context"

	"github.com/assaychain/assay/x/proofs/types"
)

// Invariants checks that the circuits are valid and that the index by class names exactly the active ones. It walks the
// whole state: for tests and simulations.
func (k *Keeper) Invariants(ctx context.Context) error {
	state, err := k.ExportGenesis(ctx)
	if err != nil {
		return err
	}
	if err := state.Validate(); err != nil {
		return types.ErrInvariant.Wrap(err.Error())
	}
	active := 0
	for _, circuit := range state.Circuits {
		if circuit.Active() {
			active++
		}
	}
	indexed := 0
	err = k.active.Walk(ctx, nil, func(class uint32, id string) (bool, error) {
		indexed++
		circuit, err := k.Circuit(ctx, id)
		if err == nil && (!circuit.Active() || circuit.Class != class) {
			err = types.ErrInvariant.Wrapf("class %d names circuit %s of class %d, status %s", class, id, circuit.Class, circuit.Status)
		}
		return false, err
	})
	if err == nil && indexed != active {
		err = types.ErrInvariant.Wrapf("%d circuits are active, %d are indexed", active, indexed)
	}
	return err
}
