package prover

import (
	"context"
	"crypto/sha256"
	"math/rand/v2"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/full"
	ml "github.com/assaychain/assay/x/proofs/full/internal/multilinear"
)

// stepJob is a step in the clear whose witness a cheat may change.
type stepJob struct {
	weights   *CommittedWeights
	statement full.Step
	step      Step
	witness   *witness
}

// newStepJob makes a step whose first accumulators are given, by an inner dimension of 1 with X = 1 and W = 0: each is the
// bias of its column.
func newStepJob(t testing.TB, p *Prover, m, shift uint32, relu bool, acc []int32, multiplier []uint32) *stepJob {
	n := uint32(len(acc))
	w := Weights{N: n, K: 1, Values: make([]int8, n), Bias: acc, Multiplier: multiplier}
	j := &stepJob{step: Step{M: m, X: make([]int8, m), Shift: shift, Relu: relu}}
	for i := range j.step.X {
		j.step.X[i] = 1
	}
	var err error
	j.weights, err = p.CommitWeights(context.Background(), w)
	require.NoError(t, err)
	j.step.Accumulators, err = p.Accumulate(m, j.step.X, w)
	require.NoError(t, err)
	j.step.CommitX, err = p.CommitX(context.Background(), m, 1, j.step.X)
	require.NoError(t, err)
	j.statement = full.Step{
		Digest: sha256.Sum256(nil), M: m, N: n, K: 1, Weights: j.weights.Root, X: j.step.CommitX, Shift: shift, Relu: relu,
	}
	j.witness, err = p.decompose(&j.statement, j.step.Accumulators, multiplier)
	require.NoError(t, err)
	return j
}

// recount counts what is in the tables, and leaves out what isn't.
func (j *stepJob) recount() {
	l, w := j.statement.Layout(), j.witness
	clear(w.digitCounts)
	clear(w.signCounts)
	for _, column := range w.digits {
		for _, v := range column {
			if v >= 0 && v < 1<<l.Width {
				w.digitCounts[v]++
			}
		}
	}
	low := newRequantiser(&j.statement).low
	for i, z := range w.z {
		if row := int64(z) - low; row >= 0 && row < 1<<l.Signs && l.Sign(int(row)) == int64(w.direction[i]) {
			w.signCounts[row]++
		}
	}
}

// forge commits to the witness's Z, whatever it is, and makes a proof without looking whether it is right. Before the sums of
// the tables are absorbed sums may change them, and before the values are, values may.
func (j *stepJob) forge(t testing.TB, p *Prover, sums, values func(*stepArgument)) error {
	ctx := context.Background()
	l := j.statement.Layout()
	z := &grid{rows: 1 << l.M, cols: 1 << l.N, log: l.N, int32: j.witness.z}
	var err error
	j.statement.Z, err = p.commitGrid(ctx, z)
	require.NoError(t, err)
	a, err := p.beginStep(&j.statement, j.weights, j.step, j.witness)
	require.NoError(t, err)
	for _, phase := range []func(context.Context) error{a.commitColumns, a.commitInverses, a.sumTables} {
		require.NoError(t, phase(ctx))
	}
	if sums != nil {
		sums(a)
	}
	if values == nil {
		require.NoError(t, a.proveEntries(ctx))
	} else {
		a.sumEntries()
		values(a)
		a.absorbValues()
	}
	require.NoError(t, a.proveInner(ctx))
	require.NoError(t, a.opening.prove(ctx))
	return full.VerifyStep(p.source.Key(), j.statement, full.EncodeStepProof(a.proof))
}

// balance makes the sum of the digits' table what the sum of the inverses asks for.
func balance(a *stepArgument) {
	a.proof.DigitSum.Neg(&a.proof.SignSum)
	for i := range a.entries.source.inverses {
		a.proof.DigitSum.Add(&a.proof.DigitSum, &a.entries.source.inverses[i])
	}
}

// solve gives the value of A that makes the end of the sumcheck over the entries come out.
func solve(t testing.TB) func(a *stepArgument) {
	return func(a *stepArgument) {
		claim, c, p := a.end, &a.challenges, a.proof
		var term, chi2, factor fr.Element
		chi2.Square(&c.Chi)
		claim.Sub(&claim, term.Mul(&chi2, &p.ValueInverses))
		weight := ml.Equal(c.Entry, append(append([]fr.Element{}, a.points.Col...), a.points.Row...))
		claim.Mul(&claim, weight.Inverse(&weight))
		// product·inverses - sum
		product, sum := fr.One(), fr.Element{}
		for _, f := range append([]fr.Element{c.Fingerprint(&p.ValueZ, &p.ValueDirection)}, p.ValueDigits...) {
			f.Sub(&c.Beta, &f)
			sum.Mul(&sum, &f).Add(&sum, &product)
			product.Mul(&product, &f)
		}
		claim.Sub(&claim, product.Mul(&product, &p.ValueInverses)).Add(&claim, &sum)
		claim.Mul(&claim, factor.Inverse(&c.Chi))
		// lift·A·multiplier + half·in - (z + direction·excess)·scale - remainder
		r := a.step.Requant()
		in, rows := ml.Below(a.statement.N, a.points.Col), ml.Below(a.statement.M, a.points.Row)
		claim.Sub(&claim, in.Mul(&in, &rows).Mul(&in, &r.Half))
		excess := evaluate(p.ValueDigits[a.step.Remainders:], r.Digit)
		term.Mul(&p.ValueDirection, &excess).Add(&term, &p.ValueZ).Mul(&term, &r.Scale)
		claim.Add(&claim, &term)
		remainder := evaluate(p.ValueDigits[:a.step.Remainders], r.Digit)
		claim.Add(&claim, &remainder)
		factor.Mul(&r.Lift, &p.ValueMultiplier)
		require.False(t, factor.IsZero())
		p.ValueA.Mul(&claim, factor.Inverse(&factor))
	}
}

// stepCheat is a wrong entry and what it comes from.
type stepCheat struct {
	name  string
	shift uint32
	relu  bool
	acc   int32
	// right is the entry, wrong the one that the cheat wants.
	right, wrong int32
}

// The multiplier is 1 in all of them.
var stepCheats = []stepCheat{
	{"one more", 4, false, 100, 6, 7},
	{"one less", 4, false, 100, 6, 5},
	{"a half rounded down", 4, false, 24, 2, 1},
	{"a half rounded up below 0", 4, false, -24, -1, -2},
	{"just below a half rounded up", 4, false, 23, 1, 2},
	{"no activation", 4, true, -160, 0, -10},
	{"an activation too much", 4, true, 160, 10, 0},
	{"an activation where there is none", 4, false, -160, -10, 0},
	{"saturation one early", 4, false, 127 * 16, 127, 126},
	{"saturation one late", 4, false, 126 * 16, 126, 127},
	{"saturation one beyond", 4, false, 128 * 16, 127, 128},
	{"saturation one early below", 4, false, -128 * 16, -128, -127},
	{"saturation one late below", 4, false, -127 * 16, -127, -128},
	{"saturation one beyond below", 4, false, -129 * 16, -128, -129},
	{"saturation the other way", 1, false, 1 << 20, 127, -128},
	{"a shift of whole digits", 8, false, 1000, 4, 3},
	{"the longest shift", 48, false, 1, 0, 1},
}

// TestStepCheats commits to a Z with one wrong entry and then follows the protocol in the ways that get furthest.
func TestStepCheats(t *testing.T) {
	_, p := open(t)
	for _, c := range stepCheats {
		t.Run(c.name, func(t *testing.T) {
			fresh := func() *stepJob {
				j := newStepJob(t, p, 3, c.shift, c.relu, []int32{5, c.acc, -7}, []uint32{1, 1, 1})
				require.Equal(t, c.right, j.witness.z[5])
				require.NoError(t, j.forge(t, p, nil, nil))
				return j
			}
			const wrongAt = 5 // row 1, column 1
			wrong := fresh()
			wrong.witness.z[wrongAt] = c.wrong
			wrong.recount()
			// Only Z and its count: the identity or the look-up of the sign fails.
			require.ErrorContains(t, wrong.forge(t, p, nil, nil), "over the entries")
			// The inverses are made to balance: then the counts don't make the sum.
			require.Error(t, wrong.forge(t, p, balance, nil))
			// The value of A is made to fit: the sum over k doesn't come out.
			require.ErrorContains(t, wrong.forge(t, p, balance, solve(t)), "inner sumcheck")

			// The remainder takes the difference up: its digits are in no table.
			long := fresh()
			long.takeUp(wrongAt, c.wrong)
			long.recount()
			require.ErrorContains(t, long.forge(t, p, nil, nil), "over the entries")
			require.ErrorContains(t, long.forge(t, p, balance, nil), "outer sumcheck")

			// A direction and an excess take it up: the pair of result and direction is in no table, or the excess isn't.
			if over := fresh(); over.cutOff(wrongAt, c.wrong) {
				over.recount()
				require.ErrorContains(t, over.forge(t, p, nil, nil), "over the entries")
				require.ErrorContains(t, over.forge(t, p, balance, nil), "outer sumcheck")
			}

			// Everything from the right Z: the commitment doesn't open.
			right := fresh()
			other := append([]int32{}, right.witness.z...)
			other[wrongAt] = c.wrong
			require.ErrorContains(t, right.forgeFor(t, p, other), "do not open")
		})
	}
}

// takeUp changes a result and the remainder with it, so that the identity holds: the lowest digit becomes what it must.
func (j *stepJob) takeUp(at int, z int32) {
	l, w := j.statement.Layout(), j.witness
	var excess int64
	if w.direction[at] != 0 {
		excess = w.join(at, l.Remainders, l.Digits(), l.Width)
	}
	v := int64(w.z[at]) + int64(w.direction[at])*excess
	// The part above the last remainder's digit goes there, since a digit here is an int32.
	for d := l.Remainders; d < l.Digits(); d++ {
		w.digits[d][at] = 0
	}
	w.direction[at] = int32(directionOf(l, newRequantiser(&j.statement).low, int64(z)))
	w.digits[l.Remainders-1][at] += int32((v - int64(z)) << l.Width)
	w.z[at] = z
}

// directionOf is the direction that goes with a result, 0 for those in no table.
func directionOf(l full.StepLayout, low, z int64) int64 {
	if row := z - low; row >= 0 && row < 1<<l.Signs {
		return l.Sign(int(row))
	}
	return 0
}

// cutOff changes a result and says that the clamp made it: the excess takes the difference up. It is false where the
// difference doesn't fit the lowest digit.
func (j *stepJob) cutOff(at int, z int32) bool {
	l, w := j.statement.Layout(), j.witness
	excess := w.join(at, l.Remainders, l.Digits(), l.Width)
	v := int64(w.z[at]) + int64(w.direction[at])*excess
	gap := v - int64(z)
	if gap >= 1<<l.Width || gap <= -1<<l.Width {
		return false
	}
	for d := l.Remainders; d < l.Digits(); d++ {
		w.digits[d][at] = 0
	}
	w.z[at], w.direction[at] = z, 1
	if gap < 0 {
		gap, w.direction[at] = -gap, -1
	}
	w.digits[l.Remainders][at] = int32(gap)
	return true
}

// forgeFor proves the witness honestly, but for a statement with the commitment to another Z.
func (j *stepJob) forgeFor(t testing.TB, p *Prover, z []int32) error {
	ctx := context.Background()
	l := j.statement.Layout()
	var err error
	j.statement.Z, err = p.commitGrid(ctx, &grid{rows: 1 << l.M, cols: 1 << l.N, log: l.N, int32: z})
	require.NoError(t, err)
	a, err := p.beginStep(&j.statement, j.weights, j.step, j.witness)
	require.NoError(t, err)
	require.NoError(t, a.prove(ctx))
	return full.VerifyStep(p.source.Key(), j.statement, full.EncodeStepProof(a.proof))
}

// TestStepCheatChannel requantises with the multipliers of another channel, which the witness fits: the root's don't.
func TestStepCheatChannel(t *testing.T) {
	_, p := open(t)
	acc, multiplier := []int32{500, 900, -300}, []uint32{3, 5, 7}
	j := newStepJob(t, p, 2, 6, false, acc, multiplier)
	require.NoError(t, j.forge(t, p, nil, nil))
	swapped := *j.weights
	swapped.Multiplier = []uint32{5, 3, 7}
	j.weights = &swapped
	var err error
	j.witness, err = p.decompose(&j.statement, j.step.Accumulators, swapped.Multiplier)
	require.NoError(t, err)
	require.ErrorContains(t, j.forge(t, p, nil, nil), "do not open")
}

// TestStepCheatPadding commits to a Z with an entry in the padding of a row and of a column.
func TestStepCheatPadding(t *testing.T) {
	_, p := open(t)
	for _, relu := range []bool{false, true} {
		for _, at := range []int{3, 12, 15} {
			j := newStepJob(t, p, 3, 6, relu, []int32{500, 900, -300}, []uint32{3, 5, 7})
			j.takeUp(at, 1)
			j.recount()
			require.ErrorContains(t, j.forge(t, p, nil, nil), "over the entries")
			require.ErrorContains(t, j.forge(t, p, balance, nil), "outer sumcheck")
		}
	}
}

// TestStepCheatCounts miscounts the look-ups of a right witness.
func TestStepCheatCounts(t *testing.T) {
	_, p := open(t)
	for name, change := range map[string]func(w *witness){
		"one more digit": func(w *witness) { w.digitCounts[17]++ },
		"one less digit": func(w *witness) { w.digitCounts[0]-- },
		"another digit":  func(w *witness) { w.digitCounts[0]--; w.digitCounts[1]++ },
		"one more sign":  func(w *witness) { w.signCounts[3]++ },
		"another sign":   func(w *witness) { w.signCounts[128]--; w.signCounts[129]++ },
		"a digit for a sign": func(w *witness) {
			w.signCounts[128]--
			w.digitCounts[1]++
		},
	} {
		j := newStepJob(t, p, 3, 6, false, []int32{500, 900, -300}, []uint32{3, 5, 7})
		change(j.witness)
		require.ErrorContains(t, j.forge(t, p, nil, nil), "over the entries", name)
		require.ErrorContains(t, j.forge(t, p, balance, nil), "outer sumcheck", name)
	}
}

// TestStepCheatInverses commits to inverses with one wrong entry, or two that balance.
func TestStepCheatInverses(t *testing.T) {
	_, p := open(t)
	for _, both := range []bool{false, true} {
		j := newStepJob(t, p, 3, 6, false, []int32{500, 900, -300}, []uint32{3, 5, 7})
		err := j.forge(t, p, func(a *stepArgument) {
			one := fr.One()
			inverses := a.entries.source.inverses
			inverses[2].Add(&inverses[2], &one)
			if both {
				inverses[9].Sub(&inverses[9], &one)
			}
			var err error
			a.proof.Inverses, err = p.commitFields(context.Background(), inverses)
			require.NoError(t, err)
			for i := range inverses {
				a.columns[len(a.columns)-1].field[i] = inverses[i].Bits()
			}
		}, nil)
		require.ErrorContains(t, err, "over the entries")
	}
}

// TestStepCheatRandom changes random numbers of random witnesses.
func TestStepCheatRandom(t *testing.T) {
	_, p := open(t)
	random := rand.New(rand.NewPCG(11, 12))
	for range *cheats {
		n := 1 + random.IntN(6)
		acc, multiplier := make([]int32, n), make([]uint32, n)
		for i := range acc {
			acc[i], multiplier[i] = int32(random.Uint32())>>random.UintN(31)>>1, 1+random.Uint32N(1<<(1+random.UintN(30)))
		}
		j := newStepJob(t, p, 1+random.Uint32N(5), 1+random.Uint32N(full.MaxShift), random.UintN(2) == 0, acc, multiplier)
		columns := append([][]int32{j.witness.z, j.witness.direction}, j.witness.digits...)
		which := random.IntN(len(columns))
		// An excess where nothing is cut off is free.
		at := random.IntN(len(j.witness.z))
		if which >= 2+j.statement.Layout().Remainders && j.witness.direction[at] == 0 {
			continue
		}
		columns[which][at] ^= 1 << random.UintN(8)
		j.recount()
		require.ErrorContains(t, j.forge(t, p, nil, nil), "over the entries")
		require.Error(t, j.forge(t, p, balance, nil))
	}
}

// TestStepFreeExcess holds what README.md says: where nothing is cut off the excess is free, and every choice of it is a proof
// of the same result.
func TestStepFreeExcess(t *testing.T) {
	_, p := open(t)
	j := newStepJob(t, p, 3, 6, false, []int32{500, 900, -300}, []uint32{3, 5, 7})
	require.Zero(t, j.witness.direction[0])
	j.witness.digits[len(j.witness.digits)-1][0] = 77
	j.recount()
	require.NoError(t, j.forge(t, p, nil, nil))
}
