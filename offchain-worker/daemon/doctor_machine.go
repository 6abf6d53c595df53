package daemon

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"runtime"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/offchain-worker/device"
	"github.com/assaychain/assay/offchain-worker/prover"
	"github.com/assaychain/assay/x/proofs/statement"

	proofstypes "github.com/assaychain/assay/x/proofs/types"
)

func (d *checkup) deviceCheck(ctx context.Context) {
	registered := d.registered(ctx)
	for _, source := range d.deps.Sources {
		found, err := source.Devices(ctx)
		if err != nil {
			d.add("devices", VerdictWarn, "%v", err)
			continue
		}
		for _, one := range found {
			d.addDevice(ctx, source, one, registered)
		}
	}
	able, unable := 0, 0
	for _, one := range d.Devices {
		if one.Computes {
			able++
		} else {
			unable++
		}
	}
	if unable > 0 {
		d.add("devices", VerdictWarn, "%d found without a compute back end in this version: shown, but not registered by default", unable)
	}
	if able == 0 {
		d.add("devices", VerdictFail, "nothing here that this worker can compute on")
	}
}

func (d *checkup) addDevice(ctx context.Context, source device.Source, one device.Device, registered map[string]bool) {
	telemetry, err := source.Telemetry(ctx, one.UUID)
	if err != nil {
		d.add("telemetry", VerdictWarn, "%s: %v", one.Model, err)
		telemetry = device.Unknown()
	}
	id := one.ID()
	able, _ := Computable([]device.Device{one})
	d.Devices = append(d.Devices, Hardware{
		Device: one, ID: hex.EncodeToString(id[:]), Class: device.ClassName(one.Class), Backend: device.BackendName(one.Backend),
		Telemetry: telemetry, Computes: len(able) > 0, Registered: registered[string(id[:])],
	})
}

// registered are the ids of the operator's devices on the chain.
func (d *checkup) registered(ctx context.Context) map[string]bool {
	ids := make(map[string]bool)
	if !d.online || d.operator.Empty() {
		return ids
	}
	devices, err := d.client.Devices(ctx, d.operator)
	if err != nil {
		d.add("registered devices", VerdictWarn, "%v", err)
		return ids
	}
	available := 0
	for _, one := range devices {
		ids[string(one.Id)] = true
		if one.Available {
			available++
		}
	}
	verdict := VerdictOK
	if len(devices) == 0 {
		verdict = VerdictFail
	}
	d.add("registered devices", verdict, "%d, of which %d are available", len(devices), available)
	return ids
}

func (d *checkup) kernelCheck(ctx context.Context) {
	threads := d.config.Worker.Threads
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	registry, err := compute.NewCPURegistry(ctx, threads)
	if err != nil {
		d.add("kernels", VerdictFail, "%v", err)
		return
	}
	for _, rejected := range registry.Rejected() {
		d.add("kernels", VerdictWarn, "%v", rejected)
	}
	price, ok := math.NewIntFromString(d.config.Devices.Price)
	if !ok {
		price = math.ZeroInt()
	}
	for _, kernel := range registry.Kernels() {
		rate, err := Measure(ctx, kernel)
		if err != nil {
			d.add("kernels", VerdictWarn, "%v", err)
			continue
		}
		hourly := price.Mul(math.NewInt(int64(rate * 3600 / 1e9)))
		d.Kernels = append(d.Kernels, Speed{Kernel: kernel.Name(), GMACs: rate / 1e9, PerHour: hourly})
	}
	d.add("kernels", VerdictOK, "%d passed their self-test on %d threads", len(d.Kernels), threads)
}

// keysCheck compares the proving keys here with the circuits of the chain.
func (d *checkup) keysCheck(ctx context.Context) {
	dir := KeysDir(d.config, d.deps.Home)
	keys, err := prover.New(dir)
	if err != nil {
		d.add("proving keys", VerdictFail, "%v", err)
		return
	}
	circuits := make(map[string]proofstypes.Circuit)
	if d.online {
		listed, err := d.client.Circuits(ctx)
		if err != nil {
			d.add("proving keys", VerdictWarn, "%v", err)
		}
		for _, circuit := range listed {
			circuits[circuit.Id] = circuit
		}
	}
	for _, class := range statement.Classes() {
		d.keyCheck(keys, class, circuits)
	}
}

func (d *checkup) keyCheck(keys *prover.Prover, class uint32, circuits map[string]proofstypes.Circuit) {
	id := statement.CircuitID(class)
	name := fmt.Sprintf("proving key %s", id)
	hash, err := keys.KeyHash(class)
	circuit, known := circuits[id]
	switch {
	case err != nil:
		d.add(name, VerdictFail, "%v", err)
	case !d.online:
		d.add(name, VerdictWarn, "%x, not compared: the chain can't be reached", hash[:8])
	case !known:
		d.add(name, VerdictWarn, "the chain has no such circuit")
	case !bytes.Equal(circuit.KeyHash, hash[:]):
		d.add(name, VerdictFail, "%x here, %x on the chain: get the chain's keys", hash[:8], circuit.KeyHash)
	default:
		d.add(name, VerdictOK, "%x, the chain's", hash[:8])
	}
}
