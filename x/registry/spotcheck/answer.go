package spotcheck

import "fmt"

// Engine is what computes an answer.
type Engine struct {
	// Multiply fills sums = a·bᵀ, all row major, entries in two's complement: a has rows × size of them, b size × size, sums
	// rows × size.
	Multiply func(rows, size int, a, b []byte, sums []int32) error
	// Each calls do with 0 to n−1, in any order, also at the same time; nil calls them one by one.
	Each func(n int, do func(i int))
}

func (e Engine) each(n int, do func(i int)) {
	if e.Each != nil {
		e.Each(n, do)
		return
	}
	for i := range n {
		do(i)
	}
}

// Trace is a finished chain of products. It holds the trees above the rows only: rows are made again when they are asked for,
// which costs a few rows of work a step instead of the memory for all products.
type Trace struct {
	terms Terms
	seed  Hash
	trees []*Tree
}

// Run makes the chain of products. It holds two matrices of bytes and one of sums at a time. The terms must be valid.
func Run(e Engine, t Terms, seed Hash) (*Trace, error) {
	trace := &Trace{terms: t, seed: seed}
	n := int(t.Size)
	rows := make([]uint32, n)
	for r := range rows {
		rows[r] = uint32(r)
	}
	matrix, err := trace.input(e, rows)
	if err != nil {
		return nil, err
	}
	factor, sums, hashes := make([]byte, n*n), make([]int32, n*n), make([]Hash, n)
	for step := range t.Steps {
		if err := trace.multiply(e, step, matrix, factor, sums); err != nil {
			return nil, err
		}
		e.each(n, func(r int) { hashes[r] = RowRoot(matrix[r*n : (r+1)*n]) })
		trace.trees = append(trace.trees, NewTree(append([]Hash(nil), hashes...)))
	}
	return trace, nil
}

// input makes some rows of the first matrix.
func (t *Trace) input(e Engine, rows []uint32) ([]byte, error) {
	input, err := Input(t.seed, t.terms.Size)
	if err != nil {
		return nil, err
	}
	n := int(t.terms.Size)
	made := make([]byte, len(rows)*n)
	e.each(len(rows), func(i int) { input.Row(rows[i], made[i*n:(i+1)*n]) })
	return made, nil
}

// multiply replaces rows of a matrix by the same rows of its product in a step.
func (t *Trace) multiply(e Engine, step uint32, rows, factor []byte, sums []int32) error {
	var before []byte
	if step > 0 {
		root := t.trees[step-1].Root()
		before = root[:]
	}
	n := int(t.terms.Size)
	matrix, err := Factor(t.seed, t.terms.Size, step, before)
	if err != nil {
		return err
	}
	e.each(n, func(c int) { matrix.Row(uint32(c), factor[c*n:(c+1)*n]) })
	if err := e.Multiply(len(rows)/n, n, rows, factor, sums); err != nil {
		return fmt.Errorf("product %d: %w", step, err)
	}
	e.each(len(rows)/n, func(r int) {
		for i, sum := range sums[r*n : (r+1)*n] {
			rows[r*n+i] = Mix(sum)
		}
	})
	return nil
}

// Roots of all products, in order.
func (t *Trace) Roots() []Hash {
	roots := make([]Hash, len(t.trees))
	for i, tree := range t.trees {
		roots[i] = tree.Root()
	}
	return roots
}

// Commitment is what is posted.
func (t *Trace) Commitment() Hash { return Commitment(t.seed, t.Roots()) }

// Open makes the rows of the drawn entries again, through all steps, and opens the entries.
func (t *Trace) Open(e Engine, challenge Hash) (Opening, error) {
	positions, n := Positions(challenge, t.terms), int(t.terms.Size)
	opening := Opening{Roots: t.Roots(), Entries: make([]Entry, len(positions))}
	rows := make([]uint32, len(positions))
	for i, p := range positions {
		rows[i] = p.Row
	}
	made, err := t.input(e, rows)
	if err != nil {
		return Opening{}, err
	}
	factor, sums := make([]byte, n*n), make([]int32, len(rows)*n)
	for step := range t.terms.Steps {
		t.openRows(positions, step, made, opening.Entries)
		if err := t.multiply(e, step, made, factor, sums); err != nil {
			return Opening{}, err
		}
		t.openBlocks(positions, step, made, opening.Entries)
	}
	return opening, nil
}

// openRows opens the rows that a step multiplies, which lie in the product before.
func (t *Trace) openRows(positions []Position, step uint32, made []byte, entries []Entry) {
	n := int(t.terms.Size)
	for i, p := range positions {
		if p.Step == step && step > 0 {
			entries[i].Row = append([]byte(nil), made[i*n:(i+1)*n]...)
			entries[i].RowPath = t.trees[step-1].RowPath(p.Row)
		}
	}
}

// openBlocks opens the blocks of a step's product that hold entries.
func (t *Trace) openBlocks(positions []Position, step uint32, made []byte, entries []Entry) {
	n, size := int(t.terms.Size), int(blockSize(t.terms.Size))
	for i, p := range positions {
		if p.Step != step {
			continue
		}
		row, first := made[i*n:(i+1)*n], int(p.Col)/size*size
		entries[i].Block = append([]byte(nil), row[first:first+size]...)
		entries[i].BlockPath = t.trees[step].BlockPath(p.Row, p.Col, row)
	}
}
