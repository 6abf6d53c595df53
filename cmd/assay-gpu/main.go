// Command assay-gpu is the worker's GPU process. assay-worker starts it and talks to it over standard input and output; it ends when its
// input does. Run by hand it lists the adapters:
//
//	assay-gpu list
package main

import (
	"bufio"
	"fmt"
	"os"

	"github.com/assaychain/assay/offchain-worker/compute/webgpu/gpu"
	"github.com/assaychain/assay/offchain-worker/compute/webgpu/protocol"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "assay-gpu:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 1 && args[0] == "serve":
		return serve()
	case len(args) == 1 && args[0] == "list":
		return list()
	}
	return fmt.Errorf("usage: assay-gpu list | serve")
}

func list() error {
	adapters, err := adapters()
	if err != nil {
		return err
	}
	for i, a := range adapters.Listed() {
		fmt.Printf("%d: %s, vendor %#04x, %d MiB, UUID %x, software %t\n", i, a.Name, a.Vendor, a.Memory>>20, a.UUID, a.Software)
	}
	return nil
}

func adapters() (*gpu.Adapters, error) {
	adapters, err := gpu.List()
	if err == nil && adapters.Unidentified() != nil {
		fmt.Fprintln(os.Stderr, "assay-gpu:", adapters.Unidentified())
	}
	return adapters, err
}

// serve gives the protocol the real standard output and everything else, such as what drivers print, standard error.
func serve() error {
	out, err := takeStdout()
	if err != nil {
		return err
	}
	adapters, err := adapters()
	if err != nil {
		return err
	}
	return gpu.Serve(protocol.NewConn(bufio.NewReader(os.Stdin), out), adapters)
}
