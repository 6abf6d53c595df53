package daemon

import (
	"bytes"
	"context"
	"crypto/rand"
	"log/slog"
	"slices"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/chain"
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

// measurer finds out how near this machine is to others, and tells the chain.
type measurer struct {
	client   *chain.Client
	operator sdk.AccAddress
	// cell is where the machine stands.
	cell cells.Cell
	// interval is the time between two reports of a device.
	interval time.Duration
	// allowPrivate lets workers on private addresses be measured.
	allowPrivate bool
	log          *slog.Logger
	// local tells the devices here that work, by their ids.
	local func() map[string]bool
	// send sends messages in the operator's name and waits for their effect.
	send func(ctx context.Context, messages []sdk.Msg) error
}

// measure reports now and then how long data takes to some other operators' workers. A failure is told in the log and tried again: nothing
// depends on a single report.
func (d *Daemon) measure(ctx context.Context) error {
	interval := time.Duration(d.config.Devices.MeasureInterval)
	if interval == 0 || !d.cell.Known() {
		return nil
	}
	m := &measurer{
		client: d.client, operator: d.operator, cell: d.cell, interval: interval, allowPrivate: d.config.Blobs.AllowPrivateLocators,
		log: d.deps.Log, local: d.works, send: d.apply,
	}
	for {
		if err := sleep(ctx, min(measurePause, interval)); err != nil {
			return err
		}
		if err := m.once(ctx); err != nil && ctx.Err() == nil {
			m.log.Warn("round trips to other workers are not reported", "error", err)
		}
	}
}

// once measures and reports for the devices whose last report is older than the interval. What is measured is this machine's, so all its
// devices report the same.
func (m *measurer) once(ctx context.Context) error {
	params, err := m.client.RegistryParams(ctx)
	if err != nil {
		return err
	}
	due, err := m.due(ctx, max(m.interval, time.Duration(params.Location.ReportSeconds)*time.Second))
	if err != nil || len(due) == 0 {
		return err
	}
	trips, err := m.roundTrips(ctx, params.Location)
	if err != nil || len(trips) == 0 {
		return err
	}
	messages := make([]sdk.Msg, len(due))
	for i, id := range due {
		messages[i] = &registrytypes.MsgReportRoundTrips{Operator: m.operator.String(), Device: id, RoundTrips: trips}
	}
	if err := m.send(ctx, messages); err != nil {
		return err
	}
	m.log.Info("round trips to other workers reported", "round_trips", len(trips), "devices", len(due))
	return nil
}

// due are those of this machine's devices that are registered in its cell and did not report for an interval, at most measureBound.
func (m *measurer) due(ctx context.Context, interval time.Duration) (due [][]byte, err error) {
	registered, err := m.client.Devices(ctx, m.operator)
	if err != nil {
		return nil, err
	}
	local := m.local()
	for _, r := range registered {
		if !local[string(r.Id)] || r.Cell != uint32(m.cell) || len(due) >= measureBound {
			continue
		}
		since, reported, err := m.client.SinceMeasured(ctx, r.Id)
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
func (m *measurer) roundTrips(ctx context.Context, rules registrytypes.LocationRules) ([]registrytypes.RoundTrip, error) {
	start := make([]byte, registrytypes.DeviceIDSize)
	if _, err := rand.Read(start); err != nil {
		return nil, err
	}
	sample, err := m.client.SomeDevices(ctx, start, uint64(rules.MaxRoundTrips)*sampleFactor)
	if err != nil {
		return nil, err
	}
	var trips []registrytypes.RoundTrip
	for _, peer := range peers(sample, m.operator.String(), int(rules.MaxRoundTrips)) {
		took, err := m.ping(ctx, peer)
		if err != nil {
			m.log.Debug("can't measure the way to a worker", "operator", peer.Operator, "error", err)
			continue
		}
		if trip, ok := reportable(rules, m.cell, peer, took); ok {
			trips = append(trips, trip)
		}
	}
	slices.SortFunc(trips, func(a, b registrytypes.RoundTrip) int { return bytes.Compare(a.Device, b.Device) })
	return trips, ctx.Err()
}

// ping measures the way to the worker of a device.
func (m *measurer) ping(ctx context.Context, peer registrytypes.Device) (time.Duration, error) {
	endpoint, err := m.client.Endpoint(ctx, peer.Operator)
	if err != nil {
		return 0, err
	}
	return blob.Ping(ctx, endpoint, m.allowPrivate)
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

// reportable is a measured round trip as the chain takes it, rounded up to whole milliseconds: more would say more of where the machine is than
// jobs need. It is false where one of the two says that it is where it can't be, so that light would be too slow, or where it took too long.
func reportable(rules registrytypes.LocationRules, cell cells.Cell, peer registrytypes.Device, took time.Duration) (registrytypes.RoundTrip, bool) {
	const grain = time.Millisecond
	micros := max((took+grain-1)/grain*grain, grain).Microseconds()
	least, most := int64(cells.Bound(cell, cells.Cell(peer.Cell))), int64(rules.MaxRoundTripMs)*1_000
	return registrytypes.RoundTrip{Device: bytes.Clone(peer.Id), Micros: uint32(min(micros, most))}, micros >= least && micros <= most
}
