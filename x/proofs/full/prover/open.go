package prover

import (
	"context"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/assaychain/assay/x/proofs/full"
)

// Committed is an int32 tensor of M rows and N columns, row major, with its commitment.
type Committed struct {
	M, N       uint32
	Values     []int32
	Commitment full.Commitment
}

// Open opens a commitment at a point. It takes one multi-scalar product of the tensor's length, and checks what it made: ErrWrong
// when the commitment is not to these values.
func (p *Prover) Open(ctx context.Context, t Committed, point [full.ScalarSize]byte) ([]byte, error) {
	g, err := newGrid(t.M, t.N, nil, t.Values)
	if err != nil {
		return nil, err
	}
	value, err := full.Evaluate(t.M, t.N, t.Values, point)
	if err != nil {
		return nil, err
	}
	var z fr.Element
	z.SetBytes(point[:])
	quotient, err := p.commitQuotient(ctx, &combination{grids: []*grid{g}, factors: []fr.Element{fr.One()}}, z, 0)
	if err != nil {
		return nil, err
	}
	raw := quotient.Bytes()
	opening := append(value[:], raw[:]...)
	if _, err := full.CheckOpening(p.source.Key(), t.Commitment, point, opening); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrWrong, err)
	}
	return opening, nil
}
