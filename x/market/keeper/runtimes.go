package keeper

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/hooks"
	"github.com/assaychain/assay/x/market/runtimes"
	"github.com/assaychain/assay/x/market/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// workloadOf is the class of a job's work.
func workloadOf(spec types.Spec, work uint64) uint32 {
	kind := runtimes.Kind{Level: uint32(spec.Assurance), Chain: len(spec.Program.Steps) > 1}
	return runtimes.Workload(kind, work)
}

// ofClass names all hardware of a class; no key of a model has a slash.
func ofClass(class registrytypes.DeviceClass) string { return "/" + strconv.Itoa(int(class)) }

// hardwareOf names a device's hardware: its model, or its class when the catalogue does not know it. The catalogue and the classes
// of work bound what is ever kept.
func hardwareOf(d *registrytypes.Device) string {
	if d.ModelKey != "" {
		return d.ModelKey
	}
	return ofClass(d.Class)
}

// predict tells how long the job's work takes on a device, and how often such work was seen on such hardware: by its model, else
// by its class, else by a guess.
func (n *network) predict(o *offered) (millis uint64, trials uint32, err error) {
	if err := n.remember(o); err != nil {
		return 0, 0, err
	}
	if trials = o.past.own.Trials(n.now); trials > 0 {
		return o.past.own.Predict(n.work), trials, nil
	}
	if o.past.class.Trials(n.now) > 0 {
		return o.past.class.Predict(n.work), 0, nil
	}
	return runtimes.Guess(uint32(o.Class), n.work), 0, nil
}

// remember sees to it that a device has the past of the job's workload.
func (n *network) remember(o *offered) (err error) {
	if o.past.known && o.past.workload == n.workload {
		return nil
	}
	next := past{known: true, workload: n.workload}
	if next.own, err = n.runTime(hardwareOf(&o.Device)); err != nil {
		return err
	}
	if next.class, err = n.runTime(ofClass(o.Class)); err != nil {
		return err
	}
	o.past = next
	return nil
}

// runTime reads what is known of the job's workload on some hardware, once.
func (n *network) runTime(hardware string) (runtimes.Record, error) {
	key := timeKey{n.workload, hardware}
	if record, ok := n.times[key]; ok {
		return record, nil
	}
	record, err := n.keeper.runTime(n.ctx, n.workload, hardware)
	if err == nil {
		n.times[key] = record
	}
	return record, err
}

// runTime reads what is known of a workload on some hardware; nothing when it was never seen.
func (k *Keeper) runTime(ctx context.Context, workload uint32, hardware string) (runtimes.Record, error) {
	stored, err := k.runTimes.Get(ctx, collections.Join(workload, hardware))
	if errors.Is(err, collections.ErrNotFound) {
		return runtimes.Record{}, nil
	}
	return stored.Record(), err
}

// learnRunTime takes in the time from a job's assignment to its commitment, for the device's model and for its class. It never
// keeps a job from going on: what fails is dropped, and counted.
func (k *Keeper) learnRunTime(ctx sdk.Context, job *types.Job) {
	hooks.Isolate(ctx, types.ModuleName, fmt.Sprintf("run time of job %d", job.Id), func(ctx sdk.Context) error {
		device, err := k.ports.Registry.Device(ctx, job.Device)
		if registrytypes.ErrDeviceNotFound.Is(err) {
			return nil
		}
		if err != nil {
			return err
		}
		spec, err := k.Spec(ctx, job.Id)
		if err != nil {
			return err
		}
		now, err := k.Now(ctx)
		if err != nil {
			return err
		}
		sample := types.RunTime{Workload: workloadOf(spec, job.Work), Hardware: ofClass(device.Class), Seen: now}
		took := now - min(job.AssignedActive, now)
		if err := k.learn(ctx, sample, job.Work, took); err != nil || device.ModelKey == "" {
			return err
		}
		sample.Hardware = device.ModelKey
		return k.learn(ctx, sample, job.Work, took)
	})
}

func (k *Keeper) learn(ctx context.Context, sample types.RunTime, work, took uint64) error {
	record, err := k.runTime(ctx, sample.Workload, sample.Hardware)
	if err != nil {
		return err
	}
	record = record.Learn(work, took, sample.Seen)
	sample.Mean, sample.Samples, sample.Seen = record.Mean, record.Samples, record.Seen
	return k.runTimes.Set(ctx, collections.Join(sample.Workload, sample.Hardware), sample)
}

// exportRunTimes adds what was learnt to a state.
func (k *Keeper) exportRunTimes(ctx context.Context, state *types.GenesisState) error {
	return k.runTimes.Walk(ctx, nil, func(_ runTimeKey, r types.RunTime) (bool, error) {
		state.RunTimes = append(state.RunTimes, r)
		return false, nil
	})
}

// importRunTimes writes it back.
func (k *Keeper) importRunTimes(ctx context.Context, list []types.RunTime) error {
	for _, r := range list {
		if err := k.runTimes.Set(ctx, collections.Join(r.Workload, r.Hardware), r); err != nil {
			return err
		}
	}
	return nil
}
