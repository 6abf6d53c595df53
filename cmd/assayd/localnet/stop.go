package localnet

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
)

// BeaconKeyFile is where a network's beacon keeps its key.
func BeaconKeyFile(home string) string { return filepath.Join(home, "beacon_key") }

// processes names a network's processes in the order in which they stop: those that talk to the node before the node.
func processes(workers int) []string {
	names := make([]string, 0, workers+2)
	for i := 1; i <= workers; i++ {
		names = append(names, WorkerName(i))
	}
	return append(names, nodeProcess, beaconProcess)
}

// Stop ends every process of the network in a folder. Its files stay; a later start resumes it.
func Stop(home string) error {
	m, err := ReadManifest(home)
	if err != nil {
		return err
	}
	layout := Layout{Home: home, BasePort: m.BasePort}
	var failures error
	for _, name := range processes(m.Workers) {
		failures = errors.Join(failures, layout.stop(name))
	}
	return failures
}

// ProcessStatus is what is known of one process.
type ProcessStatus struct {
	Name string `json:"name"`
	// PID is 0 when the process does not run.
	PID     int    `json:"pid"`
	Address string `json:"address"`
	Log     string `json:"log"`
}

// Status describes a network.
type Status struct {
	Home    string `json:"home"`
	ChainID string `json:"chain_id"`
	// Height is the last block's, 0 when the node does not answer.
	Height    int64           `json:"height"`
	Processes []ProcessStatus `json:"processes"`
}

// Running tells whether every process runs.
func (s Status) Running() bool {
	for _, p := range s.Processes {
		if p.PID == 0 {
			return false
		}
	}
	return true
}

// Inspect asks for a network's processes and height.
func Inspect(ctx context.Context, home string) (Status, error) {
	m, err := ReadManifest(home)
	if err != nil {
		return Status{}, err
	}
	layout := Layout{Home: home, BasePort: m.BasePort}
	status := Status{Home: home, ChainID: m.ChainID}
	addresses := map[string]string{nodeProcess: layout.RPC(), beaconProcess: layout.Beacon()}
	for i := 1; i <= m.Workers; i++ {
		addresses[WorkerName(i)] = layout.WorkerEndpoint(i)
	}
	for _, name := range processes(m.Workers) {
		number, err := layout.pid(name)
		if err != nil {
			return Status{}, fmt.Errorf("look for %s: %w", name, err)
		}
		status.Processes = append(status.Processes, ProcessStatus{Name: name, PID: number, Address: addresses[name], Log: layout.Log(name)})
	}
	status.Height = height(ctx, layout)
	return status, nil
}

// height asks the node for its last block, without waiting long.
func height(ctx context.Context, layout Layout) int64 {
	client, err := rpchttp.New(layout.RPC(), "/websocket")
	if err != nil {
		return 0
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	status, err := client.Status(ctx)
	if err != nil {
		return 0
	}
	return status.SyncInfo.LatestBlockHeight
}
