package group

import (
	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// Multiply multiplies each point with the number low + high·λ of its own, where λ is the eigenvalue of φ(x, y) = (βx, y). All
// go through the same steps, of which each is one addition for all points: two bits of both halves at a time.
func Multiply(points []bn254.G1Affine, scalars [][2]uint64) []bn254.G1Affine {
	m := multiplier{table: multiplesOf(points), sums: make([]bn254.G1Affine, len(points))}
	for shift := 64 - multiplyWidth; shift >= 0; shift -= multiplyWidth {
		for range multiplyWidth {
			m.add(func(i int) *bn254.G1Affine { return &m.sums[i] })
		}
		m.add(func(i int) *bn254.G1Affine {
			low, high := scalars[i][0]>>shift%multiplySide, scalars[i][1]>>shift%multiplySide
			return &m.table[low+multiplySide*high][i]
		})
	}
	for i := range m.sums {
		m.sums[i] = certain(m.sums[i], halvesOf(&points[i], scalars[i]))
	}
	return m.sums
}

// halvesOf are the terms low·p and high·φ(p).
func halvesOf(p *bn254.G1Affine, scalar [2]uint64) []Term {
	terms := []Term{{Scalar: fr.NewElement(scalar[0]), Point: *p}, {Scalar: fr.NewElement(scalar[1]), Point: *p}}
	terms[1].Point.X.Mul(&p.X, &lattice.beta)
	return terms
}

const (
	multiplyWidth = 2
	multiplySide  = 1 << multiplyWidth
)

// multiplier is the state of multiplying several points.
type multiplier struct {
	adder Adder
	table [multiplySide * multiplySide][]bn254.G1Affine
	sums  []bn254.G1Affine
}

// add adds a point to each sum.
func (m *multiplier) add(point func(i int) *bn254.G1Affine) {
	m.adder.Reset()
	for i := range m.sums {
		m.adder.Push(&m.sums[i], point(i))
	}
	m.adder.AddUp()
	for i := range m.sums {
		m.sums[i] = m.adder.Sum(i)
	}
}

// multiplesOf are i·p + j·φ(p) at i + j·multiplySide for all points p.
func multiplesOf(points []bn254.G1Affine) (table [multiplySide * multiplySide][]bn254.G1Affine) {
	moved := make([]bn254.G1Affine, len(points))
	for i := range points {
		moved[i] = points[i]
		moved[i].X.Mul(&moved[i].X, &lattice.beta)
	}
	m := multiplier{sums: make([]bn254.G1Affine, len(points))}
	table[0] = append([]bn254.G1Affine{}, m.sums...)
	for i := 1; i < len(table); i++ {
		next := points
		copy(m.sums, table[i-1])
		if i%multiplySide == 0 {
			next = moved
			copy(m.sums, table[i-multiplySide])
		}
		m.add(func(i int) *bn254.G1Affine { return &next[i] })
		table[i] = append([]bn254.G1Affine{}, m.sums...)
	}
	return table
}
