package full_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/full"
	"github.com/assaychain/assay/x/proofs/full/prover"
)

// TestStepReplay presents a proof for every statement that differs in one field.
func TestStepReplay(t *testing.T) {
	f := load(t, 0)
	p := f.proveStep(t, drawStep("replay", full.Shape{M: 7, N: 5, K: 6}, 24, false))
	other := f.proveStep(t, drawStep("other", full.Shape{M: 7, N: 5, K: 6}, 24, false))
	require.NoError(t, f.verifyStep(p))
	for name, change := range map[string]func(s *full.Step){
		"digest":     func(s *full.Step) { s.Digest[31] ^= 1 },
		"weights":    func(s *full.Step) { s.Weights = other.Statement.Weights },
		"m":          func(s *full.Step) { s.M = 8 },
		"n":          func(s *full.Step) { s.N = 6 },
		"k":          func(s *full.Step) { s.K = 5 },
		"x":          func(s *full.Step) { s.X = other.Statement.X },
		"z":          func(s *full.Step) { s.Z = other.Statement.Z },
		"x for z":    func(s *full.Step) { s.X, s.Z = s.Z, s.X },
		"shift":      func(s *full.Step) { s.Shift = 23 },
		"no shift":   func(s *full.Step) { s.Shift = 0 },
		"long shift": func(s *full.Step) { s.Shift = full.MaxShift + 1 },
		"relu":       func(s *full.Step) { s.Relu = true },
		"zero":       func(s *full.Step) { s.K = 0 },
		"large":      func(s *full.Step) { s.M = full.MaxDimension + 1 },
		"no point x": func(s *full.Step) { s.X = [32]byte{0x80, 31: 4} },
		"no point z": func(s *full.Step) { s.Z = [32]byte{0x80, 31: 4} },
	} {
		wrong := &prover.ProvenStep{Statement: p.Statement, Proof: p.Proof}
		change(&wrong.Statement)
		require.Error(t, f.verifyStep(wrong), name)
		_, err := f.slowStep(wrong)
		require.Error(t, err, name)
	}
	raw := f.file.RawKey()
	raw[1] = 0
	key, err := full.ParseVerifyingKey(raw)
	require.NoError(t, err)
	require.ErrorIs(t, full.VerifyStep(key, p.Statement, p.Proof), full.ErrProof, "another key")
}

// TestStepMutations changes every element of a proof in every way, and swaps every two neighbours. The verifiers must agree to
// refuse all of them; the second one, which is slow, sees one in 64.
func TestStepMutations(t *testing.T) {
	f := load(t, 0)
	for _, relu := range []bool{false, true} {
		p := f.proveStep(t, drawStep("mutations", full.Shape{M: 3, N: 2, K: 4}, 24, relu))
		tried := 0
		refuse := func(proof []byte, name string, at int) {
			if bytes.Equal(proof, p.Proof) {
				return
			}
			tried++
			wrong := &prover.ProvenStep{Statement: p.Statement, Proof: proof}
			require.Error(t, f.verifyStep(wrong), "%s at %d", name, at)
			if tried%64 == 0 {
				_, err := f.slowStep(wrong)
				require.Error(t, err, "%s at %d", name, at)
			}
		}
		for at := 0; at < len(p.Proof); at += 32 {
			for name, mutate := range elementMutations {
				proof := bytes.Clone(p.Proof)
				mutate(proof[at:at+32], p.Proof)
				refuse(proof, name, at)
			}
			swapped := bytes.Clone(p.Proof)
			copy(swapped[at:], append(bytes.Clone(p.Proof[(at+32)%len(p.Proof):][:32]), p.Proof[at:at+32]...))
			refuse(swapped[:len(p.Proof)], "swapped", at)
		}
		require.Greater(t, tried, 15*len(p.Proof)/32)
	}
}

// TestStepLengths tries every wrong length.
func TestStepLengths(t *testing.T) {
	f := load(t, 0)
	p := f.proveStep(t, drawStep("lengths", full.Shape{M: 2, N: 3, K: 2}, 12, true))
	for n := range len(p.Proof) {
		require.ErrorIs(t, full.VerifyStep(f.file.Key(), p.Statement, p.Proof[:n]), full.ErrProofEncoding)
	}
	for _, more := range [][]byte{{0}, make([]byte, 32), p.Proof} {
		require.ErrorIs(t, full.VerifyStep(f.file.Key(), p.Statement, append(bytes.Clone(p.Proof), more...)), full.ErrProofEncoding)
	}
	require.ErrorIs(t, full.VerifyStep(f.file.Key(), p.Statement, nil), full.ErrProofEncoding)
}
