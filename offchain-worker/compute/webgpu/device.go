package webgpu

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/assaychain/assay/offchain-worker/compute/internal/offload"
	"github.com/assaychain/assay/offchain-worker/compute/webgpu/protocol"
)

// A process is started anew at most maxRestarts times in restartWindow. A device that fails more often is broken, and a job's time
// is better spent on the processor.
const (
	maxRestarts   = 3
	restartWindow = 10 * time.Minute
)

var errNoProcess = errors.New("assay-gpu is not running")

// device is an adapter behind a process of its own, so that one that crashes its driver takes no other along.
type device struct {
	timing
	// life ends the process.
	life    context.Context
	program string
	index   uint32
	adapter protocol.Adapter
	child   *child
	// restarted are the times of the latest restarts.
	restarted []time.Time
}

var _ offload.Device = (*device)(nil)

// start runs a process and opens the adapter in it.
func (d *device) start(ctx context.Context) error {
	c, err := begin(ctx, d.life, d.program, d.timing)
	if err != nil {
		return err
	}
	if uint64(d.index) >= uint64(len(c.hello.Adapters)) || c.hello.Adapters[d.index] != d.adapter {
		return errors.Join(fmt.Errorf("adapter %d is no longer %s", d.index, d.adapter.Name), c.stopped())
	}
	if _, err := c.ask(ctx, protocol.Open{Adapter: d.index}, d.timing.start); err != nil {
		return c.end(err)
	}
	d.child = c
	return nil
}

func (d *device) ask(ctx context.Context, request protocol.Message) (protocol.Message, error) {
	if d.child == nil {
		return nil, errNoProcess
	}
	return d.child.ask(ctx, request, d.request)
}

// Load sends a panel.
func (d *device) Load(ctx context.Context, side offload.Side, panel offload.Panel) error {
	_, err := d.ask(ctx, protocol.Load{
		Side: uint8(side), Rows: uint32(panel.Rows), Stride: uint32(panel.Stride), Values: protocol.Bytes(panel.Values),
	})
	return err
}

// Multiply has a block computed.
func (d *device) Multiply(ctx context.Context, b offload.Block) error {
	_, err := d.ask(ctx, protocol.Multiply{
		Row: uint32(b.Row), Col: uint32(b.Col), Rows: uint32(b.Rows), Cols: uint32(b.Cols), From: uint32(b.From), To: uint32(b.To),
	})
	return err
}

// Read fetches the block's entries.
func (d *device) Read(ctx context.Context, b offload.Block) ([]int32, error) {
	answer, err := d.ask(ctx, protocol.Read{})
	if err != nil {
		return nil, err
	}
	entries, ok := answer.(protocol.Entries)
	if !ok || len(entries.Raw) != 4*b.Rows*b.Cols {
		return nil, d.child.end(fmt.Errorf("assay-gpu returned %d bytes for %d x %d entries", len(entries.Raw), b.Rows, b.Cols))
	}
	return entries.Int32s(), nil
}

// Recover replaces the process, unless it was replaced too often.
func (d *device) Recover(ctx context.Context, cause error) error {
	if d.child != nil {
		cause = d.child.end(cause)
		d.child = nil
	}
	if err := d.life.Err(); err != nil {
		return err
	}
	now := time.Now()
	for len(d.restarted) > 0 && now.Sub(d.restarted[0]) > restartWindow {
		d.restarted = d.restarted[1:]
	}
	if len(d.restarted) >= maxRestarts {
		return fmt.Errorf("given up after %d restarts within %s: %w", maxRestarts, restartWindow, cause)
	}
	d.restarted = append(d.restarted, now)
	if err := d.start(ctx); err != nil {
		return fmt.Errorf("%w; restart: %w", cause, err)
	}
	return nil
}

// Close ends the process.
func (d *device) Close() error {
	if d.child == nil {
		return nil
	}
	c := d.child
	d.child = nil
	return c.stopped()
}
