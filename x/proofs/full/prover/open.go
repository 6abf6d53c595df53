package prover

import (
	"context"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/assaychain/assay/x/proofs/full"
)

// Open opens the commitment to an int32 tensor of m rows and n columns, row major, at a point. It takes one multi-scalar
// product of the tensor's length, and checks what it made: ErrWrong when the commitment is not to these values.
func (p *Prover) Open(ctx context.Context, c full.Commitment, m, n uint32, y []int32, point [full.ScalarSize]byte) ([]byte, error) {
	g, err := newGrid(m, n, nil, y)
	if err != nil {
		return nil, err
	}
	value, err := full.Evaluate(m, n, y, point)
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
	if _, err := full.CheckOpening(p.source.Key(), c, point, opening); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrWrong, err)
	}
	return opening, nil
}
