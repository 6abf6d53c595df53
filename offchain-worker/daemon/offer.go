package daemon

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/device"
	"github.com/assaychain/assay/offchain-worker/machine"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// watchInterval is the time between two looks at the devices' condition.
const watchInterval = 15 * time.Second

// offer makes this machine's registered devices available or not, if wanted, and tells whether they are as they are to be. Failures are logged:
// the operator can do the same by hand, and a jailed operator can't.
func (d *Daemon) offer(ctx context.Context, wanted, available bool) bool {
	if !wanted {
		return true
	}
	registered, err := d.client.Devices(ctx, d.operator)
	if err != nil {
		d.deps.Log.Warn("can't read the registered devices", "error", err)
		return false
	}
	// What works is offered; whatever is here is taken out of the offer.
	local := d.ids(func(one *machine.Device) bool { return !available || one.Works() })
	messages := offerMessages(registered, local, available)
	if !d.change(ctx, messages) {
		return len(messages) == 0
	}
	d.deps.Log.Info("devices offered", "available", available, "devices", len(messages))
	return true
}

// change sends messages, if there are any, and tells whether they had an effect.
func (d *Daemon) change(ctx context.Context, messages []sdk.Msg) bool {
	if len(messages) == 0 {
		return false
	}
	if err := d.apply(ctx, messages); err != nil {
		d.deps.Log.Error("can't change the offer of the devices", "error", err)
		return false
	}
	return true
}

// withdrawBroken takes devices out of the offer that are here and work no longer, each once: its operator may offer it again,
// and jobs that it has are computed by the processor.
func (d *Daemon) withdrawBroken(ctx context.Context) {
	broken := d.ids(func(one *machine.Device) bool { return !one.Works() })
	maps.DeleteFunc(broken, func(id string, _ bool) bool { return d.withdrawn[id] })
	if len(broken) == 0 {
		return
	}
	registered, err := d.client.Devices(ctx, d.operator)
	if err != nil {
		d.deps.Log.Warn("can't read the registered devices", "error", err)
		return
	}
	messages := offerMessages(registered, broken, false)
	if len(messages) > 0 && !d.change(ctx, messages) {
		return
	}
	if len(messages) > 0 {
		d.deps.Log.Error("devices that nothing here computes on any more are taken out of the offer", "devices", len(messages))
	}
	maps.Copy(d.withdrawn, broken)
}

// offerMessages change those devices that are on this machine and not yet as wanted.
func offerMessages(registered []registrytypes.Device, local map[string]bool, available bool) []sdk.Msg {
	var messages []sdk.Msg
	for _, r := range registered {
		if r.Wanted() == available || !local[string(r.Id)] {
			continue
		}
		messages = append(messages, chain.UpdateOf(r, available))
	}
	return messages
}

// errNoEffect is wrapped when a transaction landed and had no effect.
var errNoEffect = errors.New("no effect")

// apply sends messages in the operator's name, and waits for their effect.
func (d *Daemon) apply(ctx context.Context, messages []sdk.Msg) error {
	signed, err := d.signer.Send(ctx, nil, d.signer.OnBehalf(messages...))
	if err != nil {
		return err
	}
	outcome, err := d.signer.Await(ctx, signed)
	if err != nil {
		return err
	}
	if !outcome.OK() {
		return fmt.Errorf("transaction %s had %w: code %d: %s", signed.Hash, errNoEffect, outcome.Code, outcome.Log)
	}
	return nil
}

// ids are those of the machine's devices that are wanted.
func (d *Daemon) ids(wanted func(*machine.Device) bool) map[string]bool {
	ids := make(map[string]bool)
	for _, one := range d.machine.Devices() {
		if id := one.ID(); wanted(one) {
			ids[string(id[:])] = true
		}
	}
	return ids
}

// watch keeps the figures of devices, disk and jobs fresh.
func (d *Daemon) watch(ctx context.Context) error {
	for fit := true; ; {
		fit = fit && d.withdrawStaleKeys(ctx)
		d.keepGranted(ctx, fit)
		d.metrics.SetActive(d.runner.Active())
		if used, err := d.work.Usage(); err == nil {
			d.metrics.SetBlobBytes(used)
		}
		d.withdrawBroken(ctx)
		d.declare(ctx)
		d.report(ctx, d.conditions(ctx))
		if err := sleep(ctx, d.watchEvery); err != nil {
			return err
		}
	}
}

// sample keeps the figures of one device, and returns its condition; false when that can't be read.
func (d *Daemon) sample(ctx context.Context, one *machine.Device) (device.Telemetry, bool) {
	full := one.ID()
	id := hex.EncodeToString(full[:8])
	if stats, checked := one.Stats(); checked {
		d.metrics.SetKernel(one.Model, id, stats)
	}
	if one.Source == nil {
		return device.Unknown(), false
	}
	telemetry, err := one.Source.Telemetry(ctx, one.UUID)
	if err != nil {
		d.deps.Log.Warn("no telemetry", "model", one.Model, "error", err)
		return device.Unknown(), false
	}
	d.metrics.SetTelemetry(one.Device, id, telemetry)
	return telemetry, true
}
