//go:build linux && (amd64 || arm64)

package cuda

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"unsafe"
)

// gpu is a device with a kernel on it. Everything runs on one thread of its own, to which the driver binds the context.
type gpu struct {
	library *library
	device  int32
	program program
	calls   chan func()
	// closed ends the thread.
	closed chan struct{}

	module, function uintptr
	left, right, out buffer
}

// buffer is memory of the device that grows.
type buffer struct {
	address uint64
	size    int
}

// start binds the device to a thread and compiles the program.
func start(l *library, device int32, p program) (*gpu, error) {
	g := &gpu{library: l, device: device, program: p, calls: make(chan func()), closed: make(chan struct{})}
	go g.serve()
	if err := g.do(g.open); err != nil {
		close(g.closed)
		return nil, err
	}
	return g, nil
}

// serve runs calls on one thread, which ends with the goroutine, and the binding with the thread.
func (g *gpu) serve() {
	runtime.LockOSThread()
	for !g.isClosed() {
		select {
		case call := <-g.calls:
			call()
		case <-g.closed:
		}
	}
}

func (g *gpu) isClosed() bool {
	select {
	case <-g.closed:
		return true
	default:
		return false
	}
}

// do runs f on the device's thread, after what was asked for before.
func (g *gpu) do(f func() error) error {
	done := make(chan error, 1)
	select {
	case g.calls <- func() { done <- f() }:
		return <-done
	case <-g.closed:
		return ErrClosed
	}
}

func (g *gpu) open() error {
	l := g.library
	var context uintptr
	if err := l.check("cuDevicePrimaryCtxRetain", l.cuDevicePrimaryCtxRetain(&context, g.device)); err != nil {
		return err
	}
	err := l.check("cuCtxSetCurrent", l.cuCtxSetCurrent(context))
	if err == nil {
		err = g.compile()
	}
	if err != nil {
		return errors.Join(err, l.check("cuDevicePrimaryCtxRelease", l.cuDevicePrimaryCtxRelease(g.device)))
	}
	return nil
}

// compile loads the program, which the driver translates for the GPU. That can take a second when it is not in its cache.
func (g *gpu) compile() error {
	l := g.library
	image, log := []byte(g.program.ptx+"\x00"), make([]byte, 4096)
	names := []int32{jitErrorLog, jitErrorLogSize}
	var pinner runtime.Pinner
	defer pinner.Unpin()
	pinner.Pin(&log[0])
	values := []uintptr{uintptr(unsafe.Pointer(&log[0])), uintptr(len(log))}
	c := l.cuModuleLoadDataEx(&g.module, &image[0], uint32(len(names)), &names[0], &values[0])
	if c != success {
		return fmt.Errorf("%w: %s", l.check("compile kernel "+g.program.name, c), bytes.TrimRight(log, "\x00\n "))
	}
	entry := []byte(g.program.entry + "\x00")
	return l.check("cuModuleGetFunction", l.cuModuleGetFunction(&g.function, g.module, &entry[0]))
}

// close frees everything and ends the thread. A second time it does nothing.
func (g *gpu) close() error {
	err := g.do(func() error {
		defer close(g.closed)
		l := g.library
		err := errors.Join(g.free(&g.left), g.free(&g.right), g.free(&g.out), l.check("cuModuleUnload", l.cuModuleUnload(g.module)))
		return errors.Join(err, l.check("cuDevicePrimaryCtxRelease", l.cuDevicePrimaryCtxRelease(g.device)))
	})
	if errors.Is(err, ErrClosed) {
		return nil
	}
	return err
}

// reserve gives a buffer at least that size. What was in it is lost.
func (g *gpu) reserve(b *buffer, size int) error {
	if b.size >= size {
		return nil
	}
	if err := g.free(b); err != nil {
		return err
	}
	if err := g.library.check(fmt.Sprintf("allocate %d bytes", size), g.library.cuMemAlloc(&b.address, uintptr(size))); err != nil {
		return err
	}
	b.size = size
	return nil
}

func (g *gpu) free(b *buffer) error {
	if b.size == 0 {
		return nil
	}
	address := b.address
	*b = buffer{}
	return g.library.check("cuMemFree", g.library.cuMemFree(address))
}

// upload copies rows of some length into a buffer whose rows are padded with zeros to a pitch.
func (g *gpu) upload(to *buffer, values []int8, rows, length int) error {
	pitch := up(length, slice)
	size := up(rows, tile) * pitch
	if err := g.reserve(to, size); err != nil {
		return err
	}
	if size != len(values) {
		if err := g.library.check("cuMemsetD8", g.library.cuMemsetD8(to.address, 0, uintptr(size))); err != nil {
			return err
		}
	}
	return g.copy(&copy2D{
		srcType: memoryHost, srcHost: unsafe.Pointer(&values[0]), srcPitch: uintptr(length),
		dstType: memoryDevice, dstDevice: to.address, dstPitch: uintptr(pitch),
		width: uintptr(length), height: uintptr(rows),
	})
}

// download copies the first entries of rows with a pitch of so many entries.
func (g *gpu) download(entries []int32, rows, length int) error {
	return g.copy(&copy2D{
		srcType: memoryDevice, srcDevice: g.out.address, srcPitch: uintptr(4 * up(length, tile)),
		dstType: memoryHost, dstHost: unsafe.Pointer(&entries[0]), dstPitch: uintptr(4 * length),
		width: uintptr(4 * length), height: uintptr(rows),
	})
}

// copy copies. The structure holds a pointer to Go's memory, which must stay where it is.
func (g *gpu) copy(c *copy2D) error {
	var pinner runtime.Pinner
	defer pinner.Unpin()
	for _, host := range []unsafe.Pointer{c.srcHost, c.dstHost} {
		if host != nil {
			pinner.Pin(host)
		}
	}
	return g.library.check("copy", g.library.cuMemcpy2D(c))
}

// launch multiplies what was uploaded. It returns before the device has done it.
func (g *gpu) launch(m, n, k int) error {
	rows, cols := up(m, tile)/tile, up(n, tile)/tile
	if err := g.reserve(&g.out, 4*rows*cols*tile*tile); err != nil {
		return err
	}
	arguments := struct {
		a, b, c             uint64
		depth, tileM, tileN uint32
	}{g.left.address, g.right.address, g.out.address, uint32(up(k, slice)), uint32(rows), uint32(cols)}
	pointers := []unsafe.Pointer{
		unsafe.Pointer(&arguments.a), unsafe.Pointer(&arguments.b), unsafe.Pointer(&arguments.c),
		unsafe.Pointer(&arguments.depth), unsafe.Pointer(&arguments.tileM), unsafe.Pointer(&arguments.tileN),
	}
	var pinner runtime.Pinner
	defer pinner.Unpin()
	pinner.Pin(&arguments)
	code := g.library.cuLaunchKernel(g.function, uint32(rows*cols), 1, 1, blockThreads, 1, 1, 0, 0, &pointers[0], nil)
	return g.library.check("launch kernel "+g.program.name, code)
}

// wait returns when the device has done everything.
func (g *gpu) wait() error { return g.library.check("cuCtxSynchronize", g.library.cuCtxSynchronize()) }
