package prover

import (
	"runtime"
	"sync"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/assaychain/assay/x/proofs/full"
	ml "github.com/assaychain/assay/x/proofs/full/internal/multilinear"
)

// entries is the state of the sumcheck over all entries of a step. What is summed up at each index is
//
//	eq·(inverses·Π factors - Σ_j Π_(i≠j) factors + acc·multiplier + rest - direction·excess) + chi²·inverses
//
// Of the identity all terms carry chi: acc not, but multiplier; excess, with 2^S; rest, which is (2^(S-1)·in - z·2^S -
// remainder)·chi. Until the first lateVariables are bound factors and columns are read from the witness and folded as they are
// read, since all their elements would take a lot of memory.
type entries struct {
	prover *Prover
	source *source
	// size is the number of indices that are left; lookups that of the factors.
	size, lookups int
	// tables are the factors, then the columns, nil before lateVariables are bound; until then bound are the weights of the
	// witness's entries that are one of those that are left.
	tables [][]fr.Element
	bound  []fr.Element
	// multiplier has one entry for each column of Z as long as those are not all bound.
	multiplier []fr.Element
	// equal is the extension of equality over the variables after the current one; scale that over those before it.
	equal []fr.Element
	scale fr.Element
	point []fr.Element
	chi2  fr.Element
}

// lateVariables are bound before there are tables. One more would halve the tables, and read the whole witness once more.
const lateVariables = 2

// load fills out with an index's factors and columns; spare has as much room.
func (e *entries) load(out, spare []fr.Element, i int) {
	switch {
	case e.tables != nil:
		for j := range e.tables {
			out[j] = e.tables[j][i]
		}
	case e.bound == nil:
		e.source.load(out, i)
	default:
		e.fold(out[:e.lookups+columns], spare, i)
	}
}

// fold reads the entries of the witness that are one of those that are left, and weighs them.
func (e *entries) fold(out, spare []fr.Element, i int) {
	clear(out)
	for b := range e.bound {
		e.source.load(spare, i*len(e.bound)+b)
		for j := range out {
			spare[j].Mul(&spare[j], &e.bound[b])
			out[j].Add(&out[j], &spare[j])
		}
	}
}

// ends are the values of factors and columns where everything is bound.
func (e *entries) ends() (factors, ends []fr.Element) {
	out, spare := make([]fr.Element, e.lookups+columns), make([]fr.Element, e.lookups+columns)
	e.load(out, spare, 0)
	return out[:e.lookups], out[e.lookups:]
}

// prove runs the sumcheck: it fills the messages and returns the point and the claim there.
func (e *entries) prove(claim fr.Element, messages []full.Wide, challenge func(full.Wide) fr.Element) ([]fr.Element, fr.Element) {
	point := make([]fr.Element, len(messages))
	e.scale.SetOne()
	for j := range messages {
		if j == 0 {
			e.equal = ml.EqualTable(fr.One(), e.point[1:])
		} else {
			e.equal = sumPairs(e.equal)
		}
		message := e.message(e.point[j], claim)
		copy(messages[j][1:], message[2:])
		messages[j][0] = message[0]
		point[j] = challenge(messages[j])
		claim = evaluate(message, point[j])
		e.bind(point[j], e.point[j])
	}
	return point, claim
}

// sumPairs drops the first variable of a table of equality.
func sumPairs(v []fr.Element) []fr.Element {
	for i := range len(v) / 2 {
		v[i].Add(&v[2*i], &v[2*i+1])
	}
	return v[:len(v)/2]
}

// message is the polynomial of the first free variable, lowest coefficient first: eq at the variable times the sum over the
// others, plus chi² times the sum of the inverses. Of the sum its value at 1 follows from the claim.
func (e *entries) message(at, claim fr.Element) []fr.Element {
	values, low, high := e.sums()
	var one, inverse, constant, slope fr.Element
	one.SetOne()
	// eq(at, t)·scale = constant + slope·t
	constant.Sub(&one, &at).Mul(&constant, &e.scale)
	slope.Mul(&at, &e.scale)
	low.Mul(&low, &e.chi2)
	high.Mul(&high, &e.chi2)
	values[1].Mul(&constant, &values[0])
	values[1].Sub(&claim, &values[1]).Sub(&values[1], &low).Sub(&values[1], &high)
	values[1].Mul(&values[1], inverse.Inverse(&slope))
	slope.Sub(&slope, &constant)
	sum := interpolate(values)
	out := make([]fr.Element, len(sum)+1)
	for i := range sum {
		var term fr.Element
		out[i].Add(&out[i], term.Mul(&sum[i], &constant))
		out[i+1].Mul(&sum[i], &slope)
	}
	out[0].Add(&out[0], &low)
	out[1].Add(&out[1], &high).Sub(&out[1], &low)
	return out
}

// sums are the values at 0, 2, 3, ... of the sum without eq at the variable, with room for that at 1, and those at 0 and 1 of
// the sum of the inverses.
func (e *entries) sums() (values []fr.Element, low, high fr.Element) {
	values = make([]fr.Element, e.lookups+2)
	var mutex sync.Mutex
	e.prover.share(len(e.equal), func(from, to int) {
		part := newPart(e)
		for i := from; i < to; i++ {
			part.add(i)
		}
		mutex.Lock()
		defer mutex.Unlock()
		for t := range values {
			values[t].Add(&values[t], &part.values[t])
		}
		low.Add(&low, &part.low)
		high.Add(&high, &part.high)
	})
	return values, low, high
}

// part sums a share of the pairs of entries up.
type part struct {
	e         *entries
	values    []fr.Element
	low, high fr.Element
	// now and step are the factors and columns of a pair, and its multiplier, at the current point, and by how much they grow
	// to the next.
	now, step, spare []fr.Element
}

func newPart(e *entries) *part {
	width := e.lookups + columns + 1
	return &part{e: e, values: make([]fr.Element, e.lookups+2), now: make([]fr.Element, width), step: make([]fr.Element, width), spare: make([]fr.Element, width)}
}

func (p *part) add(i int) {
	e := p.e
	e.load(p.now, p.spare, 2*i)
	e.load(p.step, p.spare, 2*i+1)
	last := len(p.now) - 1
	mask := len(e.multiplier) - 1
	p.now[last], p.step[last] = e.multiplier[2*i&mask], e.multiplier[(2*i+1)&mask]
	p.low.Add(&p.low, &p.now[e.lookups+colInverses])
	p.high.Add(&p.high, &p.step[e.lookups+colInverses])
	for j := range p.now {
		p.step[j].Sub(&p.step[j], &p.now[j])
	}
	for t := range p.values {
		if t != 1 {
			value := p.value()
			p.values[t].Add(&p.values[t], value.Mul(&value, &e.equal[i]))
		}
		for j := range p.now {
			p.now[j].Add(&p.now[j], &p.step[j])
		}
	}
}

// value is what is summed up at the current point, without eq.
func (p *part) value() fr.Element {
	n := p.e.lookups
	product, sum, term := p.now[0], fr.One(), fr.Element{}
	for j := 1; j < n; j++ {
		sum.Mul(&sum, &p.now[j]).Add(&sum, &product)
		product.Mul(&product, &p.now[j])
	}
	c := p.now[n:]
	product.Mul(&product, &c[colInverses]).Sub(&product, &sum).Add(&product, &c[colRest])
	product.Add(&product, term.Mul(&c[colAcc], &c[columns]))
	return *product.Sub(&product, term.Mul(&c[colDirection], &c[colExcess]))
}

// bind fixes the current variable to r, where at is its coordinate of the entries' point.
func (e *entries) bind(r, at fr.Element) {
	e.size /= 2
	if e.tables == nil {
		e.bindLate(r)
	} else {
		var group sync.WaitGroup
		for j := range e.tables {
			group.Go(func() { e.tables[j] = ml.Fold(e.tables[j], r) })
		}
		group.Wait()
	}
	if len(e.multiplier) > 1 {
		e.multiplier = ml.Fold(e.multiplier, r)
	}
	equal := ml.Equal([]fr.Element{r}, []fr.Element{at})
	e.scale.Mul(&e.scale, &equal)
}

// bindLate fixes one of the lateVariables, and makes the tables after the last of them.
func (e *entries) bindLate(r fr.Element) {
	if e.bound == nil {
		e.bound = []fr.Element{fr.One()}
	}
	low := len(e.bound)
	for b := range low {
		var high fr.Element
		high.Mul(&e.bound[b], &r)
		e.bound[b].Sub(&e.bound[b], &high)
		e.bound = append(e.bound, high)
	}
	if len(e.bound) < 1<<lateVariables {
		return
	}
	runtime.GC() // What was let go of is as large as what is made now.
	tables := make([][]fr.Element, e.lookups+columns)
	for j := range tables {
		tables[j] = make([]fr.Element, e.size)
	}
	e.prover.share(e.size, func(from, to int) {
		out, spare := make([]fr.Element, len(tables)), make([]fr.Element, len(tables))
		for i := from; i < to; i++ {
			e.load(out, spare, i)
			for j := range tables {
				tables[j][i] = out[j]
			}
		}
	})
	e.tables, e.source, e.bound = tables, nil, nil
}

// interpolate gives the polynomial with these values at 0, 1, 2, ..., lowest coefficient first, by Newton's differences.
func interpolate(values []fr.Element) []fr.Element {
	n := len(values)
	differences := append([]fr.Element{}, values...)
	for order := 1; order < n; order++ {
		var inverse fr.Element
		inverse.SetUint64(uint64(order)).Inverse(&inverse)
		for i := n - 1; i >= order; i-- {
			differences[i].Sub(&differences[i], &differences[i-1]).Mul(&differences[i], &inverse)
		}
	}
	// Horner over x - (n-2), ..., x - 1, x.
	out := make([]fr.Element, n)
	for order := n - 1; order >= 0; order-- {
		var node fr.Element
		node.SetUint64(uint64(order))
		for i := n - 1; i >= 0; i-- {
			var term fr.Element
			term.Mul(&out[i], &node)
			out[i].Neg(&term)
			if i > 0 {
				out[i].Add(&out[i], &out[i-1])
			}
		}
		out[0].Add(&out[0], &differences[order])
	}
	return out
}
