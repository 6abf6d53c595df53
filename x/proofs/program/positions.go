package program

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// maxDraws bounds the rejection sampling of one position. A draw is rejected with a probability below 2^-23, so the
// bound is never met.
const maxDraws = 64

// Position names one entry of the output of one step, all counted from 0.
type Position struct {
	Step, Row, Col uint32
}

// The domains of the two kinds of draws, of different lengths, as that of Rows is, so that no two draws of a seed hash the same bytes.
const (
	stepDomain = "step"
	workDomain = "pos"
)

// Positions derives from the seed the count entries that the worker has to prove, 1 to MaxPositions of them. Each is
// drawn independently and with replacement, so that the same entry may come twice.
//
// With at least as many positions as steps, position i of the first ones is an entry of step i, each as likely as every
// other: in proportion to work a small last layer would hardly ever be looked at, though the result is its output. All
// further positions, and all of them when there are fewer than steps, are drawn in proportion to work: the entry that a
// uniformly drawn multiply-accumulate of the program belongs to.
//
// Hence a position depends on whether count reaches the number of steps, and on count in no other way.
func Positions(seed [sha256.Size]byte, p Program, count uint32) ([]Position, error) {
	if count < 1 || count > MaxPositions {
		return nil, fmt.Errorf("%w: %d positions, must be 1 to %d", ErrArgument, count, MaxPositions)
	}
	r, err := resolve(&p)
	if err != nil {
		return nil, err
	}
	stratified := len(r.shapes)
	if int(count) < stratified {
		stratified = 0
	}
	positions := make([]Position, count)
	for i := range positions {
		if i < stratified {
			positions[i], err = drawFromStep(seed, i, r.shapes[i])
		} else {
			positions[i], err = drawByWork(seed, i, r)
		}
		if err != nil {
			return nil, err
		}
	}
	return positions, nil
}

// drawFromStep draws an entry of the i-th step's output uniformly.
func drawFromStep(seed [sha256.Size]byte, i int, shape StepShape) (Position, error) {
	entry, err := draw{seed, stepDomain, uint32(i)}.below(uint64(shape.M) * uint64(shape.N))
	return at(i, shape, entry), err
}

// drawByWork draws the i-th position in proportion to work.
func drawByWork(seed [sha256.Size]byte, i int, r *resolution) (Position, error) {
	mac, err := draw{seed, workDomain, uint32(i)}.below(r.work)
	if err != nil {
		return Position{}, err
	}
	return locate(r.shapes, mac), nil
}

// draw names one random number.
type draw struct {
	seed   [sha256.Size]byte
	domain string
	index  uint32
}

// below is uniform in [0, n): the first eight bytes, big-endian, of SHA-256(seed ‖ domain ‖ index u32 ‖ counter u32), taken
// modulo n unless it falls beyond the last whole multiple of n, when the counter, from 0, goes on.
func (d draw) below(n uint64) (uint64, error) {
	b := append(d.seed[:], d.domain...)
	b = binary.BigEndian.AppendUint32(b, d.index)
	// The number of values beyond the last whole multiple of n is 2^64 mod n.
	excess := -n % n
	for counter := uint32(0); counter < maxDraws; counter++ {
		digest := sha256.Sum256(binary.BigEndian.AppendUint32(b, counter))
		if v := binary.BigEndian.Uint64(digest[:8]); v <= ^uint64(0)-excess {
			return v % n, nil
		}
	}
	return 0, fmt.Errorf("%w: seed gives no position %d in %d draws", ErrArgument, d.index, maxDraws)
}

// locate finds the entry that the mac-th multiply-accumulate belongs to; steps, rows and columns are counted in order,
// each entry holding K of them. mac is below the sum of the steps' work.
func locate(shapes []StepShape, mac uint64) Position {
	step := 0
	for mac >= shapes[step].Work() {
		mac -= shapes[step].Work()
		step++
	}
	return at(step, shapes[step], mac/uint64(shapes[step].K))
}

// at is an entry of a step by its number, counted row by row.
func at(step int, shape StepShape, entry uint64) Position {
	n := uint64(shape.N)
	return Position{Step: uint32(step), Row: uint32(entry / n), Col: uint32(entry % n)}
}
