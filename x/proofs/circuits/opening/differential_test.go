package opening_test

import (
	"math/big"
	"testing"

	"github.com/consensys/gnark/constraint"
	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/circuits/opening"
	"github.com/assaychain/assay/x/proofs/circuits/opening/openingtest"
	"github.com/assaychain/assay/x/proofs/interpreter"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// perStep is how many entries of a drawn step are opened, so that the cost is in solving, not in committing.
const perStep = 50

// TestAgreesWithTheInterpreter solves random openings of random steps against the meaning of a program. Most use the
// narrow test class, whose circuit differs from the others in nothing but its width and chunks; each real class has its share.
func TestAgreesWithTheInterpreter(t *testing.T) {
	shares := map[uint32]int{testClass: *openings, 256: *openings / 20, 1024: *openings / 20}
	clamped, total := 0, 0
	for class, count := range shares {
		s := system(t, class)
		for i := 0; i < count; i += perStep {
			step, err := openingtest.Draw(randomSpec(uint64(class)<<32|uint64(i), class))
			require.NoError(t, err)
			output := step.Output()
			for j := range min(perStep, count-i) {
				row, col := pick(i+j, 7919, step.M), pick(i+j, 104729, step.N)
				requireProvable(t, s, class, step, row, col)
				require.Equal(t, interpret(step, row, col), output[row*step.N+col])
				total++
				if v := output[row*step.N+col]; step.OutputType == program.DATA_TYPE_INT8 && (v == 127 || v == -128) {
					clamped++
				}
			}
		}
	}
	t.Logf("%d openings, %d clamped", total, clamped)
	require.Greater(t, clamped, total/20)
	require.Less(t, clamped, total*3/4)
}

// interpret is the interpreter's value of an entry; the drawn step's own comes from big integers.
func interpret(s *openingtest.Step, row, col uint32) int32 {
	channel := interpreter.Channel{
		Weights: s.W.Int8[col*s.K : (col+1)*s.K], Bias: s.W.Bias[col], Multiplier: s.W.Multiplier[col],
	}
	step := &program.DenseStep{Shift: s.Shift, Activation: s.Activation, OutputType: s.OutputType}
	return interpreter.Entry(s.X.Int8[row*s.K:(row+1)*s.K], channel, step)
}

// TestStepsOfAProgramAreProvable runs a two-layer network by the interpreter and opens entries of both steps.
func TestStepsOfAProgramAreProvable(t *testing.T) {
	hidden, err := openingtest.Draw(openingtest.Spec{
		Seed: 77, M: 30, N: 48, K: 64, Shift: 26, Activation: program.ACTIVATION_RELU, OutputType: program.DATA_TYPE_INT8,
	})
	require.NoError(t, err)
	logits, err := openingtest.Draw(openingtest.Spec{
		Seed: 78, M: 1, N: 10, K: 48, Activation: program.ACTIVATION_IDENTITY, OutputType: program.DATA_TYPE_INT32,
	})
	require.NoError(t, err)
	p := program.Program{
		Version: program.Version,
		Inputs: []program.Tensor{
			{Name: "x", Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: 30, Cols: 64},
			{Name: "w1", Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: 48, Cols: 64},
			{Name: "w2", Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: 10, Cols: 48},
		},
		Steps: []program.DenseStep{
			{Input: "x", Weight: "w1", Output: "h", Shift: 26, Activation: program.ACTIVATION_RELU, OutputType: program.DATA_TYPE_INT8},
			{Input: "h", Weight: "w2", Output: "y", Activation: program.ACTIVATION_IDENTITY, OutputType: program.DATA_TYPE_INT32},
		},
	}
	outputs, err := interpreter.Run(p, []*tensor.Tensor{hidden.X, hidden.W, logits.W})
	require.NoError(t, err)
	require.Equal(t, hidden.Y, outputs[0])
	last, err := openingtest.Of(logits.Spec, outputs[0], logits.W, outputs[1])
	require.NoError(t, err)
	s := system(t, testClass)
	for i := range uint32(10) {
		requireProvable(t, s, testClass, hidden, 3*i, 4*i)
		requireProvable(t, s, testClass, last, 3*i, i)
	}
}

// pick spreads a counter over a range.
func pick(i, prime int, n uint32) uint32 { return uint32(i*prime) % n }

// randomSpec draws shapes, shifts and activations from a number; every other step uses extreme values.
func randomSpec(seed uint64, class uint32) openingtest.Spec {
	h := seed * 0x9e3779b97f4a7c15
	draw := func(n uint64) uint32 {
		h ^= h >> 29
		h *= 0xbf58476d1ce4e5b9
		h ^= h >> 32
		return uint32(h % n)
	}
	lowest := uint32(1)
	if class == 1024 {
		lowest = 257
	}
	spec := openingtest.Spec{
		Seed: seed, M: 1 + draw(40), N: 1 + draw(600), K: lowest + draw(uint64(class-lowest+1)), Shift: 1 + draw(program.MaxShift),
		Activation: program.Activation(1 + draw(2)), OutputType: program.DATA_TYPE_INT8, Extreme: draw(2) == 0,
	}
	if draw(3) == 0 {
		spec.Shift, spec.OutputType = 0, program.DATA_TYPE_INT32
	}
	return spec
}

func requireProvable(t *testing.T, s constraint.ConstraintSystem, class uint32, step *openingtest.Step, row, col uint32) {
	st, o, err := step.At(row, col, 0)
	require.NoError(t, err)
	require.NoError(t, opening.Check(st, o))
	assignment, err := opening.Assign(class, st, o)
	require.NoError(t, err)
	require.NoError(t, solve(s, assignment), "%+v row %d col %d", step.Spec, row, col)
}

// TestRefusesEveryOtherOutput commits to outputs next to the right one, and at the ends of the range.
func TestRefusesEveryOtherOutput(t *testing.T) {
	s := system(t, testClass)
	for i := range uint64(12) {
		step, err := openingtest.Draw(randomSpec(1000+i, testClass))
		require.NoError(t, err)
		row, col := pick(int(i), 7919, step.M), pick(int(i), 104729, step.N)
		low, high := int32(-128), int32(127)
		if step.OutputType == program.DATA_TYPE_INT32 {
			low, high = -1<<31, 1<<31-1
		}
		right := step.Output()
		entry := right[row*step.N+col]
		for _, wrong := range []int32{entry - 1, entry + 1, -entry, low, high, 0} {
			if wrong == entry || wrong < low || wrong > high {
				continue
			}
			values := append([]int32{}, right...)
			values[row*step.N+col] = wrong
			require.NoError(t, step.SetOutput(values))
			st, o, err := step.At(row, col, 0)
			require.NoError(t, err)
			require.ErrorIs(t, opening.Check(st, o), opening.ErrOpenings)
			assignment, err := opening.Assign(testClass, st, o)
			require.NoError(t, err)
			require.Error(t, solve(s, assignment), "%+v: %d instead of %d", step.Spec, wrong, entry)
			shiftClamp(assignment, int64(wrong)-int64(entry))
			require.Error(t, solve(s, assignment), "%+v: %d instead of %d, clamped", step.Spec, wrong, entry)
		}
	}
}

// shiftClamp explains an output that is off by delta as clamped: the quotient stays what it is.
func shiftClamp(assignment *opening.Circuit, delta int64) {
	r := &assignment.Requant
	excess := new(big.Int)
	for i := range r.Over {
		excess.Add(excess, new(big.Int).Lsh(number(r.Over[i]), uint(8*i)))
		excess.Sub(excess, new(big.Int).Lsh(number(r.Under[i]), uint(8*i)))
	}
	excess.Sub(excess, big.NewInt(delta))
	set(r.Over[:], new(big.Int))
	set(r.Under[:], new(big.Int))
	if excess.Sign() >= 0 {
		set(r.Over[:], excess)
	} else {
		set(r.Under[:], excess.Neg(excess))
	}
}
