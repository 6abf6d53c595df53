package offload

import (
	"context"
	"fmt"
	"time"
)

// operands are the two matrices of a product, A of m rows and B of n rows of k values.
type operands struct {
	m, n, k int
	a, b    []int8
}

// area is where a block's entries lie in the product.
type area struct{ row, col, rows, cols int }

// run is one product in work.
type run struct {
	operands
	plan
	device Device
	// sink takes the entries of each area as they come; together the areas are the product.
	sink func(area, []int32)
	// report, which may be nil, is told the work done so far.
	report func(done uint64)
	done   uint64
	sides  [2]side
}

// side is an operand and the part of it that is, or will be, on the device.
type side struct {
	values      []int8
	first, rows int
	loaded      bool
	// scratch holds the padded panel where the inner dimension is no whole number of words.
	scratch []int8
}

func (r *run) words() int { return (r.k + Word - 1) / Word }

// product computes all panels of B against all of A.
func (r *run) product(ctx context.Context) error {
	r.sides = [2]side{A: {values: r.a}, B: {values: r.b}}
	stride := r.words() * Word
	heightA, heightB := r.panelRows(r.m, stride), r.panelRows(r.n, stride)
	for col := 0; col < r.n; col += heightB {
		r.choose(B, col, min(heightB, r.n-col))
		for row := 0; row < r.m; row += heightA {
			r.choose(A, row, min(heightA, r.m-row))
			if err := r.panels(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// choose names the panel of a side that comes next.
func (r *run) choose(which Side, first, rows int) {
	s := &r.sides[which]
	s.loaded = s.loaded && s.first == first && s.rows == rows
	s.first, s.rows = first, rows
}

// panels computes the entries of the two chosen panels, in bands of blocks.
func (r *run) panels(ctx context.Context) error {
	rows, cols := r.sides[A].rows, r.sides[B].rows
	for row := 0; row < rows; {
		height := r.height(rows-row, cols, r.words())
		for col := 0; col < cols; {
			block := Block{Row: row, Col: col, Rows: height, Cols: r.width(height, cols-col, r.words())}
			if err := r.block(ctx, block); err != nil {
				return err
			}
			col += block.Cols
		}
		row += height
	}
	return nil
}

// block computes one block over the whole inner dimension. When the device fails and recovers, it starts again.
func (r *run) block(ctx context.Context, block Block) error {
	for {
		entries, err := r.try(ctx, block)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			r.deliver(block, entries)
			return nil
		}
		if err := r.device.Recover(ctx, err); err != nil {
			return err
		}
		r.sides[A].loaded, r.sides[B].loaded = false, false
	}
}

func (r *run) try(ctx context.Context, block Block) ([]int32, error) {
	for _, which := range []Side{A, B} {
		if err := r.load(ctx, which); err != nil {
			return nil, err
		}
	}
	for block.To < r.words() {
		block.From = block.To
		block.To += r.plan.words(block.Rows*block.Cols, r.words()-block.From)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		started := time.Now()
		if err := r.device.Multiply(ctx, block); err != nil {
			return nil, err
		}
		r.pace.learn(block.work(), time.Since(started))
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	entries, err := r.device.Read(ctx, block)
	if err == nil && len(entries) != block.Rows*block.Cols {
		err = fmt.Errorf("device returned %d entries for %d x %d", len(entries), block.Rows, block.Cols)
	}
	return entries, err
}

func (r *run) deliver(block Block, entries []int32) {
	r.sink(area{row: r.sides[A].first + block.Row, col: r.sides[B].first + block.Col, rows: block.Rows, cols: block.Cols}, entries)
	r.done += uint64(block.Rows) * uint64(block.Cols) * uint64(r.k)
	if r.report != nil {
		r.report(r.done)
	}
}

// load brings a side's panel to the device unless it is there.
func (r *run) load(ctx context.Context, which Side) error {
	s := &r.sides[which]
	if s.loaded {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	values := s.values[s.first*r.k : (s.first+s.rows)*r.k]
	stride := r.words() * Word
	if stride != r.k {
		values = s.pad(values, r.k, stride)
	}
	if err := r.device.Load(ctx, which, Panel{Rows: s.rows, Stride: stride, Values: values}); err != nil {
		return err
	}
	s.loaded = true
	return nil
}

// pad copies rows of k values to rows of stride values whose ends are zero.
func (s *side) pad(values []int8, k, stride int) []int8 {
	if size := s.rows * stride; len(s.scratch) < size {
		s.scratch = make([]int8, size)
	}
	for row := range s.rows {
		copy(s.scratch[row*stride:], values[row*k:(row+1)*k])
	}
	return s.scratch[:s.rows*stride]
}
