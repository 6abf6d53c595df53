package program

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// DisputeSeed takes the place of the challenge seed in the statement of an entry that a dispute names. The statement of a drawn
// position and that of the same entry under dispute differ by it, so that neither proof can stand for the other, and two
// disputes of an attempt differ by number, counted from 1:
//
//	SHA-256("assay/dispute/v1" ‖ seed ‖ number u32)
//
// The seed is the attempt's own and binds chain, job, attempt, worker and commitment.
func DisputeSeed(seed [sha256.Size]byte, number uint32) [sha256.Size]byte {
	b := append([]byte("assay/dispute/v1"), seed[:]...)
	return sha256.Sum256(binary.BigEndian.AppendUint32(b, number))
}

// CheckPosition refuses an entry that no step of the program has; errors wrap ErrArgument and name the limit.
func CheckPosition(p Program, at Position) error {
	r, err := resolve(&p)
	if err != nil {
		return err
	}
	if int64(at.Step) >= int64(len(r.shapes)) {
		return fmt.Errorf("%w: step is %d: the program has %d, counted from 0", ErrArgument, at.Step, len(r.shapes))
	}
	shape := r.shapes[at.Step]
	if at.Row >= shape.M {
		return fmt.Errorf("%w: row is %d: the output of step %d has %d, counted from 0", ErrArgument, at.Row, at.Step, shape.M)
	}
	if at.Col >= shape.N {
		return fmt.Errorf("%w: col is %d: the output of step %d has %d, counted from 0", ErrArgument, at.Col, at.Step, shape.N)
	}
	return nil
}
