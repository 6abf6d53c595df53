package compute

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/assaychain/assay/x/proofs/tensor"
)

// ErrRetired is wrapped by a checked kernel's answers once it was found wrong, or failed, too often.
var ErrRetired = errors.New("kernel is out of use")

// DispatchLimit is what one dispatch to a device should stay under: displays hang and drivers reset devices that do not
// answer for seconds, and a context is heeded between dispatches.
const DispatchLimit = 500 * time.Millisecond

const (
	// dispatchAim is half of the limit, since a device's speed varies.
	dispatchAim = DispatchLimit / 2
	// firstWork is the multiply-accumulates of the first dispatch, whose speed is not known: half a second at 0.5 GMAC/s.
	firstWork = 1 << 28
	// growth is how much longer than the longest before it a dispatch may be.
	growth = 8
	// defaultBytes is the memory that a dispatch's operands and result take at most, where none is configured.
	defaultBytes = 1 << 30
	// defaultFaults is how many wrong or failed dispatches put a kernel out of use, where none is configured.
	defaultFaults = 3
)

// CheckedConfig is what a checked kernel works with; Kernel is required.
type CheckedConfig struct {
	// Kernel is asked for products only: a step is requantised here, from accumulators that were checked.
	Kernel Kernel
	// Threads of the processor that check and requantise, at least 1.
	Threads int
	// Random is what checks are drawn from; crypto/rand.Reader if nil.
	Random io.Reader
	// MaxBytes is the most that one dispatch's operands and result may take together; 1 GiB if 0.
	MaxBytes uint64
	// MaxFaults is how many wrong results, or failures in a row, put the kernel out of use; 3 if 0.
	MaxFaults int
	// Now is the clock; time.Now if nil.
	Now func() time.Time
}

// CheckStats is what a checked kernel did since it was made.
type CheckStats struct {
	// Dispatches that returned a result, results that were Wrong, and dispatches that Failed on the device.
	Dispatches, Wrong, Failed uint64
	// Longest is the longest dispatch, Computing the time of all, Checking the time of their checks.
	Longest, Computing, Checking time.Duration
	// Retired tells that the kernel is out of use.
	Retired bool
}

// Checked is a kernel whose every result is checked by Freivalds' method on the processor before it is returned, and whose
// work reaches the device in dispatches under DispatchLimit. A wrong result is an error, ErrWrong, and never returned.
type Checked struct {
	config CheckedConfig

	mu    sync.Mutex
	stats CheckStats
	// inRow counts failures since the last success.
	inRow int
	// rate is the last long dispatch's multiply-accumulates a second, 0 before the first; most the largest dispatch's work.
	rate float64
	most uint64
}

var _ Kernel = (*Checked)(nil)

// NewChecked wraps a kernel.
func NewChecked(c CheckedConfig) (*Checked, error) {
	if c.Kernel == nil {
		return nil, errors.New("checked kernel: no kernel")
	}
	if c.Threads < 1 || c.MaxFaults < 0 {
		return nil, fmt.Errorf("checked kernel: threads is %d and most faults %d, must be at least 1 and 0", c.Threads, c.MaxFaults)
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if c.MaxBytes == 0 {
		c.MaxBytes = defaultBytes
	}
	if c.MaxFaults == 0 {
		c.MaxFaults = defaultFaults
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Checked{config: c}, nil
}

// Name is the kernel's.
func (c *Checked) Name() string { return c.config.Kernel.Name() }

// Stats is a copy of what it did so far.
func (c *Checked) Stats() CheckStats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stats
}

// Product computes p in checked dispatches. It fails with ErrShape, ErrWrong, ErrRetired or what the kernel fails with.
func (c *Checked) Product(ctx context.Context, p Product, progress Progress) error {
	if err := p.Validate(); err != nil {
		return err
	}
	return c.cut(ctx, p, newPool(ctx, 1, progress, p.Work()), func(at area, part Product) error {
		if part.N == p.N {
			return nil // It was computed in place.
		}
		for row := range part.M {
			copy(p.C[(at.row+row)*p.N+at.col:], part.C[row*part.N:(row+1)*part.N])
		}
		return nil
	})
}

// Dense computes a step: checked products on the device, biases, requantisation and activation here.
func (c *Checked) Dense(ctx context.Context, d Dense, progress Progress) (*tensor.Tensor, error) {
	if err := d.Validate(); err != nil {
		return nil, err
	}
	out := newOutput(d)
	err := c.cut(ctx, d.product(), newPool(ctx, 1, progress, d.Work()), func(at area, part Product) error {
		return out.accept(ctx, c.config.Threads, at, part)
	})
	if err != nil {
		return nil, err
	}
	return out.tensor()
}

// area is where a part of a product begins.
type area struct{ row, col int }

// cut computes a product in parts, all rows of some columns after the other, and hands each to take once it is checked.
// Parts of whole rows lie in p.C if it has one.
func (c *Checked) cut(ctx context.Context, p Product, pool *pool, take func(area, Product) error) error {
	for col := 0; col < p.N; {
		cols := min(c.width(p), p.N-col)
		right := Product{M: p.M, N: cols, K: p.K, A: p.A, B: p.B[col*p.K : (col+cols)*p.K]}
		start := c.config.Now()
		test, err := newCheck(ctx, right, c.config.Threads, c.config.Random)
		if err != nil {
			return err
		}
		c.checked(start)
		var own []int32
		for row := 0; row < p.M; {
			part := right
			part.M = min(c.height(right), p.M-row)
			part.A = p.A[row*p.K : (row+part.M)*p.K]
			if entries := part.M * part.N; part.N == p.N && p.C != nil {
				part.C = p.C[row*p.N : row*p.N+entries]
			} else {
				own = grow(own, entries)
				part.C = own
			}
			if err := c.dispatch(ctx, part, test); err != nil {
				return fmt.Errorf("rows %d to %d: %w", row, row+part.M-1, err)
			}
			if err := take(area{row, col}, part); err != nil {
				return err
			}
			pool.report(part.Work())
			row += part.M
		}
		col += cols
	}
	return nil
}

func grow(buffer []int32, entries int) []int32 {
	if cap(buffer) < entries {
		return make([]int32, entries)
	}
	return buffer[:entries]
}

// dispatch computes and checks one part.
func (c *Checked) dispatch(ctx context.Context, part Product, test *check) error {
	if c.Stats().Retired {
		return fmt.Errorf("%s: %w", c.Name(), ErrRetired)
	}
	start := c.config.Now()
	err := c.config.Kernel.Product(ctx, part, nil)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		c.failed()
		return fmt.Errorf("%s: %w", c.Name(), err)
	}
	c.computed(part.Work(), c.config.Now().Sub(start))
	start = c.config.Now()
	err = test.rows(ctx, part)
	c.checked(start)
	if errors.Is(err, ErrWrong) {
		c.wrong()
		return fmt.Errorf("%s: %w", c.Name(), err)
	}
	return err
}

func (c *Checked) computed(work uint64, took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inRow = 0
	c.stats.Dispatches++
	c.stats.Computing += took
	c.stats.Longest = max(c.stats.Longest, took)
	// A short dispatch is mostly the way to the device and back, and says little of its speed. The first ones of a long product
	// are rounded down from firstWork.
	if work >= firstWork/4 || took >= dispatchAim/4 {
		c.rate = float64(work) / max(took.Seconds(), 1e-6)
	}
	c.most = max(c.most, work)
}

func (c *Checked) checked(since time.Time) {
	took := c.config.Now().Sub(since)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stats.Checking += took
}

func (c *Checked) failed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stats.Failed++
	c.inRow++
	c.stats.Retired = c.stats.Retired || c.inRow >= c.config.MaxFaults
}

func (c *Checked) wrong() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stats.Wrong++
	c.stats.Retired = c.stats.Retired || c.stats.Wrong >= uint64(c.config.MaxFaults)
}

// budget is the multiply-accumulates of the next dispatch.
func (c *Checked) budget() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.rate == 0 {
		return firstWork
	}
	return max(1, min(uint64(c.rate*dispatchAim.Seconds()), growth*max(c.most, firstWork)))
}

// band is a number of rows or columns that devices' tiles divide.
const band = 128

// width is how many columns of a product go to the device at a time: all, unless a band of rows with them would take too
// long, or half of the memory.
func (c *Checked) width(p Product) int {
	rows := uint64(min(p.M, band))
	fit := min(c.budget()/(rows*uint64(p.K)), c.config.MaxBytes/2/(uint64(p.K)+4))
	return whole(fit, p.N)
}

// height is how many rows of a product go to the device at a time.
func (c *Checked) height(p Product) int {
	k, n := uint64(p.K), uint64(p.N)
	fit := c.budget() / (k * n)
	if taken := k * n; taken < c.config.MaxBytes {
		fit = min(fit, (c.config.MaxBytes-taken)/(k+4*n))
	}
	return whole(fit, p.M)
}

// whole is fit, rounded down to bands if there is one, between 1 and limit.
func whole(fit uint64, limit int) int {
	if fit >= uint64(limit) {
		return limit
	}
	if fit > band {
		fit = fit / band * band
	}
	return int(max(1, fit))
}
