package full_test

import (
	"bytes"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/full"
)

func bigFrom(raw []byte) *big.Int { return new(big.Int).SetBytes(raw) }

// FuzzVerify looks for a second proof of a statement, or a panic.
func FuzzVerify(f *testing.F) {
	stored := readVectors(f)
	key, err := full.ParseVerifyingKey(unhex(f, stored.Key))
	require.NoError(f, err)
	var valid []*full.Claimed
	for _, v := range stored.Cases {
		if v.Valid {
			f.Add(uint8(len(valid)), unhex(f, v.Proof))
			valid = append(valid, v.claimed(f))
		}
	}
	f.Fuzz(func(t *testing.T, index uint8, proof []byte) {
		c := valid[int(index)%len(valid)]
		err := full.Verify(key, c.Statement, proof)
		require.Equal(t, bytes.Equal(proof, c.Proof), err == nil)
	})
}

// FuzzDecode holds that what decodes encodes to the same bytes.
func FuzzDecode(f *testing.F) {
	for _, v := range readVectors(f).Cases {
		shape := v.claimed(f).Statement.Shape()
		f.Add(shape.M, shape.N, shape.K, unhex(f, v.Proof))
	}
	f.Fuzz(func(t *testing.T, m, n, k uint32, raw []byte) {
		p, err := full.DecodeProof(full.Shape{M: m, N: n, K: k}, raw)
		if err == nil {
			require.Equal(t, raw, full.EncodeProof(p))
		}
	})
}

// FuzzKey holds that refusals are of one kind and that what parses starts with the powers of G1 of the same secret: the powers
// of G2 up to 4 must fit them.
func FuzzKey(f *testing.F) {
	raw := unhex(f, readVectors(f).Key)
	f.Add(raw)
	f.Add(raw[:full.KeySize-1])
	f.Fuzz(func(t *testing.T, changed []byte) {
		key, err := full.ParseVerifyingKey(changed)
		if err != nil {
			require.ErrorIs(t, err, full.ErrKey)
			return
		}
		require.Equal(t, changed[1] == 1, key.Development())
		require.Equal(t, raw[2:2+3*32], changed[2:2+3*32])
	})
}

// FuzzVerifyChain looks for a second proof of a chain, or a panic.
func FuzzVerifyChain(f *testing.F) {
	stored := readChainVectors(f)
	key, err := full.ParseVerifyingKey(unhex(f, stored.Key))
	require.NoError(f, err)
	var chains []full.Chain
	var proofs [][]byte
	for _, v := range stored.Cases {
		f.Add(uint8(len(chains)), unhex(f, v.Proof))
		chains, proofs = append(chains, v.chain(f)), append(proofs, unhex(f, v.Proof))
	}
	f.Fuzz(func(t *testing.T, index uint8, proof []byte) {
		i := int(index) % len(chains)
		err := full.VerifyChain(key, chains[i], proof)
		require.Equal(t, bytes.Equal(proof, proofs[i]), err == nil)
	})
}

// FuzzDecodeStep holds that what decodes encodes to the same bytes.
func FuzzDecodeStep(f *testing.F) {
	for _, v := range readChainVectors(f).Cases {
		if c := v.chain(f); len(c.Links) == 1 && !c.Links[0].Int32 {
			f.Add(c.Inputs[0].Rows, c.Links[0].N, c.Inputs[0].Cols, c.Links[0].Shift, c.Links[0].Relu, unhex(f, v.Proof))
		}
	}
	f.Fuzz(func(t *testing.T, m, n, k, shift uint32, relu bool, raw []byte) {
		p, err := full.DecodeStepProof(full.Step{M: m, N: n, K: k, Shift: shift, Relu: relu}, raw)
		if err == nil {
			require.Equal(t, raw, full.EncodeStepProof(p))
		}
	})
}
