package compute

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
)

// mersenne is the prime 2^61-1 of the field in which products are checked.
const mersenne = 1<<61 - 1

// CheckProduct tests C = A·Bᵀ by Freivalds' method: C·r = A·(Bᵀ·r) for a vector r drawn uniformly from the field of
// 2^61-1 elements, with N·K + M·K + M·N multiplications instead of M·N·K. A wrong C passes with a probability of at most
// 1/(2^61-1), provided that who made C could not foresee random; entries differ from the right ones by less than the
// prime, so that no error vanishes in the field. It returns ErrWrong and the first row that differs, or what
// Product.Validate and random return.
func CheckProduct(p Product, random io.Reader) error {
	if err := p.Validate(); err != nil {
		return err
	}
	r, err := drawVector(p.N, random)
	if err != nil {
		return fmt.Errorf("random numbers for the check of a product: %w", err)
	}
	folded := foldColumns(p.B, r, p.K)
	low, high := make([]int64, p.K), make([]int64, p.K)
	for k, v := range folded {
		low[k], high[k] = int64(v&(1<<31-1)), int64(v>>31)
	}
	for row := range p.M {
		left := dotInt8(p.A[row*p.K:(row+1)*p.K], low, high)
		if right := dotInt32(p.C[row*p.N:(row+1)*p.N], r); left != right {
			return fmt.Errorf("%w: row %d of the product of %d x %d x %d", ErrWrong, row, p.M, p.N, p.K)
		}
	}
	return nil
}

// drawVector draws n uniform field elements, rejecting the one 61-bit number that is not one.
func drawVector(n int, random io.Reader) ([]uint64, error) {
	r := make([]uint64, n)
	var raw [8]byte
	for i := range r {
		for {
			if _, err := io.ReadFull(random, raw[:]); err != nil {
				return nil, err
			}
			if r[i] = binary.LittleEndian.Uint64(raw[:]) >> 3; r[i] < mersenne {
				break
			}
		}
	}
	return r, nil
}

// foldColumns is Bᵀ·r for B of len(r) rows of k values.
func foldColumns(b []int8, r []uint64, k int) []uint64 {
	// Sums of halves: |Σ b·half| <= 2^24 rows · 2^7 · 2^31 = 2^62.
	low, high := make([]int64, k), make([]int64, k)
	for n, v := range r {
		l, h := int64(v&(1<<31-1)), int64(v>>31)
		for i, w := range b[n*k : (n+1)*k] {
			low[i] += int64(w) * l
			high[i] += int64(w) * h
		}
	}
	out := make([]uint64, k)
	for i := range out {
		out[i] = joinHalves(low[i], high[i])
	}
	return out
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

// dotInt32 is Σ c·r in the field.
func dotInt32(c []int32, r []uint64) uint64 {
	var sum uint64
	for i, v := range c {
		sum = addField(sum, mulField(toField(int64(v)), r[i]))
	}
	return sum
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
