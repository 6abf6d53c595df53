package keeper_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/circuits/opening"
	"github.com/assaychain/assay/x/proofs/interpreter"
	"github.com/assaychain/assay/x/proofs/keeper"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/revealed"
	"github.com/assaychain/assay/x/proofs/tensor"
)

var flips = flag.Int("flips", 30, "single entries of a result that are flipped and disputed")

// side is the size of the product whose entries are flipped, inner its inner dimension.
const side, inner = 1024, 64

// product is a result with everything that opens it.
type product struct {
	trace   challenge.Trace
	x, w, y *tensor.Tensor
	// digests are those of the rows of y.
	digests      []fr.Element
	xs, ws, tree *tensor.Tree
}

func newProduct(t *testing.T, r *rand.Rand) *product {
	t.Helper()
	draw := func(n int) []int8 {
		out := make([]int8, n)
		for i := range out {
			out[i] = int8(r.Uint32())
		}
		return out
	}
	x, err := tensor.NewInt8(side, inner, draw(side*inner))
	require.NoError(t, err)
	weights := tensor.Weights{Values: draw(side * inner), Bias: make([]int32, side), Multiplier: slices.Repeat([]uint32{3}, side)}
	w, err := tensor.NewWeight(side, inner, weights)
	require.NoError(t, err)
	p := program.Program{
		Version: program.Version,
		Inputs: []program.Tensor{
			{Name: "x", Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: side, Cols: inner},
			{Name: "w", Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: side, Cols: inner},
		},
		Steps: []program.DenseStep{{
			Input: "x", Weight: "w", Output: "y", Shift: 8, Activation: program.ACTIVATION_IDENTITY, OutputType: program.DATA_TYPE_INT8,
		}},
	}
	outputs, err := interpreter.Run(p, []*tensor.Tensor{x, w})
	require.NoError(t, err)
	made := &product{x: x, w: w, y: outputs[0], digests: outputs[0].RowDigests()}
	made.xs, made.ws, made.tree = treeOf(t, x.RowDigests()), treeOf(t, w.RowDigests()), treeOf(t, made.digests)
	made.trace = challenge.Trace{
		Work:  challenge.Work{Program: p, Samples: 1, Inputs: [][]byte{tensor.EncodeRoot(made.xs.Root()), tensor.EncodeRoot(made.ws.Root())}},
		Claim: program.Claim{ChainID: "assay-test-1", JobID: 1, Attempt: 1, Worker: []byte("worker")},
		Seed:  [32]byte{1}, Steps: [][]byte{tensor.EncodeRoot(made.tree.Root())},
	}
	return made
}

func treeOf(t *testing.T, digests []fr.Element) *tensor.Tree {
	t.Helper()
	tree, err := tensor.NewTree(digests)
	require.NoError(t, err)
	return tree
}

// flipped is the result of a worker that changed one entry before it committed.
func (p *product) flipped(t *testing.T, at program.Position, by uint8) *product {
	t.Helper()
	wrong, y := *p, *p.y
	y.Int8 = slices.Clone(p.y.Int8)
	y.Int8[at.Row*side+at.Col] += int8(by)
	wrong.y, wrong.digests = &y, slices.Clone(p.digests)
	wrong.digests[at.Row] = y.RowDigest(at.Row)
	wrong.tree = treeOf(t, wrong.digests)
	wrong.trace.Steps = [][]byte{tensor.EncodeRoot(wrong.tree.Root())}
	return &wrong
}

// opens shows an entry of a result as its worker would, whatever is asked.
func (p *product) opens(t *testing.T, asked challenge.Trace, at program.Position) []byte {
	t.Helper()
	_, statements, err := challenge.Statements(asked)
	require.NoError(t, err)
	var o opening.Openings
	o.X, err = tensor.OpenRow(p.x, p.xs, at.Row)
	require.NoError(t, err)
	o.W, err = tensor.OpenRow(p.w, p.ws, at.Col)
	require.NoError(t, err)
	o.Y, err = tensor.OpenEntry(p.y, p.tree, at.Row, at.Col)
	require.NoError(t, err)
	return revealed.Marshal(&statements[0], o)
}

// One flipped entry in a 1024 × 1024 result: whatever the worker shows, a dispute of it convicts, and one of any other entry of the
// same result does not. -flips says how many entries are tried, each with another change.
func TestADisputedFlipIsAlwaysConvicted(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	right, system := newProduct(t, r), keeper.Revealed{}
	verdict := func(asked challenge.Trace, answer []byte) bool {
		valid, err := system.Verify(context.Background(), asked, [][]byte{answer})
		require.NoError(t, err)
		return valid
	}
	convicted := 0
	for i := range *flips {
		at := program.Position{Row: r.Uint32N(side), Col: r.Uint32N(side)}
		wrong := right.flipped(t, at, uint8(1+r.UintN(255)))
		number := uint32(1 + i%5)
		asked, err := system.Dispute(wrong.trace, number, at)
		require.NoError(t, err)
		other := program.Position{Row: (at.Row + 1) % side, Col: at.Col}
		for name, answer := range map[string][]byte{
			"what it committed to":  wrong.opens(t, asked, at),
			"the right result":      right.opens(t, asked, at),
			"another entry":         wrong.opens(t, asked, other),
			"the same row, shifted": wrong.opens(t, asked, program.Position{Row: at.Row, Col: (at.Col + 1) % side}),
		} {
			require.False(t, verdict(asked, answer), "flip %d at %v: %s", i, at, name)
		}
		convicted++
		beside, err := system.Dispute(wrong.trace, number, other)
		require.NoError(t, err)
		require.True(t, verdict(beside, wrong.opens(t, beside, other)), "an entry that is right")
	}
	t.Logf("%d flips of one entry of %d x %d: %d convicted", *flips, side, side, convicted)
}

// An honest worker proves whatever entry it is asked for.
func TestEveryEntryOfAnHonestResultCanBeShown(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	right, system := newProduct(t, r), keeper.Revealed{}
	for range 30 {
		at := program.Position{Row: r.Uint32N(side), Col: r.Uint32N(side)}
		asked, err := system.Dispute(right.trace, 1, at)
		require.NoError(t, err)
		valid, err := system.Verify(context.Background(), asked, [][]byte{right.opens(t, asked, at)})
		require.NoError(t, err)
		require.True(t, valid, "%v", at)
	}
	_, err := system.Dispute(right.trace, 1, program.Position{Row: side})
	require.Error(t, err)
}
