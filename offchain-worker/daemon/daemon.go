// Package daemon puts a worker together: configuration in, a process out that serves one operator until its context ends.
package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/config"
	"github.com/assaychain/assay/offchain-worker/device"
	"github.com/assaychain/assay/offchain-worker/fullproof"
	"github.com/assaychain/assay/offchain-worker/journal"
	"github.com/assaychain/assay/offchain-worker/machine"
	"github.com/assaychain/assay/offchain-worker/metrics"
	"github.com/assaychain/assay/offchain-worker/prover"
	"github.com/assaychain/assay/offchain-worker/relay"
	"github.com/assaychain/assay/offchain-worker/runner"
	"github.com/assaychain/assay/offchain-worker/spotcheck"
	"github.com/assaychain/assay/x/registry/cells"
)

// Deps are what a daemon is given from outside; all but Node, Sources, Backends and CrashAt are required.
type Deps struct {
	// Home holds the journal, the blobs and the keys.
	Home     string
	Encoding chain.Encoding
	Keyring  keyring.Keyring
	Log      *slog.Logger
	// Node is the connection to the chain; the configured node is dialled if nil.
	Node client.CometRPC
	// Sources find the hardware; the machine's own if nil.
	Sources []device.Source
	// Backends compute on accelerators, the preferred first; without any, only the processor computes.
	Backends []machine.Backend
	// CrashAt kills the process right after this step is journalled, for tests; refused on any chain but development ones.
	CrashAt journal.Step
}

// Daemon is a worker that is ready to run. Close it if it is not run.
type Daemon struct {
	config   config.Config
	deps     Deps
	operator sdk.AccAddress
	client   *chain.Client
	signer   *chain.Signer
	metrics  *metrics.Metrics
	journal  *journal.Journal
	work     *blob.Store
	results  *blob.Store
	index    *blob.ResultIndex
	runner   *runner.Runner
	prover   *prover.Prover
	// full proves every entry; nil without a reference string. levels are all that this worker can prove.
	full   *fullproof.System
	levels *runner.Provers
	// toldOfFull and toldOfModels are whether the log says already that a level is not offered.
	toldOfFull   atomic.Bool
	toldOfModels atomic.Bool
	// lacking is whether the hot key lacked a grant when the chain was last asked, or it couldn't be asked at the start; unoffered whether
	// the devices were to be offered and that did not come through; stopping whether the worker drains.
	lacking, unoffered, stopping atomic.Bool
	machine                      *machine.Machine
	// cell is where the configuration says that the machine stands; Nowhere without a location.
	cell cells.Cell
	// withdrawn are the ids of devices that were taken out of the offer because they work no longer.
	withdrawn map[string]bool
	// watchEvery is the time between two looks at the devices.
	watchEvery time.Duration
	// checker answers spot checks, which have a journal of their own.
	checker      *spotcheck.Checker
	checkJournal *journal.Journal
	// heralds tells the chain of the devices' condition.
	heralds *herald
	// boxes holds other workers' outputs; nil unless this worker is a relay.
	boxes *relay.Server
}

// New checks the configuration, opens what is on the disk and measures the machine. It does not need the chain yet.
func New(config config.Config, deps Deps) (*Daemon, error) {
	if deps.Home == "" || deps.Encoding.Codec == nil || deps.Keyring == nil || deps.Log == nil {
		return nil, errors.New("daemon: home, encoding, keyring and log are required")
	}
	if err := config.Validate(); err != nil {
		return nil, err
	}
	if config.Chain.Operator == "" {
		return nil, errors.New("chain.operator is empty: register first, with assay-worker register")
	}
	operator, err := sdk.AccAddressFromBech32(config.Chain.Operator)
	if err != nil {
		return nil, fmt.Errorf("chain.operator: %w", err)
	}
	cell, err := config.Devices.Cell()
	if err != nil {
		return nil, err
	}
	d := &Daemon{config: config, deps: deps, operator: operator, cell: cell, metrics: metrics.New(), withdrawn: make(map[string]bool),
		watchEvery: watchInterval}
	d.heralds = d.herald()
	for _, part := range []func() error{d.connect, d.openStores, d.openMachine, d.openRunner, d.openChecker, d.openRelay} {
		if err := part(); err != nil {
			return nil, errors.Join(err, d.Close())
		}
	}
	return d, nil
}

// Sources are those of this machine: NVIDIA's driver and the processor.
func Sources(home string) []device.Source {
	return []device.Source{device.NewNVIDIA(), device.NewCPU(home)}
}

// sources are those given, or the machine's own.
func (d *Deps) sources() []device.Source {
	if d.Sources != nil {
		return d.Sources
	}
	return Sources(d.Home)
}

// Operator is the operator's address.
func (d *Daemon) Operator() sdk.AccAddress { return d.operator }

// Close releases what New opened. Run does it too.
func (d *Daemon) Close() error {
	var failed []error
	for _, one := range []*journal.Journal{d.journal, d.checkJournal} {
		if one != nil {
			failed = append(failed, one.Close())
		}
	}
	if d.full != nil {
		failed = append(failed, d.full.Close())
	}
	if d.machine != nil {
		failed = append(failed, d.machine.Close())
	}
	return errors.Join(failed...)
}

// Run works until the context ends, then stops in an orderly way: it takes the devices out of the offer, lets jobs in work
// end within the grace time, and leaves the rest to the next start. It returns nil after such a stop.
func (d *Daemon) Run(ctx context.Context) error {
	if err := d.meetChain(ctx); err != nil {
		return errors.Join(err, d.Close())
	}
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	group, working := errgroup.WithContext(working)
	d.serve(working, group)
	group.Go(func() error { return quiet(d.runner.Run(working)) })
	group.Go(func() error { return quiet(d.checker.Run(working)) })
	group.Go(func() error { return quiet(d.reoffer(working)) })
	group.Go(func() error { return quiet(d.measure(working)) })
	if d.config.Beacon.Relay {
		group.Go(func() error { return quiet(d.relay(working)) })
	}
	group.Go(func() error { return quiet(d.watch(working)) })
	d.serveBoxes(working, group)
	group.Go(func() error {
		if err := d.checkKeys(working); err != nil {
			return err
		}
		// Before they are offered, so that no job comes that can't be proven.
		d.declare(working)
		d.offerGranted(working)
		select {
		case <-ctx.Done():
			d.drain(working)
		case <-working.Done():
		}
		stop()
		return nil
	})
	return errors.Join(group.Wait(), d.Close())
}

// quiet takes the end of the context as no error.
func quiet(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// meetChain waits for the node and refuses one of another chain.
func (d *Daemon) meetChain(ctx context.Context) error {
	for {
		status, err := d.client.Status(ctx)
		if err == nil && status.ChainID != d.config.Chain.ID {
			return fmt.Errorf("node %s serves chain %q, the configuration names %q", d.config.Chain.Node, status.ChainID, d.config.Chain.ID)
		}
		if err == nil && status.Height > 0 && !status.CatchingUp {
			d.deps.Log.Info("working", "chain", status.ChainID, "height", status.Height, "operator", d.operator.String(), "hot_key", d.signer.Address().String())
			return nil
		}
		d.deps.Log.Warn("waiting for the node", "node", d.config.Chain.Node, "error", err, "catching_up", status.CatchingUp)
		select {
		case <-ctx.Done():
			return fmt.Errorf("node %s: %w", d.config.Chain.Node, errors.Join(ctx.Err(), err))
		case <-time.After(2 * time.Second):
		}
	}
}

// drain stops taking jobs and waits for those in work.
func (d *Daemon) drain(ctx context.Context) {
	grace := time.Duration(d.config.Worker.ShutdownGrace)
	d.stopping.Store(true)
	d.deps.Log.Info("stopping", "jobs_in_work", d.runner.Busy(), "grace", grace)
	ctx, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	if d.config.Devices.UnavailableOnStop {
		d.offer(ctx, true, false)
	}
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	for d.runner.Busy() > 0 || d.mayBeChecked(ctx) {
		select {
		case <-ctx.Done():
			d.deps.Log.Warn("stopping with jobs in work, or devices that may still be checked; they go on after the next start, if that is in time",
				"jobs", d.runner.Busy())
			return
		case <-ticker.C:
		}
	}
}

// serve answers customers, and Prometheus if configured.
func (d *Daemon) serve(ctx context.Context, group *errgroup.Group) {
	mux := http.NewServeMux()
	mux.Handle("/", blob.Handler(d.results, d.index))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	start(ctx, group, blob.NewServer(d.config.Blobs.Listen, mux))
	if address := d.config.Metrics.Listen; address != "" {
		figures := http.NewServeMux()
		figures.Handle("GET /metrics", d.metrics.Handler())
		start(ctx, group, blob.NewServer(address, figures))
	}
}

func start(ctx context.Context, group *errgroup.Group, server *http.Server) {
	group.Go(func() error {
		if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve on %s: %w", server.Addr, err)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
		defer cancel()
		if err := server.Shutdown(closing); err != nil {
			return server.Close()
		}
		return nil
	})
}
