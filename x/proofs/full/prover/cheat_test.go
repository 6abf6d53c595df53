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
	var err error
	j.product.CommitY, err = p.CommitY(context.Background(), 7, 6, wrong)
	require.NoError(t, err)
	j.product.Y = right
	s := full.Statement{N: 6, K: 5, Weights: j.weights.Root}
	s.Products = []full.Product{{M: 7, X: j.product.CommitX, Y: j.product.CommitY}}
	a, err := p.begin(&s, j.weights, []Product{j.product})
	require.NoError(t, err)
	a.drawPoints()
	ctx := context.Background()
	require.NoError(t, a.proveInner(ctx))
	a.tensors[full.TensorY].grids[0].int32 = wrong
	for _, phase := range []func(context.Context) error{a.foldBlocks, a.divideBlocks, a.proveOuter, a.halve} {
		require.NoError(t, phase(ctx))
	}
	require.ErrorContains(t, full.Verify(file.Key(), s, full.EncodeProof(a.proof)), "outer sumcheck")
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

// TestSmallSum compares the bucket sums with the library's, for every cut and for points that cancel, double and repeat.
func TestSmallSum(t *testing.T) {
	file, p := open(t)
	random := rand.New(rand.NewPCG(7, 8))
	points := make([]point, 300)
	require.NoError(t, file.Read(points, 0))
	for i := 100; i < 200; i++ {
		points[i] = points[i-100]
		points[i+100].Neg(&points[i-100])
	}
	for width := 2; width <= 14; width++ {
		for _, bits := range []int{1, 7, 26, 31} {
			w := newWindows(width, (bits+width)/width)
			values, scalars := make([]int32, len(points)), make([]fr.Element, len(points))
			for i := range values {
				values[i] = int32(random.Uint32()) >> (31 - bits)
				scalars[i].SetInt64(int64(values[i]))
			}
			sum := newSmallSum(w)
			sum.add(points[:150], values[:150])
			sum.add(points[150:], values[150:])
			want, err := p.multiply(points, scalars)
			require.NoError(t, err)
			total := sum.total()
			var got point
			require.True(t, want.Equal(got.FromJacobian(&total)), "width %d, %d bits", width, bits)
		}
	}
}

// TestDigits holds that the digits of every scalar sum up to it, and lie in range.
func TestDigits(t *testing.T) {
	for width := 2; width <= 14; width++ {
		for _, v := range []int32{0, 1, -1, 127, -128, 1<<31 - 1, -1 << 31, 1 << 30, -12345678} {
			w := newWindows(width, (magnitude([]int32{v})+width)/width)
			sum := int64(0)
			for number := w.count - 1; number >= 0; number-- {
				digit := w.digit(v, number)
				require.LessOrEqual(t, max(digit, -digit), 1<<(width-1))
				sum = sum<<width + int64(digit)
			}
			require.Equal(t, int64(v), sum)
		}
	}
}

// TestTimes holds the product of a lifted factor with the ends of the range.
func TestTimes(t *testing.T) {
	var e fr.Element
	e.SetUint64(12345).Inverse(&e)
	lifted := lift(&e)
	for _, v := range []int32{0, 1, -1, -128, 1<<31 - 1, -1 << 31} {
		var want fr.Element
		want.SetInt64(int64(v)).Mul(&want, &e)
		require.Equal(t, want, times(&lifted, v))
	}
}
