package program_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/proofs/program"
)

func modelRoots(p program.Program) [][]byte {
	roots := make([][]byte, len(p.Inputs))
	for i := range roots {
		roots[i] = make([]byte, program.RootSize)
		roots[i][31] = byte(i + 1)
	}
	return roots
}

func TestModelOfAProgram(t *testing.T) {
	p := mlp()
	m, err := program.ModelOf(p, modelRoots(p))
	require.NoError(t, err)
	require.Equal(t, []program.Layer{
		{WeightRoot: modelRoots(p)[1], Rows: 128, Cols: 256, Shift: 24, Activation: program.ACTIVATION_RELU, OutputType: program.DATA_TYPE_INT8},
		{WeightRoot: modelRoots(p)[2], Rows: 10, Cols: 128, Activation: program.ACTIVATION_IDENTITY, OutputType: program.DATA_TYPE_INT32},
	}, m.Layers)
	require.EqualValues(t, 256, m.Inputs())
	require.EqualValues(t, 10, m.Outputs())
	hash, err := m.Hash()
	require.NoError(t, err)
	// A change makes every registered model void.
	require.Equal(t, "5ed66d0a70d3efb435067c1282e3dacf3717f5f37738fc24e6676c0cbded6b79", hex.EncodeToString(hash[:]))
}

// TestModelIsWhatTheWeightsAndStepsSay: names, the order of the inputs, the number of rows and X's root are not part of a model;
// everything else is.
func TestModelIsWhatTheWeightsAndStepsSay(t *testing.T) {
	hash := func(p program.Program, roots [][]byte) [sha256.Size]byte {
		m, err := program.ModelOf(p, roots)
		require.NoError(t, err)
		h, err := m.Hash()
		require.NoError(t, err)
		return h
	}
	want := hash(mlp(), modelRoots(mlp()))
	same := mlp()
	same.Inputs[0].Rows, same.Inputs[0].Name, same.Steps[0].Input = 3, "z", "z"
	slices.Reverse(same.Inputs)
	roots := modelRoots(mlp())
	roots[0][0] = 9
	slices.Reverse(roots)
	require.Equal(t, want, hash(same, roots))

	for name, change := range map[string]func(p *program.Program, roots [][]byte){
		"weights":    func(_ *program.Program, roots [][]byte) { roots[1][0]++ },
		"swapped":    func(_ *program.Program, roots [][]byte) { roots[1], roots[2] = roots[2], roots[1] },
		"shift":      func(p *program.Program, _ [][]byte) { p.Steps[0].Shift++ },
		"activation": func(p *program.Program, _ [][]byte) { p.Steps[0].Activation = program.ACTIVATION_IDENTITY },
		"type": func(p *program.Program, _ [][]byte) {
			p.Steps[1].OutputType, p.Steps[1].Shift = program.DATA_TYPE_INT8, 1
		},
		"wider":   func(p *program.Program, _ [][]byte) { p.Inputs[0].Cols, p.Inputs[1].Cols = 257, 257 },
		"shorter": func(p *program.Program, _ [][]byte) { p.Inputs, p.Steps = p.Inputs[:2], p.Steps[:1] },
	} {
		p, roots := mlp(), modelRoots(mlp())
		change(&p, roots)
		require.NotEqual(t, want, hash(p, roots[:len(p.Inputs)]), name)
	}
}

func TestProgramsThatAreNoModel(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(p *program.Program) [][]byte
		says  string
	}{
		"invalid": {func(p *program.Program) [][]byte { p.Version = 2; return modelRoots(*p) }, "version"},
		"roots":   {func(p *program.Program) [][]byte { return modelRoots(*p)[1:] }, "2 roots"},
		"root":    {func(p *program.Program) [][]byte { r := modelRoots(*p); r[2] = r[2][1:]; return r }, "layers[1].weight_root has 31"},
		"fork": {func(p *program.Program) [][]byte {
			p.Inputs = append(p.Inputs, p.Inputs[1])
			p.Inputs[3].Name = "w3"
			p.Steps = append(p.Steps, program.DenseStep{
				Input: "images", Weight: "w3", Output: "more", Shift: 3, Activation: program.ACTIVATION_RELU, OutputType: program.DATA_TYPE_INT8,
			})
			return modelRoots(*p)
		}, "steps[2].input"},
		"large": {func(p *program.Program) [][]byte {
			p.Inputs[1].Rows, p.Inputs[2].Cols = 4096, 1024
			return modelRoots(*p)
		}, ""},
	} {
		p := mlp()
		roots := c.spoil(&p)
		_, err := program.ModelOf(p, roots)
		require.Error(t, err, name)
		require.ErrorContains(t, err, c.says, name)
	}
	m := program.Model{Layers: []program.Layer{
		{WeightRoot: make([]byte, 32), Rows: 1025, Cols: 1024, Shift: 1, Activation: program.ACTIVATION_RELU, OutputType: program.DATA_TYPE_INT8},
	}}
	require.ErrorContains(t, m.Validate(), "weights")
	m.Layers[0].Rows, m.Layers[0].Cols = 4097, 1
	require.ErrorContains(t, m.Validate(), "layers[0].rows is 4097, must be 1 to 4096")
	m.Layers[0].Rows, m.Layers[0].OutputType, m.Layers[0].Shift = 1682, program.DATA_TYPE_INT32, 0
	require.ErrorContains(t, m.Validate(), "layers[0].rows is 1682, must be at most 1680 for int32 output")
	m.Layers[0].Rows, m.Layers[0].OutputType, m.Layers[0].Shift = 4096, program.DATA_TYPE_INT8, 1
	m.Layers = append(m.Layers, m.Layers[0])
	require.ErrorContains(t, m.Validate(), "layers[1].cols is 1, must be the 4096 rows")
	require.Error(t, program.Model{}.Validate())
	_, err := program.Model{}.Hash()
	require.ErrorIs(t, err, program.ErrInvalid)
}

// TestEveryChainIsAModel draws programs, which are chains: those within the limits are models.
func TestEveryChainIsAModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProgram(t)
		m, err := program.ModelOf(p, modelRoots(p))
		if err != nil {
			require.ErrorContains(t, err, "must have at most")
			return
		}
		require.Len(t, m.Layers, len(p.Steps))
		require.NoError(t, m.Validate())
		encoded, err := m.Encode()
		require.NoError(t, err)
		again, err := program.DecodeModel(encoded)
		require.NoError(t, err)
		require.Equal(t, m, again)
		for _, bad := range [][]byte{append(slices.Clone(encoded), 0x10, 0), encoded[:len(encoded)-1], make([]byte, program.MaxEncodedSize+1)} {
			_, err := program.DecodeModel(bad)
			require.Error(t, err)
		}
	})
}

func TestRowsAreDistinctAndDontDependOnTheirNumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := sha256.Sum256([]byte{rapid.Byte().Draw(t, "seed")})
		rows := rapid.Uint32Range(1, program.MaxDimension).Draw(t, "rows")
		count := rapid.Uint32Range(1, min(rows, 64)).Draw(t, "count")
		drawn, err := program.Rows(seed, rows, count)
		require.NoError(t, err)
		require.Len(t, drawn, int(count))
		again, err := program.Rows(seed, rows, min(rows, count+1))
		require.NoError(t, err)
		require.Equal(t, drawn, again[:count])
		sorted := slices.Clone(drawn)
		slices.Sort(sorted)
		require.Len(t, slices.Compact(sorted), int(count))
		require.Less(t, sorted[len(sorted)-1], rows)
	})
	all, err := program.Rows([32]byte{1}, 40, 40)
	require.NoError(t, err)
	slices.Sort(all)
	for i, row := range all {
		require.EqualValues(t, i, row, "all of them are drawn")
	}
	for _, bad := range [][2]uint32{{0, 1}, {5, 0}, {5, 6}, {program.MaxDimension + 1, 1}} {
		_, err := program.Rows([32]byte{}, bad[0], bad[1])
		require.ErrorIs(t, err, program.ErrArgument)
	}
}

// TestEveryRowIsDrawnEquallyOften counts over many seeds: each row at each place of the order, and each pair of first rows.
func TestEveryRowIsDrawnEquallyOften(t *testing.T) {
	const rows, count, seeds = 7, 3, 42_000
	var at [count][rows]float64
	pairs := map[[2]uint32]float64{}
	for i := range uint32(seeds) {
		drawn, err := program.Rows(sha256.Sum256(binary.BigEndian.AppendUint32(nil, i)), rows, count)
		require.NoError(t, err)
		for place, row := range drawn {
			at[place][row]++
		}
		pairs[[2]uint32{drawn[0], drawn[1]}]++
	}
	for place := range at {
		chi := 0.0
		for _, n := range at[place] {
			chi += (n - seeds/rows) * (n - seeds/rows) / (seeds / rows)
		}
		require.Less(t, chi, 27.9, "place %d: 6 degrees of freedom, 1 in 10,000", place)
	}
	require.Len(t, pairs, rows*(rows-1))
	chi, want := 0.0, float64(seeds)/(rows*(rows-1))
	for _, n := range pairs {
		chi += (n - want) * (n - want) / want
	}
	require.Less(t, chi, 81.0, "41 degrees of freedom, 1 in 5,000")
}

func TestGoldenRows(t *testing.T) {
	rows, err := program.Rows(sha256.Sum256([]byte("assay")), 64, 5)
	require.NoError(t, err)
	require.Equal(t, []uint32{18, 59, 14, 56, 2}, rows)
	positions, err := program.RowPositions(sha256.Sum256([]byte("assay")), mlp(), 5)
	require.NoError(t, err)
	for i, p := range positions {
		require.Equal(t, program.Position{Step: 1, Row: rows[i]}, p)
	}
	_, err = program.RowPositions([32]byte{}, program.Program{}, 1)
	require.ErrorIs(t, err, program.ErrInvalid)
}
