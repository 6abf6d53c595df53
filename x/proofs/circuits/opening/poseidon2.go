package opening

import (
	"math/big"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark/frontend"

	"github.com/assaychain/assay/x/proofs/tensor"
)

type state = [tensor.Width]frontend.Variable

// compress is tensor.Compress in constraints: 3 for each of the 8*16+57 S-boxes, 555 in all.
func (g *gadget) compress(in state) frontend.Variable {
	out := g.permute(in)
	return g.api.Add(out[0], in[0])
}

func (g *gadget) permute(s state) state {
	half := g.params.NbFullRounds / 2
	s = g.external(s)
	for round, keys := range g.params.RoundKeys {
		for i := range keys {
			s[i] = g.api.Add(s[i], constant(&keys[i]))
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

func (g *gadget) fullRound(s state) state {
	for i := range s {
		s[i] = g.sBox(s[i])
	}
	return g.external(s)
}

func (g *gadget) sBox(x frontend.Variable) frontend.Variable {
	square := g.api.Mul(x, x)
	return g.api.Mul(g.api.Mul(square, square), x)
}

// blockMatrix is Poseidon2's 4 by 4 matrix; the external layer is the circulant block matrix (2M, M, M, M).
var blockMatrix = [4][4]int{{5, 7, 1, 3}, {4, 6, 1, 1}, {1, 3, 5, 7}, {1, 1, 4, 6}}

func (g *gadget) external(s state) state {
	var blocks state
	for i := range s {
		base := i - i%4
		terms := make([]frontend.Variable, 4)
		for j, factor := range blockMatrix[i%4] {
			terms[j] = g.api.Mul(factor, s[base+j])
		}
		blocks[i] = g.sum(terms)
	}
	var out state
	for i := range out {
		out[i] = g.api.Add(blocks[i], blocks[i%4], blocks[i%4+4], blocks[i%4+8], blocks[i%4+12])
	}
	return out
}

// internal is the all-ones matrix plus the diagonal.
func (g *gadget) internal(s state) state {
	total := g.sum(s[:])
	for i := range s {
		s[i] = g.api.Add(total, g.api.Mul(constant(&g.params.DiagM1[i]), s[i]))
	}
	return s
}

func constant(e *fr.Element) *big.Int { return e.BigInt(new(big.Int)) }
