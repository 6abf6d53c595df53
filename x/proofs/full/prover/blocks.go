package prover

import (
	"context"
	"fmt"
	"sync"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/assaychain/assay/x/proofs/full"
	ml "github.com/assaychain/assay/x/proofs/full/internal/multilinear"
)

// combination is a sum of tensors times factors, index by index.
type combination struct {
	grids   []*grid
	factors []fr.Element
}

func (c *combination) length() int {
	longest := 0
	for _, g := range c.grids {
		longest = max(longest, g.length())
	}
	return longest
}

// share calls work for parts of [0, n), one for each worker.
func (p *Prover) share(n int, work func(from, to int)) {
	var group sync.WaitGroup
	for worker := range p.workers {
		from, to := n*worker/p.workers, n*(worker+1)/p.workers
		if from < to {
			group.Go(func() { work(from, to) })
		}
	}
	group.Wait()
}

// mixRows is the sum over rows of each row times its weight, padded to size.
func (p *Prover) mixRows(c *combination, weights []fr.Element, size int) []fr.Element {
	out := make([]fr.Element, size)
	for i, g := range c.grids {
		p.share(g.cols, func(from, to int) {
			for row := range g.rows {
				weight := scaled(&weights[row], &c.factors[i])
				g.addScaled(out[from:to], row, from, weight)
			}
		})
	}
	return out
}

// value is the sum of all entries times their row's and their column's weight.
func (p *Prover) value(c *combination, rows, cols []fr.Element) fr.Element {
	var sum fr.Element
	mixed := p.mixRows(c, rows, len(cols))
	for j := range cols {
		var term fr.Element
		term.Mul(&mixed[j], &cols[j])
		sum.Add(&sum, &term)
	}
	return sum
}

// foldLow binds the low variables of a tensor: entry c of the result is the inner product of block c with the point's
// equality.
func (p *Prover) foldLow(c *combination, low []fr.Element, high, block int) []fr.Element {
	out := make([]fr.Element, 1<<high)
	table := liftAll(ml.EqualTable(fr.One(), low))
	p.share(len(out), func(from, to int) {
		for i, g := range c.grids {
			for b := from; b < to; b++ {
				sum := g.dot(table, b<<block, min(b+1, len(out))<<block)
				out[b].Add(&out[b], sum.Mul(&sum, &c.factors[i]))
			}
		}
	})
	return out
}

// remainder is the tensor modulo X^(2^block) - alpha, given alpha's powers: the sum of its blocks, each times its power.
func (p *Prover) remainder(c *combination, powers []fr.Element, low, block int) []fr.Element {
	out := make([]fr.Element, 1<<low)
	p.share(len(out), func(from, to int) {
		for i, g := range c.grids {
			for b := range powers {
				weight := scaled(&powers[b], &c.factors[i])
				g.segments(b<<block+from, b<<block+to, func(at, row, col, n int) {
					j := at - b<<block
					g.addScaled(out[j:j+n], row, col, weight)
				})
			}
		}
	})
	return out
}

// commitQuotient divides the combination by X^(2^logBlock) - alpha and commits to the quotient. Its blocks follow from the
// highest down: each is the next one times alpha plus the combination's next block. Groups of blocks are committed to as soon
// as they are known.
func (p *Prover) commitQuotient(ctx context.Context, c *combination, alpha fr.Element, logBlock int) (sum bn254.G1Affine, err error) {
	length, size := c.length(), 1<<logBlock
	if length > p.source.Len() {
		return sum, fmt.Errorf("%w: the product needs %d points of the reference string, it has %d", full.ErrShape, length, p.source.Len())
	}
	blocks := (length+size-1)/size - 1
	group := max(1, min(block>>logBlock, blocks))
	scalars, points := make([]fr.Element, group*size), make([]bn254.G1Affine, group*size)
	last := make([]fr.Element, size)
	for to := blocks; to > 0; to -= min(to, group) {
		if err := ctx.Err(); err != nil {
			return sum, err
		}
		from := max(0, to-group)
		n := (to - from) * size
		p.divide(c, quotientPart{from, to, size, alpha}, scalars, last)
		if err := p.source.Read(points[:n], from*size); err != nil {
			return sum, err
		}
		part, err := p.multiply(points[:n], scalars[:n])
		if err != nil {
			return sum, err
		}
		sum.Add(&sum, &part)
		p.advance(n)
	}
	return sum, nil
}

// quotientPart are the blocks from..to of a quotient.
type quotientPart struct {
	from, to, size int
	alpha          fr.Element
}

// divide fills scalars with the blocks of a part; last is the block above them, and becomes the lowest of them.
func (p *Prover) divide(c *combination, q quotientPart, scalars, last []fr.Element) {
	p.share(q.size, func(first, end int) {
		above := last[first:end]
		for b := q.to - 1; b >= q.from; b-- {
			here := scalars[(b-q.from)*q.size:][first:end]
			for i := range here {
				here[i].Mul(&above[i], &q.alpha)
			}
			start := (b + 1) * q.size
			for i, g := range c.grids {
				weight := lift(&c.factors[i])
				g.segments(start+first, start+end, func(at, row, col, n int) {
					g.addScaled(here[at-start-first:][:n], row, col, weight)
				})
			}
			above = here
		}
		copy(last[first:end], above)
	})
}

// montgomery is 2^256. A factor times it can be multiplied with a small number that is not in Montgomery form, which saves a
// multiplication.
var montgomery = func() (e fr.Element) {
	var two fr.Element
	two.SetUint64(2)
	e.SetOne()
	for range 8 * fr.Bytes {
		e.Mul(&e, &two)
	}
	return e
}()

func lift(e *fr.Element) (lifted fr.Element) {
	lifted.Mul(e, &montgomery)
	return lifted
}

func scaled(a, b *fr.Element) fr.Element {
	var product fr.Element
	product.Mul(a, b)
	return lift(&product)
}

func liftAll(table []fr.Element) []fr.Element {
	for i := range table {
		table[i] = lift(&table[i])
	}
	return table
}

// times multiplies a lifted factor with a small number.
func times(lifted *fr.Element, v int32) (product fr.Element) {
	if v >= 0 {
		product.Mul(&fr.Element{uint64(v)}, lifted)
		return product
	}
	product.Mul(&fr.Element{uint64(-int64(v))}, lifted)
	return *product.Neg(&product)
}

// addScaled adds the entries of a row from column col on, times a lifted weight, to out.
func (g *grid) addScaled(out []fr.Element, row, col int, weight fr.Element) {
	if g.field != nil {
		for i := range g.field[row*g.cols+col:][:len(out)] {
			var term fr.Element
			out[i].Add(&out[i], term.Mul(&weight, &g.field[row*g.cols+col+i]))
		}
		return
	}
	if g.int32 != nil {
		for i, v := range g.int32[row*g.cols+col:][:len(out)] {
			term := times(&weight, v)
			out[i].Add(&out[i], &term)
		}
		return
	}
	for i, v := range g.int8[row*g.cols+col:][:len(out)] {
		term := times(&weight, int32(v))
		out[i].Add(&out[i], &term)
	}
}

// dot is the inner product of the entries with indices in [from, to) and a lifted table, which starts at from.
func (g *grid) dot(table []fr.Element, from, to int) (sum fr.Element) {
	g.segments(from, to, func(at, row, col, n int) {
		if g.field != nil {
			for i := range n {
				var term fr.Element
				sum.Add(&sum, term.Mul(&table[at-from+i], &g.field[row*g.cols+col+i]))
			}
			return
		}
		for i := range n {
			var v int32
			if g.int32 != nil {
				v = g.int32[row*g.cols+col+i]
			} else {
				v = int32(g.int8[row*g.cols+col+i])
			}
			term := times(&table[at-from+i], v)
			sum.Add(&sum, &term)
		}
	})
	return sum
}
