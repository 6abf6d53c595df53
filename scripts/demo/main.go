// Demo runs a network on this machine and tells the story of four jobs on it, handwritten digits through a neural network,
// a matrix product, one of which every entry is proven and one by a worker that cheats, and of what becomes of the tokens. It types the same commands that a customer would; what it prints beside
// their output is read from the chain.
//
//	go run ./scripts/demo -bin build [-keep] [-dir DIR] [-base-port PORT]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	var d demo
	flag.StringVar(&d.bin, "bin", "build", "folder of assayd and assay-worker")
	flag.StringVar(&d.dir, "dir", "", "folder of the network (default a temporary one)")
	flag.StringVar(&d.digits, "digits", "scripts/digits/data", "folder of the digits and their networks")
	flag.IntVar(&d.port, "base-port", 26650, "first of the ports to listen on")
	flag.BoolVar(&d.keep, "keep", false, "leave the network running and its files in place")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := d.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "\ndemo:", err)
		os.Exit(1)
	}
}

// demo is what the acts share.
type demo struct {
	bin, dir, digits string
	port             int
	keep             bool
	node             node
	began            time.Time
}

// act is one part of the story.
type act struct {
	title string
	play  func(*demo, context.Context) error
}

var acts = []act{
	{"1. A thousand handwritten digits, proven and paid", (*demo).playDigits},
	{"2. A matrix product, compared with the reference", (*demo).playProduct},
	{"3. A product, and a network, of which every entry is proven", (*demo).playFull},
	{"4. A worker that cheats", (*demo).playCheat},
	{"5. A rental, an epoch's rewards and a vote", (*demo).playEconomy},
}

// run starts the network, plays the acts, and cleans up.
func (d *demo) run(ctx context.Context) (err error) {
	d.began = time.Now()
	if err := d.prepare(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.cleanUp()) }()
	d.title("A network on this machine: one validator, one randomness beacon, two workers")
	if err := d.start(ctx); err != nil {
		return err
	}
	for _, a := range acts {
		d.title(a.title)
		if err := a.play(d, ctx); err != nil {
			return fmt.Errorf("act %s: %w", a.title, err)
		}
	}
	d.title("The end")
	d.say("Everything above took %d s. Every figure was read from the chain or recomputed here.", int(time.Since(d.began).Seconds()))
	return nil
}

// prepare finds the programs and makes the folder.
func (d *demo) prepare() (err error) {
	if d.bin, err = filepath.Abs(d.bin); err != nil {
		return err
	}
	for _, program := range []string{"assayd", "assay-worker"} {
		if _, err := os.Stat(filepath.Join(d.bin, program)); err != nil {
			return fmt.Errorf("%s is not in %s: run 'make build' first", program, d.bin)
		}
	}
	if d.dir != "" {
		d.dir, err = filepath.Abs(d.dir)
		return err
	}
	d.dir, err = os.MkdirTemp("", "assay-demo-")
	return err
}

// cleanUp stops the network and removes its folder, unless it is to be kept.
func (d *demo) cleanUp() error {
	if _, missing := os.Stat(d.network()); d.keep && missing == nil {
		d.say("The network goes on in %s. Look around:", d.dir)
		d.say("  %s/assayd localnet status --dir %s", d.bin, d.network())
		d.say("  %s/assayd job list --home %s", d.bin, d.home())
		d.say("  %s/assayd localnet stop --dir %s --remove", d.bin, d.network())
		return nil
	}
	// The context may be over by an interrupt; the processes must stop all the same.
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var err error
	if _, missing := os.Stat(filepath.Join(d.network(), "localnet.json")); missing == nil {
		_, err = d.quiet(ctx, "localnet", "stop", "--dir", d.network())
	}
	return errors.Join(err, os.RemoveAll(d.dir))
}

// network is the folder of the local network.
func (d *demo) network() string { return filepath.Join(d.dir, "net") }

// home is the node's home, whose keyring holds everybody's keys.
func (d *demo) home() string { return filepath.Join(d.network(), "node") }

// file is a file of the demo's own.
func (d *demo) file(name string) string { return filepath.Join(d.dir, name) }
