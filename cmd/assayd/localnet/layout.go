// Package localnet runs a whole network on one machine: a validator, a randomness beacon and workers, each a process of
// its own, as they would be elsewhere. Everything it makes lies in one folder.
package localnet

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
)

const (
	// DefaultWorkers is the number of workers of a network.
	DefaultWorkers = 2
	// MaxWorkers bounds it; more would only share the same processor.
	MaxWorkers = 8
	// DefaultBasePort is the first port of a network; it takes the ports above it too.
	DefaultBasePort = 26650
)

// Options say what network to run.
type Options struct {
	// Home is the folder of everything the network makes.
	Home string
	// BasePort is the first of the ports it listens on, all on the loopback address.
	BasePort int
	// Workers is the number of workers, 1 to MaxWorkers.
	Workers int
	// Cheater is the worker, counted from 1, that corrupts its results; 0 for none.
	Cheater int
	// Assayd and Worker are the paths of the two programs.
	Assayd, Worker string
	// Circuits is the folder of development keys, made when it is empty.
	Circuits string
	// FullString is the reference string that the workers prove the level full with; none if empty.
	FullString string
}

// Validate names the option that can't be used.
func (o Options) Validate() error {
	switch {
	case o.Home == "":
		return errors.New("localnet home is empty")
	case o.Workers < 1 || o.Workers > MaxWorkers:
		return fmt.Errorf("localnet workers: %d is not between 1 and %d", o.Workers, MaxWorkers)
	case o.Cheater < 0 || o.Cheater > o.Workers:
		return fmt.Errorf("localnet cheater: %d is not a worker, 1 to %d, or 0", o.Cheater, o.Workers)
	case o.BasePort < 1024 || o.BasePort+portCount > 65535:
		return fmt.Errorf("localnet base port: %d is not between 1024 and %d", o.BasePort, 65535-portCount)
	}
	return nil
}

// Ports of a network, as offsets from its base port.
const (
	rpcPort = iota
	p2pPort
	grpcPort
	apiPort
	beaconPort
	pprofPort
	firstWorkerPort
	portCount = firstWorkerPort + 2*MaxWorkers
)

// Layout tells where a network's files and listeners are.
type Layout struct {
	Home     string
	BasePort int
}

// Node is the validator's home.
func (l Layout) Node() string { return filepath.Join(l.Home, "node") }

// WorkerHome is the home of a worker, counted from 1.
func (l Layout) WorkerHome(i int) string { return filepath.Join(l.Home, WorkerName(i)) }

// Log is the file that a process writes its log to.
func (l Layout) Log(process string) string { return filepath.Join(l.Home, "logs", process+".log") }

// pidFile names the process, while it runs.
func (l Layout) pidFile(process string) string { return filepath.Join(l.Home, "run", process+".pid") }

// manifest describes the network for later commands.
func (l Layout) manifest() string { return filepath.Join(l.Home, "localnet.json") }

// RPC is the node's CometBFT address.
func (l Layout) RPC() string { return "tcp://" + l.address(rpcPort) }

// GRPC is the node's gRPC address, without a scheme.
func (l Layout) GRPC() string { return l.address(grpcPort) }

// API is the node's REST address.
func (l Layout) API() string { return "http://" + l.address(apiPort) }

// Beacon is the beacon's address.
func (l Layout) Beacon() string { return "http://" + l.address(beaconPort) }

// WorkerEndpoint is the address at which a worker serves its results.
func (l Layout) WorkerEndpoint(i int) string { return "http://" + l.workerAddress(i) }

func (l Layout) workerAddress(i int) string { return l.address(firstWorkerPort + 2*(i-1)) }

func (l Layout) metricsAddress(i int) string { return l.address(firstWorkerPort + 2*(i-1) + 1) }

func (l Layout) address(offset int) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(l.BasePort+offset))
}

// WorkerName names a worker's process, folder and operator key.
func WorkerName(i int) string { return fmt.Sprintf("worker-%d", i) }
