package program_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/proofs/program"
)

func TestValidateAcceptsWhatTheGeneratorDraws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProgram(t)
		shapes, err := p.Shapes()
		if err != nil {
			t.Fatal(err)
		}
		var work uint64
		for i, s := range shapes {
			work += uint64(s.M) * uint64(s.N) * uint64(s.K)
			if s.Output.Rows != p.Inputs[0].Rows || s.Output.Cols != p.Inputs[s.Weight].Rows || s.K != p.Inputs[s.Weight].Cols {
				t.Fatalf("step %d: shape %+v", i, s)
			}
			if want := (program.Ref{Step: i > 0, Index: max(i-1, 0)}); s.Input != want {
				t.Fatalf("step %d reads %+v, want %+v", i, s.Input, want)
			}
		}
		if p.Work() != work {
			t.Fatalf("work %d, want %d", p.Work(), work)
		}
	})
}

func TestValidateNamesFieldAndLimit(t *testing.T) {
	long := strings.Repeat("a", program.MaxNameLength+1)
	for name, tc := range map[string]struct {
		breakIt func(*program.Program)
		want    string
	}{
		"version":            {func(p *program.Program) { p.Version = 2 }, "version is 2, must be 1"},
		"one input":          {func(p *program.Program) { p.Inputs = p.Inputs[:1] }, "inputs has 1 tensors, must have 2 to 32"},
		"33 inputs":          {func(p *program.Program) { p.Inputs = make([]program.Tensor, 33) }, "inputs has 33 tensors, must have 2 to 32"},
		"no step":            {func(p *program.Program) { p.Steps = nil }, "steps has 0 steps, must have 1 to 16"},
		"17 steps":           {func(p *program.Program) { p.Steps = make([]program.DenseStep, 17) }, "steps has 17 steps, must have 1 to 16"},
		"empty name":         {func(p *program.Program) { p.Inputs[0].Name = "" }, "inputs[0].name has 0 bytes, must have 1 to 32"},
		"long name":          {func(p *program.Program) { p.Inputs[0].Name = long }, "inputs[0].name has 33 bytes, must have 1 to 32"},
		"upper case":         {func(p *program.Program) { p.Inputs[0].Name = "Images" }, `inputs[0].name is "Images", may hold only a-z, 0-9 and _`},
		"not UTF-8":          {func(p *program.Program) { p.Inputs[0].Name = "\xff" }, `inputs[0].name is "\xff", may hold only`},
		"duplicate input":    {func(p *program.Program) { p.Inputs[2].Name = "w1" }, `inputs[2].name is "w1", which an earlier tensor has`},
		"duplicate output":   {func(p *program.Program) { p.Steps[1].Output = "images" }, `steps[1].output is "images", which an earlier tensor has`},
		"no kind":            {func(p *program.Program) { p.Inputs[0].Kind = 0 }, "inputs[0].kind is 0, must be plain (1) or weight (2)"},
		"unknown kind":       {func(p *program.Program) { p.Inputs[0].Kind = -1 }, "inputs[0].kind is -1"},
		"int32 input":        {func(p *program.Program) { p.Inputs[0].Type = program.DATA_TYPE_INT32 }, "inputs[0].type is 2, must be int8 (1)"},
		"no rows":            {func(p *program.Program) { p.Inputs[0].Rows = 0 }, "inputs[0].rows is 0, must be 1 to 8192"},
		"8193 rows":          {func(p *program.Program) { p.Inputs[0].Rows = 8193 }, "inputs[0].rows is 8193, must be 1 to 8192"},
		"no columns":         {func(p *program.Program) { p.Inputs[0].Cols = 0 }, "inputs[0].cols is 0, must be 1 to 8192"},
		"8193 columns":       {func(p *program.Program) { p.Inputs[0].Cols = 8193 }, "inputs[0].cols is 8193, must be 1 to 8192"},
		"unknown input":      {func(p *program.Program) { p.Steps[0].Input = "pictures" }, `steps[0].input is "pictures", must be an input or the output of an earlier step`},
		"later output":       {func(p *program.Program) { p.Steps[0].Input = "logits" }, `steps[0].input is "logits", must be an input or the output of an earlier step`},
		"own output":         {func(p *program.Program) { p.Steps[0].Input = "hidden" }, `steps[0].input is "hidden", must be an input`},
		"long reference":     {func(p *program.Program) { p.Steps[0].Weight = long }, "steps[0].weight has 33 bytes, must have at most 32"},
		"weight as input":    {func(p *program.Program) { p.Steps[0].Input = "w1" }, `steps[0].input is "w1" of kind 2, must be of kind 1`},
		"plain as weight":    {func(p *program.Program) { p.Steps[1].Weight = "hidden" }, `steps[1].weight is "hidden" of kind 1, must be of kind 2`},
		"shapes":             {func(p *program.Program) { p.Inputs[2].Cols = 127 }, `steps[1].weight "w2" has 127 columns, must have the 128 of the input "hidden"`},
		"inner dimension":    {func(p *program.Program) { p.Inputs[0].Cols, p.Inputs[1].Cols = 8193, 8193 }, `inputs[0].cols is 8193, must be 1 to 8192`},
		"no output type":     {func(p *program.Program) { p.Steps[0].OutputType = 0 }, "steps[0].output_type is 0, must be int8 (1) or int32 (2)"},
		"int32 read":         {func(p *program.Program) { p.Steps[0].OutputType, p.Steps[0].Shift = 2, 0 }, `steps[1].input is "hidden" of type int32, which no step may read`},
		"shift 0":            {func(p *program.Program) { p.Steps[0].Shift = 0 }, "steps[0].shift is 0, must be 1 to 48 for int8 output"},
		"shift 49":           {func(p *program.Program) { p.Steps[0].Shift = 49 }, "steps[0].shift is 49, must be 1 to 48 for int8 output"},
		"int32 shift":        {func(p *program.Program) { p.Steps[1].Shift = 1 }, "steps[1].shift is 1, must be 0 for int32 output"},
		"no activation":      {func(p *program.Program) { p.Steps[0].Activation = 0 }, "steps[0].activation is 0, must be identity (1) or relu (2)"},
		"unknown activation": {func(p *program.Program) { p.Steps[0].Activation = 3 }, "steps[0].activation is 3"},
		"unread input": {func(p *program.Program) {
			p.Inputs = append(p.Inputs, program.Tensor{Name: "spare", Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: 1, Cols: 1})
		}, `inputs[3] "spare" is read by no step; remove it`},
	} {
		t.Run(name, func(t *testing.T) {
			p := mlp()
			require.NoError(t, p.Validate())
			tc.breakIt(&p)
			err := p.Validate()
			require.ErrorIs(t, err, program.ErrInvalid)
			require.ErrorContains(t, err, tc.want)
			require.Zero(t, p.Work())
			_, err = p.Encode()
			require.ErrorIs(t, err, program.ErrInvalid)
			_, err = p.Hash()
			require.ErrorIs(t, err, program.ErrInvalid)
			_, err = p.Result()
			require.ErrorIs(t, err, program.ErrInvalid)
			_, err = program.Positions([32]byte{}, p, 1)
			require.ErrorIs(t, err, program.ErrInvalid)
		})
	}
}

// widest is a program of steps of 4096·4096·4096 = 2^36 multiply-accumulates each over the same tensors.
func widest(steps int) program.Program {
	p := program.Program{Version: program.Version, Inputs: []program.Tensor{
		{Name: "x", Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: 4096, Cols: 4096},
		{Name: "w", Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: 4096, Cols: 4096},
	}}
	for i := range steps {
		p.Steps = append(p.Steps, program.DenseStep{
			Input: "x", Weight: "w", Output: fmt.Sprintf("y%d", i), Shift: 1, Activation: program.ACTIVATION_IDENTITY, OutputType: program.DATA_TYPE_INT8,
		})
	}
	return p
}

// The limits on rows, columns, the inner dimension and steps keep every program that trees hold below the limit of the work; larger
// ones may reach it.
func TestLargestWorkIsWithinTheLimit(t *testing.T) {
	p := widest(program.MaxSteps)
	require.NoError(t, p.CheckTrees())
	require.Equal(t, uint64(1)<<40, p.Work())
	require.LessOrEqual(t, p.Work(), uint64(program.MaxWork))
	for i := range p.Inputs {
		p.Inputs[i].Rows, p.Inputs[i].Cols = program.MaxDimension, program.MaxDimension
	}
	require.ErrorContains(t, p.Validate(), "steps[2] brings the work to 1649267441664 multiply-accumulates, must be at most 1099511627776")
	p.Steps = p.Steps[:2]
	require.NoError(t, p.Validate())
}

// What no tree holds is refused to the levels that need one, by field.
func TestTreesHoldLess(t *testing.T) {
	require.NoError(t, mlp().CheckTrees())
	for want, change := range map[string]func(p *program.Program){
		"inputs[0].cols is 4097, must be at most 4096": func(p *program.Program) { p.Inputs[0].Cols, p.Inputs[1].Cols = 4097, 4097 },
		"inputs[2].cols is 8192, must be at most 4096": func(p *program.Program) { p.Inputs[1].Rows, p.Inputs[2].Cols = 8192, 8192 },
		"steps[1].output has 1681 columns, which a commitment tree holds in 2 equal parts: it must have a multiple of 2": func(p *program.Program) {
			p.Inputs[2].Rows = 1681
		},
		"steps[1].output has 8190 columns, which a commitment tree holds in 8 equal parts": func(p *program.Program) { p.Inputs[2].Rows = 8190 },
		"steps[0].output has 4097 columns, which a commitment tree holds in 2 equal parts": func(p *program.Program) {
			p.Inputs, p.Steps, p.Inputs[1].Rows = p.Inputs[:2], p.Steps[:1], 4097
		},
	} {
		p := mlp()
		change(&p)
		require.NoError(t, p.Validate(), want)
		require.ErrorIs(t, p.CheckTrees(), program.ErrInvalid)
		require.ErrorContains(t, p.CheckTrees(), want)
	}
	require.ErrorIs(t, program.Program{}.CheckTrees(), program.ErrInvalid)
}

// TestTreesHoldThousandsOfRows: the largest tensors there are but for the columns of what is read.
func TestTreesHoldThousandsOfRows(t *testing.T) {
	p := mlp()
	p.Inputs[0].Rows, p.Inputs[0].Cols, p.Inputs[1].Cols = 8192, 4096, 4096
	for _, n := range []uint32{1, 1680, 1682, 3360, 3364, 6720, 6728, 8192} {
		p.Inputs[2].Rows = n
		require.NoError(t, p.CheckTrees(), n)
		require.LessOrEqual(t, 8192*program.Folds(program.DATA_TYPE_INT32, n), uint32(program.MaxLeaves))
	}
	p.Inputs[0].Rows++
	require.ErrorContains(t, p.CheckTrees(), "inputs[0].rows is 8193, must be 1 to 8192")
}

// TestFoldsAreTheFewestThatFit checks the number of parts of every row that a tensor may have.
func TestFoldsAreTheFewestThatFit(t *testing.T) {
	for values, widest := range map[program.DataType]uint32{program.DATA_TYPE_INT8: program.MaxCols, program.DATA_TYPE_INT32: program.MaxCols32} {
		for cols := uint32(1); cols <= program.MaxDimension; cols++ {
			folds := program.Folds(values, cols)
			require.GreaterOrEqual(t, folds*widest, cols)
			require.True(t, folds == 1 || folds/2*widest < cols)
			require.Zero(t, folds&(folds-1))
			require.LessOrEqual(t, folds, uint32(8))
		}
	}
	require.EqualValues(t, 1<<22, program.Folds(program.DATA_TYPE_INT32, 1<<32-1), "it ends for every number")
}

func TestLimitsKeepArithmeticExact(t *testing.T) {
	require.Less(t, int64(program.MaxDimension)*128*128+program.MaxBias, int64(1)<<31)
	require.LessOrEqual(t, program.MaxCols, 15*16*31)
	require.Equal(t, 1680, program.MaxCols32)
	require.EqualValues(t, program.MaxLeaves, program.MaxDimension*program.Folds(program.DATA_TYPE_INT32, program.MaxDimension))
}

func TestBlobSize(t *testing.T) {
	p := mlp()
	require.Equal(t, uint64(64*256), p.Inputs[0].BlobSize())
	require.Equal(t, uint64(128*256+8*128), p.Inputs[1].BlobSize())
	result, err := p.Result()
	require.NoError(t, err)
	require.Equal(t, uint64(4*64*10), result.BlobSize())
	require.Zero(t, program.Tensor{Rows: 1, Cols: 1}.BlobSize())
	require.Zero(t, program.Tensor{Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT32, Rows: 1, Cols: 1}.BlobSize())
}
