package gadget

import (
	"math/big"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark/frontend"

	"github.com/assaychain/assay/x/proofs/tensor"
)

type state = [tensor.Width]frontend.Variable

// Compress is tensor.Compress in constraints: 3 for each of the 8*16+57 S-boxes, 555 in all.
func (g *Builder) Compress(in state) frontend.Variable {
	out := g.permute(in)
	return g.API.Add(out[0], in[0])
}

func (g *Builder) permute(s state) state {
	half := g.params.NbFullRounds / 2
	s = g.external(s)
	for round, keys := range g.params.RoundKeys {
		for i := range keys {
			s[i] = g.API.Add(s[i], Constant(&keys[i]))
		}
		if round < half || round >= half+g.params.NbPartialRounds {
			s = g.fullRound(s)
		} else {
			s[0] = g.sBox(s[0])
			s = g.internal(s)
		}
	}
	return s
}

func (g *Builder) fullRound(s state) state {
	for i := range s {
		s[i] = g.sBox(s[i])
	}
	return g.external(s)
}

func (g *Builder) sBox(x frontend.Variable) frontend.Variable {
	square := g.API.Mul(x, x)
	return g.API.Mul(g.API.Mul(square, square), x)
}

// blockMatrix is Poseidon2's 4 by 4 matrix; the external layer is the circulant block matrix (2M, M, M, M).
var blockMatrix = [4][4]int{{5, 7, 1, 3}, {4, 6, 1, 1}, {1, 3, 5, 7}, {1, 1, 4, 6}}

func (g *Builder) external(s state) state {
	var blocks state
	for i := range s {
		base := i - i%4
		terms := make([]frontend.Variable, 4)
		for j, factor := range blockMatrix[i%4] {
			terms[j] = g.API.Mul(factor, s[base+j])
		}
		blocks[i] = g.Sum(terms)
	}
	var out state
	for i := range out {
		out[i] = g.API.Add(blocks[i], blocks[i%4], blocks[i%4+4], blocks[i%4+8], blocks[i%4+12])
	}
	return out
}

// internal is the all-ones matrix plus the diagonal.
func (g *Builder) internal(s state) state {
	total := g.Sum(s[:])
	for i := range s {
		s[i] = g.API.Add(total, g.API.Mul(Constant(&g.params.DiagM1[i]), s[i]))
	}
	return s
}

// Constant is an element as a constant of a circuit.
func Constant(e *fr.Element) *big.Int { return e.BigInt(new(big.Int)) }
