package keeper

import (
	"errors"
	"slices"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/hooks"
	"github.com/assaychain/assay/x/market/types"
)

// nextPatient lists the jobs that have waited long and whose turn it is, at most limit, and notes where the next turn begins. They
// take turns by id, so that each is tried however many they are, the oldest of a turn first, and before jobs that came later: a lane
// that becomes free between two tries of an old job does not go to a new one.
func (k *Keeper) nextPatient(ctx sdk.Context, limit uint32) []uint64 {
	var ids []uint64
	hooks.Isolate(ctx, types.ModuleName, "read patient jobs", func(ctx sdk.Context) error {
		turn, err := k.patientTurn.Get(ctx)
		if err != nil && !errors.Is(err, collections.ErrNotFound) {
			return err
		}
		after := new(collections.Range[uint64]).StartExclusive(turn)
		if ids, err = k.patientIn(ctx, after, ids, limit); err != nil {
			return err
		}
		again := new(collections.Range[uint64]).EndInclusive(turn)
		if ids, err = k.patientIn(ctx, again, ids, limit); err != nil || len(ids) == 0 {
			return err
		}
		return k.patientTurn.Set(ctx, ids[len(ids)-1])
	})
	slices.Sort(ids)
	return ids
}

func (k *Keeper) patientIn(ctx sdk.Context, part collections.Ranger[uint64], ids []uint64, limit uint32) ([]uint64, error) {
	if len(ids) >= int(limit) {
		return ids, nil
	}
	err := k.patient.Walk(ctx, part, func(id uint64) (bool, error) {
		ids = append(ids, id)
		return len(ids) >= int(limit), nil
	})
	return ids, err
}

// isPatient tells whether a job is among those that have waited long.
func isPatient(job *types.Job) bool {
	return job.State == types.JOB_STATE_OPEN && job.Tries >= types.PatientTries
}
