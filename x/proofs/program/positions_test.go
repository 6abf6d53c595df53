package program_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/proofs/program"
)

func dense(name, input, weight string) program.DenseStep {
	return program.DenseStep{
		Input: input, Weight: weight, Output: name, Shift: 1, Activation: program.ACTIVATION_IDENTITY, OutputType: program.DATA_TYPE_INT8,
	}
}

// uneven has three steps of very different work: entries of K = 7, 3 and 5 products, 2×3 + 2×5 + 2×1 of them.
func uneven() program.Program {
	int8s := program.DATA_TYPE_INT8
	return program.Program{Version: program.Version, Inputs: []program.Tensor{
		{Name: "x", Kind: program.TENSOR_KIND_PLAIN, Type: int8s, Rows: 2, Cols: 7},
		{Name: "a", Kind: program.TENSOR_KIND_WEIGHT, Type: int8s, Rows: 3, Cols: 7},
		{Name: "b", Kind: program.TENSOR_KIND_WEIGHT, Type: int8s, Rows: 5, Cols: 3},
		{Name: "c", Kind: program.TENSOR_KIND_WEIGHT, Type: int8s, Rows: 1, Cols: 5},
	}, Steps: []program.DenseStep{dense("p", "x", "a"), dense("q", "p", "b"), dense("r", "q", "c")}}
}

// cells gives every entry of the steps' outputs the number that is expected of it.
func cells(shapes []program.StepShape, expected func(step int, s program.StepShape) float64) map[program.Position]float64 {
	out := map[program.Position]float64{}
	for step, s := range shapes {
		for row := range s.M {
			for col := range s.N {
				out[program.Position{Step: uint32(step), Row: row, Col: col}] = expected(step, s)
			}
		}
	}
	return out
}

// byWork expects draws of entries in proportion to K.
func byWork(shapes []program.StepShape, draws int) map[program.Position]float64 {
	var work float64
	for _, s := range shapes {
		work += float64(s.Work())
	}
	return cells(shapes, func(_ int, s program.StepShape) float64 { return float64(draws) * float64(s.K) / work })
}

// byStep expects as many draws of each step, uniform among its entries.
func byStep(shapes []program.StepShape, draws int) map[program.Position]float64 {
	return cells(shapes, func(_ int, s program.StepShape) float64 { return float64(draws) / float64(s.M*s.N) })
}

// chiSquare compares counts of drawn positions with the numbers expected.
func chiSquare(counts map[program.Position]int, expected map[program.Position]float64) (statistic float64) {
	for at, want := range expected {
		d := float64(counts[at]) - want
		statistic += d * d / want
	}
	return statistic
}

// drawn counts the positions from one place on, over many seeds.
func drawn(t *testing.T, seeds, count, from uint32) (counts map[program.Position]int, draws int) {
	counts = map[program.Position]int{}
	for seed := range seeds {
		positions, err := program.Positions(sha256.Sum256(binary.BigEndian.AppendUint32(nil, seed)), uneven(), count)
		require.NoError(t, err)
		for _, at := range positions[from:] {
			counts[at]++
			draws++
		}
	}
	return counts, draws
}

// The bounds are exceeded with a probability of one in a thousand, by 17 degrees of freedom: 18 entries; and by 15: 18
// entries less one for each step.
const bound17, bound15 = 40.8, 37.7

func TestPositionsAreProportionalToWork(t *testing.T) {
	shapes, err := uneven().Shapes()
	require.NoError(t, err)
	for _, c := range []struct{ seeds, count, from uint32 }{{50, program.MaxPositions, 3}, {20_000, 2, 0}} {
		counts, draws := drawn(t, c.seeds, c.count, c.from)
		require.EqualValues(t, c.seeds*(c.count-c.from), draws)
		expected := byWork(shapes, draws)
		require.Len(t, expected, 18)
		require.Less(t, chiSquare(counts, expected), bound17, "%d positions", c.count)
		require.Greater(t, chiSquare(counts, cells(shapes, func(int, program.StepShape) float64 { return float64(draws) / 18 })), bound17,
			"the test tells entries drawn by work from entries drawn uniformly")
	}
}

func TestFirstPositionsAreUniformInEachStep(t *testing.T) {
	shapes, err := uneven().Shapes()
	require.NoError(t, err)
	counts, draws := drawn(t, 20_000, 3, 0)
	require.Less(t, chiSquare(counts, byStep(shapes, draws/3)), bound15)
	require.Greater(t, chiSquare(counts, byWork(shapes, draws)), bound17, "the test tells them from entries drawn by work")
}

var draws = flag.Int("draws", 4_000, "challenges drawn for every number of samples and share of wrong entries")

// A worker that gets a share of the entries wrong, wherever they lie, is caught as often as the arithmetic says: 1 − (1 − f)^s of
// the challenges, by chi-square with one degree of freedom for each of 12 cells.
func TestSamplingCatchesAsOftenAsPredicted(t *testing.T) {
	const side, bound12 = 64, 32.9 // exceeded once in a thousand times
	p := program.Program{Version: program.Version, Inputs: []program.Tensor{
		{Name: "x", Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: side, Cols: 8},
		{Name: "a", Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: side, Cols: 8},
	}, Steps: []program.DenseStep{dense("y", "x", "a")}}
	statistic, total := 0.0, 0
	for _, samples := range []uint32{1, 4, 16} {
		for _, wrong := range []uint32{side * side / 2, side * side / 10, side * side / 100, 1} {
			caught := 0
			for i := range *draws {
				seed := sha256.Sum256(fmt.Appendf(nil, "%d/%d/%d", samples, wrong, i))
				positions, err := program.Positions(seed, p, samples)
				require.NoError(t, err)
				if slices.ContainsFunc(positions, func(at program.Position) bool { return at.Row*side+at.Col < wrong }) {
					caught++
				}
			}
			total += *draws
			chance := 1 - math.Pow(1-float64(wrong)/(side*side), float64(samples))
			want := chance * float64(*draws)
			d := float64(caught) - want
			statistic += d * d / (want * (1 - chance))
			t.Logf("%4d of %d entries wrong, %2d samples: caught %d times of %d, predicted %.1f", wrong, side*side, samples, caught, *draws, want)
		}
	}
	require.Less(t, statistic, bound12)
	t.Logf("%d challenges, chi-square %.1f with 12 degrees of freedom", total, statistic)
}

func TestPositionsAreWithinShapesAndDeterministic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProgram(t)
		seed := sha256.Sum256(rapid.SliceOfN(rapid.Byte(), 0, 8).Draw(t, "seed"))
		count := rapid.Uint32Range(2, 40).Draw(t, "count")
		positions, err := program.Positions(seed, p, count)
		require.NoError(t, err)
		require.Len(t, positions, int(count))
		shapes, err := p.Shapes()
		require.NoError(t, err)
		for i, at := range positions {
			require.Less(t, at.Row, shapes[at.Step].M)
			require.Less(t, at.Col, shapes[at.Step].N)
			if int(count) >= len(shapes) && i < len(shapes) {
				require.EqualValues(t, i, at.Step, "every step is looked at")
			}
		}
		fewer, err := program.Positions(seed, p, count-1)
		require.NoError(t, err)
		if int(count) == len(shapes) {
			return
		}
		require.Equal(t, positions[:count-1], fewer, "only whether count reaches the steps matters")
	})
}

// TestCountDecidesHowTheFirstAreDrawn compares the first positions on both sides of the number of steps.
func TestCountDecidesHowTheFirstAreDrawn(t *testing.T) {
	differ := 0
	for seed := range byte(50) {
		few, err := program.Positions([32]byte{seed}, uneven(), 2)
		require.NoError(t, err)
		enough, err := program.Positions([32]byte{seed}, uneven(), 3)
		require.NoError(t, err)
		if few[0] != enough[0] && few[1] != enough[1] {
			differ++
		}
	}
	require.Greater(t, differ, 25)
}

func TestPositionsRefusesCounts(t *testing.T) {
	for _, count := range []uint32{0, program.MaxPositions + 1} {
		_, err := program.Positions([32]byte{}, mlp(), count)
		require.ErrorIs(t, err, program.ErrArgument)
		require.ErrorContains(t, err, "must be 1 to 4096")
	}
}

func claim() program.Claim {
	return program.Claim{ChainID: "assay-local-1", JobID: 7, Attempt: 2, Worker: bytes.Repeat([]byte{0xab}, 20)}
}

func rootsOf(fills ...byte) (roots [][]byte) {
	for _, fill := range fills {
		roots = append(roots, bytes.Repeat([]byte{fill}, program.RootSize))
	}
	return roots
}

// The golden values were computed by an independent script from the documented layouts.
func TestCommitmentSeedAndPositionsGolden(t *testing.T) {
	commitment, err := program.CommitmentHash(claim(), rootsOf(1, 2))
	require.NoError(t, err)
	require.Equal(t, "41db3b3e5648e977023ec75197d6a026f802a829a5a25949c8d79b948ae898e4", hex.EncodeToString(commitment[:]))
	seed := program.Seed(sha256.Sum256([]byte("round 1")), claim(), commitment)
	require.Equal(t, "6e0626e01cf33993bd87e2eb760062aa59cd5af2cc404220277d212ba8f7778e", hex.EncodeToString(seed[:]))
	positions, err := program.Positions(seed, mlp(), 4)
	require.NoError(t, err)
	require.Equal(t, []program.Position{{Step: 0, Row: 9, Col: 119}, {Step: 1, Row: 38, Col: 7}, {Step: 0, Row: 42, Col: 65}, {Step: 0, Row: 24, Col: 87}}, positions)
	positions, err = program.Positions(seed, mlp(), 1)
	require.NoError(t, err)
	require.Equal(t, []program.Position{{Step: 0, Row: 6, Col: 53}}, positions, "fewer than steps")
}

// The golden commitment, byte by byte from the layout of its documentation.
func TestCommitmentLayout(t *testing.T) {
	layout := "assay/commit/v1" + "\x00\x00\x00\x0dassay-local-1" + "\x00\x00\x00\x00\x00\x00\x00\x07" + "\x00\x00\x00\x02" +
		"\x00\x00\x00\x14" + string(bytes.Repeat([]byte{0xab}, 20)) + "\x00\x00\x00\x02" + string(bytes.Repeat([]byte{1}, 32)) + string(bytes.Repeat([]byte{2}, 32))
	commitment, err := program.CommitmentHash(claim(), rootsOf(1, 2))
	require.NoError(t, err)
	require.Equal(t, sha256.Sum256([]byte(layout)), commitment)
}

func TestCommitmentBindsEverything(t *testing.T) {
	seen := map[[32]byte]string{}
	add := func(name string, change func(*program.Claim), roots [][]byte) {
		c := claim()
		change(&c)
		commitment, err := program.CommitmentHash(c, roots)
		require.NoError(t, err)
		require.NotContains(t, seen, commitment, "%s and %s commit to the same", name, seen[commitment])
		seen[commitment] = name
		seed := program.Seed([32]byte{9}, c, [32]byte{})
		require.NotEqual(t, commitment, seed)
	}
	same := func(*program.Claim) {}
	add("claim", same, rootsOf(1, 2))
	add("chain", func(c *program.Claim) { c.ChainID = "assay-local-2" }, rootsOf(1, 2))
	add("job", func(c *program.Claim) { c.JobID++ }, rootsOf(1, 2))
	add("attempt", func(c *program.Claim) { c.Attempt++ }, rootsOf(1, 2))
	add("worker", func(c *program.Claim) { c.Worker = bytes.Repeat([]byte{0xac}, 20) }, rootsOf(1, 2))
	add("order", same, rootsOf(2, 1))
	add("fewer roots", same, rootsOf(1))
	add("longer chain id, shorter worker", func(c *program.Claim) { c.ChainID += "\x00"; c.Worker = c.Worker[1:] }, rootsOf(1, 2))
}

func TestCommitmentRefusesRoots(t *testing.T) {
	for name, roots := range map[string][][]byte{
		"none": nil, "17": rootsOf(make([]byte, 17)...), "31 bytes": {make([]byte, 31)}, "33 bytes": {make([]byte, 33)}, "empty": {nil},
	} {
		_, err := program.CommitmentHash(claim(), roots)
		require.ErrorIs(t, err, program.ErrArgument, name)
	}
}
