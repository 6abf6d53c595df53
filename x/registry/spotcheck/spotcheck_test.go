package spotcheck

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// plain multiplies by the definition.
var plain = Engine{Multiply: func(rows, size int, a, b []byte, sums []int32) error {
	for r := range rows {
		for c := range size {
			sums[r*size+c] = dot(a[r*size:(r+1)*size], b[c*size:(c+1)*size])
		}
	}
	return nil
}}

func subject(check uint64) Subject {
	return Subject{ChainID: "assay-test-1", Operator: []byte("operator"), Device: []byte("device"), Check: check}
}

// answered is an honest answer: claim and opening.
func answered(t require.TestingT, terms Terms, s Subject, randomness string) (Claim, Opening) {
	seed := s.Seed([]byte(randomness))
	trace, err := Run(plain, terms, seed)
	require.NoError(t, err)
	claim := Claim{Terms: terms, Seed: seed, Commitment: trace.Commitment()}
	claim.Challenge = Challenge(seed, claim.Commitment, []byte("later randomness"))
	opening, err := trace.Open(plain, claim.Challenge)
	require.NoError(t, err)
	return claim, opening
}

func TestHonestAnswersPass(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms := Terms{
			Size: rapid.SampledFrom([]uint32{64, 128}).Draw(t, "size"), Steps: rapid.Uint32Range(1, 4).Draw(t, "steps"),
			Samples: rapid.Uint32Range(1, 9).Draw(t, "samples"),
		}
		claim, opening := answered(t, terms, subject(rapid.Uint64().Draw(t, "check")), rapid.String().Draw(t, "randomness"))
		require.NoError(t, Verify(claim, opening))
	})
}

// TestGoldenVector pins seed, products, commitment and positions: worker and chain of different versions must agree on all of them.
func TestGoldenVector(t *testing.T) {
	claim, opening := answered(t, Terms{Size: 64, Steps: 3, Samples: 4}, subject(7), "randomness")
	require.Equal(t, golden, []string{
		hex.EncodeToString(claim.Seed[:]), hex.EncodeToString(claim.Commitment[:]), hex.EncodeToString(opening.Roots[2][:]),
		fmt.Sprint(Positions(claim.Challenge, claim.Terms)),
	})
}

// TestEveryChangedByteIsRefused changes each part of an opening in turn. Nothing that was changed is accepted, and nothing that doesn't
// fit the commitment counts as proof of a lie.
func TestEveryChangedByteIsRefused(t *testing.T) {
	claim, opening := answered(t, Terms{Size: 64, Steps: 2, Samples: 4}, subject(1), "r")
	flip := func(b []byte) func() {
		return func() { b[len(b)/2] ^= 1 }
	}
	var changes []func()
	for i := range opening.Roots {
		changes = append(changes, flip(opening.Roots[i][:]))
	}
	for i := range opening.Entries {
		e := &opening.Entries[i]
		changes = append(changes, flip(e.Block))
		if len(e.Row) > 0 {
			changes = append(changes, flip(e.Row))
		}
		for j := range e.RowPath {
			changes = append(changes, flip(e.RowPath[j][:]))
		}
		for j := range e.BlockPath {
			changes = append(changes, flip(e.BlockPath[j][:]))
		}
	}
	for _, change := range changes {
		change()
		require.ErrorIs(t, Verify(claim, opening), ErrOpening)
		change()
	}
	require.NoError(t, Verify(claim, opening))
}

// TestOpeningsOfTheWrongShapeAreRefused: lengths are checked before anything is read.
func TestOpeningsOfTheWrongShapeAreRefused(t *testing.T) {
	for name, change := range map[string]func(*Opening){
		"no roots":        func(o *Opening) { o.Roots = nil },
		"a root too many": func(o *Opening) { o.Roots = append(o.Roots, Hash{}) },
		"no entries":      func(o *Opening) { o.Entries = nil },
		"entries swapped": func(o *Opening) { o.Entries[0], o.Entries[1] = o.Entries[1], o.Entries[0] },
		"short row":       func(o *Opening) { o.Entries[1].Row = o.Entries[1].Row[1:] },
		"row where none":  func(o *Opening) { o.Entries[0].Row = o.Entries[1].Row },
		"short path":      func(o *Opening) { o.Entries[1].BlockPath = o.Entries[1].BlockPath[1:] },
		"long block":      func(o *Opening) { o.Entries[1].Block = append(o.Entries[1].Block, 0) },
	} {
		claim, opening := answered(t, Terms{Size: 64, Steps: 2, Samples: 2}, subject(1), "r")
		change(&opening)
		require.ErrorIs(t, Verify(claim, opening), ErrOpening, name)
	}
}

// TestAnswersOfOthersAreRefused: an answer fits no other chain, operator, device, check or randomness.
func TestAnswersOfOthersAreRefused(t *testing.T) {
	terms := Terms{Size: 64, Steps: 2, Samples: 4}
	claim, opening := answered(t, terms, subject(1), "r")
	for name, change := range map[string]func(*Subject){
		"chain": func(s *Subject) { s.ChainID += "0" }, "operator": func(s *Subject) { s.Operator = []byte("another") },
		"device": func(s *Subject) { s.Device = []byte("another") }, "check": func(s *Subject) { s.Check++ },
		"border": func(s *Subject) { s.Operator, s.Device = []byte("operatord"), []byte("evice") },
	} {
		other := subject(1)
		change(&other)
		copied := claim
		copied.Seed = other.Seed([]byte("r"))
		require.NotEqual(t, claim.Seed, copied.Seed, name)
		require.ErrorIs(t, Verify(copied, opening), ErrOpening, name)
	}
	// Whoever commits to another's roots under its own seed has made no product of its own.
	copied := claim
	copied.Seed = Subject{ChainID: "assay-test-1", Operator: []byte("thief"), Device: []byte("device"), Check: 1}.Seed([]byte("r"))
	copied.Commitment = Commitment(copied.Seed, opening.Roots)
	err := Verify(copied, openTrace(t, claim, copied))
	require.ErrorIs(t, err, ErrFalse)
}

// openTrace opens a claim's products under another claim's challenge.
func openTrace(t *testing.T, made, claimed Claim) Opening {
	trace, err := Run(plain, made.Terms, made.Seed)
	require.NoError(t, err)
	opening, err := trace.Open(plain, claimed.Challenge)
	require.NoError(t, err)
	return opening
}

// cheat runs the chain with a step whose multiplication is another.
func cheat(t *testing.T, terms Terms, multiply func(step int, rows, size int, a, b []byte, sums []int32)) error {
	seed, step := subject(3).Seed([]byte("r")), 0
	engine := Engine{Multiply: func(rows, size int, a, b []byte, sums []int32) error {
		multiply(step%int(terms.Steps), rows, size, a, b, sums)
		step++
		return nil
	}}
	trace, err := Run(engine, terms, seed)
	require.NoError(t, err)
	claim := Claim{Terms: terms, Seed: seed, Commitment: trace.Commitment()}
	claim.Challenge = Challenge(seed, claim.Commitment, []byte("later"))
	opening, err := trace.Open(engine, claim.Challenge)
	require.NoError(t, err)
	return Verify(claim, opening)
}

// TestSkippedStepsConvict: a step that copies its input, or an output row that is not the product.
func TestSkippedStepsConvict(t *testing.T) {
	terms := Terms{Size: 64, Steps: 4, Samples: 8}
	honest := func(rows, size int, a, b []byte, sums []int32) { _ = plain.Multiply(rows, size, a, b, sums) }
	require.NoError(t, cheat(t, terms, func(_, rows, size int, a, b []byte, sums []int32) { honest(rows, size, a, b, sums) }))
	for skipped := range int(terms.Steps) {
		err := cheat(t, terms, func(step, rows, size int, a, b []byte, sums []int32) {
			if step == skipped {
				for i := range rows * size {
					sums[i] = int32(a[i])
				}
				return
			}
			honest(rows, size, a, b, sums)
		})
		require.ErrorIs(t, err, ErrFalse, "step %d", skipped)
	}
}

// TestPartsSkippedAreFoundAsOftenAsTheyAre: who leaves a share of the entries out is found out as often as the arithmetic says.
func TestPartsSkippedAreFoundAsOftenAsTheyAre(t *testing.T) {
	const draws, skipped = 20_000, 4 // every fourth row
	terms, passed := Terms{Size: 256, Steps: 4, Samples: 8}, 0
	for i := range draws {
		caught := false
		for _, p := range Positions(Challenge(Hash{}, Hash{byte(i), byte(i >> 8)}, nil), terms) {
			caught = caught || p.Row%skipped == 0
		}
		if !caught {
			passed++
		}
	}
	// 0.75^8 = 10.01%; its deviation is 0.21%, so that 1% is nearly five of them.
	require.InDelta(t, 1_001, passed*10_000/draws, 100)
}

// TestRowsAreIndependentOfTheirOrder: the chain makes single rows, the worker all of them.
func TestRowsAreIndependentOfTheirOrder(t *testing.T) {
	m, err := Factor(Hash{1}, 128, 3, []byte("before"))
	require.NoError(t, err)
	whole, row := make([]byte, 128*128), make([]byte, 128)
	wide := &Matrix{size: 128 * 128, block: m.block}
	wide.Row(0, whole)
	for r := range uint32(128) {
		m.Row(r, row)
		require.Equal(t, whole[r*128:(r+1)*128], row)
	}
}

// TestMixSpreads: the values of products stay spread over all bytes, and sums of arguments don't show in the results.
func TestMixSpreads(t *testing.T) {
	var counts [256]int
	sums := 0
	for i := range int32(1 << 16) {
		counts[Mix(i*37-1<<20)]++
		if d := Mix(i) + Mix(2*i+1) - Mix(3*i+1); d <= 1 || d == 255 {
			sums++
		}
	}
	for value, count := range counts {
		require.InDelta(t, 256, count, 100, "value %d", value)
	}
	// A nearly additive map would hit 0 or ±1 nearly always; a random one does 3 times in 256.
	require.Less(t, sums, 1<<16/40)
}

func TestTermsAreBounded(t *testing.T) {
	good := Terms{Size: 1024, Steps: 8, Samples: 16}
	require.NoError(t, good.Validate())
	for _, bad := range []Terms{
		{Size: 32, Steps: 1, Samples: 1}, {Size: 96, Steps: 1, Samples: 1}, {Size: 1 << 15, Steps: 1, Samples: 1}, {Size: 64, Samples: 1},
		{Size: 64, Steps: 257, Samples: 1}, {Size: 64, Steps: 1}, {Size: 64, Steps: 1, Samples: 33}, {Size: 1 << 14, Steps: 1, Samples: 9},
	} {
		require.ErrorIs(t, bad.Validate(), ErrTerms, "%+v", bad)
	}
}

func TestAMultiplierThatFailsIsNoAnswer(t *testing.T) {
	broken := errors.New("broken")
	_, err := Run(Engine{Multiply: func(int, int, []byte, []byte, []int32) error { return broken }}, Terms{Size: 64, Steps: 1, Samples: 1}, Hash{})
	require.ErrorIs(t, err, broken)
}

// FuzzVerify: whatever comes, nothing panics and nothing but the honest opening is accepted.
func FuzzVerify(f *testing.F) {
	f.Add([]byte{1, 2, 3}, uint16(0))
	claim, honest := answered(f, Terms{Size: 64, Steps: 2, Samples: 3}, subject(1), "r")
	f.Fuzz(func(t *testing.T, noise []byte, at uint16) {
		o := Opening{Roots: append([]Hash(nil), honest.Roots...), Entries: append([]Entry(nil), honest.Entries...)}
		e := &o.Entries[int(at)%len(o.Entries)]
		switch at / 16 % 4 {
		case 0:
			if bytes.Equal(noise, e.Row) {
				return
			}
			e.Row = noise
		case 1:
			if bytes.Equal(noise, e.Block) {
				return
			}
			e.Block = noise
		case 2:
			e.BlockPath = e.BlockPath[:int(at)%len(e.BlockPath)]
		case 3:
			copy(o.Roots[int(at)%len(o.Roots)][:], append([]byte{^o.Roots[int(at)%len(o.Roots)][0]}, noise...))
		}
		require.ErrorIs(t, Verify(claim, o), ErrOpening)
	})
}

// BenchmarkEntry is what one opened entry costs the chain, by size: OpenGas in the keeper is set by it.
func BenchmarkEntry(b *testing.B) {
	for _, size := range []uint32{256, 1024, 4096, MaxSize} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			rows, blocks := depths(size)
			e := Entry{Row: make([]byte, size), RowPath: make([]Hash, rows), Block: make([]byte, blockSize(size)), BlockPath: make([]Hash, blocks)}
			c, p, roots, h := Claim{Terms: Terms{Size: size}}, Position{Step: 1}, make([]Hash, 2), &hasher{}
			for b.Loop() {
				h.climb(RowRoot(e.Row), 0, e.RowPath)
				h.climb(h.leaf(e.Block), 0, e.BlockPath)
				_ = c.checkProduct(p, roots, &e)
			}
		})
	}
}
