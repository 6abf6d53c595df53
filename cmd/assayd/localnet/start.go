package localnet

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
)

// Names of the processes of a network, besides the workers.
const (
	nodeProcess   = "node"
	beaconProcess = "beacon"
)

const (
	// startTimeout is how long a process may take to answer.
	startTimeout = 60 * time.Second
	pollInterval = 100 * time.Millisecond
)

// Progress is told what the network is doing.
type Progress func(format string, args ...any)

// Start makes a network in an empty folder, or resumes the one that is there, and returns when its node makes blocks and
// its workers are registered. A failure leaves nothing running.
func Start(ctx context.Context, o Options, m Manifest, chain Chain, progress Progress) (err error) {
	layout := Layout{Home: o.Home, BasePort: m.BasePort}
	fresh := !exists(layout.manifest())
	if fresh {
		progress("making a network in %s", o.Home)
		if err := create(ctx, layout, m, chain); err != nil {
			return err
		}
		if err := writeManifest(layout, m); err != nil {
			return err
		}
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, Stop(o.Home))
		}
	}()
	progress("starting the beacon at %s", layout.Beacon())
	if err := startBeacon(ctx, layout, o, m); err != nil {
		return err
	}
	progress("starting the validator at %s", layout.RPC())
	if err := startNode(ctx, layout, o); err != nil {
		return err
	}
	for i := 1; i <= m.Workers; i++ {
		progress("starting %s", WorkerName(i))
		if err := startWorker(ctx, layout, o, m, i); err != nil {
			return err
		}
	}
	return nil
}

// startBeacon runs the randomness beacon.
func startBeacon(ctx context.Context, layout Layout, o Options, m Manifest) error {
	err := layout.spawn(beaconProcess, o.Assayd, "beacon", "serve", "--home", layout.Node(), "--listen", layout.address(beaconPort),
		"--period", strconv.Itoa(BeaconPeriod), "--genesis", strconv.FormatInt(m.BeaconGenesis, 10), "--key", BeaconKeyFile(layout.Home))
	if err != nil {
		return err
	}
	return layout.await(ctx, beaconProcess, func(ctx context.Context) error {
		return answers(ctx, layout.Beacon()+"/info")
	})
}

// startNode runs the validator and waits for its first blocks.
func startNode(ctx context.Context, layout Layout, o Options) error {
	if err := layout.spawn(nodeProcess, o.Assayd, "start", "--home", layout.Node(), "--log_level", "info", "--log_no_color"); err != nil {
		return err
	}
	client, err := rpchttp.New(layout.RPC(), "/websocket")
	if err != nil {
		return err
	}
	return layout.await(ctx, nodeProcess, func(ctx context.Context) error {
		status, err := client.Status(ctx)
		if err == nil && status.SyncInfo.LatestBlockHeight < 2 {
			err = errors.New("no block yet")
		}
		return err
	})
}

// await polls a process until it answers; it fails at once when the process has ended.
func (l Layout) await(ctx context.Context, process string, ready func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		if number, pidErr := l.pid(process); pidErr != nil || number == 0 {
			return fmt.Errorf("%s ended at once; the end of %s:\n%s", process, l.Log(process), l.tail(process, 15))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer (%w); the end of %s:\n%s", process, err, l.Log(process), l.tail(process, 15))
		case <-time.After(pollInterval):
		}
	}
}

// answers tells whether a URL can be fetched.
func answers(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, response.Status)
	}
	return nil
}
