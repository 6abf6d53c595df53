package canary

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
)

// ErrAlike is wrapped when inputs that are drawn from a sample would be too much alike.
var ErrAlike = errors.New("fresh inputs can't be drawn from it")

const (
	// minFree is how many values of an input must be free to change. Each comes out alike twice with a chance of at most 5/9, all with one
	// below 10^-16.
	minFree = 64
	// minSpread is the least distance of a sample's extremes at which a value between them can change both ways.
	minSpread = 4
)

// Sample is a matrix, row by row, of values as those of real jobs.
type Sample[T int8 | uint8] struct {
	Rows, Cols int
	Values     []T
}

// Draw is a fresh matrix that looks as if it had been taken where the sample was: rows of it, drawn without repetition, in a random order, of
// which each value that lies strictly between the sample's extremes is moved by at most step either way, and stays between them. The extremes
// are left, since a background of zeros with noise in it would give a canary away. rows is 0 for as many as the sample has. It fails with
// ErrAlike when fewer than 64 values of the matrix can change.
func (s Sample[T]) Draw(random *rand.Rand, rows, step int) (Sample[T], error) {
	if rows == 0 {
		rows = s.Rows
	}
	if rows < 1 || rows > s.Rows {
		return Sample[T]{}, fmt.Errorf("%w: %d rows are wanted, it has %d", ErrAlike, rows, s.Rows)
	}
	out := Sample[T]{Rows: rows, Cols: s.Cols, Values: make([]T, 0, rows*s.Cols)}
	for _, row := range random.Perm(s.Rows)[:rows] {
		out.Values = append(out.Values, s.Values[row*s.Cols:(row+1)*s.Cols]...)
	}
	low, high := int(slices.Min(s.Values)), int(slices.Max(s.Values))
	free := 0
	for i, value := range out.Values {
		if v := int(value); v > low && v < high && high-low >= minSpread {
			free++
			out.Values[i] = T(min(max(v+random.IntN(2*step+1)-step, low+1), high-1))
		}
	}
	if free < minFree {
		return Sample[T]{}, fmt.Errorf("%w: %d values lie between the smallest and the largest, %d are needed", ErrAlike, free, minFree)
	}
	return out, nil
}

// Uniform is a matrix whose values are drawn evenly from all of int8.
func Uniform(random *rand.Rand, rows, cols int) Sample[int8] {
	out := Sample[int8]{Rows: rows, Cols: cols, Values: make([]int8, rows*cols)}
	for i := range out.Values {
		out.Values[i] = int8(random.IntN(256) - 128)
	}
	return out
}
