package full_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/full"
	"github.com/assaychain/assay/x/proofs/full/prover"
	"github.com/assaychain/assay/x/proofs/full/setup"
)

// fixtureSeed is the seed of the tests' reference strings, and of the test vectors'.
const fixtureSeed = "test"

// fixture is a prover over a development string.
type fixture struct {
	file   *setup.File
	prover *prover.Prover
}

var (
	fixturesMutex sync.Mutex
	fixtures      = map[int]*fixture{}
	fixtureDir    string
)

func TestMain(m *testing.M) {
	var err error
	if fixtureDir, err = os.MkdirTemp("", "full-*"); err != nil {
		panic(err)
	}
	code := m.Run()
	if err := os.RemoveAll(fixtureDir); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// load makes a string of so many points once for all tests.
func load(t testing.TB, points int) *fixture {
	fixturesMutex.Lock()
	defer fixturesMutex.Unlock()
	points = max(points, setup.MinPoints)
	if f := fixtures[points]; f != nil {
		return f
	}
	path := filepath.Join(fixtureDir, fmt.Sprint(points))
	if *kept != "" {
		path = filepath.Join(*kept, fmt.Sprint(points))
	}
	file, err := setup.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		require.NoError(t, setup.Develop(t.Context(), path, points, []byte(fixtureSeed)))
		file, err = setup.Open(path)
	}
	require.NoError(t, err)
	p, err := prover.New(file, prover.Options{Workers: runtime.NumCPU()})
	require.NoError(t, err)
	fixtures[points] = &fixture{file, p}
	return fixtures[points]
}

// task is a product in the clear.
type task struct {
	shape   full.Shape
	weights prover.Weights
	x       [][]int8
	y       [][]int32
}

// stream is a small deterministic generator: the same numbers on every machine.
type stream struct {
	state [sha256.Size]byte
	rest  []byte
}

func newStream(seed string) *stream { return &stream{state: sha256.Sum256([]byte(seed))} }

func (s *stream) byte() byte {
	if len(s.rest) == 0 {
		s.state = sha256.Sum256(s.state[:])
		s.rest = append(s.rest, s.state[:]...)
	}
	b := s.rest[0]
	s.rest = s.rest[1:]
	return b
}

func (s *stream) int8s(n int) []int8 {
	out := make([]int8, n)
	for i := range out {
		out[i] = int8(s.byte())
	}
	return out
}

func (s *stream) uint32() uint32 {
	return uint32(s.byte())<<24 | uint32(s.byte())<<16 | uint32(s.byte())<<8 | uint32(s.byte())
}

// draw makes a task of products of the given rows over one weight tensor.
func draw(seed string, n, k uint32, rows ...uint32) *task {
	s := newStream(seed)
	t := &task{shape: full.Shape{N: n, K: k}}
	t.weights = prover.Weights{N: n, K: k, Values: s.int8s(int(n * k))}
	for range n {
		t.weights.Bias = append(t.weights.Bias, int32(s.uint32())>>1)
		t.weights.Multiplier = append(t.weights.Multiplier, s.uint32()>>1|1)
	}
	for _, m := range rows {
		t.shape.M = max(t.shape.M, m)
		t.x = append(t.x, s.int8s(int(m*k)))
		t.y = append(t.y, multiply(t.x[len(t.x)-1], &t.weights, int(m)))
	}
	return t
}

func multiply(x []int8, w *prover.Weights, m int) []int32 {
	n, k := int(w.N), int(w.K)
	out := make([]int32, m*n)
	for i := range m {
		for j := range n {
			sum := w.Bias[j]
			for l, v := range x[i*k : (i+1)*k] {
				sum += int32(v) * int32(w.Values[j*k+l])
			}
			out[i*n+j] = sum
		}
	}
	return out
}

func (t *task) products(tb testing.TB, p *prover.Prover) []prover.Product {
	ctx := context.Background()
	out := make([]prover.Product, len(t.x))
	for i := range t.x {
		m := uint32(len(t.x[i])) / t.shape.K
		x, err := p.CommitX(ctx, m, t.shape.K, t.x[i])
		require.NoError(tb, err)
		y, err := p.CommitY(ctx, m, t.shape.N, t.y[i])
		require.NoError(tb, err)
		out[i] = prover.Product{M: m, X: t.x[i], Y: t.y[i], CommitX: x, CommitY: y}
	}
	return out
}

// prove makes the proof of a task.
func (f *fixture) prove(tb testing.TB, t *task) *full.Claimed {
	w, err := f.prover.CommitWeights(context.Background(), t.weights)
	require.NoError(tb, err)
	claimed, err := f.prover.Prove(context.Background(), sha256.Sum256([]byte("digest")), w, t.products(tb, f.prover))
	require.NoError(tb, err)
	return claimed
}

func (f *fixture) verify(c *full.Claimed) error {
	return full.Verify(f.file.Key(), c.Statement, c.Proof)
}
