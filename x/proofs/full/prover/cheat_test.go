package prover

import (
	"context"
	"crypto/sha256"
	"flag"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/full"
	ml "github.com/assaychain/assay/x/proofs/full/internal/multilinear"
	"github.com/assaychain/assay/x/proofs/full/setup"
)

var cheats = flag.Int("cheats", 60, "how many wrong products to make proofs of")

// open makes a small development string.
func open(t testing.TB) (*setup.File, *Prover) {
	path := filepath.Join(t.TempDir(), "srs")
	require.NoError(t, setup.Develop(t.Context(), path, setup.MinPoints, []byte("prover")))
	file, err := setup.Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, file.Close()) })
	p, err := New(file, Options{Workers: 2})
	require.NoError(t, err)
	return file, p
}

func int8s(random *rand.Rand, n int) []int8 {
	out := make([]int8, n)
	for i := range out {
		out[i] = int8(random.Uint32())
	}
	return out
}

type point = bn254.G1Affine

// job is a product in the clear with all commitments.
type job struct {
	weights *CommittedWeights
	product Product
}

func newJob(t testing.TB, p *Prover, random *rand.Rand, s full.Shape) job {
	w := Weights{N: s.N, K: s.K, Values: int8s(random, int(s.N*s.K)), Bias: make([]int32, s.N), Multiplier: make([]uint32, s.N)}
	for i := range w.Bias {
		w.Bias[i] = int32(random.Uint32()) >> 1
	}
	product := Product{M: s.M, X: int8s(random, int(s.M*s.K)), Y: make([]int32, s.M*s.N)}
	for i := range product.Y {
		row, col := uint32(i)/s.N, uint32(i)%s.N
		product.Y[i] = w.Bias[col]
		for k := range s.K {
			product.Y[i] += int32(product.X[row*s.K+k]) * int32(w.Values[col*s.K+k])
		}
	}
	committed, err := p.CommitWeights(context.Background(), w)
	require.NoError(t, err)
	product.CommitX, err = p.CommitX(context.Background(), s.M, s.K, product.X)
	require.NoError(t, err)
	product.CommitY, err = p.CommitY(context.Background(), s.M, s.N, product.Y)
	require.NoError(t, err)
	return job{committed, product}
}

// forge makes a proof without looking whether it is right. The product's own Y is what the messages are made from, and may
// differ from what the commitment stands for.
func (j job) forge(t testing.TB, p *Prover) full.Claimed {
	s := full.Statement{Digest: sha256.Sum256(nil), N: j.weights.N, K: j.weights.K, Weights: j.weights.Root}
	s.Products = []full.Product{{M: j.product.M, X: j.product.CommitX, Y: j.product.CommitY}}
	a, err := p.begin(&s, j.weights, []Product{j.product})
	require.NoError(t, err)
	require.NoError(t, a.prove(context.Background()))
	return full.Claimed{Statement: s, Proof: full.EncodeProof(a.proof)}
}

// TestCheats commits to a Y with one wrong entry and then follows the protocol in the ways that get furthest.
func TestCheats(t *testing.T) {
	file, p := open(t)
	random := rand.New(rand.NewPCG(1, 2))
	for range *cheats {
		dimension := func() uint32 { return 1 + random.Uint32N(16) }
		shape := full.Shape{M: dimension(), N: dimension(), K: dimension()}
		j := newJob(t, p, random, shape)
		honest := j.forge(t, p)
		require.NoError(t, full.Verify(file.Key(), honest.Statement, honest.Proof))

		right, wrong := j.product.Y, append([]int32{}, j.product.Y...)
		wrong[random.IntN(len(wrong))] ^= 1 << random.UintN(31)
		var err error
		j.product.CommitY, err = p.CommitY(context.Background(), shape.M, shape.N, wrong)
		require.NoError(t, err)

		// Everything from the wrong Y: the sum over k doesn't come out.
		j.product.Y = wrong
		c := j.forge(t, p)
		require.ErrorContains(t, full.Verify(file.Key(), c.Statement, c.Proof), "inner sumcheck")
		// Everything from the right Y, whose values fit: the commitment doesn't open to them.
		j.product.Y = right
		c = j.forge(t, p)
		require.ErrorContains(t, full.Verify(file.Key(), c.Statement, c.Proof), "do not open")
	}
}

// TestCheatValue commits to the wrong Y and claims the right one's value at the first point, but opens the wrong Y from there
// on: the claim about its folding is false.
func TestCheatValue(t *testing.T) {
	file, p := open(t)
	random := rand.New(rand.NewPCG(3, 4))
	j := newJob(t, p, random, full.Shape{M: 7, N: 6, K: 5})
	right, wrong := j.product.Y, append([]int32{}, j.product.Y...)
	wrong[11]++
	j.product.Y = right
	a := j.begin(t, p, 7, 6, wrong)
	a.drawPoints()
	ctx := context.Background()
	require.NoError(t, a.proveInner(ctx))
	a.tensors[full.TensorY].grids[0].int32 = wrong
	for _, phase := range []func(context.Context) error{a.foldBlocks, a.divideBlocks, a.proveOuter, a.halve} {
		require.NoError(t, phase(ctx))
	}
	require.ErrorContains(t, full.Verify(file.Key(), *a.statement, full.EncodeProof(a.proof)), "outer sumcheck")
}

// TestCheatBias uses another bias than the root's.
func TestCheatBias(t *testing.T) {
	file, p := open(t)
	j := newJob(t, p, rand.New(rand.NewPCG(5, 6)), full.Shape{M: 3, N: 4, K: 5})
	j.weights.Bias[2]++
	for row := range 3 {
		j.product.Y[row*4+2]++
	}
	var err error
	j.product.CommitY, err = p.CommitY(context.Background(), 3, 4, j.product.Y)
	require.NoError(t, err)
	c := j.forge(t, p)
	require.ErrorContains(t, full.Verify(file.Key(), c.Statement, c.Proof), "do not open")
}

// TestCheatPadding commits to a Y with an entry where padding has to be, within the last row and below it, and proves that
// honestly: the sum over k doesn't come out.
func TestCheatPadding(t *testing.T) {
	file, p := open(t)
	j := newJob(t, p, rand.New(rand.NewPCG(7, 8)), full.Shape{M: 5, N: 6, K: 3})
	for _, at := range []int{6, 5 * 8, 63} {
		padded := make([]int32, 64)
		for i, v := range j.product.Y {
			padded[i/6*8+i%6] = v
		}
		padded[at] = 1
		a := j.begin(t, p, 8, 8, padded)
		a.y[0] = &grid{rows: 8, cols: 8, log: 3, int32: padded}
		require.NoError(t, a.prove(context.Background()))
		require.ErrorContains(t, full.Verify(file.Key(), *a.statement, full.EncodeProof(a.proof)), "inner sumcheck")
	}
}

// begin starts an argument whose Y is committed to as another tensor.
func (j job) begin(t testing.TB, p *Prover, rows, cols uint32, y []int32) *argument {
	commitment, err := p.CommitY(context.Background(), rows, cols, y)
	require.NoError(t, err)
	s := &full.Statement{N: j.weights.N, K: j.weights.K, Weights: j.weights.Root}
	s.Products = []full.Product{{M: j.product.M, X: j.product.CommitX, Y: commitment}}
	a, err := p.begin(s, j.weights, []Product{j.product})
	require.NoError(t, err)
	return a
}

// TestCheatDegree commits to a Y with more coefficients than a tensor of its shape has, and takes them along through every
// message, so that commitments and quotients fit: the claims that folded polynomials are 0 beyond their length don't.
func TestCheatDegree(t *testing.T) {
	file, p := open(t)
	ctx := context.Background()
	j := newJob(t, p, rand.New(rand.NewPCG(9, 10)), full.Shape{M: 2, N: 8, K: 8})
	tall := append(append([]int32{}, j.product.Y...), make([]int32, 16)...)
	tall[16+9] = 1
	a := j.begin(t, p, 4, 8, tall)
	a.drawPoints()
	require.NoError(t, a.proveInner(ctx))
	a.tensors[full.TensorY].grids[0] = &grid{rows: 4, cols: 8, log: 3, int32: tall}
	a.foldTall(t)
	for _, phase := range []func(context.Context) error{a.divideBlocks, a.proveOuter, a.halve} {
		require.NoError(t, phase(ctx))
	}
	require.ErrorContains(t, full.Verify(file.Key(), *a.statement, full.EncodeProof(a.proof)), "outer sumcheck")

	// With the right number of coefficients the same steps make a proof.
	a = j.begin(t, p, 2, 8, j.product.Y)
	a.drawPoints()
	require.NoError(t, a.proveInner(ctx))
	a.foldTall(t)
	for _, phase := range []func(context.Context) error{a.divideBlocks, a.proveOuter, a.halve} {
		require.NoError(t, phase(ctx))
	}
	require.NoError(t, full.Verify(file.Key(), *a.statement, full.EncodeProof(a.proof)))
}

// foldTall is foldBlocks with twice as many blocks of Y.
func (a *argument) foldTall(t testing.TB) {
	var err error
	for i := range full.Tensors {
		folded := a.prover.foldLow(&a.tensors[i], a.points.Of(i)[:a.layout.Low(i)], a.tallHigh(i), a.layout.Block)
		a.smalls[full.SmallFolded+i] = folded
		a.proof.Folded[i], err = a.prover.commit(folded)
		require.NoError(t, err)
	}
	a.t.Points("folded", a.proof.Folded[:]...)
	a.alpha = a.t.Challenge("alpha")
	for i := range full.Tensors {
		powers := ml.PowersTable(fr.One(), a.alpha, 1<<a.tallHigh(i))
		a.smalls[full.SmallRemainder+i] = a.prover.remainder(&a.tensors[i], powers, a.layout.Low(i), a.layout.Block)
		a.proof.Remainder[i], err = a.prover.commit(a.smalls[full.SmallRemainder+i])
		require.NoError(t, err)
		a.proof.AtAlpha[i] = evaluate(a.smalls[full.SmallFolded+i], a.alpha)
	}
	a.t.Points("remainder", a.proof.Remainder[:]...)
	a.t.Scalars("at alpha", a.proof.AtAlpha[:]...)
	a.gamma = a.t.Challenge("gamma")
}

func (a *argument) tallHigh(tensor int) int {
	if tensor == full.TensorY {
		return a.layout.High(tensor) + 1
	}
	return a.layout.High(tensor)
}
