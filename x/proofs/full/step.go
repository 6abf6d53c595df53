package full

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/assaychain/assay/x/proofs/full/internal/transcript"
)

const (
	// StepDomain starts the transcript of every step's proof. It changes with every change of the protocol.
	StepDomain = "assay/full/step/v1"
	// MaxShift is the longest shift of a step, that of x/proofs/program.
	MaxShift = 48

	// accumulatorBits bounds what is shifted: |A·multiplier + 2^(shift-1)| < 2^62.
	accumulatorBits = 62
	// narrowWidth and wideWidth are the widths of digits in bits; the wide ones pay from wideFrom variables on.
	narrowWidth, wideWidth, wideFrom = 8, 12, 12
)

// Step claims Z[i][j] = clamp((A·multiplier[j] + 2^(Shift-1)) >> Shift, low, 127) for every entry, with
// A = Σ_k X[i][k]·W[j][k] + bias[j] and low 0 with Relu, otherwise -128: a step of x/proofs/program with int8 output. All
// fields are the verifier's.
type Step struct {
	// Digest binds the proof to its place: chain, job, attempt, worker, seed and whatever else the verifier names in it.
	Digest [sha256.Size]byte
	// M is the number of rows of X and Z, N of rows of W and so of columns of Z, K the inner dimension: 1 to MaxDimension each.
	M, N, K uint32
	// Weights is the root of W, its biases and multipliers.
	Weights [sha256.Size]byte
	// X and Z commit to the operand and to the result. That X is int8 is not shown; that Z is, is.
	X, Z Commitment
	// Shift is 1 to MaxShift.
	Shift uint32
	// Relu makes 0 the lowest entry of Z.
	Relu bool
}

// Shape is that of the step's product.
func (s *Step) Shape() Shape { return Shape{s.M, s.N, s.K} }

// Validate refuses statements that no proof exists for. It does not decode the commitments.
func (s *Step) Validate() error {
	if err := s.Shape().Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrStatement, err)
	}
	if s.Shift < 1 || s.Shift > MaxShift {
		return fmt.Errorf("%w: shift is %d, want 1..%d", ErrStatement, s.Shift, MaxShift)
	}
	return nil
}

// Points is how many points of a reference string it takes to commit to the tensors and to prove, 0 for an invalid statement.
func (s *Step) Points() int {
	if s.Validate() != nil {
		return 0
	}
	l := s.Layout()
	return max(s.Shape().Points(), 1<<l.Variables(TensorY))
}

// StepLayout are the numbers that a step's argument is made of. Its Layout is that of the product, where Small counts the
// tables in.
type StepLayout struct {
	Layout
	// Width is the length of a digit in bits, and the number of variables of the table of digits.
	Width int
	// Remainders is how many digits the remainder of the shift has, Excesses how many what is cut off by the clamp.
	Remainders, Excesses int
	// Signs is the number of variables of the table of signs.
	Signs int
	// Lift is how far the accumulators are shifted left, so that the remainder fills its digits.
	Lift int
}

// Layout gives the layout of a valid step.
func (s *Step) Layout() StepLayout {
	l := StepLayout{Layout: s.Shape().Layout(), Width: narrowWidth, Signs: 8}
	if l.M+l.N >= wideFrom {
		l.Width = wideWidth
	}
	if s.Relu {
		l.Signs = 7
	}
	l.Remainders = (int(s.Shift) + l.Width - 1) / l.Width
	l.Excesses = (accumulatorBits - int(s.Shift) + l.Width - 1) / l.Width
	l.Lift = l.Width*l.Remainders - int(s.Shift)
	l.Small = max(l.Small, l.Width)
	return l
}

// Digits is the number of committed digits of an entry.
func (l StepLayout) Digits() int { return l.Remainders + l.Excesses }

// Lookups is how many numbers of an entry are looked up: its digits, and result and direction together.
func (l StepLayout) Lookups() int { return l.Digits() + 1 }

// Degree is that of the sumcheck over all entries in each variable.
func (l StepLayout) Degree() int { return l.Lookups() + 2 }

// lowest is the lowest entry of Z.
func (s *Step) lowest() int64 {
	if s.Relu {
		return 0
	}
	return -128
}

// StartStep is the transcript after everything that is known before the first challenge, but the columns.
func StartStep(key [sha256.Size]byte, s *Step, w WeightCommitments) *transcript.Transcript {
	t := transcript.New(StepDomain)
	t.Absorb("key", key[:])
	t.Absorb("statement", s.Digest[:])
	t.Absorb("weights", s.Weights[:])
	var shape []byte
	for _, n := range []uint32{s.M, s.N, s.K} {
		shape = binary.BigEndian.AppendUint32(shape, n)
	}
	t.Absorb("shape", shape)
	t.Absorb("requant", append(binary.BigEndian.AppendUint32(nil, s.Shift), flag(s.Relu)))
	t.Absorb("x", s.X[:])
	t.Absorb("z", s.Z[:])
	t.Absorb("values", w.Values[:])
	t.Absorb("bias", w.Bias[:])
	t.Absorb("multiplier", w.Multiplier[:])
	return t
}
