package offload

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/offchain-worker/compute"
)

// host is a device whose memory and arithmetic are the test's own. It keeps what the interface promises and checks what it is given.
type host struct {
	t       require.TestingT
	limits  Limits
	panels  [2]*Panel
	entries []int32
	// failures are the numbers of calls that fail; recoveries is how many of them can be recovered from.
	calls      int
	failures   map[int]bool
	recoveries int
	during     func(call int)
	closed     bool
}

var errDevice = errors.New("the device is gone")

func (h *host) call() error {
	h.calls++
	if h.during != nil {
		h.during(h.calls)
	}
	if h.failures[h.calls] {
		h.panels, h.entries = [2]*Panel{}, nil
		return errDevice
	}
	return nil
}

func (h *host) Load(_ context.Context, side Side, panel Panel) error {
	require.Zero(h.t, panel.Stride%Word)
	require.Len(h.t, panel.Values, panel.Rows*panel.Stride)
	require.LessOrEqual(h.t, len(panel.Values), h.limits.PanelBytes)
	panel.Values = append([]int8(nil), panel.Values...)
	h.panels[side] = &panel
	return h.call()
}

func (h *host) Multiply(_ context.Context, b Block) error {
	if err := h.call(); err != nil {
		return err
	}
	require.NotNil(h.t, h.panels[A])
	require.NotNil(h.t, h.panels[B])
	require.LessOrEqual(h.t, b.Rows*b.Cols, h.limits.Entries)
	if b.From == 0 {
		h.entries = make([]int32, b.Rows*b.Cols)
	}
	for i := range h.entries {
		row, col := b.Row+i/b.Cols, b.Col+i%b.Cols
		for k := b.From * Word; k < b.To*Word; k++ {
			h.entries[i] += int32(h.panels[A].Values[row*h.panels[A].Stride+k]) * int32(h.panels[B].Values[col*h.panels[B].Stride+k])
		}
	}
	return nil
}

func (h *host) Read(context.Context, Block) ([]int32, error) { return h.entries, h.call() }

func (h *host) Recover(_ context.Context, cause error) error {
	if h.recoveries == 0 {
		return cause
	}
	h.recoveries--
	return nil
}

func (h *host) Close() error { h.closed = true; return nil }

func operandsOf(t *rapid.T) compute.Product {
	m, n := rapid.IntRange(1, 40).Draw(t, "m"), rapid.IntRange(1, 40).Draw(t, "n")
	k := rapid.OneOf(rapid.IntRange(1, 40), rapid.IntRange(500, 1300)).Draw(t, "k")
	p := compute.Product{M: m, N: n, K: k, A: make([]int8, m*k), B: make([]int8, n*k), C: make([]int32, m*n)}
	seed := rapid.SliceOfN(rapid.Int8(), 1, 31).Draw(t, "values")
	for i := range p.A {
		p.A[i] = seed[i%len(seed)]
	}
	for i := range p.B {
		p.B[i] = seed[i*7%len(seed)]
	}
	return p
}

// newHost makes a device of drawn size, slow enough that products are cut along every dimension.
func newHost(t *rapid.T) (*host, *Kernel) {
	tile := rapid.IntRange(1, 8).Draw(t, "tile")
	h := &host{t: t, failures: map[int]bool{}, limits: Limits{
		Tile: tile, PanelBytes: compute.MaxDepth * tile, Entries: tile * tile * rapid.IntRange(1, 9).Draw(t, "tiles"),
	}}
	kernel, err := NewKernel("host", h, h.limits)
	require.NoError(t, err)
	h.limits.PanelBytes = max(1304*tile, rapid.IntRange(0, 20000).Draw(t, "panel"))
	kernel.plan.limits = h.limits
	kernel.plan.pace.rate = rapid.Float64Range(1, 1e7).Draw(t, "rate")
	return h, kernel
}

func naive(p compute.Product) []int32 {
	c := make([]int32, p.M*p.N)
	for i := range c {
		for k := range p.K {
			c[i] += int32(p.A[i/p.N*p.K+k]) * int32(p.B[i%p.N*p.K+k])
		}
	}
	return c
}

func TestEveryCutOfAProductIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := operandsOf(t)
		_, kernel := newHost(t)
		var done []uint64
		require.NoError(t, kernel.Product(context.Background(), p, func(d, total uint64) {
			require.Equal(t, p.Work(), total)
			done = append(done, d)
		}))
		require.Equal(t, naive(p), p.C)
		require.IsIncreasing(t, append([]uint64{0}, done...))
		require.Equal(t, p.Work(), done[len(done)-1])
	})
}

func TestADeviceThatRecoversLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := operandsOf(t)
		h, kernel := newHost(t)
		for range rapid.IntRange(1, 5).Draw(t, "failures") {
			h.failures[rapid.IntRange(1, 30).Draw(t, "call")] = true
		}
		h.recoveries = len(h.failures)
		require.NoError(t, kernel.Product(context.Background(), p, nil))
		require.Equal(t, naive(p), p.C)
	})
}

func TestADeviceThatIsGoneEndsTheCall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, kernel := newHost(t)
		h.failures[rapid.IntRange(1, 4).Draw(t, "call")] = true
		err := kernel.Product(context.Background(), operandsOf(t), nil)
		require.ErrorIs(t, err, errDevice)
		require.ErrorContains(t, err, "host: ")
	})
}

func TestTheContextIsHeededBetweenDispatches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, kernel := newHost(t)
		ctx, cancel := context.WithCancel(context.Background())
		last := rapid.IntRange(1, 4).Draw(t, "call")
		h.during = func(call int) {
			if call == last {
				cancel()
			}
		}
		require.ErrorIs(t, kernel.Product(ctx, operandsOf(t), nil), context.Canceled)
		require.Equal(t, last, h.calls)
		require.ErrorIs(t, kernel.Product(ctx, operandsOf(t), nil), context.Canceled)
		require.Equal(t, last, h.calls)
	})
}

func TestCallsTakeTurnsAndWaitNoLongerThanTheirContext(t *testing.T) {
	limits := Limits{Tile: 1, PanelBytes: compute.MaxDepth, Entries: 1}
	inside, leave := make(chan struct{}), make(chan struct{})
	h := &host{t: t, limits: limits, during: func(call int) {
		if call == 1 {
			close(inside)
			<-leave
		}
	}}
	kernel, err := NewKernel("host", h, limits)
	require.NoError(t, err)
	p := compute.Product{M: 1, N: 1, K: 1, A: []int8{-128}, B: []int8{-128}, C: make([]int32, 1)}
	first := make(chan error, 1)
	go func() { first <- kernel.Product(context.Background(), p, nil) }()
	<-inside
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, kernel.Product(ctx, p, nil), context.DeadlineExceeded)
	close(leave)
	require.NoError(t, <-first)
	require.Equal(t, []int32{1 << 14}, p.C)
	require.NoError(t, kernel.Close())
	require.NoError(t, kernel.Close())
	require.True(t, h.closed)
	require.ErrorIs(t, kernel.Product(context.Background(), p, nil), ErrClosed)
}

func TestPaceKeepsDispatchesShort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := newPace()
		rate := rapid.Float64Range(1e7, 1e15).Draw(t, "rate")
		for range 40 {
			took := p.budget() / rate
			require.Less(t, took, 4*max(target.Seconds(), 2*firstRate/rate))
			p.learn(uint64(p.budget()), time.Duration(took*1e9))
		}
		require.InEpsilon(t, min(rate, 1e12), min(p.rate, 1e12), 0.5)
	})
}

func TestKernelsNeedRoomForATileOfTheDeepestProduct(t *testing.T) {
	for _, limits := range []Limits{
		{}, {Tile: 64, PanelBytes: 64*compute.MaxDepth - 1, Entries: 4096}, {Tile: 64, PanelBytes: 64 * compute.MaxDepth, Entries: 4095},
	} {
		_, err := NewKernel("small", &host{}, limits)
		require.ErrorContains(t, err, "small: panels of")
	}
}

func TestKernelPassesTheSelfTest(t *testing.T) {
	limits := Limits{Tile: 8, PanelBytes: 8 * compute.MaxDepth, Entries: 4096}
	kernel, err := NewKernel("host", &host{t: t, limits: limits}, limits)
	require.NoError(t, err)
	require.NoError(t, compute.SelfTest(context.Background(), kernel))
}

func TestUUID(t *testing.T) {
	raw := [16]byte{0x5f, 0x7e, 0x2b, 15: 0xff}
	require.Equal(t, "GPU-5f7e2b00-0000-0000-0000-0000000000ff", UUID(NVIDIA, raw, ""))
	require.Equal(t, UUID(NVIDIA, raw, ""), UUID(NVIDIA, raw, "machine"))
	require.Empty(t, UUID(NVIDIA, [16]byte{}, "machine"))
	require.Empty(t, UUID(0x1002, raw, ""), "AMD's driver makes it of the slot")
	one, other := UUID(0x1002, raw, "one"), UUID(0x1002, raw, "other")
	require.NotEqual(t, one, other)
	require.NotEqual(t, one, UUID(0x8086, raw, "one"))
	require.Regexp(t, "^GPU-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", one)
}
