package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// reference is a file as the format's own implementation writes it: one tensor, the header padded to 64 bytes.
func reference() []byte {
	return append([]byte("@\x00\x00\x00\x00\x00\x00\x00"+`{"test":{"dtype":"I32","shape":[2,2],"data_offsets":[0,16]}}    `), make([]byte, 16)...)
}

func TestReferenceFile(t *testing.T) {
	file, err := Decode(reference())
	require.NoError(t, err)
	require.Equal(t, []string{"test"}, file.Names())
	values, err := Values[int32](file.Tensors["test"])
	require.NoError(t, err)
	require.Equal(t, []int32{0, 0, 0, 0}, values)
	again, err := file.Encode()
	require.NoError(t, err)
	require.Equal(t, reference(), again)
}

func TestOrderOfTheHeaderIsFree(t *testing.T) {
	file, err := Decode(fileWith(`{
		"b": {"data_offsets": [4, 6], "shape": [2], "dtype": "I8"},
		"empty": {"dtype": "F64", "shape": [0, 3], "data_offsets": [4, 4]},
		"__metadata__": {"format": "pt", "quote\"": "\u00e9"},
		"a": {"dtype": "F32", "shape": [], "data_offsets": [0, 4]}}`, []byte{0, 0, 128, 63, 1, 255}))
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b", "empty"}, file.Names())
	require.Equal(t, map[string]string{"format": "pt", `quote"`: "é"}, file.Metadata)
	a, err := Values[float32](file.Tensors["a"])
	require.NoError(t, err)
	require.Equal(t, []float32{1}, a)
	b, err := Values[int8](file.Tensors["b"])
	require.NoError(t, err)
	require.Equal(t, []int8{1, -1}, b)
	_, err = Values[uint8](file.Tensors["b"])
	require.ErrorContains(t, err, "holds I8, not U8")
}

func TestEveryTruncationAndExtensionIsRefused(t *testing.T) {
	file := reference()
	for n := range file {
		_, err := Decode(file[:n])
		require.ErrorIs(t, err, ErrMalformed, "%d bytes", n)
	}
	_, err := Decode(append(file, 0))
	require.ErrorContains(t, err, "1 bytes after the last tensor")
}

func TestRefusedHeaders(t *testing.T) {
	const two = `{"a":{"dtype":"I8","shape":[2],"data_offsets":[%s]},"b":{"dtype":"I8","shape":[2],"data_offsets":[%s]}}`
	one := func(field, value string) string {
		fields := map[string]string{"dtype": `"I8"`, "shape": "[4]", "data_offsets": "[0,4]", field: value}
		return fmt.Sprintf(`{"a":{"dtype":%s,"shape":%s,"data_offsets":%s}}`, fields["dtype"], fields["shape"], fields["data_offsets"])
	}
	_, err := Decode(fileWith(fmt.Sprintf(two, "0,2", "2,4")+"  ", []byte{1, 2, 3, 4}))
	require.NoError(t, err, "the valid neighbour of what follows")
	for _, test := range []struct{ name, header, want string }{
		{"gap", fmt.Sprintf(two, "0,2", "3,5"), "leave a gap after 2"},
		{"gap at the start", fmt.Sprintf(two, "2,4", "4,6"), "leave a gap after 0"},
		{"overlap", fmt.Sprintf(two, "0,2", "1,3"), "overlap"},
		{"same place", fmt.Sprintf(two, "0,2", "0,2"), "overlap"},
		{"past the end", `{"a":{"dtype":"I8","shape":[5],"data_offsets":[0,5]}}`, "truncated"},
		{"shorter than the buffer", `{"a":{"dtype":"I8","shape":[3],"data_offsets":[0,3]}}`, "1 bytes after"},
		{"no tensors, some data", `{}`, "4 bytes after"},
		{"name twice", `{"a":{"dtype":"I8","shape":[4],"data_offsets":[0,4]},"\u0061":{"dtype":"I8","shape":[0],"data_offsets":[4,4]}}`, `"a" appears twice`},
		{"field twice", `{"a":{"dtype":"I8","dtype":"I8","shape":[4],"data_offsets":[0,4]}}`, `"dtype" appears twice`},
		{"metadata twice", `{"__metadata__":{},"__metadata__":{}}`, "appears twice"},
		{"metadata is a number", `{"__metadata__":{"a":1}}`, "must be a string"},
		{"metadata is a list", `{"__metadata__":[]}`, "must be a JSON object"},
		{"missing field", `{"a":{"dtype":"I8","shape":[4]}}`, "needs dtype, shape and data_offsets"},
		{"unknown field", `{"a":{"dtype":"I8","shape":[4],"data_offsets":[0,4],"x":1}}`, `unknown field "x"`},
		{"capital field", `{"a":{"DType":"I8","shape":[4],"data_offsets":[0,4]}}`, `unknown field "DType"`},
		{"unknown dtype", one("dtype", `"I4"`), `unknown dtype "I4"`},
		{"dtype null", one("dtype", "null"), `unknown dtype ""`},
		{"dtype number", one("dtype", "8"), "dtype must be a string"},
		{"offsets reversed", one("data_offsets", "[4,0]"), "needs 4 bytes"},
		{"wrong length", one("data_offsets", "[0,3]"), "needs 4 bytes"},
		{"three offsets", one("data_offsets", "[0,4,4]"), "must be two numbers"},
		{"negative", one("shape", "[-4]"), "not a whole number"},
		{"fraction", one("shape", "[4.0]"), "not a whole number"},
		{"exponent", one("shape", "[4e0]"), "not a whole number"},
		{"quoted", one("shape", `["4"]`), "array of numbers"},
		{"null dimension", one("shape", "[null]"), "not a whole number"},
		{"null shape", one("shape", "null"), "array of numbers"},
		{"overflow", one("shape", "[9223372036854775807,3]"), "overflows"},
		{"beyond 64 bits", one("shape", "[18446744073709551616]"), "not a whole number"},
		{"nine dimensions", one("shape", "[1,1,1,1,1,1,1,1,4]"), "at most 8"},
		{"trailing text", one("shape", "[4]") + "x", "after the JSON object"},
		{"leading space", " " + one("shape", "[4]"), "does not start with {"},
		{"tensor is a list", `{"a":[]}`, "must be a JSON object"},
		{"not JSON", `{"a"`, ""},
		{"not UTF-8", "{\"\xff\":1}", "not UTF-8"},
		{"empty", "", "does not start with {"},
	} {
		_, err := Decode(fileWith(test.header, []byte{1, 2, 3, 4}))
		require.Error(t, err, test.name)
		require.True(t, errors.Is(err, ErrMalformed) || errors.Is(err, ErrTooLarge), "%s: %v", test.name, err)
		require.ErrorContains(t, err, test.want, test.name)
	}
}

func TestLimits(t *testing.T) {
	file := reference()
	_, err := Read(bytes.NewReader(file), int64(len(file)))
	require.NoError(t, err)
	_, err = Read(bytes.NewReader(file), int64(len(file))-1)
	require.ErrorIs(t, err, ErrTooLarge)

	_, err = Decode(binary.LittleEndian.AppendUint64(nil, MaxHeaderLength+1))
	require.ErrorContains(t, err, "header length 1048577, at most 1048576")
	_, err = Decode(binary.LittleEndian.AppendUint64(nil, math.MaxUint64))
	require.ErrorIs(t, err, ErrTooLarge)

	var many strings.Builder
	for i := range MaxTensors + 1 {
		fmt.Fprintf(&many, `,"%d":{"dtype":"I8","shape":[0],"data_offsets":[0,0]}`, i)
	}
	_, err = Decode(fileWith("{"+many.String()[1:]+"}", nil))
	require.ErrorContains(t, err, "more than 4096 tensors")
}

func TestEncodeRefusesWhatDecodeWould(t *testing.T) {
	good, err := New([]int{2}, []int8{1, 2})
	require.NoError(t, err)
	for name, file := range map[string]*File{
		"metadata's name": {Tensors: map[string]*Tensor{"__metadata__": good}},
		"not UTF-8":       {Tensors: map[string]*Tensor{"\xff": good}},
		"short data":      {Tensors: map[string]*Tensor{"a": {DType: I32, Shape: []int{1}, Data: []byte{1}}}},
		"unknown dtype":   {Tensors: map[string]*Tensor{"a": {DType: "I4", Shape: []int{1}, Data: []byte{1}}}},
		"metadata":        {Metadata: map[string]string{"a": "\xff"}},
		"long header":     {Metadata: map[string]string{"a": strings.Repeat("x", MaxHeaderLength)}},
	} {
		_, err := file.Encode()
		require.Error(t, err, name)
	}
	_, err = New([]int{3}, []int8{1, 2})
	require.ErrorIs(t, err, ErrMalformed)
}

func TestRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.safetensors")
	rapid.Check(t, func(t *rapid.T) {
		file := &File{Tensors: map[string]*Tensor{}}
		for range rapid.IntRange(0, 5).Draw(t, "tensors") {
			name := rapid.String().Draw(t, "name")
			if name == metadataKey {
				continue
			}
			rows, cols := rapid.IntRange(0, 4).Draw(t, "rows"), rapid.IntRange(0, 4).Draw(t, "cols")
			tensor, err := New([]int{rows, cols}, rapid.SliceOfN(rapid.Int32(), rows*cols, rows*cols).Draw(t, "values"))
			if rapid.Bool().Draw(t, "narrow") {
				tensor, err = New([]int{rows, cols}, rapid.SliceOfN(rapid.Int8(), rows*cols, rows*cols).Draw(t, "values"))
			}
			require.NoError(t, err)
			file.Tensors[name] = tensor
		}
		if metadata := rapid.MapOfN(rapid.String(), rapid.String(), 0, 3).Draw(t, "metadata"); len(metadata) > 0 {
			file.Metadata = metadata
		}
		require.NoError(t, WriteFile(path, file))
		back, err := ReadFile(path, 1<<20)
		require.NoError(t, err)
		require.Equal(t, file.Metadata, back.Metadata)
		require.Len(t, back.Tensors, len(file.Tensors))
		for name, tensor := range file.Tensors {
			require.Equal(t, tensor.Shape, back.Tensors[name].Shape)
			require.True(t, bytes.Equal(tensor.Data, back.Tensors[name].Data), name)
		}
	})
}

// FuzzDecode looks for panics and for files that decode to something that does not encode back to the same contents.
func FuzzDecode(f *testing.F) {
	f.Add(reference())
	f.Add(fileWith(`{"__metadata__":{"k":"v"},"a":{"dtype":"U8","shape":[1],"data_offsets":[2,3]},"b":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}`, []byte{1, 2, 3}))
	f.Add(fileWith(`{}`, nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Decode(data)
		if err != nil {
			if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrTooLarge) {
				t.Fatalf("unclassified error: %v", err)
			}
			return
		}
		total := 0
		for _, name := range file.Names() {
			total += len(file.Tensors[name].Data)
		}
		require.Equal(t, len(data)-lengthBytes-int(binary.LittleEndian.Uint64(data)), total)
		again, err := file.Encode()
		if errors.Is(err, ErrTooLarge) {
			return // Escapes can make the header longer than it was.
		}
		require.NoError(t, err)
		back, err := Decode(again)
		require.NoError(t, err)
		require.Equal(t, file.Names(), back.Names())
		for name, tensor := range file.Tensors {
			require.Equal(t, tensor.Shape, back.Tensors[name].Shape)
			require.True(t, bytes.Equal(tensor.Data, back.Tensors[name].Data))
		}
	})
}

// fileWith makes a file of a header, as it is, and a buffer.
func fileWith(header string, buffer []byte) []byte {
	file := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(file, header...), buffer...)
}
