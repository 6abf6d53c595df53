package keeper

import (
	"context"
	"fmt"

	"github.com/assaychain/assay/x/proofs/types"
)

// Invariants checks that the circuits are valid and that the indexes by class and by model name exactly the active ones. It walks the
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
		return false, k.checkActive(ctx, id, fmt.Sprintf("class %d", class))
	})
	if err != nil {
		return err
	}
	err = k.models.Walk(ctx, nil, func(hash []byte, id string) (bool, error) {
		indexed++
		return false, k.checkActive(ctx, id, fmt.Sprintf("model %x", hash))
	})
	if err == nil && indexed != active {
		err = types.ErrInvariant.Wrapf("%d circuits are active, %d are indexed", active, indexed)
	}
	return err
}

// checkActive checks that an index names an active circuit of the subject.
func (k *Keeper) checkActive(ctx context.Context, id, subject string) error {
	circuit, err := k.Circuit(ctx, id)
	if err == nil && (!circuit.Active() || circuit.Subject() != subject) {
		err = types.ErrInvariant.Wrapf("%s names circuit %s of %s, status %s", subject, id, circuit.Subject(), circuit.Status)
	}
	return err
}
