package statement_test

import (
	"encoding/hex"
	"math/big"
	"strings"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/tensor"
)

func valid() *statement.Statement {
	s := &statement.Statement{
		ChainID: "assay-local-1", JobID: 9, Attempt: 2, Worker: []byte{1, 2, 3}, Index: 4, Row: 700, Col: 31, K: 784,
		OutputCols: 128, Shift: 24, Activation: program.ACTIVATION_RELU, OutputType: program.DATA_TYPE_INT8,
	}
	s.RootX[31], s.RootW[31], s.RootY[31], s.Seed[0] = 1, 2, 3, 4
	return s
}

// TestGoldenDigest pins the public input: a change makes every proof on a network void.
func TestGoldenDigest(t *testing.T) {
	digest, err := valid().Digest()
	require.NoError(t, err)
	require.Equal(t, "07ad30e4ba8559ab2adcc13acf3a082ae4b971c39e69329c3b11e1dac7b8330a", hex.EncodeToString(digest[:]))
}

func TestPublicInputsByHand(t *testing.T) {
	p, err := valid().Public()
	require.NoError(t, err)
	// Column 31 of 128 int8 columns is value 0 of element 1, which is slot 2 itself; 784 = 25*31 + 9.
	require.Equal(t, uint64(700|31<<16|700<<32|2<<48|1<<52|1<<63), p.Position)
	require.Equal(t, uint32(25), p.LastElement)
	require.Equal(t, new(big.Int).Lsh(big.NewInt(1), 8*9), p.LastBound.BigInt(new(big.Int)))
	require.Equal(t, uint64(1<<23), p.Half)
	require.Equal(t, uint32(784), p.Inner)

	// Column 125 of 150 int32 columns: 22 elements, one chunk of 16; element 17 follows it in slot 3, value 6.
	s := valid()
	s.OutputType, s.Shift, s.OutputCols, s.Col, s.Activation = program.DATA_TYPE_INT32, 0, 150, 125, program.ACTIVATION_IDENTITY
	p, err = s.Public()
	require.NoError(t, err)
	require.Equal(t, uint64(700|125<<16|700<<32|3<<48|1<<52|6<<57|1<<62), p.Position)
	require.Equal(t, uint64(1), p.Half)

	// Column 100 lies in the chunk: element 14, value 2.
	s.Col = 100
	p, err = s.Public()
	require.NoError(t, err)
	require.Equal(t, uint64(700|100<<16|700<<32|1<<48|14<<53|2<<57|1<<62), p.Position)
	// Column 8000 of 8192 int32 columns: the rows are cut into 8 parts of 1024, 147 elements, 9 chunks; column 832 of the last but one
	// part, leaf 8*8191+7; element 118 is the seventh of chunk 7, value 6.
	s.Row, s.OutputCols, s.Col = 8191, 8192, 8000
	p, err = s.Public()
	require.NoError(t, err)
	require.Equal(t, uint64(8191|8000<<16|(8*8191+7)<<32|8<<48|6<<53|6<<57|1<<62), p.Position)
	require.EqualValues(t, 1024, p.OutputCols)
}

func TestStatementsAreRefusedByField(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*statement.Statement)
		reason string
	}{
		"no chain":       {func(s *statement.Statement) { s.ChainID = "" }, "chain id has 0 bytes, want 1..50"},
		"long chain":     {func(s *statement.Statement) { s.ChainID = strings.Repeat("a", 51) }, "chain id has 51 bytes"},
		"no worker":      {func(s *statement.Statement) { s.Worker = nil }, "worker has 0 bytes, want 1..255"},
		"long worker":    {func(s *statement.Statement) { s.Worker = make([]byte, 256) }, "worker has 256 bytes"},
		"k 0":            {func(s *statement.Statement) { s.K = 0 }, "k 0 not in 1..4096"},
		"k too large":    {func(s *statement.Statement) { s.K = 4097 }, "k 4097 not in 1..4096"},
		"row":            {func(s *statement.Statement) { s.Row = 8192 }, "row 8192 not below 8192"},
		"col":            {func(s *statement.Statement) { s.Col = 128 }, "col 128 not below output cols 128"},
		"no output cols": {func(s *statement.Statement) { s.OutputCols = 0 }, "cols 0 not in 1..8192"},
		"activation":     {func(s *statement.Statement) { s.Activation = 3 }, "activation 3"},
		"no type":        {func(s *statement.Statement) { s.OutputType = 0 }, "output"},
		"shift 0":        {func(s *statement.Statement) { s.Shift = 0 }, "shift 0 not in 1..48"},
		"shift 49":       {func(s *statement.Statement) { s.Shift = 49 }, "shift 49 not in 1..48"},
		"int32 shift":    {func(s *statement.Statement) { s.OutputType = program.DATA_TYPE_INT32 }, "shift 24, must be 0 for int32 output"},
		"wide int32": {func(s *statement.Statement) {
			s.OutputType, s.Shift, s.OutputCols = program.DATA_TYPE_INT32, 0, 1681
		}, "cols 1681 is no multiple of 2"},
		"root x": {func(s *statement.Statement) { s.RootX[0] = 0xff }, "root x"},
		"root w": {func(s *statement.Statement) { s.RootW[0] = 0xff }, "root w"},
		"root y": {func(s *statement.Statement) { s.RootY[0] = 0xff }, "root y"},
	} {
		t.Run(name, func(t *testing.T) {
			s := valid()
			c.change(s)
			_, err := s.Digest()
			require.ErrorIs(t, err, statement.ErrStatement)
			require.ErrorContains(t, err, c.reason)
		})
	}
}

func TestClassForIsTheSmallestThatCovers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.Uint32Range(1, 4096).Draw(t, "k")
		class, err := statement.ClassFor(k)
		require.NoError(t, err)
		require.GreaterOrEqual(t, class, k)
		for _, other := range statement.Classes() {
			require.False(t, other >= k && other < class)
		}
	})
	require.Equal(t, "opening-256", statement.CircuitID(statement.ClassSmall))
	require.Equal(t, "opening-1024", statement.CircuitID(statement.ClassLarge))
}

// TestLayoutIsThatOfTheClass checks what lets one circuit serve all widths of its class.
func TestLayoutIsThatOfTheClass(t *testing.T) {
	for k := uint32(1); k <= statement.ClassMax; k++ {
		class, err := statement.ClassFor(k)
		require.NoError(t, err)
		shape := func(cols uint32) tensor.Shape {
			return tensor.Shape{Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: 1, Cols: cols}
		}
		require.Equal(t, tensor.LayoutOf(shape(class)).Chunks, tensor.LayoutOf(shape(k)).Chunks)
	}
}

// TestDigestsAreCanonicalAndDistinct draws pairs of statements that differ somewhere.
func TestDigestsAreCanonicalAndDistinct(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, other := valid(), valid()
		s.JobID = rapid.Uint64().Draw(t, "job")
		s.Row = rapid.Uint32Range(0, 8191).Draw(t, "row")
		s.Col = rapid.Uint32Range(0, 127).Draw(t, "col")
		s.Index = rapid.Uint32().Draw(t, "index")
		a, err := s.Digest()
		require.NoError(t, err)
		var e fr.Element
		require.NoError(t, e.SetBytesCanonical(a[:]))
		b, err := other.Digest()
		require.NoError(t, err)
		same := s.JobID == other.JobID && s.Row == other.Row && s.Col == other.Col && s.Index == other.Index
		require.Equal(t, same, a == b)
	})
}

// BenchmarkDigest is what the chain spends on a statement besides verification.
func BenchmarkDigest(b *testing.B) {
	s := valid()
	for b.Loop() {
		_, err := s.Digest()
		require.NoError(b, err)
	}
}
