package daemon

import (
	"bytes"
	"context"
	"crypto/rand"
	"slices"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/x/registry/cells"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

const (
	// measurePause is the time between two looks at which devices have to measure.
	measurePause = 10 * time.Minute
	// measureBound bounds the devices that report in one transaction; the others do at the next look.
	measureBound = 8
	// sampleFactor is how many devices are looked at for each that is measured: many are of one operator, or told no cell.
	sampleFactor = 8
)

// measure reports now and then how long data takes to some other operators' workers. What is measured is this machine's, so all its
// devices report the same. A failure is told in the log and tried again: nothing depends on a single report.
func (d *Daemon) measure(ctx context.Context) error {
	interval := time.Duration(d.config.Devices.MeasureInterval)
	if interval == 0 || !d.cell.Known() {
		return nil
	}
	for {
		if err := sleep(ctx, min(measurePause, interval)); err != nil {
			return err
		}
		if err := d.measureOnce(ctx, interval); err != nil && ctx.Err() == nil {
			d.deps.Log.Warn("round trips to other workers are not reported", "error", err)
		}
	}
}

// measureOnce measures and reports for the devices whose last report is older than the interval.
func (d *Daemon) measureOnce(ctx context.Context, interval time.Duration) error {
	params, err := d.client.RegistryParams(ctx)
	if err != nil {
		return err
	}
	due, err := d.unmeasured(ctx, max(interval, time.Duration(params.Location.ReportSeconds)*time.Second))
	if err != nil || len(due) == 0 {
		return err
	}
	trips, err := d.roundTrips(ctx, params.Location)
	if err != nil || len(trips) == 0 {
		return err
	}
	messages := make([]sdk.Msg, len(due))
	for i, id := range due {
		messages[i] = &registrytypes.MsgReportRoundTrips{Operator: d.operator.String(), Device: id, RoundTrips: trips}
	}
	if err := d.apply(ctx, messages); err != nil {
		return err
	}
	d.deps.Log.Info("round trips to other workers reported", "round_trips", len(trips), "devices", len(due))
	return nil
}

// unmeasured are those of this machine's devices that are registered in its cell and did not report for an interval, at most measureBound.
func (d *Daemon) unmeasured(ctx context.Context, interval time.Duration) (due [][]byte, err error) {
	registered, err := d.client.Devices(ctx, d.operator)
	if err != nil {
		return nil, err
	}
	local := d.works()
	for _, r := range registered {
		if !local[string(r.Id)] || r.Cell != uint32(d.cell) || len(due) >= measureBound {
			continue
		}
		since, reported, err := d.client.SinceMeasured(ctx, r.Id)
		if err != nil {
			return nil, err
		}
		if !reported || since >= interval {
			due = append(due, bytes.Clone(r.Id))
		}
	}
	return due, nil
}

// roundTrips measures a sample of other operators' devices, one an operator, and lists what the chain takes.
func (d *Daemon) roundTrips(ctx context.Context, rules registrytypes.LocationRules) ([]registrytypes.RoundTrip, error) {
	start := make([]byte, registrytypes.DeviceIDSize)
	if _, err := rand.Read(start); err != nil {
		return nil, err
	}
	sample, err := d.client.SomeDevices(ctx, start, uint64(rules.MaxRoundTrips)*sampleFactor)
	if err != nil {
		return nil, err
	}
	var trips []registrytypes.RoundTrip
	for _, peer := range peers(sample, d.operator.String(), int(rules.MaxRoundTrips)) {
		took, err := d.ping(ctx, peer)
		if err != nil {
			d.deps.Log.Debug("can't measure the way to a worker", "operator", peer.Operator, "error", err)
			continue
		}
		if trip, ok := reportable(rules, d.cell, peer, took); ok {
			trips = append(trips, trip)
		}
	}
	slices.SortFunc(trips, func(a, b registrytypes.RoundTrip) int { return bytes.Compare(a.Device, b.Device) })
	return trips, ctx.Err()
}

// ping measures the way to the worker of a device.
func (d *Daemon) ping(ctx context.Context, peer registrytypes.Device) (time.Duration, error) {
	endpoint, err := d.client.Endpoint(ctx, peer.Operator)
	if err != nil {
		return 0, err
	}
	return blob.Ping(ctx, endpoint, d.config.Blobs.AllowPrivateLocators)
}

// peers are devices of a sample that can be measured: of other operators, one each, that told their cell; at most limit.
func peers(sample []registrytypes.Device, operator string, limit int) (chosen []registrytypes.Device) {
	seen := map[string]bool{operator: true}
	for _, one := range sample {
		if seen[one.Operator] || one.Cell == 0 || len(chosen) >= limit {
			continue
		}
		seen[one.Operator] = true
		chosen = append(chosen, one)
	}
	return chosen
}

// reportable is a measured round trip as the chain takes it; false where one of the two says that it is where it can't be, so that light would
// be too slow, or where it took too long.
func reportable(rules registrytypes.LocationRules, cell cells.Cell, peer registrytypes.Device, took time.Duration) (registrytypes.RoundTrip, bool) {
	micros := max(took.Microseconds(), 1)
	least, most := int64(cells.Bound(cell, cells.Cell(peer.Cell))), int64(rules.MaxRoundTripMs)*1_000
	return registrytypes.RoundTrip{Device: bytes.Clone(peer.Id), Micros: uint32(min(micros, most))}, micros >= least && micros <= most
}
