package gpu

import (
	"encoding/binary"
	"errors"
	"flag"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/offchain-worker/compute/webgpu/protocol"
)

var tiledToo = flag.Bool("tiled", false, "run the kernel for hardware on software adapters, too; their compilers may take a minute for it")

func adapters(t *testing.T) *Adapters {
	t.Helper()
	found, err := List()
	require.NoError(t, err)
	if len(found.Listed()) == 0 {
		t.Skip("no adapter to test on (Debian: apt install mesa-vulkan-drivers libvulkan1)")
	}
	return found
}

func TestAdaptersAreIdentified(t *testing.T) {
	found := adapters(t)
	require.NoError(t, found.Unidentified())
	for _, adapter := range found.Listed() {
		require.NotEmpty(t, adapter.Name)
		require.NotZero(t, adapter.UUID)
		require.NotZero(t, adapter.Memory)
	}
}

// values fills rows of stride values, of which only the first k are not zero.
func values(rows, stride, k, seed int) []byte {
	out := make([]byte, rows*stride)
	for i := range out {
		if i%stride < k {
			out[i] = byte(i*seed + i>>5)
		}
	}
	return out
}

// check loads two panels, computes part of them in two dispatches and compares every entry.
func check(t *testing.T, d *Device, m protocol.Multiply, rows, cols, k int) {
	t.Helper()
	stride := (k + 3) / 4 * 4
	a, b := values(rows, stride, k, 7), values(cols, stride, k, 13)
	require.NoError(t, d.Load(protocol.Load{Side: 0, Rows: uint32(rows), Stride: uint32(stride), Values: a}))
	require.NoError(t, d.Load(protocol.Load{Side: 1, Rows: uint32(cols), Stride: uint32(stride), Values: b}))
	m.From, m.To = 0, uint32(stride/4)
	if half := m.To / 2; half > 0 {
		first := m
		first.To, m.From = half, half
		require.NoError(t, d.Multiply(first))
	}
	require.NoError(t, d.Multiply(m))
	raw, err := d.Read()
	require.NoError(t, err)
	require.Len(t, raw, int(4*m.Rows*m.Cols))
	for i := range int(m.Rows * m.Cols) {
		row, col := int(m.Row)+i/int(m.Cols), int(m.Col)+i%int(m.Cols)
		var want int32
		for j := range stride {
			want += int32(int8(a[row*stride+j])) * int32(int8(b[col*stride+j]))
		}
		require.Equal(t, want, int32(binary.LittleEndian.Uint32(raw[4*i:])), "entry %d, %d", row, col)
	}
}

// TestKernels runs each kernel on every adapter that takes it in reasonable time.
func TestKernels(t *testing.T) {
	found := adapters(t)
	for i, adapter := range found.Listed() {
		for name, tiled := range map[string]bool{"plain": false, "tiled": true} {
			if tiled && adapter.Software && !*tiledToo {
				continue
			}
			t.Run(adapter.Name+"/"+name, func(t *testing.T) {
				started := time.Now()
				d, err := found.Open(uint32(i), tiled)
				require.NoError(t, err)
				defer d.Close()
				check(t, d, protocol.Multiply{Rows: 1, Cols: 1}, 1, 1, 1)
				t.Logf("first product after %s", time.Since(started))
				check(t, d, protocol.Multiply{Row: 3, Col: 5, Rows: 130, Cols: 67}, 140, 75, 333)
				check(t, d, protocol.Multiply{Row: 64, Rows: 64, Cols: 128}, 128, 128, 64)
				check(t, d, protocol.Multiply{Rows: 7, Cols: 300}, 7, 300, 1025)
			})
		}
	}
}

func TestDeviceRefuses(t *testing.T) {
	found := adapters(t)
	_, err := found.Open(uint32(len(found.Listed())), false)
	require.ErrorContains(t, err, "adapter")
	d, err := found.Open(0, !found.Listed()[0].Software)
	require.NoError(t, err)
	defer d.Close()
	_, err = d.Read()
	require.ErrorContains(t, err, "nothing was multiplied")
	whole := protocol.Multiply{Rows: 2, Cols: 3, To: 2}
	require.ErrorContains(t, d.Multiply(whole), "missing")
	require.NoError(t, d.Load(protocol.Load{Side: 0, Rows: 2, Stride: 8, Values: make([]byte, 16)}))
	require.NoError(t, d.Load(protocol.Load{Side: 1, Rows: 3, Stride: 4, Values: make([]byte, 12)}))
	require.ErrorContains(t, d.Multiply(whole), "differ")
	require.NoError(t, d.Load(protocol.Load{Side: 1, Rows: 3, Stride: 8, Values: make([]byte, 24)}))
	for name, change := range map[string]func(*protocol.Multiply){
		"row": func(m *protocol.Multiply) { m.Row = 1 }, "col": func(m *protocol.Multiply) { m.Col = 1 },
		"rows": func(m *protocol.Multiply) { m.Rows = 3 }, "cols": func(m *protocol.Multiply) { m.Cols = 4 },
		"depth": func(m *protocol.Multiply) { m.To = 3 }, "middle": func(m *protocol.Multiply) { m.From = 1 },
	} {
		bad := whole
		change(&bad)
		require.ErrorContains(t, d.Multiply(bad), "block", name)
	}
	require.NoError(t, d.Multiply(whole))
}

func TestServe(t *testing.T) {
	found := adapters(t)
	requests, answers := io.Pipe()
	back, forth := io.Pipe()
	served := make(chan error, 1)
	go func() { served <- Serve(protocol.NewConn(requests, forth), found) }()
	c := protocol.NewConn(back, answers)
	hello, err := c.Receive()
	require.NoError(t, err)
	require.Equal(t, protocol.Hello{Adapters: found.Listed()}, hello)
	ask := func(m protocol.Message) protocol.Message {
		require.NoError(t, c.Send(m))
		answer, err := c.Receive()
		require.NoError(t, err)
		return answer
	}
	require.Equal(t, protocol.Failed{Reason: "protocol.Read before an adapter is open"}, ask(protocol.Read{}))
	require.IsType(t, protocol.Failed{}, ask(protocol.Open{Adapter: 1000}))
	require.Equal(t, protocol.Done{}, ask(protocol.Open{}))
	require.IsType(t, protocol.Failed{}, ask(protocol.Open{}))
	require.IsType(t, protocol.Failed{}, ask(protocol.Hello{}))
	require.Equal(t, protocol.Done{}, ask(protocol.Load{Side: 0, Rows: 1, Stride: 4, Values: []byte{128, 127, 1, 0}}))
	require.Equal(t, protocol.Done{}, ask(protocol.Load{Side: 1, Rows: 1, Stride: 4, Values: []byte{128, 2, 3, 9}}))
	require.Equal(t, protocol.Done{}, ask(protocol.Multiply{Rows: 1, Cols: 1, To: 1}))
	require.Equal(t, protocol.Entries{Raw: binary.LittleEndian.AppendUint32(nil, 1<<14+254+3)}, ask(protocol.Read{}))
	require.NoError(t, answers.Close())
	require.NoError(t, <-served)
}

func TestReasonsFitAMessage(t *testing.T) {
	for _, text := range []string{"", "short", strings.Repeat("é", protocol.MaxText), "\xff\xfe"} {
		got := reason(errors.New(text))
		require.NotEmpty(t, got)
		require.LessOrEqual(t, len(got), protocol.MaxText)
		require.True(t, utf8.ValidString(got))
	}
}
