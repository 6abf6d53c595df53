package revealed_test

import (
	"bytes"
	"math/big"
	"syscall"
	"testing"
	"time"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/proofs/interpreter"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/revealed"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// step is one dense step with its tensors and their trees.
type step struct {
	dense            program.DenseStep
	x, w, y          *tensor.Tensor
	treeX, treeW, tY *tensor.Tree
}

// dims says how large a step is and what it puts out.
type dims struct {
	m, n, k uint32
	out     program.DataType
	seed    uint64
}

// build computes a step on values that a seed gives.
func build(t require.TestingT, d dims) *step {
	next := func() uint64 {
		d.seed = d.seed*6364136223846793005 + 1442695040888963407
		return d.seed >> 33
	}
	draw := func(n uint32) []int8 {
		values := make([]int8, n)
		for i := range values {
			values[i] = int8(next())
		}
		return values
	}
	weights := tensor.Weights{Values: draw(d.n * d.k)}
	for range d.n {
		weights.Bias = append(weights.Bias, int32(next()%1000)-500)
		weights.Multiplier = append(weights.Multiplier, uint32(1+next()%9))
	}
	x, err := tensor.NewInt8(d.m, d.k, draw(d.m*d.k))
	require.NoError(t, err)
	w, err := tensor.NewWeight(d.n, d.k, weights)
	require.NoError(t, err)
	s := &step{x: x, w: w, dense: program.DenseStep{
		Input: "x", Weight: "w", Output: "y", Shift: 12, Activation: program.ACTIVATION_RELU, OutputType: d.out,
	}}
	if d.out == program.DATA_TYPE_INT32 {
		s.dense.Shift, s.dense.Activation = 0, program.ACTIVATION_IDENTITY
	}
	p := program.Program{Version: 1, Steps: []program.DenseStep{s.dense}, Inputs: []program.Tensor{
		{Name: "x", Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: d.m, Cols: d.k},
		{Name: "w", Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: d.n, Cols: d.k},
	}}
	outputs, err := interpreter.Run(p, []*tensor.Tensor{x, w})
	require.NoError(t, err)
	s.y = outputs[0]
	s.commit(t)
	return s
}

func (s *step) commit(t require.TestingT) {
	for of, tree := range map[*tensor.Tensor]**tensor.Tree{s.x: &s.treeX, s.w: &s.treeW, s.y: &s.tY} {
		made, err := tensor.NewTree(of.RowDigests())
		require.NoError(t, err)
		*tree = made
	}
}

// at opens an entry; rowX, rowW and the place in Y may differ from the statement's, as a cheat's would.
func (s *step) at(t require.TestingT, row, col uint32) (*statement.Statement, revealed.Opening) {
	rootX, rootW, rootY := s.treeX.Root(), s.treeW.Root(), s.tY.Root()
	claim := &statement.Statement{
		ChainID: "assay-test-1", JobID: 3, Attempt: 1, Worker: []byte("worker"), Row: row, Col: col, K: s.x.Cols, OutputCols: s.w.Rows,
		Shift: s.dense.Shift, Activation: s.dense.Activation, OutputType: s.dense.OutputType,
		RootX: rootX.Bytes(), RootW: rootW.Bytes(), RootY: rootY.Bytes(),
	}
	return claim, s.open(t, row, col)
}

func (s *step) open(t require.TestingT, row, col uint32) (o revealed.Opening) {
	var err error
	o.X, err = tensor.OpenRow(s.x, s.treeX, row)
	require.NoError(t, err)
	o.W, err = tensor.OpenRow(s.w, s.treeW, col)
	require.NoError(t, err)
	o.Y, err = tensor.OpenEntry(s.y, s.tY, row, col)
	require.NoError(t, err)
	return o
}

func drawDims(t *rapid.T) dims {
	d := dims{
		m: rapid.Uint32Range(1, 20).Draw(t, "m"), seed: rapid.Uint64().Draw(t, "seed"),
		n:   rapid.OneOf(rapid.Uint32Range(1, 20), rapid.SampledFrom([]uint32{105, 106, 257, 600})).Draw(t, "n"),
		k:   rapid.OneOf(rapid.Uint32Range(1, 70), rapid.SampledFrom([]uint32{255, 256, 257, program.MaxInner})).Draw(t, "k"),
		out: rapid.SampledFrom([]program.DataType{program.DATA_TYPE_INT8, program.DATA_TYPE_INT32}).Draw(t, "out"),
	}
	if d.k*d.n > 40_000 {
		d.n = 1 + d.n%20
	}
	return d
}

// Every entry of every step is shown by exactly one encoding of exactly one length, and by no other entry's.
func TestHonestOpeningsVerify(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDims(t)
		s := build(t, d)
		row, col := rapid.Uint32Range(0, d.m-1).Draw(t, "row"), rapid.Uint32Range(0, d.n-1).Draw(t, "col")
		claim, o := s.at(t, row, col)
		raw, err := revealed.Encode(claim, o)
		require.NoError(t, err)
		require.Len(t, raw, revealed.Size(claim.K, claim.OutputShape()))
		require.LessOrEqual(t, len(raw), revealed.MaxSize)
		require.NoError(t, revealed.Verify(claim, raw))
		back, err := revealed.Decode(claim, raw)
		require.NoError(t, err)
		require.Equal(t, o, back)

		// Whatever bit of it changes, it shows nothing any more.
		at := rapid.IntRange(0, len(raw)-1).Draw(t, "at")
		spoiled := bytes.Clone(raw)
		spoiled[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		require.Error(t, revealed.Verify(claim, spoiled), "byte %d of %d", at, len(raw))

		if d.m > 1 || d.n > 1 {
			other := *claim
			other.Row, other.Col = (row+1)%d.m, (col+1)%d.n
			require.Error(t, revealed.Verify(&other, raw), "another position")
		}
	})
}

func TestLengthsAreExact(t *testing.T) {
	s := build(t, dims{m: 3, n: 5, k: 40, out: program.DATA_TYPE_INT8, seed: 1})
	claim, o := s.at(t, 2, 4)
	raw, err := revealed.Encode(claim, o)
	require.NoError(t, err)
	long := append(bytes.Clone(raw), raw...)
	for n := range len(long) + 1 {
		if n != len(raw) {
			require.ErrorIs(t, revealed.Verify(claim, long[:n]), revealed.ErrLength, "%d", n)
		}
	}
}

// Whoever has one wrong entry, or shows others than those asked for, is found out.
func TestLiesAreRefused(t *testing.T) {
	for _, out := range []program.DataType{program.DATA_TYPE_INT8, program.DATA_TYPE_INT32} {
		d := dims{m: 4, n: 300, k: 300, out: out, seed: 7}
		s := build(t, d)
		claim, o := s.at(t, 1, 290)
		for name, lie := range map[string]func(*revealed.Opening){
			"false row":       func(o *revealed.Opening) { o.X.Values = bump(o.X.Values) },
			"false weights":   func(o *revealed.Opening) { o.W.Values = bump(o.W.Values) },
			"false bias":      func(o *revealed.Opening) { o.W.Bias++ },
			"scale":           func(o *revealed.Opening) { o.W.Multiplier++ },
			"wrong path":      func(o *revealed.Opening) { o.X.Path[1][3].SetUint64(9) },
			"another row":     func(o *revealed.Opening) { o.X = s.open(t, 2, 290).X },
			"swapped columns": func(o *revealed.Opening) { o.W = s.open(t, 1, 289).W },
			"another y row":   func(o *revealed.Opening) { o.Y = s.open(t, 0, 290).Y },
			"short row":       func(o *revealed.Opening) { o.X.Values = o.X.Values[1:] },
			"a row of x as w": func(o *revealed.Opening) { o.W.Values, o.W.Path = o.X.Values, o.X.Path },
			"nothing":         func(o *revealed.Opening) { o.Y = nil },
		} {
			changed := copied(o)
			lie(&changed)
			require.ErrorIs(t, revealed.Check(claim, changed), revealed.ErrOpening, name)
			_, err := revealed.Encode(claim, changed)
			require.ErrorIs(t, err, revealed.ErrOpening, name)
		}
		for name, move := range map[string]func(*statement.Statement){
			"input":      func(c *statement.Statement) { c.RootX[31] ^= 1 },
			"weights":    func(c *statement.Statement) { c.RootW = c.RootX },
			"output":     func(c *statement.Statement) { c.RootY = c.RootX },
			"activation": func(c *statement.Statement) { c.RootX, c.RootY = c.RootY, c.RootX },
		} {
			changed := *claim
			move(&changed)
			require.ErrorIs(t, revealed.Check(&changed, o), revealed.ErrOpening, name)
		}
	}
}

// A worker that committed to one wrong entry can show every other one, and never that.
func TestOneWrongEntryCannotBeShown(t *testing.T) {
	s := build(t, dims{m: 3, n: 4, k: 10, out: program.DATA_TYPE_INT32, seed: 5})
	s.y.Int32[1*4+2]++
	s.commit(t)
	for row := range uint32(3) {
		for col := range uint32(4) {
			claim, o := s.at(t, row, col)
			err := revealed.Check(claim, o)
			if row == 1 && col == 2 {
				require.ErrorIs(t, err, revealed.ErrOpening)
				require.ErrorContains(t, err, "the committed entry is")
			} else {
				require.NoError(t, err)
			}
		}
	}
}

func TestEncodingsAreCanonical(t *testing.T) {
	// Rows of 300 values have two chunks; the last columns lie outside of them.
	s := build(t, dims{m: 2, n: 300, k: 8, out: program.DATA_TYPE_INT32, seed: 3})
	claim, o := s.at(t, 1, 299)
	raw, err := revealed.Encode(claim, o)
	require.NoError(t, err)
	path := tensor.Depth * tensor.Width * fr.Bytes
	slots := 2*8 + 8 + 2*path
	chunk := slots + (tensor.Width-1)*fr.Bytes
	for name, c := range map[string]struct {
		at   int
		with []byte
	}{
		"element plus the modulus":  {slots + fr.Bytes, alias(raw[slots+fr.Bytes : slots+2*fr.Bytes])},
		"a chunk without the entry": {chunk + fr.Bytes - 1, []byte{1}},
		"multiplier 0":              {2*8 + path + 4, make([]byte, 4)},
		"multiplier too large":      {2*8 + path + 4, []byte{0, 0, 0, 128}},
		"bias too large":            {2*8 + path, []byte{0, 0, 0, 64}},
		"bias too small":            {2*8 + path, []byte{0, 0, 0, 192}},
	} {
		bad := bytes.Clone(raw)
		copy(bad[c.at:], c.with)
		require.NotEqual(t, raw, bad, name)
		_, err := revealed.Decode(claim, bad)
		require.ErrorIs(t, err, revealed.ErrEncoding, name)
	}
	unused := copied(o)
	unused.Y.Chunk[3].SetOne()
	_, err = revealed.Encode(claim, unused)
	require.ErrorIs(t, err, revealed.ErrEncoding)
	bad := *claim
	bad.K = 0
	require.ErrorIs(t, revealed.Verify(&bad, raw), statement.ErrStatement)
	require.ErrorIs(t, revealed.Check(&bad, o), statement.ErrStatement)
}

// alias is another encoding of the same field element.
func alias(raw []byte) []byte {
	return new(big.Int).Add(new(big.Int).SetBytes(raw), fr.Modulus()).FillBytes(make([]byte, fr.Bytes))
}

func bump(values []int8) []int8 {
	out := append([]int8(nil), values...)
	out[0]++
	return out
}

func copied(o revealed.Opening) revealed.Opening {
	x, w, y := *o.X, *o.W, *o.Y
	return revealed.Opening{X: &x, W: &w, Y: &y}
}

// FuzzVerify feeds arbitrary bytes of the right length: none but the honest ones may show anything, and none may panic.
func FuzzVerify(f *testing.F) {
	s := build(f, dims{m: 2, n: 3, k: 5, out: program.DATA_TYPE_INT32, seed: 9})
	claim, o := s.at(f, 1, 1)
	honest, err := revealed.Encode(claim, o)
	require.NoError(f, err)
	f.Add(honest)
	f.Add(make([]byte, len(honest)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		err := revealed.Verify(claim, raw)
		require.Equal(t, bytes.Equal(raw, honest), err == nil)
	})
}

// BenchmarkVerify measures what Units says: the microseconds of one opening, decoding twice.
func BenchmarkVerify(b *testing.B) {
	for name, d := range map[string]dims{
		"k-64":   {m: 4, n: 4, k: 64, out: program.DATA_TYPE_INT8, seed: 1},
		"k-1024": {m: 4, n: 1024, k: 1024, out: program.DATA_TYPE_INT8, seed: 1},
	} {
		s := build(b, d)
		claim, o := s.at(b, 3, 2)
		raw, err := revealed.Encode(claim, o)
		require.NoError(b, err)
		b.Run(name, func(b *testing.B) {
			before := cpuTime(b)
			for b.Loop() {
				_, err := revealed.Decode(claim, raw)
				require.NoError(b, err)
				require.NoError(b, revealed.Verify(claim, raw))
			}
			b.ReportMetric(float64((cpuTime(b)-before).Microseconds())/float64(b.N), "cpu-µs/opening")
			b.ReportMetric(float64(revealed.Units(claim)), "units")
			b.ReportMetric(float64(len(raw)), "bytes")
		})
	}
}

// cpuTime is what the process has used: on a busy machine it says more than the clock.
func cpuTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
