package daemon

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/config"
	"github.com/assaychain/assay/offchain-worker/device"
	"github.com/assaychain/assay/offchain-worker/journal"
	"github.com/assaychain/assay/offchain-worker/machine"
	"github.com/assaychain/assay/offchain-worker/prover"
	"github.com/assaychain/assay/offchain-worker/runner"
	"github.com/assaychain/assay/x/proofs/setup"
	"github.com/assaychain/assay/x/proofs/statement"
	proofstypes "github.com/assaychain/assay/x/proofs/types"
)

// dial connects to the chain.
func (d Deps) dial(c config.Chain) (*chain.Client, error) {
	if d.Node != nil {
		return chain.NewClient(d.Node, d.Encoding, time.Duration(c.RequestTimeout))
	}
	return chain.Dial(c.Node, d.Encoding, time.Duration(c.RequestTimeout))
}

func (d *Daemon) connect() (err error) {
	if d.client, err = d.deps.dial(d.config.Chain); err != nil {
		return err
	}
	fees, err := d.config.Chain.Fees()
	if err != nil {
		return err
	}
	d.signer, err = chain.NewSigner(chain.SignerConfig{
		ChainID: d.config.Chain.ID, Keyring: d.deps.Keyring, KeyName: d.config.Chain.KeyName, TxConfig: d.deps.Encoding.TxConfig,
		Fees: fees, FeeGranter: d.operator, TimeoutBlocks: d.config.Chain.TimeoutBlocks, OnSent: d.metrics.Sent,
	}, d.client, d.client)
	return err
}

func (d *Daemon) openStores() (err error) {
	blobs := d.config.Blobs
	if d.work, err = blob.NewStore(filepath.Join(d.deps.Home, "blobs"), blobs.QuotaMiB<<20); err != nil {
		return err
	}
	if d.results, err = blob.NewStore(filepath.Join(d.deps.Home, "results"), blobs.ResultsQuotaMiB<<20); err != nil {
		return err
	}
	d.index, err = blob.NewResultIndex(filepath.Join(d.deps.Home, "results-by-job"))
	return err
}

func (d *Daemon) openRunner() error {
	kinds, err := d.kinds()
	if err != nil {
		return err
	}
	var entries []journal.Entry
	if d.journal, entries, err = journal.Open(filepath.Join(d.deps.Home, "journal.wal"), d.hooks()); err != nil {
		return err
	}
	if d.journal.Torn > 0 {
		d.deps.Log.Warn("journal ended in the middle of an entry, as after a crash; dropped it", "bytes", d.journal.Torn)
	}
	worker := d.config.Worker
	d.runner, err = runner.New(runner.Config{
		ChainID: d.config.Chain.ID, Operator: d.operator, Lanes: worker.Lanes, Poll: time.Duration(worker.PollInterval),
		ReportBefore: time.Duration(worker.ReportBefore), FetchTries: worker.FetchTries, Rate: d.machine.Rate(), Rates: d.machine.Rates(), Kinds: kinds,
		Market: d.client, Sender: d.signer, Couriers: d.couriers(), Journal: d.journal, Observer: d.metrics, Log: d.deps.Log,
	}, entries)
	if err != nil {
		return err
	}
	return d.journal.Compact(d.runner.Unfinished)
}

// openMachine tests and measures what computes here.
func (d *Daemon) openMachine() (err error) {
	d.machine, err = OpenMachine(context.Background(), d.config, d.deps, d.deviceFailed)
	if err != nil {
		return err
	}
	d.metrics.SetRate(d.machine.Rate())
	for _, one := range d.machine.Devices() {
		if one.Works() {
			d.deps.Log.Info("computing on", "model", one.Model, "kernel", one.Kernel.Name(), "gmacs", one.Rate/1e9)
		}
	}
	for _, report := range d.machine.Backends() {
		if report.Status == machine.StatusUnavailable && report.Wanted {
			d.deps.Log.Error("a back end that the configuration names can't be used", "backend", report.Name, "reason", report.Reason)
		}
		for _, one := range report.Accelerators {
			if !one.Serves {
				d.deps.Log.Warn("an accelerator is not used", "backend", report.Name, "model", one.Name, "reason", one.Reason)
			}
		}
	}
	return nil
}

// deviceFailed tells of a result that the processor had to compute in the place of a device.
func (d *Daemon) deviceFailed(failed device.Device, err error) {
	d.deps.Log.Error("a device gave no right result, the processor computes it again", "model", failed.Model, "error", err)
}

// OpenMachine opens a machine as the configuration wants it.
func OpenMachine(ctx context.Context, c config.Config, deps Deps, failed func(device.Device, error)) (*machine.Machine, error) {
	return machine.Open(ctx, machine.Options{
		Threads: c.Worker.Threads, Sources: deps.sources(), Backends: deps.Backends, List: c.Devices.Backends, Failed: failed,
	})
}

// kinds wires the job kinds.
func (d *Daemon) kinds() (_ *runner.Kinds, err error) {
	if d.prover, err = prover.New(KeysDir(d.config, d.deps.Home)); err != nil {
		return nil, err
	}
	if err := d.openFull(); err != nil {
		return nil, err
	}
	if d.levels, err = provers(d.prover, d.full, d.deps.Log); err != nil {
		return nil, err
	}
	dense, err := runner.NewDense(runner.DenseConfig{
		Work: d.work, Results: d.results, Index: d.index, Executor: executor{d.machine}, Provers: d.levels, Fetcher: d.fetcher(),
	})
	if err != nil {
		return nil, err
	}
	return d.seal(dense)
}

func (d *Daemon) fetcher() *blob.Fetcher {
	return blob.NewFetcher(blob.FetchConfig{
		AllowPrivate: d.config.Blobs.AllowPrivateLocators, Timeout: time.Duration(d.config.Blobs.FetchTimeout),
	})
}

// seal registers the kinds, with the faults that the configuration asks for.
func (d *Daemon) seal(dense *runner.Dense) (*runner.Kinds, error) {
	faults, err := d.config.RunnerFaults()
	if err != nil {
		return nil, err
	}
	if faults.Active() {
		d.deps.Log.Warn("FAULTS ARE ON: this worker misbehaves on purpose and will be slashed", "faults", fmt.Sprintf("%+v", faults))
	}
	kind, err := runner.WithFaults(dense, faults, d.config.Chain.ID)
	if err != nil {
		return nil, err
	}
	kinds := &runner.Kinds{}
	for _, each := range []runner.Kind{kind, runner.Replicated(kind), runner.Audited(kind)} {
		if err := kinds.Register(each); err != nil {
			return nil, err
		}
	}
	kinds.Seal()
	return kinds, nil
}

// checkKeys loads the proving keys, which takes a second each, before the first job needs them, and refuses keys that are
// not the chain's: every proof under them would be refused, and slashed.
func (d *Daemon) checkKeys(ctx context.Context) error {
	circuits, err := d.client.Circuits(ctx)
	online := err == nil
	if !online {
		d.deps.Log.Warn("can't compare the proving keys with the chain's", "error", err)
	}
	for _, class := range statement.Classes() {
		hash, err := d.prover.KeyHash(class)
		if optional := online || class > statement.ClassLarge; errors.Is(err, setup.ErrNoKeys) && optional && !served(circuits, class) {
			continue
		}
		if err != nil {
			return fmt.Errorf("proving key %s: %w", statement.CircuitID(class), err)
		}
		if other := replaced(circuits, class, hash); other != nil {
			return fmt.Errorf("proving key for class %d in %s is %x, the chain's %s is %x: get the chain's keys",
				class, KeysDir(d.config, d.deps.Home), hash[:8], other.Id, other.KeyHash)
		}
	}
	return nil
}

// served tells whether the chain has jobs of a class. A worker needs no keys of others.
func served(circuits []proofstypes.Circuit, class uint32) bool {
	return slices.ContainsFunc(circuits, func(c proofstypes.Circuit) bool {
		return c.Class == class && c.Status == proofstypes.CIRCUIT_STATUS_ACTIVE
	})
}

// replaced finds the active circuit of a class that has another key than ours.
func replaced(circuits []proofstypes.Circuit, class uint32, hash [32]byte) *proofstypes.Circuit {
	for i := range circuits {
		c := &circuits[i]
		if c.Model == nil && c.Class == class && c.Status == proofstypes.CIRCUIT_STATUS_ACTIVE && !bytes.Equal(c.KeyHash, hash[:]) {
			return c
		}
	}
	return nil
}

// withdrawStaleKeys takes the devices out of the offer when governance has replaced a circuit since the start, so that no
// job comes that this worker's keys can't prove. It returns whether the keys still fit.
func (d *Daemon) withdrawStaleKeys(ctx context.Context) bool {
	err := d.checkKeys(ctx)
	if err == nil {
		return true
	}
	d.deps.Log.Error("devices are taken out of the offer until the worker is restarted with the chain's keys", "error", err)
	d.offer(ctx, true, false)
	return false
}

// KeysDir is the folder of proving keys.
func KeysDir(config config.Config, home string) string {
	if config.Worker.KeysDir != "" {
		return config.Worker.KeysDir
	}
	return filepath.Join(home, "keys")
}

func (d *Daemon) hooks() journal.Hooks {
	if d.deps.CrashAt == "" || !runner.DevelopmentChain(d.config.Chain.ID) {
		return journal.Hooks{}
	}
	return journal.Hooks{After: func(entry journal.Entry) error {
		if entry.Step != d.deps.CrashAt {
			return nil
		}
		self, err := os.FindProcess(os.Getpid())
		if err != nil {
			return err
		}
		d.deps.Log.Warn("crashing as told", "step", string(entry.Step), "job", entry.Job)
		if err := self.Kill(); err != nil {
			return err
		}
		select {} // The signal ends the process here, before anything is sent.
	}}
}
