package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/pricing"
	"github.com/assaychain/assay/x/market/scheduler"
	"github.com/assaychain/assay/x/market/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// backlogKey is (class, home cell, 0 for anywhere).
type backlogKey = collections.Pair[uint32, uint32]

// backlog is what waits for a class near a home; nothing when it has no record.
func (k *Keeper) backlog(ctx context.Context, class registrytypes.DeviceClass, home uint32) (types.Backlog, error) {
	backlog, err := k.backlogs.Get(ctx, collections.Join(uint32(class), home))
	if errors.Is(err, collections.ErrNotFound) {
		return types.Backlog{Class: class, Cell: home}, nil
	}
	return backlog, err
}

// setBacklog stores what waits, or removes a record of nothing.
func (k *Keeper) setBacklog(ctx context.Context, backlog types.Backlog) error {
	key := collections.Join(uint32(backlog.Class), backlog.Cell)
	if backlog.Empty() {
		return k.backlogs.Remove(ctx, key)
	}
	return k.backlogs.Set(ctx, key, backlog)
}

// wants tells whether a job that found no device waits for a lane as others do. It does from its first try on until a free device refuses it
// for what it asks or pays, and never after that: else jobs that nobody would ever take would count whenever all lanes are taken. One that
// names operators, or a pool, waits for them, and says nothing about the class.
func wants(s search, job *types.Job, survey scheduler.Survey) bool {
	return survey.Scarce() && len(s.job.Eligible) == 0 && !s.job.Named && (job.Queued || job.Tries == 0)
}

// setQueued counts an open job among those that wait for a lane, or no longer: in equal parts for each of its classes. The job is not
// stored.
func (k *Keeper) setQueued(ctx context.Context, job *types.Job, queued bool) error {
	if job.Queued == queued {
		return nil
	}
	spec, err := k.Spec(ctx, job.Id)
	if err != nil {
		return err
	}
	share := types.BacklogShare(spec.Requirements)
	for _, class := range spec.Requirements.AnyOf() {
		backlog, err := k.backlog(ctx, class, spec.Requirements.Cell)
		if err != nil {
			return err
		}
		switch {
		case queued:
			backlog.Waiting += share
		case backlog.Waiting < share:
			return broken(job, "less than it waits for %s in cell %d", class, backlog.Cell)
		default:
			backlog.Waiting -= share
		}
		if err := k.setBacklog(ctx, backlog); err != nil {
			return err
		}
	}
	job.Queued = queued
	return nil
}

// maxBacklogs bounds the records of a class: one for each cell, and one for anywhere.
const maxBacklogs = types.CellsLimit + 1

// measureBacklogs takes the present measurement of what waits for a class for the previous one, and takes a new one. There are records
// only where jobs wait, or waited when the last two were taken.
func (k *Keeper) measureBacklogs(ctx context.Context, class registrytypes.DeviceClass) error {
	var all []types.Backlog
	ofClass := collections.NewPrefixedPairRange[uint32, uint32](uint32(class))
	err := k.backlogs.Walk(ctx, ofClass, func(_ backlogKey, backlog types.Backlog) (bool, error) {
		all = append(all, backlog)
		return len(all) >= maxBacklogs, nil
	})
	if err != nil {
		return err
	}
	for _, backlog := range all {
		lanes, err := k.lanesFor(ctx, backlog)
		if err != nil {
			return err
		}
		backlog.PreviousBps, backlog.PresentBps = backlog.PresentBps, pricing.Queue(backlog.Waiting, lanes)
		if err := k.setBacklog(ctx, backlog); err != nil {
			return err
		}
	}
	return nil
}

// lanesFor are the lanes that could take what waits, in parts as a backlog counts: those of its cell, or of the whole class where the
// cell has none, since its jobs go elsewhere then. What waits nowhere needs none.
func (k *Keeper) lanesFor(ctx context.Context, backlog types.Backlog) (uint64, error) {
	if backlog.Waiting == 0 {
		return 0, nil
	}
	lanes, err := k.ports.Registry.JobLanes(ctx, backlog.Class, backlog.Cell)
	if err == nil && lanes == 0 && backlog.Cell > 0 {
		lanes, err = k.ports.Registry.JobLanes(ctx, backlog.Class, 0)
	}
	return lanes * types.BacklogUnit, err
}

// queued are the present and the previous measurement of what waits, in basis points of the lanes.
type queued struct{ present, previous uint32 }

// queues is what waits for a class where a job with such a home would wait: near the home, or anywhere if that is more, since those jobs take
// the same lanes.
func (k *Keeper) queues(ctx context.Context, class registrytypes.DeviceClass, home uint32) (waits queued, err error) {
	for _, cell := range []uint32{0, home} {
		backlog, err := k.backlog(ctx, class, cell)
		if err != nil {
			return waits, err
		}
		waits.present, waits.previous = max(waits.present, backlog.PresentBps), max(waits.previous, backlog.PreviousBps)
	}
	return waits, nil
}

// checkBacklogs compares what is counted as waiting with the jobs.
func (k *Keeper) checkBacklogs(ctx sdk.Context) error {
	state := types.GenesisState{}
	err := k.jobs.Walk(ctx, nil, func(id uint64, job types.Job) (bool, error) {
		if !job.Queued {
			return false, nil
		}
		spec, err := k.Spec(ctx, id)
		state.Jobs = append(state.Jobs, types.JobEntry{Job: job, Spec: spec})
		return false, err
	})
	if err != nil {
		return err
	}
	if err := k.exportBacklogs(ctx, &state); err != nil {
		return err
	}
	if err := state.ValidateBacklogs(); err != nil {
		return types.ErrInvariant.Wrap(err.Error())
	}
	return nil
}

func (k *Keeper) exportBacklogs(ctx context.Context, state *types.GenesisState) error {
	return k.backlogs.Walk(ctx, nil, func(_ backlogKey, backlog types.Backlog) (bool, error) {
		state.Backlogs = append(state.Backlogs, backlog)
		return false, nil
	})
}

func (k *Keeper) importBacklogs(ctx context.Context, backlogs []types.Backlog) error {
	for _, backlog := range backlogs {
		if err := k.setBacklog(ctx, backlog); err != nil {
			return err
		}
	}
	return nil
}
