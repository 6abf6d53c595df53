package npy

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The files in testdata were written by NumPy 1.24.2 (numpy.save; format.write_array for versions 2 and 3).

func TestReadsAndRewritesNumPyFiles(t *testing.T) {
	for name, shape := range map[string][]int{
		"int8": {2, 3}, "uint8": {4}, "int32": {2, 3, 4}, "int64": {}, "float32": {2, 2}, "float64": {0, 5},
	} {
		path := filepath.Join("testdata", name+".npy")
		array, err := ReadFile(path, 1<<10)
		require.NoError(t, err, name)
		require.Equal(t, shape, array.Shape, name)
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		got, err := array.Encode()
		require.NoError(t, err)
		require.Equal(t, want, got, "%s: not the bytes NumPy writes", name)
	}
}

func TestValuesOfNumPyFiles(t *testing.T) {
	require.Equal(t, []int8{-128, -1, 0, 1, 2, 127}, mustValues[int8](t, "int8"))
	require.Equal(t, []int8{-128, -1, 0, 1, 2, 127}, mustValues[int8](t, "version2"))
	require.Equal(t, []int8{-128, -1, 0, 1, 2, 127}, mustValues[int8](t, "version3"))
	require.Equal(t, []uint8{0, 127, 128, 255}, mustValues[uint8](t, "uint8"))
	require.Equal(t, []int64{math.MinInt64}, mustValues[int64](t, "int64"))
	require.Empty(t, mustValues[float64](t, "float64"))
	for i, v := range mustValues[int32](t, "int32") {
		require.Equal(t, int32(i)*-89478485, v)
	}
	_, err := Values[int32](mustRead(t, "int8"))
	require.ErrorIs(t, err, ErrUnsupported)
}

func TestRefusedNumPyFiles(t *testing.T) {
	for name, advice := range map[string]string{
		"fortran": "numpy.ascontiguousarray", "big_endian": "a.astype('<f4')", "object": "object arrays",
		"structured": "structured arrays", "half": "supported are int8",
	} {
		_, err := ReadFile(filepath.Join("testdata", "refused_"+name+".npy"), 1<<10)
		require.ErrorIs(t, err, ErrUnsupported, name)
		require.ErrorContains(t, err, advice, name)
	}
}

func TestCheckFinite(t *testing.T) {
	err := mustRead(t, "float32").CheckFinite()
	var bad *NonFiniteError
	require.ErrorAs(t, err, &bad)
	require.Equal(t, []int{1, 0}, bad.Index)
	require.ErrorContains(t, err, "[1 0] is +Inf")

	values := make([]float64, 60)
	values[59] = math.NaN()
	array, err := New([]int{3, 4, 5}, values)
	require.NoError(t, err)
	require.ErrorContains(t, array.CheckFinite(), "[2 3 4] is NaN")
	values[59] = math.MaxFloat64
	array, err = New([]int{3, 4, 5}, values)
	require.NoError(t, err)
	require.NoError(t, array.CheckFinite())
	require.NoError(t, mustRead(t, "int8").CheckFinite())
}

func TestEveryTruncationAndExtensionIsRefused(t *testing.T) {
	file, err := os.ReadFile(filepath.Join("testdata", "int32.npy"))
	require.NoError(t, err)
	for n := range file {
		_, err := Decode(file[:n])
		require.ErrorIs(t, err, ErrMalformed, "%d bytes", n)
	}
	_, err = Decode(append(bytes.Clone(file), 0))
	require.ErrorContains(t, err, "1 bytes after the end")
}

func TestHeaderErrorsNameTheField(t *testing.T) {
	for _, test := range []struct {
		name, dict, want string
		kind             error
	}{
		{"missing shape", "{'descr': '|i1', 'fortran_order': False}\n", `key "shape" is missing`, ErrMalformed},
		{"key twice", "{'descr': '|i1', 'descr': '|i1'}\n", `"descr" appears twice`, ErrMalformed},
		{"unknown key", "{'order': 'C'}\n", `unknown key "order"`, ErrMalformed},
		{"no newline", "{'descr': '|i1', 'fortran_order': False, 'shape': (1,)}", "newline", ErrMalformed},
		{"after the dictionary", "{'descr': '|i1', 'fortran_order': False, 'shape': (1,)} 7\n", "after the dictionary", ErrMalformed},
		{"order is a number", "{'descr': '|i1', 'fortran_order': 0, 'shape': (1,)}\n", "fortran_order", ErrMalformed},
		{"number for a tuple", "{'descr': '|i1', 'fortran_order': False, 'shape': (1)}\n", "expected (n,)", ErrMalformed},
		{"negative dimension", "{'descr': '|i1', 'fortran_order': False, 'shape': (-1,)}\n", "shape", ErrMalformed},
		{"leading zero", "{'descr': '|i1', 'fortran_order': False, 'shape': (01,)}\n", "shape", ErrMalformed},
		{"dimension overflows", "{'descr': '|i1', 'fortran_order': False, 'shape': (9223372036854775808,)}\n", "overflows", ErrTooLarge},
		{"product overflows", "{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296)}\n", "overflows", ErrTooLarge},
		{"33 dimensions", "{'descr': '|i1', 'fortran_order': False, 'shape': (" + strings.Repeat("1, ", 33) + ")}\n", "32 dimensions", ErrUnsupported},
		{"escape", "{'descr': '|\\x69', 'fortran_order': False, 'shape': (1,)}\n", "escape", ErrMalformed},
		{"open string", "{'descr: }\n", "does not end", ErrMalformed},
		{"not UTF-8", "{'\xff': 1}\n", "UTF-8", ErrMalformed},
		{"more data declared", "{'descr': '|i1', 'fortran_order': False, 'shape': (1099511627776,)}\n", "needs 1099511627776 bytes, there are 1", ErrMalformed},
		{"complex", "{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}\n", `descr "<c8"`, ErrUnsupported},
	} {
		_, err := Decode(fileWith(test.dict, 1))
		require.ErrorIs(t, err, test.kind, test.name)
		require.ErrorContains(t, err, test.want, test.name)
	}
}

func TestLimits(t *testing.T) {
	file := fileWith("{'descr': '|i1', 'fortran_order': False, 'shape': (1,)}\n", 1)
	_, err := Read(bytes.NewReader(file), int64(len(file)))
	require.NoError(t, err)
	_, err = Read(bytes.NewReader(file), int64(len(file))-1)
	require.ErrorIs(t, err, ErrTooLarge)
	_, err = Read(bytes.NewReader(file), -1)
	require.ErrorIs(t, err, ErrTooLarge)

	huge := append([]byte(magic), 2, 0, 0, 0, 1, 0)
	_, err = Decode(append(huge, make([]byte, 1<<16)...))
	require.ErrorContains(t, err, "header length 65536, at most 65535")
	_, err = Decode(append([]byte(magic), 4, 0))
	require.ErrorContains(t, err, "version 4.0")
}

func TestNewRefusesWrongShapes(t *testing.T) {
	_, err := New([]int{2, 2}, []int8{1, 2, 3})
	require.ErrorIs(t, err, ErrMalformed)
	_, err = New([]int{-1, -1}, []int8{1})
	require.ErrorIs(t, err, ErrMalformed)
	_, err = (&Array{DType: Int32, Shape: []int{1}, Data: []byte{1}}).Encode()
	require.ErrorIs(t, err, ErrMalformed)
	_, err = (&Array{DType: "<f2", Shape: []int{1}, Data: []byte{1, 2}}).Encode()
	require.ErrorIs(t, err, ErrUnsupported)
}

func TestWriteFileReplacesWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npy")
	for _, values := range [][]int32{{1, 2, 3, 4}, {5, 6}} {
		array, err := New([]int{len(values)}, values)
		require.NoError(t, err)
		require.NoError(t, WriteFile(path, array))
		back, err := ReadFile(path, 1<<10)
		require.NoError(t, err)
		got, err := Values[int32](back)
		require.NoError(t, err)
		require.Equal(t, values, got)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 1, "a temporary file was left behind")
	array, err := New([]int{}, []int8{1})
	require.NoError(t, err)
	require.Error(t, WriteFile(filepath.Join(path, "below"), array))
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := rapid.SliceOfN(rapid.IntRange(0, 5), 0, 4).Draw(t, "shape")
		size := 1
		for _, dim := range shape {
			size *= dim
		}
		values := rapid.SliceOfN(rapid.Float32(), size, size).Draw(t, "values")
		array, err := New(shape, values)
		require.NoError(t, err)
		file, err := array.Encode()
		require.NoError(t, err)
		require.Zero(t, (len(file)-len(array.Data))%alignment)
		back, err := Decode(file)
		require.NoError(t, err)
		require.Equal(t, array.Shape, back.Shape)
		got, err := Values[float32](back)
		require.NoError(t, err)
		require.Equal(t, values, got)
	})
}

// FuzzDecode looks for panics and for files that decode to something that does not encode back to the same array.
func FuzzDecode(f *testing.F) {
	paths, err := filepath.Glob(filepath.Join("testdata", "*.npy"))
	require.NoError(f, err)
	require.NotEmpty(f, paths)
	for _, path := range paths {
		file, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		array, err := Decode(file)
		if err != nil {
			if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrUnsupported) && !errors.Is(err, ErrTooLarge) {
				t.Fatalf("unclassified error: %v", err)
			}
			return
		}
		_ = array.CheckFinite() // Looks at every value: only a panic would be a finding.
		again, err := array.Encode()
		require.NoError(t, err)
		back, err := Decode(again)
		require.NoError(t, err)
		require.Equal(t, array, back)
	})
}

func mustRead(t *testing.T, name string) *Array {
	t.Helper()
	array, err := ReadFile(filepath.Join("testdata", name+".npy"), 1<<10)
	require.NoError(t, err)
	return array
}

func mustValues[T Number](t *testing.T, name string) []T {
	t.Helper()
	values, err := Values[T](mustRead(t, name))
	require.NoError(t, err)
	return values
}

// fileWith makes a version 1 file of a dictionary and n zero bytes of data.
func fileWith(dict string, n int) []byte {
	file := append([]byte(magic), 1, 0)
	file = binary.LittleEndian.AppendUint16(file, uint16(len(dict)))
	return append(append(file, dict...), make([]byte, n)...)
}
