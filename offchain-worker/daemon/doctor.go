package daemon

import (
	"context"
	"fmt"
	"time"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/config"
	"github.com/assaychain/assay/offchain-worker/device"
	"github.com/assaychain/assay/offchain-worker/machine"
)

// Verdict is the end of a check.
type Verdict string

// The verdicts. Only a failure keeps the worker from working.
const (
	VerdictOK   Verdict = "ok"
	VerdictWarn Verdict = "warn"
	VerdictFail Verdict = "fail"
)

// Check is one thing that the doctor looked at.
type Check struct {
	Name    string  `json:"name"`
	Verdict Verdict `json:"verdict"`
	Detail  string  `json:"detail"`
}

// Hardware is a device as the doctor shows it.
type Hardware struct {
	device.Device
	ID string `json:"id"`
	// Class is what it is registered as.
	Class     string           `json:"class"`
	Backend   string           `json:"backend"`
	Telemetry device.Telemetry `json:"telemetry"`
	// Computes is whether this worker has a compute back end for it that works.
	Computes bool `json:"computes"`
	// Kernel is what computes on it, empty if nothing does.
	Kernel string `json:"kernel"`
	// Registered is whether the chain lists it under the operator.
	Registered bool `json:"registered"`
	// ModelKey is its model's key in the catalogue, empty if the catalogue that came with this worker doesn't know it.
	ModelKey string `json:"model_key"`
	// HighestClass is the highest that the catalogue lets it claim.
	HighestClass string `json:"highest_class"`
	// EdgeScore tells how much it can do at the edge of the network, from 0 to 100.
	EdgeScore uint32 `json:"edge_score"`
	// Quantisation is the precision at which models should be stored for it.
	Quantisation string `json:"quantisation"`
}

// Speed is a kernel with what it was measured at.
type Speed struct {
	Kernel string `json:"kernel"`
	// Device is the model that it computes on.
	Device string `json:"device"`
	// GMACs is 10^9 multiply-accumulates a second.
	GMACs float64 `json:"gmacs"`
	// PerHour is what an hour of full use would earn at the configured price, in the base denomination, before the protocol's fee.
	PerHour math.Int `json:"per_hour"`
}

// Report is what the doctor found.
type Report struct {
	Checks  []Check    `json:"checks"`
	Devices []Hardware `json:"devices"`
	// Kernels are those of the processor, then those of accelerators.
	Kernels []Speed `json:"kernels"`
	// Backends are all ways to compute on accelerators that this build has.
	Backends []machine.BackendReport `json:"backends"`
}

// Healthy tells whether nothing keeps the worker from working.
func (r *Report) Healthy() bool {
	for _, check := range r.Checks {
		if check.Verdict == VerdictFail {
			return false
		}
	}
	return true
}

func (r *Report) add(name string, verdict Verdict, format string, args ...any) {
	r.Checks = append(r.Checks, Check{Name: name, Verdict: verdict, Detail: fmt.Sprintf(format, args...)})
}

// checkup is one run of the doctor.
type checkup struct {
	Report
	config   config.Config
	deps     Deps
	client   *chain.Client
	operator sdk.AccAddress
	hotKey   sdk.AccAddress
	online   bool
	machine  *machine.Machine
}

// Doctor looks at everything that a worker needs and tells what the machine can do and earn. It changes nothing.
func Doctor(ctx context.Context, c config.Config, deps Deps) (*Report, error) {
	client, err := deps.dial(c.Chain)
	if err != nil {
		return nil, err
	}
	d := &checkup{config: c, deps: deps, client: client}
	if d.machine, err = machine.Open(ctx, machine.Options{
		Threads: c.Worker.Threads, Sources: deps.sources(), Backends: deps.Backends, List: c.Devices.Backends, Survey: true,
	}); err != nil {
		return nil, err
	}
	d.examine(ctx)
	return &d.Report, d.machine.Close()
}

// examine makes all checks.
func (d *checkup) examine(ctx context.Context) {
	d.hotKeyCheck()
	d.operatorCheck()
	d.chainCheck(ctx)
	d.deviceCheck(ctx)
	d.locationCheck(ctx)
	d.kernelCheck(ctx)
	d.backendCheck()
	d.keysCheck(ctx)
	d.moneyCheck(ctx)
	d.grantCheck(ctx)
	d.spotCheckCheck(ctx)
	d.diskCheck()
}

func (d *checkup) hotKeyCheck() {
	record, err := d.deps.Keyring.Key(d.config.Chain.KeyName)
	if err != nil {
		d.add("hot key", VerdictFail, "no key %q: make it with assay-worker init (%v)", d.config.Chain.KeyName, err)
		return
	}
	if d.hotKey, err = record.GetAddress(); err != nil {
		d.add("hot key", VerdictFail, "%v", err)
		return
	}
	if d.config.Chain.KeyringBackend == "test" {
		d.add("hot key", VerdictWarn, "%s, kept unencrypted (keyring backend test)", d.hotKey)
		return
	}
	d.add("hot key", VerdictOK, "%s", d.hotKey)
}

func (d *checkup) operatorCheck() {
	if d.config.Chain.Operator == "" {
		d.add("operator", VerdictFail, "not registered: run assay-worker register")
		return
	}
	operator, err := sdk.AccAddressFromBech32(d.config.Chain.Operator)
	if err != nil {
		d.add("operator", VerdictFail, "%v", err)
		return
	}
	d.operator = operator
	if faults, err := d.config.RunnerFaults(); err != nil || faults.Active() {
		d.add("faults", VerdictWarn, "this worker misbehaves on purpose: %+v", faults)
	}
}

func (d *checkup) chainCheck(ctx context.Context) {
	before := time.Now()
	status, err := d.client.Status(ctx)
	switch {
	case err != nil:
		d.add("chain", VerdictFail, "%s: %v", d.config.Chain.Node, err)
		return
	case status.ChainID != d.config.Chain.ID:
		d.add("chain", VerdictFail, "%s serves chain %q, the configuration names %q", d.config.Chain.Node, status.ChainID, d.config.Chain.ID)
		return
	case status.CatchingUp:
		d.add("chain", VerdictWarn, "%s is catching up at height %d", status.ChainID, status.Height)
	default:
		d.add("chain", VerdictOK, "%s at height %d, answers in %s", status.ChainID, status.Height, time.Since(before).Round(time.Millisecond))
	}
	d.online = true
	d.clockCheck(status)
}

// clockCheck compares with the last block's time, which lags by up to a block behind the validators' clocks.
func (d *checkup) clockCheck(status chain.Status) {
	const ahead, behind = 5 * time.Second, time.Minute
	lag := time.Since(status.BlockTime)
	switch {
	case lag < -ahead:
		d.add("clock", VerdictFail, "this machine is %s behind the last block: set its clock, or beacon rounds look too early", (-lag).Round(time.Millisecond))
	case lag > behind:
		d.add("clock", VerdictWarn, "the last block is %s old: the chain stands still, or this machine's clock is ahead", lag.Round(time.Second))
	default:
		d.add("clock", VerdictOK, "last block %s ago", lag.Round(time.Millisecond))
	}
}
