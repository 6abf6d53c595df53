package gpu

import (
	"context"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/gogpu/gputypes"
	"github.com/gogpu/wgpu"

	"github.com/assaychain/assay/offchain-worker/compute/webgpu/protocol"
)

var (
	//go:embed tiled.wgsl
	tiledSource string
	//go:embed plain.wgsl
	plainSource string
)

const (
	// tile is how many rows and columns of entries a workgroup of either kernel computes.
	tile = 64
	// blockBytes is the size of the kernels' Block.
	blockBytes = 8 * 4
	entryBytes = 4
	// mapAlignment is what the size of a mapped piece must be a multiple of.
	mapAlignment = 8
)

// Device is an open adapter with its kernel. Its methods must be called one at a time.
type Device struct {
	device   *wgpu.Device
	layout   *wgpu.BindGroupLayout
	pipeline *wgpu.ComputePipeline
	panels   [2]panel
	result   *wgpu.Buffer
	staging  *wgpu.Buffer
	block    *wgpu.Buffer
	// group binds the buffers; nil when one of them was replaced.
	group *wgpu.BindGroup
	last  protocol.Multiply
	raw   []byte
}

type panel struct {
	buffer       *wgpu.Buffer
	rows, stride uint32
}

func newDevice(device *wgpu.Device, tiled bool) (*Device, error) {
	d := &Device{device: device}
	source := plainSource
	if tiled {
		source = tiledSource
	}
	err := d.compile(source)
	if err == nil {
		d.block, err = d.buffer("block", blockBytes, wgpu.BufferUsageUniform|wgpu.BufferUsageCopyDst)
	}
	if err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

func (d *Device) compile(source string) error {
	shader, err := d.device.CreateShaderModule(&wgpu.ShaderModuleDescriptor{Label: "multiply", WGSL: source})
	if err != nil {
		return fmt.Errorf("shader: %w", err)
	}
	defer shader.Release()
	var entries []wgpu.BindGroupLayoutEntry
	for i, kind := range []gputypes.BufferBindingType{
		gputypes.BufferBindingTypeReadOnlyStorage, gputypes.BufferBindingTypeReadOnlyStorage, gputypes.BufferBindingTypeStorage,
		gputypes.BufferBindingTypeUniform,
	} {
		entries = append(entries, wgpu.BindGroupLayoutEntry{
			Binding: uint32(i), Visibility: wgpu.ShaderStageCompute, Buffer: &gputypes.BufferBindingLayout{Type: kind},
		})
	}
	if d.layout, err = d.device.CreateBindGroupLayout(&wgpu.BindGroupLayoutDescriptor{Label: "multiply", Entries: entries}); err != nil {
		return fmt.Errorf("bindings: %w", err)
	}
	layout, err := d.device.CreatePipelineLayout(&wgpu.PipelineLayoutDescriptor{
		Label: "multiply", BindGroupLayouts: []*wgpu.BindGroupLayout{d.layout},
	})
	if err != nil {
		return fmt.Errorf("pipeline layout: %w", err)
	}
	defer layout.Release()
	d.pipeline, err = d.device.CreateComputePipeline(&wgpu.ComputePipelineDescriptor{
		Label: "multiply", Layout: layout, Module: shader, EntryPoint: "multiply",
	})
	if err != nil {
		return fmt.Errorf("pipeline: %w", err)
	}
	return nil
}

func (d *Device) buffer(label string, size uint64, usage wgpu.BufferUsage) (*wgpu.Buffer, error) {
	buffer, err := d.device.CreateBuffer(&wgpu.BufferDescriptor{Label: label, Size: size, Usage: usage})
	if err != nil {
		return nil, fmt.Errorf("%d bytes for %s: %w", size, label, err)
	}
	return buffer, nil
}

// grow makes a buffer hold size bytes; what it held is lost.
func (d *Device) grow(b **wgpu.Buffer, label string, size uint64, usage wgpu.BufferUsage) error {
	if *b != nil && (*b).Size() >= size {
		return nil
	}
	if d.group != nil {
		d.group.Release()
		d.group = nil
	}
	if *b != nil {
		(*b).Release()
		*b = nil
	}
	size = (size + mapAlignment - 1) / mapAlignment * mapAlignment
	var err error
	*b, err = d.buffer(label, size, usage)
	return err
}

// Load replaces a panel.
func (d *Device) Load(m protocol.Load) error {
	p := &d.panels[m.Side]
	if err := d.grow(&p.buffer, "panel", uint64(len(m.Values)), wgpu.BufferUsageStorage|wgpu.BufferUsageCopyDst); err != nil {
		return err
	}
	p.rows, p.stride = m.Rows, m.Stride
	if err := d.device.Queue().WriteBuffer(p.buffer, 0, m.Values); err != nil {
		return fmt.Errorf("copy to the device: %w", err)
	}
	return nil
}

// Multiply computes a block and waits for its end. It refuses blocks that the panels don't cover, and to go on with another block
// than the last.
func (d *Device) Multiply(m protocol.Multiply) error {
	if err := d.check(m); err != nil {
		return err
	}
	size := uint64(m.Rows) * uint64(m.Cols) * entryBytes
	if err := d.grow(&d.result, "entries", size, wgpu.BufferUsageStorage|wgpu.BufferUsageCopySrc); err != nil {
		return err
	}
	if err := d.bind(); err != nil {
		return err
	}
	var raw []byte
	for _, v := range []uint32{d.panels[0].stride / 4, m.Row, m.Col, m.Rows, m.Cols, m.From, m.To, 0} {
		raw = binary.LittleEndian.AppendUint32(raw, v)
	}
	if err := d.device.Queue().WriteBuffer(d.block, 0, raw); err != nil {
		return fmt.Errorf("copy to the device: %w", err)
	}
	d.last = m
	return d.dispatch((m.Cols+tile-1)/tile, (m.Rows+tile-1)/tile)
}

func (d *Device) check(m protocol.Multiply) error {
	a, b := d.panels[0], d.panels[1]
	if a.buffer == nil || b.buffer == nil || a.stride != b.stride {
		return errors.New("the panels of A and B are missing or differ in their rows' length")
	}
	if uint64(m.Row)+uint64(m.Rows) > uint64(a.rows) || uint64(m.Col)+uint64(m.Cols) > uint64(b.rows) || m.To > a.stride/4 {
		return fmt.Errorf("block %+v of panels with %d and %d rows of %d values", m, a.rows, b.rows, a.stride)
	}
	next := m
	next.From, next.To = d.last.From, d.last.To
	if m.From > 0 && (next != d.last || m.From != d.last.To) {
		return fmt.Errorf("block %+v does not go on with %+v", m, d.last)
	}
	return nil
}

func (d *Device) bind() error {
	if d.group != nil {
		return nil
	}
	group, err := d.device.CreateBindGroup(&wgpu.BindGroupDescriptor{Label: "multiply", Layout: d.layout, Entries: []wgpu.BindGroupEntry{
		{Binding: 0, Buffer: d.panels[0].buffer, Size: d.panels[0].buffer.Size()},
		{Binding: 1, Buffer: d.panels[1].buffer, Size: d.panels[1].buffer.Size()},
		{Binding: 2, Buffer: d.result, Size: d.result.Size()},
		{Binding: 3, Buffer: d.block, Size: blockBytes},
	}})
	if err != nil {
		return fmt.Errorf("bind: %w", err)
	}
	d.group = group
	return nil
}

func (d *Device) dispatch(x, y uint32) error {
	return d.submit(func(encoder *wgpu.CommandEncoder) error {
		pass, err := encoder.BeginComputePass(nil)
		if err != nil {
			return err
		}
		pass.SetPipeline(d.pipeline)
		pass.SetBindGroup(0, d.group, nil)
		pass.Dispatch(x, y, 1)
		return pass.End()
	})
}

// submit records commands, runs them and waits for their end.
func (d *Device) submit(record func(*wgpu.CommandEncoder) error) error {
	encoder, err := d.device.CreateCommandEncoder(nil)
	if err != nil {
		return fmt.Errorf("commands: %w", err)
	}
	if err := record(encoder); err != nil {
		return fmt.Errorf("commands: %w", err)
	}
	commands, err := encoder.Finish()
	if err != nil {
		return fmt.Errorf("commands: %w", err)
	}
	if _, err := d.device.Queue().Submit(commands); err != nil {
		return fmt.Errorf("submit: %w", err)
	}
	if err := d.device.WaitIdle(); err != nil {
		return fmt.Errorf("wait for the device: %w", err)
	}
	return nil
}

// Read returns the entries of the last block, valid until the next call.
func (d *Device) Read() ([]byte, error) {
	size := uint64(d.last.Rows) * uint64(d.last.Cols) * entryBytes
	if size == 0 {
		return nil, errors.New("nothing was multiplied yet")
	}
	if err := d.growStaging(size); err != nil {
		return nil, err
	}
	err := d.submit(func(encoder *wgpu.CommandEncoder) error {
		encoder.CopyBufferToBuffer(d.result, 0, d.staging, 0, size)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := d.staging.Map(context.Background(), wgpu.MapModeRead, 0, size); err != nil {
		return nil, fmt.Errorf("map: %w", err)
	}
	mapped, err := d.staging.MappedRange(0, size)
	if err == nil {
		d.raw = append(d.raw[:0], mapped.Bytes()...)
	}
	if err := errors.Join(err, d.staging.Unmap()); err != nil {
		return nil, fmt.Errorf("map: %w", err)
	}
	return d.raw, nil
}

// growStaging is apart from grow because the kernel isn't bound to that buffer.
func (d *Device) growStaging(size uint64) error {
	if d.staging != nil && d.staging.Size() >= size {
		return nil
	}
	if d.staging != nil {
		d.staging.Release()
	}
	var err error
	d.staging, err = d.buffer("copy", (size+mapAlignment-1)/mapAlignment*mapAlignment, wgpu.BufferUsageCopyDst|wgpu.BufferUsageMapRead)
	return err
}

// Close frees the device and what is on it.
func (d *Device) Close() {
	if d.group != nil {
		d.group.Release()
	}
	for _, buffer := range []*wgpu.Buffer{d.panels[0].buffer, d.panels[1].buffer, d.result, d.staging, d.block} {
		if buffer != nil {
			buffer.Release()
		}
	}
	if d.pipeline != nil {
		d.pipeline.Release()
	}
	if d.layout != nil {
		d.layout.Release()
	}
	d.device.Release()
}

// valid replaces what is not UTF-8.
func valid(s string) string { return strings.ToValidUTF8(s, "?") }
