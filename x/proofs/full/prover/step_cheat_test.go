package prover

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/full"
)

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
		}, nil)
		require.ErrorContains(t, err, "over the entries")
	}
}

// TestStepCheatRandom changes random numbers of random witnesses.
func TestStepCheatRandom(t *testing.T) {
	_, p := open(t)
	random := rand.New(rand.NewPCG(11, 12))
	for range *cheats / 3 {
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
