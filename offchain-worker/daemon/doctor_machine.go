package daemon

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/offchain-worker/device"
	"github.com/assaychain/assay/offchain-worker/machine"
	"github.com/assaychain/assay/offchain-worker/prover"
	"github.com/assaychain/assay/x/proofs/setup"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/registry/catalogue"

	proofstypes "github.com/assaychain/assay/x/proofs/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

func (d *checkup) deviceCheck(ctx context.Context) {
	onChain := d.registered(ctx)
	for _, note := range d.machine.Notes() {
		d.add("devices", VerdictWarn, "%v", note)
	}
	for _, one := range d.machine.Devices() {
		d.addDevice(ctx, one, onChain)
	}
	if unable := len(d.machine.Unable()); unable > 0 {
		d.add("devices", VerdictWarn, "%d found that nothing here computes on: shown, but not registered", unable)
	}
	if len(d.machine.Able()) == 0 {
		d.add("devices", VerdictFail, "nothing here that this worker can compute on")
	}
}

func (d *checkup) addDevice(ctx context.Context, one *machine.Device, onChain map[string]bool) {
	telemetry := device.Unknown()
	if one.Source != nil {
		read, err := one.Source.Telemetry(ctx, one.UUID)
		if err != nil {
			d.add("telemetry", VerdictWarn, "%s: %v", one.Model, err)
		} else {
			telemetry = read
		}
	}
	id, kernel := one.ID(), ""
	if one.Works() {
		kernel = one.Kernel.Name()
	}
	verdict, class := one.Verdict(one.Rate), classFor(d.config, one.Device)
	d.Devices = append(d.Devices, Hardware{
		Device: one.Device, ID: hex.EncodeToString(id[:]), Class: device.ClassName(class), Backend: device.BackendName(one.Backend),
		Telemetry: telemetry, Computes: one.Works(), Kernel: kernel, Registered: onChain[string(id[:])],
		ModelKey: verdict.Key, HighestClass: verdict.Class.String(), EdgeScore: verdict.Score, Quantisation: verdict.Quantisation.String(),
	})
	d.modelCheck(one.Device, class, verdict)
}

// modelCheck tells what the catalogue makes of an accelerator, and whether it can be registered as that.
func (d *checkup) modelCheck(one device.Device, class registrytypes.DeviceClass, verdict catalogue.Verdict) {
	if one.Backend == registrytypes.BACKEND_CPU {
		return
	}
	switch claimed := catalogue.Class(class); {
	case claimed.Rank() > verdict.Class.Rank():
		d.add("model", VerdictWarn, "%s would be registered as %s, the catalogue takes it for %s at most: set devices.class = %q",
			one.Model, claimed, verdict.Class, verdict.Class)
	case !verdict.Known:
		d.add("model", VerdictWarn, "%s is not in the catalogue of this worker: registered as %s; governance can add the model", one.Model, claimed)
	default:
		d.add("model", VerdictOK, "%s is %s of the catalogue: %s, score %d of 100, models best stored as %s",
			one.Model, verdict.Key, verdict.Class, verdict.Score, verdict.Quantisation)
	}
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
	for _, kernel := range registry.Kernels() {
		rate, err := compute.Measure(ctx, kernel)
		if err != nil {
			d.add("kernels", VerdictWarn, "%v", err)
			continue
		}
		d.addSpeed(kernel.Name(), "processor", rate/1e9)
	}
	d.add("kernels", VerdictOK, "%d passed their self-test on %d threads", len(d.Kernels), threads)
}

func (d *checkup) addSpeed(kernel, model string, gmacs float64) {
	price, ok := math.NewIntFromString(d.config.Devices.Price)
	if !ok {
		price = math.ZeroInt()
	}
	d.Kernels = append(d.Kernels, Speed{Kernel: kernel, Device: model, GMACs: gmacs, PerHour: price.Mul(math.NewInt(int64(gmacs * 3600)))})
}

// backendCheck tells of every back end whether it is available, or why not. Only one that the configuration names has to be.
func (d *checkup) backendCheck() {
	d.Backends = d.machine.Backends()
	for _, report := range d.Backends {
		name, verdict := "back end "+report.Name, VerdictOK
		switch {
		case report.Status == machine.StatusUnavailable && report.Wanted:
			verdict = VerdictFail
		case report.Status == machine.StatusUsed && report.Reason != "":
			verdict = VerdictWarn
		}
		d.add(name, verdict, "%s", status(report))
		for _, one := range report.Accelerators {
			if one.GMACs > 0 {
				d.addSpeed(one.Kernel, one.Name, one.GMACs)
			}
			switch {
			case one.Serves:
				d.add(name, VerdictOK, "%s: %s at %.0f GMAC/s with every result checked, which takes %.0f%% of the time", one.Name, one.Kernel, one.GMACs, 100*one.CheckShare)
			case one.GMACs > 0:
				d.add(name, VerdictOK, "%s: works, but does not serve: %s", one.Name, one.Reason)
			default:
				d.add(name, VerdictWarn, "%s: does not serve: %s", one.Name, one.Reason)
			}
		}
	}
}

func status(report machine.BackendReport) string {
	text := fmt.Sprintf("%s, %d accelerators", report.Status, len(report.Accelerators))
	if report.Reason != "" {
		text += ": " + report.Reason
	}
	return text
}

// keysCheck compares the proving keys here with the circuits of the chain.
func (d *checkup) keysCheck(ctx context.Context) {
	dir := KeysDir(d.config, d.deps.Home)
	keys, err := prover.New(dir)
	if err != nil {
		d.add("proving keys", VerdictFail, "%v", err)
		return
	}
	circuits, asked := make(map[string]proofstypes.Circuit), false
	if d.online {
		listed, err := d.client.Circuits(ctx)
		if asked = err == nil; !asked {
			d.add("proving keys", VerdictWarn, "%v", err)
		}
		for _, circuit := range listed {
			circuits[circuit.Id] = circuit
		}
	}
	for _, class := range statement.Classes() {
		d.keyCheck(keys, class, circuits)
	}
	for _, id := range slices.Sorted(maps.Keys(circuits)) {
		if circuit := circuits[id]; activeModel(&circuit) {
			d.modelKeyCheck(keys, &circuit)
		}
	}
	d.fullCheck(circuits, asked)
}

// modelKeyCheck compares the key of a model: without it the level is not offered, since a job may ask for any model.
func (d *checkup) modelKeyCheck(keys *prover.Prover, circuit *proofstypes.Circuit) {
	name := fmt.Sprintf("proving key %s", circuit.Id)
	if err := checkModel(keys, circuit); err != nil {
		d.add(name, VerdictWarn, "jobs of the level model are not taken: %v", err)
		return
	}
	d.add(name, VerdictOK, "%x, the chain's", circuit.KeyHash[:8])
}

func (d *checkup) keyCheck(keys *prover.Prover, class uint32, circuits map[string]proofstypes.Circuit) {
	id := statement.CircuitID(class)
	name := fmt.Sprintf("proving key %s", id)
	hash, err := keys.KeyHash(class)
	circuit, known := circuits[id]
	switch {
	case errors.Is(err, setup.ErrNoKeys) && !known && (d.online || class > statement.ClassLarge):
		// The network has no jobs of the class, or it can't be asked and few networks have.
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
