package setup_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"math/big"
	"os"
	"path/filepath"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/full"
	"github.com/assaychain/assay/x/proofs/full/setup"
)

const points = setup.MinPoints

func develop(t testing.TB) string {
	path := filepath.Join(t.TempDir(), "srs")
	require.NoError(t, setup.Develop(t.Context(), path, points, []byte("seed")))
	return path
}

// TestDevelop holds that points are the powers of the seed's secret, and that nothing else is left in the folder.
func TestDevelop(t *testing.T) {
	path := develop(t)
	f, err := setup.Open(path)
	require.NoError(t, err)
	require.Equal(t, points, f.Len())
	require.True(t, f.Key().Development())
	x, power := setup.DevelopmentSecret([]byte("seed")), new(big.Int)
	_, _, generator, _ := bn254.Generators()
	one := make([]bn254.G1Affine, 1)
	for _, i := range []int{0, 1, 2, 17, 4096, points - 1} {
		require.NoError(t, f.Read(one, i))
		var e fr.Element
		var want bn254.G1Affine
		want.ScalarMultiplication(&generator, e.Exp(x, big.NewInt(int64(i))).BigInt(power))
		require.True(t, want.Equal(&one[0]), i)
	}
	require.ErrorIs(t, f.Read(one, points), setup.ErrFile)
	require.ErrorIs(t, f.Read(one, -1), setup.ErrFile)
	require.NoError(t, f.Close())
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 1)
	require.ErrorIs(t, setup.Develop(t.Context(), path, points-1, nil), setup.ErrFile)
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, setup.Develop(canceled, path, points, nil), context.Canceled)
}

// verify opens and verifies a file.
func verify(t testing.TB, raw []byte) error {
	path := filepath.Join(t.TempDir(), "changed")
	require.NoError(t, os.WriteFile(path, raw, 0o600))
	f, err := setup.Open(path)
	if err != nil {
		return err
	}
	defer func() { require.NoError(t, f.Close()) }()
	return f.Verify(t.Context())
}

// rehash puts the right hash at the end of a changed file.
func rehash(raw []byte) []byte {
	end := len(raw) - 32
	digest := sha256.Sum256(raw[:end])
	return append(bytes.Clone(raw[:end]), digest[:]...)
}

// TestVerify changes a file at every part of it, with and without making its hash right again.
func TestVerify(t *testing.T) {
	raw, err := os.ReadFile(develop(t))
	require.NoError(t, err)
	require.NoError(t, verify(t, raw))
	head := len(raw) - 32 - 64*points
	pointAt := func(i int) int { return head + 64*i }
	for name, change := range map[string]func(b []byte) []byte{
		"magic":           func(b []byte) []byte { b[0] ^= 1; return b },
		"count":           func(b []byte) []byte { b[23]--; return b },
		"key version":     func(b []byte) []byte { b[24] = 2; return b },
		"key flag":        func(b []byte) []byte { b[25] = 2; return b },
		"key point":       func(b []byte) []byte { b[26+40] ^= 1; return b },
		"short":           func(b []byte) []byte { return b[:len(b)-1] },
		"long":            func(b []byte) []byte { return append(b, 0) },
		"empty":           func([]byte) []byte { return nil },
		"off the curve":   func(b []byte) []byte { b[pointAt(5)+63] ^= 1; return b },
		"not canonical":   func(b []byte) []byte { fp.Modulus().FillBytes(b[pointAt(5) : pointAt(5)+32]); return b },
		"infinity":        func(b []byte) []byte { clear(b[pointAt(7):pointAt(8)]); return b },
		"another's place": func(b []byte) []byte { copy(b[pointAt(7):], b[pointAt(8):pointAt(9)]); return b },
		"last":            func(b []byte) []byte { copy(b[pointAt(points-1):], b[pointAt(0):pointAt(1)]); return b },
		"negative": func(b []byte) []byte {
			y := new(big.Int).SetBytes(b[pointAt(9)+32 : pointAt(10)])
			new(big.Int).Sub(fp.Modulus(), y).FillBytes(b[pointAt(9)+32 : pointAt(10)])
			return b
		},
		"power of g2": func(b []byte) []byte {
			at := head - 64
			copy(b[at:], b[at-64:at])
			return b
		},
	} {
		require.Error(t, verify(t, change(bytes.Clone(raw))), name)
		if changed := change(bytes.Clone(raw)); len(changed) == len(raw) {
			require.Error(t, verify(t, rehash(changed)), name)
		}
	}
}

// TestVerifyKeyOfOther puts the high powers of another secret into a key: they fit nothing that Open can see.
func TestVerifyKeyOfOther(t *testing.T) {
	raw, err := os.ReadFile(develop(t))
	require.NoError(t, err)
	other := full.EncodeKey(setup.DevelopmentKey(setup.DevelopmentSecret([]byte("other"))))
	at := 24 + full.KeySize - 64
	copy(raw[at:], other[full.KeySize-64:])
	raw = rehash(raw)
	_, err = full.ParseVerifyingKey(raw[24 : 24+full.KeySize])
	require.NoError(t, err)
	require.ErrorContains(t, verify(t, raw), "powers in g2")
}

// ptau writes a powers-of-tau file as snarkjs does.
func ptau(x fr.Element, power int) []byte {
	le := binary.LittleEndian
	section := func(out []byte, kind uint32, content []byte) []byte {
		out = le.AppendUint32(out, kind)
		return append(le.AppendUint64(out, uint64(len(content))), content...)
	}
	coordinate := func(out []byte, e fp.Element) []byte {
		for _, limb := range e { // The library's limbs are in Montgomery form.
			out = le.AppendUint64(out, limb)
		}
		return out
	}
	header := le.AppendUint32(nil, 32)
	modulus := fp.Modulus().FillBytes(make([]byte, 32))
	for i := range modulus {
		header = append(header, modulus[31-i])
	}
	header = le.AppendUint32(le.AppendUint32(header, uint32(power)), uint32(power))
	_, _, generator1, generator2 := bn254.Generators()
	scalars := make([]fr.Element, 2<<power-1)
	for i := range scalars {
		scalars[i].Exp(x, big.NewInt(int64(i)))
	}
	var g1, g2 []byte
	for _, p := range bn254.BatchScalarMultiplicationG1(&generator1, scalars) {
		g1 = coordinate(coordinate(g1, p.X), p.Y)
	}
	for _, p := range bn254.BatchScalarMultiplicationG2(&generator2, scalars[:1<<power]) {
		g2 = coordinate(coordinate(coordinate(coordinate(g2, p.X.A0), p.X.A1), p.Y.A0), p.Y.A1)
	}
	out := le.AppendUint32(le.AppendUint32([]byte("ptau"), 1), 4)
	out = section(out, 1, header)
	out = section(out, 7, []byte("contributions are not read"))
	return section(section(out, 2, g1), 3, g2)
}

// TestImportPtau imports a file of a known secret, and refuses spoilt ones.
func TestImportPtau(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "ptau"), filepath.Join(dir, "srs")
	raw := ptau(setup.DevelopmentSecret([]byte("seed")), 14)
	write := func(raw []byte) { require.NoError(t, os.WriteFile(from, raw, 0o600)) }
	write(raw)
	require.NoError(t, setup.ImportPtau(t.Context(), from, to, points))
	imported, err := os.ReadFile(to)
	require.NoError(t, err)
	developed, err := os.ReadFile(develop(t))
	require.NoError(t, err)
	imported[25] = 1 // The development flag is all that differs.
	require.True(t, bytes.Equal(developed, rehash(imported)))
	require.ErrorIs(t, setup.ImportPtau(t.Context(), from, to, 1<<15), setup.ErrPtau)
	require.NoError(t, os.Remove(to))
	g1At := 12 + 12 + 44 + 12 + 26 + 12
	for name, at := range map[string]int{
		"magic": 0, "version": 4, "sections": 9, "header's size": 16, "modulus": 30, "power": 60, "g1": g1At + 64*99, "g1 size": g1At - 7,
		"g2": len(raw) - 128<<14 + 128*4096,
	} {
		wrong := bytes.Clone(raw)
		wrong[at] ^= 1
		write(wrong)
		require.Error(t, setup.ImportPtau(t.Context(), from, to, points), name)
		require.NoFileExists(t, to)
	}
	write(raw[:len(raw)-1])
	require.NoError(t, setup.ImportPtau(t.Context(), from, to, points), "only the last power of g2, which is not used, is cut")
}
