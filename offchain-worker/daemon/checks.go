package daemon

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/journal"
	"github.com/assaychain/assay/offchain-worker/machine"
	"github.com/assaychain/assay/offchain-worker/spotcheck"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// reofferInterval is the time between two tries to get a device proven that failed a spot check or had none.
const reofferInterval = 5 * time.Minute

// openChecker wires the answers to spot checks, with a journal of their own.
func (d *Daemon) openChecker() (err error) {
	var entries []journal.Entry
	if d.checkJournal, entries, err = journal.Open(filepath.Join(d.deps.Home, "checks.wal"), journal.Hooks{}); err != nil {
		return err
	}
	d.checker, err = spotcheck.New(spotcheck.Config{
		Operator: d.operator, Poll: time.Duration(d.config.Worker.PollInterval), Kernel: d.machine.Own,
		Threads: d.config.Worker.Threads, Busy: d.runner.Busy, Chain: d.client, Sender: d.signer, Journal: d.checkJournal,
		Observer: d.metrics, Log: d.deps.Log,
	}, entries)
	if err != nil {
		return err
	}
	return d.checkJournal.Compact(d.checker.Unfinished)
}

// awaits tells rounds of own jobs and checks from others'.
type awaits []awaited

// AwaitsRound tells whether any of them waits for the round.
func (a awaits) AwaitsRound(round uint64) bool {
	for _, one := range a {
		if one.AwaitsRound(round) {
			return true
		}
	}
	return false
}

// works are the ids of the devices that compute here.
func (d *Daemon) works() map[string]bool {
	return d.ids(func(one *machine.Device) bool { return one.Works() })
}

// reoffer asks for a spot check of every device here that is not proven, from time to time: offering it does so.
func (d *Daemon) reoffer(ctx context.Context) error {
	for {
		if err := sleep(ctx, reofferInterval); err != nil {
			return err
		}
		if !d.config.Devices.AvailableOnStart || d.lacking.Load() || d.stopping.Load() {
			continue
		}
		registered, err := d.client.Devices(ctx, d.operator)
		if err != nil {
			d.deps.Log.Warn("can't read the registered devices", "error", err)
			continue
		}
		if messages := reofferMessages(registered, d.works()); len(messages) > 0 {
			if err := d.apply(ctx, messages); err != nil {
				d.deps.Log.Warn("can't offer unproven devices again", "error", err)
			}
		}
	}
}

// reofferMessages offer the unproven devices of this machine that are not being checked, and have their hours.
func reofferMessages(registered []registrytypes.Device, local map[string]bool) []sdk.Msg {
	var messages []sdk.Msg
	for _, r := range registered {
		if r.Unproven && !r.Checking && !r.Asleep && local[string(r.Id)] {
			messages = append(messages, chain.UpdateOf(r, true))
		}
	}
	return messages
}

// mayBeChecked tells whether a device here has to answer a spot check, or can still be drawn although it was taken out of the offer. A worker
// that stopped then could miss a check, and be punished.
func (d *Daemon) mayBeChecked(ctx context.Context) bool {
	views, err := d.client.SpotChecks(ctx, d.operator)
	if err != nil {
		return false
	}
	for _, view := range views {
		if _, _, mine := d.machine.Own(view.Check.Device); mine && view.Check.Open() && view.Check.State != registrytypes.CHECK_STATE_PENDING {
			return true
		}
	}
	if !d.config.Devices.UnavailableOnStop {
		return false
	}
	for id := range d.works() {
		if drawable, err := d.client.Drawable(ctx, []byte(id)); err == nil && drawable {
			return true
		}
	}
	return false
}

// spotCheckCheck tells how the devices' last spot checks ended.
func (d *checkup) spotCheckCheck(ctx context.Context) {
	if !d.online || d.operator.Empty() {
		return
	}
	devices, err := d.client.Devices(ctx, d.operator)
	if err != nil {
		d.add("spot checks", VerdictWarn, "%v", err)
		return
	}
	views, err := d.client.SpotChecks(ctx, d.operator)
	if err != nil {
		d.add("spot checks", VerdictWarn, "%v", err)
		return
	}
	for _, device := range devices {
		verdict, last := VerdictOK, "never checked"
		if device.Unproven {
			verdict = VerdictWarn
		}
		for _, view := range views {
			if bytes.Equal(view.Check.Device, device.Id) {
				ago := time.Duration(view.Clock.ActiveMs-view.Check.Since) * time.Millisecond
				last = describe(view.Check, ago)
			}
		}
		proven := "proven to be of its class"
		if device.Unproven {
			proven = "not proven yet: it takes no work before it passes a spot check, which a running worker answers"
		}
		d.add("spot check", verdict, "%s: %s; %s", device.Model, last, proven)
	}
}

func describe(check registrytypes.SpotCheck, ago time.Duration) string {
	state := map[registrytypes.CheckState]string{
		registrytypes.CHECK_STATE_PASSED: "passed", registrytypes.CHECK_STATE_MISSED: "missed", registrytypes.CHECK_STATE_FALSE: "found false",
		registrytypes.CHECK_STATE_EXCUSED: "excused, because it had work",
	}[check.State]
	if state == "" {
		state = "going on"
	}
	return fmt.Sprintf("check %d %s %s ago (%d products of %d × %d in %d ms)",
		check.Id, state, ago.Round(time.Second), check.Steps, check.Size_, check.Size_, check.TookMs)
}
