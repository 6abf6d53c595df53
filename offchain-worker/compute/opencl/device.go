package opencl

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"unsafe"

	"github.com/assaychain/assay/offchain-worker/compute/internal/offload"
)

//go:embed multiply.cl
var source string

// What multiply.cl is made for.
const (
	tile      = 64
	groupSide = 16
)

// Bounds of what a device holds for a product: 64 MiB an operand and 16 MiB of entries.
const (
	panelBytes = 64 << 20
	maxEntries = 4 << 20
)

// device runs multiply.cl. It implements offload.Device.
type device struct {
	*library
	context contextID
	queue   queueID
	program programID
	kernel  kernelID
	panels  [2]buffer
	result  buffer
	stride  int32
	entries []int32
}

// buffer is a piece of the device's memory that grows when it must.
type buffer struct {
	memory memoryID
	size   uintptr
}

var _ offload.Device = (*device)(nil)

// start prepares a device for the first of the dialects whose kernel its compiler takes.
func start(l *library, id deviceID, dialects []dialect) (*device, error) {
	d := &device{library: l}
	var code status
	if d.context = l.createContext(nil, 1, &id, 0, 0, &code); code != success {
		return nil, code.err("context")
	}
	if d.queue = l.createQueue(d.context, id, 0, &code); code != success {
		return nil, errors.Join(code.err("queue"), d.Close())
	}
	var failed []error
	for _, dialect := range dialects {
		err := d.build(id, dialect)
		if err == nil {
			return d, nil
		}
		failed = append(failed, err)
	}
	return nil, errors.Join(append(failed, d.Close())...)
}

// dialect is a way to multiply four values at once.
type dialect struct{ options, prelude string }

var (
	packed   = dialect{options: "-cl-std=CL3.0 -DDOT_PACKED"}
	ptx      = dialect{options: "-DDOT_PTX"}
	portable = dialect{}
)

// dialects are those of a device, the best first.
func (t traits) dialects() []dialect {
	var all []dialect
	if t.dot {
		all = append(all, packed)
	}
	if t.dotDP4A {
		all = append(all, ptx)
	}
	return append(all, portable)
}

func (d *device) build(id deviceID, with dialect) error {
	text := append([]byte(with.prelude+source), 0)
	pointer, length := unsafe.Pointer(&text[0]), uintptr(len(text)-1)
	var code status
	program := d.createProgram(d.context, 1, &pointer, &length, &code)
	if code != success {
		return code.err("program")
	}
	if err := d.buildProgram(program, 1, &id, with.options, 0, 0).err("build " + with.options); err != nil {
		log := d.buildLog(program, id)
		return errors.Join(fmt.Errorf("%w: %s", err, log), d.releaseProgram(program).err("release of a program"))
	}
	kernel := d.createKernel(program, "multiply", &code)
	if code != success {
		return errors.Join(code.err("kernel"), d.releaseProgram(program).err("release of a program"))
	}
	d.program, d.kernel = program, kernel
	return nil
}

// buildLog is the start of what the compiler said.
func (d *device) buildLog(program programID, id deviceID) string {
	const shown = 2000
	var size uintptr
	if d.buildInfo(program, id, programBuildLog, 0, nil, &size) != success || size == 0 || size > maxInfoBytes {
		return "no log"
	}
	raw := make([]byte, size)
	if d.buildInfo(program, id, programBuildLog, size, unsafe.Pointer(&raw[0]), nil) != success {
		return "no log"
	}
	text := strings.TrimSpace(strings.TrimRight(string(raw), "\x00"))
	return text[:min(len(text), shown)]
}

// Load copies a panel to the device.
func (d *device) Load(_ context.Context, side offload.Side, panel offload.Panel) error {
	d.stride = int32(panel.Stride / offload.Word)
	b, size := &d.panels[side], uintptr(len(panel.Values))
	if err := d.grow(b, memReadOnly, size); err != nil {
		return err
	}
	return d.enqueueWrite(d.queue, b.memory, blocking, 0, size, unsafe.Pointer(&panel.Values[0]), 0, nil, nil).err("copy to the device")
}

// grow makes a buffer hold size bytes; what it held is lost.
func (d *device) grow(b *buffer, flags uint64, size uintptr) error {
	if b.size >= size {
		return nil
	}
	if err := d.free(b); err != nil {
		return err
	}
	var code status
	memory := d.createBuffer(d.context, flags, size, nil, &code)
	if code != success {
		return code.err(fmt.Sprintf("%d bytes of device memory", size))
	}
	*b = buffer{memory: memory, size: size}
	return nil
}

func (d *device) free(b *buffer) error {
	if b.size == 0 {
		return nil
	}
	code := d.releaseMemory(b.memory)
	*b = buffer{}
	return code.err("release of device memory")
}

// placement is multiply.cl's block_t.
type placement struct{ row, col, rows, cols int32 }

// Multiply runs the kernel on whole tiles and waits for its end.
func (d *device) Multiply(_ context.Context, block offload.Block) error {
	if err := d.grow(&d.result, memReadWrite, uintptr(block.Rows)*uintptr(block.Cols)*unsafe.Sizeof(int32(0))); err != nil {
		return err
	}
	place := placement{row: int32(block.Row), col: int32(block.Col), rows: int32(block.Rows), cols: int32(block.Cols)}
	from, to := int32(block.From), int32(block.To)
	if err := errors.Join(
		argument(d, 0, &d.panels[offload.A].memory), argument(d, 1, &d.panels[offload.B].memory), argument(d, 2, &d.result.memory),
		argument(d, 3, &d.stride), argument(d, 4, &place), argument(d, 5, &from), argument(d, 6, &to),
	); err != nil {
		return err
	}
	items := func(n int) uintptr { return uintptr((n+tile-1)/tile) * groupSide }
	global, local := [2]uintptr{items(block.Cols), items(block.Rows)}, [2]uintptr{groupSide, groupSide}
	if err := d.enqueueKernel(d.queue, d.kernel, 2, nil, &global, &local, 0, nil, nil).err("dispatch"); err != nil {
		return err
	}
	return d.finish(d.queue).err("end of a dispatch")
}

func argument[T any](d *device, index uint32, value *T) error {
	return d.setKernelArg(d.kernel, index, unsafe.Sizeof(*value), unsafe.Pointer(value)).err("argument of the kernel")
}

// Read copies the block's entries from the device.
func (d *device) Read(_ context.Context, block offload.Block) ([]int32, error) {
	if n := block.Rows * block.Cols; len(d.entries) < n {
		d.entries = make([]int32, n)
	}
	entries := d.entries[:block.Rows*block.Cols]
	size := uintptr(len(entries)) * unsafe.Sizeof(entries[0])
	return entries, d.enqueueRead(d.queue, d.result.memory, blocking, 0, size, unsafe.Pointer(&entries[0]), 0, nil, nil).err("copy from the device")
}

// Recover can't: a driver that failed inside this process is in an unknown state.
func (d *device) Recover(_ context.Context, cause error) error { return cause }

// Close frees everything that start and the calls since then made.
func (d *device) Close() error {
	failed := []error{d.free(&d.panels[offload.A]), d.free(&d.panels[offload.B]), d.free(&d.result)}
	if d.kernel != 0 {
		failed = append(failed, d.releaseKernel(d.kernel).err("release of the kernel"))
	}
	if d.program != 0 {
		failed = append(failed, d.releaseProgram(d.program).err("release of the program"))
	}
	if d.queue != 0 {
		failed = append(failed, d.releaseQueue(d.queue).err("release of the queue"))
	}
	if d.context != 0 {
		failed = append(failed, d.releaseContext(d.context).err("release of the context"))
	}
	return errors.Join(failed...)
}
