package compute

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
	"sync/atomic"
)

// mersenne is the prime 2^61-1 of the field in which products are checked.
const mersenne = 1<<61 - 1

// foldWidth is how many columns of B one thread folds at a time: their sums stay in the first-level cache.
const foldWidth = 256

// checkRows is how many rows of a result one thread checks at a time.
const checkRows = 16

// CheckProduct tests C = A·Bᵀ by Freivalds' method: C·r = A·(Bᵀ·r) for a vector r drawn uniformly from the field of
// 2^61-1 elements, with N·K + M·K + M·N multiplications instead of M·N·K. A wrong C passes with a probability of at most
// 1/(2^61-1), provided that who made C could not foresee random; entries differ from the right ones by less than the
// prime, so that no error vanishes in the field. It returns ErrWrong and the first row that differs, or what
// Product.Validate and random return.
func CheckProduct(p Product, random io.Reader) error {
	if err := p.Validate(); err != nil {
		return err
	}
	ctx := context.Background()
	c, err := newCheck(ctx, p, 1, random)
	if err != nil {
		return err
	}
	return c.rows(ctx, p)
}

// check holds what products with one right operand are checked with: r, and the operand folded with it. Whoever computes
// the products must not see r.
type check struct {
	threads int
	r       []uint64
	// offset is 2^31·Σr, which dotInt32 takes off again.
	offset uint64
	// low and high are the lower 31 and the upper 30 bits of Bᵀ·r.
	low, high []int64
}

// newCheck draws r and folds p.B on that many threads. p must be valid; its A and C are not read.
func newCheck(ctx context.Context, p Product, threads int, random io.Reader) (*check, error) {
	r, err := drawVector(p.N, random)
	if err != nil {
		return nil, fmt.Errorf("random numbers for the check of a product: %w", err)
	}
	c := &check{threads: threads, r: r, low: make([]int64, p.K), high: make([]int64, p.K)}
	for _, v := range r {
		c.offset = addField(c.offset, v)
	}
	c.offset = mulField(c.offset, 1<<31)
	parts := (p.K + foldWidth - 1) / foldWidth
	return c, newPool(ctx, threads, nil, 0).run(parts, func(i int) uint64 {
		from := i * foldWidth
		c.fold(p, from, min(from+foldWidth, p.K))
		return 0
	})
}

// fold computes the columns from to to-1 of Bᵀ·r. Sums of halves hold: |Σ b·half| <= 2^24 rows · 2^7 · 2^31 = 2^62.
func (c *check) fold(p Product, from, to int) {
	low, high := c.low[from:to], c.high[from:to]
	for n, v := range c.r {
		l, h := int64(v&(1<<31-1)), int64(v>>31)
		row := p.B[n*p.K+from : n*p.K+to]
		row = row[:len(low)]
		for i, w := range row {
			low[i] += int64(w) * l
			high[i] += int64(w) * h
		}
	}
	for i := range low {
		v := joinHalves(low[i], high[i])
		low[i], high[i] = int64(v&(1<<31-1)), int64(v>>31)
	}
}

// rows checks every row of a product by the operand that was folded. It returns ErrWrong and the first row that differs,
// or the context's error.
func (c *check) rows(ctx context.Context, p Product) error {
	var wrong atomic.Int64
	wrong.Store(int64(p.M))
	parts := (p.M + checkRows - 1) / checkRows
	err := newPool(ctx, c.threads, nil, 0).run(parts, func(i int) uint64 {
		for row := i * checkRows; row < min((i+1)*checkRows, p.M); row++ {
			left := dotInt8(p.A[row*p.K:(row+1)*p.K], c.low, c.high)
			if left != c.dotInt32(p.C[row*p.N:(row+1)*p.N]) {
				lower(&wrong, int64(row))
				return 0
			}
		}
		return 0
	})
	if err != nil {
		return err
	}
	if row := wrong.Load(); row < int64(p.M) {
		return fmt.Errorf("%w: row %d of the product of %d x %d x %d", ErrWrong, row, p.M, p.N, p.K)
	}
	return nil
}

// lower sets v to value if that is less.
func lower(v *atomic.Int64, value int64) {
	for {
		old := v.Load()
		if old <= value || v.CompareAndSwap(old, value) {
			return
		}
	}
}

// drawVector draws n uniform field elements, rejecting the one 61-bit number that is not one.
func drawVector(n int, random io.Reader) ([]uint64, error) {
	r, raw := make([]uint64, n), make([]byte, 8*n)
	for done := 0; done < n; {
		part := raw[:8*(n-done)]
		if _, err := io.ReadFull(random, part); err != nil {
			return nil, err
		}
		for ; len(part) > 0; part = part[8:] {
			if v := binary.LittleEndian.Uint64(part) >> 3; v < mersenne {
				r[done] = v
				done++
			}
		}
	}
	return r, nil
}

// dotInt8 is Σ a·(low + high·2^31) in the field, for at most MaxDepth values.
func dotInt8(a []int8, low, high []int64) uint64 {
	var l, h int64
	low, high = low[:len(a)], high[:len(a)]
	for i, v := range a {
		l += int64(v) * low[i]
		h += int64(v) * high[i]
	}
	return joinHalves(l, h)
}

// dotInt32 is Σ c·r in the field. Entries are shifted by 2^31 to be unsigned, so that a sum of 128 bits holds them:
// 2^24 entries of 32 bits times 61 bits.
func (c *check) dotInt32(entries []int32) uint64 {
	var high, low, carry uint64
	r := c.r[:len(entries)]
	for i, v := range entries {
		h, l := bits.Mul64(uint64(int64(v)+1<<31), r[i])
		low, carry = bits.Add64(low, l, 0)
		high, _ = bits.Add64(high, h, carry)
	}
	// 2^61 is 1, so 2^64 is 8.
	sum := (low&mersenne + low>>61 + high<<3) % mersenne
	return addField(sum, mersenne-c.offset)
}

func joinHalves(low, high int64) uint64 {
	return addField(toField(low), mulField(toField(high), 1<<31))
}

func toField(v int64) uint64 {
	v %= mersenne
	if v < 0 {
		v += mersenne
	}
	return uint64(v)
}

// addField adds two numbers up to the prime.
func addField(a, b uint64) uint64 {
	if a += b; a >= mersenne {
		a -= mersenne
	}
	return a
}

// mulField multiplies two elements: 2^61 is 1, so the product's parts above and below bit 61 are added.
func mulField(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return addField(low&mersenne, high<<3|low>>61)
}
