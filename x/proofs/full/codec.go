package full

import (
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/assaychain/assay/x/proofs/internal/group"
)

// codec visits the fields of a proof in their order.
type codec interface {
	commitment(name string, c *Commitment, p *bn254.G1Affine)
	points(name string, points ...*bn254.G1Affine)
	scalars(name string, scalars ...*fr.Element)
}

func visitRounds(c codec, name string, rounds []Round) {
	for i := range rounds {
		c.scalars(name, &rounds[i].C0, &rounds[i].C2)
	}
}

func visitScalars(c codec, name string, scalars []fr.Element) {
	for i := range scalars {
		c.scalars(name, &scalars[i])
	}
}

func visitPoints(c codec, name string, points []bn254.G1Affine) {
	for i := range points {
		c.points(name, &points[i])
	}
}

type writer struct{ out []byte }

func (w *writer) commitment(_ string, c *Commitment, _ *bn254.G1Affine) {
	w.out = append(w.out, c[:]...)
}

func (w *writer) points(_ string, points ...*bn254.G1Affine) {
	for _, p := range points {
		raw := p.Bytes()
		w.out = append(w.out, raw[:]...)
	}
}

func (w *writer) scalars(_ string, scalars ...*fr.Element) {
	for _, s := range scalars {
		raw := s.Bytes()
		w.out = append(w.out, raw[:]...)
	}
}

// reader keeps the first error and then reads nothing more. ProofSize has made sure of the length.
type reader struct {
	rest []byte
	// known are points that were decoded before.
	known *group.Known
	err   error
}

func (r *reader) take(n int) []byte {
	raw := r.rest[:n]
	r.rest = r.rest[n:]
	return raw
}

func (r *reader) commitment(name string, c *Commitment, p *bn254.G1Affine) {
	if r.err == nil {
		*c = Commitment(r.rest)
		r.points(name, p)
	}
}

func (r *reader) points(name string, points ...*bn254.G1Affine) {
	for _, p := range points {
		if r.err != nil {
			return
		}
		var err error
		if *p, err = r.known.DecodeG1(r.take(group.G1Size)); err != nil {
			r.err = fmt.Errorf("%w: %s: %w", ErrProofEncoding, name, err)
		}
	}
}

func (r *reader) scalars(name string, scalars ...*fr.Element) {
	for _, s := range scalars {
		if r.err != nil {
			return
		}
		if s.SetBytesCanonical(r.take(fr.Bytes)) != nil {
			r.err = fmt.Errorf("%w: %s: not below the field's modulus", ErrProofEncoding, name)
		}
	}
}

// collector collects the encodings of points.
type collector struct {
	rest []byte
	raw  [][group.G1Size]byte
}

func (c *collector) commitment(name string, _ *Commitment, p *bn254.G1Affine) { c.points(name, p) }

func (c *collector) points(_ string, points ...*bn254.G1Affine) {
	for range points {
		c.raw = append(c.raw, [group.G1Size]byte(c.rest))
		c.rest = c.rest[group.G1Size:]
	}
}

func (c *collector) scalars(_ string, scalars ...*fr.Element) {
	c.rest = c.rest[len(scalars)*fr.Bytes:]
}
