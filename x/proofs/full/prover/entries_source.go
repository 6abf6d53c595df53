package prover

import (
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/assaychain/assay/x/proofs/full"
)

// The columns of the identity, in their order after the factors.
const (
	colInverses = iota
	colAcc
	colRest
	colDirection
	colExcess
	columns
)

// source reads what the sumcheck over the entries is about from the witness.
type source struct {
	*witness
	layout     full.StepLayout
	rows, cols int
	acc        []int32
	inverses   []fr.Element
	challenges *full.StepChallenges
	// digits lists beta - t for every digit t.
	digits []fr.Element
	// excess is chi·2^S.
	excess fr.Element
}

func newSource(a *stepArgument) *source {
	s := &source{
		witness: a.witness, layout: a.step, rows: int(a.statement.M), cols: int(a.statement.N), acc: a.acc, challenges: &a.challenges,
		digits: make([]fr.Element, 1<<a.step.Width),
	}
	for t := range s.digits {
		s.digits[t].SetUint64(uint64(t))
		s.digits[t].Sub(&a.challenges.Beta, &s.digits[t])
	}
	return s
}

// factors fills out with beta minus each look-up's fingerprint: of result and direction, then of the digits.
func (s *source) factors(out []fr.Element, i int) {
	var z, direction fr.Element
	z.SetInt64(int64(s.z[i]))
	direction.SetInt64(int64(s.direction[i]))
	z = s.challenges.Fingerprint(&z, &direction)
	out[0].Sub(&s.challenges.Beta, &z)
	for d := range s.witness.digits {
		digit := s.witness.digits[d][i]
		if digit >= 0 && int(digit) < len(s.digits) {
			out[1+d] = s.digits[digit]
			continue
		}
		z.SetInt64(int64(digit))
		out[1+d].Sub(&s.challenges.Beta, &z)
	}
}

// load fills out with an index's factors and columns.
func (s *source) load(out []fr.Element, i int) {
	l := s.layout
	s.factors(out, i)
	out = out[l.Lookups():]
	row, col, bits := i>>l.N, i&(1<<l.N-1), l.Width*l.Remainders
	rest := -int64(s.z[i])<<bits - s.join(i, 0, l.Remainders, l.Width)
	out[colAcc].SetZero()
	if row < s.rows && col < s.cols {
		out[colAcc].SetInt64(int64(s.acc[row*s.cols+col]))
		rest += 1 << (bits - 1)
	}
	out[colInverses] = s.inverses[i]
	out[colRest].SetInt64(rest).Mul(&out[colRest], &s.challenges.Chi)
	out[colDirection].SetInt64(int64(s.direction[i]))
	out[colExcess].SetInt64(s.join(i, l.Remainders, l.Digits(), l.Width)).Mul(&out[colExcess], &s.excess)
}

// weigh sets what depends on chi, and gives the column of multipliers: times 2^(S-shift) and chi.
func (s *source) weigh(weights *CommittedWeights) []fr.Element {
	c := s.layout.Requant()
	s.excess.Mul(&c.Scale, &s.challenges.Chi)
	out := make([]fr.Element, 1<<s.layout.N)
	copy(out, fieldsOf(weights.Multiplier))
	for i := range out {
		out[i].Mul(&out[i], &c.Lift).Mul(&out[i], &s.challenges.Chi)
	}
	return out
}
