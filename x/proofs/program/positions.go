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

// Positions derives from the seed the count entries that the worker has to prove, 1 to MaxPositions of them. Each is
// drawn independently and with replacement, so that the same entry may come twice: a position is the entry that a
// uniformly drawn multiply-accumulate of the program belongs to, so entries are drawn in proportion to their work.
func Positions(seed [sha256.Size]byte, p Program, count uint32) ([]Position, error) {
	if count < 1 || count > MaxPositions {
		return nil, fmt.Errorf("%w: %d positions, must be 1 to %d", ErrArgument, count, MaxPositions)
	}
	r, err := resolve(&p)
	if err != nil {
		return nil, err
	}
	positions := make([]Position, count)
	for i := range positions {
		mac, err := drawBelow(seed, uint32(i), r.work)
		if err != nil {
			return nil, err
		}
		positions[i] = locate(r.shapes, mac)
	}
	return positions, nil
}

// drawBelow is the i-th draw of the seed, uniform in [0, n): the first eight bytes, big-endian, of
// SHA-256(seed ‖ "pos" ‖ i u32 ‖ counter u32), taken modulo n unless it falls beyond the last whole multiple of n, when
// the counter, from 0, goes on.
func drawBelow(seed [sha256.Size]byte, i uint32, n uint64) (uint64, error) {
	b := append(seed[:], "pos"...)
	b = binary.BigEndian.AppendUint32(b, i)
	// The number of values beyond the last whole multiple of n is 2^64 mod n.
	excess := -n % n
	for counter := uint32(0); counter < maxDraws; counter++ {
		digest := sha256.Sum256(binary.BigEndian.AppendUint32(b, counter))
		if v := binary.BigEndian.Uint64(digest[:8]); v <= ^uint64(0)-excess {
			return v % n, nil
		}
	}
	return 0, fmt.Errorf("%w: seed gives no position %d in %d draws", ErrArgument, i, maxDraws)
}

// locate finds the entry that the mac-th multiply-accumulate belongs to; steps, rows and columns are counted in order,
// each entry holding K of them. mac is below the sum of the steps' work.
func locate(shapes []StepShape, mac uint64) Position {
	step := 0
	for mac >= shapes[step].Work() {
		mac -= shapes[step].Work()
		step++
	}
	entry := mac / uint64(shapes[step].K)
	n := uint64(shapes[step].N)
	return Position{Step: uint32(step), Row: uint32(entry / n), Col: uint32(entry % n)}
}
