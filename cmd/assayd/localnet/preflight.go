package localnet

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
)

// minFreeBytes is the disk space a network needs with room to spare: keys, a few minutes of chain, logs.
const minFreeBytes = 1 << 30

// Preflight checks what would otherwise fail half-way: the programs, the ports, the disk.
func Preflight(o Options) error {
	for name, path := range map[string]string{"assayd": o.Assayd, "assay-worker": o.Worker} {
		if !exists(path) {
			return fmt.Errorf("%s is not at %s: run 'make build', or name it by a flag", name, path)
		}
	}
	if err := freePorts(o); err != nil {
		return err
	}
	if err := os.MkdirAll(o.Home, 0o755); err != nil {
		return fmt.Errorf("make the network's folder: %w", err)
	}
	return freeDisk(o.Home)
}

// freePorts checks that nobody listens where the network will.
func freePorts(o Options) error {
	layout := Layout{Home: o.Home, BasePort: o.BasePort}
	for offset := range firstWorkerPort + 2*o.Workers {
		listener, err := net.Listen("tcp", layout.address(offset))
		if err != nil {
			return fmt.Errorf("port %d is busy: stop what listens there, or choose other ports with --base-port", o.BasePort+offset)
		}
		listener.Close()
	}
	return nil
}

// freeDisk checks the space on the disk that holds a folder.
func freeDisk(folder string) error {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(folder, &disk); err != nil {
		return fmt.Errorf("ask for the free space at %s: %w", folder, err)
	}
	if free := uint64(disk.Bsize) * disk.Bavail; free < minFreeBytes {
		return fmt.Errorf("the disk of %s has %d MiB free, %d MiB are needed: free some, or choose another folder with --home",
			filepath.Clean(folder), free>>20, uint64(minFreeBytes)>>20)
	}
	return nil
}
