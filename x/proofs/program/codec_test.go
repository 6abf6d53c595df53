package program_test

import (
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/proofs/program"
)

func TestDecodeReturnsWhatWasEncoded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProgram(t)
		encoded, err := p.Encode()
		if err != nil {
			t.Fatal(err)
		}
		decoded, err := program.Decode(encoded)
		if err != nil {
			t.Fatal(err)
		}
		require.Equal(t, p, decoded)
	})
}

func TestDecodeRefusesOtherEncodings(t *testing.T) {
	p := mlp()
	encoded, err := p.Encode()
	require.NoError(t, err)
	join := func(parts ...[]byte) (all []byte) {
		for _, part := range parts {
			all = append(all, part...)
		}
		return all
	}
	for name, bad := range map[string][]byte{
		"unknown field":           join(encoded, []byte{0x20, 0x01}),
		"unknown high field":      join(encoded, []byte{0xa2, 0x06, 0x00}),
		"version twice":           join([]byte{0x08, 0x01}, encoded),
		"version last":            join(encoded[2:], encoded[:2]),
		"padded varint":           join([]byte{0x08, 0x81, 0x00}, encoded[2:]),
		"version beyond 32 bits":  join([]byte{0x08, 0x81, 0x80, 0x80, 0x80, 0x10}, encoded[2:]),
		"wrong wire type":         join([]byte{0x0a, 0x01, 0x01}, encoded[2:]),
		"truncated":               encoded[:len(encoded)-1],
		"trailing zero":           join(encoded, []byte{0}),
		"longer than the maximum": make([]byte, program.MaxEncodedSize+1),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := program.Decode(bad)
			require.ErrorIs(t, err, program.ErrEncoding)
		})
	}
}

func TestDecodeValidates(t *testing.T) {
	_, err := program.Decode(nil)
	require.ErrorIs(t, err, program.ErrInvalid)
	p := mlp()
	p.Steps[0].Shift = 49
	encoded, err := p.Marshal()
	require.NoError(t, err)
	_, err = program.Decode(encoded)
	require.ErrorIs(t, err, program.ErrInvalid)
}

// The limit on the encoding refuses no valid program: this one has every count and every field at its longest.
func TestLongestProgramFits(t *testing.T) {
	name := func(prefix string, i int) string {
		return fmt.Sprintf("%s%030d", prefix, i)[:program.MaxNameLength-2] + fmt.Sprintf("%02d", i)
	}
	p := program.Program{Version: program.Version}
	for i := range program.MaxInputs {
		kind := program.TENSOR_KIND_PLAIN
		if i >= program.MaxInputs/2 {
			kind = program.TENSOR_KIND_WEIGHT
		}
		p.Inputs = append(p.Inputs, program.Tensor{Name: name("in", i), Kind: kind, Type: program.DATA_TYPE_INT8, Rows: 4096, Cols: 1024})
	}
	for i := range program.MaxSteps {
		p.Steps = append(p.Steps, program.DenseStep{
			Input: p.Inputs[i].Name, Weight: p.Inputs[program.MaxInputs/2+i].Name, Output: name("out", i),
			Shift: program.MaxShift, Activation: program.ACTIVATION_RELU, OutputType: program.DATA_TYPE_INT8,
		})
	}
	encoded, err := p.Encode()
	require.NoError(t, err)
	require.Len(t, encoded, 3234)
	require.LessOrEqual(t, len(encoded), program.MaxEncodedSize)
	_, err = program.Decode(encoded)
	require.NoError(t, err)
}

func TestHashGolden(t *testing.T) {
	hash, err := mlp().Hash()
	require.NoError(t, err)
	require.Equal(t, "620194b374d37b93b307046e95f32d8e3dafe322330fe2796998dec8d12c927f", hex.EncodeToString(hash[:]))
}

// FuzzDecode: whatever Decode accepts is valid, encodes to the same bytes and yields positions within its shapes.
func FuzzDecode(f *testing.F) {
	for _, p := range []program.Program{mlp(), widest(1), widest(program.MaxSteps)} {
		encoded, err := p.Encode()
		require.NoError(f, err)
		f.Add(encoded)
	}
	f.Fuzz(func(t *testing.T, encoded []byte) {
		p, err := program.Decode(encoded)
		if err != nil {
			return
		}
		again, err := p.Encode()
		require.NoError(t, err)
		require.Equal(t, encoded, again)
		shapes, err := p.Shapes()
		require.NoError(t, err)
		positions, err := program.Positions([32]byte{1}, p, 8)
		require.NoError(t, err)
		for _, at := range positions {
			require.Less(t, at.Row, shapes[at.Step].M)
			require.Less(t, at.Col, shapes[at.Step].N)
		}
	})
}
