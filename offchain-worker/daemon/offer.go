package daemon

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/device"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// watchInterval is the time between two looks at the devices' condition.
const watchInterval = 15 * time.Second

// offer makes this machine's registered devices available or not, if wanted. Failures are logged: the operator can do the
// same by hand, and a jailed operator can't.
func (d *Daemon) offer(ctx context.Context, wanted, available bool) {
	if !wanted {
		return
	}
	registered, err := d.client.Devices(ctx, d.operator)
	if err != nil {
		d.deps.Log.Warn("can't read the registered devices", "error", err)
		return
	}
	messages := offerMessages(registered, d.localIDs(ctx), available)
	if len(messages) == 0 {
		return
	}
	if err := d.apply(ctx, messages); err != nil {
		d.deps.Log.Error("can't change the offer of the devices", "available", available, "error", err)
		return
	}
	d.deps.Log.Info("devices offered", "available", available, "devices", len(messages))
}

// offerMessages change those devices that are on this machine and not yet as wanted.
func offerMessages(registered []registrytypes.Device, local map[string]bool, available bool) []sdk.Msg {
	var messages []sdk.Msg
	for _, r := range registered {
		if r.Available == available || !local[string(r.Id)] {
			continue
		}
		messages = append(messages, &registrytypes.MsgUpdateDevice{
			Operator: r.Operator, Id: r.Id, Lanes: r.Lanes, Price: r.Price, Available: available, HourlyPrice: r.HourlyPrice,
		})
	}
	return messages
}

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
		return fmt.Errorf("transaction %s had no effect: code %d: %s", signed.Hash, outcome.Code, outcome.Log)
	}
	return nil
}

func (d *Daemon) localIDs(ctx context.Context) map[string]bool {
	found, _ := device.Discover(ctx, d.sources...)
	ids := make(map[string]bool, len(found))
	for _, one := range found {
		id := one.ID()
		ids[string(id[:])] = true
	}
	return ids
}

// watch keeps the figures of devices, disk and jobs fresh.
func (d *Daemon) watch(ctx context.Context) error {
	for fit := true; ; {
		fit = fit && d.withdrawStaleKeys(ctx)
		d.metrics.SetActive(d.runner.Active())
		if used, err := d.work.Usage(); err == nil {
			d.metrics.SetBlobBytes(used)
		}
		for _, source := range d.sources {
			d.sample(ctx, source)
		}
		if err := sleep(ctx, watchInterval); err != nil {
			return err
		}
	}
}

func (d *Daemon) sample(ctx context.Context, source device.Source) {
	found, err := source.Devices(ctx)
	if err != nil {
		d.deps.Log.Debug("no telemetry", "reason", err)
		return
	}
	for _, one := range found {
		telemetry, err := source.Telemetry(ctx, one.UUID)
		if err != nil {
			d.deps.Log.Warn("no telemetry", "model", one.Model, "error", err)
			continue
		}
		id := one.ID()
		d.metrics.SetTelemetry(one, hex.EncodeToString(id[:8]), telemetry)
	}
}
