package full_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/full"
)

// split cuts a chain's proof into those of its links.
func split(t testing.TB, c full.Chain, proof []byte) (proofs [][]byte) {
	t.Helper()
	tensors := slices.Clone(c.Inputs)
	for _, l := range c.Links {
		x := tensors[l.Operand]
		size := full.ProofSize(full.Shape{M: x.Rows, N: l.N, K: x.Cols})
		if !l.Int32 {
			size = full.StepProofSize(full.Step{M: x.Rows, N: l.N, K: x.Cols, Shift: l.Shift, Relu: l.Relu})
		}
		proofs, proof = append(proofs, proof[:size:size]), proof[size:]
		tensors = append(tensors, full.Input{Rows: x.Rows, Cols: l.N})
	}
	require.Empty(t, proof)
	return proofs
}

// TestProofsOfAChainsLinks: one proof a link, of its very length and in its one encoding, and the costs are those of the links.
func TestProofsOfAChainsLinks(t *testing.T) {
	for _, v := range readChainVectors(t).Cases {
		c, proof := v.chain(t), unhex(t, v.Proof)
		proofs := split(t, c, proof)
		joined, err := full.JoinChainProofs(c, proofs)
		require.NoError(t, err)
		require.Equal(t, proof, joined)
		require.NoError(t, full.DecodeChainProofs(c, proofs))
		points, err := full.ChainPoints(c)
		require.NoError(t, err)
		require.Len(t, points, len(c.Links))
		require.Greater(t, full.ChainDecodeUnits(c), uint64(len(c.Links)*200))
		require.Less(t, full.ChainDecodeUnits(c), full.ChainUnits(c))
		// A byte that moves from one proof to the next leaves what they are together.
		if len(proofs) > 1 {
			moved := slices.Clone(proofs)
			moved[0], moved[1] = proof[:len(proofs[0])+1], proof[len(proofs[0])+1:len(proofs[0])+len(proofs[1])]
			require.Equal(t, proof, bytes.Join(moved, nil))
			_, err = full.JoinChainProofs(c, moved)
			require.ErrorIs(t, err, full.ErrProofEncoding)
		}
		for _, wrong := range [][][]byte{nil, proofs[1:], append(slices.Clone(proofs), nil), append(slices.Clone(proofs), proofs[0])} {
			_, err = full.JoinChainProofs(c, wrong)
			require.ErrorIs(t, err, full.ErrProofEncoding)
			require.ErrorIs(t, full.DecodeChainProofs(c, wrong), full.ErrProofEncoding)
		}
		last := len(proofs) - 1
		proofs[last] = bytes.Clone(proofs[last])
		copy(proofs[last][len(proofs[last])-64:], bytes.Repeat([]byte{255}, 32))
		require.ErrorIs(t, full.DecodeChainProofs(c, proofs), full.ErrProofEncoding)
	}
	none := full.Chain{}
	_, err := full.ChainPoints(none)
	require.ErrorIs(t, err, full.ErrStatement)
	_, err = full.JoinChainProofs(none, nil)
	require.ErrorIs(t, err, full.ErrStatement)
	require.Zero(t, full.ChainEffort(none)+full.ChainDecodeUnits(none))
}

// TestEffortOfAChain holds the effort against the table of costs: within a third of what was measured.
func TestEffortOfAChain(t *testing.T) {
	of := func(n uint32, sums bool) uint64 {
		link := full.Link{N: n, Shift: 24}
		if sums {
			link.Int32, link.Shift = true, 0
		}
		return full.ChainEffort(full.Chain{Inputs: []full.Input{{Rows: n, Cols: n}}, Links: []full.Link{link}})
	}
	for _, c := range []struct {
		n        uint32
		sums     bool
		measured float64
	}{{256, true, 460}, {1024, true, 6_300}, {4096, true, 124_000}, {256, false, 1_430}, {1024, false, 18_400}} {
		require.InEpsilon(t, c.measured, of(c.n, c.sums), 0.35, "%+v", c)
	}
}

// BenchmarkDecodeChain is where the units of decoding come from.
func BenchmarkDecodeChain(b *testing.B) {
	for _, v := range readChainVectors(b).Cases[:3] {
		c := v.chain(b)
		proofs := split(b, c, unhex(b, v.Proof))
		b.Run(v.Name, func(b *testing.B) {
			measure(b, "cpu-µs/op", time.Microsecond, func() { require.NoError(b, full.DecodeChainProofs(c, proofs)) })
			b.ReportMetric(float64(full.ChainDecodeUnits(c)), "units")
		})
	}
}
