package full_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/proofs/full"
	"github.com/assaychain/assay/x/proofs/full/prover"
	"github.com/assaychain/assay/x/proofs/full/setup"
)

var secret = setup.DevelopmentSecret([]byte(fixtureSeed))

// edges are shapes at the ends of what is possible: no variables at all, one of the three tensors far smaller than the others,
// a bias longer than a block.
var edges = []full.Shape{
	{1, 1, 1}, {1, 1, 2}, {1, 2, 1}, {2, 1, 1}, {2, 2, 2}, {3, 5, 7}, {1, 64, 1}, {64, 1, 1}, {1, 1, 64}, {17, 4, 33}, {5, 100, 3},
}

// TestEdges proves them, checks them both ways, and recomputes every message.
func TestEdges(t *testing.T) {
	f := load(t, 0)
	for _, s := range edges {
		work := draw(fmt.Sprint(s), s.N, s.K, s.M)
		c := f.prove(t, work)
		require.Len(t, c.Proof, full.ProofSize(s), s)
		require.NoError(t, f.verify(c), s)
		slow, err := f.slow(secret, c)
		require.NoError(t, err, s)
		slow.requireHonest(t, bigOf(secret), work)
	}
}

// TestWidest proves products at the limit of each dimension.
func TestWidest(t *testing.T) {
	f := load(t, 0)
	const limit = full.MaxDimension
	for _, s := range []full.Shape{{limit, 1, 1}, {1, limit, 1}, {1, 1, limit}} {
		require.NoError(t, f.verify(f.prove(t, draw(fmt.Sprint(s), s.N, s.K, s.M))), s)
	}
	require.ErrorIs(t, full.Shape{M: 1, N: limit + 1, K: 1}.Validate(), full.ErrShape)
}

// TestComplete proves products of random shapes with random and with extreme entries.
func TestComplete(t *testing.T) {
	f := load(t, 0)
	rapid.Check(t, func(r *rapid.T) {
		dimension := rapid.Uint32Range(1, 40)
		n, k := dimension.Draw(r, "n"), dimension.Draw(r, "k")
		rows := rapid.SliceOfN(dimension, 1, 3).Draw(r, "rows")
		work := draw(fmt.Sprint(rapid.Uint64().Draw(r, "seed")), n, k, rows...)
		if rapid.Bool().Draw(r, "extreme") {
			extreme(work)
		}
		c := f.prove(t, work)
		require.NoError(t, f.verify(c))
		_, err := f.slow(secret, c)
		require.NoError(t, err)
	})
}

// extreme makes all operands -128 and all biases the largest.
func extreme(t *task) {
	fill := func(values []int8) {
		for i := range values {
			values[i] = -128
		}
	}
	fill(t.weights.Values)
	for i := range t.weights.Bias {
		t.weights.Bias[i] = 1<<30 - 1
	}
	for i := range t.x {
		fill(t.x[i])
		t.y[i] = multiply(t.x[i], &t.weights, len(t.x[i])/int(t.shape.K))
	}
}

// TestZero proves the product of zero tensors, whose commitments are at infinity.
func TestZero(t *testing.T) {
	f := load(t, 0)
	work := draw("zero", 3, 4, 5)
	clear(work.x[0])
	clear(work.weights.Values)
	clear(work.weights.Bias)
	clear(work.y[0])
	c := f.prove(t, work)
	require.Equal(t, byte(0x40), c.Statement.Products[0].X[0])
	require.NoError(t, f.verify(c))
}

// TestSizes holds the lengths that README.md names.
func TestSizes(t *testing.T) {
	for n, size := range map[uint32]int{256: 2592, 1024: 3040, 4096: 3488, full.MaxDimension: 3712} {
		require.Equal(t, size, full.ProofSize(full.Shape{M: n, N: n, K: n}), n)
	}
	require.Zero(t, full.ProofSize(full.Shape{M: 1, N: 0, K: 1}))
	require.Zero(t, full.ProofSize(full.Shape{M: 1, N: 1, K: full.MaxDimension + 1}))
	require.Equal(t, 1122, full.KeySize)
	require.Equal(t, 29, full.Shape{M: 3, N: 4, K: 5}.Points())
	require.Equal(t, 1<<20, full.Shape{M: 1024, N: 1024, K: 1024}.Points())
	require.Equal(t, 8191<<1+2, full.Shape{M: 8192, N: 2, K: 1}.Points())
	require.Zero(t, full.Shape{M: 1, N: 0, K: 1}.Points())
	require.Len(t, load(t, 0).file.RawKey(), full.KeySize)
}

// TestProverRefuses holds that a prover gives no proof of what is not so, and says why.
func TestProverRefuses(t *testing.T) {
	f := load(t, 0)
	work := draw("refuses", 4, 5, 6)
	w, err := f.prover.CommitWeights(context.Background(), work.weights)
	require.NoError(t, err)
	good := work.products(t, f.prover)
	prove := func(change func(p *prover.Product)) error {
		products := slices.Clone(good)
		change(&products[0])
		_, err := f.prover.Prove(context.Background(), [32]byte{}, w, products)
		return err
	}
	require.NoError(t, prove(func(*prover.Product) {}))
	require.ErrorIs(t, prove(func(p *prover.Product) { p.CommitX = p.CommitY }), prover.ErrWrong)
	require.ErrorIs(t, prove(func(p *prover.Product) {
		p.Y = slices.Clone(p.Y)
		p.Y[3]++
	}), prover.ErrWrong)
	require.ErrorIs(t, prove(func(p *prover.Product) { p.M++ }), full.ErrShape)
	require.ErrorIs(t, prove(func(p *prover.Product) { p.X = p.X[1:] }), full.ErrShape)
	loaded, err := prover.LoadWeights(work.weights, w.Commitments)
	require.NoError(t, err)
	require.Equal(t, w, loaded)
	loaded.Commitments.Bias = loaded.Commitments.Values
	_, err = f.prover.Prove(context.Background(), [32]byte{}, loaded, good)
	require.ErrorIs(t, err, prover.ErrWrong)
	_, err = f.prover.Prove(context.Background(), [32]byte{}, w, nil)
	require.ErrorIs(t, err, full.ErrStatement)
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = f.prover.Prove(canceled, [32]byte{}, w, good)
	require.ErrorIs(t, err, context.Canceled)
	_, err = f.prover.CommitX(context.Background(), full.MaxDimension, full.MaxDimension, make([]int8, full.MaxDimension*full.MaxDimension))
	require.ErrorContains(t, err, "needs 67108864 points")
}

// TestDeterministic holds that the same work gives the same proof, whatever the number of workers.
func TestDeterministic(t *testing.T) {
	f := load(t, 0)
	work := draw("deterministic", 20, 30, 40)
	first := f.prove(t, work)
	for _, workers := range []int{1, 3} {
		p, err := prover.New(f.file, prover.Options{Workers: workers})
		require.NoError(t, err)
		again := (&fixture{f.file, p}).prove(t, work)
		require.Equal(t, first, again)
	}
}

// TestProgress holds that every index of a tensor is told of, of the largest one for a proof.
func TestProgress(t *testing.T) {
	f := load(t, 0)
	var last atomic.Uint64
	p, err := prover.New(f.file, prover.Options{Workers: 1, Progress: func(points uint64) { last.Store(points) }})
	require.NoError(t, err)
	work := draw("progress", 4, 8, 16)
	w, err := p.CommitWeights(context.Background(), work.weights)
	require.NoError(t, err)
	require.EqualValues(t, 4*8+4, last.Load(), "the values and the biases")
	products := work.products(t, p)
	require.EqualValues(t, 4*8+4+16*8+16*4, last.Load())
	_, err = p.Prove(context.Background(), [32]byte{}, w, products)
	require.NoError(t, err)
	require.EqualValues(t, 36+192+16*8-16, last.Load(), "the quotient is a block of 16 shorter than X")
	_, err = prover.New(f.file, prover.Options{})
	require.ErrorContains(t, err, "workers")
}

// TestBatch verifies proofs of different shapes together, and finds the wrong ones.
func TestBatch(t *testing.T) {
	f := load(t, 0)
	batch := []full.Claimed{
		*f.prove(t, draw("a", 3, 4, 5)), *f.prove(t, draw("b", 30, 4, 5, 60)), *f.prove(t, draw("c", 1, 1, 1)), *f.prove(t, draw("d", 3, 4, 5)),
	}
	require.Equal(t, make([]error, 4), full.VerifyBatch(f.file.Key(), batch))
	require.Empty(t, full.VerifyBatch(f.file.Key(), nil))
	// The opening of one proof is replaced: everything but the pairings still holds.
	wrong := slices.Clone(batch)
	wrong[1].Proof = slices.Clone(wrong[1].Proof)
	copy(wrong[1].Proof[len(wrong[1].Proof)-32:], wrong[0].Proof[:32])
	wrong[2].Statement.Digest = sha256.Sum256([]byte("other"))
	verdicts := full.VerifyBatch(f.file.Key(), wrong)
	require.NoError(t, verdicts[0])
	require.ErrorIs(t, verdicts[1], full.ErrProof)
	require.ErrorIs(t, verdicts[2], full.ErrProof)
	require.NoError(t, verdicts[3])
}

// TestBatchTellsWhatEachAloneDoes holds that a proof in a batch, whose points are decoded together, is refused for the reason for
// which it is refused alone: a bit anywhere in it is turned, or the commitment of another tensor is in the statement's place.
func TestBatchTellsWhatEachAloneDoes(t *testing.T) {
	f, s := load(t, 0), newStream("batches")
	batch := []full.Claimed{
		*f.prove(t, draw("a", 3, 4, 5)), *f.prove(t, draw("b", 30, 4, 5, 60)), *f.prove(t, draw("c", 1, 1, 1)), *f.prove(t, draw("d", 3, 4, 5)),
	}
	encodings := 0
	for range 40 {
		wrong := slices.Clone(batch)
		for i := range wrong {
			c := &wrong[i]
			bit := int(s.uint32() % uint32(8*len(c.Proof)))
			switch s.byte() % 4 {
			case 0:
				c.Statement.Products = slices.Clone(c.Statement.Products)
				c.Statement.Products[0].X[bit/8%32] ^= 1 << (bit % 8)
			case 1, 2:
				c.Proof = slices.Clone(c.Proof)
				c.Proof[bit/8] ^= 1 << (bit % 8)
			}
		}
		for i, verdict := range full.VerifyBatch(f.file.Key(), wrong) {
			require.Equal(t, f.verify(&wrong[i]), verdict)
			_, malformed := full.DecodeProof(wrong[i].Statement.Shape(), wrong[i].Proof)
			require.Equal(t, malformed != nil, errors.Is(verdict, full.ErrProofEncoding))
			if malformed != nil {
				encodings++
			}
		}
	}
	require.Greater(t, encodings, 10)
}
